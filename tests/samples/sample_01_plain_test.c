/* The smallest test: an app, a client, one request, one assertion. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

static int hello(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .headers = {{"Content-Type", "text/plain"}}, .body = "Hello");
}

int main(void)
{
    struct rig_client *client = rig_client_new(RIG_APP(hello), (struct rig_client_options){0});
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200, .body = "Hello", .headers = {{"Content-Type", "text/plain"}, {"ETag", NULL}});
    rig_client_free(client);
    return 0;
}
