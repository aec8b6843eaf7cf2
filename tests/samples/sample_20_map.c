/* Several apps behind one door: by prefix and by host, the longest prefix first. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <stdio.h>

static int where(void *self, struct rig_env *env, struct rig_response *res)
{
    char text[128];
    snprintf(text, sizeof text, "%s: %s + %s", (const char *)self, rig_env_get(env, "SCRIPT_NAME"),
             rig_env_get(env, "PATH_INFO"));
    return rig_respond(res, .body = text);
}

static struct rig_stack *place(char *name)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){.name = name});
    rig_run(stack, (struct rig_app){.name = name, .call = where, .self = name});
    return stack;
}

int main(void)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    rig_map(stack, "/admin", place("admin"));
    rig_map(stack, "/admin/users", place("users"));
    rig_map(stack, "http://api.example.org/v1", place("api"));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});

    rig_assert(rig_get(client, "/admin/log"), .body = "admin: /admin + /log");
    rig_assert(rig_get(client, "/admin/users/7"), .body = "users: /admin/users + /7");
    rig_assert(rig_get(client, "/admin"), .body = "admin: /admin + ");
    rig_assert(rig_get(client, "/administrator"), .status = 404);
    rig_assert(rig_get(client, "http://api.example.org/v1/x"), .body = "api: /v1 + /x");
    rig_assert(rig_get(client, "/v1/x"), .status = 404); /* example.org is another host */

    rig_client_free(client);
    rig_stack_free(stack);
    return 0;
}
