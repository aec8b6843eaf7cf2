/* The life of requests: serials, quarantine, memory that is not reused too soon, nested sends, jumps, results. */
#include "tests/unit/core_test.h"

#include "harness/core/run.h"

/* ---- serials ---- */

static struct {
    uint64_t env, response;
} serials[256];
static unsigned serial_count;

static int notes_serials(void *self, struct rig_env *env, struct rig_response *res)
{
    assert_true(serial_count < COUNT(serials));
    serials[serial_count].env = rig_env_serial(env);
    serials[serial_count++].response = rig_response_serial(res);
    return answer_ok(self, env, res);
}

static void test_serials_are_never_used_twice(void **state)
{
    (void)state;
    serial_count = 0;
    struct rig_client *client = client_for(notes_serials), *twin = client_for(notes_serials);
    uint64_t last = 0;
    for (unsigned i = 0; i < 100; i++) {
        const struct rig_result *result = rig_get(client, "/");
        rig_assert(result, .status = 200);
        assert_true(result->env_id == serials[i].env);
        assert_true(result->hops[0].response_id == serials[i].response);
        assert_true(serials[i].env > last && serials[i].response > last);
        assert_true(serials[i].env != serials[i].response);
        last = serials[i].env > serials[i].response ? serials[i].env : serials[i].response;
    }
    for (unsigned i = 0; i < 100; i++) { /* the same transcript from another client: no addresses, no clock */
        rig_assert(rig_get(twin, "/"), .status = 200);
        assert_true(serials[100 + i].env == serials[i].env);
        assert_true(serials[100 + i].response == serials[i].response);
    }
    rig_client_free(client);
    rig_client_free(twin);
}

/* ---- quarantine ---- */

static struct rig_env *kept_env;
static uint64_t kept_serial;

static int keeps_env(void *self, struct rig_env *env, struct rig_response *res)
{
    if (!kept_env) {
        kept_env = env;
        kept_serial = rig_env_serial(env);
    }
    assert_int_equal(rig_env_set(env, "a", "b"), 0);
    return answer_ok(self, env, res);
}

/* 64 requests later, the env is still told to be stale, by its own serial. */
static void test_quarantine(void **state)
{
    (void)state;
    struct rig_client *client = client_for(keeps_env);
    kept_env = NULL;
    rig_assert(rig_get(client, "/"), .status = 200);
    for (unsigned i = 0; i < 63; i++) {
        char expected[32];
        assert_null(rig_env_get(kept_env, "a"));
        const struct rig_result *result = rig_get(client, "/");
        rig_assert(result, .status = 200, .findings = {"env.lifetime.stale"});
        (void)snprintf(expected, sizeof expected, "env#%llu", (unsigned long long)kept_serial);
        assert_non_null(strstr(result->findings[0].message, expected));
        assert_true(rig_env_serial(kept_env) == kept_serial);
    }
    rig_client_free(client);
}

/* ---- what has ended is filled with a pattern, and poisoned where there is ASan ---- */

extern int __asan_address_is_poisoned(void const volatile *address) __attribute__((weak));

static struct rig_env *ended_env;
static const char *ended_value;
static char *ended_piece;

static int leaves_pointers(void *self, struct rig_env *env, struct rig_response *res)
{
    assert_int_equal(rig_env_set(env, "a", "value"), 0);
    ended_env = env;
    ended_value = rig_env_get(env, "a");
    ended_piece = rig_env_alloc(env, 13);
    assert_true(!__asan_address_is_poisoned ||
                (!__asan_address_is_poisoned(ended_piece + 12) && __asan_address_is_poisoned(ended_piece + 13)));
    return answer_ok(self, env, res);
}

