/* Stacks below prefixes: which one is chosen, what it sees, what the layers above see afterwards. */
#include "tests/unit/core_test.h"

static char seen[128]; /* "name SCRIPT_NAME PATH_INFO" of the app that was reached */

static int app_sees(void *self, struct rig_env *env, struct rig_response *res)
{
    const char *script = rig_env_get(env, "SCRIPT_NAME"), *path = rig_env_get(env, "PATH_INFO");
    (void)snprintf(seen, sizeof seen, "%s|%s|%s", (const char *)self, script ? script : "-", path ? path : "-");
    return answer_ok(NULL, env, res);
}

static struct rig_app app_named(const char *name)
{
    return (struct rig_app){.name = name, .call = app_sees, .self = (void *)(uintptr_t)name};
}

static struct rig_stack *stack_named(const char *name)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){.name = name});
    assert_non_null(stack);
    assert_int_equal(rig_run(stack, app_named(name)), 0);
    return stack;
}

static struct rig_client *client_of_stack(struct rig_stack *stack)
{
    return client_with(rig_stack_app(stack), (struct rig_client_options){.server = &rig_server_memory});
}

static void expect_seen(struct rig_client *client, const char *target, const char *expected)
{
    seen[0] = '\0';
    const struct rig_result *result = rig_get(client, target);
    rig_assert(result, .status = expected[0] ? 200 : 404);
    if (strcmp(seen, expected) != 0) {
        fail_msg("%s: %s, expected %s", target, seen, expected);
    }
}

/* ---- choosing ---- */

static void test_prefixes(void **state)
{
    static const struct {
        const char *target, *seen;
    } rows[] = {
        {"/", "app||/"},
        {"/other", "app||/other"},
        {"/admin", "admin|/admin|"},
        {"/admin/", "admin|/admin|/"},
        {"/admin/users?x=1", "admin|/admin|/users"},
        {"/administrator", "app||/administrator"},
        {"/Admin", "app||/Admin"},
        {"/admin/deep", "deep|/admin/deep|"},
        {"/admin/deep/er", "deep|/admin/deep|/er"},
        {"/admin//deep/x", "deep|/admin/deep|/x"}, /* repeated slashes count as one, as in Rack */
        {"/admin/deeper", "admin|/admin|/deeper"},
        {"/slash/x", "slash|/slash|/x"},
        {"/slash", "slash|/slash|"},
        {"/twice/x", "second|/twice|/x"},
        {"/double/slash/x", "double|/double/slash|/x"},
        {"/double///slash", "double|/double/slash|"},
    };
    (void)state;
    struct rig_stack *stack = stack_named("app");
    assert_int_equal(rig_map(stack, "/admin", stack_named("admin")), 0);
    assert_int_equal(rig_map(stack, "/admin/deep", stack_named("deep")), 0); /* the longest first, however given */
    assert_int_equal(rig_map(stack, "/slash/", stack_named("slash")), 0);
    assert_int_equal(rig_map(stack, "/twice", stack_named("first")), 0);
    assert_int_equal(rig_map(stack, "/twice/", stack_named("second")), 0); /* the later hides the earlier */
    assert_int_equal(rig_map(stack, "//double//slash//", stack_named("double")), 0);
    struct rig_client *client = client_of_stack(stack);
    for (size_t i = 0; i < COUNT(rows); i++) {
        expect_seen(client, rows[i].target, rows[i].seen);
    }
    expect_seen(client, "/a", "app||/a");
    rig_assert(rig_get(client, "/admin/x", .script_name = "/mounted"), .status = 200);
    assert_string_equal(seen, "admin|/mounted/admin|/x");
    rig_client_free(client);
    rig_stack_free(stack);
}

