/* Response bodies: streams that are pulled, replaced, dropped, broken; bodies that a layer takes and wraps. */
#include "tests/unit/core_test.h"

static struct counted body, other;
static bool layers_returned;

/* ---- streams ---- */

static int64_t read_late(void *self, void *buffer, size_t size)
{
    assert_true(layers_returned); /* pulled after the outermost layer */
    return counted_read(self, buffer, size);
}

static int streams(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    struct rig_source source = source_of(&body);
    source.read = read_late;
    assert_int_equal(rig_response_stream(res, source), 0);
    assert_int_equal(rig_response_write(res, "x", 1), -EINVAL); /* nothing is appended to a stream */
    return 0;
}

static int passes_on(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    layers_returned = true;
    return error;
}
LAYER(passes_on);

static void test_stream_is_pulled_after_the_layers(void **state)
{
    static const uint64_t sizes[] = {0, 1, 16383, 16384, 16385, 100000};
    (void)state;
    struct rig_stack *stack = stack_new();
    assert_int_equal(rig_use(stack, &passes_on_layer), 0);
    assert_int_equal(rig_run(stack, RIG_APP(streams)), 0);
    struct rig_client *client = client_with(rig_stack_app(stack), (struct rig_client_options){.ignore = {"usage.*"}});
    for (size_t i = 0; i < COUNT(sizes) * 3; i++) {
        layers_returned = false;
        body = (struct counted){.size = sizes[i / 3], .most = i % 3 == 2 ? 1000 : 0};
        const struct rig_result *result = rig_get(client, "/", .discard_body = i % 3 == 1);
        rig_assert(result, .status = 200);
        assert_true(result->body_size == body.size);
        for (size_t k = 0; k < (i % 3 == 1 ? 0 : result->body_size); k++) {
            assert_int_equal(result->body[k], counted_byte(k));
        }
        assert_int_equal(result->body[i % 3 == 1 ? 0 : result->body_size], '\0');
        assert_int_equal(body.closes, 1);
    }
    rig_client_free(client);
    rig_stack_free(stack);
}

/* A body of any size through memory that stays flat. */
static int streams_plainly(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_response_stream(res, source_of(&body));
}

static void test_discarded_stream_stays_flat(void **state)
{
    (void)state;
    struct rig_client *client =
        client_with(RIG_APP(streams_plainly), (struct rig_client_options){.memory_limit = 512 * 1024});
    body = (struct counted){.size = 8 << 20};
    const struct rig_result *result = rig_get(client, "/", .discard_body = true);
    rig_assert(result, .status = 200);
    assert_int_equal(result->body_size, 8 << 20);
    body = (struct counted){.size = 8 << 20};
    result = rig_get(client, "/"); /* kept, it does not fit: that is not passed off as the body */
    assert_true(result->error == -ENOMEM || result->unchecked);
    assert_int_equal(result->delivery.outcome, RIG_TRUNCATED);
    assert_int_equal(body.closes, 1);
    rig_client_free(client);
}

static int replaces_streams(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    assert_int_equal(rig_response_write(res, "written", 7), 0);
    assert_int_equal(rig_response_stream(res, source_of(&body)), 0);
    assert_int_equal(rig_response_stream(res, source_of(&other)), 0);
    assert_int_equal(body.closes, 1);
    assert_int_equal(rig_respond(res, .status = 200, .body = "last"), 0);
    assert_int_equal(other.closes, 1);
    assert_int_equal(rig_response_write(res, "!", 1), 0);
    return 0;
}

static void test_replaced_streams_are_closed(void **state)
{
    (void)state;
    body = other = (struct counted){.size = 5};
    struct rig_client *client = client_for(replaces_streams);
    rig_assert(rig_get(client, "/"), .status = 200, .body = "last!");
    assert_int_equal(body.closes + other.closes, 2);
    assert_int_equal(body.reads + other.reads, 0);
    rig_client_free(client);
}

static int streams_then_fails(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    assert_int_equal(rig_response_stream(res, source_of(&body)), 0);
    return -EIO;
}

static void test_stream_of_a_failed_request_is_closed_unpulled(void **state)
{
    (void)state;
    body = (struct counted){.size = 5};
    struct rig_client *client = client_for(streams_then_fails);
    rig_assert(rig_get(client, "/"), .status = 500, .error = -EIO, .body = "");
    assert_int_equal(body.closes, 1);
    assert_int_equal(body.reads, 0);
    rig_client_free(client);
}

static int streams_without_read(void *self, struct rig_env *env, struct rig_response *res)
{
    struct rig_source none = source_of(&body);
    (void)self, (void)env;
    none.read = NULL;
    assert_int_equal(rig_response_stream(res, none), -EINVAL);
    assert_int_equal(body.closes, 1);
    return rig_respond(res, .status = 200);
}

