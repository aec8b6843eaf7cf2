/* Files on disk that a mock request uploads. */
#define _POSIX_C_SOURCE 200809L
#include "harness/client/client.h"

#include "harness/client/error_names.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE 4096

/* To its end, be the size that was told right or not. */
static int read_all(int file, size_t told, struct rig_buffer *content)
{
    size_t room = told + 1;
    for (;;) {
        unsigned char *at = rig_buffer_room(content, room);
        ssize_t got = at ? read(file, at, room) : -1;
        if (got <= 0) {
            return !at ? -ENOMEM : got < 0 ? -errno : 0;
        }
        content->size += (size_t)got;
        room = PIECE;
    }
}

/* What is not a plain file may have no end, or wait for one. */
static int read_path(const char *path, struct rig_buffer *content, const char **what)
{
    struct stat status = {0};
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file < 0) {
        return -errno;
    }
    int error = fstat(file, &status) != 0 ? -errno : 0;
    if (error == 0 && !S_ISREG(status.st_mode)) {
        *what = "it is no plain file";
        error = S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
    }
    error = error ? error : read_all(file, (size_t)status.st_size, content);
    (void)close(file);
    return error;
}

int rig_request_file(struct rig_run *run, struct rig_part *part)
{
    struct rig_buffer content = {.arena = &run->arena};
    const char *what = NULL;
    int error = read_path(part->path, &content, &what);
    if (error == -ENOMEM) {
        return error;
    }
    if (error != 0) {
        const char *name = rig_error_name(error);
        return rig_misuse_mended(
            run, RIG_MISUSE_REQUEST_BODY, run->site,
            "a .path is taken from the folder that the test runs in: give one of a file that can be read there",
            "the file \"%.200s\" of the part \"%.60s\": %s (%s)", part->path, part->name,
            what ? what : "it cannot be read", name ? name : "?");
    }
    if (!part->filename) {
        const char *slash = strrchr(part->path, '/');
        part->filename = slash ? slash + 1 : part->path;
    }
    part->bytes = (struct rig_bytes){content.data ? content.data : (const void *)"", content.size};
    part->path = NULL;
    return 0;
}
