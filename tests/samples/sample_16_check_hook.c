/* Check: one line makes rig_assert fail as its own assertions do. */
#define RIG_FAIL(site, message) ck_abort_msg("%s: %s", site, message)

/* What <check.h> would bring: it formats, notes and jumps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

static jmp_buf check_end;
static char check_message[8192];

static void ck_abort_msg(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(check_message, sizeof check_message, format, arguments);
    va_end(arguments);
    longjmp(check_end, 1);
}

#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <string.h>

static struct rig_client *client;

static void test_that_passes(void)
{
    rig_assert(rig_get(client, "/"), .status = 200);
}

static void test_that_fails(void)
{
    rig_assert(rig_get(client, "/"), .status = 404);
}

static bool passes(void (*test)(void))
{
    if (setjmp(check_end)) {
        return false;
    }
    test();
    return true;
}

int main(void)
{
    client = rig_client_new(rig_scripted({.body = "Hello"}), (struct rig_client_options){0});
    bool right = passes(test_that_passes) && !passes(test_that_fails) &&
                 strstr(check_message, "sample_16_check_hook.c:") && strstr(check_message, "404");
    rig_client_free(client);
    return right ? 0 : 1;
}
