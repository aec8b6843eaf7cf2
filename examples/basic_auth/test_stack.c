/* The stack as `stackrig check` builds it. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

#include "stack_basic_auth.c"

#define ALADDIN "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==" /* Aladdin:open sesame */

/* What GET / answers a user, or the error of build. */
static int status_for(const struct rig_setup *setup, const char *authorization)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    assert_non_null(stack);
    int status = build(stack, setup);
    if (status == 0) {
        struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
        const struct rig_result *result = rig_get(client, "/", .headers = {{"Authorization", authorization}});
        rig_assert(result, .body = result->status == 200 ? "Aladdin" : "");
        status = result->status;
        rig_client_free(client);
    }
    rig_stack_free(stack);
    return status;
}

static void users_from_a_file(void **state)
{
    static const struct rig_field settings[] = {{"credentials", "examples/basic_auth/users.txt"}, {"realm", "Cave"}};
    const struct rig_setup setup = {.settings = settings, .setting_count = 2};
    (void)state;
    assert_int_equal(status_for(&setup, ALADDIN), 200);
    assert_int_equal(status_for(&setup, "Basic eDp5"), 401);
}

static void a_user_made_for_this_run(void **state)
{
    static const struct rig_secret secrets[] = {{"other", "x", "y"}, {"valid", "Aladdin", "open sesame"}};
    const struct rig_setup setup = {.secrets = secrets, .secret_count = 2};
    (void)state;
    assert_int_equal(status_for(&setup, ALADDIN), 200);
    assert_int_equal(status_for(&setup, "Basic eDp5"), 401);
}

static void without_users_it_is_not_built(void **state)
{
    (void)state;
    assert_true(status_for(&(struct rig_setup){0}, NULL) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(users_from_a_file),
        cmocka_unit_test(a_user_made_for_this_run),
        cmocka_unit_test(without_users_it_is_not_built),
    };
    return cmocka_run_group_tests_name("basic_auth, stack", tests, NULL, NULL);
}