static void test_what_has_ended_is_filled(void **state)
{
    (void)state;
    struct rig_client *client = client_for(leaves_pointers);
    rig_assert(rig_get(client, "/"), .status = 200);
    if (__asan_address_is_poisoned) {
        assert_true(__asan_address_is_poisoned(ended_value));
        assert_true(__asan_address_is_poisoned(ended_piece));
        assert_true(__asan_address_is_poisoned(&ended_env->count));
    } else {
        assert_int_equal(ended_env->count, 0xA5A5A5A5);
    }
    assert_true(rig_env_serial(ended_env) != 0); /* who it was can still be told */
    rig_client_free(client);
}

static const struct rig_next *ended_next;

static int leaves_next(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    ended_next = next;
    return rig_next(next, env, res);
}

static void test_a_next_that_has_ended_is_filled(void **state)
{
    (void)state;
    static const struct rig_middleware leaves = {.name = "leaves", .call = leaves_next};
    struct rig_stack *stack = stack_new();
    rig_use(stack, &leaves);
    rig_run(stack, RIG_APP(answer_ok));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    rig_assert(rig_get(client, "/"), .status = 200);
    if (!__asan_address_is_poisoned) {
        assert_int_equal(ended_next->hop, 0xA5A5A5A5);
    }
    rig_client_free(client);
    rig_stack_free(stack);
}

static unsigned taken_again;

static int looks_at_env(void *self, struct rig_env *env, struct rig_response *res)
{
    taken_again += env == ended_env;
    assert_true(env->copied_from == 0 && !env->subrequest);
    ended_env = ended_env ? ended_env : env;
    return answer_ok(self, env, res);
}

/* Whatever was written into it since it had ended. */
static void test_what_is_taken_again_is_empty(void **state)
{
    (void)state;
    struct rig_client *client = client_for(looks_at_env);
    ended_env = NULL;
    rig_assert(rig_get(client, "/"), .status = 200);
    if (!__asan_address_is_poisoned) {
        ended_env->copied_from = 1;
        ended_env->subrequest = true;
    }
    for (unsigned i = 0; i < 2 * RIG_QUARANTINE; i++) {
        rig_assert(rig_get(client, "/"), .status = 200);
    }
    assert_int_equal(taken_again, 1);
    rig_client_free(client);
}

/* ---- memory ---- */

static const char *kept_values[8];
static unsigned request_number;

static int keeps_values(void *self, struct rig_env *env, struct rig_response *res)
{
    char value[64];
    (void)snprintf(value, sizeof value, "value of request %u", request_number);
    assert_int_equal(rig_env_set(env, "kept", value), 0);
    kept_values[request_number++ % COUNT(kept_values)] = rig_env_get(env, "kept");
    return answer_ok(self, env, res);
}

/* Four arenas in turn: a value kept too long is never the next request's. (Under ASan reading it would be a report.) */
static void test_arenas_rotate(void **state)
{
    (void)state;
    struct rig_client *client = client_for(keeps_values);
    request_number = 0;
    for (unsigned i = 0; i < 40; i++) {
        rig_assert(rig_get(client, "/"), .status = 200);
        for (unsigned back = 1; back <= 3 && back <= i && !__asan_address_is_poisoned; back++) {
            char expected[64];
            (void)snprintf(expected, sizeof expected, "value of request %u", i - back);
            assert_string_equal(kept_values[(i - back) % COUNT(kept_values)], expected);
        }
        for (unsigned back = 1; back <= 3 && back <= i; back++) {
            assert_ptr_not_equal(kept_values[i % COUNT(kept_values)], kept_values[(i - back) % COUNT(kept_values)]);
        }
    }
    rig_client_free(client);
}

static void test_memory_is_kept_and_does_not_grow(void **state)
{
    (void)state;
    struct rig_client *client = client_for(answer_body);
    uint64_t held = 0;
    assert_true(rig_client_memory(NULL) == 0);
    for (unsigned i = 0; i < 200; i++) {
        rig_assert(rig_post(client, "/", .body = "some body"), .status = 200, .body = "some body");
        rig_client_reset(client);
        held = i == 20 ? rig_client_memory(client) : held;
    }
    assert_true(rig_client_memory(client) == held);
    struct counted body = {.size = 4 << 20};
    const struct rig_result *result = rig_post(client, "/", .source = source_of(&body));
    rig_assert(result, .status = 200);
    assert_int_equal(result->body_size, 4 << 20);
    assert_true(rig_client_memory(client) > 4 << 20);
    rig_client_reset(client);
    assert_true(rig_client_memory(client) < 1 << 20); /* a large body's memory goes back */
    rig_client_free(client);
}

