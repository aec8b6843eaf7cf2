/* The warm-up request of a stack: when it goes through, what becomes of it, what is told of it. */
#include "tests/unit/core_test.h"

static char seen[256]; /* "NAME PATH;" of each request that reached an app */

static int app_sees(void *self, struct rig_env *env, struct rig_response *res)
{
    size_t size = strlen(seen);
    (void)snprintf(seen + size, sizeof seen - size, "%s %s;", (const char *)self, rig_env_get(env, "PATH_INFO"));
    return answer_ok(NULL, env, res);
}

static struct rig_stack *stack_named(const char *name)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){.name = name});
    assert_non_null(stack);
    assert_int_equal(
        rig_run(stack, ((struct rig_app){.name = name, .call = app_sees, .self = (void *)(uintptr_t)name})), 0);
    seen[0] = '\0';
    return stack;
}

static void test_inner_first_and_once(void **state)
{
    (void)state;
    struct rig_stack *end = stack_named("end"), *stack = stack_new();
    struct rig_stack *first = stack_named("first"), *longer = stack_named("longer"), *deep = stack_named("deep");
    rig_warm_up(stack, RIG_GET("/first/replaced"));
    assert_int_equal(rig_warm_up(stack, RIG_GET("/first/outer")), 0);
    assert_int_equal(rig_warm_up(end, RIG_GET("/e")), 0);
    assert_int_equal(rig_warm_up(first, RIG_GET("/f")), 0);
    assert_int_equal(rig_warm_up(longer, RIG_GET("/l")), 0);
    assert_int_equal(rig_warm_up(deep, RIG_GET("/d")), 0);
    rig_map(longer, "/deep", deep);
    rig_map(stack, "/first", first);
    rig_map(stack, "/the/longer", longer); /* tried before /first, and warmed up after it */
    rig_run(stack, rig_stack_app(end));
    for (int i = 0; i < 2; i++) {
        struct rig_client *client = client_with(rig_stack_app(stack), (struct rig_client_options){.now = 0});
        const struct rig_result *result = rig_get(client, "/first/1");
        rig_assert(result, .status = 200);
        assert_int_equal(result->env_id, 1);
        rig_assert(rig_get(client, "/first/2"), .status = 200);
        assert_string_equal(seen, i ? "first /1;first /2;"
                                    : "end /e;first /f;deep /d;longer /l;first /outer;first /1;first /2;");
        seen[0] = '\0';
        rig_client_free(client);
    }
    rig_stack_free(stack);
    rig_stack_free(end);
}

/* Whatever the stack stands behind. */
static void test_behind_another_app(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_named("app");
    rig_warm_up(stack, RIG_GET("/warm"));
    struct rig_recorder *recorder = rig_recorder_new();
    struct rig_client *client =
        client_with(rig_recorder_before(recorder, rig_stack_app(stack)), (struct rig_client_options){.now = 0});
    rig_assert(rig_get(client, "/1"), .status = 200);
    rig_assert(rig_get(client, "/2"), .status = 200);
    assert_string_equal(seen, "app /warm;app /1;app /2;");
    rig_client_free(client);
    rig_recorder_free(recorder);
    rig_stack_free(stack);
}

static void test_env_by_hand_comes_after_it(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_named("app");
    rig_warm_up(stack, RIG_GET("/warm"));
    struct rig_client *client = client_with(rig_stack_app(stack), (struct rig_client_options){.now = 0});
    struct rig_env *env = rig_env_for(client, RIG_GET("/1"));
    assert_string_equal(seen, "app /warm;");
    rig_assert(rig_call(client, env), .status = 200);
    rig_client_free(client);
    rig_stack_free(stack);
}

/* ---- what is told ---- */

static int fails_at_first(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *path = rig_env_get(env, "PATH_INFO");
    return strcmp(path, "/fail") == 0     ? -EIO
           : strcmp(path, "/refuse") == 0 ? rig_respond(res, .status = 401)
                                          : answer_ok(NULL, env, res);
}

static void test_what_goes_wrong(void **state)
{
    static const struct {
        struct rig_request request;
        const char *told; /* NULL: nothing */
    } rows[] = {
        {{.target = "/fine"}, NULL},
        {{.target = "/fail"}, "warm-up of \"stack\" with /fail: -5 ("},
        {{.method = "POST", .target = "/refuse", .body = "unread"},
         "warm-up of \"stack\" with /refuse: [input.early_answer.unread] app answered 401 and left 6 of 6 body bytes "
         "unread"},
        {{.method = "POST", .target = "/refuse", .body = "unread", .ignore = {"input.*"}}, NULL},
        {{.method = "GE T", .malformed = true}, "warm-up of \"stack\" with /: refused: "},
        {{.method = "GE T"}, "warm-up of \"stack\" with /: [request.method.token] "},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct rig_stack *stack = stack_new();
        rig_run(stack, ((struct rig_app){.name = "app", .call = fails_at_first}));
        const char *site = (assert_int_equal(rig_warm_up(stack, rows[i].request), 0), RIG_SITE);
        struct rig_client *client = client_with(rig_stack_app(stack), (struct rig_client_options){.now = 0});
        const struct rig_result *result = rig_get(client, "/first");
        assert_int_equal(result->status, 200); /* it runs all the same */
        if (rows[i].told) {
            rig_assert(result, .findings = {"usage.stack.warm_up"});
            assert_int_equal(result->finding_count, 1);
            assert_string_equal(result->findings[0].site, site);
            assert_memory_equal(result->findings[0].message, rows[i].told, strlen(rows[i].told));
        } else {
            assert_int_equal(result->finding_count, 0);
        }
        rig_assert(rig_get(client, "/second"), .status = 200);
        rig_client_free(client);
        rig_stack_free(stack);
    }
}

