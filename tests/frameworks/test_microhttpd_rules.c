/* microhttpd.*: mistakes that only handlers of libmicrohttpd can make. */
#include "harness/core/arena.h"
#include "tests/unit/rules_test.h"

#include <microhttpd.h>
#include <stackrig/microhttpd.h>

#include <pthread.h>

static struct MHD_Daemon *daemon_of;
static char marker[] = "marker"; /* a *req_cls that is nobody's memory */

static void begin_with(struct MHD_Daemon *daemon)
{
    rig_client_free(client);
    daemon_of = daemon;
    assert_non_null(daemon);
    client = rig_client_new(stackrig_microhttpd_app(daemon), (struct rig_client_options){0});
    assert_non_null(client);
}
#define BEGIN(handler_) \
    begin_with(FAULT(MHD_start_daemon(MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handler_, NULL, MHD_OPTION_END)))

static struct MHD_Response *kept[4];
static unsigned kept_count;

static void destroy_kept(void)
{
    while (kept_count > 0) {
        MHD_destroy_response(kept[--kept_count]);
    }
}

static int end_daemon(void **state)
{
    int result = tear_down(state);
    MHD_stop_daemon(daemon_of);
    daemon_of = NULL;
    destroy_kept(); /* of a test that failed */
    return result;
}

#define HANDLER(name_)                                                                                              \
    static enum MHD_Result name_(void *cls, struct MHD_Connection *connection, const char *url, const char *method, \
                                 const char *version, const char *data, size_t *size, void **req_cls)
#define UNUSED \
    (void)cls, (void)connection, (void)url, (void)method, (void)version, (void)data, (void)size, (void)req_cls

/* The first call and those with a body are over. */
static bool waits(size_t *size, void **req_cls)
{
    bool more = !*req_cls || *size > 0;
    *req_cls = *req_cls ? *req_cls : marker;
    *size = 0;
    return more;
}

