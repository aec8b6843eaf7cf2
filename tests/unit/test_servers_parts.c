/* Which parts of a composed profile can stand together, and which of those did when they were measured. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stackrig/stackrig.h>

#include <errno.h>

#include "mocks/servers/model.h"

static void parts_that_do_not_fit_are_refused(void **state)
{
    static const char *const bad[] = {"nginx:fastcgi+unicorn", "apache:passenger+puma", "nginx:scgi+microhttpd",
                                      "direct+libfcgi",        "lighttpd+libfcgi",      "passenger3+unicorn"};
    struct rig_server got;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (rig_server_compose(bad[i], &got) != -EPROTONOSUPPORT) {
            fail_msg("\"%s\" is taken for a profile", bad[i]);
        }
    }
    assert_int_equal(rig_server_compose("apache:passenger", &got), 0);
    assert_string_equal(got.engine->name, "passenger6");
}

static void what_was_not_measured_is_worked_out(void **state)
{
    static const struct {
        const char *name;
        bool worked_out;
    } all[] = {{"nginx+unicorn", false},    {"nginx:unix+unicorn", true},     {"nginx:fastcgi+uwsgi", true},
               {"haproxy+puma", true},      {"nginx:fastcgi+libfcgi", false}, {"direct+puma", false},
               {"haproxy:unix+kept", false}};
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct rig_server got;
        assert_int_equal(rig_server_compose(all[i].name, &got), 0);
        assert_int_equal(got.worked_out, all[i].worked_out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_that_do_not_fit_are_refused),
        cmocka_unit_test(what_was_not_measured_is_worked_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
