/* What varies from run to run is matched: POSIX extended regular expressions, on the body and on headers. And a body
 * that is written in pieces, looked at piece by piece. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

#include <stdio.h>

static int events(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    int error = rig_respond(
        res, .headers = {{"Content-Type", "text/event-stream; charset=UTF-8"}, {"X-Request-Id", "7d3f-19"}});
    for (int i = 0; i < 3 && !error; i++) {
        char event[32];
        int size = snprintf(event, sizeof event, "data: %d\n\n", i);
        error = rig_response_write(res, event, (size_t)size);
    }
    return error;
}

static void test_events(void **state)
{
    (void)state;
    struct rig_client *client = rig_client_new(RIG_APP(events), (struct rig_client_options){0});
    const struct rig_result *result = rig_get(client, "/events");

    rig_assert(result, .status = 200, .body_matches = "^data: [0-9]+\n\n", .body_contains = "data: 2",
               .header_matches = {{"X-Request-Id", "^[0-9a-f]{4}-[0-9]+$"}});
    assert_false(rig_result_matches(result, "data: [^0-9]"));

    assert_int_equal(result->chunk_count, 3); /* one for each event: nothing was held back */
    assert_memory_equal(result->chunks[2].data, "data: 2\n\n", result->chunks[2].size);

    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_events)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
