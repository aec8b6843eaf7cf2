/* Rules of one's own that say two things of one moment (/two), or whose checks go wrong (/crash, /hang); and a layer
 * that does (/layer). */
#include <stackrig/rules.h>
#include <stackrig/stackrig.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

static int passes(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    if (strcmp(rig_env_get(env, "PATH_INFO"), "/layer") == 0) {
        (void)raise(SIGSEGV);
    }
    return error;
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    rig_input_drain(rig_env_input(env), 1 << 20);
    if (strcmp(rig_env_get(env, "PATH_INFO"), "/new") == 0) {
        return rig_respond(res, .status = 404);
    }
    return rig_respond(res, .status = 200);
}

static const struct rig_middleware passes_layer = {.name = "passes", .call = passes};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &passes_layer);
    return rig_run(stack, RIG_APP(answer));
}

static int say_two(const struct rig_own_seen *seen)
{
    if (strncmp(seen->target, "/two", 4) == 0) {
        (void)rig_own_find(seen, "no Content-Security-Policy in answer %d", seen->status + (int)strlen(seen->target));
        return rig_own_find(seen, "no X-Frame-Options");
    }
    return strcmp(seen->target, "/new") == 0 || strcmp(seen->target, "/old") == 0
               ? rig_own_find(seen, "no Content-Security-Policy")
               : RIG_OWN_LOOKED;
}

static int go_wrong(const struct rig_own_seen *seen)
{
    if (strcmp(seen->target, "/crash") == 0) {
        (void)raise(SIGSEGV);
    } else if (strcmp(seen->target, "/hang") == 0) {
        (void)pause();
    }
    return RIG_OWN_LOOKED;
}

#define TEXTS .level = RIG_LEVEL_ERROR, .title = "a", .armed_when = "b", .why = "c", .mend = "d"
static const struct rig_own_rule two = {.id = "more.two", TEXTS, .hears = RIG_OWN_HEARS(END), .check = say_two};
static const struct rig_own_rule wrong = {.id = "more.wrong", TEXTS, .hears = RIG_OWN_HEARS(NEXT), .check = go_wrong};
static const struct rig_own_rule *const rules[] = {&two, &wrong, NULL};

RIG_EXPORT(build);
RIG_EXPORT_RULES(rules);
