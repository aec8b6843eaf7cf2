#define _GNU_SOURCE

#include "harness/cli/ui/outputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/cli/ui/cli.h"

bool rig_output_is_stdout(const char *path)
{
    return strcmp(path, "-") == 0;
}

static bool ends_in(const char *path, const char *end)
{
    size_t size = strlen(path), length = strlen(end);
    return size > length && strcmp(path + size - length, end) == 0;
}

static bool is_elf(const char *path)
{
    char magic[4];
    FILE *file = fopen(path, "rb");
    bool elf = file && fread(magic, 1, sizeof magic, file) == sizeof magic && memcmp(magic, "\177ELF", 4) == 0;
    if (file) {
        (void)fclose(file);
    }
    return elf;
}

/* The file that will take the other's name; or -errno. free(*name) in any case. */
static int create_beside(const char *path, char **name)
{
    size_t size = strlen(path) + sizeof ".XXXXXX";
    *name = rig_must_alloc(size, 1);
    (void)snprintf(*name, size, "%s.XXXXXX", path);
    int fd = mkstemp(*name);
    return fd < 0 ? -errno : fd;
}

/* What is there stays as it is. Whether there is room for it, nobody knows. */
static int try_to_write(const char *path)
{
    struct stat about;
    bool there = stat(path, &about) == 0;
    if (there && !S_ISREG(about.st_mode)) {
        return S_ISDIR(about.st_mode) ? -EISDIR : access(path, W_OK) != 0 ? -errno : 0;
    }
    char *name, *real = there ? realpath(path, NULL) : NULL;
    int fd = create_beside(real ? real : path, &name);
    if (fd >= 0) {
        (void)close(fd);
        (void)unlink(name);
    }
    free(name);
    free(real);
    return fd < 0 ? fd : 0;
}

static bool is_no_report(const char *path)
{
    static const char *const kinds[] = {".http", ".so", ".c", ".h", ".cc", ".cpp"};
    bool none = is_elf(path);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        none = none || ends_in(path, kinds[i]);
    }
    return none;
}

bool rig_output_allowed(const char *option, const char *path)
{
    struct stat about;
    if (!*path) {
        rig_complain("--%s wants a file, or - for the output", option);
        return false;
    }
    if (rig_output_is_stdout(path)) {
        return true;
    }
    if (stat(path, &about) == 0 && S_ISREG(about.st_mode) && is_no_report(path)) {
        rig_complain("--%s %s: there is such a file, which is no report; what is written would take its place", option,
                     path);
        return false;
    }
    int error = try_to_write(path);
    if (error != 0) {
        rig_complain("cannot write %s: %s", path, strerror(-error));
    }
    return error == 0;
}

bool rig_output_apart(const char *option, const char *path, const char *const *inputs, size_t count)
{
    struct stat one, other;
    if (rig_output_is_stdout(path) || stat(path, &one) != 0 || !S_ISREG(one.st_mode)) {
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (inputs[i] && stat(inputs[i], &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino) {
            rig_complain("--%s %s: is read as %s; what is written would take its place", option, path, inputs[i]);
            return false;
        }
    }
    return true;
}

/* ---- writing ---- */

static int write_and_close(FILE *file, rig_write_fn *write, const void *what)
{
    int error = write(what, file);
    errno = 0;
    if (fclose(file) != 0 && error == 0) {
        error = errno != 0 ? -errno : -EIO;
    }
    return error;
}

/* A device or a pipe cannot be replaced. */
static int write_in_place(const char *path, rig_write_fn *write, const void *what)
{
    FILE *file = fopen(path, "we");
    return file ? write_and_close(file, write, what) : -errno;
}

/* As a new file that takes the other's name when it is whole. */
static int replace(const char *path, mode_t mode, rig_write_fn *write, const void *what)
{
    char *other;
    int fd = create_beside(path, &other), error = fd < 0 ? fd : 0;
    if (fd >= 0) {
        FILE *file = fdopen(fd, "w");
        error = !file ? -errno : fchmod(fd, mode) != 0 ? -errno : 0;
        int closed = file ? write_and_close(file, write, what) : close(fd);
        error = error != 0 ? error : closed;
        if (error == 0 && rename(other, path) != 0) {
            error = -errno;
        }
        if (error != 0) {
            (void)unlink(other);
        }
    }
    free(other);
    return error;
}

static int write_to_output(rig_write_fn *write, const void *what)
{
    int error = write(what, stdout);
    return error == 0 && fflush(stdout) != 0 ? -errno : error;
}

static int write_to_file(const char *path, rig_write_fn *write, const void *what)
{
    struct stat about;
    mode_t mask = umask(0), mode = 0666 & ~mask;
    (void)umask(mask);
    bool there = stat(path, &about) == 0;
    char *real = there ? realpath(path, NULL) : NULL; /* what a link names is replaced, not the link */
    int error = there && !S_ISREG(about.st_mode)
                    ? write_in_place(path, write, what)
                    : replace(real ? real : path, there ? about.st_mode & 07777 : mode, write, what);
    free(real);
    return error;
}

bool rig_write_file(const char *path, rig_write_fn *write, const void *what)
{
    int error = rig_output_is_stdout(path) ? write_to_output(write, what) : write_to_file(path, write, what);
    if (error != 0) {
        rig_complain("cannot write %s: %s", path, strerror(-error));
    }
    return error == 0;
}
