/* Endpoints written for libulfius, unchanged, over memory. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>
#include <stackrig/ulfius.h>

#include <ulfius.h>

#include <stdlib.h>
#include <string.h>

static struct _u_instance instance;
static struct rig_client *client;

static int begin(void **state)
{
    (void)state;
    return ulfius_init_instance(&instance, 8080, NULL, "items") == U_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    rig_client_free(client);
    client = NULL;
    (void)ulfius_stop_framework(&instance);
    ulfius_clean_instance(&instance);
    return 0;
}

static void start(void)
{
    client = rig_client_new(stackrig_ulfius_app(&instance), (struct rig_client_options){0});
    assert_non_null(client);
}

static void add(const char *method, const char *prefix, const char *format, unsigned priority,
                int (*callback)(const struct _u_request *, struct _u_response *, void *), void *user_data)
{
    assert_int_equal(ulfius_add_endpoint_by_val(&instance, method, prefix, format, priority, callback, user_data),
                     U_OK);
}

/* ---- callbacks ---- */

static int authenticate(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)user_data, (void)response;
    const char *user = request->auth_basic_user;
    return user && strcmp(user, "ada") == 0 ? U_CALLBACK_CONTINUE : U_CALLBACK_UNAUTHORIZED;
}

static int show_item(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%s %s", (const char *)user_data, u_map_get(request->map_url, "id"));
    (void)ulfius_set_string_body_response(response, 200, text);
    return U_CALLBACK_COMPLETE;
}

static int store(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)user_data;
    (void)ulfius_set_binary_body_response(response, 201, request->binary_body, request->binary_body_length);
    return U_CALLBACK_CONTINUE;
}

static int nothing(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)user_data, (void)request;
    (void)ulfius_set_string_body_response(response, 404, "nothing here");
    return U_CALLBACK_CONTINUE;
}

static size_t kept_size;

static int keep_file(const struct _u_request *request, const char *key, const char *filename, const char *content_type,
                     const char *transfer_encoding, const char *data, uint64_t off, size_t size, void *cls)
{
    (void)request, (void)key, (void)filename, (void)content_type, (void)transfer_encoding, (void)data, (void)cls;
    kept_size = (size_t)off + size;
    return U_OK;
}

static unsigned streams_ended;

static ssize_t stream(void *user_data, uint64_t offset, char *out, size_t max)
{
    (void)user_data, (void)max;
    *out = 'a';
    return offset < 8 ? 1 : U_STREAM_END;
}

static void stream_ended(void *user_data)
{
    (void)user_data;
    streams_ended++;
}

static int streams(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)request;
    streams_ended = 0;
    (void)ulfius_set_stream_response(response, 200, stream, stream_ended, U_STREAM_SIZE_UNKNOWN, 16, user_data);
    return U_CALLBACK_CONTINUE;
}

static void no_message(const struct _u_request *request, struct _websocket_manager *manager, void *user_data)
{
    (void)request, (void)manager, (void)user_data;
}

static int opens_socket(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)request, (void)user_data;
    (void)ulfius_set_websocket_response(response, NULL, NULL, no_message, NULL, NULL, NULL, NULL, NULL);
    return U_CALLBACK_CONTINUE;
}

static struct rig_client *inner;

static int asks_another(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)user_data;
    char text[64];
    const struct rig_result *result = rig_post(inner, "/items", .body = "lamp");
    (void)snprintf(text, sizeof text, "%s %s", u_map_get(request->map_url, "id"), result->body);
    (void)ulfius_set_string_body_response(response, 200, text);
    return U_CALLBACK_COMPLETE;
}

/* ---- tests ---- */

static void each_callback_is_a_hop(void **state)
{
    (void)state;
    static char lamp[] = "lamp";
    add("*", "/items", "/*", 0, authenticate, NULL);
    add("GET", "/items", "/:id", 1, show_item, lamp);
    start();
    const struct rig_result *result =
        rig_get(client, "/items/7?a=1", .headers = {{"Authorization", "Basic YWRhOmxhY2U="}});
    rig_assert(result, .status = 200, .body = "lamp 7");
    assert_int_equal(result->hop_count, 3);
    assert_string_equal(result->hops[0].layer, "ulfius");
    assert_string_equal(result->hops[1].layer, "authenticate (* /items/*, priority 0)");
    assert_string_equal(result->hops[2].layer, "show_item (GET /items/:id, priority 1)");
    assert_non_null(strstr(result->hops[2].layer_site, "tests/frameworks/test_ulfius.c:"));
    assert_int_equal(result->hops[1].env_id, result->hops[2].env_id);
    assert_int_equal(result->hops[1].response_id, result->hops[2].response_id);
    assert_int_not_equal(result->hops[1].env_id, result->hops[0].env_id);
    assert_int_not_equal(result->hops[1].env_id, result->hops[1].response_id);
    assert_int_equal(result->hops[2].parent, 0); /* libulfius calls both */
    assert_false(result->hops[1].answered);
    assert_true(result->hops[2].answered);
}

