/* Out of memory in what grows: an env past its chain index, a client's table of header names, findings, messages. */
#include "tests/unit/core_test.h"

struct ration {
    size_t asked, fail_at; /* counted from 1; 0: never */
};

static bool admit(void *self, size_t size)
{
    struct ration *ration = self;
    (void)size;
    return ++ration->asked != ration->fail_at;
}

static struct ration ration;

static struct rig_client *rationed_client(app_fn *call)
{
    ration = (struct ration){0};
    return client_with(
        (struct rig_app){.name = "app", .call = call},
        (struct rig_client_options){.server = &rig_server_memory, .allocator = {.admit = admit, .self = &ration}});
}

/* ---- an env's names ---- */

#define NAMES 400

static size_t refuse_piece; /* of those that the app asks for; 0: none */
static bool refused;

static void name_of(char *name, unsigned i)
{
    (void)snprintf(name, 16, "n.%u", i);
}

static int check_each(void *closure, const char *name, const char *value, size_t size)
{
    (void)size;
    if (strncmp(name, "n.", 2) == 0) {
        assert_string_equal(name, value);
        ++*(unsigned *)closure;
    }
    return 0;
}

static void check_all(const struct rig_env *env, unsigned count, unsigned missing)
{
    unsigned visited = 0;
    char name[16];
    for (unsigned i = 0; i < count; i++) {
        name_of(name, i);
        const char *value = rig_env_get(env, name);
        if (i == missing) {
            assert_null(value);
        } else {
            assert_non_null(value);
            assert_string_equal(value, name);
        }
    }
    assert_int_equal(rig_env_each(env, check_each, &visited), 0);
    assert_int_equal(visited, count - (missing < count));
    assert_string_equal(rig_env_get(env, "REQUEST_METHOD"), "GET");
}

static int grows_env(void *self, struct rig_env *env, struct rig_response *res)
{
    char name[16];
    unsigned missing = NAMES;
    ration.asked = 0;
    ration.fail_at = refuse_piece;
    for (unsigned i = 0; i < NAMES; i++) {
        name_of(name, i);
        int error = rig_env_set(env, name, name);
        if (error != 0) {
            assert_int_equal(error, -ENOMEM);
            assert_int_equal(missing, NAMES); /* one piece, one failure */
            missing = i;
            check_all(env, i + 1, missing); /* those before it stand */
        }
    }
    refused = ration.fail_at > 0 && ration.asked >= ration.fail_at;
    assert_true(missing < NAMES || !refused);
    ration.fail_at = 0;
    check_all(env, NAMES, missing); /* and those after it */
    if (missing < NAMES) {
        name_of(name, missing);
        assert_int_equal(rig_env_set(env, name, name), 0);
        check_all(env, NAMES, NAMES);
    }
    for (unsigned i = 0; i < NAMES; i += 2) {
        name_of(name, i);
        assert_int_equal(rig_env_unset(env, name), 0);
        assert_null(rig_env_get(env, name));
    }
    return answer_ok(self, env, res);
}

static void test_env_that_grows(void **state)
{
    (void)state;
    struct rig_client *client = rationed_client(grows_env);
    size_t pieces = 0;
    do {
        refuse_piece++;
        rig_assert(rig_get(client, "/"), .status = 200);
        rig_client_reset(client);
        pieces++;
    } while (refused);
    assert_true(pieces > NAMES);
    rig_client_free(client);
}

static int copies_env(void *self, struct rig_env *env, struct rig_response *res)
{
    char name[16];
    for (unsigned i = 0; i < 100; i++) {
        name_of(name, i);
        assert_int_equal(rig_env_set(env, name, name), 0);
    }
    ration.asked = 0;
    ration.fail_at = refuse_piece;
    struct rig_env *copy = rig_env_copy(env);
    refused = ration.asked >= ration.fail_at;
    ration.fail_at = 0;
    assert_int_equal(!copy, refused);
    check_all(env, 100, 100);
    copy = copy ? copy : rig_env_copy(env);
    check_all(copy, 100, 100);
    return answer_ok(self, env, res);
}

static void test_copy_of_a_large_env(void **state)
{
    (void)state;
    struct rig_client *client = rationed_client(copies_env);
    refuse_piece = 0;
    do {
        refuse_piece++;
        rig_assert(rig_get(client, "/"), .status = 200);
    } while (refused);
    assert_true(refuse_piece > 100);
    rig_client_free(client);
}

/* An object that could not be stored stays the caller's, and the name is as it was. */
static int ended;

static void end(void *object)
{
    (void)object;
    ended++;
}

