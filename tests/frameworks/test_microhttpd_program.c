/* A daemon in a program that runs as a child, with this test in the command's place. Each test has a process: one program
 * has one thread that sends it requests. */
#define _GNU_SOURCE

#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

#include <microhttpd.h>
#include <stackrig/microhttpd.h>

#include "mocks/frameworks/program.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static atomic_bool ready, in_run, answered, refused;
static atomic_int status;
static char reason[1024];

/* ---- the command ---- */

bool rig_program_waits(void)
{
    return true;
}

void rig_program_run(struct rig_app app, bool (*over)(void))
{
    (void)over;
    struct rig_client *client = rig_client_new(app, (struct rig_client_options){0});
    const struct rig_result *result = rig_get(client, "/");
    int got = result->error ? result->error : result->status;
    rig_client_free(client);
    status = got;
}

_Noreturn void rig_program_refuse(const char *why)
{
    (void)snprintf(reason, sizeof reason, "%s", why);
    refused = true;
    for (;;) {
        (void)pause();
    }
}

/* ---- the program ---- */

static enum MHD_Result serve(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                             const char *version, const char *data, size_t *size, void **req_cls)
{
    static char seen[] = "seen";
    const bool *in_loop = cls;
    (void)url, (void)method, (void)version, (void)data, (void)size;
    if (!*req_cls) {
        *req_cls = seen;
        return MHD_YES;
    }
    bool right = ready && (!*in_loop || in_run);
    (void)usleep(20000);
    struct MHD_Response *response = MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result queued = MHD_queue_response(connection, right ? 200 : 500, response);
    MHD_destroy_response(response);
    answered = true;
    return queued;
}

static struct MHD_Daemon *start(bool in_loop)
{
    static bool loops;
    loops = in_loop;
    return MHD_start_daemon(in_loop ? 0 : MHD_USE_INTERNAL_POLLING_THREAD, 8080, NULL, NULL, serve, &loops,
                            MHD_OPTION_END);
}

static void set_up(void)
{
    for (volatile unsigned busy = 0; busy < 20000000; busy++) {
    }
    ready = true;
}

/* The exit status of a process that does it. */
static int apart(int (*program)(void))
{
    int ended = 0;
    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        _exit(program());
    }
    assert_int_equal(waitpid(child, &ended, 0), child);
    return WIFEXITED(ended) ? WEXITSTATUS(ended) : -WTERMSIG(ended);
}

static int wait_for_answer(void)
{
    while (status == 0) {
        (void)usleep(1000);
    }
    return status == 200 ? 0 : 1;
}

static int one_that_waits(void)
{
    (void)start(false);
    set_up();
    return wait_for_answer();
}

/* The flag for threads alone is enough: the daemon has no loop then. */
static int one_with_a_thread_for_each(void)
{
    static bool loops;
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION, 8080, NULL, NULL, serve, &loops, MHD_OPTION_END);
    unsigned told = (unsigned)MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_FLAGS)->flags;
    set_up();
    return told == (MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD) ? wait_for_answer() : 2;
}

static int one_with_a_loop(void)
{
    struct MHD_Daemon *daemon = start(true);
    ready = true;
    while (status == 0) {
        (void)usleep(30000);
        in_run = true;
        (void)MHD_run_wait(daemon, 10);
        in_run = false;
    }
    MHD_stop_daemon(daemon);
    return status == 200 ? 0 : 1;
}

static int one_with_two_servers(void)
{
    (void)start(false);
    (void)start(false);
    while (!refused && status == 0) {
        (void)usleep(1000);
    }
    return refused && strstr(reason, "2 servers") && strstr(reason, "port 8080 (") ? 0 : 1;
}

static atomic_bool begun;

static void note_begun(void *cls, struct MHD_Connection *connection, void **context,
                       enum MHD_ConnectionNotificationCode what)
{
    (void)cls, (void)connection, (void)context, (void)what;
    begun = true;
}

static int one_that_stops_in_a_request(void)
{
    static bool loops;
    ready = true;
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 8080, NULL, NULL, serve, &loops,
                                                 MHD_OPTION_NOTIFY_CONNECTION, note_begun, NULL, MHD_OPTION_END);
    while (!begun) {
        (void)usleep(500);
    }
    MHD_stop_daemon(daemon);
    return answered ? 0 : 1;
}

static int one_that_stops_before(void)
{
    struct MHD_Daemon *daemon = start(false);
    MHD_stop_daemon(daemon);
    while (!refused && status == 0) {
        (void)usleep(1000);
    }
    return refused && strstr(reason, "stopped its server") ? 0 : 1;
}

#define PROGRAM(test_, program_)              \
    static void test_(void **state)           \
    {                                         \
        (void)state;                          \
        assert_int_equal(apart(program_), 0); \
    }

PROGRAM(a_request_comes_when_the_program_waits, one_that_waits)
PROGRAM(threads_for_connections_are_no_loop, one_with_a_thread_for_each)
PROGRAM(handlers_of_a_loop_run_in_its_turn, one_with_a_loop)
PROGRAM(two_servers_are_refused, one_with_two_servers)
PROGRAM(to_stop_waits_for_the_request, one_that_stops_in_a_request)
PROGRAM(a_server_that_is_gone_is_refused, one_that_stops_before)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_comes_when_the_program_waits), cmocka_unit_test(threads_for_connections_are_no_loop),
        cmocka_unit_test(handlers_of_a_loop_run_in_its_turn),     cmocka_unit_test(two_servers_are_refused),
        cmocka_unit_test(to_stop_waits_for_the_request),          cmocka_unit_test(a_server_that_is_gone_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
