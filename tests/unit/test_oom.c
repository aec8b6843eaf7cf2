/* Out of memory: the 1st, 2nd, 3rd ... piece is refused, malloc's or the arena's, until none is. Whatever failed says
 * so, nothing leaks or ends twice, and the same client goes on. */
#include "tests/unit/core_test.h"

/* ---- memory that runs out ---- */

enum level { MALLOC, ARENA };

struct ration {
    size_t asked, fail_at; /* counted from 1; 0: never */
    bool from_then_on;
    long held;
};

static bool refuses(struct ration *ration)
{
    ration->asked++;
    return ration->fail_at > 0 &&
           (ration->asked == ration->fail_at || (ration->from_then_on && ration->asked > ration->fail_at));
}

static void *plain_alloc(void *self, size_t size)
{
    void *memory = malloc(size);
    ((struct ration *)self)->held += memory != NULL;
    return memory;
}

static void *rationed_alloc(void *self, size_t size)
{
    return refuses(self) ? NULL : plain_alloc(self, size);
}

static bool rationed_admit(void *self, size_t size)
{
    (void)size;
    return !refuses(self);
}

static void plain_release(void *self, void *memory)
{
    ((struct ration *)self)->held--;
    free(memory);
}

/* admit sees each piece that is cut, and malloc's; alloc sees malloc's alone, while arenas cut freely. */
static struct rig_allocator rationed(struct ration *ration, enum level level)
{
    return (struct rig_allocator){.alloc = level == MALLOC ? rationed_alloc : plain_alloc,
                                  .release = plain_release,
                                  .admit = level == ARENA ? rationed_admit : NULL,
                                  .self = ration};
}

/* ---- five layers and an app that use everything, and pass on what fails ---- */

static long live_objects, live_sources; /* objects that were set, sources that were handed over: not yet ended */

static void end_object(void *object)
{
    (void)object;
    live_objects--;
}

static void close_source(void *self)
{
    (void)self;
    live_sources--;
}

static int64_t read_text(void *self, void *buffer, size_t size)
{
    const char **text = self;
    size_t left = strlen(*text) < 3 ? strlen(*text) : 3; /* in several chunks */
    size = size < left ? size : left;
    memcpy(buffer, *text, size);
    *text += size;
    return (int64_t)size;
}

static int request_id(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_response_set_header(res, "X-Request-Id", rig_env_get(env, "HTTP_X_REQUEST_ID"));
    error = error ? error : rig_env_log(env, "request %s", rig_env_get(env, "HTTP_X_REQUEST_ID"));
    error = error ? error : rig_next(next, env, res);
    return error ? error : rig_response_add_header_bytes(res, "Via", "request_id", 10);
}

static int sets_objects(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    static const char *const names[] = {"o.first", "o.second"};
    int error = *(int *)self == 7 ? 0 : -EINVAL;
    for (size_t i = 0; i < 2 && !error; i++) {
        void *object = rig_env_alloc(env, 16);
        error = object ? rig_env_set_object(env, names[i], object, end_object) : -ENOMEM;
        live_objects += error == 0;
    }
    return error ? error : rig_next(next, env, res);
}

static int sets_objects_init(void *self, const void *options)
{
    *(int *)self = *(const int *)options;
    return 0;
}

static int asks_first(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    struct rig_env *copy = rig_env_copy(env);
    if (!copy || rig_env_set(copy, "PATH_INFO", "/probe") != 0) {
        return -ENOMEM;
    }
    struct rig_response *below = rig_subrequest(next, copy);
    if (!below || rig_response_error(below) != 0) {
        return below ? rig_response_error(below) : -ENOMEM;
    }
    return rig_response_status(below) == 204 ? rig_next(next, env, res) : -EPROTO;
}

static int wraps(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    if (error != 0 || rig_response_status(res) == 204) {
        return error;
    }
    struct rig_source inner = rig_response_take_body(res); /* passed on as it is: closed with what it becomes */
    return inner.read ? rig_response_stream(res, inner) : -ENOMEM;
}

static int misuses(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return rig_env_set(env, "", "a finding") == -EINVAL ? rig_next(next, env, res) : -EPROTO;
}

static int writes_pieces(struct rig_env *env, struct rig_response *res)
{
    int error = rig_env_log_write(env, "piece by piece", 14);
    for (int i = 0; i < 3 && !error; i++) {
        error = rig_response_write(res, "piece", 5);
    }
    return error;
}