static void test_hosts(void **state)
{
    static const struct {
        const char *target, *host; /* host NULL: the target's */
        const char *seen;
    } rows[] = {
        {"http://a.example/x", NULL, "a||/x"},
        {"http://A.EXAMPLE/x", NULL, "a||/x"},
        {"http://a.example/deep/x", NULL, "a-deep|/deep|/x"},
        {"http://b.example/x", NULL, "b||/x"},
        {"/x", "b.example", "b||/x"},
        {"/deep/x", "c.example", "any-deep|/deep|/x"},
        {"http://c.example/deep/x", NULL, "any-deep|/deep|/x"},
        {"/x", NULL, "app||/x"},
        {"/deep", NULL, "any-deep|/deep|"},
        {"/x", "example.org:80", "app||/x"},
        {"/x", "example.org:81", "app||/x"},
    };
    (void)state;
    struct rig_stack *stack = stack_named("app");
    assert_int_equal(rig_map(stack, "/deep", stack_named("any-deep")), 0);
    assert_int_equal(rig_map(stack, "http://a.example/", stack_named("a")), 0);
    assert_int_equal(rig_map(stack, "http://a.example/deep/", stack_named("a-deep")), 0);
    assert_int_equal(rig_map(stack, "https://b.example/", stack_named("b")), 0);
    struct rig_client *client = client_of_stack(stack);
    for (size_t i = 0; i < COUNT(rows); i++) {
        rig_assert(rig_get(client, rows[i].target, .headers = {{rows[i].host ? "Host" : NULL, rows[i].host}}),
                   .status = 200);
        if (strcmp(seen, rows[i].seen) != 0) {
            fail_msg("%s with Host %s: %s, expected %s", rows[i].target, rows[i].host ? rows[i].host : "-", seen,
                     rows[i].seen);
        }
    }
    rig_client_free(client);
    rig_stack_free(stack);
}

/* A Host that is not the server's own name goes to its own mapping or to those of any host. */
static void test_any_host_or_the_known_one(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_named("app");
    assert_int_equal(rig_map(stack, "/x", stack_named("any")), 0);
    assert_int_equal(rig_map(stack, "http://known.example/y", stack_named("known")), 0);
    struct rig_client *client = client_of_stack(stack);
    rig_assert(rig_get(client, "/x", .headers = {{"Host", "known.example"}}), .status = 200);
    assert_string_equal(seen, "app||/x"); /* known, but not below that path: not for any host either, as in Rack */
    rig_assert(rig_get(client, "/x", .headers = {{"Host", "unknown.example"}}), .status = 200);
    assert_string_equal(seen, "any|/x|");
    rig_assert(rig_get(client, "/x", .http_version = "1.0"), .status = 200); /* no Host at all */
    assert_string_equal(seen, "any|/x|");
    rig_assert(rig_get(client, "/x", .env = {{"SERVER_NAME", NULL}}, .ignore = {"env.*"}), .status = 200);
    assert_string_equal(seen, "any|/x|");
    rig_assert(rig_get(client, "http://port.example:8080/x"), .status = 200);
    assert_string_equal(seen, "any|/x|");
    rig_client_free(client);
    rig_stack_free(stack);
}

/* The server's own name and port may be mapped, too: what is mapped for any host is then still its. */
static void test_the_servers_own_host(void **state)
{
    static const struct {
        const char *target, *host, *seen;
    } rows[] = {
        {"/x", NULL, "any|/x|"},
        {"/x", "example.org:80", "any|/x|"},
        {"/x", "example.org:81", "app||/x"}, /* another's */
        {"http://example.org:81/x", NULL, "any|/x|"},
        {"/y", "example.org:80", "port 80|/y|"},
        {"/y", "example.org:81", "port 81|/y|"},
        {"/y", NULL, "own|/y|"},
        {"/x", "example.org-80", "any|/x|"},
        {"/z", "example.orgs80", "app||/z"},
    };
    (void)state;
    struct rig_stack *stack = stack_named("app");
    assert_int_equal(rig_map(stack, "/x", stack_named("any")), 0);
    assert_int_equal(rig_map(stack, "http://example.org/y", stack_named("own")), 0);
    assert_int_equal(rig_map(stack, "http://example.org:80/y", stack_named("port 80")), 0);
    assert_int_equal(rig_map(stack, "http://example.org:81/y", stack_named("port 81")), 0);
    assert_int_equal(rig_map(stack, "/z", stack_named("any z")), 0);
    assert_int_equal(rig_map(stack, "http://example.orgs80/y", stack_named("look-alike")), 0);
    struct rig_client *client = client_of_stack(stack);
    for (size_t i = 0; i < COUNT(rows); i++) {
        rig_assert(rig_get(client, rows[i].target, .headers = {{rows[i].host ? "Host" : NULL, rows[i].host}}),
                   .status = 200);
        if (strcmp(seen, rows[i].seen) != 0) {
            fail_msg("%s with Host %s: %s, expected %s", rows[i].target, rows[i].host ? rows[i].host : "-", seen,
                     rows[i].seen);
        }
    }
    rig_client_free(client);
    rig_stack_free(stack);
}

