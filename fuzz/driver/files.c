#define _DEFAULT_SOURCE

#include "fuzz/driver/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 4096

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool tell(const char *path, bool is_folder, rig_fuzz_file_fn *fn, void *closure)
{
    bool more = fn(closure, path, is_folder);
    errno = more ? errno : 0;
    return more;
}

bool rig_fuzz_each_file(const char *path, rig_fuzz_file_fn *fn, void *closure)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_shown, by_name);
    if (count < 0) {
        return (errno == ENOTDIR || errno == ENOENT) && tell(path, false, fn, closure);
    }
    bool more = tell(path, true, fn, closure);
    const char *slash = path[strlen(path) - 1] == '/' ? "" : "/";
    for (int i = 0; i < count; i++) {
        char inner[PATH_SIZE];
        if (more) {
            (void)snprintf(inner, sizeof inner, "%s%s%s", path, slash, entries[i]->d_name);
            more = rig_fuzz_each_file(inner, fn, closure);
        }
        free(entries[i]);
    }
    free(entries);
    return more;
}