static int sets_object(void *self, struct rig_env *env, struct rig_response *res)
{
    static int object;
    ended = 0;
    ration.asked = 0;
    ration.fail_at = refuse_piece;
    int error = rig_env_set_object(env, "an.object", &object, end);
    refused = ration.asked >= ration.fail_at;
    ration.fail_at = 0;
    assert_int_equal(error, refused ? -ENOMEM : 0);
    assert_true(rig_env_object(env, "an.object") == (refused ? NULL : &object));
    assert_null(rig_env_get(env, "an.object"));
    assert_int_equal(rig_env_set(env, "an.object", "a string"), 0);
    if (refused) {
        ration.asked = 0;
        ration.fail_at = 1;
        assert_int_equal(rig_env_set_object(env, "an.object", &object, end), -ENOMEM);
        ration.fail_at = 0;
        assert_string_equal(rig_env_get(env, "an.object"), "a string");
        ration.fail_at = 1;
        ration.asked = 0;
        assert_int_equal(rig_env_set(env, "an.object", "another"), -ENOMEM);
        ration.fail_at = 0;
        assert_string_equal(rig_env_get(env, "an.object"), "a string"); /* -ENOMEM leaves the old value */
    }
    return answer_ok(self, env, res);
}

static void test_object(void **state)
{
    (void)state;
    struct rig_client *client = rationed_client(sets_object);
    refuse_piece = 0;
    do {
        refuse_piece++;
        rig_assert(rig_get(client, "/"), .status = 200);
        assert_int_equal(ended, !refused);
    } while (refused);
    assert_true(refuse_piece > 2);
    rig_client_free(client);
}

/* ---- a client's header names ---- */

static struct rig_field headers[NAMES];
static char header_names[NAMES][16];

static int sees_headers(void *self, struct rig_env *env, struct rig_response *res)
{
    char name[32];
    for (unsigned i = 0; i < NAMES; i++) {
        (void)snprintf(name, sizeof name, "HTTP_H_%u", i);
        assert_non_null(rig_env_get(env, name));
        assert_string_equal(rig_env_get(env, name), header_names[i]);
    }
    return answer_ok(self, env, res);
}

static void test_header_names(void **state)
{
    (void)state;
    size_t piece = 0;
    for (unsigned i = 0; i < NAMES; i++) {
        (void)snprintf(header_names[i], sizeof header_names[i], "H-%u", i);
        headers[i] = (struct rig_field){header_names[i], header_names[i]};
    }
    do {
        struct rig_client *client = rationed_client(sees_headers);
        ration.asked = 0;
        ration.fail_at = piece += 1 + piece / 64; /* all of the first, then some */
        const struct rig_result *result = rig_get(client, "/", .header_list = headers, .header_count = NAMES);
        refused = ration.asked >= ration.fail_at;
        assert_true(result->error == (refused ? -ENOMEM : 0) || result->unchecked);
        ration.fail_at = 0;
        for (int i = 0; i < 2; i++) {
            rig_assert(rig_get(client, "/", .header_list = headers, .header_count = NAMES), .status = 200);
        }
        rig_client_free(client);
    } while (refused);
    assert_true(piece > 2 * NAMES); /* one of a name, and one of its value */
}

/* ---- a client that cannot be made takes its app all the same ---- */

static int released;

static void release(void *self)
{
    (void)self;
    released++;
}

static void test_new_client(void **state)
{
    struct rig_client *client = NULL;
    size_t piece = 0;
    (void)state;
    do {
        released = 0;
        ration = (struct ration){.fail_at = ++piece};
        client = rig_client_new((struct rig_app){.call = answer_ok, .release = release},
                                (struct rig_client_options){.headers = {{"A", "b"}, {"C", NULL}},
                                                            .ignore = {"env.*"},
                                                            .enable = {"env.log.written"},
                                                            .allocator = {.admit = admit, .self = &ration}});
        assert_int_equal(released, client == NULL);
    } while (!client);
    assert_true(piece > 5);
    ration.fail_at = 0;
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_client_free(client);
    assert_int_equal(released, 1);
}

/* ---- a mapped env past its chain index ---- */

static int takes_path_away(void *self, struct rig_env *env, struct rig_response *res)
{
    int error = rig_env_unset(env, "PATH_INFO");
    return error ? error : answer_ok(self, env, res);
}

static int maps_full_env(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    char name[16];
    (void)self;
    for (unsigned i = 0; i < 64 - 12; i++) { /* the next entry needs room */
        name_of(name, i);
        assert_int_equal(rig_env_set(env, name, name), 0);
    }
    assert_int_equal(rig_env_unset(env, "SCRIPT_NAME"), 0);
    ration.asked = 0;
    ration.fail_at = refuse_piece;
    int error = rig_next(next, env, res);
    refused = ration.asked >= ration.fail_at;
    ration.fail_at = 0;
    const char *path = rig_env_get(env, "PATH_INFO");
    assert_null(rig_env_get(env, "SCRIPT_NAME")); /* as it was, or the error says so */
    assert_true(error == -ENOMEM || (error == 0 && path && strcmp(path, "/mapped/x") == 0));
    return error;
}