static int answers(void *self, struct rig_env *env, struct rig_response *res)
{
    static const char *text;
    const char *path = rig_env_get(env, "PATH_INFO");
    (void)self;
    if (strcmp(path, "/probe") == 0) {
        return rig_response_set_status(res, 204);
    }
    if (strcmp(path, "/leave") == 0) {
        return rig_respond(res, .status = 401);
    }
    if (strcmp(path, "/pieces") == 0) {
        return writes_pieces(env, res);
    }
    struct rig_bytes body;
    int error = rig_input_all(rig_env_input(env), 1000, &body);
    error =
        error ? error
              : rig_respond(res, .status = 200, .headers = {{"A", "a"}, {"Length", "long"}}, .body = "to be replaced");
    error = error ? error : rig_response_file(res, "/dev/null");
    if (error == 0) {
        text = "streamed";
        live_sources++;
        error = rig_response_stream(res, (struct rig_source){.read = read_text, .close = close_source, .self = &text});
    }
    return error;
}

static const struct rig_middleware layers[] = {
    {.name = "request_id", .call = request_id},
    {.name = "sets_objects", .call = sets_objects, .self_size = sizeof(int), .init = sets_objects_init},
    {.name = "asks_first", .call = asks_first},
    {.name = "wraps", .call = wraps},
    {.name = "misuses", .call = misuses},
};

/* 0, or the first error. */
static int build(struct rig_stack *stack, struct rig_allocator allocator)
{
    static const int seven = 7;
    int error = 0;
    for (size_t i = 0; i < COUNT(layers) && !error; i++) {
        error = rig_use(stack, &layers[i], i == 1 ? &seven : NULL, .name = i == 2 ? "renamed" : NULL,
                        .ignore = {i == 4 ? "body.*" : NULL}, .enable = {i == 4 ? "env.log.written" : NULL});
    }
    struct rig_stack *inner = error ? NULL : rig_stack_new((struct rig_stack_options){.allocator = allocator});
    error = error ? error : inner ? rig_run(inner, RIG_APP(answers)) : -ENOMEM;
    error = error ? error : rig_map(stack, "http://example.org/mapped", inner);
    return error ? error : rig_run(stack, RIG_APP(answers));
}

/* ---- what is sent ---- */

static const struct rig_result *send_post(struct rig_client *client)
{
    return rig_post(client, "/items?x=1", .body = "a body",
                    .headers = {{"X-Request-Id", "42"}, {"Cookie", "a=1"}, {"Cookie", "b=2"}, {"Accept", "*/*"}},
                    .params = {{NULL, NULL}}, .env = {{"extra", "x"}});
}

static const struct rig_result *send_form(struct rig_client *client)
{
    static const struct rig_part parts[] = {{.name = "a", .body = "b"}};
    return rig_post(client, "/mapped/x", .parts = parts, .part_count = 1, .headers = {{"X-Request-Id", "43"}},
                    .ignore = {"usage.argument.invalid"}, .enable = {"env.log.written"});
}

static const struct rig_result *send_source(struct rig_client *client)
{
    static const char *text;
    text = "from a source";
    live_sources++;
    return rig_post(client, "/", .source = {.read = read_text, .close = close_source, .self = &text},
                    .headers = {{"X-Request-Id", "44"}}, .chunked = true);
}

static const struct rig_result *send_smuggler(struct rig_client *client)
{
    return rig_post(client, "/leave", .body = "GET /x HTTP/1.1\r\nHost: y\r\nX-Request-Id: 45\r\n\r\nGET",
                    .headers = {{"X-Request-Id", "45"}});
}

static const struct rig_result *send_malformed(struct rig_client *client)
{
    return rig_put(client, "/", .params = {{"a", "b"}}, .headers = {{"X-Request-Id", "46"}}, .chunked = true,
                   .malformed = true);
}

static const struct rig_result *send_raw(struct rig_client *client)
{
    static const char text[] = "POST /a HTTP/1.1\r\nHost: x\r\nX-Request-Id: 47\r\nContent-Length: 5\r\n\r\nabcde"
                               "GET /b HTTP/1.1\r\nHost: x\r\nX-Request-Id: 48\r\n\r\nbroken";
    return rig_send_raw(client, text, sizeof text - 1);
}

/* Bodies that break off, in chunks that nobody reads, in a query, and nothing at all. */
static const struct rig_result *send_cut(struct rig_client *client)
{
    static const char text[] =
        "POST / HTTP/1.1\r\nHost: x\r\nX-Request-Id: 50\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab";
    return rig_send_raw(client, text, sizeof text - 1);
}

static const struct rig_result *send_unread_source(struct rig_client *client)
{
    static const size_t pieces[] = {3, 2};
    static const char *text;
    text = "nobody reads this, and it stays on the connection";
    live_sources++;
    return rig_post(client, "/leave", .source = {.read = read_text, .close = close_source, .self = &text},
                    .headers = {{"X-Request-Id", "51"}}, .pieces = pieces, .piece_count = 2);
}

