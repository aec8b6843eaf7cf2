/* An error travels up like an exception, until a layer handles it by answering and returning 0. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <stdlib.h>

static int rescue(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    if (error) {
        rig_env_log(env, "rescued: %s", rig_error_text(error));
        return rig_respond(res, .status = 503, .body = "try again later");
    }
    return 0;
}
static const struct rig_middleware rescue_layer = {.name = "rescue", .call = rescue};

static int transaction(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    rig_env_log(env, error ? "rollback" : "commit");
    return error;
}
static const struct rig_middleware transaction_layer = {.name = "transaction", .call = transaction};

int main(void)
{
    struct rig_stack *inner = rig_stack_new((struct rig_stack_options){0});
    rig_use(inner, &transaction_layer);
    rig_run(inner, rig_scripted({.error = -EIO}));

    struct rig_client *bare = rig_client_new(rig_stack_app(inner), (struct rig_client_options){0});
    rig_assert(rig_get(bare, "/"), .status = 500, .error = -EIO, .log_contains = "rollback");
    rig_client_free(bare);

    struct rig_stack *outer = rig_stack_new((struct rig_stack_options){0});
    rig_use(outer, &rescue_layer);
    rig_run(outer, rig_stack_app(inner));
    struct rig_client *client = rig_client_new(rig_stack_app(outer), (struct rig_client_options){0});
    rig_assert(rig_get(client, "/"), .status = 503, .body = "try again later", .log_contains = "rollback\nrescued: ");
    rig_client_free(client);

    rig_stack_free(outer);
    rig_stack_free(inner);
    return 0;
}
