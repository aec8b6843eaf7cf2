/* The layer through the rig: who passes, who does not, and what becomes of the body. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <stdio.h>

#include "basic_auth.h"
#include "credentials.h"

#define ALADDIN "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" /* Aladdin:open sesame, from RFC 7617 */
#define CHALLENGE "Basic realm=\"Restricted\""

/* ---- a stack with the layer above a recorder ---- */

struct fixture {
    struct rig_stack *stack;
    struct rig_recorder *app;
    struct rig_client *client;
};

static void open_fixture(struct fixture *fixture, struct basic_auth_options options, struct rig_client_options client)
{
    if (!options.user && !options.file && !options.check) {
        options.user = "Aladdin";
        options.password = "open sesame";
    }
    fixture->app = rig_recorder_new();
    fixture->stack = rig_stack_new((struct rig_stack_options){0});
    assert_int_equal(rig_use(fixture->stack, &basic_auth, &options, .auth = true), 0);
    assert_int_equal(rig_run(fixture->stack, rig_recorder_app(fixture->app)), 0);
    fixture->client = rig_client_new(rig_stack_app(fixture->stack), client);
}

static void close_fixture(struct fixture *fixture)
{
    rig_client_free(fixture->client);
    rig_stack_free(fixture->stack);
    rig_recorder_free(fixture->app);
}

static int set_up(void **state)
{
    *state = calloc(1, sizeof(struct fixture));
    open_fixture(*state, (struct basic_auth_options){0}, (struct rig_client_options){0});
    return 0;
}

static int tear_down(void **state)
{
    close_fixture(*state);
    free(*state);
    return 0;
}

/* As no server lets it through, too: with a line's end in it, or blanks at its ends. */
static const struct rig_result *as_env(struct fixture *fixture, const char *authorization)
{
    return rig_get(fixture->client, "/", .env = {{"HTTP_AUTHORIZATION", authorization}});
}

static const struct rig_result *get_as(struct fixture *fixture, const char *authorization)
{
    return rig_get(fixture->client, "/", .headers = {{"Authorization", authorization}});
}

/* 401: wrong or other credentials; 400: they cannot be read. */
static void assert_refused_with(int status, const struct fixture *fixture, const struct rig_result *result)
{
    rig_assert(result, .status = status, .body = "",
               .headers = {{"WWW-Authenticate", status == 401 ? CHALLENGE : NULL},
                           {"Content-Type", "text/plain"},
                           {"Content-Length", "0"}});
    assert_int_equal(result->finding_count, 0);
    assert_int_equal(rig_recorder_count(fixture->app), 0);
}

static void assert_refused(const struct fixture *fixture, const struct rig_result *result)
{
    assert_refused_with(401, fixture, result);
}

/* "Basic " and the base64 of size bytes; lasts until the next call. */
static const char *basic(const void *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static char value[8192];
    const unsigned char *in = bytes;
    char *out = value + sprintf(value, "Basic ");
    for (size_t i = 0; i < size; i += 3) {
        unsigned bits = (unsigned)in[i] << 16 | (i + 1 < size ? (unsigned)in[i + 1] << 8 : 0) |
                        (i + 2 < size ? (unsigned)in[i + 2] : 0);
        *out++ = digits[bits >> 18];
        *out++ = digits[bits >> 12 & 63];
        *out++ = digits[bits >> 6 & 63];
        *out++ = digits[bits & 63];
    }
    for (size_t padding = (3 - size % 3) % 3; padding > 0; padding--) {
        out[-(ptrdiff_t)padding] = '=';
    }
    *out = '\0';
    return value;
}

/* ---- who passes ---- */

static void the_right_credentials_pass(void **state)
{
    static const char *const right[] = {ALADDIN,
                                        "basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "BASIC QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
                                        "bAsIc    QWxhZGRpbjpvcGVuIHNlc2FtZQ==", ALADDIN " "};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        const struct rig_result *result = get_as(fixture, right[i]);
        rig_assert(result, .status = 200, .headers = {{"WWW-Authenticate", NULL}});
        const struct rig_recorded *call = rig_recorder_call(fixture->app, i);
        assert_string_equal(rig_recorded_env(call, "REMOTE_USER"), "Aladdin");
        assert_string_equal(rig_recorded_env(call, "AUTH_TYPE"), "Basic");
    }
}

static void the_env_and_the_body_go_on_untouched(void **state)
{
    struct fixture *fixture = *state;
    const struct rig_result *result =
        rig_post(fixture->client, "/", .body = "name=lamp", .headers = {{"Authorization", ALADDIN}});
    rig_assert(result, .status = 200);
    const struct rig_recorded *call = rig_recorder_call(fixture->app, 0);
    assert_int_equal(call->env_id, result->env_id);
    assert_int_equal(call->body.size, 9);
    assert_memory_equal(call->body.data, "name=lamp", 9);
}

