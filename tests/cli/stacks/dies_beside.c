/* What ends the process is not what a fuzzer sent: /in those who are let in, /again who comes a second time, /later who
 * comes after /first. */
#include <stackrig/http/compare.h>
#include <stackrig/stackrig.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const char *token;
static int again, first;

static bool is_at(const struct rig_env *env, const char *path)
{
    return strcmp(rig_env_get(env, "PATH_INFO"), path) == 0;
}

static int guard(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const char *sent = rig_env_get(env, "HTTP_AUTHORIZATION");
    if (is_at(env, "/in") && !(sent && strncmp(sent, "Bearer ", 7) == 0 &&
                               rig_secure_equal(sent + 7, strlen(sent + 7), token, strlen(token)))) {
        return rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer realm=\"a\""}});
    }
    return rig_next(next, env, res);
}

static int page(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    first += is_at(env, "/first");
    again += is_at(env, "/again");
    if (is_at(env, "/in") || (is_at(env, "/again") && again > 1) || (is_at(env, "/later") && first)) {
        (void)fputs("this is its end\n", stderr);
        (void)raise(SIGSEGV);
    }
    return rig_respond(res, .status = 204);
}

static const struct rig_middleware guard_layer = {.name = "guard", .call = guard};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    const struct rig_secret *valid = rig_setup_secret(setup, "valid");
    token = valid ? valid->value : "a-token";
    rig_use(stack, &guard_layer, .auth = true);
    return rig_run(stack, RIG_APP(page));
}

RIG_EXPORT(build);
