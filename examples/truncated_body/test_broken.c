/* The broken stack: a test of a whole upload passes; the sweeps name the read and the answer. */
#include <stackrig/cmocka.h>
#include <stackrig/faults.h>
#include <stackrig/stackrig.h>

#include "../marker.h"
#include "stack_broken.c"

#define UPLOAD RIG_POST("/uploads", .body = "first line\nsecond line\n")

static struct rig_stack *stack;
static struct rig_client *client;

static int make_client(void **state)
{
    (void)state;
    stack = rig_stack_new((struct rig_stack_options){0});
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    return build(stack, &(struct rig_setup){0});
}

static int free_client(void **state)
{
    (void)state;
    rig_client_free(client);
    rig_stack_free(stack);
    return 0;
}

static void a_whole_upload_shows_nothing(void **state)
{
    (void)state;
    const struct rig_result *result = rig_send(client, UPLOAD);
    rig_assert(result, .status = 201, .body = "2 lines\n");
    assert_int_equal(result->finding_count, 0);
}

static void the_faults_name_the_lines(void **state)
{
    (void)state;
    struct rig_fault_report report = rig_sweep_faults(client, UPLOAD, .findings = {"input.truncated.accepted"});
    assert_true(report.verdicts[RIG_FAULT_LIED] > 0);
    assert_string_equal(report.cases[0].layer, "uploads");
    assert_true(marker_at(report.cases[0].site, "demo: read"));
    assert_true(marker_at(report.cases[0].answered_at, "demo: stored"));
    assert_int_equal(report.found_count, 1);
    assert_true(marker_at(report.found[0].site, "demo: stored"));
}

/* Everywhere in the body but at its end, by a read that fails, and by an end that comes too early. */
static void a_client_that_leaves_is_told_201(void **state)
{
    (void)state;
    struct rig_sweep_report report = rig_sweep_disconnect(client, UPLOAD, .findings = {"input.truncated.accepted"});
    assert_int_equal(report.found_count, 1);
    assert_int_equal(report.found[0].runs, 2 * 23);
}

/* It reads to the end: how the body is cut does not matter. */
static void the_pieces_do_not_matter(void **state)
{
    (void)state;
    struct rig_sweep_report report = rig_sweep_splits(client, UPLOAD);
    assert_int_equal(report.differs, 0);
}

int main(void)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, make_client, free_client)
    const struct CMUnitTest tests[] = {
        TEST(a_whole_upload_shows_nothing),
        TEST(the_faults_name_the_lines),
        TEST(a_client_that_leaves_is_told_201),
        TEST(the_pieces_do_not_matter),
    };
    return cmocka_run_group_tests_name("truncated_body, broken", tests, NULL, NULL);
}
