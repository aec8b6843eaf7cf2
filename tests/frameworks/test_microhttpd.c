/* The in-memory libmicrohttpd beside what the comparison with the real one covers (make parity): what ends in the middle,
 * what is kept too long, threads, digest authentication, hostile forms, memory that runs out. */
#include "tests/unit/core_test.h"

#include <microhttpd.h>
#include <stackrig/faults.h>
#include <stackrig/microhttpd.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>

static char marker[] = "marker";
static unsigned calls, completions;
static int how_completed;

static void completed(void *cls, struct MHD_Connection *connection, void **req_cls, enum MHD_RequestTerminationCode how)
{
    (void)cls, (void)connection, (void)req_cls;
    completions++;
    how_completed = (int)how;
}

static struct MHD_Daemon *start(MHD_AccessHandlerCallback handler)
{
    calls = completions = 0;
    struct MHD_Daemon *daemon =
        MHD_start_daemon(0, 0, NULL, NULL, handler, NULL, MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_END);
    assert_non_null(daemon);
    assert_ptr_equal(stackrig_microhttpd_daemon(), daemon);
    return daemon;
}

static struct rig_client *client_of(struct MHD_Daemon *daemon)
{
    return client_with(stackrig_microhttpd_app(daemon), (struct rig_client_options){0});
}

#define HANDLER(name_)                                                                                              \
    static enum MHD_Result name_(void *cls, struct MHD_Connection *connection, const char *url, const char *method, \
                                 const char *version, const char *data, size_t *size, void **req_cls)
#define UNUSED \
    (void)cls, (void)connection, (void)url, (void)method, (void)version, (void)data, (void)size, (void)req_cls

static bool waits(size_t *size, void **req_cls)
{
    bool more = !*req_cls || *size > 0;
    *req_cls = marker;
    *size = 0;
    return more;
}

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(2, marker, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

/* ---- a daemon ---- */

HANDLER(plain)
{
    UNUSED;
    __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
    return waits(size, req_cls) ? MHD_YES : answer(connection, 200);
}

static void test_options_that_are_none(void **state)
{
    (void)state;
    const struct MHD_OptionItem wrong[] = {{(enum MHD_OPTION)999, 0, NULL}, {MHD_OPTION_END, 0, NULL}};
    assert_null(MHD_start_daemon(0, 0, NULL, NULL, plain, NULL, (enum MHD_OPTION)999, MHD_OPTION_END));
    assert_null(MHD_start_daemon(0, 0, NULL, NULL, plain, NULL, MHD_OPTION_ARRAY, wrong, MHD_OPTION_END));
    assert_null(MHD_start_daemon(0, 0, NULL, NULL, NULL, NULL, MHD_OPTION_END));
    assert_null(stackrig_microhttpd_daemon());
    MHD_stop_daemon(NULL);
    assert_null(stackrig_microhttpd_app(NULL).call);
}

static void test_every_option(void **state)
{
    (void)state;
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_AUTO, 8080, NULL, NULL, plain, NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)4096,
        MHD_OPTION_CONNECTION_LIMIT, 10u, MHD_OPTION_HTTPS_CRED_TYPE, 1, MHD_OPTION_EXTERNAL_LOGGER, NULL, NULL,
        MHD_OPTION_DIGEST_AUTH_RANDOM, (size_t)4, "abcd", MHD_OPTION_THREAD_STACK_SIZE, (size_t)65536,
        MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_HTTPS_MEM_KEY, "key", MHD_OPTION_NOTIFY_COMPLETED, completed,
        NULL, MHD_OPTION_CONNECTION_TIMEOUT, 5u, MHD_OPTION_END);
    assert_non_null(daemon);
    assert_int_equal(MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port, 8080);
    assert_int_equal(MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_FLAGS)->flags, MHD_USE_AUTO);
    completions = 0;
    struct rig_client *client = client_of(daemon);
    rig_assert(rig_get(client, "/"), .status = 200);
    assert_int_equal(completions, 1);
    rig_client_free(client);
    MHD_stop_daemon(daemon);
}

