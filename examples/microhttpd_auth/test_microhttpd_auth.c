/* The service under the rig. Linked to libstackrig-microhttpd in the place of -lmicrohttpd; no socket is opened. */
#include <stackrig/cmocka.h>
#include <stackrig/microhttpd.h>
#include <stackrig/stackrig.h>

#include "../marker.h"
#include "../no_socket.h"
#include "service.h"

static struct MHD_Daemon *daemon_of;
static struct rig_client *client;

static void begin(struct MHD_Daemon *daemon)
{
    daemon_of = daemon;
    assert_non_null(daemon);
    client = rig_client_new(stackrig_microhttpd_app(daemon), (struct rig_client_options){0});
    assert_non_null(client);
}

static int begin_broken(void **state)
{
    (void)state;
    begin(start_broken(8080));
    return 0;
}

static int begin_mended(void **state)
{
    (void)state;
    begin(start_mended(8080));
    return 0;
}

static int end(void **state)
{
    (void)state;
    rig_client_free(client);
    MHD_stop_daemon(daemon_of);
    return 0;
}

#define ADA                                   \
    {                                         \
        "Authorization", "Basic YWRhOmxhY2U=" \
    }

/* ---- broken ---- */

static void a_status_test_fails_by_itself(void **state)
{
    (void)state;
    const struct rig_result *result = rig_post(client, "/items", .body = "lamp");
    assert_int_equal(result->status, 401); /* all that a test of the status alone would see */
    assert_false(rig_expect(result, .status = 401));
    rig_assert(result, .status = 401, .findings = {"microhttpd.answer.early"});

    const struct rig_finding *early = finding_of(result, "microhttpd.answer.early");
    assert_string_equal(early->layer, "serve");
    assert_true(marker_at(early->site, "401"));
    assert_true(marker_at(early->layer_site, "demo"));
    assert_int_equal(result->delivery.connection, RIG_CONNECTION_CLOSED);
}

static void those_who_are_known_see_nothing_of_it(void **state)
{
    (void)state;
    rig_assert(rig_post(client, "/items", .body = "lamp", .headers = {ADA}), .status = 201, .body = "lamp");
    rig_assert(rig_get(client, "/items", .headers = {ADA}), .status = 200, .body = "pump, lamp");
}

/* ---- mended ---- */

static void the_body_is_taken_before_the_answer(void **state)
{
    (void)state;
    const struct rig_result *result = rig_post(client, "/items", .body = "lamp", RIG_PIECES(1, 3));
    rig_assert(result, .status = 401, .body = "who are you?",
               .headers = {{"WWW-Authenticate", "Basic realm=\"items\""}, {"Connection", NULL}});
    assert_int_equal(result->delivery.connection, RIG_CONNECTION_KEPT);
    assert_int_equal(result->hop_count, 5); /* the app, the first call, two pieces, the last call */
    assert_int_equal(result->hops[3].body.read, 3);
}

static void the_rest_is_as_before(void **state)
{
    (void)state;
    rig_assert(rig_post(client, "/items", .body = "lamp", .headers = {ADA}), .status = 201, .body = "lamp");
    rig_assert(rig_get(client, "/items", .headers = {ADA}), .status = 200, .body = "pump, lamp");
    rig_assert(rig_get(client, "/nothing", .headers = {ADA}), .status = 404);
    rig_assert(rig_get(client, "/items", .headers = {{"Authorization", "Basic YWRhOmxpZQ=="}}), .status = 401);
}

#define BROKEN(test_) cmocka_unit_test_setup_teardown(test_, begin_broken, end)
#define MENDED(test_) cmocka_unit_test_setup_teardown(test_, begin_mended, end)

int main(void)
{
    if (!forbid_sockets()) {
        printf("skipped: that no socket is opened cannot be watched here\n");
    }
    const struct CMUnitTest tests[] = {
        BROKEN(a_status_test_fails_by_itself),
        BROKEN(those_who_are_known_see_nothing_of_it),
        MENDED(the_body_is_taken_before_the_answer),
        MENDED(the_rest_is_as_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