static void a_user_that_the_client_sends_is_removed(void **state)
{
    struct fixture *fixture = *state;
    const struct rig_result *result =
        rig_get(fixture->client, "/", .headers = {{"Authorization", ALADDIN}, {"Remote-User", "root"}},
                .env = {{"REMOTE_USER", "root"}, {"AUTH_TYPE", "Negotiate"}});
    rig_assert(result, .status = 200);
    const struct rig_recorded *call = rig_recorder_call(fixture->app, 0);
    assert_string_equal(rig_recorded_env(call, "REMOTE_USER"), "Aladdin");
    assert_string_equal(rig_recorded_env(call, "AUTH_TYPE"), "Basic");
    assert_null(rig_recorded_env(call, "HTTP_REMOTE_USER"));
}

static int log_user(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    const char *user = rig_env_get(env, "REMOTE_USER");
    rig_env_log(env, "user: %s", user ? user : "-");
    return error;
}

/* An access log above must not name a user who was refused. */
static void it_is_removed_from_a_refused_request_too(void **state)
{
    static const struct rig_middleware access_log = {.name = "access_log", .call = log_user};
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    struct fixture *fixture = *state;
    assert_int_equal(rig_use(stack, &access_log), 0);
    assert_int_equal(rig_run(stack, rig_stack_app(fixture->stack)), 0);
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    rig_assert(rig_get(client, "/", .env = {{"REMOTE_USER", "root"}}), .status = 401, .log_contains = "user: -");
    rig_client_free(client);
    rig_stack_free(stack);
}

static void user_and_password_are_utf8(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture, (struct basic_auth_options){.user = "münchen", .password = "grüße:aus"},
                 (struct rig_client_options){0});
    rig_assert(get_as(&fixture, basic("münchen:grüße:aus", strlen("münchen:grüße:aus"))), .status = 200);
    assert_string_equal(rig_recorded_env(rig_recorder_call(fixture.app, 0), "REMOTE_USER"), "münchen");
    close_fixture(&fixture);
}

/* ---- who does not ---- */

static void what_cannot_be_read_is_refused(void **state)
{
    static const char *const wrong[] = {
        "",
        " ",
        "B",
        "Basi",
        "Basic",
        "Basic ",
        "BasicQWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        "Basic\tQWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        "Basic:QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        "Basic\nQWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        "Bearer",
        "QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        ALADDIN "=",
        ALADDIN " extra",
        ALADDIN ", " ALADDIN,
        ("Basic " ALADDIN),
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ",
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=",
        "Basic QWxhZGRpbjpv cGVuIHNlc2FtZQ==",
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZR==", /* the same bytes, bits left over */
        "Basic \"QWxhZGRpbjpvcGVuIHNlc2FtZQ==\"",
        "Basic Aladdin:open sesame",
        "Basic ====",
        "Basic QWxhZGRpbg==", /* Aladdin */
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_refused_with(400, *state, as_env(*state, wrong[i]));
    }
}

static void assert_never_passes(const struct fixture *fixture, const struct rig_result *result)
{
    assert_refused_with(result->status == 400 ? 400 : 401, fixture, result);
}

/* Cut after every byte, and with every byte once more. */
static void truncated_and_doubled_values_are_refused(void **state)
{
    char value[2 * sizeof ALADDIN];
    for (size_t i = 0; i < strlen(ALADDIN); i++) {
        snprintf(value, sizeof value, "%.*s", (int)i, ALADDIN);
        assert_never_passes(*state, get_as(*state, value));
        if (ALADDIN[i] != ' ') { /* a second space is allowed */
            snprintf(value, sizeof value, "%.*s%s", (int)i + 1, ALADDIN, &ALADDIN[i]);
            assert_never_passes(*state, get_as(*state, value));
        }
    }
}

static void two_headers_are_refused(void **state)
{
    struct fixture *fixture = *state;
    const struct rig_result *result =
        rig_get(fixture->client, "/", .headers = {{"Authorization", ALADDIN}, {"Authorization", ALADDIN}});
    assert_refused_with(400, fixture, result);
}

static void those_of_another_scheme_are_challenged(void **state)
{
    static const char *const other[] = {"Basicc QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
                                        "Digest username=\"Aladdin\"", "a'b*c~ x", "x  y"};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        assert_refused(*state, get_as(*state, other[i]));
    }
}

