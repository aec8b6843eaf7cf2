/* A layer that reads and writes behind its memory, and what UndefinedBehaviorSanitizer alone sees: they end the process. */
#include <stackrig/stackrig.h>

#include <stdlib.h>
#include <string.h>

static int careless(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const char *path = rig_env_get(env, "PATH_INFO");
    volatile char *room = malloc(4);
    if (room && strcmp(path, "/write") == 0) {
        room[strlen(path)] = 'x';
    }
    if (room && strcmp(path, "/read") == 0 && room[strlen(path)] == 'x') {
        rig_env_log(env, "there it is");
    }
    free((void *)(uintptr_t)room);
    if (strcmp(path, "/index") == 0 || strcmp(path, "/leave") == 0) {
        static const char table[2][8] = {"one", "two"};
        if (table[0][strlen(path) + 3] == 'w' && path[1] == 'l') { /* table[1][1] */
            exit(3);
        }
    }
    return rig_next(next, env, res);
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .status = 204);
}

static const struct rig_middleware layer = {.name = "careless", .call = careless};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &layer, NULL);
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
