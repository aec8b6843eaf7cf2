/* Stacks that need their layers, as case= says; what is wrong in each:
 * status    the app answers 401 without a user, whom session names and strip takes away
 * twice     likewise, with strip and strip_again
 * gate      likewise, but gate asks for the user, before the app
 * crash     bad crashes; the app crashes without a user
 * earlier   likewise; at /fine bad crashes without a user only
 * two       guilty_a and guilty_b answer 500 each
 * renamed   copier passes on a copy; created makes a 201 of a 200
 * above     copier stands above auth, which names the user
 * finding   guard breaks a rule, where it lets nobody pass; the app breaks it, too */
#include <stackrig/stackrig.h>

#include <signal.h>
#include <string.h>

static const char *kind;

static bool is(const char *name)
{
    return strcmp(kind, name) == 0;
}

static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *user = rig_env_get(env, "app.user");
    if (!user && is("crash")) {
        raise(SIGSEGV);
    }
    if (is("finding")) {
        return rig_respond(res, .status = 200, .headers = {{"Bad Name", "the app's"}});
    }
    if (is("renamed")) {
        rig_env_set(env, "app.user", "ada");
    }
    return rig_respond(res, .status = user || (!is("status") && !is("twice")) ? 200 : 401);
}

static int pass(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return rig_next(next, env, res);
}

static int session(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    rig_env_set(env, "app.user", "ada");
    return rig_next(next, env, res);
}

static int strip(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    rig_env_unset(env, "app.user");
    return rig_next(next, env, res);
}

static int gate(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return rig_env_get(env, "app.user") ? rig_next(next, env, res) : rig_respond(res, .status = 401);
}

static int bad(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    bool fine = strcmp(rig_env_get(env, "PATH_INFO"), "/fine") == 0;
    if (!fine || (is("earlier") && !rig_env_get(env, "app.user"))) {
        raise(SIGSEGV);
    }
    return rig_next(next, env, res);
}

static int force(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self, (void)env, (void)next;
    return rig_respond(res, .status = 500);
}

static int create(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    rig_response_set_status(res, 201);
    return error;
}

static int copy(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return rig_next(next, rig_env_copy(env), res);
}

static int guard(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self, (void)env, (void)next;
    return rig_respond(res, .status = 401, .headers = {{"Bad Name", "the guard's"}});
}

static const struct rig_middleware passing = {.name = "pass", .call = pass}, naming = {.name = "name", .call = session},
                                   stripping = {.name = "strip", .call = strip},
                                   gating = {.name = "gate", .call = gate}, crashing = {.name = "bad", .call = bad},
                                   forcing = {.name = "force", .call = force},
                                   creating = {.name = "created", .call = create},
                                   copying = {.name = "copier", .call = copy},
                                   guarding = {.name = "guard", .call = guard};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    kind = rig_setup_get(setup, "case");
    kind = kind ? kind : "";
    bool users = is("status") || is("twice") || is("gate") || is("crash") || is("earlier");
    if (users) {
        rig_use(stack, &naming, .name = "session");
    }
    if (is("two")) {
        rig_use(stack, &forcing, .name = "guilty_a");
    }
    if (is("renamed")) {
        rig_use(stack, &creating);
    }
    rig_use(stack, &passing, .name = "innocent");
    if (is("crash") || is("earlier")) {
        rig_use(stack, &crashing);
    } else if (users) {
        rig_use(stack, &stripping);
    }
    if (is("twice")) {
        rig_use(stack, &stripping, .name = "strip_again");
    }
    if (is("gate")) {
        rig_use(stack, &gating);
    }
    if (is("two")) {
        rig_use(stack, &forcing, .name = "guilty_b");
    }
    if (is("renamed") || is("above")) {
        rig_use(stack, &copying);
    }
    if (is("above")) {
        rig_use(stack, &naming, .name = "auth");
    }
    if (is("finding")) {
        rig_use(stack, &guarding);
    }
    return rig_run(stack, RIG_APP(app));
}

RIG_EXPORT(build);
