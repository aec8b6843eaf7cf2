/* ulfius.*: mistakes that only callbacks of Ulfius can make. */
#define _POSIX_C_SOURCE 200809L
#include "tests/unit/rules_test.h"

#include <stackrig/ulfius.h>
#include <ulfius.h>

#include <stdio.h>

static struct _u_instance instance;

#define CALLBACK(name_) \
    static int name_(const struct _u_request *request, struct _u_response *response, void *user_data)
#define UNUSED (void)request, (void)response, (void)user_data

typedef int callback_fn(const struct _u_request *request, struct _u_response *response, void *user_data);

/* first, then second, of GET and POST /items/:id. */
static void begin(callback_fn *first, callback_fn *second)
{
    rig_client_free(client);
    assert_int_equal(ulfius_init_instance(&instance, 8080, NULL, NULL), U_OK);
    assert_int_equal(ulfius_add_endpoint_by_val(&instance, "*", "/items", "/:id", 0, first, NULL), U_OK);
    if (second) {
        assert_int_equal(ulfius_add_endpoint_by_val(&instance, "*", "/items", "/:id", 1, second, NULL), U_OK);
    }
    client = rig_client_new(stackrig_ulfius_app(&instance), (struct rig_client_options){0});
    assert_non_null(client);
}

static int end_instance(void **state)
{
    int result = tear_down(state);
    (void)ulfius_stop_framework(&instance);
    ulfius_clean_instance(&instance);
    return result;
}

#define AT(function_) #function_ " (* /items/:id, priority 0)"
#define NEXT(function_) #function_ " (* /items/:id, priority 1)"

CALLBACK(says_ok)
{
    UNUSED;
    (void)OTHER(ulfius_set_string_body_response(response, 200, "ok"));
    return U_CALLBACK_CONTINUE;
}

/* At the line of its function. */
static const struct rig_finding *expect_of(const struct rig_result *result, const char *rule, enum rig_level level,
                                           const char *layer)
{
    fault_at = NULL;
    for (size_t i = 0; i < result->hop_count; i++) {
        fault_at = strcmp(result->hops[i].layer, layer) == 0 ? result->hops[i].layer_site : fault_at;
    }
    assert_non_null(fault_at);
    return expect_only(result, rule, level, layer);
}

/* ---- ulfius.header.dropped ---- */

static const char *value;

CALLBACK(puts_headers)
{
    UNUSED;
    (void)u_map_put(response->map_header, "X-Before", "1");
    (void)u_map_put(response->map_header, "X-Name", value);
    (void)u_map_put(response->map_header, "X-After", "2");
    (void)ulfius_add_cookie_to_response(response, "sid", "42", NULL, 0, NULL, NULL, 0, 0);
    return U_CALLBACK_CONTINUE;
}

static void test_ulfius_header_with_line_end(void **state)
{
    (void)state;
    begin(puts_headers, says_ok);
    value = "a\r\nSet-Cookie: sid=1";
    const struct rig_result *result = rig_get(client, "/items/7");
    const struct rig_finding *found = expect_of(result, "ulfius.header.dropped", RIG_LEVEL_ERROR, AT(puts_headers));
    assert_string_equal(found->message, "X-Name is not sent (CR or LF in its value), and with it 1 header and 1 cookie "
                                        "after it");
    assert_int_equal(result->status, 200);
    assert_string_equal(rig_result_header(result, "X-Before"), "1");
    assert_null(rig_result_header(result, "X-After"));
    assert_null(rig_result_header(result, "Set-Cookie"));
}

static void test_ulfius_header_empty(void **state)
{
    (void)state;
    begin(puts_headers, says_ok);
    value = "";
    const struct rig_result *result = rig_get(client, "/items/7");
    (void)expect_of(result, "ulfius.header.dropped", RIG_LEVEL_ERROR, AT(puts_headers));
    assert_null(rig_result_header(result, "X-After"));
}

CALLBACK(puts_keep_alive)
{
    UNUSED;
    (void)u_map_put(response->map_header, "Connection", "keep-alive");
    (void)u_map_put(response->map_header, "X-After", "2");
    return U_CALLBACK_CONTINUE;
}

static void test_ulfius_header_keep_alive(void **state)
{
    (void)state;
    begin(puts_keep_alive, says_ok);
    const struct rig_result *result = rig_get(client, "/items/7");
    const struct rig_finding *found = expect_of(result, "ulfius.header.dropped", RIG_LEVEL_ERROR, AT(puts_keep_alive));
    assert_string_equal(found->message,
                        "Connection is not sent (no token but keep-alive, which is the library's to set), "
                        "and with it 1 header and 0 cookies after it");
    assert_null(rig_result_header(result, "X-After"));
}

