/* A layer that sends a request of its own while it handles one: through another client, and through the very client
 * that is calling it. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

struct authentication {
    struct rig_client *const *directory; /* a place, because the client may come after the stack */
    const char *target;
};

static int authentication(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct authentication *ask = self;
    const struct rig_result *who =
        rig_get(*ask->directory, ask->target, .headers = {{"Authorization", rig_env_get(env, "HTTP_AUTHORIZATION")}});
    if (who->status != 200) {
        return rig_respond(res, .status = 401);
    }
    rig_env_set(env, "app.user", who->body);
    return rig_next(next, env, res);
}
static const struct rig_middleware authentication_layer = {
    .name = "authentication", .call = authentication, .self_size = sizeof(struct authentication)};

static int directory(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return rig_env_get(env, "HTTP_AUTHORIZATION") ? rig_respond(res, .body = "ada") : rig_respond(res, .status = 404);
}

static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return rig_respond(res, .body = rig_env_get(env, "app.user"));
}

static struct rig_stack *guarded(struct rig_client *const *client, const char *target)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, &authentication_layer, &(struct authentication){client, target}, .auth = true);
    rig_run(stack, RIG_APP(app));
    return stack;
}

int main(void)
{
    struct rig_client *other = rig_client_new(RIG_APP(directory), (struct rig_client_options){0});
    struct rig_stack *stack = guarded(&other, "/");
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    rig_assert(rig_get(client, "/", .headers = {{"Authorization", "Bearer x"}}), .status = 200, .body = "ada");
    rig_assert(rig_get(client, "/"), .status = 401);
    rig_client_free(client);
    rig_client_free(other);
    rig_stack_free(stack);

    stack = rig_stack_new((struct rig_stack_options){0});
    rig_map(stack, "/app", guarded(&client, "/directory"));
    rig_run(stack, RIG_APP(directory));
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    rig_assert(rig_get(client, "/app", .headers = {{"Authorization", "Bearer x"}}), .status = 200, .body = "ada");
    rig_assert(rig_get(client, "/app"), .status = 401);
    rig_client_free(client);
    rig_stack_free(stack);
    return 0;
}
