/* What the tests of core and client share: one function as the app of one request, layers made of one function, bodies
 * that count what is done to them. */
#ifndef STACKRIG_UNIT_CORE_TEST_H
#define STACKRIG_UNIT_CORE_TEST_H

#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <stdio.h>

typedef int app_fn(void *self, struct rig_env *env, struct rig_response *res);

#define COUNT(array_) (sizeof(array_) / sizeof *(array_))
#define LAYER(function_) static const struct rig_middleware function_##_layer = {.name = #function_, .call = function_}

static inline struct rig_client *client_with(struct rig_app app, struct rig_client_options options)
{
    struct rig_client *client = rig_client_new(app, options);
    assert_non_null(client);
    return client;
}

/* Behind a server where nothing is left on a connection and the body can be rewound. Its app answers 200 whatever its
 * reads gave. */
static inline struct rig_client *client_for(app_fn *call)
{
    return client_with(
        (struct rig_app){.name = "app", .call = call},
        (struct rig_client_options){.server = &rig_server_memory, .ignore = {"input.truncated.accepted"}});
}

/* One request through one app: no error, nothing found. */
static inline void in_app(app_fn *call, struct rig_request request)
{
    struct rig_client *client = client_for(call);
    rig_assert(rig_send(client, request), .status = 200);
    rig_client_free(client);
}

static inline struct rig_stack *stack_new(void)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    assert_non_null(stack);
    return stack;
}

static inline int answer_ok(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .status = 200, .body = "ok");
}

static inline int answer_body(void *self, struct rig_env *env, struct rig_response *res)
{
    char piece[256];
    int64_t got;
    int error = rig_respond(res, .status = 200);
    (void)self;
    while (!error && (got = rig_input_read(rig_env_input(env), piece, sizeof piece)) != 0) {
        error = got < 0 ? (int)got : rig_response_write(res, piece, (size_t)got);
    }
    return error;
}

static inline unsigned count_found(const struct rig_result *result, const char *rule)
{
    unsigned count = 0;
    assert_non_null(rig_rule_find(rule));
    for (size_t i = 0; i < result->finding_count; i++) {
        count += strcmp(result->findings[i].rule, rule) == 0;
    }
    return count;
}

/* A body that counts: `size` bytes "abcdefgh...", in pieces of at most `most` (0: as asked for); fails where fail_at says. */
struct counted {
    uint64_t size, at;
    size_t most;
    uint64_t fail_at; /* before this byte; 0: never */
    int error;        /* what it then returns */
    unsigned reads, rewinds, closes;
};

static inline char counted_byte(uint64_t at)
{
    return (char)('a' + at % 26);
}

static inline int64_t counted_read(void *self, void *buffer, size_t size)
{
    struct counted *body = self;
    body->reads++;
    if (body->fail_at > 0 && body->at + 1 >= body->fail_at) {
        return body->error;
    }
    size = body->most > 0 && size > body->most ? body->most : size;
    size = body->fail_at > 0 && size > body->fail_at - 1 - body->at ? (size_t)(body->fail_at - 1 - body->at) : size;
    size = size < body->size - body->at ? size : (size_t)(body->size - body->at);
    for (size_t i = 0; i < size; i++) {
        ((char *)buffer)[i] = counted_byte(body->at++);
    }
    return (int64_t)size;
}

static inline int counted_rewind(void *self)
{
    struct counted *body = self;
    body->rewinds++;
    body->at = 0;
    return 0;
}

static inline void counted_close(void *self)
{
    ((struct counted *)self)->closes++;
}

static inline struct rig_source source_of(struct counted *body)
{
    return (struct rig_source){.read = counted_read, .rewind = counted_rewind, .close = counted_close, .self = body};
}

#endif
