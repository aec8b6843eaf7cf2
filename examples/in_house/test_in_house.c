/* The house's own chain, unchanged, under the same checks as a stack of Stackrig's. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

#include "../marker.h"
#include "adapter.h"

static const struct rig_result *post(struct rig_client **client, const struct entry *chain, const char *key)
{
    *client = rig_client_new(in_house_app(chain), (struct rig_client_options){0});
    return rig_post(*client, "/v2/items", .body = "name=lamp", .headers = {{"X-Api-Key", key}});
}

static void a_status_test_finds_both_mistakes(void **state)
{
    (void)state;
    struct rig_client *client;
    const struct rig_result *result = post(&client, chain_broken, NULL);

    rig_assert(result, .status = 401, .body = "who are you?",
               .findings = {"input.early_answer.unread", "env.identity.replaced"});
    const struct rig_finding *early = finding_of(result, "input.early_answer.unread");
    assert_string_equal(early->layer, "auth");
    assert_non_null(strstr(early->message, "9 of 9"));
    const struct rig_finding *copied = finding_of(result, "env.identity.replaced");
    assert_string_equal(copied->layer, "version");
    assert_non_null(strstr(copied->message, "was given ctx#"));
    /* that accounting looks for a user in the wrong ctx is inside foreign structs: not seen, and not counted as seen */
    assert_int_equal(rig_result_armed(result, "env.identity.lost_write"), 0);
    rig_client_free(client);
}

static void the_mended_chain_is_clean(void **state)
{
    (void)state;
    struct rig_client *client;
    const struct rig_result *result = post(&client, chain_mended, NULL);
    rig_assert(result, .status = 401, .headers = {{"Content-Type", "text/plain"}});
    assert_true(rig_result_armed(result, "env.identity.replaced") > 0);
    rig_client_free(client);

    rig_assert(post(&client, chain_mended, "k-ada"), .status = 200, .body = "items");
    rig_assert(rig_get(client, "/nothing", .headers = {{"X-Api-Key", "k-ada"}}), .status = 404);
    rig_client_free(client);
}

/* Each handler is a hop, with what it read. */
static void the_way_through_is_a_trace(void **state)
{
    (void)state;
    static const char *const layers[] = {"in_house", "accounting", "version", "auth", "items"};
    struct rig_client *client;
    const struct rig_result *result = post(&client, chain_mended, "k-ada");
    rig_assert(result, .status = 200);
    assert_int_equal(result->hop_count, 5);
    for (unsigned i = 0; i < 5; i++) {
        assert_string_equal(result->hops[i].layer, layers[i]);
        assert_int_equal(result->hops[i].depth, i);
    }
    assert_int_equal(result->hops[4].body.read, 9);
    assert_true(result->hops[4].answered);
    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_status_test_finds_both_mistakes),
                                       cmocka_unit_test(the_mended_chain_is_clean),
                                       cmocka_unit_test(the_way_through_is_a_trace)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