/* They could be read: it is the list that has none like them. */
static void wrong_ones_are_challenged(void **state)
{
    static const char *const wrong[] = {"Aladdin:", ":open sesame", ":", "Aladdin:open sesam", "aladdin:open sesame"};
    assert_refused(*state, get_as(*state, NULL));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_refused(*state, get_as(*state, basic(wrong[i], strlen(wrong[i]))));
    }
}

static void every_byte_in_the_password(void **state)
{
    char text[] = "Aladdin:open sesame";
    for (int byte = 0; byte < 256; byte++) {
        text[12] = (char)byte;
        if (byte == ' ') {
            continue;
        }
        assert_refused(*state, get_as(*state, basic(text, strlen("Aladdin:open sesame"))));
    }
}

/* A zero byte does not end it, in base64 or in the header itself. */
static void zero_bytes_are_seen(void **state)
{
    struct fixture *fixture = *state;
    assert_refused(fixture, get_as(fixture, basic("Aladdin:open sesame\0", 20)));
    assert_refused(fixture, get_as(fixture, basic("Aladdin\0:open sesame", 20)));

    struct rig_env *env = rig_env_for(fixture->client, RIG_GET("/"));
    assert_non_null(env);
    assert_int_equal(rig_env_set_bytes(env, "HTTP_AUTHORIZATION", ALADDIN "\0x", strlen(ALADDIN) + 2), 0);
    assert_refused_with(400, fixture, rig_call(fixture->client, env));
}

static void long_values_are_refused(void **state)
{
    char text[4096];
    memset(text, 'x', sizeof text);
    text[7] = ':';
    for (size_t size = CREDENTIAL_TEXT_MAX - 2; size < CREDENTIAL_TEXT_MAX + 4; size++) {
        assert_refused(*state, get_as(*state, basic(text, size)));
    }
    assert_refused(*state, get_as(*state, basic(text, sizeof text)));
}

/* ---- a check of one's own ---- */

static struct rig_bytes asked_user, asked_password;
static char asked[64];

static bool knows(void *self, struct rig_bytes user, struct rig_bytes password)
{
    assert_true(user.size + password.size <= sizeof asked);
    memcpy(asked, user.data, user.size);
    memcpy(asked + user.size, password.data, password.size);
    asked_user = (struct rig_bytes){asked, user.size};
    asked_password = (struct rig_bytes){asked + user.size, password.size};
    return *(bool *)self;
}

/* It is asked with any bytes, also of what the list of users could never hold. */
static void a_check_sees_every_byte(void **state)
{
    static const struct {
        const char *text;
        size_t size, user_size;
    } cases[] = {{"ann:one", 7, 3}, {":one", 4, 0}, {"ann:", 4, 3}, {":", 1, 0}, {"a\0b:c\nd\377:", 9, 3}};
    bool answer;
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture, (struct basic_auth_options){.check = knows, .check_self = &answer},
                 (struct rig_client_options){0});
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int passes = 0; passes < 2; passes++) {
            answer = passes;
            const struct rig_result *result = get_as(&fixture, basic(cases[i].text, cases[i].size));
            rig_assert(result, .status = passes ? 200 : 401);
            assert_int_equal(asked_user.size, cases[i].user_size);
            assert_memory_equal(asked_user.data, cases[i].text, cases[i].user_size);
            assert_int_equal(asked_password.size, cases[i].size - cases[i].user_size - 1);
            assert_memory_equal(asked_password.data, cases[i].text + cases[i].user_size + 1, asked_password.size);
        }
        const struct rig_recorded *call = rig_recorder_call(fixture.app, i);
        assert_memory_equal(rig_recorded_env(call, "REMOTE_USER"), cases[i].text, cases[i].user_size);
    }
    close_fixture(&fixture);
}

/* ---- the body ---- */

static void the_body_is_drained_before_the_answer(void **state)
{
    size_t count;
    const struct rig_server *const *servers = rig_servers(&count);
    (void)state;
    assert_true(count >= 3);
    for (size_t i = 0; i < count; i++) {
        struct fixture fixture;
        open_fixture(&fixture, (struct basic_auth_options){0}, (struct rig_client_options){.server = servers[i]});
        const struct rig_result *result = rig_post(fixture.client, "/", .body = "name=lamp");
        assert_refused(&fixture, result);
        assert_int_equal(result->hops[0].body.drained, 9);
        assert_int_equal(result->delivery.unread, 0);
        assert_int_equal(result->delivery.outcome, RIG_DELIVERED);
        assert_null(result->delivery.log[0]);
        assert_int_equal(result->exchange_count, 1);
        assert_refused(&fixture, rig_post(fixture.client, "/", .body = "name=lamp", .chunked = true));
        close_fixture(&fixture);
    }
}

