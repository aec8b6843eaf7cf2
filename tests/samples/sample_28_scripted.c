/* A layer tested against every kind of app, without writing one: a cache that keeps the last good answer. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <stdio.h>

struct cache {
    char body[64];
};

static int cache(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct cache *kept = self;
    int error = rig_next(next, env, res);
    if ((error || rig_response_status(res) >= 500) && kept->body[0]) {
        return rig_respond(res, .headers = {{"Warning", "110 - \"stale\""}}, .body = kept->body);
    }
    if (!error && rig_response_status(res) == 200) {
        snprintf(kept->body, sizeof kept->body, "%s", rig_response_header(res, "X-Body"));
    }
    return error;
}
static const struct rig_middleware cache_layer = {.name = "cache", .call = cache, .self_size = sizeof(struct cache)};

int main(void)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, &cache_layer);
    rig_run(stack, rig_scripted({.error = -EIO}, {.headers = {{"X-Body", "fresh"}}, .body = "fresh"}, {.status = 500},
                                {.error = -ECONNRESET, .log = "lost the database"}, {.status = 404}));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});

    rig_assert(rig_get(client, "/"), .status = 500, .error = -EIO);
    rig_assert(rig_get(client, "/"), .status = 200, .body = "fresh", .headers = {{"Warning", NULL}});
    rig_assert(rig_get(client, "/"), .status = 200, .body = "fresh", .headers = {{"Warning", "110 - \"stale\""}});
    rig_assert(rig_get(client, "/"), .status = 200, .body = "fresh", .log_contains = "lost the database");
    rig_assert(rig_get(client, "/"), .status = 404, .headers = {{"Warning", NULL}});
    rig_assert(rig_get(client, "/"), .status = 404); /* the last one repeats */

    rig_client_free(client);
    rig_stack_free(stack);
    return 0;
}
