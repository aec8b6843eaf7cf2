/* A layer that reads the body, parses a form and passes an object on. Nobody below reads the body again, so no
 * finding: a body is only eaten when a lower layer wanted it. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <string.h>

#define FORM_MAX (64 << 10)

struct form {
    char *user, *colour;
};

static int form(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    struct form *form = rig_env_alloc(env, sizeof *form);
    if (!form) {
        return -ENOMEM;
    }
    struct rig_bytes body;
    int error = rig_input_all(rig_env_input(env), FORM_MAX, &body);
    if (error == -EFBIG) {
        return rig_respond(res, .status = 413, .headers = {{"Connection", "close"}});
    }
    char *text = error ? NULL : rig_env_alloc(env, body.size + 1);
    if (!text) {
        return error ? error : -ENOMEM;
    }
    memcpy(text, body.data, body.size);
    char *end = NULL;
    for (char *pair = text; pair; pair = end) {
        if ((end = strchr(pair, '&'))) {
            *end++ = '\0';
        }
        if (strncmp(pair, "user=", 5) == 0) {
            form->user = pair + 5;
        } else if (strncmp(pair, "colour=", 7) == 0) {
            form->colour = pair + 7;
        }
    }
    rig_env_set_object(env, "app.form", form, NULL);
    return rig_next(next, env, res);
}
static const struct rig_middleware form_layer = {.name = "form", .call = form};

static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const struct form *form = rig_env_object(env, "app.form");
    if (!form || !form->user) {
        return rig_respond(res, .status = 422);
    }
    return rig_respond(res, .status = 201, .headers = {{"X-Colour", form->colour}}, .body = form->user);
}

int main(void)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, &form_layer);
    rig_run(stack, RIG_APP(app));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});

    rig_assert(rig_post(client, "/users", .body = "colour=red&user=ada"), .status = 201, .body = "ada",
               .headers = {{"X-Colour", "red"}});
    rig_assert(rig_post(client, "/users", .body = "user=ada"), .status = 201, .headers = {{"X-Colour", NULL}});
    rig_assert(rig_post(client, "/users", .body = "colour=red"), .status = 422);
    static char large[FORM_MAX + 1];
    rig_assert(rig_post(client, "/users", .bytes = {large, sizeof large}), .status = 413);

    rig_client_free(client);
    rig_stack_free(stack);
    return 0;
}
