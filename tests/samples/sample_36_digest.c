/* Digest authentication: the session answers the challenge, and goes on with the same nonce. */
#include <stackrig/expect.h>
#include <stackrig/session.h>
#include <stackrig/stackrig.h>

#include <string.h>

/* A real one computes the response; this one believes whoever answers its challenge. */
static int guard(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const char *answer = rig_env_get(env, "HTTP_AUTHORIZATION");
    if (answer && strncmp(answer, "Digest username=\"ada\", realm=\"lab\", nonce=\"n1\"", 46) == 0) {
        return rig_next(next, env, res);
    }
    return rig_respond(
        res, .status = 401,
        .headers = {{"WWW-Authenticate", "Digest realm=\"lab\", nonce=\"n1\", qop=\"auth\", algorithm=SHA-256"}});
}
static const struct rig_middleware guard_layer = {.name = "guard", .call = guard};

int main(void)
{
    struct rig_recorder *seen = rig_recorder_new();
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, &guard_layer);
    rig_run(stack, rig_recorder_app(seen));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    struct rig_session *session = rig_session_new(client, (struct rig_session_options){.seed = 1});

    rig_assert(rig_session_get(session, "/"), .status = 401);
    rig_session_digest(session, "ada", "lace");
    rig_assert(rig_session_get(session, "/"), .status = 200);
    rig_assert(rig_session_get(session, "/again"), .status = 200);
    const char *second = rig_recorded_env(rig_recorder_call(seen, 1), "HTTP_AUTHORIZATION");
    bool counted = second && strstr(second, "nc=00000002");

    rig_session_free(session);
    rig_client_free(client);
    rig_stack_free(stack);
    rig_recorder_free(seen);
    return counted ? 0 : 1;
}