/* Of a body that breaks off there is no last call: so it is with the real one, and no handler could tell. */
static void test_a_body_that_breaks_off(void **state)
{
    (void)state;
    struct MHD_Daemon *daemon = start(plain);
    struct rig_client *client = client_of(daemon);
    struct rig_fault_report report =
        rig_each_fault(client, RIG_POST("/", .body = "twenty bytes of body"), .kinds = 1u << RIG_FAULT_EARLY_END);
    assert_int_equal(report.error, 0);
    assert_true(report.verdicts[RIG_FAULT_PASSED_ON] > 0);
    assert_int_equal(report.case_count, 0);
    rig_client_free(client);
    MHD_stop_daemon(daemon);
}

/* More than its buffer holds comes in pieces. */
static void test_large_body(void **state)
{
    (void)state;
    static char body[100001];
    memset(body, 'x', sizeof body - 1);
    struct MHD_Daemon *daemon = start(plain);
    struct rig_client *client = client_of(daemon);
    rig_assert(rig_post(client, "/", .body = body), .status = 200);
    assert_int_equal(calls, 2 + 4);
    rig_client_free(client);
    MHD_stop_daemon(daemon);
}

static void test_rules_it_is_blind_to(void **state)
{
    (void)state;
    struct MHD_Daemon *daemon = start(plain);
    struct rig_client *client = client_of(daemon);
    const struct rig_result *result = rig_post(client, "/", .body = "a=1");
    rig_assert(result, .status = 200);
    for (const struct rig_blind *blind = stackrig_microhttpd.blind; blind->rule; blind++) {
        assert_non_null(rig_rule_find(blind->rule));
        assert_int_equal(rig_result_armed(result, blind->rule), 0);
    }
    rig_client_free(client);
    MHD_stop_daemon(daemon);
}

/* ---- what ends in the middle ---- */

static void test_body_breaks_off(void **state)
{
    (void)state;
    struct counted body = {.size = 100, .fail_at = 40, .error = -ECONNRESET};
    struct MHD_Daemon *daemon = start(plain);
    struct rig_client *client = client_of(daemon);
    const struct rig_result *result = rig_post(client, "/", .source = source_of(&body), .source_size = 100);
    assert_int_equal(result->error, -ECONNRESET);
    assert_int_equal(completions, 1);
    assert_int_not_equal(how_completed, MHD_REQUEST_TERMINATED_COMPLETED_OK);
    rig_client_reset(client);
    (rig_client_free)(client);
    MHD_stop_daemon(daemon);
}

HANDLER(refuses)
{
    UNUSED;
    return MHD_NO;
}

/* The real one closes the connection without a word. */
static void test_handler_says_no(void **state)
{
    (void)state;
    struct MHD_Daemon *daemon = start(refuses);
    struct rig_client *client = client_of(daemon);
    const struct rig_result *result = rig_post(client, "/", .body = "name=lamp");
    assert_int_equal(result->delivery.outcome, RIG_CLOSED);
    rig_assert(result, .status = 500, .error = -ECONNABORTED);
    assert_int_equal(how_completed, MHD_REQUEST_TERMINATED_WITH_ERROR);
    rig_client_free(client);
    MHD_stop_daemon(daemon);
}

static jmp_buf back;

HANDLER(jumps)
{
    UNUSED;
    *req_cls = marker;
    longjmp(back, 1);
}

static void test_jumped_out_of(void **state)
{
    (void)state;
    struct MHD_Daemon *daemon = start(jumps);
    struct rig_client *client = client_of(daemon);
    if (setjmp(back) == 0) {
        (void)rig_get(client, "/");
        fail();
    }
    (rig_client_free)(client);
    assert_int_equal(completions, 1);
    assert_int_equal(how_completed, MHD_REQUEST_TERMINATED_WITH_ERROR);
    MHD_stop_daemon(daemon);
}

