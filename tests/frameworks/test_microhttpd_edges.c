/* The in-memory libmicrohttpd where a handler does what is legal but seldom done, or outlasts what it kept. */
#include "harness/core/arena.h"
#include "tests/unit/core_test.h"

#include <microhttpd.h>
#include <stackrig/faults.h>
#include <stackrig/microhttpd.h>

#include <stdlib.h>

static char marker[] = "marker";

static struct MHD_Daemon *start(MHD_AccessHandlerCallback handler)
{
    struct MHD_Daemon *daemon = MHD_start_daemon(0, 0, NULL, NULL, handler, NULL, MHD_OPTION_END);
    assert_non_null(daemon);
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

static enum MHD_Result answer(struct MHD_Connection *connection)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(2, marker, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result queued = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return queued;
}

/* ---- a body of more than the buffer holds ---- */

#define LARGE 40960

static size_t taken, record;
static unsigned refusals, refuses;

/* Takes whole records only, and now and then nothing. */
HANDLER(takes_records)
{
    UNUSED;
    if (*size == 0) {
        return waits(size, req_cls) ? MHD_YES : answer(connection);
    }
    if (refusals < refuses) {
        refusals++;
        return MHD_YES;
    }
    size_t takes = taken + *size == LARGE ? *size : *size - *size % record;
    taken += takes;
    *size -= takes;
    return MHD_YES;
}

static const struct rig_result *send_large(struct rig_client *client)
{
    static char body[LARGE + 1];
    memset(body, 'x', LARGE);
    taken = refusals = 0;
    return rig_post(client, "/", .body = body);
}

static void test_refused_once(void **state)
{
    (void)state;
    struct MHD_Daemon *daemon = start(takes_records);
    struct rig_client *client = client_of(daemon);
    record = refuses = 1;
    rig_assert(send_large(client), .status = 200);
    assert_int_equal(taken, LARGE);
    rig_client_free(client);
    MHD_stop_daemon(daemon);
}

static void test_taken_by_records(void **state)
{
    (void)state;
    struct MHD_Daemon *daemon = start(takes_records);
    struct rig_client *client = client_of(daemon);
    record = 3000;
    refuses = 2;
    rig_assert(send_large(client), .status = 200);
    assert_int_equal(taken, LARGE);
    rig_client_free(client);
    MHD_stop_daemon(daemon);
}

static void test_never_taken(void **state)
{
    (void)state;
    struct MHD_Daemon *daemon = start(takes_records);
    struct rig_client *client = client_of(daemon);
    record = 1;
    refuses = 1000;
    const struct rig_result *result = send_large(client);
    assert_int_equal(count_found(result, "microhttpd.upload.not_taken"), 1);
    assert_int_equal(result->error, -ETIMEDOUT);
    assert_true(refusals < 10);
    rig_client_reset(client);
    (rig_client_free)(client);
    MHD_stop_daemon(daemon);
}

/* ---- Connection ---- */

HANDLER(keeps_alive)
{
    UNUSED;
    if (waits(size, req_cls)) {
        return MHD_YES;
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(2, marker, MHD_RESPMEM_PERSISTENT);
    assert_int_equal(MHD_add_response_header(response, "Connection", "keep-alive"), MHD_NO);
    assert_int_equal(MHD_add_response_header(response, "Connection", "keep-alive, Upgrade"), MHD_YES);
    enum MHD_Result queued = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return queued;
}

static void test_keep_alive_is_refused(void **state)
{
    (void)state;
    struct MHD_Daemon *daemon = start(keeps_alive);
    struct rig_client *client = client_of(daemon);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200, .findings = {"microhttpd.header.refused"});
    assert_int_equal(count_found(result, "microhttpd.header.refused"), 1);
    assert_non_null(strstr(result->findings[0].message, "keep-alive"));
    rig_client_free(client);
    MHD_stop_daemon(daemon);
}

/* ---- a connection of a client that is gone ---- */

static struct MHD_Connection *kept;

HANDLER(keeps)
{
    UNUSED;
    if (kept && !*req_cls) {
        assert_null(MHD_lookup_connection_value(kept, MHD_HEADER_KIND, "Host"));
    }
    kept = *req_cls ? connection : NULL;
    return waits(size, req_cls) ? MHD_YES : answer(connection);
}

/* What it was of was freed: with that it is told, and by nothing that was in it. */
static void test_connection_outlasts_its_client(void **state)
{
    (void)state;
    kept = NULL;
    struct MHD_Daemon *daemon = start(keeps);
    struct rig_client *client = client_of(daemon);
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_client_free(client);
    client = client_of(daemon);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200, .findings = {"env.lifetime.stale"});
    assert_int_equal(count_found(result, "env.lifetime.stale"), 1);
    assert_string_equal(result->findings[0].layer, "keeps");
    assert_non_null(strstr(result->findings[0].message, "MHD_lookup_connection_value"));
    rig_client_free(client);
    MHD_stop_daemon(daemon);
}

