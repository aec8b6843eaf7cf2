/* response.header_name.status and .lowercase, response.content_type.forbidden_for_status, and 101: response.protocol.*,
 * response.hijack.* */
#include "tests/unit/rules_test.h"

#include <stackrig/servers.h>

/* Answers as the layer's options say. */
struct answer {
    int status;
    struct rig_field headers[3];
};

static int answers(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct answer *answer = self;
    (void)env, (void)next;
    int error = rig_response_set_status(res, answer->status);
    for (const struct rig_field *at = answer->headers; at->name && !error; at++) {
        error = FAULT(rig_response_add_header(res, at->name, at->value));
    }
    return error;
}
LAYER_WITH(answers, answer);

static void stand(const struct answer *answer)
{
    rig_use(stack, &above_layer);
    rig_use(stack, &answers_layer, answer);
    rig_run(stack, RIG_APP(answer_ok));
}
static void stand_anew(void)
{
    (void)tear_down(NULL);
    assert_int_equal(set_up(NULL), 0);
}
#define ANSWER(...) stand(&(struct answer){__VA_ARGS__})

/* ---- response.header_name.status ---- */

static void test_header_named_status(void **state)
{
    (void)state;
    ANSWER(200, {{"Status", "404"}});
    EXPECT_ERROR(rig_get(client, "/"), "response.header_name.status", "answers");
}

static void test_header_named_x_status(void **state)
{
    (void)state;
    ANSWER(200, {{"X-Status", "404"}, {"Statut", "x"}});
    expect_silent(rig_get(client, "/"), "response.header_name.status");
}

/* ---- response.header_name.lowercase ---- */

static void test_header_with_capitals(void **state)
{
    (void)state;
    ANSWER(200, {{"x-Request", "1"}});
    const struct rig_result *result = rig_get(client, "/", .enable = {"response.header_name.lowercase"});
    EXPECT_ERROR(result, "response.header_name.lowercase", "answers");
    expect_silent(rig_get(client, "/"), "response.header_name.status");
}

static void test_header_without_capitals(void **state)
{
    (void)state;
    ANSWER(200, {{"x-request", "1"}, {"etag", "\"A\""}});
    expect_silent(rig_get(client, "/", .enable = {"response.header_name.lowercase"}), "response.header_name.lowercase");
    const struct rig_result *other = rig_get(client, "/", .enable = {"env.log.written"});
    assert_int_equal(rig_result_armed(other, "response.header_name.lowercase"), 0);
}

static int adds_header(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    rig_response_set_header(res, "X-Above", "1");
    return rig_next(next, env, res);
}
LAYER(adds_header);

/* On for one layer: for what that layer sets. */
static void test_capitals_of_one_layer(void **state)
{
    (void)state;
    rig_use(stack, &adds_header_layer);
    rig_use(stack, &answers_layer, &(struct answer){200, {{"X-Below", "1"}}},
            .enable = {"response.header_name.lowercase"});
    rig_run(stack, RIG_APP(answer_ok));
    EXPECT_ERROR(rig_get(client, "/"), "response.header_name.lowercase", "answers");
    assert_int_equal(rig_result_armed(rig_get(client, "/"), "response.header_name.lowercase"), 1); /* not for X-Above */
    const struct rig_result *result = rig_get(client, "/", .ignore = {"response.header_name.*"});
    assert_int_equal(result->finding_count, 0);
    assert_int_equal(result->suppressed_count, 1);
}

static void test_unknown_rule_enabled_for_layer(void **state)
{
    (void)state;
    FAULT(rig_use(stack, &above_layer, .enable = {"response.header_name.lower"}));
    rig_run(stack, RIG_APP(answer_ok));
    (void)expect_found(rig_get(client, "/"), "usage.rule.unknown", RIG_LEVEL_ERROR, NULL);
}

/* ---- response.content_type.forbidden_for_status ---- */

static void test_type_with_304(void **state)
{
    (void)state;
    ANSWER(304, {{"Content-Type", "text/html"}});
    (void)expect_only(rig_get(client, "/"), "response.content_type.forbidden_for_status", RIG_LEVEL_WARNING, "answers");
}

static void test_no_type_with_304(void **state)
{
    (void)state;
    ANSWER(304, {{"ETag", "\"1\""}});
    expect_silent(rig_get(client, "/"), "response.content_type.forbidden_for_status");
}

/* 205 has no content either, but headers of it do no harm; and each header is told. */
static void test_type_and_length_of_other_statuses(void **state)
{
    (void)state;
    ANSWER(205, {{"Content-Type", "text/html"}, {"Content-Length", "0"}});
    assert_int_equal(rig_get(client, "/")->finding_count, 0);
}

static void test_type_and_length_with_204(void **state)
{
    (void)state;
    ANSWER(204, {{"Content-Type", "text/html"}, {"Content-Length", "0"}});
    const struct rig_result *result = rig_get(client, "/");
    assert_int_equal(result->finding_count, 2);
    (void)finding_of(result, "response.content_type.forbidden_for_status");
    (void)finding_of(result, "response.content_length.forbidden_for_status");
}

/* ---- 101 ---- */

