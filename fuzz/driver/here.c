#define _XOPEN_SOURCE 700

#include "fuzz/driver/here.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 4096

static char here[PATH_SIZE];

void rig_fuzz_stay_here(void)
{
    if (!getcwd(here, sizeof here)) {
        here[0] = '\0';
    }
}

const char *rig_fuzz_here(const char *path)
{
    static char whole[2 * PATH_SIZE];
    int size = path[0] != '/' && here[0] ? snprintf(whole, sizeof whole, "%s/%s", here, path) : -1;
    return size > 0 && (size_t)size < sizeof whole ? whole : path;
}

/* One that is there already is made. */
static int make(const char *path)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST ? 0 : errno;
}

static int make_all(char *path)
{
    int error = 0;
    for (char *slash = strchr(path + 1, '/'); slash && error == 0; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        error = make(path);
        *slash = '/';
    }
    return error ? error : make(path);
}

int rig_fuzz_make_folder(const char *path)
{
    char folder[2 * PATH_SIZE], file[2 * PATH_SIZE + 32];
    (void)snprintf(folder, sizeof folder, "%s", rig_fuzz_here(path));
    int error = make_all(folder);
    (void)snprintf(file, sizeof file, "%s/.stackrig-XXXXXX", folder);
    int fd = error == 0 ? mkstemp(file) : -1; /* of /proc, and for root, permissions alone say nothing */
    if (fd < 0) {
        return error ? error : errno;
    }
    (void)close(fd);
    (void)unlink(file);
    return 0;
}
