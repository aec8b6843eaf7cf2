/* The in-memory libmicrohttpd where a handler does what is legal but seldom done, or outlasts what it kept. */
#include "tests/unit/core_test.h"

#include <microhttpd.h>
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
    refuses = 1;
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_once),
        cmocka_unit_test(test_taken_by_records),
        cmocka_unit_test(test_never_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