CALLBACK(puts_cookies)
{
    UNUSED;
    (void)ulfius_add_cookie_to_response(response, "a", "1", NULL, 0, NULL, NULL, 0, 0);
    (void)ulfius_add_cookie_to_response(response, "b", "1\r\n2", NULL, 0, NULL, NULL, 0, 0);
    (void)ulfius_add_cookie_to_response(response, "c", "1", NULL, 0, NULL, NULL, 0, 0);
    return U_CALLBACK_COMPLETE;
}

static void test_ulfius_cookie_with_line_end(void **state)
{
    (void)state;
    begin(puts_cookies, NULL);
    const struct rig_result *result = rig_get(client, "/items/7");
    const struct rig_finding *found = expect_of(result, "ulfius.header.dropped", RIG_LEVEL_ERROR, AT(puts_cookies));
    assert_string_equal(
        found->message,
        "Set-Cookie: b is not sent (CR or LF in its value), and with it 0 headers and 1 cookie after it");
}

CALLBACK(puts_header_and_cookie)
{
    UNUSED;
    (void)u_map_put(response->map_header, "Set-Cookie", "own=1");
    (void)ulfius_add_cookie_to_response(response, "sid", "1\r\n2", NULL, 0, NULL, NULL, 0, 0);
    (void)ulfius_add_cookie_to_response(response, "last", "1", NULL, 0, NULL, NULL, 0, 0);
    return U_CALLBACK_COMPLETE;
}

/* libulfius adds the headers first: theirs is none of map_cookie. */
static void test_ulfius_cookie_behind_header(void **state)
{
    (void)state;
    begin(puts_header_and_cookie, NULL);
    const struct rig_result *result = rig_get(client, "/items/7");
    const struct rig_finding *found =
        expect_of(result, "ulfius.header.dropped", RIG_LEVEL_ERROR, AT(puts_header_and_cookie));
    assert_string_equal(
        found->message,
        "Set-Cookie: sid is not sent (CR or LF in its value), and with it 0 headers and 1 cookie after it");
    assert_string_equal(rig_result_header(result, "Set-Cookie"), "own=1");
}

static void test_ulfius_headers_sent(void **state)
{
    (void)state;
    begin(puts_headers, says_ok);
    value = "a\tb";
    const struct rig_result *result = rig_get(client, "/items/7");
    expect_silent(result, "ulfius.header.dropped");
    assert_string_equal(rig_result_header(result, "X-After"), "2");
    assert_string_equal(rig_result_header(result, "Set-Cookie"), "sid=42");
}

/* ---- ulfius.map_url.kept ---- */

CALLBACK(keeps_id)
{
    UNUSED;
    response->shared_data = (void *)(uintptr_t)u_map_get(request->map_url, "id");
    return U_CALLBACK_CONTINUE;
}

CALLBACK(reads_id)
{
    UNUSED;
    const char *id = response->shared_data;
    volatile char first = FAULT(id[0]);
    response->shared_data = NULL;
    return first ? says_ok(request, response, user_data) : U_CALLBACK_ERROR;
}

static void test_ulfius_parameter_kept(void **state)
{
    (void)state;
    begin(keeps_id, reads_id);
    const struct rig_result *result = rig_get(client, "/items/7?size=9");
    EXPECT_ERROR(result, "ulfius.map_url.kept", NEXT(reads_id));
    assert_non_null(strstr(finding_of(result, "ulfius.map_url.kept")->message, "\"id\" of " AT(keeps_id)));
    assert_int_equal(result->status, 200); /* it goes on, as it might there */
    (void)rig_get(client, "/items/8");
}

/* Not read in the callback itself: in libc. */
CALLBACK(answers_id)
{
    UNUSED;
    char text[32];
    FAULT(memcpy(text, response->shared_data, strlen(response->shared_data) + 1));
    response->shared_data = NULL;
    (void)ulfius_set_string_body_response(response, 200, text);
    return U_CALLBACK_COMPLETE;
}

static void test_ulfius_parameter_kept_for_libc(void **state)
{
    (void)state;
    begin(keeps_id, answers_id);
    EXPECT_ERROR(rig_get(client, "/items/0123456789012345"), "ulfius.map_url.kept", NEXT(answers_id));
}

static const char *kept;

