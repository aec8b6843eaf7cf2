/* The service under the rig: linked with libstackrig-fcgi before -lfcgi; no socket is opened. */
#include <stackrig/cmocka.h>
#include <stackrig/fcgi.h>
#include <stackrig/servers.h>
#include <stackrig/stackrig.h>

#include "../marker.h"
#include "../no_socket.h"
#include "service.h"

static struct rig_client *client;

static void begin(struct rig_app app)
{
    client = rig_client_new(app, (struct rig_client_options){0});
    assert_non_null(client);
}

static int end(void **state)
{
    (void)state;
    rig_client_free(client);
    return 0;
}

#define ADA                  \
    {                        \
        "X-Api-Key", "k-ada" \
    }

static void a_status_test_fails_by_itself(void **state)
{
    (void)state;
    begin(stackrig_fcgi_app(serve_broken));
    const struct rig_result *result = rig_post(client, "/items", .body = "lamp");
    assert_int_equal(result->status, 401); /* all that a test of the status alone would see */
    assert_false(rig_expect(result, .status = 401));
    rig_assert(result, .status = 401, .findings = {"input.early_answer.unread"});
    const struct rig_finding *early = finding_of(result, "input.early_answer.unread");
    assert_string_equal(early->layer, "serve_broken");
    assert_non_null(strstr(early->message, "4 of 4"));
    assert_true(marker_at(early->site, "answer")); /* in answer, or where it is called: by the optimizer's leave */
    rig_assert(rig_post(client, "/items", .body = "lamp", .headers = {ADA}), .status = 201, .body = "lamp");
}

static const struct rig_result *post_under(const char *server, int (*serve)(FCGX_Request *request))
{
    client = rig_client_new(stackrig_fcgi_app(serve), (struct rig_client_options){.server = rig_server_find(server)});
    return rig_post(client, "/items", .body = "lamp");
}

/* Who lingers when it closes loses nothing, and libfcgi does; "fastcgi" is a program that does not. */
static void draining_is_ones_own_duty(void **state)
{
    (void)state;
    const struct rig_result *result = post_under("nginx:fastcgi+libfcgi", serve_broken);
    assert_int_equal(finding_of(result, "input.body.unread")->level, RIG_LEVEL_NOTE);
    rig_client_free(client);
    result = post_under("fastcgi", serve_broken);
    rig_assert(result, .status = 401, .findings = {"input.early_answer.unread"});
    assert_true(result->delivery.race);
    rig_client_free(client);
    rig_assert(post_under("fastcgi", serve_mended), .status = 401);
}

static void the_body_is_taken_before_the_answer(void **state)
{
    (void)state;
    begin(stackrig_fcgi_app(serve_mended));
    rig_assert(rig_post(client, "/items", .body = "pump", RIG_PIECES(1, 3)), .status = 401, .body = "who are you?",
               .headers = {{"Content-Type", "text/plain"}});
    rig_assert(rig_post(client, "/items", .body = "pump", .headers = {ADA}), .status = 201, .body = "pump");
    rig_assert(rig_get(client, "/items", .headers = {ADA}), .status = 200, .body = "pump");
}

/* The program itself, its loop and its socket, of which nothing comes to be. */
static void the_whole_program(void **state)
{
    static char path[] = "/run/service.sock";
    (void)state;
    begin(stackrig_fcgi_loop(run_service, path));
    rig_assert(rig_post(client, "/items", .body = "desk"), .status = 401);
    rig_assert(rig_post(client, "/items", .body = "desk", .headers = {ADA}), .status = 201, .body = "desk");
    rig_assert(rig_get(client, "/items", .headers = {ADA}), .status = 200, .body = "desk");
}

int main(void)
{
    if (!forbid_sockets()) {
        printf("skipped: that no socket is opened cannot be watched here\n");
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_status_test_fails_by_itself, end),
        cmocka_unit_test_teardown(draining_is_ones_own_duty, end),
        cmocka_unit_test_teardown(the_body_is_taken_before_the_answer, end),
        cmocka_unit_test_teardown(the_whole_program, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
