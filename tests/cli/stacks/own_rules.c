/* A stack that brings rules of its own: one that /debug breaks, a note, one that is off, one of another area. */
#include <stackrig/rules.h>
#include <stackrig/stackrig.h>

#include <stdlib.h>
#include <string.h>

static int debugs(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    if (error == 0 && strcmp(rig_env_get(env, "PATH_INFO"), "/plain") == 0) {
        rig_response_set_header(res, "X-Plain", "1");
    }
    if (error == 0 && strncmp(rig_env_get(env, "PATH_INFO"), "/debug", 6) == 0) {
        rig_response_set_header(res, "X-Debug", "on"); /* debug */
    }
    return error;
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    rig_input_drain(rig_env_input(env), 1 << 20);
    return rig_respond(res, .status = 200);
}

static const struct rig_middleware debugs_layer = {.name = "debugs", .call = debugs};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &debugs_layer);
    return rig_run(stack, RIG_APP(answer));
}

static int look_for_debug(const struct rig_own_seen *seen)
{
    if (strcmp(seen->name, "X-Debug") == 0) {
        return rig_own_find_with(seen, &(struct rig_own_detail){.subject = "X-Debug"}, "%s sends %s",
                                 rig_own_layer(seen), seen->name);
    }
    return RIG_OWN_LOOKED;
}

/* What a check keeps of each request is no leak of a layer's. */
static void keep_something(void)
{
    static struct kept {
        struct kept *next;
        char bytes[40];
    } * all;
    struct kept *one = malloc(sizeof *one);
    if (one) {
        one->next = all;
        all = one;
    }
}

static int count_requests(const struct rig_own_seen *seen)
{
    unsigned *count = seen->client_state;
    keep_something();
    return ++*count == 2 ? rig_own_find(seen, "this is request %u of the client", *count) : RIG_OWN_IDLE;
}

static int tell_each_status(const struct rig_own_seen *seen)
{
    return rig_own_find(seen, "a status was set: %d", (int)seen->number);
}

static const struct rig_own_rule no_debug = {
    .id = "myteam.no_debug_header",
    .level = RIG_LEVEL_ERROR,
    .title = "a header for debugging goes out",
    .armed_when = "a header goes out",
    .why = "it tells strangers <what> is \"inside\"",
    .mend = "set it where DEBUG is set, and nowhere else",
    .source = "https://wiki.example/incidents/7",
    .hears = RIG_OWN_HEARS(HEADER),
    .check = look_for_debug,
};
static const struct rig_own_rule second = {
    .id = "myteam.second",
    .level = RIG_LEVEL_NOTE,
    .title = "a client sent two requests",
    .armed_when = "it did",
    .why = "nothing.",
    .mend = "nothing",
    .hears = RIG_OWN_HEARS(BEGIN),
    .check = count_requests,
    .client_size = sizeof(unsigned),
};
static const struct rig_own_rule off = {
    .id = "another.off",
    .level = RIG_LEVEL_WARNING,
    .off = true,
    .title = "a status was set",
    .armed_when = "it was",
    .why = "nothing",
    .mend = "nothing",
    .hears = RIG_OWN_HEARS(STATUS),
    .check = tell_each_status,
};
static const struct rig_own_rule *const rules[] = {&no_debug, &second, &off, NULL};

RIG_EXPORT(build);
RIG_EXPORT_RULES(rules);
