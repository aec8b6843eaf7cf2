/* The same, with a model of who may enter, and no names of apps. */
#define ALONE
#include "../../fuzz/targets/planted.c"

static bool who_knows(const struct rig_fuzz_who *who)
{
    return strcmp(who->credentials, "valid") == 0;
}

RIG_FUZZ(build, .authorize = who_knows);