static void test_refused_stream_is_closed(void **state)
{
    (void)state;
    body = (struct counted){.size = 5};
    struct rig_client *client = client_for(streams_without_read);
    rig_assert(rig_get(client, "/"), .status = 200, .findings = {"usage.argument.null"});
    rig_client_free(client);
}

static void test_stream_that_breaks_off(void **state)
{
    (void)state;
    struct rig_client *client = client_for(streams_plainly);
    body = (struct counted){.size = 10, .fail_at = 5, .error = -EIO};
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200, .body = "abcd", .findings = {"body.stream.failed"});
    assert_int_equal(result->delivery.outcome, RIG_TRUNCATED);
    assert_int_equal(result->delivery.connection, RIG_CONNECTION_CLOSED);
    assert_int_equal(count_found(result, "body.stream.failed"), 1);
    assert_int_equal(body.closes, 1);
    rig_client_free(client);
}

static int64_t gives_too_much(void *self, void *buffer, size_t size)
{
    (void)self, (void)buffer;
    return self ? INT64_MIN : (int64_t)size + 1;
}

static int streams_impossible_error(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return rig_response_stream(res, (struct rig_source){.read = gives_too_much, .self = env});
}

static int streams_too_much(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_response_stream(res, (struct rig_source){.read = gives_too_much});
}

static void test_stream_that_gives_too_much(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct rig_client *client = client_for(i ? streams_impossible_error : streams_too_much);
        const struct rig_result *result = rig_get(client, "/");
        rig_assert(result, .status = 200, .body = "", .findings = {"usage.return.invalid", "body.stream.failed"});
        assert_int_equal(result->delivery.outcome, RIG_TRUNCATED);
        rig_client_free(client);
    }
}

/* ---- taking ---- */

static struct rig_source taken;

static int takes_written(void *self, struct rig_env *env, struct rig_response *res)
{
    char buffer[16];
    (void)self, (void)env;
    assert_int_equal(rig_respond(res, .status = 200, .body = "written"), 0);
    taken = rig_response_take_body(res);
    assert_int_equal(taken.read(taken.self, buffer, 3), 3);
    assert_memory_equal(buffer, "wri", 3);
    assert_int_equal(taken.read(taken.self, buffer, sizeof buffer), 4);
    assert_int_equal(taken.read(taken.self, buffer, sizeof buffer), 0);
    assert_int_equal(taken.rewind(taken.self), 0);
    assert_int_equal(taken.read(taken.self, buffer, sizeof buffer), 7);
    assert_memory_equal(buffer, "written", 7);
    taken.close(taken.self);
    struct rig_source none = rig_response_take_body(res); /* the response has none now */
    assert_non_null(none.read);
    assert_int_equal(none.read(none.self, buffer, sizeof buffer), 0);
    none.close(none.self);
    return rig_response_write(res, "own", 3);
}

static void test_take_written_body(void **state)
{
    char buffer[4];
    (void)state;
    struct rig_client *client = client_for(takes_written);
    rig_assert(rig_get(client, "/"), .status = 200, .body = "own");
    /* After the request it is told to be stale, by each of its functions. */
    assert_int_equal(taken.read(taken.self, buffer, sizeof buffer), -ESTALE);
    assert_int_equal(taken.rewind(taken.self), -ESTALE);
    taken.close(taken.self);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .body = "own", .findings = {"body.lifetime.stale"});
    assert_int_equal(count_found(result, "body.lifetime.stale"), 3);
    rig_client_free(client);
}

static int takes_stream(void *self, struct rig_env *env, struct rig_response *res)
{
    char buffer[16];
    (void)self, (void)env;
    assert_int_equal(rig_response_stream(res, source_of(&body)), 0);
    taken = rig_response_take_body(res);
    assert_int_equal(taken.read(taken.self, buffer, 4), 4);
    assert_int_equal(taken.rewind(taken.self), 0);
    assert_int_equal(body.rewinds, 1);
    assert_int_equal(taken.read(taken.self, buffer, 4), 4);
    assert_memory_equal(buffer, "abcd", 4);
    assert_int_equal(body.closes, 0);
    taken.close(taken.self);
    assert_int_equal(body.closes, 1);
    assert_int_equal(taken.read(taken.self, buffer, 4), -EINVAL); /* and a finding */
    struct rig_source once = source_of(&other);
    once.rewind = NULL;
    assert_int_equal(rig_response_stream(res, once), 0);
    taken = rig_response_take_body(res);
    assert_int_equal(taken.rewind(taken.self), -ESPIPE);
    taken.close(taken.self);
    return rig_respond(res, .status = 200, .body = "own");
}

static void test_take_stream(void **state)
{
    (void)state;
    body = other = (struct counted){.size = 10};
    struct rig_client *client = client_for(takes_stream);
    rig_assert(rig_get(client, "/"), .status = 200, .body = "own", .findings = {"body.used_after_close"});
    assert_int_equal(body.closes, 1);
    assert_int_equal(other.closes, 1);
    rig_client_free(client);
}

