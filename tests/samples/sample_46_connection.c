/* Two users behind one gateway: what the first user's upload leaves unread is read before the second user's request. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <string.h>

static int denies_uploads(void *self, struct rig_env *env, struct rig_response *res)
{
    bool drains = *(const bool *)self;
    if (strcmp(rig_env_get(env, "REQUEST_METHOD"), "POST") == 0) {
        if (drains) {
            rig_input_drain(rig_env_input(env), 4096);
        }
        return rig_respond(res, .status = 403);
    }
    return rig_respond(res, .body = "your account");
}

static void test_two_users(void **state)
{
    (void)state;
    struct rig_server gateway;
    assert_int_equal(rig_server_compose("nginx+kept", &gateway), 0);
    for (int drains = 0; drains < 2; drains++) {
        bool self = drains;
        struct rig_client *client = rig_client_new((struct rig_app){.call = denies_uploads, .self = &self},
                                                   (struct rig_client_options){.server = &gateway});
        struct rig_link *eve = rig_connection_open(client), *bob = rig_connection_open(client, .shared = eve);

        const struct rig_result *upload = rig_connection_send(eve, RIG_POST("/upload", .body = "x"));
        const struct rig_result *account = rig_connection_send(bob, RIG_GET("/account"));
        if (drains) {
            rig_assert(upload, .status = 403);
            rig_assert(account, .body = "your account");
        } else {
            rig_assert(upload, .status = 403, .findings = {"input.early_answer.unread"});
            rig_assert(account, .findings = {"input.early_answer.misdirected"});
            assert_int_equal(account->received->status, 400); /* of "xGET /account" */
        }
        rig_client_free(client);
    }
}

static int64_t now;

static int reads_slowly(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    now = rig_env_now(env);
    int64_t got = rig_input_drain(rig_env_input(env), 4096);
    return got < 0 ? (int)got : rig_respond(res, .status = rig_env_now(env) - now > INT64_C(5000000000) ? 408 : 200);
}

static void test_clients_as_they_are(void **state)
{
    (void)state;
    struct rig_client *client = rig_client_new(RIG_APP(reads_slowly), (struct rig_client_options){0});
    struct rig_link *slow = rig_connection_open(client), *gone = rig_connection_open(client);

    rig_assert(rig_connection_send(slow, RIG_POST("/", .body = "0123456789"), .pace = 1), .status = 408);
    uint64_t size = rig_connection_state(slow).request_size;
    rig_assert(rig_connection_send(gone, RIG_POST("/", .body = "0123456789"), .disconnect_after = size - 3),
               .status = 500, .error = -ECONNRESET);
    assert_int_equal(rig_connection_state(gone).end, RIG_END_CLIENT);
    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_two_users), cmocka_unit_test(test_clients_as_they_are)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
