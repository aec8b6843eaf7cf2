#define _POSIX_C_SOURCE 200809L

#include "fuzz/driver/text.h"

#include "fuzz/driver/here.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char begin[] = "# @escapes on\n";
#define BEGIN_SIZE (sizeof begin - 1)

bool rig_fuzz_names_text(const char *path)
{
    size_t size = strlen(path);
    return size > 5 && strcmp(path + size - 5, ".http") == 0;
}

bool rig_fuzz_begins_text(const void *data, size_t size)
{
    return size >= BEGIN_SIZE && memcmp(data, begin, BEGIN_SIZE) == 0;
}

bool rig_fuzz_is_text(const char *path, const void *data, size_t size)
{
    return rig_fuzz_names_text(path) || rig_fuzz_begins_text(data, size);
}

bool rig_fuzz_is_text_file(const char *path)
{
    struct stat about;
    char head[BEGIN_SIZE];
    bool regular = stat(rig_fuzz_here(path), &about) == 0 && S_ISREG(about.st_mode); /* a pipe is read once */
    FILE *file = regular ? fopen(rig_fuzz_here(path), "rb") : NULL;
    size_t size = file ? fread(head, 1, sizeof head, file) : 0;
    if (file) {
        (void)fclose(file);
    }
    return rig_fuzz_is_text(path, head, size);
}
