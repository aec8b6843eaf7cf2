#define _POSIX_C_SOURCE 200809L

#include "harness/cli/ui/outputs.h"

#include <string.h>
#include <sys/stat.h>

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

bool rig_output_allowed(const char *option, const char *path)
{
    static const char *const kinds[] = {".http", ".so", ".c", ".h", ".cc", ".cpp"};
    struct stat about;
    if (!*path) {
        rig_complain("--%s wants a file, or - for the output", option);
        return false;
    }
    if (rig_output_is_stdout(path) || stat(path, &about) != 0 || !S_ISREG(about.st_mode)) {
        return true;
    }
    bool none = is_elf(path);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        none = none || ends_in(path, kinds[i]);
    }
    if (none) {
        rig_complain("--%s %s: there is such a file, which is no report; what is written would take its place", option,
                     path);
    }
    return !none;
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

FILE *rig_output_open(const char *path)
{
    return rig_output_is_stdout(path) ? stdout : fopen(path, "w");
}

bool rig_output_close(FILE *file)
{
    bool written = !ferror(file);
    return (file == stdout ? fflush(file) : fclose(file)) == 0 && written;
}
