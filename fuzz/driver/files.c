#define _DEFAULT_SOURCE

#include "fuzz/driver/files.h"

#include "fuzz/driver/here.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

/* Of a link to a folder above there is no end. */
static bool is_linked_folder(const char *path)
{
    struct stat itself, meant;
    return lstat(rig_fuzz_here(path), &itself) == 0 && S_ISLNK(itself.st_mode) &&
           stat(rig_fuzz_here(path), &meant) == 0 && S_ISDIR(meant.st_mode);
}

static bool each_within(const char *folder, const char *name, rig_fuzz_file_fn *fn, void *closure)
{
    char path[PATH_SIZE];
    const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
    int size = snprintf(path, sizeof path, "%s%s%s", folder, slash, name);
    if (size < 0 || (size_t)size >= sizeof path) {
        errno = ENAMETOOLONG;
        return false;
    }
    return is_linked_folder(path) || rig_fuzz_each_file(path, fn, closure);
}

bool rig_fuzz_each_file(const char *path, rig_fuzz_file_fn *fn, void *closure)
{
    struct dirent **entries;
    int count = scandir(rig_fuzz_here(path), &entries, is_shown, by_name);
    if (count < 0) {
        return (errno == ENOTDIR || errno == ENOENT) && tell(path, false, fn, closure);
    }
    bool more = tell(path, true, fn, closure);
    for (int i = 0; i < count; i++) {
        more = more && each_within(path, entries[i]->d_name, fn, closure);
        free(entries[i]);
    }
    free(entries);
    return more;
}
