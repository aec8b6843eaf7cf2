/* FastCGI handlers that run out of memory, or keep it: libfcgi itself ends the process when it gets none. */
#define _GNU_SOURCE

#include <stackrig/cmocka.h>
#include <stackrig/faults.h>
#include <stackrig/sweeps.h>
#include <stackrig/preload.h>
#include <stackrig/stackrig.h>

#include <fcgiapp.h>
#include <stackrig/fcgi.h>

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/unit/preload_test.h"

#define KEPT 4096
#define STACK ((size_t)8 << 20)

static void *kept[KEPT];
static size_t kept_count;

static int copies(FCGX_Request *request)
{
    char *copy = malloc(100);
    FCGX_FPrintF(request->out, "Status: %s\r\n\r\n", copy ? "200 OK" : "500 No Memory");
    free(copy);
    return 0;
}

static int keeps(FCGX_Request *request)
{
    kept[kept_count++ % KEPT] = malloc(10);
    FCGX_FPrintF(request->out, "Status: 200 OK\r\n\r\n");
    return 0;
}

static int copies_in_a_loop(void *closure)
{
    FCGX_Request request;
    (void)closure;
    (void)FCGX_InitRequest(&request, 0, 0);
    while (FCGX_Accept_r(&request) == 0) {
        (void)copies(&request);
        FCGX_Finish_r(&request);
    }
    FCGX_Free(&request, 1);
    return 0;
}

static struct rig_fault_report starve(struct rig_app app, const char *finds)
{
    struct rig_client *client = rig_client_new(app, (struct rig_client_options){.server = rig_server_find("memory")});
    struct rig_fault_report report =
        rig_sweep_faults(client, RIG_GET("/"), .kinds = 1u << RIG_FAULT_MALLOC, .findings = {finds});
    rig_client_free(client);
    return report;
}

static void what_is_the_handlers_fails(void **state)
{
    char text[4096];
    (void)state;
    struct rig_fault_report report = starve(stackrig_fcgi_app(copies), NULL);
    assert_int_equal(report.error, 0);
    assert_int_equal(report.runs, 2); /* once, and from there on */
    assert_int_equal(report.verdicts[RIG_FAULT_ANSWERED], 2);
    assert_true(report.spared);
    (void)rig_fault_text(&report, text, sizeof text);
    assert_non_null(strstr(text, "not tried: malloc in libfcgi, which ends the process"));
}

static void what_is_kept_is_seen(void **state)
{
    (void)state;
    struct rig_fault_report report = starve(stackrig_fcgi_app(keeps), "state.memory.leaked");
    assert_null(report.missing);
    for (size_t i = 0; i < KEPT; i++) {
        free(kept[i]);
    }
}

static void *starve_loop(void *closure)
{
    struct rig_fault_report *report = closure;
    *report = starve(stackrig_fcgi_loop(copies_in_a_loop, NULL), NULL);
    return NULL;
}

/* The program's stack lies above the rig's: so it is in a child of `stackrig check`. */
static void of_a_loop_on_a_higher_stack_too(void **state)
{
    static struct rig_fault_report report;
    pthread_attr_t attributes;
    pthread_t thread;
    (void)state;
    void *low = mmap((void *)0x10000000, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(low != MAP_FAILED && (uintptr_t)low < (uintptr_t)&copies);
    assert_int_equal(pthread_attr_init(&attributes), 0);
    assert_int_equal(pthread_attr_setstack(&attributes, low, STACK), 0);
    assert_int_equal(pthread_create(&thread, &attributes, starve_loop, &report), 0);
    (void)pthread_join(thread, NULL);
    (void)pthread_attr_destroy(&attributes);
    assert_int_equal(report.error, 0);
    assert_int_equal(report.verdicts[RIG_FAULT_ANSWERED], 2);
    (void)munmap(low, STACK);
}

int main(int count, char **arguments)
{
    (void)count;
    rig_test_preload(arguments, "libstackrig-malloc.so");
    if (!rig_malloc_can_fail()) {
        print_message("1..1\nok 1 # SKIP libstackrig-malloc.so is not there, or not first\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_the_handlers_fails),
        cmocka_unit_test(what_is_kept_is_seen),
        cmocka_unit_test(of_a_loop_on_a_higher_stack_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