/* What the Host header names goes before what the server itself is called, however long their prefixes are. */
static void test_host_before_server_name(void **state)
{
    static const struct {
        const char *path, *host, *name, *seen;
    } rows[] = {
        {"/x", "host.example", "longer.server.example", "host||/x"},
        {"/x", "HOST.example", "longer.server.example", "host||/x"},
        {"/deep/x", "host.example", "longer.server.example", "host||/deep/x"},
        {"/deep/x", "other.example", "longer.server.example", "server-deep|/deep|/x"},
        {"/deep/x", NULL, "LONGER.server.example", "server-deep|/deep|/x"},
        {"/deep/x", "only.example", "longer.server.example", "server-deep|/deep|/x"}, /* known, but not there */
        {"/x", "only.example", "longer.server.example", "app||/x"},
    };
    (void)state;
    struct rig_stack *stack = stack_named("app");
    assert_int_equal(rig_map(stack, "http://host.example/", stack_named("host")), 0);
    assert_int_equal(rig_map(stack, "http://only.example/here", stack_named("only")), 0);
    assert_int_equal(rig_map(stack, "http://longer.server.example/deep", stack_named("server-deep")), 0);
    struct rig_client *client = client_of_stack(stack);
    for (size_t i = 0; i < COUNT(rows); i++) {
        rig_assert(rig_get(client, rows[i].path, .env = {{"HTTP_HOST", rows[i].host}, {"SERVER_NAME", rows[i].name}}),
                   .status = 200);
        assert_string_equal(seen, rows[i].seen);
    }
    rig_client_free(client);
    rig_stack_free(stack);
}

static const struct rig_bytes *odd_path;

static int sets_odd_path(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    assert_int_equal(rig_env_set_bytes(env, "PATH_INFO", odd_path->data, odd_path->size), 0);
    int error = rig_next(next, env, res);
    struct rig_bytes after = rig_env_bytes(env, "PATH_INFO");
    assert_int_equal(after.size, odd_path->size);
    assert_memory_equal(after.data, odd_path->data, after.size);
    return error;
}
LAYER(sets_odd_path);

static int app_sees_bytes(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    struct rig_bytes path = rig_env_bytes(env, "PATH_INFO");
    return rig_respond(res, .bytes = path);
}

/* The whole path counts, whatever bytes are in it. */
static void test_paths_with_any_byte(void **state)
{
    static const struct {
        struct rig_bytes path, body; /* body .data NULL: not found */
    } rows[] = {
        {{"/x/a\0b", 6}, {"/a\0b", 4}}, {{"/x\0/a", 5}, {NULL, 0}}, {{"/x\n", 3}, {NULL, 0}},
        {{"/\nx", 3}, {NULL, 0}},       {{"/a\n/x", 5}, {NULL, 0}}, {{"/x/\n\xff", 5}, {"/\n\xff", 3}},
        {{"", 0}, {NULL, 0}},           {{"x", 1}, {NULL, 0}},      {{"//x//y", 6}, {"//y", 3}},
        {{"//", 2}, {NULL, 0}},
    };
    (void)state;
    struct rig_stack *stack = stack_new(), *inner = stack_new();
    rig_use(stack, &sets_odd_path_layer);
    rig_run(inner, RIG_APP(app_sees_bytes));
    rig_map(stack, "/x", inner);
    struct rig_client *client = client_of_stack(stack);
    for (size_t i = 0; i < COUNT(rows); i++) {
        odd_path = &rows[i].path;
        const struct rig_result *result = rig_get(client, "/", .ignore = {"env.*"});
        size_t before = rows[i].body.data ? 0 : strlen("Not Found: ");
        const struct rig_bytes *body = rows[i].body.data ? &rows[i].body : &rows[i].path;
        rig_assert(result, .status = rows[i].body.data ? 200 : 404);
        assert_int_equal(result->body_size, before + body->size);
        assert_memory_equal(result->body + before, body->data, body->size);
    }
    rig_client_free(client);
    rig_stack_free(stack);
}