static void test_memory_limit(void **state)
{
    (void)state;
    struct rig_client *client =
        client_with(RIG_APP(answer_body), (struct rig_client_options){.memory_limit = 400000, .ignore = {"input.*"}});
    struct counted body = {.size = 1 << 20};
    rig_assert(rig_post(client, "/", .body = "ok"), .status = 200, .body = "ok");
    const struct rig_result *result = rig_post(client, "/", .source = source_of(&body));
    assert_int_equal(result->error, -ENOMEM);
    assert_true(rig_client_memory(client) <= 400000);
    rig_client_reset(client);
    rig_assert(rig_post(client, "/", .body = "ok"), .status = 200, .body = "ok"); /* and all is well again */
    rig_client_free(client);
}

/* ---- nested sends ---- */

struct nesting {
    struct rig_client *client;
    int depth, most;
    int errors[16];
};

static int sends_again(void *self, struct rig_env *env, struct rig_response *res)
{
    struct nesting *nesting = self;
    char mark[16], name[16] = "depth";
    int depth = nesting->depth++;
    (void)snprintf(mark, sizeof mark, "%d", depth);
    assert_int_equal(rig_env_set(env, name, mark), 0);
    if (depth < nesting->most) {
        const struct rig_result *inner = rig_get(nesting->client, "/");
        nesting->errors[depth] = inner->error;
        if (inner->error == 0) {
            rig_assert(inner, .status = 200,
                       .findings = {nesting->most == 8 && depth == 6 ? "usage.client.too_many_open" : NULL});
        }
    }
    assert_string_equal(rig_env_get(env, name), mark); /* this request is untouched by those inside it */
    nesting->depth--;
    return answer_ok(NULL, env, res);
}

static void test_nested_sends(void **state)
{
    (void)state;
    struct nesting nesting = {.most = 7};
    struct rig_client *client = nesting.client =
        client_with((struct rig_app){.name = "nesting", .call = sends_again, .self = &nesting},
                    (struct rig_client_options){.now = 0});
    for (unsigned i = 0; i < 5; i++) {
        rig_assert(rig_get(client, "/"), .status = 200); /* eight are open at once */
    }
    for (int i = 0; i < 7; i++) {
        assert_int_equal(nesting.errors[i], 0);
    }
    nesting.most = 8;
    const struct rig_result *result = rig_get(client, "/");
    assert_int_equal(nesting.errors[7], -EBUSY); /* the ninth */
    assert_int_equal(nesting.errors[6], 0);
    rig_assert(result, .status = 200);
    nesting.most = 2;
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_client_reset(client);
    rig_client_free(client);
}

/* ---- the client inside of its own request ---- */

static struct rig_client *own_client;
static bool frees;

static int ends_its_client(void *self, struct rig_env *env, struct rig_response *res)
{
    char message[64];
    if (frees) {
        assert_false(rig_client_close(own_client, message, sizeof message));
    } else {
        rig_client_reset(own_client);
    }
    return answer_ok(self, env, res);
}

static void test_reset_and_free_inside_a_request(void **state)
{
    (void)state;
    own_client = client_for(ends_its_client);
    for (int i = 0; i < 2; i++) {
        frees = i == 1;
        const struct rig_result *result = rig_get(own_client, "/");
        rig_assert(result, .status = 200, .findings = {"usage.client.busy"}); /* and it goes on */
        assert_string_equal(result->findings[0].layer, "app");
    }
    rig_client_free(own_client);
    rig_client_reset(NULL);
    char message[8];
    assert_false(rig_client_close(NULL, message, sizeof message));
}