#define OFFERING(protocols_) rig_get(client, "/", .headers = {{"Connection", "upgrade"}, {"Upgrade", protocols_}})

static void test_switch_unasked(void **state)
{
    (void)state;
    ANSWER(101, {{"Upgrade", "websocket"}});
    EXPECT_ERROR(rig_get(client, "/"), "response.protocol.not_requested", "answers");
}

/* In any other answer Upgrade says what the server could speak: RFC 9110 section 7.8. */
static void test_switch_advertised(void **state)
{
    (void)state;
    ANSWER(426, {{"upgrade", "websocket"}});
    const struct rig_result *result = rig_get(client, "/", .enable = {"response.header_name.lowercase"});
    assert_int_equal(result->finding_count, 0);
    stand_anew();
    ANSWER(101, {{"Upgrade", "websocket"}});
    expect_silent(OFFERING("websocket"), "response.protocol.not_requested");
}

static void test_switch_to_another_protocol(void **state)
{
    (void)state;
    ANSWER(101, {{"Upgrade", "websocket"}});
    EXPECT_ERROR(OFFERING("h2c, IRC/6.9, web"), "response.protocol.not_offered", "answers");
}

static void test_switch_to_offered_protocol(void **state)
{
    (void)state;
    ANSWER(101, {{"Upgrade", "irc/6.9"}, {"Upgrade", "WebSocket"}});
    expect_silent(OFFERING(", h2c,IRC/6.9 ,websocket"), "response.protocol.not_offered");
}

/* protocol,protocol,...,last in memory to free */
static char *protocols(size_t count, const char *protocol, const char *last)
{
    size_t size = strlen(protocol) + 1;
    char *text = malloc(count * size + strlen(last) + 1);
    assert_non_null(text);
    for (size_t i = 0; i < count; i++) {
        memcpy(text + i * size, protocol, size);
        text[i * size + size - 1] = ',';
    }
    strcpy(text + count * size, last);
    return text;
}

/* The first 64 of each side are compared, all with all; beyond them nothing is said. */
static void test_switch_with_long_lists(void **state)
{
    static const struct {
        size_t offered, chosen;
        bool found;
    } rows[] = {{63, 0, true}, {63, 63, true}, {64, 0, false}, {0, 64, false}, {32000, 32000, false}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *offered = protocols(rows[i].offered, "a", "a"), *chosen = protocols(rows[i].chosen, "a", "b");
        ANSWER(101, {{"Upgrade", chosen}});
        const struct rig_result *result = OFFERING(offered);
        assert_int_equal(rig_result_found(result, "response.protocol.not_offered"), rows[i].found);
        stand_anew();
        free(offered);
        free(chosen);
    }
    ANSWER(101, {{"Upgrade", "a, a"}, {"Upgrade", "b"}});
    EXPECT_ERROR(OFFERING("a"), "response.protocol.not_offered", "answers");
}

static void test_switch_behind_gateway(void **state)
{
    (void)state;
    ANSWER(101, {{"Upgrade", "websocket"}});
    expect_silent(OFFERING("websocket"), "response.hijack.not_supported");
    behind(&rig_server_passenger3);
    const struct rig_finding *finding = finding_of(OFFERING("websocket"), "response.hijack.not_supported");
    assert_int_equal(finding->level, RIG_LEVEL_ERROR);
    assert_string_equal(finding->layer, "answers");
    assert_string_equal(finding->server, "passenger3");
}

static int turns_into_101(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : FAULT(rig_response_set_status(res, 101));
}
LAYER(turns_into_101);

static void test_switch_of_another_answer(void **state)
{
    (void)state;
    behind(&rig_server_passenger3);
    STAND(&turns_into_101_layer, answer_ok);
    (void)expect_found(OFFERING("websocket"), "response.hijack.not_supported", RIG_LEVEL_ERROR, "turns_into_101");
}

static void test_upgrade_refused_behind_gateway(void **state)
{
    (void)state;
    behind(&rig_server_passenger3);
    ANSWER(426, {{"Upgrade", "websocket"}});
    assert_int_equal(OFFERING("websocket")->finding_count, 0);
    stand_anew();
    ANSWER(101, {{"Upgrade", "websocket"}});
    expect_silent(OFFERING("websocket"), "response.hijack.not_supported");
}

/* ---- values with a length ---- */

static int sets_value_with_zero_byte(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    rig_response_set_header_bytes(res, "X-Fine", "abc", 2);
    FAULT(rig_response_set_header_bytes(res, "X-Zero", "a\0b", 3));
    return rig_respond(res);
}

static void test_value_with_zero_byte(void **state)
{
    (void)state;
    STAND(&above_layer, sets_value_with_zero_byte);
    const struct rig_result *result = rig_get(client, "/");
    EXPECT_ERROR(result, "response.header_value.chars", "sets_value_with_zero_byte");
    assert_string_equal(rig_result_header(result, "X-Fine"), "ab");
    assert_string_equal(rig_result_header(result, "X-Zero"), "a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {FIELD_TESTS(RULE_TEST)};
    return cmocka_run_group_tests_name("rules: fields", tests, NULL, NULL);
}