/* Upper case, around any body: the wrapper closes what it took. */
struct wrapper {
    struct rig_source inner;
    unsigned closes;
};
static struct wrapper wrappers[2];

static int64_t wrapper_read(void *self, void *buffer, size_t size)
{
    struct wrapper *wrapper = self;
    int64_t got = wrapper->inner.read(wrapper->inner.self, buffer, size);
    for (int64_t i = 0; i < got; i++) {
        char *c = (char *)buffer + i;
        *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c + 1);
    }
    return got;
}

static void wrapper_close(void *self)
{
    struct wrapper *wrapper = self;
    wrapper->closes++;
    wrapper->inner.close(wrapper->inner.self);
}

static int wraps(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct wrapper **wrapper = self;
    int error = rig_next(next, env, res);
    (*wrapper)->inner = rig_response_take_body(res);
    assert_non_null((*wrapper)->inner.read);
    return error ? error
                 : rig_response_stream(
                       res, (struct rig_source){.read = wrapper_read, .close = wrapper_close, .self = *wrapper});
}
static const struct rig_middleware wraps_layer = {
    .name = "wraps", .call = wraps, .self_size = sizeof(struct wrapper *)};

static int answers_either_way(void *self, struct rig_env *env, struct rig_response *res)
{
    bool written = strcmp(rig_env_get(env, "PATH_INFO"), "/written") == 0;
    (void)self;
    return written ? rig_respond(res, .status = 200, .body = "abcde") : rig_response_stream(res, source_of(&body));
}

static void test_wrapped_twice(void **state)
{
    static const char *const targets[] = {"/written", "/streamed"};
    (void)state;
    struct rig_stack *stack = stack_new();
    struct wrapper *outer = &wrappers[0], *inner = &wrappers[1];
    assert_int_equal(rig_use(stack, &wraps_layer, &outer), 0);
    assert_int_equal(rig_use(stack, &wraps_layer, &inner), 0);
    assert_int_equal(rig_run(stack, RIG_APP(answers_either_way)), 0);
    struct rig_client *client = client_with(rig_stack_app(stack), (struct rig_client_options){.now = 0});
    for (size_t i = 0; i < COUNT(targets); i++) {
        memset(wrappers, 0, sizeof wrappers);
        body = (struct counted){.size = 5};
        rig_assert(rig_get(client, targets[i]), .status = 200, .body = "BCDEF"); /* each has been at every byte */
        assert_int_equal(outer->closes, 1);
        assert_int_equal(inner->closes, 1);
        assert_int_equal(body.closes, i);
    }
    rig_client_free(client);
    rig_stack_free(stack);
}

static int takes_and_forgets(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    assert_int_equal(rig_response_stream(res, source_of(&body)), 0);
    (void)rig_response_take_body(res);
    return rig_respond(res, .status = 200, .body = "own");
}

static void test_forgotten_body_is_closed_at_the_end(void **state)
{
    (void)state;
    body = (struct counted){.size = 5};
    struct rig_client *client = client_for(takes_and_forgets);
    rig_assert(rig_get(client, "/"), .body = "own", .findings = {"middleware.inner_body_not_closed"});
    assert_int_equal(body.closes, 1);
    rig_client_free(client);
}

/* ---- sub-requests ---- */

static int asks_and_answers(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    struct rig_response *below = rig_subrequest(next, rig_env_copy(env));
    assert_non_null(below);
    assert_true(rig_response_serial(below) != rig_response_serial(res));
    return rig_respond(res, .status = 200, .body = "above");
}
LAYER(asks_and_answers);

static void test_body_of_a_subrequest_is_closed_unpulled(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_new();
    assert_int_equal(rig_use(stack, &asks_and_answers_layer), 0);
    assert_int_equal(rig_run(stack, RIG_APP(streams_plainly)), 0);
    struct rig_client *client = client_with(rig_stack_app(stack), (struct rig_client_options){.now = 0});
    body = (struct counted){.size = 5};
    rig_assert(rig_get(client, "/"), .status = 200, .body = "above");
    assert_int_equal(body.closes, 1);
    assert_int_equal(body.reads, 0);
    rig_client_free(client);
    rig_stack_free(stack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stream_is_pulled_after_the_layers),
        cmocka_unit_test(test_discarded_stream_stays_flat),
        cmocka_unit_test(test_replaced_streams_are_closed),
        cmocka_unit_test(test_stream_of_a_failed_request_is_closed_unpulled),
        cmocka_unit_test(test_refused_stream_is_closed),
        cmocka_unit_test(test_stream_that_breaks_off),
        cmocka_unit_test(test_stream_that_gives_too_much),
        cmocka_unit_test(test_take_written_body),
        cmocka_unit_test(test_take_stream),
        cmocka_unit_test(test_wrapped_twice),
        cmocka_unit_test(test_forgotten_body_is_closed_at_the_end),
        cmocka_unit_test(test_body_of_a_subrequest_is_closed_unpulled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