static const struct rig_result *send_query(struct rig_client *client)
{
    return rig_get(client, "/?a", .params = {{"b", "c"}}, .headers = {{"X-Request-Id", "52"}});
}

static const struct rig_result *send_malformed_query(struct rig_client *client)
{
    return rig_get(client, "/?a", .params = {{"b", "c"}}, .headers = {{"X-Request-Id", "53"}}, .malformed = true);
}

static const struct rig_result *send_for_pieces(struct rig_client *client)
{
    return rig_get(client, "/pieces", .headers = {{"X-Request-Id", "54"}});
}

/* Nested params, a file on disk, a type that lacks its boundary, a target that is put together. */
static const struct rig_result *send_upload(struct rig_client *client)
{
    static const struct rig_part file = {.path = __FILE__};
    const struct rig_param params[] = {RIG_PARAM_MAP_OF("a", {.name = "b", .value = "c"}),
                                       RIG_PARAM_LIST_OF("f", {.file = &file})};
    static const struct rig_field env[] = {{"extra", "x"}};
    return rig_send(client,
                    (struct rig_request){.method = "put",
                                         .target = "//user@example.org:81/leave?a#b",
                                         .http_version = "HTTP/2",
                                         .headers = {{"X-Request-Id", "54"}, {"Content-Type", "multipart/mixed"}},
                                         .params = {{"d", "e"}},
                                         .param_list = params,
                                         .param_count = 2,
                                         .query_list = params,
                                         .query_count = 1,
                                         .env_list = env,
                                         .env_count = 1});
}

static const struct rig_result *send_nothing(struct rig_client *client)
{
    return rig_send_raw(client, "", 0);
}

static const struct rig_result *call_env(struct rig_client *client)
{
    static const size_t pieces[] = {2, 1};
    struct rig_env *env = rig_env_for(client, RIG_POST("/x", .body = "abcde", .pieces = pieces, .piece_count = 2,
                                                       .headers = {{"X-Request-Id", "49"}}, .ignore = {"body.*"}));
    return env ? rig_call(client, env) : NULL;
}

typedef const struct rig_result *send_fn(struct rig_client *client);

static send_fn *const sends[] = {
    send_post, send_form,          send_source, send_smuggler,        send_malformed, send_raw,        call_env,
    send_cut,  send_unread_source, send_query,  send_malformed_query, send_nothing,   send_for_pieces, send_upload};

/* What a result was when nothing failed. */
struct digest {
    int status, error;
    size_t body_size, chunks, headers, findings, exchanges, hops, suppressed;
    int last_status;
    char body[32], log[256];
};

static struct digest digest_of(const struct rig_result *result)
{
    struct digest digest;
    memset(&digest, 0, sizeof digest);
    digest.status = result->status;
    digest.error = result->error;
    digest.body_size = result->body_size;
    digest.chunks = result->chunk_count;
    digest.headers = result->header_count;
    digest.findings = result->finding_count;
    digest.exchanges = result->exchange_count;
    digest.hops = result->hop_count;
    digest.suppressed = result->suppressed_count;
    digest.last_status = result->exchange_count ? result->exchanges[result->exchange_count - 1].status : 0;
    (void)snprintf(digest.body, sizeof digest.body, "%s", result->body);
    (void)snprintf(digest.log, sizeof digest.log, "%s", result->log);
    return digest;
}

static struct digest expected[COUNT(sends)];

static bool same_digest(const struct digest *a, const struct digest *b)
{
    return a->status == b->status && a->error == b->error && a->body_size == b->body_size && a->chunks == b->chunks &&
           a->headers == b->headers && a->findings == b->findings && a->exchanges == b->exchanges &&
           a->hops == b->hops && a->suppressed == b->suppressed && a->last_status == b->last_status &&
           strcmp(a->body, b->body) == 0 && strcmp(a->log, b->log) == 0;
}

/* Whole and right, or it says that it is not. Which of the two. */
static bool expect_honest(size_t which, const struct rig_result *result, size_t piece)
{
    struct digest got = digest_of(result);
    bool right = same_digest(&got, &expected[which]);
    if (!right && result->error != -ENOMEM && !result->unchecked) {
        fail_msg(
            "piece %zu, send %zu: silently wrong: status %d, error %d, body \"%s\", %zu headers, %zu findings, %zu "
            "exchanges, %zu hops, last %d; expected %d, %d, \"%s\", %zu, %zu, %zu, %zu, %d",
            piece, which, got.status, got.error, got.body, got.headers, got.findings, got.exchanges, got.hops,
            got.last_status, expected[which].status, expected[which].error, expected[which].body,
            expected[which].headers, expected[which].findings, expected[which].exchanges, expected[which].hops,
            expected[which].last_status);
    }
    return right;
}

