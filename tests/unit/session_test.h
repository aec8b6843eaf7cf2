/* What the tests of sessions share: an app that answers by a script and records what it was asked. */
#ifndef TESTS_UNIT_SESSION_TEST_H
#define TESTS_UNIT_SESSION_TEST_H

#include "tests/unit/core_test.h"

#include <stackrig/session.h>

#include <stdlib.h>

static struct rig_recorder *recorder;
static struct rig_client *client;
static struct rig_session *session;
static struct rig_session_options session_options;

/* The app of one test: its answers in order, the last one again and again. OPTIONS(...), before it: of the session. */
#define ANSWERS(...) answers(rig_scripted(__VA_ARGS__))
#define OPTIONS(...) (session_options = (struct rig_session_options){__VA_ARGS__})

static inline void answers(struct rig_app script)
{
    recorder = rig_recorder_new();
    client = client_with(rig_recorder_before(recorder, script), (struct rig_client_options){0});
    session = rig_session_new(client, session_options);
    assert_non_null(session);
}

/* Frees all, whether or not the test came to its end. */
static inline int tear_down(void **state)
{
    (void)state;
    rig_session_free(session);
    rig_client_free(client);
    rig_recorder_free(recorder);
    session = NULL;
    client = NULL;
    recorder = NULL;
    session_options = (struct rig_session_options){0};
    return 0;
}

static inline const char *asked(const char *name)
{
    size_t count = rig_recorder_count(recorder);
    assert_true(count > 0);
    return rig_recorded_env(rig_recorder_call(recorder, count - 1), name);
}

/* A variable of the last request; NULL: it is absent. */
static inline void asked_for(const char *name, const char *wanted)
{
    const char *got = asked(name);
    if (!got || !wanted ? got != wanted : strcmp(got, wanted) != 0) {
        fail_msg("%s is \"%s\", expected \"%s\"", name, got ? got : "(none)", wanted ? wanted : "(none)");
    }
}

static inline void asked_with_body(const char *wanted)
{
    const struct rig_recorded *call = rig_recorder_call(recorder, rig_recorder_count(recorder) - 1);
    assert_int_equal(call->body.size, strlen(wanted));
    assert_memory_equal(call->body.data, wanted, call->body.size);
}

#define SESSION_TEST(test_) cmocka_unit_test_teardown(test_, tear_down)

#endif
