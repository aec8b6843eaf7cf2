/* The end of a run: what is told of the apps. */
#include "fuzz/target/target.h"

#include "harness/client/client.h"
#include "harness/coverage/count.h"

#include <stdio.h>

/* Those of .protect that have a bit. */
static void list_apps(const struct rig_fuzz_target *target, uint32_t bits, char *list, size_t room)
{
    size_t size = 0;
    const char *const *names = target->what->protect;
    list[0] = '\0';
    for (unsigned k = 0; k < RIG_FIELDS_MAX && names[k]; k++) {
        if ((bits >> k & 1) && size < room) {
            size += (size_t)snprintf(list + size, room - size, "%s%.60s", size ? ", " : "", names[k]);
        }
    }
}

/* Those of .protect that an app has. */
static uint32_t known_names(const struct rig_fuzz_target *target, const struct rig_fuzz_apps *apps)
{
    uint32_t bits = 0;
    for (unsigned k = 0; k < RIG_FIELDS_MAX && target->what->protect[k]; k++) {
        for (size_t i = 0; i < apps->count; i++) {
            bits |= strcmp(apps->names[i], target->what->protect[k]) == 0 ? 1u << k : 0;
        }
    }
    return bits;
}

static void name_apps(struct rig_fuzz_target *target)
{
    struct rig_fuzz_apps apps = {.count = 0};
    const struct rig_stack *stack = target->built[target->turn].stack;
    size_t size = 0;
    if (stack) {
        rig_fuzz_list_apps(&apps, stack);
    }
    target->apps[0] = '\0';
    for (size_t i = 0; i < apps.count && size < sizeof target->apps; i++) {
        size += (size_t)snprintf(target->apps + size, sizeof target->apps - size, "%s%.60s", size ? ", " : "",
                                 apps.names[i]);
    }
    uint32_t known = known_names(target, &apps);
    list_apps(target, ~target->entered & ~known, target->strangers, sizeof target->strangers);
    list_apps(target, ~target->entered & known, target->unentered, sizeof target->unentered);
    list_apps(target, target->entered & ~target->entered_as_known, target->unopened, sizeof target->unopened);
}

void rig_fuzz_count(struct rig_fuzz_target *target)
{
    const char *const *names = target->credentials.names;
    (void)snprintf(target->places, sizeof target->places, "header %s, cookie %s and parameter %s",
                   names[RIG_FUZZ_PLACE_HEADER], names[RIG_FUZZ_PLACE_COOKIE], names[RIG_FUZZ_PLACE_QUERY]);
    name_apps(target);
    for (unsigned i = 0; i < RIG_FUZZ_BUILT * RIG_FUZZ_SERVERS; i++) {
        const struct rig_client *client = target->built[i / RIG_FUZZ_SERVERS].clients[i % RIG_FUZZ_SERVERS];
        if (client) {
            rig_cover_flush(client->runner.cover, true);
        }
    }
}