static void expect_nothing_live(size_t piece)
{
    if (live_objects != 0 || live_sources != 0) {
        fail_msg("piece %zu: %ld objects and %ld sources have not ended once", piece, live_objects, live_sources);
    }
}

static void send_all(struct rig_client *client, struct ration *ration)
{
    for (size_t i = 0; i < COUNT(sends); i++) {
        const struct rig_result *result = sends[i](client);
        if (result) {
            (void)expect_honest(i, result, ration->fail_at);
        } else {
            assert_true(ration->fail_at > 0 && ration->asked >= ration->fail_at); /* an env that could not be had */
        }
        expect_nothing_live(ration->fail_at);
        if (ration->asked >= ration->fail_at && ration->fail_at > 0 && !ration->from_then_on) {
            ration->fail_at = 0; /* a further send on the same client is whole */
            assert_true(expect_honest(i, sends[i](client), 0));
            return;
        }
    }
}

/* One stack and one client, from building to freeing. False: nothing was refused any more. */
static bool run_once(enum level level, size_t piece, bool from_then_on)
{
    struct ration ration = {.fail_at = piece, .from_then_on = from_then_on};
    struct rig_allocator allocator = rationed(&ration, level);
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){.name = "five", .allocator = allocator});
    int error = stack ? build(stack, allocator) : -ENOMEM;
    assert_true(error == 0 || error == -ENOMEM);
    struct rig_client *client =
        stack
            ? rig_client_new(rig_stack_app(stack), (struct rig_client_options){.headers = {{"User-Agent", "oom"}},
                                                                               .ignore = {"input.early_answer.unread"},
                                                                               .allocator = allocator})
            : NULL;
    if (client && error != 0) { /* a stack that is not whole does not run, and says why */
        ration.fail_at = 0;
        const struct rig_result *result = rig_get(client, "/");
        assert_int_equal(result->error, -EINVAL);
        assert_true(result->finding_count > 0);
    } else if (client) {
        send_all(client, &ration);
    }
    if (client) {
        ration.fail_at = 0;
        rig_client_reset(client);
        assert_true(error != 0 || expect_honest(0, send_post(client), 0));
        (void)rig_client_close(client, NULL, 0);
    }
    rig_stack_free(stack);
    expect_nothing_live(piece);
    assert_int_equal(ration.held, 0);
    return ration.asked >= piece;
}

static void learn_what_is_right(void)
{
    struct rig_stack *stack = stack_new();
    assert_int_equal(build(stack, (struct rig_allocator){.alloc = NULL}), 0);
    struct rig_client *client =
        client_with(rig_stack_app(stack), (struct rig_client_options){.headers = {{"User-Agent", "oom"}},
                                                                      .ignore = {"input.early_answer.unread"}});
    for (size_t i = 0; i < COUNT(sends); i++) {
        const struct rig_result *result = sends[i](client);
        assert_non_null(result);
        assert_false(result->unchecked);
        expected[i] = digest_of(result);
        if (i >= 7) {
            continue;
        }
        assert_int_equal(result->error, 0);
        assert_string_equal(result->body, result->status == 401 ? "" : "streamed");
        assert_int_equal(result->header_count, result->status == 401 ? 2 : 4);
        assert_true(i == 1 ? result->finding_count == 1 : count_found(result, "usage.argument.invalid") >= 1);
        assert_int_equal(result->exchange_count, i == 3 || i == 5 ? 3 : 1);
    }
    (void)rig_client_close(client, NULL, 0);
    rig_stack_free(stack);
}

static void run_until_nothing_is_refused(enum level level, bool from_then_on)
{
    size_t piece = 1;
    learn_what_is_right();
    while (run_once(level, piece, from_then_on)) {
        piece++;
    }
    assert_true(piece > (level == ARENA ? 200 : 20)); /* it was not over at once */
}

static void test_each_malloc(void **state)
{
    (void)state;
    run_until_nothing_is_refused(MALLOC, false);
}

static void test_each_piece(void **state)
{
    (void)state;
    run_until_nothing_is_refused(ARENA, false);
}

static void test_each_malloc_and_all_after_it(void **state)
{
    (void)state;
    run_until_nothing_is_refused(MALLOC, true);
}

static void test_each_piece_and_all_after_it(void **state)
{
    (void)state;
    run_until_nothing_is_refused(ARENA, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_malloc),
        cmocka_unit_test(test_each_piece),
        cmocka_unit_test(test_each_malloc_and_all_after_it),
        cmocka_unit_test(test_each_piece_and_all_after_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
