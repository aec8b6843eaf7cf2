/* The service under the rig. Linked to libstackrig-ulfius before -lulfius; no socket is opened. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>
#include <stackrig/ulfius.h>

#include "../marker.h"
#include "../no_socket.h"
#include "service.h"

static struct _u_instance instance;
static struct rig_client *client;

static int begin(endpoint_fn *authenticate)
{
    stored_item[0] = '\0';
    client = set_up_service(&instance, 8080, authenticate)
                 ? rig_client_new(stackrig_ulfius_app(&instance), (struct rig_client_options){0})
                 : NULL;
    return client ? 0 : -1;
}

static int begin_broken(void **state)
{
    (void)state;
    return begin(authenticate_broken);
}

static int begin_mended(void **state)
{
    (void)state;
    return begin(authenticate_mended);
}

static int end(void **state)
{
    (void)state;
    rig_client_free(client);
    (void)ulfius_stop_framework(&instance);
    ulfius_clean_instance(&instance);
    return 0;
}

#define ADA                                   \
    {                                         \
        "Authorization", "Basic YWRhOmxhY2U=" \
    }

/* ---- broken ---- */

static void a_stranger_stores_an_item(void **state)
{
    (void)state;
    const struct rig_result *result = rig_post(client, "/items", .body = "lamp");
    rig_assert(result, .status = 201, .findings = {"ulfius.refusal.replaced"});
    assert_string_equal(stored_item, "lamp");

    const struct rig_finding *refusal = finding_of(result, "ulfius.refusal.replaced");
    assert_string_equal(refusal->layer, "authenticate_broken (* /items/*, priority 1)");
    assert_true(marker_at(refusal->site, "401"));
    assert_true(marker_at(refusal->evidence[0].site, "201"));
    assert_non_null(strstr(refusal->message, "store_item (POST /items, priority 2) ran and made it 201"));
}

/* What a test of the status would see where nothing matches behind it: all is well. */
static void where_nobody_serves_the_refusal_stands(void **state)
{
    (void)state;
    rig_assert(rig_delete(client, "/items"), .status = 401, .body = "who are you?");
    rig_assert(rig_get(client, "/items", .headers = {ADA}), .status = 200, .body = "pump, lamp");
}

/* ---- mended ---- */

static void a_stranger_is_refused(void **state)
{
    (void)state;
    const struct rig_result *result = rig_post(client, "/items", .body = "lamp", RIG_PIECES(1, 3));
    rig_assert(result, .status = 401, .body = "who are you?",
               .headers = {{"WWW-Authenticate", "Basic realm=\"items\""}, {"X-Logged", "POST"}});
    assert_string_equal(stored_item, "");
    assert_int_equal(result->hop_count, 3); /* the app, the access log, authentication */
}

/* Libulfius reads the body before the first callback: an early answer costs nobody the connection. */
static void the_connection_is_kept(void **state)
{
    (void)state;
    const struct rig_result *result = rig_post(client, "/items", .body = "lamp");
    assert_int_equal(result->hops[0].body.read, 4);
    assert_int_equal(result->delivery.connection, RIG_CONNECTION_KEPT);
}

static void the_rest_is_as_before(void **state)
{
    (void)state;
    rig_assert(rig_post(client, "/items", .body = "lamp", .headers = {ADA}), .status = 201, .body = "lamp");
    rig_assert(rig_get(client, "/items", .headers = {ADA}), .status = 200, .body = "pump, lamp");
    rig_assert(rig_get(client, "/items/lamp", .headers = {ADA}), .status = 200, .body = "lamp");
    rig_assert(rig_get(client, "/items/lamp", .headers = {{"Authorization", "Basic YWRhOmxpZQ=="}}), .status = 401);
}

#define BROKEN(test_) cmocka_unit_test_setup_teardown(test_, begin_broken, end)
#define MENDED(test_) cmocka_unit_test_setup_teardown(test_, begin_mended, end)

int main(void)
{
    if (!forbid_sockets()) {
        printf("skipped: that no socket is opened cannot be watched here\n");
    }
    const struct CMUnitTest tests[] = {
        BROKEN(a_stranger_stores_an_item), BROKEN(where_nobody_serves_the_refusal_stands),
        MENDED(a_stranger_is_refused),     MENDED(the_connection_is_kept),
        MENDED(the_rest_is_as_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