static ssize_t read_x(void *cls, uint64_t at, char *buffer, size_t max)
{
    (void)cls;
    size_t size = at < 5000 ? 5000 - (size_t)at : 0;
    size = size < max ? size : max;
    memset(buffer, 'x', size);
    return size > 0 ? (ssize_t)size : MHD_CONTENT_READER_END_OF_STREAM;
}

static void count_free(void *cls)
{
    ++*(unsigned *)cls;
}

static unsigned freed;

HANDLER(streams)
{
    UNUSED;
    if (waits(size, req_cls)) {
        return MHD_YES;
    }
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 1000, read_x, &freed, count_free);
    enum MHD_Result queued = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    assert_int_equal(freed, 0);
    return queued;
}

static void test_streamed_answer(void **state)
{
    (void)state;
    struct MHD_Daemon *daemon = start(streams);
    struct rig_client *client = client_of(daemon);
    freed = 0;
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200);
    assert_int_equal(result->body_size, 5000);
    assert_true(result->chunk_count >= 5);
    assert_int_equal(freed, 1);
    rig_client_free(client);
    MHD_stop_daemon(daemon);
}

/* ---- what is kept too long ---- */

static struct MHD_Connection *kept;
static const char *kept_at;

HANDLER(keeps)
{
    UNUSED;
    if (kept && !*req_cls) {
        kept_at = RIG_SITE, assert_null(MHD_lookup_connection_value(kept, MHD_HEADER_KIND, "Host"));
        assert_int_equal(answer(kept, 500), MHD_NO);
        assert_null(MHD_get_connection_info(kept, MHD_CONNECTION_INFO_DAEMON));
    }
    kept = connection;
    return waits(size, req_cls) ? MHD_YES : answer(connection, 200);
}

static void test_connection_of_an_ended_request(void **state)
{
    (void)state;
    kept = NULL;
    struct MHD_Daemon *daemon = start(keeps);
    struct rig_client *client = client_of(daemon);
    rig_assert(rig_get(client, "/"), .status = 200);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200, .findings = {"env.lifetime.stale"});
    assert_int_equal(count_found(result, "env.lifetime.stale"), 3);
    assert_string_equal(result->findings[0].site, kept_at);
    assert_string_equal(result->findings[0].layer, "keeps");
    assert_non_null(strstr(result->findings[0].message, "MHD_lookup_connection_value"));
    rig_client_free(client);
    MHD_stop_daemon(daemon);
}

/* ---- threads ---- */

static void *send_some(void *daemon)
{
    struct rig_client *client = rig_client_new(stackrig_microhttpd_app(daemon), (struct rig_client_options){0});
    uintptr_t wrong = !client;
    for (int i = 0; client && i < 100; i++) {
        wrong += !rig_expect(rig_post(client, "/", .body = "a=1"), .status = 200);
        rig_client_reset(client);
    }
    (rig_client_free)(client);
    return (void *)wrong;
}

static void test_clients_on_two_threads(void **state)
{
    (void)state;
    pthread_t other;
    void *wrong = NULL;
    struct MHD_Daemon *daemon = start(plain);
    assert_int_equal(pthread_create(&other, NULL, send_some, daemon), 0);
    assert_null(send_some(daemon));
    assert_int_equal(pthread_join(other, &wrong), 0);
    assert_null(wrong);
    assert_int_equal(calls, 2 * 100 * 3);
    MHD_stop_daemon(daemon);
}

/* ---- digest authentication ---- */

static enum MHD_DigestAuthAlgorithm algorithm;
static int checked;
static unsigned invalid;