CALLBACK(keeps_for_later)
{
    UNUSED;
    volatile char first = 1;
    if (kept) {
        first = FAULT(kept[0]);
    };
    kept = u_map_get(request->map_url, "id");
    return first ? says_ok(request, response, user_data) : U_CALLBACK_ERROR;
}

static void test_ulfius_parameter_kept_for_next_request(void **state)
{
    (void)state;
    kept = NULL;
    begin(keeps_for_later, NULL);
    expect_silent(rig_get(client, "/items/7"), "ulfius.map_url.kept");
    EXPECT_ERROR(rig_get(client, "/items/7"), "ulfius.map_url.kept", AT(keeps_for_later));
}

CALLBACK(copies_id)
{
    UNUSED;
    (void)u_map_put(request->map_url, "id", "a longer one, which is moved"); /* its own from here on */
    (void)ulfius_set_response_shared_data(response, o_strdup(u_map_get(request->map_url, "id")), o_free);
    return U_CALLBACK_CONTINUE;
}

CALLBACK(reads_copy)
{
    UNUSED;
    (void)u_map_remove_from_key(request->map_url, "id");
    (void)ulfius_set_string_body_response(response, 200, response->shared_data);
    return U_CALLBACK_CONTINUE;
}

static void test_ulfius_parameter_copied(void **state)
{
    (void)state;
    begin(copies_id, reads_copy);
    const struct rig_result *result = rig_get(client, "/items/7?a=1&b=2");
    expect_silent(result, "ulfius.map_url.kept");
    assert_string_equal(result->body, "a longer one, which is moved");
}

/* ---- ulfius.refusal.replaced ---- */

CALLBACK(refuses_and_goes_on)
{
    UNUSED;
    (void)FAULT(ulfius_set_string_body_response(response, 401, "who are you?"));
    return U_CALLBACK_CONTINUE;
}

static void test_ulfius_refused_and_served(void **state)
{
    (void)state;
    begin(refuses_and_goes_on, says_ok);
    const struct rig_result *result = rig_get(client, "/items/7");
    const struct rig_finding *found =
        expect_only(result, "ulfius.refusal.replaced", RIG_LEVEL_ERROR, AT(refuses_and_goes_on));
    assert_non_null(strstr(found->message, "says_ok"));
    assert_true(has_evidence(found, other_at));
    assert_int_equal(result->status, 200);
}

/* A new instance, of the same test. */
static void begin_anew(callback_fn *first, callback_fn *second)
{
    rig_client_free(client);
    client = NULL;
    (void)ulfius_stop_framework(&instance);
    ulfius_clean_instance(&instance);
    begin(first, second);
}

CALLBACK(refuses)
{
    UNUSED;
    (void)ulfius_set_string_body_response(response, 401, "who are you?");
    return U_CALLBACK_COMPLETE;
}

CALLBACK(looks_on)
{
    UNUSED;
    return U_CALLBACK_CONTINUE;
}

static void test_ulfius_refused(void **state)
{
    (void)state;
    begin(refuses, says_ok);
    assert_int_equal(rig_get(client, "/items/7")->status, 401);
    begin_anew(refuses_and_goes_on, looks_on);
    const struct rig_result *result = rig_get(client, "/items/7");
    expect_silent(result, "ulfius.refusal.replaced");
    assert_int_equal(result->status, 401);
}

/* ---- ulfius.shared_data.* ---- */

CALLBACK(shares)
{
    UNUSED;
    (void)ulfius_set_response_shared_data(response, strdup("ada"), free);
    return U_CALLBACK_CONTINUE;
}

CALLBACK(frees_shared)
{
    UNUSED;
    FAULT(free(response->shared_data));
    return says_ok(request, response, user_data);
}

static void test_ulfius_shared_freed_twice(void **state)
{
    (void)state;
    begin(shares, frees_shared);
    const struct rig_result *result = rig_get(client, "/items/7");
    const struct rig_finding *found = expect_of(result, "ulfius.shared_data.freed_twice", RIG_LEVEL_ERROR, AT(shares));
    assert_true(found->evidence_count == 1);
    assert_int_equal(result->status, 200);
}

CALLBACK(frees_again)
{
    UNUSED;
    void *volatile copy = response->shared_data; /* gcc would see it */
    free(response->shared_data);
    response->shared_data = NULL;
    response->free_shared_data = NULL;
    FAULT(free(copy));
    return says_ok(request, response, user_data);
}

