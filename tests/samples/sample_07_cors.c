/* A CORS layer: headers on the way down for everybody, and an answer of its own for the preflight request. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <string.h>

/* No init: each use of the layer begins with a copy of its options. */
struct cors {
    const char *origin; /* the one that may use us; must outlive the stack */
};

static int cors(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct cors *allowed = self;
    const char *origin = rig_env_get(env, "HTTP_ORIGIN");
    rig_response_add_header(res, "Vary", "Origin");
    if (!origin || strcmp(origin, allowed->origin) != 0) {
        return rig_next(next, env, res);
    }
    rig_response_set_header(res, "Access-Control-Allow-Origin", origin);
    if (strcmp(rig_env_get(env, "REQUEST_METHOD"), "OPTIONS") == 0 &&
        rig_env_get(env, "HTTP_ACCESS_CONTROL_REQUEST_METHOD")) {
        return rig_respond(res, .status = 204, .headers = {{"Access-Control-Allow-Methods", "GET, PUT"}});
    }
    return rig_next(next, env, res);
}
static const struct rig_middleware cors_layer = {.name = "cors", .call = cors, .self_size = sizeof(struct cors)};

int main(void)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, &cors_layer, &(struct cors){.origin = "https://shop.example"});
    rig_run(stack, rig_scripted({.body = "items"}));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});

    rig_assert(rig_get(client, "/", .headers = {{"Origin", "https://shop.example"}}), .body = "items",
               .headers = {{"Access-Control-Allow-Origin", "https://shop.example"}, {"Vary", "Origin"}});
    rig_assert(rig_get(client, "/", .headers = {{"Origin", "https://evil.example"}}), .body = "items",
               .headers = {{"Access-Control-Allow-Origin", NULL}, {"Vary", "Origin"}});
    rig_assert(rig_options(client, "/",
                           .headers = {{"Origin", "https://shop.example"}, {"Access-Control-Request-Method", "PUT"}}),
               .status = 204, .body = "", .headers = {{"Access-Control-Allow-Methods", "GET, PUT"}});

    rig_client_free(client);
    rig_stack_free(stack);
    return 0;
}
