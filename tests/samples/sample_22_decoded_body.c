/* A layer that decodes the request body: those below read the plain text and never know. ROT13 stands in for gzip. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <ctype.h>
#include <string.h>

static int64_t decode_read(void *self, void *buffer, size_t size)
{
    unsigned char *text = buffer;
    int64_t count = rig_input_read(self, buffer, size);
    for (int64_t i = 0; i < count; i++) {
        if (isalpha(text[i])) {
            text[i] = (unsigned char)(text[i] + (tolower(text[i]) < 'n' ? 13 : -13));
        }
    }
    return count;
}

static int decode(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const char *coding = rig_env_get(env, "HTTP_CONTENT_ENCODING");
    if (coding && strcmp(coding, "x-rot13") == 0) {
        int error = rig_env_set_input(env, (struct rig_source){.read = decode_read, .self = rig_env_input(env)});
        if (error) {
            return error;
        }
        rig_env_unset(env, "HTTP_CONTENT_ENCODING");
    }
    return rig_next(next, env, res);
}
static const struct rig_middleware decode_layer = {.name = "decode", .call = decode};

static int echo(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char body[64];
    rig_input_line(rig_env_input(env), body, sizeof body);
    return rig_respond(res, .body = body);
}

int main(void)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, &decode_layer);
    rig_run(stack, RIG_APP(echo));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});

    rig_assert(rig_post(client, "/", .body = "Uryyb", .headers = {{"Content-Encoding", "x-rot13"}}), .body = "Hello");
    rig_assert(rig_post(client, "/", .body = "Hello"), .body = "Hello");

    rig_client_free(client);
    rig_stack_free(stack);
    return 0;
}
