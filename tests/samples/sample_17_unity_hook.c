/* Unity: its failure wants a line number, which stands at the end of the site. */
#define RIG_FAIL(site, message) UNITY_TEST_FAIL(atoi(strrchr(site, ':') + 1), message)

/* What "unity.h" would bring. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static jmp_buf unity_abort_frame;
static int unity_line;
#define UNITY_TEST_FAIL(line, message) \
    {                                  \
        unity_line = (line);           \
        puts(message);                 \
        longjmp(unity_abort_frame, 1); \
    }
#define TEST_PROTECT() (setjmp(unity_abort_frame) == 0)

#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

static int failing_line;

static void test_that_fails(struct rig_client *client)
{
    failing_line = __LINE__ + 1;
    rig_assert(rig_get(client, "/"), .status = 200, .body = "Good bye");
}

int main(void)
{
    struct rig_client *client = rig_client_new(rig_scripted({.body = "Hello"}), (struct rig_client_options){0});
    if (TEST_PROTECT()) {
        test_that_fails(client);
    }
    rig_client_free(client);
    return unity_line == failing_line && failing_line > 0 ? 0 : 1;
}
