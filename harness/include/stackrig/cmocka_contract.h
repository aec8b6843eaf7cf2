/* Each property of a layer's contract as a cmocka test of its own, "basic_auth: next.once". What is not applicable is
 * skipped.
 *
 *     static const struct rig_contract contract = {.middleware = &layer, .env = {"app.user"}};
 *     int main(void) { return rig_contract_cmocka(&contract); } */
#ifndef STACKRIG_CMOCKA_CONTRACT_H
#define STACKRIG_CMOCKA_CONTRACT_H

#include <stackrig/cmocka.h>
#include <stackrig/contract.h>

#include <stdio.h>

/* One test's state. */
struct rig_cmocka_property {
    const char *site;
    const struct rig_contract *contract;
    size_t property;
    char name[96];
};

static inline void rig_cmocka_property_test_(void **state)
{
    char text[4096];
    const struct rig_cmocka_property *test = (const struct rig_cmocka_property *)*state;
    struct rig_contract_report report = rig_contract_one_at(test->site, test->contract, test->property);
    const struct rig_contract_property *property = &report.properties[test->property];
    if (!rig_contract_held(&report)) {
        (void)rig_contract_text(&report, text, sizeof text);
        rig_fail_here_(test->site, text);
    } else if (property->verdict == RIG_CONTRACT_NOT_APPLICABLE) {
        print_message("not applicable: %s\n", property->why);
        skip();
    }
}

/* Fills tests and states, RIG_CONTRACT_PROPERTIES each, for a group with other tests; states must outlive it. */
#define rig_contract_tests(...) rig_contract_tests_at(RIG_SITE, __VA_ARGS__)
static inline void rig_contract_tests_at(const char *site, const struct rig_contract *contract,
                                         struct CMUnitTest *tests, struct rig_cmocka_property *states)
{
    size_t i;
    for (i = 0; i < RIG_CONTRACT_PROPERTIES; i++) {
        const char *layer = contract->name                                       ? contract->name
                            : contract->middleware && contract->middleware->name ? contract->middleware->name
                                                                                 : "layer";
        states[i].site = site;
        states[i].contract = contract;
        states[i].property = i;
        (void)snprintf(states[i].name, sizeof states[i].name, "%s: %s", layer, rig_contract_name(i));
        memset(&tests[i], 0, sizeof tests[i]);
        tests[i].name = states[i].name;
        tests[i].test_func = rig_cmocka_property_test_;
        tests[i].initial_state = &states[i];
    }
}

/* A group of them: the number of tests that failed, as cmocka_run_group_tests. */
#define rig_contract_cmocka(...) rig_contract_cmocka_at(RIG_SITE, __VA_ARGS__)
static inline int rig_contract_cmocka_at(const char *site, const struct rig_contract *contract)
{
    struct CMUnitTest tests[RIG_CONTRACT_PROPERTIES];
    struct rig_cmocka_property states[RIG_CONTRACT_PROPERTIES];
    rig_contract_tests_at(site, contract, tests, states);
    return _cmocka_run_group_tests("contract", tests, RIG_CONTRACT_PROPERTIES, NULL, NULL);
}

#endif
