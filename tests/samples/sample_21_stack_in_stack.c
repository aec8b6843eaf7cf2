/* A stack is an app too: it can stand at the end of another stack, or of two. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <string.h>

static int mark(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    rig_response_add_header(res, "Via", self);
    return rig_next(next, env, res);
}

static int mark_init(void *self, const void *options)
{
    strncpy(self, options, 15);
    return 0;
}
static const struct rig_middleware mark_layer = {.name = "mark", .call = mark, .self_size = 16, .init = mark_init};

static struct rig_stack *marked(const char *name, struct rig_app app)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){.name = name});
    rig_use(stack, &mark_layer, name, .name = name);
    rig_run(stack, app);
    return stack;
}

int main(void)
{
    struct rig_stack *shared = marked("shared", rig_scripted({.body = "hi"}));
    struct rig_stack *web = marked("web", rig_stack_app(shared));
    struct rig_stack *api = marked("api", rig_stack_app(shared));
    struct rig_client *on_web = rig_client_new(rig_stack_app(web), (struct rig_client_options){0});
    struct rig_client *on_api = rig_client_new(rig_stack_app(api), (struct rig_client_options){0});

    const struct rig_result *result = rig_get(on_web, "/");
    rig_assert(result, .status = 200, .body = "hi", .headers = {{"Via", "web"}});
    bool in_order = result->hop_count == 3 && strcmp(result->hops[0].layer, "web") == 0 &&
                    strcmp(result->hops[1].layer, "shared") == 0 && result->hops[2].is_app;
    rig_assert(rig_get(on_api, "/"), .headers = {{"Via", "api"}});

    rig_client_free(on_web);
    rig_client_free(on_api);
    rig_stack_free(web);
    rig_stack_free(api);
    rig_stack_free(shared);
    return in_order ? 0 : 1;
}
