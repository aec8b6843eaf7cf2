/* A streamed answer whose source fails half way: the status is out already, so the client gets a truncated body. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

#include <errno.h>

static unsigned closed;

static int64_t half_read(void *self, void *buffer, size_t size)
{
    unsigned *calls = self;
    if ((*calls)++ > 0 || size < 4) {
        return -EIO;
    }
    memcpy(buffer, "half", 4);
    return 4;
}

static void half_close(void *self)
{
    (void)self;
    closed++;
}

static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    rig_response_set_header(res, "Content-Length", "8");
    return rig_response_stream(
        res, (struct rig_source){.read = half_read, .close = half_close, .self = rig_env_alloc(env, sizeof(unsigned))});
}

static void test_the_client_gets_half(void **state)
{
    (void)state;
    struct rig_client *client = rig_client_new(RIG_APP(app), (struct rig_client_options){0});

    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200, .body = "half", .findings = {"body.stream.failed"});
    assert_int_equal(result->delivery.outcome, RIG_TRUNCATED);
    assert_int_equal(result->delivery.connection, RIG_CONNECTION_CLOSED);
    assert_int_equal(closed, 1);

    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_client_gets_half)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