HANDLER(asks_digest)
{
    UNUSED;
    if (waits(size, req_cls)) {
        return MHD_YES;
    }
    char *user = MHD_digest_auth_get_username(connection);
    checked = MHD_digest_auth_check2(connection, "items", "ada", "lace", 300, algorithm);
    invalid += checked == MHD_INVALID_NONCE;
    enum MHD_Result queued;
    if (user && checked == MHD_YES) {
        queued = answer(connection, 200);
    } else {
        struct MHD_Response *response = MHD_create_response_from_buffer(2, marker, MHD_RESPMEM_PERSISTENT);
        queued = MHD_queue_auth_fail_response2(connection, "items", "opaque", response, checked == MHD_INVALID_NONCE,
                                               algorithm);
        MHD_destroy_response(response);
    }
    MHD_free(user);
    return queued;
}

static void try_digest(enum MHD_DigestAuthAlgorithm with)
{
    algorithm = with;
    struct MHD_Daemon *daemon = start(asks_digest);
    struct rig_client *client = client_of(daemon);
    struct rig_session *ada = rig_session_new(client, (struct rig_session_options){0});
    struct rig_session *eve = rig_session_new(client, (struct rig_session_options){0});
    rig_session_digest(ada, "ada", "lace");
    rig_session_digest(eve, "ada", "guess");
    rig_assert(rig_get(client, "/a?b=1"), .status = 401);
    assert_int_equal(checked, MHD_NO);
    rig_assert(rig_session_get(ada, "/a?b=1"), .status = 200);
    rig_assert(rig_session_get(ada, "/a?b=1"), .status = 200);
    rig_assert(rig_session_get(eve, "/a?b=1"), .status = 401);
    invalid = 0;
    rig_client_set_now(client, rig_client_now(client) + 299 * INT64_C(1000000000));
    rig_assert(rig_session_get(ada, "/a?b=1"), .status = 200);
    assert_int_equal(invalid, 0);
    rig_client_set_now(client, rig_client_now(client) + 2 * INT64_C(1000000000)); /* the nonce is too old */
    rig_assert(rig_session_get(ada, "/a?b=1"), .status = 200);
    assert_int_equal(invalid, 1);
    rig_session_free(ada);
    rig_session_free(eve);
    rig_client_free(client);
    MHD_stop_daemon(daemon);
}

static void test_digest(void **state)
{
    (void)state;
    try_digest(MHD_DIGEST_ALG_MD5);
    try_digest(MHD_DIGEST_ALG_SHA256);
}

/* The same credentials a second time are a replay; made up ones are of no nonce. */
static void test_digest_replayed(void **state)
{
    (void)state;
    static const char made_up[] =
        "Digest username=\"ada\", realm=\"items\", nonce=\"00112233445566778899aabbccddeeff00000000\", "
        "uri=\"/\", qop=auth, nc=00000001, cnonce=\"c\", response=\"00\"";
    static const char *const broken[] = {"Digest", "Digest ", "Digest username=\"ada",
                                         "Digest username=\"ada\", nonce=\"\"", "digest username=\"ada\""};
    algorithm = MHD_DIGEST_ALG_MD5;
    struct MHD_Daemon *daemon = start(asks_digest);
    struct rig_client *client = client_of(daemon);
    rig_assert(rig_get(client, "/", .headers = {{"Authorization", made_up}}), .status = 401);
    assert_int_equal(checked, MHD_INVALID_NONCE);
    for (size_t i = 0; i < COUNT(broken); i++) {
        rig_assert(rig_get(client, "/", .headers = {{"Authorization", broken[i]}}), .status = 401);
        assert_int_equal(checked, MHD_NO);
    }
    rig_client_free(client);
    MHD_stop_daemon(daemon);
}

/* ---- hostile forms ---- */

static size_t given;

static enum MHD_Result take_field(void *cls, enum MHD_ValueKind kind, const char *key, const char *filename,
                                  const char *type, const char *encoding, const char *data, uint64_t offset,
                                  size_t size)
{
    (void)cls, (void)kind, (void)filename, (void)type, (void)encoding, (void)offset;
    given += (key ? strlen(key) : 0) + size + (size > 0 ? (unsigned char)data[size - 1] : 0);
    return MHD_YES;
}

