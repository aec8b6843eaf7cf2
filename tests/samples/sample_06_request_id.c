/* A layer that sets a header on the way down. A header alone is no answer: the app below still gives that, and the
 * header stays. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <stdio.h>

static int request_id(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    unsigned *last = self;
    const char *given = rig_env_get(env, "HTTP_X_REQUEST_ID");
    char made[24];
    snprintf(made, sizeof made, "req-%u", ++*last);
    rig_env_set(env, "app.request_id", given ? given : made);
    rig_response_set_header(res, "X-Request-Id", given ? given : made);
    return rig_next(next, env, res);
}
static const struct rig_middleware request_id_layer = {
    .name = "request_id", .call = request_id, .self_size = sizeof(unsigned)};

static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return rig_respond(res, .headers = {{"X-App", "1"}}, .body = rig_env_get(env, "app.request_id"));
}

int main(void)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, &request_id_layer);
    rig_run(stack, RIG_APP(app));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});

    rig_assert(rig_get(client, "/"), .body = "req-1", .headers = {{"X-Request-Id", "req-1"}, {"X-App", "1"}});
    rig_assert(rig_get(client, "/"), .body = "req-2", .headers = {{"X-Request-Id", "req-2"}});
    rig_assert(rig_get(client, "/", .headers = {{"X-Request-Id", "mine"}}), .headers = {{"X-Request-Id", "mine"}});

    rig_client_free(client);
    rig_stack_free(stack);
    return 0;
}
