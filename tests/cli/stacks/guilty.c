/* Twelve layers, one to twelve, of which some fail together, as the settings say:
 * guilty=3,9     the request fails (403) where both of them take part
 * ordered=1      only in that order
 * how=crash      with a crash in the last of them; how=hang, how=shut (a hang, all files closed), how=error (-EIO),
 *                how=app (the app answers 403)
 * needs=2        without this layer every request is answered 500 */
#define _POSIX_C_SOURCE 200809L

#include <stackrig/stackrig.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LAYERS 12

struct place {
    int number, guilty[LAYERS], count, needs;
    bool ordered;
    char how[16];
};

static int fail(const struct place *place, struct rig_response *res)
{
    if (!strcmp(place->how, "crash")) {
        raise(SIGSEGV);
    }
    for (int fd = 3; !strcmp(place->how, "shut") && fd < 64; fd++) {
        close(fd);
    }
    while (!strcmp(place->how, "hang") || !strcmp(place->how, "shut")) {
        sleep(1);
    }
    if (!strcmp(place->how, "error")) {
        return -EIO;
    }
    return rig_respond(res, .status = 403);
}

static int marks_of(const struct place *place, const struct rig_env *env)
{
    char name[32];
    int marks = 0;
    for (int i = 0; i < place->count; i++) {
        snprintf(name, sizeof name, "mark.%d", place->guilty[i]);
        marks += rig_env_get(env, name) != NULL;
    }
    return marks;
}

/* Each guilty one leaves its mark; the last that finds all marks fails, in order only if it is the last named. */
static int call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct place *place = self;
    char name[32];
    bool mine = false;
    for (int i = 0; i < place->count; i++) {
        if (place->guilty[i] == place->number) {
            snprintf(name, sizeof name, "mark.%d", place->number);
            (void)rig_env_set(env, name, "here");
            mine = !place->ordered || i == place->count - 1;
        }
    }
    if (place->needs == place->number) {
        (void)rig_env_set(env, "mark.needed", "here");
    }
    bool fails = mine && strcmp(place->how, "app") != 0 && marks_of(place, env) == place->count;
    return fails && strcmp(rig_env_get(env, "PATH_INFO"), "/fine") != 0 ? fail(place, res) : rig_next(next, env, res);
}

static struct place here; /* of the settings, but for the number */

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    if (here.needs && !rig_env_get(env, "mark.needed")) {
        return rig_respond(res, .status = 500);
    }
    bool fails = !strcmp(here.how, "app") && marks_of(&here, env) == here.count;
    return rig_respond(res, .status = fails ? 403 : 200);
}

static const struct rig_middleware middleware = {.name = "layer", .call = call, .self_size = sizeof(struct place)};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    static const char *const names[LAYERS] = {"one",   "two",   "three", "four", "five",   "six",
                                              "seven", "eight", "nine",  "ten",  "eleven", "twelve"};
    const char *guilty = rig_setup_get(setup, "guilty"), *how = rig_setup_get(setup, "how");
    const char *needs = rig_setup_get(setup, "needs");
    here = (struct place){.ordered = rig_setup_get(setup, "ordered") != NULL, .needs = needs ? atoi(needs) : 0};
    snprintf(here.how, sizeof here.how, "%s", how ? how : "status");
    for (const char *at = guilty; at && here.count < LAYERS; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        here.guilty[here.count++] = atoi(at);
    }
    for (int i = 0; i < LAYERS; i++) {
        struct place place = here;
        place.number = i + 1;
        rig_use(stack, &middleware, &place, .name = names[i]);
    }
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
