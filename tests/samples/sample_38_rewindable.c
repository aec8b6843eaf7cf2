/* A layer that looks at the whole body, a line at a time, and leaves it to the app. A plain server's body can be read
 * once: what stands above makes it rewindable, up to a limit. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <string.h>

static int forbid(void *closure, const char *line, size_t size)
{
    (void)size;
    *(bool *)closure |= strncmp(line, "drop ", 5) == 0;
    return 0;
}

static int inspect(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    bool forbidden = false;
    struct rig_input *input = rig_env_input(env);
    (void)self;
    int error = rig_input_each(input, 200, forbid, &forbidden);
    if (error != 0 || forbidden) {
        rig_input_drain(input, UINT64_MAX); /* before it answers: the connection goes on */
        return rig_respond(res, .status = error == -EFBIG ? 413 : error ? 400 : 403);
    }
    error = rig_input_rewind(input);
    return error ? error : rig_next(next, env, res);
}

static const struct rig_middleware inspect_layer = {.name = "inspect", .call = inspect};

static int runs(void *self, struct rig_env *env, struct rig_response *res)
{
    struct rig_bytes all;
    (void)self;
    int error = rig_input_all(rig_env_input(env), 1000, &all);
    return error ? error : rig_respond(res, .bytes = all);
}

int main(void)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, &rig_rewindable_layer, &(struct rig_rewindable_options){.max = 1000});
    rig_use(stack, &inspect_layer);
    rig_run(stack, RIG_APP(runs));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    char large[1002] = "";

    rig_assert(rig_post(client, "/", .body = "get a\nget b\n"), .status = 200, .body = "get a\nget b\n");
    rig_assert(rig_post(client, "/", .body = "get a\ndrop b\n"), .status = 403);
    rig_assert(rig_post(client, "/", .bytes = {large, 1001}), .status = 413);

    rig_client_free(client);
    rig_stack_free(stack);
    return 0;
}
