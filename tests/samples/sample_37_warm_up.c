/* A stack that fills a cache with its first request: warmed up, its first answer is as fast and as right as the rest. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

struct cache {
    bool filled;
};

static int cached(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct cache *cache = self;
    int error = rig_response_set_header(res, "X-Cache", cache->filled ? "hit" : "miss");
    cache->filled = true;
    return error ? error : rig_next(next, env, res);
}

static const struct rig_middleware cached_layer = {.name = "cached", .call = cached, .self_size = sizeof(struct cache)};

int main(void)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    rig_warm_up(stack, RIG_GET("/")); /* goes through before the first other request, whatever is added below */
    rig_use(stack, &cached_layer);
    rig_run(stack, rig_scripted({.status = 200}));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});

    rig_assert(rig_get(client, "/"), .status = 200, .headers = {{"X-Cache", "hit"}});
    if (rig_use(stack, &cached_layer) == 0) { /* from the first request on a stack stays as it is */
        return 1;
    }
    rig_assert(rig_get(client, "/"), .status = 200, .findings = {"usage.stack.frozen"});

    rig_client_free(client);
    rig_stack_free(stack);
    return 0;
}
