/* A layer that tries the rest of the chain up to three times, each time with the whole body. It keeps the body and
 * gives every attempt a copy of the env: a copy is right here, because rig_subrequest runs a request of its own. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <string.h>

#define BODY_MAX 1024

struct kept {
    const char *data;
    size_t size, at;
};

static int64_t kept_read(void *self, void *buffer, size_t size)
{
    struct kept *kept = self;
    size_t left = kept->size - kept->at;
    size_t count = size < left ? size : left;
    memcpy(buffer, kept->data + kept->at, count);
    kept->at += count;
    return (int64_t)count;
}

static int add_header(void *response, const char *name, const char *value, size_t size)
{
    (void)size;
    return rig_response_add_header(response, name, value);
}

static struct rig_response *attempt(struct rig_env *env, struct rig_next *next, const char *body, size_t size)
{
    struct rig_env *copy = rig_env_copy(env);
    struct kept *kept = rig_env_alloc(env, sizeof *kept);
    if (!copy || !kept) {
        return NULL;
    }
    *kept = (struct kept){.data = body, .size = size};
    rig_env_set_input(copy, (struct rig_source){.read = kept_read, .self = kept});
    return rig_subrequest(next, copy);
}

static int retry(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    char body[BODY_MAX];
    size_t size = 0;
    int64_t count;
    while (size < sizeof body && (count = rig_input_read(rig_env_input(env), body + size, sizeof body - size)) > 0) {
        size += (size_t)count;
    }
    int error = -EIO;
    for (int tries = 0; error && tries < 3; tries++) {
        struct rig_response *answer = attempt(env, next, body, size);
        if (!answer) {
            return -ENOMEM;
        }
        error = rig_response_error(answer);
        if (!error) {
            rig_response_set_status(res, rig_response_status(answer));
            rig_response_each(answer, add_header, res);
            return rig_response_stream(res, rig_response_take_body(answer));
        }
    }
    return error;
}
static const struct rig_middleware retry_layer = {.name = "retry", .call = retry};

int main(void)
{
    struct rig_recorder *recorder = rig_recorder_new();
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, &retry_layer);
    rig_run(stack, rig_recorder_before(recorder, rig_scripted({.error = -EIO}, {.error = -EIO},
                                                              {.status = 201, .headers = {{"X-Tries", "3"}}})));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});

    rig_assert(rig_post(client, "/orders", .body = "one"), .status = 201, .headers = {{"X-Tries", "3"}});
    bool each_saw_the_body = rig_recorder_count(recorder) == 3;
    for (size_t i = 0; each_saw_the_body && i < 3; i++) {
        struct rig_bytes body = rig_recorder_call(recorder, i)->body;
        each_saw_the_body = body.size == 3 && memcmp(body.data, "one", 3) == 0;
    }

    rig_client_free(client);
    rig_stack_free(stack);
    rig_recorder_free(recorder);
    return each_saw_the_body ? 0 : 1;
}