/* As the app of a stack without prefixes, too, and not at fault for what it answers HEAD. */
static void test_not_found_by_itself(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_new();
    rig_run(stack, rig_not_found());
    struct rig_client *client = client_with(rig_stack_app(stack), (struct rig_client_options){.now = 0});
    rig_assert(rig_post(client, "/x", .body = "body"), .status = 404, .body = "Not Found: /x",
               .headers = {{"Content-Type", "text/plain"}, {"X-Cascade", "pass"}});
    rig_assert(rig_head(client, "/x"), .status = 404, .body = "");
    rig_client_free(client);
    rig_stack_free(stack);
    assert_int_equal(rig_not_found().call(NULL, NULL, NULL), -EINVAL);
}

static int64_t read_endless(void *self, void *buffer, size_t size)
{
    *(uint64_t *)self += size;
    memset(buffer, 'x', size);
    return (int64_t)size;
}

/* A body that is too long to be read away ends the connection. */
static void test_not_found_leaves_long_body(void **state)
{
    enum { MOST = 1 << 20 };
    (void)state;
    struct rig_client *client = client_with(rig_not_found(), (struct rig_client_options){.now = 0});
    uint64_t taken = 0;
    const struct rig_result *result =
        rig_post(client, "/x", .source = {.read = read_endless, .self = &taken}, .ignore = {"input.*"});
    rig_assert(result, .status = 404, .body = "Not Found: /x", .headers = {{"Connection", "close"}});
    assert_in_range(taken, MOST + 1, 2 * MOST);
    char *body = calloc(1, MOST + 1);
    assert_non_null(body);
    result = rig_post(client, "/x", .bytes = {body, MOST});
    rig_assert(result, .status = 404);
    assert_null(rig_result_header(result, "Connection"));
    assert_int_equal(result->finding_count, 0);
    assert_string_equal(
        rig_result_header(rig_post(client, "/x", .bytes = {body, MOST + 1}, .ignore = {"input.*"}), "Connection"),
        "close");
    free(body);
    rig_client_free(client);
}

static void test_nothing_mapped(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_new();
    assert_int_equal(rig_map(stack, "/only", stack_named("only")), 0);
    struct rig_client *client = client_with(rig_stack_app(stack), (struct rig_client_options){.now = 0});
    expect_seen(client, "/only/x", "only|/only|/x");
    const struct rig_result *result = rig_post(client, "/other", .body = "a body that nobody is blamed for");
    rig_assert(result, .status = 404, .body = "Not Found: /other", .headers = {{"Content-Type", "text/plain"}});
    assert_int_equal(result->finding_count, 0);
    assert_string_equal(result->hops[0].layer, "not found");
    rig_assert(rig_get(client, "/other", .env = {{"PATH_INFO", NULL}}, .ignore = {"env.*"}), .status = 404,
               .body = "Not Found: ");
    rig_client_free(client);
    rig_stack_free(stack);
}

static void test_nested(void **state)
{
    (void)state;
    struct rig_stack *inner = stack_named("inner"), *middle = stack_named("middle"), *stack = stack_new();
    assert_int_equal(rig_map(middle, "/inner", inner), 0);
    assert_int_equal(rig_map(stack, "/middle", middle), 0);
    struct rig_client *client = client_of_stack(stack);
    expect_seen(client, "/middle/inner/x", "inner|/middle/inner|/x");
    expect_seen(client, "/middle/x", "middle|/middle|/x");
    expect_seen(client, "/inner", "");
    rig_client_free(client);
    rig_stack_free(stack); /* with those mapped into it */
}

/* ---- what the layers above see afterwards ---- */

