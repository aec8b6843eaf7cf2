#include "harness/cli/run/skips.h"

#include <stdio.h>
#include <string.h>

bool rig_skips_has(const struct rig_skips *skips, const char *where)
{
    for (uint32_t i = 0; i < skips->count && i < RIG_SKIPS_MAX; i++) {
        if (!strncmp(skips->where[i], where, RIG_SKIPS_TEXT - 1)) {
            return true;
        }
    }
    return false;
}

/* Without a fault, or with one that is left out already, the same would happen again. */
static bool can_skip(const struct rig_skips *skips, const char *where, bool hang)
{
    return where[0] != '\0' && strcmp(where, "nothing") != 0 && !rig_skips_has(skips, where) &&
           skips->count < RIG_SKIPS_MAX && (!hang || skips->hangs < RIG_SKIPS_HANGS);
}

bool rig_skips_add(struct rig_skips *skips, const char *where, uint32_t begun, bool hang)
{
    if (skips->stop > 0) {
        return false;
    }
    if (can_skip(skips, where, hang)) {
        snprintf(skips->where[skips->count++], RIG_SKIPS_TEXT, "%s", where);
        skips->hangs += hang;
        return true;
    }
    skips->stop = begun;
    return begun > 1;
}
