/* A layer that compresses on the fly: takes the body and streams it through a source of its own. ROT13 stands in for
 * gzip; nothing is held in memory but the piece under way. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <ctype.h>
#include <errno.h>

static int64_t rot13_read(void *self, void *buffer, size_t size)
{
    struct rig_source *plain = self;
    unsigned char *text = buffer;
    int64_t count = plain->read(plain->self, buffer, size);
    for (int64_t i = 0; i < count; i++) {
        if (isalpha(text[i])) {
            text[i] = (unsigned char)(text[i] + (tolower(text[i]) < 'n' ? 13 : -13));
        }
    }
    return count;
}

static void rot13_close(void *self)
{
    struct rig_source *plain = self;
    if (plain->close) {
        plain->close(plain->self);
    }
}

static int rot13(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    if (error) {
        return error;
    }
    struct rig_source *plain = rig_env_alloc(env, sizeof *plain);
    if (!plain) {
        return -ENOMEM;
    }
    *plain = rig_response_take_body(res);
    if (!plain->read) {
        return -ENOMEM;
    }
    rig_response_set_header(res, "Content-Encoding", "x-rot13");
    rig_response_remove_header(res, "Content-Length");
    return rig_response_stream(res, (struct rig_source){.read = rot13_read, .close = rot13_close, .self = plain});
}
static const struct rig_middleware rot13_layer = {.name = "rot13", .call = rot13};

int main(void)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, &rot13_layer);
    rig_run(stack, rig_scripted({.headers = {{"Content-Length", "13"}}, .body = "Hello, World!"}));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});

    rig_assert(rig_get(client, "/"), .status = 200, .body = "Uryyb, Jbeyq!",
               .headers = {{"Content-Encoding", "x-rot13"}, {"Content-Length", NULL}});

    rig_client_free(client);
    rig_stack_free(stack);
    return 0;
}