HANDLER(reads_form)
{
    UNUSED;
    if (!*req_cls) {
        *req_cls = MHD_create_post_processor(connection, 256, take_field, NULL);
        return *req_cls ? MHD_YES : MHD_NO;
    }
    if (*size > 0) {
        (void)MHD_post_process(*req_cls, data, *size);
        *size = 0;
        return MHD_YES;
    }
    (void)MHD_destroy_post_processor(*req_cls);
    return answer(connection, 200);
}

static void test_hostile_forms(void **state)
{
    (void)state;
    static const char bits[] = "--XX\r\n\r\n-&=%4a+;:\"name=\"Content-Disposition: form-data; name=\"a\"\r\n\0\xff";
    struct MHD_Daemon *daemon = start(reads_form);
    struct rig_client *client = client_of(daemon);
    uint32_t seed = 1;
    for (unsigned round = 0; round < 400; round++) {
        char body[700];
        size_t size = 0;
        while (size + 40 < sizeof body) {
            seed = seed * 1664525u + 1013904223u;
            size_t from = seed >> 8 & 63, count = seed >> 20 & 31;
            count = from + count < sizeof bits ? count : sizeof bits - from;
            memcpy(body + size, bits + from, count);
            size += count + 1;
            body[size - 1] = (char)(seed >> 24);
        }
        const char *type = round % 2 ? "multipart/form-data; boundary=XX" : "application/x-www-form-urlencoded";
        rig_assert(
            rig_post(client, "/", .bytes = {body, size}, .headers = {{"Content-Type", type}}, RIG_PIECES(7, 100)),
            .status = 200);
        rig_client_reset(client);
    }
    assert_true(given > 0);
    rig_client_free(client);
    MHD_stop_daemon(daemon);
}

/* ---- out of memory ---- */

struct ration {
    unsigned asked, fail_at;
};

static bool admit(void *self, size_t size)
{
    (void)size;
    struct ration *ration = self;
    return ++ration->asked != ration->fail_at;
}

static void test_out_of_memory(void **state)
{
    (void)state;
    struct MHD_Daemon *daemon = start(plain);
    bool failed = true;
    for (unsigned fail_at = 1; failed; fail_at++) {
        struct ration ration = {0, fail_at};
        struct rig_client *client =
            rig_client_new(stackrig_microhttpd_app(daemon),
                           (struct rig_client_options){.allocator = {.admit = admit, .self = &ration}});
        failed = ration.asked >= fail_at;
        if (!client) {
            continue;
        }
        const struct rig_result *result =
            rig_post(client, "/?a=1", .body = "ab", .headers = {{"Cookie", "a=1"}, {"X-A", "2"}});
        failed = ration.asked >= fail_at;
        assert_true(result->error == -ENOMEM || result->unchecked || result->status == 200);
        assert_true(failed || (result->status == 200 && result->error == 0));
        rig_client_reset(client);
        (rig_client_free)(client);
    }
    MHD_stop_daemon(daemon);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_that_are_none),  cmocka_unit_test(test_every_option),
        cmocka_unit_test(test_a_body_that_breaks_off), cmocka_unit_test(test_large_body),
        cmocka_unit_test(test_rules_it_is_blind_to),   cmocka_unit_test(test_body_breaks_off),
        cmocka_unit_test(test_handler_says_no),        cmocka_unit_test(test_jumped_out_of),
        cmocka_unit_test(test_streamed_answer),        cmocka_unit_test(test_connection_of_an_ended_request),
        cmocka_unit_test(test_clients_on_two_threads), cmocka_unit_test(test_digest),
        cmocka_unit_test(test_digest_replayed),        cmocka_unit_test(test_hostile_forms),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
