/* A socket that a program hands to its daemon: refused at the call, and said so where the program looks. */
#include "tests/unit/core_test.h"

#include <microhttpd.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static enum MHD_Result never(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                             const char *version, const char *data, size_t *size, void **req_cls)
{
    (void)cls, (void)connection, (void)url, (void)method, (void)version, (void)data, (void)size, (void)req_cls;
    return MHD_NO;
}

static void log_into(void *cls, const char *format, va_list arguments)
{
    (void)vsnprintf(cls, 256, format, arguments);
}

static void test_handed_over(void **state)
{
    (void)state;
    char told[256] = "";
    int pair[2];
    struct MHD_Daemon *daemon =
        MHD_start_daemon(0, 0, NULL, NULL, never, NULL, MHD_OPTION_EXTERNAL_LOGGER, log_into, told, MHD_OPTION_END);
    assert_non_null(daemon);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    errno = 0;
    assert_int_equal(MHD_add_connection(daemon, pair[1], NULL, 0), MHD_NO);
    assert_int_equal(errno, ENOTSUP);
    assert_non_null(strstr(told, "test_microhttpd_socket.c:"));
    assert_non_null(strstr(told, "MHD_add_connection is refused: the rig serves no socket"));
    assert_int_equal(fcntl(pair[1], F_GETFD), -1); /* as the real one: closed in any case */
    (void)close(pair[0]);
    MHD_stop_daemon(daemon);
    assert_int_equal(MHD_add_connection(NULL, -1, NULL, 0), MHD_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_handed_over)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