static struct MHD_Response *ok(void)
{
    return MHD_create_response_from_buffer(2, marker, MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result answer(struct MHD_Connection *connection)
{
    struct MHD_Response *response = ok();
    enum MHD_Result queued = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return queued;
}

/* ---- microhttpd.answer.early ---- */

HANDLER(answers_first)
{
    UNUSED;
    struct MHD_Response *response = ok();
    enum MHD_Result queued = FAULT(MHD_queue_response(connection, 401, response));
    MHD_destroy_response(response);
    return queued;
}

static void test_answered_in_first_call(void **state)
{
    (void)state;
    BEGIN(answers_first);
    const struct rig_result *result = rig_post(client, "/", .body = "name=lamp");
    EXPECT_ERROR(result, "microhttpd.answer.early", "answers_first");
    assert_int_equal(result->status, 401);
    assert_string_equal(rig_result_header(result, "Connection"), "close");
    assert_int_equal(result->delivery.connection, RIG_CONNECTION_CLOSED);
    assert_int_equal(result->delivery.unread, 9);
    assert_string_equal(result->hops[1].layer_site, finding_of(result, "microhttpd.answer.early")->layer_site);
}

/* Nothing is lost but the connection. */
static void test_get_answered_in_first_call(void **state)
{
    (void)state;
    BEGIN(answers_first);
    const struct rig_result *result = rig_get(client, "/");
    (void)expect_only(result, "microhttpd.answer.early", RIG_LEVEL_NOTE, "answers_first");
    assert_int_equal(result->delivery.connection, RIG_CONNECTION_CLOSED);
}

HANDLER(answers_last)
{
    UNUSED;
    return waits(size, req_cls) ? MHD_YES : answer(connection);
}

static void test_answered_in_last_call(void **state)
{
    (void)state;
    BEGIN(answers_last);
    const struct rig_result *result = rig_post(client, "/", .body = "name=lamp");
    expect_silent(result, "microhttpd.answer.early");
    assert_int_equal(result->delivery.connection, RIG_CONNECTION_KEPT);
    assert_int_equal(result->hop_count, 4);
    assert_int_equal(result->hops[2].body.read, 9);
}

/* ---- microhttpd.header.refused ---- */

static const char *value;

HANDLER(adds_header)
{
    UNUSED;
    if (waits(size, req_cls)) {
        return MHD_YES;
    }
    struct MHD_Response *response = ok();
    (void)MHD_add_response_header(response, "X-Before", "1");
    (void)FAULT(MHD_add_response_header(response, "X-Name", value));
    (void)MHD_add_response_header(response, "X-After", "1");
    enum MHD_Result queued = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return queued;
}

static void test_header_with_line_end(void **state)
{
    (void)state;
    BEGIN(adds_header);
    value = "a\r\nSet-Cookie: b=c";
    const struct rig_result *result = rig_get(client, "/");
    EXPECT_ERROR(result, "microhttpd.header.refused", "adds_header");
    assert_string_equal(result->findings[0].subject, "X-Name");
    assert_null(rig_result_header(result, "X-Name"));
    assert_non_null(rig_result_header(result, "X-After"));
}

static void test_header_with_tab(void **state)
{
    (void)state;
    BEGIN(adds_header);
    value = "a\tb";
    const struct rig_result *result = rig_get(client, "/");
    expect_silent(result, "microhttpd.header.refused");
    assert_string_equal(rig_result_header(result, "X-Name"), "a\tb");
}

/* ---- microhttpd.queue.refused ---- */

HANDLER(answers_in_body)
{
    UNUSED;
    if (*size > 0) {
        struct MHD_Response *response = ok();
        assert_int_equal(FAULT(MHD_queue_response(connection, 413, response)), MHD_NO);
        MHD_destroy_response(response);
    }
    return waits(size, req_cls) ? MHD_YES : answer(connection);
}

static void test_queued_in_body_call(void **state)
{
    (void)state;
    BEGIN(answers_in_body);
    const struct rig_result *result = rig_post(client, "/", .body = "name=lamp");
    EXPECT_ERROR(result, "microhttpd.queue.refused", "answers_in_body");
    assert_int_equal(result->status, 200);
}

HANDLER(answers_twice)
{
    UNUSED;
    if (waits(size, req_cls)) {
        return MHD_YES;
    }
    struct MHD_Response *response = ok();
    assert_int_equal(OTHER(MHD_queue_response(connection, 200, response)), MHD_YES);
    assert_int_equal(FAULT(MHD_queue_response(connection, 500, response)), MHD_NO);
    MHD_destroy_response(response);
    return MHD_YES;
}

static void test_queued_twice(void **state)
{
    (void)state;
    BEGIN(answers_twice);
    const struct rig_result *result = rig_get(client, "/");
    EXPECT_ERROR(result, "microhttpd.queue.refused", "answers_twice");
    assert_true(has_evidence(&result->findings[0], other_at));
    assert_int_equal(result->status, 200);
}

static void test_queued_once(void **state)
{
    (void)state;
    BEGIN(answers_last);
    expect_silent(rig_get(client, "/"), "microhttpd.queue.refused");
}

/* ---- microhttpd.req_cls.leaked ---- */

static void *allocated;

HANDLER(allocates)
{
    UNUSED;
    if (!*req_cls) {
        *req_cls = allocated = malloc(8);
        return MHD_YES;
    }
    return waits(size, req_cls) ? MHD_YES : answer(connection);
}

static void test_req_cls_without_callback(void **state)
{
    (void)state;
    BEGIN(allocates);
    (void)expect_only(rig_get(client, "/"), "microhttpd.req_cls.leaked", RIG_LEVEL_NOTE, "allocates");
    void *first = allocated;
    (void)expect_only(rig_get(client, "/"), "microhttpd.req_cls.leaked",
                      rig_asan_present() ? RIG_LEVEL_ERROR : RIG_LEVEL_WARNING, "allocates");
    free(first);
    free(allocated);
}

HANDLER(lends)
{
    UNUSED;
    if (!*req_cls) {
        *req_cls = allocated;
        return MHD_YES;
    }
    return answer(connection);
}

static void test_req_cls_of_the_program(void **state)
{
    (void)state;
    BEGIN(lends);
    allocated = malloc(8);
    (void)expect_only(rig_get(client, "/"), "microhttpd.req_cls.leaked", RIG_LEVEL_NOTE, "lends");
    expect_silent(rig_get(client, "/"), "microhttpd.req_cls.leaked");
    free(allocated);
}

static void test_req_cls_static(void **state)
{
    (void)state;
    BEGIN(answers_last);
    expect_silent(rig_get(client, "/"), "microhttpd.req_cls.leaked");
    expect_silent(rig_get(client, "/"), "microhttpd.req_cls.leaked");
}

HANDLER(marks_with_connection)
{
    UNUSED;
    if (!*req_cls) {
        *req_cls = connection;
        return MHD_YES;
    }
    return answer(connection);
}

static void test_req_cls_of_the_server(void **state)
{
    (void)state;
    BEGIN(marks_with_connection);
    expect_silent(rig_get(client, "/"), "microhttpd.req_cls.leaked");
}

static unsigned completions;

static void completed(void *cls, struct MHD_Connection *connection, void **req_cls, enum MHD_RequestTerminationCode toe)
{
    assert_ptr_equal(cls, marker);
    assert_non_null(MHD_get_connection_info(connection, MHD_CONNECTION_INFO_DAEMON));
    assert_int_equal(toe, MHD_REQUEST_TERMINATED_COMPLETED_OK);
    free(*req_cls);
    *req_cls = NULL;
    completions++;
}

static void test_req_cls_freed_when_completed(void **state)
{
    (void)state;
    begin_with(MHD_start_daemon(0, 0, NULL, NULL, allocates, NULL, MHD_OPTION_NOTIFY_COMPLETED, completed, marker,
                                MHD_OPTION_END));
    completions = 0;
    expect_silent(rig_get(client, "/"), "microhttpd.req_cls.leaked");
    assert_int_equal(completions, 1);
}

/* ---- microhttpd.response.* ---- */

HANDLER(destroys_twice)
{
    UNUSED;
    if (waits(size, req_cls)) {
        return MHD_YES;
    }
    struct MHD_Response *response = ok();
    enum MHD_Result queued = MHD_queue_response(connection, 200, response);
    OTHER(MHD_destroy_response(response));
    FAULT(MHD_destroy_response(response));
    return queued;
}

static void test_response_destroyed_twice(void **state)
{
    (void)state;
    BEGIN(destroys_twice);
    const struct rig_result *result = rig_get(client, "/");
    EXPECT_ERROR(result, "microhttpd.response.destroyed", "destroys_twice");
    assert_true(has_evidence(&result->findings[0], other_at));
    assert_string_equal(result->body, "ma");
}

HANDLER(queues_destroyed)
{
    UNUSED;
    if (waits(size, req_cls)) {
        return MHD_YES;
    }
    struct MHD_Response *response = ok();
    MHD_destroy_response(response);
    (void)FAULT(MHD_queue_response(connection, 200, response));
    return answer(connection);
}

static void test_response_queued_after_destroy(void **state)
{
    (void)state;
    BEGIN(queues_destroyed);
    const struct rig_result *result = rig_get(client, "/");
    EXPECT_ERROR(result, "microhttpd.response.destroyed", "queues_destroyed");
    assert_int_equal(result->status, 200);
}

static void test_response_destroyed_once(void **state)
{
    (void)state;
    BEGIN(answers_last);
    expect_silent(rig_get(client, "/"), "microhttpd.response.destroyed");
}

HANDLER(never_destroys)
{
    UNUSED;
    if (waits(size, req_cls)) {
        return MHD_YES;
    }
    kept[kept_count] = FAULT(MHD_create_response_from_buffer(2, marker, MHD_RESPMEM_PERSISTENT));
    return MHD_queue_response(connection, 200, kept[kept_count++]);
}

static void test_response_kept_each_time(void **state)
{
    (void)state;
    BEGIN(never_destroys);
    (void)expect_only(rig_get(client, "/a"), "microhttpd.response.leaked", RIG_LEVEL_NOTE, "never_destroys");
    (void)expect_only(rig_get(client, "/b"), "microhttpd.response.leaked", RIG_LEVEL_NOTE, "never_destroys");
    EXPECT_ERROR(rig_get(client, "/a"), "microhttpd.response.leaked", "never_destroys");
    destroy_kept();
}

HANDLER(keeps_one)
{
    UNUSED;
    if (waits(size, req_cls)) {
        return MHD_YES;
    }
    kept[0] = kept_count++ > 0 ? kept[0] : ok();
    if (kept_count == 2) {
        struct MHD_Response *other = ok();
        MHD_destroy_response(other);
    }
    return MHD_queue_response(connection, 200, kept[0]);
}

static void test_response_kept_for_all(void **state)
{
    (void)state;
    BEGIN(keeps_one);
    rig_get(client, "/");
    expect_silent(rig_get(client, "/"), "microhttpd.response.leaked");
    kept_count = 1;
    destroy_kept();
}

/* ---- microhttpd.suspend.not_resumed ---- */

static pthread_t helper;
static bool resumes;

static void *resume(void *connection)
{
    MHD_resume_connection(connection);
    return NULL;
}

HANDLER(suspends)
{
    UNUSED;
    if (!*req_cls) {
        *req_cls = marker;
        MHD_suspend_connection(connection);
        if (resumes) {
            assert_int_equal(pthread_create(&helper, NULL, resume, connection), 0);
        }
        return MHD_YES;
    }
    return answer(connection);
}

static void test_suspended_for_ever(void **state)
{
    (void)state;
    BEGIN(suspends);
    stackrig_microhttpd_set_patience(daemon_of, 5);
    resumes = false;
    const struct rig_result *result = rig_get(client, "/");
    EXPECT_ERROR(result, "microhttpd.suspend.not_resumed", "suspends");
    assert_int_equal(result->error, -ETIMEDOUT);
}

static void test_suspended_and_resumed(void **state)
{
    (void)state;
    BEGIN(suspends);
    resumes = true;
    const struct rig_result *result = rig_get(client, "/");
    pthread_join(helper, NULL);
    expect_silent(result, "microhttpd.suspend.not_resumed");
    assert_int_equal(result->status, 200);
}

static void test_suspended_without_permission(void **state)
{
    (void)state;
    begin_with(MHD_start_daemon(0, 0, NULL, NULL, suspends, NULL, MHD_OPTION_END));
    resumes = false;
    const struct rig_result *result = rig_get(client, "/");
    (void)finding_of(result, "microhttpd.suspend.not_resumed");
    assert_int_equal(result->status, 200);
}

/* ---- microhttpd.upload.not_taken ---- */

static size_t takes;

HANDLER(takes_some)
{
    UNUSED;
    if (*size > 0) {
        *size -= *size > takes ? takes : *size;
        return MHD_YES;
    }
    return waits(size, req_cls) ? MHD_YES : answer(connection);
}

static void test_upload_left(void **state)
{
    (void)state;
    BEGIN(takes_some);
    takes = 0;
    const struct rig_result *result = rig_post(client, "/", .body = "name=lamp");
    (void)expect_found(result, "microhttpd.upload.not_taken", RIG_LEVEL_ERROR, "takes_some");
    assert_int_equal(result->error, -ETIMEDOUT);
    assert_int_equal(result->delivery.unread, 9);
}

static void test_upload_taken_in_parts(void **state)
{
    (void)state;
    BEGIN(takes_some);
    takes = 2;
    const struct rig_result *result = rig_post(client, "/", .body = "name=lamp", RIG_PIECES(4, 5));
    expect_silent(result, "microhttpd.upload.not_taken");
    assert_int_equal(result->status, 200);
}

HANDLER(leaves_more)
{
    UNUSED;
    *size += 1;
    return MHD_YES;
}

static void test_upload_grown(void **state)
{
    (void)state;
    BEGIN(leaves_more);
    const struct rig_result *result = rig_post(client, "/", .body = "a");
    (void)expect_found(result, "microhttpd.upload.not_taken", RIG_LEVEL_ERROR, "leaves_more");
}

#define MHD_TEST(test_) cmocka_unit_test_setup_teardown(test_, set_up, end_daemon),

int main(void)
{
    const struct CMUnitTest tests[] = {MICROHTTPD_TESTS(MHD_TEST)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
