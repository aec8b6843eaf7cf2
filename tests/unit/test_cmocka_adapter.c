/* stackrig/cmocka.h: an assertion fails as cmocka's own do, at the test's line. stackrig/cmocka_contract.h: each property
 * is a test. */
#define _POSIX_C_SOURCE 200809L
#include "tests/unit/contract_layers.h"
#include "tests/unit/core_test.h"

#include <stackrig/cmocka_contract.h>

#include <sys/wait.h>
#include <unistd.h>

static struct rig_client *client; /* a test that ends in its middle leaves it to the teardown */

static int free_client(void **state)
{
    (void)state;
    rig_client_free(client);
    return 0;
}

static void failing_test(void **state)
{
    (void)state;
    client = client_for(answer_ok);
    const struct rig_result *result = rig_get(client, "/");
    if (rig_expect(result, .status = 404)) {
        return;
    }
    rig_cmocka_fail_(*state, rig_expect_message(result));
}

enum { BEFORE = __LINE__ };
static void failing_assertion(void **state)
{
    (void)state;
    client = client_for(answer_ok);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 404);
}

/* Runs it as a program of its own; what it printed. */
static int run_apart(const struct CMUnitTest *tests, size_t count, char *printed, size_t size)
{
    int pipes[2], status = 0;
    assert_int_equal(pipe(pipes), 0);
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        (void)dup2(pipes[1], 1);
        (void)dup2(pipes[1], 2);
        (void)close(pipes[0]);
        (void)unsetenv("CMOCKA_MESSAGE_OUTPUT"); /* stronger than what the program says */
        cmocka_set_message_output(CM_OUTPUT_STDOUT);
        int failed = _cmocka_run_group_tests("apart", tests, count, NULL, NULL);
        (void)fflush(NULL);
        exit(failed);
    }
    assert_true(child > 0);
    (void)close(pipes[1]);
    size_t used = 0;
    ssize_t got;
    while ((got = read(pipes[0], printed + used, size - 1 - used)) > 0) {
        used += (size_t)got;
    }
    printed[used] = '\0';
    (void)close(pipes[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void expect_printed(const char *printed, const char *text)
{
    if (!strstr(printed, text)) {
        fail_msg("\"%s\" is not in:\n%s", text, printed);
    }
}

static void test_fails_at_its_line(void **state)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test_teardown(failing_assertion, free_client)};
    char printed[4096], place[64];
    (void)state;
    assert_int_equal(run_apart(tests, 1, printed, sizeof printed), 1);
    expect_printed(printed, "rig_assert(result, .status = 404) does not hold:\n  status: expected 404, got 200");
    (void)snprintf(place, sizeof place, "test_cmocka_adapter.c:%d: error: Failure!", BEFORE + 6);
    expect_printed(printed, place);
}

/* Sites of other bindings: without a line, or longer than any file name. */
static void test_any_site(void **state)
{
    char long_site[600], printed[4096];
    (void)state;
    memset(long_site, 'x', sizeof long_site);
    memcpy(long_site + sizeof long_site - 4, ":77", 4);
    char *const sites[] = {(char[]){"binding.py:42"}, (char[]){"no line"}, long_site};
    static const char *const expected[] = {"binding.py:42: error", "no line:0: error", "xxx:77: error"};
    for (size_t i = 0; i < COUNT(sites); i++) {
        const struct CMUnitTest tests[] = {
            {.name = "failing", .test_func = failing_test, .teardown_func = free_client, .initial_state = sites[i]}};
        assert_int_equal(run_apart(tests, 1, printed, sizeof printed), 1);
        expect_printed(printed, "status: expected 404, got 200");
        expect_printed(printed, expected[i]);
    }
}

/* Of a layer with one fault: that test fails, what is not applicable is skipped and says why. */
static void each_property_is_a_test(void **state)
{
    char printed[16384], place[64];
    struct CMUnitTest tests[RIG_CONTRACT_PROPERTIES];
    struct rig_cmocka_property states[RIG_CONTRACT_PROPERTIES];
    (void)state;
    rig_contract_tests(&contract_cases[0].broken, tests, states);
    (void)snprintf(place, sizeof place, "test_cmocka_adapter.c:%d: error: Failure!", __LINE__ - 1);
    assert_int_equal(run_apart(tests, RIG_CONTRACT_PROPERTIES, printed, sizeof printed), 1);
    expect_printed(printed, "[  FAILED  ] passes_a_copy: env.same");
    expect_printed(printed, "env.identity.replaced");
    expect_printed(printed, place);
    expect_printed(printed, "[       OK ] passes_a_copy: next.once");
    expect_printed(printed, "not applicable: it answered none of the requests with a body");
    expect_printed(printed, "[  SKIPPED ] passes_a_copy: early.drained");
    expect_printed(printed, "[  PASSED  ] 13 test(s).");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fails_at_its_line),
        cmocka_unit_test(test_any_site),
        cmocka_unit_test(each_property_is_a_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
