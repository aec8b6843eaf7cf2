#define _XOPEN_SOURCE 700

#include "harness/cli/fuzz/seeds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz/driver/files.h"
#include "harness/cli/ui/cli.h"

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

static bool visit(void *closure, const char *path, bool is_folder)
{
    struct stat about;
    return is_folder || stat(path, &about) != 0 || !S_ISREG(about.st_mode) || add(closure, path);
}

static bool add_folder(struct rig_seeds *seeds, const char *folder)
{
    size_t before = seeds->count;
    if (!rig_fuzz_each_file(folder, visit, seeds)) {
        rig_complain("cannot read %s: %s", folder, strerror(errno ? errno : ENOMEM));
        return false;
    }
    if (seeds->count == before) {
        rig_complain("%s: there are no files in this folder", folder);
        return false;
    }
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
