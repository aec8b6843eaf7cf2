/* A layer that tries the rest of the chain up to three times, each time with the whole body. It keeps the body and
 * gives every attempt a copy of the env: a copy is right here, because rig_subrequest runs a request of its own. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <string.h>

#define BODY_MAX 1024

static int add_header(void *response, const char *name, const char *value, size_t size)
{
    (void)size;
    return rig_response_add_header(response, name, value);
}

static struct rig_response *attempt(struct rig_env *env, struct rig_next *next, struct rig_bytes body)
{
    struct rig_env *copy = rig_env_copy(env);
    struct rig_source again = rig_env_source(env, body.data, body.size);
    return copy && again.read && !rig_env_set_input(copy, again) ? rig_subrequest(next, copy) : NULL;
}

static int retry(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    struct rig_bytes body;
    int error = rig_input_all(rig_env_input(env), BODY_MAX, &body);
    if (error) {
        return error == -EFBIG ? rig_respond(res, .status = 413, .headers = {{"Connection", "close"}}) : error;
    }
    error = -EIO;
    for (int tries = 0; error && tries < 3; tries++) {
        struct rig_response *answer = attempt(env, next, body);
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
