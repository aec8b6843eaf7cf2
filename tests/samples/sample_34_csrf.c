/* A layer that looks into the form and gives it back: those below read the body as if nobody had. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <string.h>

#define FORM_MAX (64 << 10)

/* A real one makes a token for each session. */
static bool has_token(const char *form)
{
    static const char pair[] = "csrf=4f2a";
    const char *at = form;
    while (strncmp(at, pair, sizeof pair - 1) != 0 || !strchr("&", at[sizeof pair - 1])) {
        at = strchr(at, '&');
        if (!at) {
            return false;
        }
        at++;
    }
    return true;
}

static int csrf(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const char *method = rig_env_get(env, "REQUEST_METHOD");
    if (!method || strcmp(method, "POST") != 0) {
        return rig_next(next, env, res);
    }
    struct rig_bytes form;
    int error = rig_input_all(rig_env_input(env), FORM_MAX, &form);
    if (error == -EFBIG) {
        return rig_respond(res, .status = 413, .headers = {{"Connection", "close"}});
    }
    if (error) {
        return error;
    }
    if (!has_token(form.data)) {
        return rig_respond(res, .status = 403);
    }
    struct rig_source again = rig_env_source(env, form.data, form.size);
    error = again.read ? rig_env_set_input(env, again) : -ENOMEM;
    return error ? error : rig_next(next, env, res);
}
static const struct rig_middleware csrf_layer = {.name = "csrf", .call = csrf};

static int echo(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    struct rig_bytes body;
    int error = rig_input_all(rig_env_input(env), FORM_MAX, &body);
    return error ? error : rig_respond(res, .status = 201, .bytes = body);
}

int main(void)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, &csrf_layer);
    rig_run(stack, RIG_APP(echo));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});

    rig_assert(rig_post(client, "/", .body = "name=pump&csrf=4f2a"), .status = 201, .body = "name=pump&csrf=4f2a");
    rig_assert(rig_post(client, "/", .body = "name=pump&csrf=4f2ab"), .status = 403);
    rig_assert(rig_post(client, "/"), .status = 403);
    rig_assert(rig_get(client, "/"), .status = 201, .body = "");
    static char large[FORM_MAX + 1];
    rig_assert(rig_post(client, "/", .bytes = {large, sizeof large}), .status = 413);

    rig_client_free(client);
    rig_stack_free(stack);
    return 0;
}