/* It is sent as the client that comes first sends: behind its server, with its rules. */
static void test_like_the_first_client(void **state)
{
    (void)state;
    const struct rig_client_options options[] = {
        {.server = &rig_server_memory}, {.ignore = {"input.early_answer.unread"}}, {.enable = {"env.log.written"}}};
    for (size_t i = 0; i < COUNT(options); i++) {
        struct rig_stack *stack = stack_new();
        rig_run(stack, rig_scripted({.status = 401, .leave_body = true, .log = "logged"}));
        rig_warm_up(stack, RIG_POST("/", .body = "unread", .ignore = {i == 2 ? "input.*" : NULL}));
        struct rig_client *client = client_with(rig_stack_app(stack), options[i]);
        const struct rig_result *result = rig_get(client, "/");
        assert_int_equal(count_found(result, "usage.stack.warm_up"), i == 2);
        (void)rig_client_close(client, NULL, 0);
        rig_stack_free(stack);
    }
}

/* ---- wrong use ---- */

static void test_after_the_first_request(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_named("app");
    struct rig_client *client = client_with(rig_stack_app(stack), (struct rig_client_options){.now = 0});
    rig_assert(rig_get(client, "/"), .status = 200);
    assert_int_equal(rig_warm_up(stack, RIG_GET("/warm")), -EINVAL);
    rig_assert(rig_get(client, "/"), .findings = {"usage.stack.frozen"});
    assert_string_equal(seen, "app /;app /;");
    assert_int_equal(rig_warm_up(NULL, RIG_GET("/warm")), -EINVAL);
    rig_client_free(client);
    rig_stack_free(stack);
}

static void test_stack_that_is_not_fit(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_new(), *inner = stack_named("inner");
    rig_map(stack, "/inner", inner);
    rig_map(stack, "none", stack_named("other"));
    rig_warm_up(inner, RIG_GET("/warm"));
    struct rig_client *client = client_with(rig_stack_app(stack), (struct rig_client_options){.now = 0});
    rig_assert(rig_get(client, "/"), .error = -EINVAL, .findings = {"usage.map.prefix"});
    assert_string_equal(seen, "");
    rig_client_free(client);
    rig_stack_free(stack);
}

/* ---- what it holds ---- */

/* The source of its body is closed once: sent, replaced, never sent, refused. */
static void test_its_source_is_closed_once(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct counted body = {.size = 100}, other = {.size = 100};
        struct rig_stack *stack = stack_new();
        rig_run(stack, RIG_APP(answer_body));
        struct rig_client *client = client_with(rig_stack_app(stack), (struct rig_client_options){.now = 0});
        if (i == 3) {
            rig_assert(rig_get(client, "/"), .status = 200);
        }
        int noted = rig_warm_up(stack, RIG_POST("/", .source = source_of(&body)));
        assert_int_equal(noted, i == 3 ? -EINVAL : 0);
        if (i == 1) {
            rig_warm_up(stack, RIG_POST("/", .source = source_of(&other)));
            assert_int_equal(body.closes, 1);
        }
        if (i < 2) {
            rig_assert(rig_get(client, "/"), .status = 200);
            assert_int_equal(i == 0 ? body.at : other.at, 100);
        }
        (void)rig_client_close(client, NULL, 0);
        rig_stack_free(stack);
        assert_int_equal(body.closes, 1);
        assert_int_equal(other.closes, i == 1);
    }
}

/* ---- out of memory ---- */

static long pieces, fail_at, held;

static void *meter_alloc(void *self, size_t size)
{
    void *memory = ++pieces == fail_at ? NULL : malloc(size);
    (void)self;
    held += memory != NULL;
    return memory;
}

static void meter_release(void *self, void *memory)
{
    (void)self;
    held--;
    free(memory);
}

/* One stack and its warm-up; the pieces that were asked for. */
static long warm_up_once(void)
{
    const struct rig_allocator allocator = {.alloc = meter_alloc, .release = meter_release};
    struct counted body = {.size = 10};
    pieces = 0;
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){.allocator = allocator});
    if (!stack) {
        return pieces;
    }
    rig_run(stack, RIG_APP(answer_body));
    int noted = rig_warm_up(stack, RIG_POST("/", .source = source_of(&body)));
    struct rig_client *client = client_with(rig_stack_app(stack), (struct rig_client_options){.now = 0});
    const struct rig_result *result = rig_get(client, "/");
    assert_int_equal(result->error, noted == 0 ? 0 : -EINVAL);
    assert_true(noted == 0 || noted == -ENOMEM);
    assert_int_equal(count_found(result, "usage.stack.warm_up"), fail_at > 0 && pieces >= fail_at);
    (void)rig_client_close(client, NULL, 0);
    rig_stack_free(stack);
    assert_int_equal(body.closes, 1);
    assert_int_equal(held, 0);
    return pieces;
}

/* Each allocation of the stack and of its warm-up fails in turn: it is told, nothing leaks, all else goes on. */
static void test_without_memory(void **state)
{
    (void)state;
    fail_at = 0;
    long asked = warm_up_once();
    assert_true(asked > 8);
    for (fail_at = 1; fail_at <= asked; fail_at++) {
        (void)warm_up_once();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inner_first_and_once),
        cmocka_unit_test(test_behind_another_app),
        cmocka_unit_test(test_env_by_hand_comes_after_it),
        cmocka_unit_test(test_what_goes_wrong),
        cmocka_unit_test(test_like_the_first_client),
        cmocka_unit_test(test_after_the_first_request),
        cmocka_unit_test(test_stack_that_is_not_fit),
        cmocka_unit_test(test_its_source_is_closed_once),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
