#define _GNU_SOURCE

#include "harness/cli/run/needed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/cli/ui/cli.h"
#include "harness/core/with_parent.h"

#define LINES_MAX ((size_t)1 << 20)

static char *read_all(int fd)
{
    size_t size = 0, capacity = 0;
    char *text = NULL;
    ssize_t got = 1;
    while (size < LINES_MAX && (got > 0 || (got < 0 && errno == EINTR))) {
        text = rig_must_grow(text, size + 1, &capacity, 1); /* for one byte, and the end */
        got = read(fd, text + size, capacity - size - 1);
        size += got > 0 ? (size_t)got : 0;
    }
    text[size] = '\0';
    return text;
}

static _Noreturn void become_loader(const char *loader, const char *path, int out, int errors)
{
    int null = open("/dev/null", O_RDWR);
    (void)dup2(null, STDIN_FILENO);
    (void)dup2(errors, STDERR_FILENO);
    (void)dup2(out, STDOUT_FILENO);
    (void)execl(loader, loader, "--list", path, (char *)NULL);
    _exit(127);
}

/* With the last line that it wrote to errors. */
static void complain_of(const char *loader, const char *path, int errors)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    (void)lseek(errors, 0, SEEK_SET);
    char *said = read_all(errors);
    size_t size = strlen(said);
    size -= size > 0 && said[size - 1] == '\n';
    const char *before = memrchr(said, '\n', size), *last = before ? before + 1 : said;
    rig_text_start(&text, line, sizeof line);
    rig_text_escape_bytes(&text, last, size - (size_t)(last - said));
    rig_text_end(&text);
    rig_complain("%s, the loader of %s, does not tell its libraries%s%s", loader, path, *line ? ": " : "", line);
    free(said);
}

char *rig_needed_read(const char *loader, const char *path)
{
    int ends[2] = {-1, -1}, status = 0, errors = memfd_create("stackrig-loader", MFD_CLOEXEC);
    char *lines = NULL;
    pid_t parent = getpid();
    pid_t child = pipe2(ends, O_CLOEXEC) == 0 ? fork() : -1;
    if (child == 0) {
        rig_end_with_parent(parent);
        become_loader(loader, path, ends[1], errors);
    }
    if (child < 0) {
        rig_complain("cannot ask %s for the libraries of %s: %s", loader, path, strerror(errno));
    }
    (void)close(ends[1]);
    if (child > 0) {
        lines = read_all(ends[0]);
    }
    (void)close(ends[0]);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) { /* what it has said may be half of it */
        complain_of(loader, path, errors);
        free(lines);
        lines = NULL;
    }
    (void)close(errors);
    return lines;
}

static void copy_path(const char *line, char *path, size_t size)
{
    const char *arrow = strstr(line, "=> "), *end = strchr(line, '\n');
    const char *from = arrow && (!end || arrow < end) ? arrow + 3 : line;
    size_t length = strcspn(from, " \n");
    bool known = *from == '/' && length < size;
    memcpy(path, from, known ? length : 0);
    path[known ? length : 0] = '\0';
}

bool rig_needed_has(const char *lines, const char *name, char *path, size_t size)
{
    for (const char *at = lines; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
        const char *line = at + strspn(at, " \t"), *base = line + strcspn(line, " \n");
        while (base > line && base[-1] != '/') {
            base--;
        }
        if (strncmp(base, name, strlen(name)) == 0) {
            if (path) {
                copy_path(line, path, size);
            }
            return true;
        }
    }
    return false;
}