static void who_ends_the_chain_has_answered(void **state)
{
    (void)state;
    add("*", "/items", "/*", 0, authenticate, NULL);
    add("GET", "/items", "/:id", 1, show_item, NULL);
    start();
    const struct rig_result *result = rig_get(client, "/items/7");
    rig_assert(result, .status = 401, .headers = {{"WWW-Authenticate", "Basic realm=\"items\""}});
    assert_int_equal(result->hop_count, 2);
    assert_true(result->hops[1].answered);
}

static void libulfius_reads_the_body_first(void **state)
{
    (void)state;
    add("POST", "/items", NULL, 0, store, NULL);
    start();
    const struct rig_result *result = rig_post(client, "/items", .body = "lamp and pump", RIG_PIECES(4, 3));
    rig_assert(result, .status = 201, .body = "lamp and pump");
    assert_int_equal(result->hops[0].body.read, 13);
    assert_int_equal(result->hops[1].body.read, 0);
}

static void what_matches_nothing_is_for_the_default(void **state)
{
    (void)state;
    add("GET", "/items", "/:id", 1, show_item, NULL);
    start();
    rig_assert(rig_get(client, "/other"), .status = 404, .body = "Resource not found");
    assert_int_equal(ulfius_set_default_endpoint(&instance, nothing, NULL), U_OK);
    const struct rig_result *result = rig_get(client, "/other");
    rig_assert(result, .status = 404, .body = "nothing here");
    assert_string_equal(result->hops[1].layer, "nothing (default)");
}

static void a_started_one_is_found(void **state)
{
    (void)state;
    add("POST", "/items", NULL, 0, store, NULL);
    assert_int_equal(ulfius_start_framework(&instance), U_OK);
    assert_ptr_equal(stackrig_ulfius_instance(), &instance);
    client = rig_client_new(stackrig_ulfius_app(stackrig_ulfius_instance()), (struct rig_client_options){0});
    rig_assert(rig_post(client, "/items", .body = "lamp"), .status = 201, .body = "lamp");
}

/* Measured with the real one: the callback that stores is called before the one that refuses. */
static void uploads_come_before_all_callbacks(void **state)
{
    (void)state;
    add("*", "/items", "/*", 0, authenticate, NULL);
    assert_int_equal(ulfius_set_upload_file_callback_function(&instance, keep_file, NULL), U_OK);
    start();
    const struct rig_result *result = rig_post(
        client, "/items/7",
        .body = "--XX\r\nContent-Disposition: form-data; name=\"a\"; filename=\"a.txt\"\r\n\r\nlamp\r\n--XX--\r\n",
        .headers = {{"Content-Type", "multipart/form-data; boundary=XX"}});
    rig_assert(result, .status = 401);
    assert_int_equal(kept_size, 4);
    assert_string_equal(result->hops[1].layer, "keep_file (file upload)");
    assert_int_equal(result->hops[1].body.read, result->hops[1].body.offered);
    assert_string_equal(result->hops[2].layer, "authenticate (* /items/*, priority 0)");
    rig_client_free(client);
    client = NULL;
    assert_int_equal(ulfius_stop_framework(&instance), U_OK);
    assert_ptr_equal(instance.file_upload_callback, keep_file); /* as it was */
}

static void streams_are_read_while_they_are_sent(void **state)
{
    (void)state;
    add("GET", "/stream", NULL, 0, streams, NULL);
    start();
    const struct rig_result *result = rig_get(client, "/stream");
    rig_assert(result, .status = 200, .body = "aaaaaaaa", .headers = {{"Transfer-Encoding", "chunked"}});
    assert_int_equal(streams_ended, 1);
}

/* There is no connection to hand over; and nothing waits for one when the instance is stopped. */
static void websockets_are_refused(void **state)
{
    (void)state;
    add("GET", "/socket", NULL, 0, opens_socket, NULL);
    start();
    const struct rig_result *result = rig_get(client, "/socket",
                                              .headers = {{"Upgrade", "websocket"},
                                                          {"Connection", "Upgrade"},
                                                          {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                                                          {"Sec-WebSocket-Version", "13"}});
    rig_assert(result, .status = 501, .findings = {"microhttpd.queue.refused"});
    rig_assert(rig_get(client, "/socket"), .status = 400);
}

/* What a callback sends through a client of its own is a request of its own. */
static void a_callback_may_send_requests(void **state)
{
    (void)state;
    add("GET", "/items", "/:id", 0, asks_another, NULL);
    add("POST", "/items", NULL, 0, store, NULL);
    start();
    inner = rig_client_new(stackrig_ulfius_app(&instance), (struct rig_client_options){0});
    rig_assert(rig_get(client, "/items/7"), .status = 200, .body = "7 lamp");
    rig_client_free(inner);
}

#define TEST(test_) cmocka_unit_test_setup_teardown(test_, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_callback_is_a_hop),
        TEST(who_ends_the_chain_has_answered),
        TEST(libulfius_reads_the_body_first),
        TEST(what_matches_nothing_is_for_the_default),
        TEST(a_started_one_is_found),
        TEST(uploads_come_before_all_callbacks),
        TEST(streams_are_read_while_they_are_sent),
        TEST(websockets_are_refused),
        TEST(a_callback_may_send_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
