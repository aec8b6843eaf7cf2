/* A server that closes without an answer (MHD_NO of a handler): what its clients get, alone and behind gateways. */
#include "tests/unit/core_test.h"

#include <stackrig/foreign.h>
#include <stackrig/servers.h>

static int hangs_up(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)res;
    (void)rig_input_drain(rig_env_input(env), 64); /* all of a small body, not of a large one */
    assert_int_equal(rig_foreign_hang_up(env), 0);
    return -ECONNABORTED;
}

static struct rig_server server;

static struct rig_client *client_behind(const char *name)
{
    assert_int_equal(rig_server_compose(name, &server), 0);
    return client_with((struct rig_app){.call = hangs_up}, (struct rig_client_options){.server = &server});
}

static char large[32768];

static void test_statuses(void **state)
{
    static const struct {
        const char *name;
        int status;
        const char *log;
    } cases[] = {
        {"nginx+microhttpd", 502, "prematurely closed"},
        {"nginx:stream+microhttpd", 502, "prematurely closed"},
        {"apache+microhttpd", 502, "AH01102"},
        {"haproxy+microhttpd", 502, "termination=SH"},
        {"lighttpd+microhttpd", 500, NULL},
        {"direct+microhttpd", 0, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rig_client *client = client_behind(cases[i].name);
        const struct rig_result *result = rig_post(client, "/", .body = "name=lamp");
        rig_assert(result, .status = 500, .error = -ECONNABORTED);
        assert_int_equal(result->delivery.status, cases[i].status);
        assert_int_equal(result->delivery.outcome, cases[i].status ? RIG_REPLACED : RIG_CLOSED);
        assert_int_equal(result->delivery.connection, RIG_CONNECTION_CLOSED);
        assert_int_equal(result->delivery.client_connection,
                         cases[i].status ? RIG_CONNECTION_KEPT : RIG_CONNECTION_CLOSED);
        assert_int_equal(result->delivery.log[0] != NULL, cases[i].log != NULL);
        assert_true(!cases[i].log || strstr(result->delivery.log[0], cases[i].log));
        assert_false(result->delivery.race || result->delivery.not_measured);
        assert_int_equal(result->finding_count, 0);
        rig_client_free(client);
    }
}

/* Of what is left unread no log is claimed; HAProxy goes either way. */
static void test_left_unread(void **state)
{
    (void)state;
    struct rig_client *client = client_behind("haproxy+microhttpd");
    const struct rig_result *result = rig_post(client, "/", .bytes = {large, sizeof large});
    rig_assert(result, .status = 500, .error = -ECONNABORTED);
    assert_int_equal(result->delivery.status, 502);
    assert_true(result->delivery.race && result->delivery.share && !result->delivery.log[0]);
    rig_client_free(client);
    client = client_behind("nginx+microhttpd");
    result = rig_post(client, "/", .bytes = {large, sizeof large});
    rig_assert(result, .status = 500, .error = -ECONNABORTED);
    assert_true(result->delivery.status == 502 && !result->delivery.race && !result->delivery.log[0]);
    rig_client_free(client);
}

static void test_not_measured(void **state)
{
    (void)state;
    struct rig_client *client = client_behind("nginx:fastcgi+libfcgi");
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 500, .error = -ECONNABORTED);
    assert_int_equal(result->delivery.outcome, RIG_CLOSED);
    assert_true(result->delivery.not_measured && strstr(result->delivery.follows, "was not measured"));
    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_left_unread),
        cmocka_unit_test(test_not_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
