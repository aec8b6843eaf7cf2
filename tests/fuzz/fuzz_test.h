/* What tests of the oracles share: a target whose violations are kept. */
#ifndef TESTS_FUZZ_FUZZ_TEST_H
#define TESTS_FUZZ_FUZZ_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stackrig/stackrig.h>

#include "fuzz/oracles/oracles.h"

static struct rig_fuzz_target target;
static struct rig_fuzz_scenario scenario;
static char found[8][64]; /* rules, in the order in which they were told */
static char last_layer[64], last_message[512], last_site[128];
static unsigned last_request;
static size_t found_count;

/* As the mutants of the rules do it with those of the other rules. */
static inline bool is_dropped(const char *rule)
{
    const char *dropped = getenv("RIG_MUTANT");
    return dropped && strcmp(dropped, rule) == 0;
}

static void note(void *closure, const struct rig_fuzz_violation *violation)
{
    (void)closure;
    if (is_dropped(violation->rule)) {
        return;
    }
    if (found_count < 8) {
        (void)snprintf(found[found_count++], sizeof found[0], "%s", violation->rule);
    }
    last_request = violation->request;
    (void)snprintf(last_layer, sizeof last_layer, "%s", violation->layer ? violation->layer : "");
    (void)snprintf(last_site, sizeof last_site, "%s", violation->site ? violation->site : "");
    (void)snprintf(last_message, sizeof last_message, "%s", violation->message);
}

static inline void open_target(const struct rig_fuzz *what)
{
    const char *why = NULL;
    int error = rig_fuzz_target_open(&target, what, 7, NULL, NULL, &why);
    if (error != 0) {
        fail_msg("%d: %s", error, why ? why : "");
    }
    target.tell = note;
    found_count = 0;
    last_layer[0] = last_message[0] = '\0';
}

/* Plays the text with all oracles. */
static inline void judge(const char *text)
{
    struct rig_scenario_error error;
    found_count = 0;
    if (rig_fuzz_read(text, strlen(text), &scenario, &error) != 0) {
        fail_msg("%zu:%zu: %s", error.line, error.column, error.message);
    }
    assert_int_equal(rig_fuzz_judge(&target, &scenario, RIG_FUZZ_ALL), 0);
}

/* One oracle alone is asked, as of most scenarios. */
static inline void judge_by(uint32_t hash, const char *text)
{
    struct rig_scenario_error error;
    found_count = 0;
    assert_int_equal(rig_fuzz_read(text, strlen(text), &scenario, &error), 0);
    assert_int_equal(rig_fuzz_judge(&target, &scenario, hash), 0);
}

static inline void assert_found(const char *rule)
{
    if (found_count != 1 || strcmp(found[0], rule) != 0) {
        fail_msg("expected %s alone, found %zu, the first %s: %s", rule, found_count, found_count ? found[0] : "",
                 last_message);
    }
}

static inline void assert_nothing(enum rig_fuzz_rule armed)
{
    if (found_count != 0) {
        fail_msg("%s: %s", found[0], last_message);
    }
    assert_true(target.armed[armed] > 0);
}

static inline int close_target(void **state)
{
    (void)state;
    rig_fuzz_target_close(&target);
    memset(&target, 0, sizeof target);
    return 0;
}

#endif