static struct rig_field set_before[3], expected_after[3];

static int looks_before_and_after(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    for (const struct rig_field *field = set_before; field->name; field++) {
        assert_int_equal(field->value ? rig_env_set(env, field->name, field->value) : rig_env_unset(env, field->name),
                         0);
    }
    int error = rig_next(next, env, res);
    for (const struct rig_field *field = expected_after; field->name; field++) {
        const char *value = rig_env_get(env, field->name);
        if (!value != !field->value || (value && strcmp(value, field->value) != 0)) {
            fail_msg("%s: %s, expected %s", field->name, value ? value : "absent",
                     field->value ? field->value : "absent");
        }
    }
    return error;
}
LAYER(looks_before_and_after);

static int changes_path(void *self, struct rig_env *env, struct rig_response *res)
{
    assert_int_equal(rig_env_set(env, "SCRIPT_NAME", "changed"), 0);
    assert_int_equal(rig_env_unset(env, "PATH_INFO"), 0);
    return app_sees(self, env, res);
}

static int changes_path_and_fails(void *self, struct rig_env *env, struct rig_response *res)
{
    return changes_path(self, env, res) == 0 ? -EIO : 0;
}

static void test_names_are_restored(void **state)
{
    static const struct {
        struct rig_field before[3], after[3];
        const char *seen;
    } rows[] = {
        {{{NULL, NULL}}, {{"SCRIPT_NAME", ""}, {"PATH_INFO", "/x/y"}}, "app|/x|/y"},
        {{{"SCRIPT_NAME", "/a"}}, {{"SCRIPT_NAME", "/a"}, {"PATH_INFO", "/x/y"}}, "app|/a/x|/y"},
        {{{"SCRIPT_NAME", NULL}}, {{"SCRIPT_NAME", NULL}, {"PATH_INFO", "/x/y"}}, "app|/x|/y"},
        {{{"PATH_INFO", "/x"}}, {{"SCRIPT_NAME", ""}, {"PATH_INFO", "/x"}}, "app|/x|"},
    };
    (void)state;
    static app_fn *const calls[] = {app_sees, changes_path, changes_path_and_fails};
    for (size_t i = 0; i < COUNT(rows) * 3; i++) {
        struct rig_stack *stack = stack_new(), *inner = stack_new();
        memcpy(set_before, rows[i / 3].before, sizeof set_before);
        memcpy(expected_after, rows[i / 3].after, sizeof expected_after);
        struct rig_app app = app_named("app");
        app.call = calls[i % 3];
        assert_int_equal(rig_run(inner, app), 0);
        assert_int_equal(rig_use(stack, &looks_before_and_after_layer), 0);
        assert_int_equal(rig_map(stack, "/x", inner), 0);
        struct rig_client *client = client_of_stack(stack);
        rig_assert(rig_get(client, "/x/y"), .status = i % 3 == 2 ? 500 : 200, .error = i % 3 == 2 ? -EIO : 0);
        assert_string_equal(seen, i % 3 ? "app|changed|-" : rows[i / 3].seen);
        rig_client_free(client);
        rig_stack_free(stack);
    }
}

/* ---- wrong use ---- */

static void test_wrong_prefixes(void **state)
{
    static const char *const prefixes[] = {"",          "admin",      "http://", "http:///x", "ftp://host/x",
                                           "https:///", "http://host"};
    (void)state;
    for (size_t i = 0; i < COUNT(prefixes); i++) {
        struct rig_stack *stack = stack_named("app");
        assert_int_equal(rig_map(stack, prefixes[i], stack_named("inner")), -EINVAL); /* which is freed */
        struct rig_client *client = client_of_stack(stack);
        rig_assert(rig_get(client, "/"), .error = -EINVAL, .findings = {"usage.map.prefix"});
        rig_client_free(client);
        rig_stack_free(stack);
    }
}

static void test_null_arguments(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_named("app");
    assert_int_equal(rig_map(stack, NULL, stack_named("inner")), -EINVAL);
    assert_int_equal(rig_map(stack, "/x", NULL), -EINVAL);
    assert_int_equal(rig_map(NULL, "/x", stack_named("inner")), -EINVAL);
    struct rig_client *client = client_of_stack(stack);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .error = -EINVAL, .findings = {"usage.argument.null"});
    assert_int_equal(result->finding_count, 2);
    rig_client_free(client);
    rig_stack_free(stack);
}