static void test_mapped_env(void **state)
{
    static const struct rig_middleware layer = {.name = "maps", .call = maps_full_env};
    (void)state;
    ration = (struct ration){0};
    struct rig_stack *stack = stack_new(), *inner = stack_new();
    assert_int_equal(rig_use(stack, &layer), 0);
    assert_int_equal(rig_run(inner, RIG_APP(takes_path_away)), 0);
    assert_int_equal(rig_map(stack, "/mapped", inner), 0);
    struct rig_client *client =
        client_with(rig_stack_app(stack), (struct rig_client_options){.allocator = {.admit = admit, .self = &ration}});
    refuse_piece = 0;
    do {
        refuse_piece++;
        const struct rig_result *result = rig_get(client, "/mapped/x");
        assert_true(result->status == 200 || result->error == -ENOMEM);
        (void)rig_expect(result);
        rig_client_reset(client);
    } while (refused);
    assert_true(refuse_piece > 5);
    rig_client_free(client);
    rig_stack_free(stack);
}

/* ---- handles: more of one request than are kept ready ---- */

static int asks_often(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    unsigned failures = 0;
    (void)self;
    ration.asked = 0;
    ration.fail_at = refuse_piece;
    for (unsigned i = 0; i < 40; i++) {
        struct rig_env *copy = rig_env_copy(env);
        struct rig_response *below = copy ? rig_subrequest(next, copy) : NULL;
        int error = below ? rig_response_error(below) : -ENOMEM;
        struct rig_source body = {.read = NULL};
        if (error == 0) {
            body = rig_response_take_body(below);
        }
        if (body.read) {
            body.close(body.self);
        } else {
            assert_true(error == -ENOMEM || error == 0);
            failures++;
        }
    }
    refused = ration.asked >= ration.fail_at;
    ration.fail_at = 0;
    assert_int_equal(failures, refused);
    return rig_next(next, env, res);
}

static void test_handles(void **state)
{
    static const struct rig_middleware layer = {.name = "asks_often", .call = asks_often};
    (void)state;
    refuse_piece = 0;
    do {
        ration = (struct ration){0};
        struct rig_stack *stack = stack_new();
        assert_int_equal(rig_use(stack, &layer), 0);
        assert_int_equal(rig_run(stack, RIG_APP(answer_ok)), 0);
        struct rig_client *client = client_with(
            rig_stack_app(stack), (struct rig_client_options){.allocator = {.admit = admit, .self = &ration}});
        refuse_piece++;
        const struct rig_result *result = rig_get(client, "/");
        assert_true(result->status == 200 || result->unchecked);
        (void)rig_expect(result);
        (void)rig_client_close(client, NULL, 0);
        rig_stack_free(stack);
    } while (refused);
    assert_true(refuse_piece > 40);
}

/* ---- findings and messages ---- */

static struct rig_response *kept_response;

static int64_t changes_what_is_out(void *self, void *buffer, size_t size)
{
    (void)self, (void)buffer, (void)size;
    ration.asked = 0;
    ration.fail_at = refuse_piece;
    assert_int_equal(rig_response_set_status(kept_response, 500), -ESTALE);
    refused = ration.asked >= ration.fail_at;
    ration.fail_at = 0;
    return 0;
}

static int streams(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    kept_response = res;
    return rig_response_stream(res, (struct rig_source){.read = changes_what_is_out});
}

/* A finding that there is no memory for marks the result as unchecked. */
static void test_finding_without_memory(void **state)
{
    (void)state;
    struct rig_client *client = rationed_client(streams);
    refuse_piece = 0;
    do {
        refuse_piece++;
        const struct rig_result *result = rig_get(client, "/");
        unsigned found = count_found(result, "response.lifetime.stale");
        assert_true(found == 1 || result->unchecked);
        assert_true(refused || found == 1);
        if (found) {
            rig_assert(result, .status = 200, .findings = {"response.lifetime.stale"});
        }
    } while (refused);
    assert_true(refuse_piece > 3);
    rig_client_free(client);
}

/* An expectation that does not hold does not hold without memory for its message, either. */
static void test_message_without_memory(void **state)
{
    (void)state;
    struct rig_client *client = rationed_client(answer_ok);
    const struct rig_result *result = rig_get(client, "/");
    ration.asked = 0;
    ration.fail_at = 1;
    assert_false(rig_expect(result, .status = 404));
    assert_non_null(strstr(rig_expect_message(result), "no memory to say more"));
    ration.fail_at = 0;
    assert_false(rig_expect(result, .status = 404));
    assert_non_null(strstr(rig_expect_message(result), "404"));
    assert_true(rig_expect(result, .status = 200));
    assert_null(rig_expect_message(result));
    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_env_that_grows),
        cmocka_unit_test(test_copy_of_a_large_env),
        cmocka_unit_test(test_object),
        cmocka_unit_test(test_header_names),
        cmocka_unit_test(test_new_client),
        cmocka_unit_test(test_mapped_env),
        cmocka_unit_test(test_handles),
        cmocka_unit_test(test_finding_without_memory),
        cmocka_unit_test(test_message_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
