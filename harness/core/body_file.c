/* A file as a response body. */
#define _POSIX_C_SOURCE 200809L
#include "harness/core/run.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_file(struct rig_body_file *file)
{
    struct stat found;
    if (file->missing == 0 && file->descriptor < 0) {
        /* a pipe that nobody writes to is empty, and nothing to wait for */
        file->descriptor = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        file->missing = file->descriptor < 0 ? -errno : 0;
        if (file->descriptor >= 0 && fstat(file->descriptor, &found) == 0 && S_ISDIR(found.st_mode)) {
            file->missing = -EISDIR;
        }
    }
    return file->missing;
}

static int64_t file_read(void *self, void *buffer, size_t size)
{
    struct rig_body_file *file = self;
    ssize_t got = open_file(file);
    if (got == 0) {
        do {
            got = read(file->descriptor, buffer, size);
        } while (got < 0 && errno == EINTR);
        got = got < 0 ? -errno : got;
    }
    return got;
}

static int file_rewind(void *self)
{
    const struct rig_body_file *file = self;
    return file->descriptor >= 0 && lseek(file->descriptor, 0, SEEK_SET) != 0 ? -errno : 0;
}

static void file_close(void *self)
{
    struct rig_body_file *file = self;
    if (file->descriptor >= 0) {
        (void)close(file->descriptor);
        file->descriptor = -1;
    }
}

int rig_response_file_at(const char *site, struct rig_response *response, const char *path)
{
    struct rig_run *run = response ? response->handle.run : NULL;
    if (!run) {
        (void)rig_live(site, response ? &response->handle : NULL, RIG_HANDLE_RESPONSE, "rig_response_file");
        return rig_live_error(response ? &response->handle : NULL);
    }
    if (!path) {
        return rig_misuse(run, RIG_MISUSE_NULL_ARGUMENT, site, "rig_response_file was given a NULL path");
    }
    struct rig_body_file *file = rig_arena_alloc(&run->arena, sizeof *file);
    const char *copy = rig_arena_string(&run->arena, path);
    if (!file || !copy) {
        response->starved = true;
        return -ENOMEM;
    }
    *file = (struct rig_body_file){.path = copy, .descriptor = -1};
    const struct rig_source source = {.read = file_read, .rewind = file_rewind, .close = file_close, .self = file};
    int error = rig_response_stream_at(site, response, source);
    if (error == 0) {
        response->stream->file = file;
        run->tally.files++;
    }
    return error;
}