/* A stack has one owner: the second mapping is refused, the stack stays where it is. */
static void test_loops_and_second_owners(void **state)
{
    (void)state;
    struct rig_stack *outer = stack_named("outer"), *inner = stack_named("inner");
    assert_int_equal(rig_map(outer, "/self", outer), -EINVAL);
    assert_int_equal(rig_map(outer, "/inner", inner), 0);
    assert_int_equal(rig_map(outer, "/again", inner), -EINVAL);
    assert_int_equal(rig_map(inner, "/outer", outer), -EINVAL);
    struct rig_client *client = client_of_stack(outer);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .error = -EINVAL, .findings = {"usage.stack.loop"});
    assert_int_equal(result->finding_count, 3); /* those of the inner stack, too */
    rig_client_free(client);
    rig_stack_free(outer);
}

static void test_loop_through_an_app(void **state)
{
    (void)state;
    struct rig_stack *first = stack_new(), *second = stack_new();
    assert_int_equal(rig_run(first, rig_stack_app(second)), 0);
    assert_int_equal(rig_run(second, rig_stack_app(first)), 0);
    for (int i = 0; i < 2; i++) {
        struct rig_client *client = client_of_stack(i ? first : second);
        rig_assert(rig_get(client, "/"), .error = -EINVAL, .findings = {"usage.stack.loop"});
        rig_assert(rig_get(client, "/"), .error = -EINVAL, .findings = {"usage.stack.loop"});
        rig_client_free(client);
    }
    (void)rig_stack_layer_count(first);
    rig_stack_reset(first);
    rig_stack_free(first);
    rig_stack_free(second);
}

/* What is wrong with a mapped stack, or with one at the end of another, is told as well. */
static void test_mistakes_of_inner_stacks(void **state)
{
    (void)state;
    for (int mapped = 0; mapped < 2; mapped++) {
        struct rig_stack *stack = mapped ? stack_named("outer") : stack_new();
        struct rig_stack *inner = stack_new();
        assert_int_equal(mapped ? rig_map(stack, "/x", inner) : rig_run(stack, rig_stack_app(inner)), 0);
        struct rig_client *client = client_of_stack(stack);
        rig_assert(rig_get(client, "/"), .error = -EINVAL, .findings = {"usage.stack.no_app"});
        rig_client_free(client);
        rig_stack_free(stack);
        if (!mapped) {
            rig_stack_free(inner);
        }
    }
}

static void test_many_mappings(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_new();
    char prefix[32];
    for (int i = 0; i < 100; i++) {
        (void)snprintf(prefix, sizeof prefix, "/p%d", i);
        assert_int_equal(rig_map(stack, prefix, stack_named("p")), 0);
    }
    struct rig_client *client = client_of_stack(stack);
    expect_seen(client, "/p0/x", "p|/p0|/x");
    expect_seen(client, "/p57/x", "p|/p57|/x");
    expect_seen(client, "/p99", "p|/p99|");
    expect_seen(client, "/p100", "");
    rig_client_free(client);
    rig_stack_free(stack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_any_host_or_the_known_one),
        cmocka_unit_test(test_the_servers_own_host),
        cmocka_unit_test(test_host_before_server_name),
        cmocka_unit_test(test_paths_with_any_byte),
        cmocka_unit_test(test_not_found_by_itself),
        cmocka_unit_test(test_not_found_leaves_long_body),
        cmocka_unit_test(test_nothing_mapped),
        cmocka_unit_test(test_nested),
        cmocka_unit_test(test_names_are_restored),
        cmocka_unit_test(test_wrong_prefixes),
        cmocka_unit_test(test_null_arguments),
        cmocka_unit_test(test_loops_and_second_owners),
        cmocka_unit_test(test_loop_through_an_app),
        cmocka_unit_test(test_mistakes_of_inner_stacks),
        cmocka_unit_test(test_many_mappings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