static void test_ulfius_shared_freed_twice_by_callback(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); /* the sanitizer itself ends the program at the second free */
#endif
    begin(shares, frees_again);
    EXPECT_ERROR(rig_get(client, "/items/7"), "ulfius.shared_data.freed_twice", NEXT(frees_again));
}

CALLBACK(frees_and_sets_another)
{
    UNUSED;
    free(response->shared_data);
    response->shared_data = strdup("lin"); /* which nothing that was freed may be taken for */
    return says_ok(request, response, user_data);
}

static void test_ulfius_shared_freed_once(void **state)
{
    (void)state;
    begin(shares, frees_and_sets_another);
    expect_silent(rig_get(client, "/items/7"), "ulfius.shared_data.freed_twice");
}

static void *left[4];
static unsigned left_count;

static void free_left(void)
{
    while (left_count > 0) {
        free(left[--left_count]);
    }
}

CALLBACK(leaves_shared)
{
    UNUSED;
    response->shared_data = left[left_count++] = strdup("ada");
    return says_ok(request, response, user_data);
}

static void test_ulfius_shared_left(void **state)
{
    (void)state;
    begin(leaves_shared, looks_on);
    (void)expect_of(rig_get(client, "/items/7"), "ulfius.shared_data.leaked", RIG_LEVEL_NOTE, AT(leaves_shared));
    (void)expect_of(rig_get(client, "/items/7"), "ulfius.shared_data.leaked", RIG_LEVEL_ERROR, AT(leaves_shared));
    free_left();
}

/* Of another start, as of another test, and of another request. */
static void test_ulfius_shared_left_by_another(void **state)
{
    (void)state;
    begin(leaves_shared, looks_on);
    (void)expect_of(rig_get(client, "/items/7"), "ulfius.shared_data.leaked", RIG_LEVEL_NOTE, AT(leaves_shared));
    (void)expect_of(rig_get(client, "/items/7", .headers = {{"Cookie", "sid=1"}}), "ulfius.shared_data.leaked",
                    RIG_LEVEL_NOTE, AT(leaves_shared));
    begin_anew(leaves_shared, looks_on);
    (void)expect_of(rig_get(client, "/items/7"), "ulfius.shared_data.leaked", RIG_LEVEL_NOTE, AT(leaves_shared));
    free_left();
}

CALLBACK(takes_shared)
{
    UNUSED;
    free(response->shared_data);
    response->shared_data = NULL;
    return says_ok(request, response, user_data);
}

CALLBACK(shares_without_release)
{
    UNUSED;
    response->shared_data = strdup("ada");
    return U_CALLBACK_CONTINUE;
}

static void test_ulfius_shared_left_to_ulfius(void **state)
{
    (void)state;
    begin(shares, says_ok);
    expect_silent(rig_get(client, "/items/7"), "ulfius.shared_data.leaked");
    expect_silent(rig_get(client, "/items/7"), "ulfius.shared_data.freed_twice");
}

/* What lies on the stack has nothing to free. A place of its own each time, so that no two are alike. */
CALLBACK(shares_its_stack)
{
    char marks[64];
    static unsigned used;
    UNUSED;
    response->shared_data = &marks[++used % sizeof marks]; // cppcheck-suppress autoVariables
    return says_ok(request, response, user_data);
}

static void test_ulfius_shared_stack(void **state)
{
    (void)state;
    begin(shares_its_stack, looks_on);
    expect_silent(rig_get(client, "/items/7"), "ulfius.shared_data.leaked");
    expect_silent(rig_get(client, "/items/7"), "ulfius.shared_data.leaked");
}

static void test_ulfius_shared_taken(void **state)
{
    (void)state;
    begin(shares_without_release, takes_shared);
    expect_silent(rig_get(client, "/items/7"), "ulfius.shared_data.leaked");
    expect_silent(rig_get(client, "/items/7"), "ulfius.shared_data.leaked");
}

/* ---- what cannot be seen ---- */

static void test_ulfius_blind(void **state)
{
    (void)state;
    begin(shares, looks_on);
    const struct rig_result *result = rig_post(client, "/items/7?a=b", .body = "lamp");
    for (const struct rig_blind *at = stackrig_ulfius.blind; at->rule; at++) {
        if (rig_result_armed(result, at->rule) > 0) {
            fail_msg("%s armed", at->rule);
        }
    }
}

#define ULFIUS_TEST(test_) cmocka_unit_test_setup_teardown(test_, set_up, end_instance),

int main(void)
{
    const struct CMUnitTest tests[] = {ULFIUS_TESTS(ULFIUS_TEST)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
