/* The mended stack: silent under every fault, every cut and every client that goes away, behind every server. */
#include <stackrig/cmocka.h>
#include <stackrig/faults.h>
#include <stackrig/stackrig.h>

#include "stack_mended.c"

#define UPLOAD RIG_POST("/uploads", .body = "first line\nsecond line\n")

static void nothing_is_found(void **state)
{
    size_t count;
    const struct rig_server *const *servers = rig_servers(&count);
    (void)state;
    for (size_t i = 0; i < count; i++) {
        struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
        assert_int_equal(build(stack, &(struct rig_setup){0}), 0);
        struct rig_client *client =
            rig_client_new(rig_stack_app(stack), (struct rig_client_options){.server = servers[i]});
        struct rig_fault_report faults = rig_sweep_faults(client, UPLOAD);
        assert_int_equal(faults.case_count, 0);
        assert_true(faults.verdicts[RIG_FAULT_ANSWERED] > 0);
        assert_int_equal(faults.found_count, 0);
        assert_int_equal(rig_sweep_splits(client, UPLOAD).found_count, 0);
        assert_int_equal(rig_sweep_disconnect(client, UPLOAD).found_count, 0);
        rig_client_free(client);
        rig_stack_free(stack);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_found)};
    return cmocka_run_group_tests_name("truncated_body, mended", tests, NULL, NULL);
}
