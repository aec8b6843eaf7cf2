#define _XOPEN_SOURCE 700

#include "harness/cli/fuzz/seeds.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/cli/ui/cli.h"

/* nftw() passes nothing on. */
static struct {
    struct rig_seeds *seeds;
    size_t root; /* letters of the folder's own path */
} into;

static bool add(struct rig_seeds *seeds, const char *path)
{
    if (seeds->count == seeds->room) {
        size_t room = seeds->room > 0 ? 2 * seeds->room : 64;
        char **more = realloc(seeds->paths, room * sizeof *more);
        if (!more) {
            return false;
        }
        seeds->paths = more;
        seeds->room = room;
    }
    char *copy = strdup(path);
    if (copy) {
        seeds->paths[seeds->count++] = copy;
    }
    return copy != NULL;
}

static int visit(const char *path, const struct stat *about, int type, struct FTW *where)
{
    (void)where;
    if (strstr(path + into.root, "/.")) {
        return 0;
    }
    if (type == FTW_DNR || type == FTW_NS) {
        errno = EACCES;
        return -1;
    }
    return type != FTW_F || !S_ISREG(about->st_mode) || add(into.seeds, path) ? 0 : -1;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add_folder(struct rig_seeds *seeds, const char *folder)
{
    size_t before = seeds->count;
    into.seeds = seeds;
    into.root = strlen(folder);
    while (into.root > 0 && folder[into.root - 1] == '/') {
        into.root--;
    }
    if (nftw(folder, visit, 16, 0) != 0) {
        rig_complain("cannot read %s: %s", folder, strerror(errno));
        return false;
    }
    if (seeds->count == before) {
        rig_complain("%s: there are no files in this folder", folder);
        return false;
    }
    qsort(seeds->paths + before, seeds->count - before, sizeof *seeds->paths, by_name);
    return true;
}

bool rig_seeds_gather(struct rig_seeds *seeds, char *const *operands, int count)
{
    struct stat about;
    bool good = true;
    for (int i = 0; i < count && good; i++) {
        if (stat(operands[i], &about) == 0 && S_ISDIR(about.st_mode)) {
            good = add_folder(seeds, operands[i]);
        } else if (!add(seeds, operands[i])) {
            rig_complain("out of memory");
            good = false;
        }
    }
    return good;
}

void rig_seeds_free(struct rig_seeds *seeds)
{
    for (size_t i = 0; i < seeds->count; i++) {
        free(seeds->paths[i]);
    }
    free(seeds->paths);
}
