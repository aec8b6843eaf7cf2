/* The seam for adapters: the body that a framework reads ahead, the answer that it sends before its handler returns. */
#include "tests/unit/foreign_test.h"

/* ---- the body ---- */

static size_t reads, ahead; /* of the body: read by the layer, in its framework's buffer */

static int reads_ahead(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char buffer[64];
    struct rig_visit *layer = enter(env, res, "buffered", NULL);
    int64_t got = 0, all = 0;
    while ((size_t)all < ahead && (got = rig_foreign_fill(env, buffer + all, ahead - (size_t)all)) > 0) {
        all += got;
    }
    assert_true(got >= 0);
    assert_memory_equal(buffer, "0123456789", (size_t)all);
    assert_int_equal(rig_foreign_read(RIG_SITE, env, reads), 0);
    if (got == 0 && reads == (size_t)all) {
        assert_int_equal(rig_foreign_read(RIG_SITE, env, 0), 0);
    }
    (void)rig_respond(res, .status = 401);
    return rig_foreign_leave(layer, 0);
}

static void expect_unread(struct rig_request request, size_t takes, size_t buffers, uint64_t unread)
{
    reads = takes;
    ahead = buffers;
    struct rig_client *client =
        client_with((struct rig_app){.name = "app", .call = reads_ahead}, (struct rig_client_options){0});
    const struct rig_result *result = rig_send(client, request);
    assert_int_equal(result->delivery.unread, unread);
    assert_int_equal(result->hops[1].body.read, takes);
    assert_int_equal(count_found(result, "input.early_answer.unread"), unread > 0);
    if (unread > 0) {
        assert_string_equal(result->findings[0].layer, "buffered");
        rig_assert(result, .status = 401, .findings = {"input.early_answer.unread"});
    } else {
        rig_assert(result, .status = 401);
    }
    rig_client_free(client);
}

static void test_body_read_ahead(void **state)
{
    (void)state;
    static const size_t pieces[] = {4, 3};
    struct rig_request post = RIG_POST("/", .body = "0123456789"), chunked = post;
    chunked.chunked = true;
    chunked.pieces = pieces;
    chunked.piece_count = 2;
    expect_unread(post, 0, 10, 10); /* all in the buffer, nobody read it */
    expect_unread(post, 3, 10, 7);
    expect_unread(post, 10, 10, 0);
    expect_unread(post, 10, 20, 0);
    expect_unread(chunked, 6, 7, 4);
    expect_unread(chunked, 10, 20, 0);
}

static int reads_too_much(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char buffer[4];
    assert_int_equal(rig_foreign_fill(env, buffer, sizeof buffer), 4);
    assert_int_equal(rig_foreign_read("x.c:9", env, 5), -EINVAL);
    assert_int_equal(rig_foreign_fill(env, NULL, 1), -EINVAL);
    rig_input_drain(rig_env_input(env), 100);
    return rig_respond(res, .status = 200);
}

static void test_more_read_than_there_is(void **state)
{
    (void)state;
    struct rig_client *client = client_for(reads_too_much);
    rig_assert(rig_post(client, "/", .body = "0123456789"), .findings = {"usage.argument.invalid"});
    rig_client_free(client);
}

/* ---- the answer ---- */

static unsigned events;

static void note(void *closure)
{
    events = events * 10 + *(const unsigned *)closure;
}

static int64_t no_more(void *self, void *buffer, size_t size)
{
    (void)self, (void)buffer, (void)size;
    return 0;
}

static const unsigned one = 1, two = 2, three = 3;

static void closes(void *self)
{
    (void)self;
    note((void *)(uintptr_t)&three);
}

static int goes_out(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    assert_int_equal(rig_foreign_when_out(env, note, (void *)(uintptr_t)&one), 0);
    assert_int_equal(rig_foreign_when_out(env, note, (void *)(uintptr_t)&two), 0);
    assert_int_equal(rig_foreign_when_out(env, NULL, NULL), -EINVAL);
    (void)rig_respond(res, .status = 200);
    (void)rig_response_stream(res, ((struct rig_source){.read = no_more, .close = closes}));
    assert_int_equal(rig_foreign_out(RIG_SITE, res), 0);
    assert_int_equal(rig_response_set_header(res, "A", "b"), -ESTALE);
    return 0;
}

static void test_answer_is_out(void **state)
{
    (void)state;
    struct rig_client *client = client_for(goes_out);
    events = 0;
    const struct rig_result *result = rig_get(client, "/");
    assert_int_equal(events, 321); /* the body was closed first */
    assert_int_equal(result->header_count, 0);
    rig_assert(result, .status = 200, .findings = {"response.lifetime.stale"});
    rig_env_close(client, rig_env_for(client, RIG_GET("/")));
    assert_int_equal(events, 321);
    rig_client_free(client);
}

static int hangs_up(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    assert_int_equal(rig_foreign_hang_up(env), 0);
    (void)rig_respond(res, .status = 200);
    return -ECONNABORTED;
}

/* Closed without a word: nothing of the body is left on it, nothing comes of it. */
static void test_hung_up(void **state)
{
    (void)state;
    struct rig_client *client = client_with((struct rig_app){.call = hangs_up}, (struct rig_client_options){0});
    const struct rig_result *result = rig_post(client, "/", .body = "0123456789");
    rig_assert(result, .status = 500, .error = -ECONNABORTED);
    assert_int_equal(result->delivery.outcome, RIG_CLOSED);
    assert_int_equal(result->delivery.status, 0);
    assert_int_equal(result->delivery.connection, RIG_CONNECTION_CLOSED);
    assert_int_equal(result->exchange_count, 1);
    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_body_read_ahead),
        cmocka_unit_test(test_more_read_than_there_is),
        cmocka_unit_test(test_answer_is_out),
        cmocka_unit_test(test_hung_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