/* The same through another client's request in between. */
static struct rig_client *other_client;

static int sends_with_the_other(void *self, struct rig_env *env, struct rig_response *res)
{
    rig_assert(rig_get(other_client, "/"), .status = 200, .findings = {"usage.client.busy"});
    return answer_ok(self, env, res);
}

static void test_free_inside_another_clients_request(void **state)
{
    (void)state;
    own_client = client_for(sends_with_the_other);
    other_client = client_for(ends_its_client);
    for (int i = 0; i < 2; i++) {
        frees = i == 1;
        rig_assert(rig_get(own_client, "/"), .status = 200);
    }
    rig_client_free(own_client);
    rig_client_free(other_client);
}

/* ---- results ---- */

static int answers_target(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    assert_int_equal(rig_env_log(env, "log of %s", rig_env_get(env, "PATH_INFO")), 0);
    return rig_respond(res, .status = 200, .headers = {{"X-Path", rig_env_get(env, "PATH_INFO")}},
                       .body = rig_env_get(env, "REQUEST_URI"));
}

static void test_results_live_on(void **state)
{
    (void)state;
    struct rig_client *client = client_for(answers_target);
    const struct rig_result *results[100];
    char target[32], expected[32];
    for (unsigned i = 0; i < COUNT(results); i++) {
        (void)snprintf(target, sizeof target, "/%u?q", i);
        results[i] = rig_get(client, target);
    }
    memset(target, '#', sizeof target); /* nothing of the request is kept */
    for (unsigned i = 0; i < COUNT(results); i++) {
        (void)snprintf(expected, sizeof expected, "/%u?q", i);
        assert_string_equal(results[i]->body, expected);
        assert_string_equal(results[i]->target, expected);
        assert_string_equal(results[i]->method, "GET");
        assert_string_equal(results[i]->exchanges[0].target, expected);
        assert_non_null(strstr(results[i]->site, "test_run.c:"));
        expected[strlen(expected) - 2] = '\0';
        assert_string_equal(rig_result_header(results[i], "x-path"), expected);
        assert_string_equal(results[i]->log + strlen("log of "), strcat(expected, "\n"));
        assert_true(i == 0 || results[i]->env_id > results[i - 1]->env_id);
        assert_string_equal(results[i]->hops[0].layer, "app");
    }
    rig_client_free(client);
}

/* ---- a server that claims nothing ---- */

static void test_server_without_deliver(void **state)
{
    static const struct rig_server own = {.name = "own", .keeps_alive = true};
    (void)state;
    struct rig_client *client = client_with(RIG_APP(answer_ok), (struct rig_client_options){.server = &own});
    const struct rig_result *result = rig_post(client, "/", .body = "name=lamp");
    rig_assert(result, .status = 200, .body = "ok");
    assert_int_equal(result->delivery.outcome, RIG_DELIVERED);
    assert_int_equal(result->delivery.connection, RIG_CONNECTION_KEPT);
    assert_string_equal(result->delivery.server, "own");
    assert_null(result->delivery.source);
    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_serials_are_never_used_twice),
        cmocka_unit_test(test_quarantine),
        cmocka_unit_test(test_what_has_ended_is_filled),
        cmocka_unit_test(test_a_next_that_has_ended_is_filled),
        cmocka_unit_test(test_what_is_taken_again_is_empty),
        cmocka_unit_test(test_arenas_rotate),
        cmocka_unit_test(test_memory_is_kept_and_does_not_grow),
        cmocka_unit_test(test_memory_limit),
        cmocka_unit_test(test_nested_sends),
        cmocka_unit_test(test_reset_and_free_inside_a_request),
        cmocka_unit_test(test_free_inside_another_clients_request),
        cmocka_unit_test(test_results_live_on),
        cmocka_unit_test(test_server_without_deliver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