static void past_the_limit_it_closes_the_connection(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture, (struct basic_auth_options){.body_max = 8}, (struct rig_client_options){0});
    const struct rig_result *result = rig_post(fixture.client, "/", .body = "12345678");
    rig_assert(result, .status = 401, .headers = {{"Connection", NULL}});
    result = rig_post(fixture.client, "/", .body = "123456789");
    rig_assert(result, .status = 401, .headers = {{"WWW-Authenticate", CHALLENGE}, {"Connection", "close"}});
    result = rig_post(fixture.client, "/", .body = "more than 8 bytes, and what is left of them is not read");
    rig_assert(result, .status = 401, .headers = {{"WWW-Authenticate", CHALLENGE}, {"Connection", "close"}});
    assert_int_equal(result->delivery.connection, RIG_CONNECTION_CLOSED);
    close_fixture(&fixture);
}

static int64_t reset_by_peer(void *self, void *buffer, size_t size)
{
    (void)self;
    (void)buffer;
    (void)size;
    return -ECONNRESET;
}

static void a_client_that_goes_away_is_an_error(void **state)
{
    struct fixture fixture;
    (void)state;
    open_fixture(&fixture, (struct basic_auth_options){0}, (struct rig_client_options){0});
    rig_assert(rig_post(fixture.client, "/", .source = {.read = reset_by_peer}, .source_size = 9),
               .error = -ECONNRESET);
    assert_int_equal(rig_recorder_count(fixture.app), 0);
    close_fixture(&fixture);
}

static void without_an_env_it_does_nothing(void **state)
{
    (void)state;
    assert_int_equal(basic_auth.call(NULL, NULL, NULL, NULL), -EINVAL);
}

/* ---- memory ---- */

static bool admit_until(void *self, size_t size)
{
    int *left = self;
    (void)size;
    return *left != 0 && (*left)--;
}

/* Sends while all but the first `pieces` pieces of memory are refused; true if that was enough. */
static bool send_within(int pieces, const char *authorization, int status)
{
    int left = -1; /* no limit */
    struct fixture fixture;
    open_fixture(
        &fixture, (struct basic_auth_options){.body_max = 4},
        (struct rig_client_options){.server = &rig_server_memory, .allocator = {.admit = admit_until, .self = &left}});
    left = pieces;
    const struct rig_result *result =
        rig_post(fixture.client, "/", .body = "name=lamp", .headers = {{"Authorization", authorization}});
    bool enough = left > 0;
    left = -1;

    if (result->error == -ENOMEM) {
        rig_assert(result, .error = -ENOMEM);
    } else {
        rig_assert(result, .status = status);
    }
    for (size_t i = 0; i < rig_recorder_count(fixture.app); i++) {
        assert_int_equal(status, 200);
        assert_string_equal(rig_recorded_env(rig_recorder_call(fixture.app, i), "REMOTE_USER"), "Aladdin");
    }
    close_fixture(&fixture);
    return enough;
}

/* Every piece of memory in turn is not there: it is an error, and never does anybody pass who should not. */
static void without_memory_nobody_passes(void **state)
{
    int pieces = 0;
    (void)state;
    while (!send_within(pieces, ALADDIN, 200)) {
        pieces++;
    }
    assert_true(pieces > 3);
    for (pieces = 0; !send_within(pieces, "Basic eDp5", 401);) {
        pieces++;
    }
    assert_true(pieces > 3);
}

int main(void)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_right_credentials_pass),
        TEST(the_env_and_the_body_go_on_untouched),
        TEST(a_user_that_the_client_sends_is_removed),
        TEST(it_is_removed_from_a_refused_request_too),
        cmocka_unit_test(user_and_password_are_utf8),
        TEST(what_cannot_be_read_is_refused),
        TEST(those_of_another_scheme_are_challenged),
        TEST(wrong_ones_are_challenged),
        TEST(truncated_and_doubled_values_are_refused),
        TEST(two_headers_are_refused),
        TEST(every_byte_in_the_password),
        TEST(zero_bytes_are_seen),
        TEST(long_values_are_refused),
        cmocka_unit_test(a_check_sees_every_byte),
        cmocka_unit_test(the_body_is_drained_before_the_answer),
        cmocka_unit_test(past_the_limit_it_closes_the_connection),
        cmocka_unit_test(a_client_that_goes_away_is_an_error),
        cmocka_unit_test(without_an_env_it_does_nothing),
        cmocka_unit_test(without_memory_nobody_passes),
    };
    return cmocka_run_group_tests_name("basic_auth, layer", tests, NULL, NULL);
}
