/* A layer with options and state: made by init, put back by reset, ended by destroy; one instance for each rig_use. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <stdlib.h>

#define BODY_MAX (1 << 20)

struct limit_options {
    unsigned requests;
};

struct limit {
    unsigned max, *used;
};

static int limit_init(void *self, const void *options)
{
    struct limit *limit = self;
    const struct limit_options *given = options;
    if (!given || given->requests == 0) {
        return -EINVAL;
    }
    limit->max = given->requests;
    limit->used = calloc(1, sizeof *limit->used);
    return limit->used ? 0 : -ENOMEM;
}

static void limit_reset(void *self)
{
    *((struct limit *)self)->used = 0;
}

static void limit_destroy(void *self)
{
    free(((struct limit *)self)->used);
}

static int limit(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct limit *limit = self;
    if (++*limit->used > limit->max) {
        if (rig_input_drain(rig_env_input(env), BODY_MAX) < 0) {
            rig_response_set_header(res, "Connection", "close"); /* what is left is no next request */
        }
        return rig_respond(res, .status = 429, .headers = {{"Retry-After", "1"}});
    }
    return rig_next(next, env, res);
}
static const struct rig_middleware limit_layer = {.name = "limit",
                                                  .call = limit,
                                                  .self_size = sizeof(struct limit),
                                                  .init = limit_init,
                                                  .reset = limit_reset,
                                                  .destroy = limit_destroy};

int main(void)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, &limit_layer, &(struct limit_options){.requests = 5}, .name = "outer");
    rig_use(stack, &limit_layer, &(struct limit_options){.requests = 1}, .name = "inner");
    rig_run(stack, rig_scripted({.status = 200}));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_assert(rig_post(client, "/", .body = "name=pump"), .status = 429, .headers = {{"Retry-After", "1"}});
    rig_stack_reset(stack);
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_client_free(client);
    rig_stack_free(stack);

    struct rig_stack *wrong = rig_stack_new((struct rig_stack_options){0});
    int zero = rig_use(wrong, &limit_layer, &(struct limit_options){.requests = 0});
    int none = rig_use(wrong, &limit_layer, NULL);
    rig_stack_free(wrong);
    return zero == -EINVAL && none == -EINVAL ? 0 : 1;
}