/* Outside of all requests: the next one tells it. */
static void test_connection_used_between(void **state)
{
    (void)state;
    kept = NULL;
    struct MHD_Daemon *daemon = start(keeps);
    struct rig_client *client = client_of(daemon);
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_client_free(client);
    const char *site = RIG_SITE;
    assert_null(MHD_get_connection_info(kept, MHD_CONNECTION_INFO_DAEMON));
    assert_null(MHD_get_connection_info(kept, MHD_CONNECTION_INFO_DAEMON));
    kept = NULL;
    client = client_of(daemon);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200, .findings = {"env.lifetime.stale"});
    assert_int_equal(count_found(result, "env.lifetime.stale"), 1);
    assert_int_equal(strncmp(result->findings[0].site, site, strcspn(site, ":")), 0);
    rig_assert(rig_get(client, "/"), .status = 200, .findings = {"env.lifetime.stale"});
    rig_client_free(client);
    MHD_stop_daemon(daemon);
}

/* ---- *req_cls ---- */

static void *held[2];
static unsigned requests;
static bool gives_back;

/* Of another size each time, so that no address comes again. */
HANDLER(forgets_it)
{
    UNUSED;
    if (!*req_cls) {
        *req_cls = held[requests] = malloc(requests == 0 ? 24 : 4000);
        requests++;
        return MHD_YES;
    }
    if (gives_back) {
        free(*req_cls);
    }
    return answer(connection);
}

static const struct rig_finding *left_twice(bool frees)
{
    static struct rig_finding second;
    static char message[200];
    struct MHD_Daemon *daemon = start(forgets_it);
    struct rig_client *client = client_of(daemon);
    requests = 0;
    gives_back = frees;
    (void)rig_get(client, "/");
    const struct rig_result *result = rig_get(client, "/");
    bool found = count_found(result, "microhttpd.req_cls.leaked") == 1;
    for (size_t i = 0; found && i < result->finding_count; i++) {
        if (strcmp(result->findings[i].rule, "microhttpd.req_cls.leaked") == 0) {
            second = result->findings[i];
            (void)snprintf(message, sizeof message, "%s", second.message);
            second.message = message;
        }
    }
    rig_client_reset(client);
    (rig_client_free)(client);
    MHD_stop_daemon(daemon);
    for (unsigned i = 0; i < 2 && !frees; i++) {
        free(held[i]);
    }
    return found ? &second : NULL;
}

/* A pointer to what was freed is no leak. Who cannot tell says so, and calls it no error. */
static void test_req_cls_freed_and_not_cleared(void **state)
{
    (void)state;
    const struct rig_finding *found = left_twice(true);
    if (rig_asan_present()) {
        assert_null(found);
        return;
    }
    assert_non_null(found);
    assert_int_equal(found->level, RIG_LEVEL_WARNING);
    assert_non_null(strstr(found->message, "or freed and not set to NULL"));
}

static void test_req_cls_left(void **state)
{
    (void)state;
    const struct rig_finding *found = left_twice(false);
    assert_non_null(found);
    assert_int_equal(found->level, rig_asan_present() ? RIG_LEVEL_ERROR : RIG_LEVEL_WARNING);
}

/* ---- a request that fails early ---- */

static unsigned logged, completed;

static void *logs_uri(void *cls, const char *uri, struct MHD_Connection *connection)
{
    (void)cls, (void)uri, (void)connection;
    logged++;
    return malloc(8);
}

static void frees(void *cls, struct MHD_Connection *connection, void **req_cls, enum MHD_RequestTerminationCode code)
{
    (void)cls, (void)connection, (void)code;
    completed += *req_cls != NULL;
    free(*req_cls);
    *req_cls = NULL;
}

HANDLER(answers)
{
    UNUSED;
    return answer(connection);
}

/* What the URI log callback made is given back, even where no handler was called. */
static void test_logged_and_no_memory_for_more(void **state)
{
    (void)state;
    struct MHD_Daemon *daemon = MHD_start_daemon(0, 0, NULL, NULL, answers, NULL, MHD_OPTION_URI_LOG_CALLBACK, logs_uri,
                                                 NULL, MHD_OPTION_NOTIFY_COMPLETED, frees, NULL, MHD_OPTION_END);
    struct rig_client *client = client_of(daemon);
    struct rig_fault_report report =
        rig_each_fault(client, RIG_GET("/path?query=of&some=words"), .kinds = 1u << RIG_FAULT_POOL);
    assert_int_equal(report.error, 0);
    assert_true(logged > 5);
    assert_int_equal(completed, logged);
    rig_client_free(client);
    MHD_stop_daemon(daemon);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_once),
        cmocka_unit_test(test_taken_by_records),
        cmocka_unit_test(test_never_taken),
        cmocka_unit_test(test_keep_alive_is_refused),
        cmocka_unit_test(test_connection_outlasts_its_client),
        cmocka_unit_test(test_connection_used_between),
        cmocka_unit_test(test_req_cls_freed_and_not_cleared),
        cmocka_unit_test(test_req_cls_left),
        cmocka_unit_test(test_logged_and_no_memory_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
