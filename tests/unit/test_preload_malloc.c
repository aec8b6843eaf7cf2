/* libstackrig-malloc.so: code that knows nothing of the rig runs out of memory, one allocation after the other. */
#define _GNU_SOURCE

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stackrig/cmocka.h>
#include <stackrig/faults.h>
#include <stackrig/preload.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

#include "harness/core/preload.h"
#include "tests/unit/preload_test.h"

/* ---- somebody else's library ---- */

struct greeting {
    char *name, *text;
};

static void greeting_free(struct greeting *greeting)
{
    if (greeting) {
        free(greeting->name);
        free(greeting->text);
        free(greeting);
    }
}

static struct greeting *greeting_new(const char *name)
{
    struct greeting *greeting = calloc(1, sizeof *greeting);
    if (!greeting) {
        return NULL;
    }
    greeting->name = strdup(name);
    greeting->text = malloc(64);
    if (!greeting->name || !greeting->text) {
        greeting_free(greeting);
        return NULL;
    }
    (void)snprintf(greeting->text, 64, "hello %.50s", greeting->name);
    return greeting;
}

/* The same by somebody in a hurry. */
static struct greeting *greeting_hasty(const char *name)
{
    struct greeting *greeting = calloc(1, sizeof *greeting);
    if (greeting) {
        greeting->name = strdup(name);
        greeting->text = malloc(64);
        (void)snprintf(greeting->text, 64, "hello %.50s", greeting->name ? greeting->name : "");
    }
    return greeting;
}

static struct greeting *(*greet)(const char *name);

static int greets(void *self, struct rig_env *env, struct rig_response *response)
{
    struct greeting *greeting = greet(rig_env_get(env, "PATH_INFO"));
    (void)self;
    if (!greeting) {
        return -ENOMEM;
    }
    int error = rig_respond(response, .body = greeting->text);
    greeting_free(greeting);
    return error;
}

static struct rig_client *greeter(struct greeting *(*by)(const char *name))
{
    greet = by;
    return rig_client_new((struct rig_app){.name = "greeter", .call = greets}, (struct rig_client_options){0});
}

/* ---- one after the other ---- */

static const struct rig_result *get_with(struct rig_client *client, struct rig_malloc_fault *fault)
{
    assert_int_equal(rig_malloc_fault_arm(fault), 0);
    const struct rig_result *result = rig_get(client, "/ann");
    rig_malloc_fault_disarm();
    return result;
}

static void code_that_checks(void **state)
{
    struct rig_client *client = greeter(greeting_new);
    struct rig_malloc_fault fault = {0};
    (void)state;
    rig_assert(get_with(client, &fault), .status = 200, .body = "hello /ann");
    assert_int_equal(fault.asked, 3); /* calloc, strdup, malloc: none of the rig's own */
    for (uint64_t nth = 1; nth <= 3; nth++) {
        fault = (struct rig_malloc_fault){.nth = nth};
        rig_assert(get_with(client, &fault), .status = 500, .error = -ENOMEM);
        assert_int_equal(fault.fired, 1);
        assert_string_equal(fault.layer, "greeter");
        assert_int_equal(fault.size, nth == 1 ? sizeof(struct greeting) : nth == 2 ? strlen("/ann") + 1 : 64);
        assert_ptr_equal(strstr(fault.where, "test_preload_malloc("), fault.where); /* not libc's strdup */
        assert_non_null(strstr(fault.where, "+0x"));
    }
    fault = (struct rig_malloc_fault){.nth = 4};
    rig_assert(get_with(client, &fault), .status = 200);
    assert_int_equal(fault.fired, 0);
    assert_null(fault.caller);
    fault = (struct rig_malloc_fault){.nth = 2, .always = true};
    rig_assert(get_with(client, &fault), .error = -ENOMEM);
    assert_int_equal(fault.fired, 2);
    rig_client_free(client);
}

static int waves(void *self, struct rig_env *env, struct rig_response *response)
{
    struct greeting *greeting = greeting_new(rig_env_get(env, "PATH_INFO"));
    (void)self;
    int error = rig_respond(response, .body = greeting ? greeting->text : "hello"); /* to whom? */
    greeting_free(greeting);
    return error;
}

static void each_allocation(void **state)
{
    struct rig_client *client = greeter(greeting_new);
    struct rig_fault_report report = rig_each_fault(client, RIG_GET("/ann"));
    (void)state;
    assert_null(report.not_tried);
    assert_int_equal(report.case_count, 0);
    assert_true(report.verdicts[RIG_FAULT_PASSED_ON] >= 6); /* three, once and from there on */
    rig_client_free(client);
    client = rig_client_new((struct rig_app){.name = "waves", .call = waves}, (struct rig_client_options){0});
    report = rig_sweep_faults(client, RIG_GET("/ann"), .findings = {"response.shortage.hidden"});
    assert_int_equal(report.case_count, 6);
    assert_int_equal(report.cases[0].kind, RIG_FAULT_MALLOC);
    assert_int_equal(report.cases[1].chance, 2);
    assert_int_equal(report.cases[1].verdict, RIG_FAULT_SPOILED);
    assert_string_equal(report.cases[1].layer, "waves");
    assert_non_null(strstr(report.cases[1].where, "test_preload_malloc("));
    rig_client_free(client);
}

static void from_one_on(void **state)
{
    struct rig_client *client =
        rig_client_new((struct rig_app){.name = "waves", .call = waves}, (struct rig_client_options){0});
    struct rig_malloc_fault shown = {0};
    (void)state;
    for (int always = 0; always < 2; always++) {
        struct rig_fault_report report =
            rig_sweep_faults(client, RIG_GET("/ann"), .kinds = 1u << RIG_FAULT_MALLOC, .from = 2,
                             .from_always = always == 1, .memory = &shown, .findings = {"response.shortage.hidden"});
        assert_int_equal(report.runs, always ? 2 : 2 + 3); /* of three */
        assert_int_equal(report.cases[0].chance, 2);
        assert_int_equal(report.cases[0].always, always);
        assert_int_equal(report.cases[0].size, strlen("/ann") + 1);
        assert_int_equal(shown.nth, 0);
    }
    rig_client_free(client);
}

/* It crashes, and a debugger shows the line. */
static void code_that_does_not(void **state)
{
    int status = 0;
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        (void)signal(SIGSEGV, SIG_DFL); /* of cmocka or a sanitizer */
        struct rig_malloc_fault fault = {.nth = 3};
        (void)get_with(greeter(greeting_hasty), &fault);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSEGV);
}

/* ---- every way to allocate ---- */

static unsigned refused;

/* Ends what was got, or counts that nothing was. */
static void end(void *got, size_t alignment)
{
    refused += !got && errno == ENOMEM;
    errno = 0;
    assert_int_equal((uintptr_t)got % alignment, 0);
    free(got);
}

static int allocates(void *self, struct rig_env *env, struct rig_response *response)
{
    void *aligned = NULL;
    (void)env;
    errno = 0;
    refused = 0;
    end(malloc(0), 1);
    end(calloc(2, 3), 1);
    end(realloc(NULL, 7), 1);
    end(reallocarray(NULL, 2, 7), 1);
    end(aligned_alloc(64, 64), 64);
    end(memalign(64, 64), 64);
    end(valloc(1), 4096);
    end(strdup("text"), 1);
    end(strndup("text", 2), 1);
    errno = posix_memalign(&aligned, 64, 64);
    end(aligned, 64);
    void *moved = realloc(self, 100);
    if (!moved) {
        assert_string_equal(self, "kept"); /* one that fails leaves what was there */
        free(self);
    }
    end(moved, 1);
    assert_null(realloc(malloc(1), 0)); /* gives it back, and never fails */
    return rig_respond(response, .status = 200);
}

static void every_way_to_allocate(void **state)
{
    struct rig_malloc_fault fault = {.nth = 1, .always = true};
    (void)state;
    struct rig_client *client =
        rig_client_new((struct rig_app){.call = allocates, .self = strdup("kept")}, (struct rig_client_options){0});
    rig_assert(get_with(client, &fault), .status = 200);
    assert_int_equal(refused, 11);
    assert_int_equal(fault.fired, 13);
    rig_client_free(client);
    client =
        rig_client_new((struct rig_app){.call = allocates, .self = strdup("kept")}, (struct rig_client_options){0});
    rig_assert(rig_get(client, "/"), .status = 200);
    assert_int_equal(refused, 0);
    rig_client_free(client);
}

/* ---- whose it is ---- */

static int other_thread(void *unused)
{
    (void)unused;
    void *volatile got = malloc(1);
    free(got);
    return got != NULL;
}

static void only_in_requests_of_this_thread(void **state)
{
    struct rig_malloc_fault fault = {.nth = 1, .always = true};
    thrd_t thread;
    int there = 0;
    (void)state;
    assert_int_equal(rig_malloc_fault_arm(NULL), -EINVAL);
    assert_int_equal(rig_malloc_fault_arm(&fault), 0);
    assert_int_equal(rig_malloc_fault_arm(&fault), -EBUSY);
    void *volatile mine = malloc(10);
    assert_non_null(mine);
    free(mine);
    struct rig_client *client = greeter(greeting_new); /* the rig's own memory */
    assert_non_null(client);
    assert_int_equal(thrd_create(&thread, other_thread, NULL), thrd_success);
    assert_int_equal(thrd_join(thread, &there), thrd_success);
    assert_true(there);
    assert_int_equal(fault.asked, 0);
    rig_assert(rig_get(client, "/"), .status = 500, .error = -ENOMEM);
    rig_malloc_fault_disarm();
    rig_malloc_fault_disarm();
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_client_free(client);
}

/* The rig's own memory goes through an allocator of the test that calls malloc: not counted either. */
static void *plain(void *self, size_t size)
{
    (void)self;
    return malloc(size);
}

static void release(void *self, void *memory)
{
    (void)self;
    free(memory);
}

static int takes_much(void *self, struct rig_env *env, struct rig_response *response)
{
    (void)self;
    return rig_env_alloc(env, 1u << 20) ? rig_respond(response, .status = 200) : -ENOMEM;
}

static void not_of_the_rig(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct rig_malloc_fault fault = {.nth = 1, .always = true};
        struct rig_client *client = rig_client_new(
            RIG_APP(takes_much),
            (struct rig_client_options){.allocator = i ? (struct rig_allocator){.alloc = plain, .release = release}
                                                       : (struct rig_allocator){0}});
        rig_assert(get_with(client, &fault), .status = 200);
        assert_int_equal(fault.asked, 0);
        rig_client_free(client);
    }
}

/* ---- what is out ---- */

struct counted {
    size_t blocks, bytes;
    uint64_t turns;
};

static void count_block(void *closure, const struct rig_malloc_block *block)
{
    struct counted *counted = closure;
    counted->blocks++;
    counted->bytes += block->size;
    counted->turns |= block->turns;
    assert_string_equal(block->layer, "keeper");
}

static struct counted what_is_out(void)
{
    struct counted counted = {0};
    assert_true(rig_malloc_books_each(count_block, &counted));
    return counted;
}

#define MANY 1000
static void *many[MANY], *resized;

static int takes(void *self, struct rig_env *env, struct rig_response *response)
{
    (void)self;
    (void)env;
    for (size_t i = 0; i < MANY; i++) {
        many[i] = malloc(100);
    }
    free(resized);
    resized = malloc(10);
    return rig_respond(response, .status = 200);
}

static int grows(void *self, struct rig_env *env, struct rig_response *response)
{
    (void)self;
    (void)env;
    void *larger = realloc(resized, 20);
    resized = larger ? larger : resized;
    return rig_respond(response, .status = 200);
}

static int gives_back(void *unused)
{
    (void)unused;
    for (size_t i = 0; i < MANY; i += 2) {
        free(many[i]);
    }
    return 0;
}

static void what_is_kept(void **state)
{
    thrd_t thread;
    (void)state;
    assert_true(rig_malloc_books_open());
    assert_false(rig_malloc_books_open());
    struct rig_app app = {.name = "keeper", .call = takes};
    struct rig_client *client = rig_client_new(app, (struct rig_client_options){0});
    assert_int_equal(rig_get(client, "/")->status, 200);
    struct counted out = what_is_out();
    assert_int_equal(out.blocks, MANY + 1); /* none of the rig's */
    assert_int_equal(out.bytes, MANY * 100 + 10);
    assert_int_equal(out.turns, 1);
    rig_client_free(client);
    app.call = grows;
    client = rig_client_new(app, (struct rig_client_options){0});
    rig_malloc_books_turn(2);
    assert_int_equal(rig_get(client, "/")->status, 200);
    assert_int_equal(rig_get(client, "/")->status, 200); /* the same size again is no growth */
    rig_client_free(client);
    assert_int_equal(thrd_create(&thread, gives_back, NULL), thrd_success);
    assert_int_equal(thrd_join(thread, NULL), thrd_success);
    out = what_is_out();
    assert_int_equal(out.blocks, MANY / 2 + 1);
    assert_int_equal(out.bytes, MANY / 2 * 100 + 20);
    assert_int_equal(out.turns, 3);
    for (size_t i = 1; i < MANY; i += 2) {
        free(many[i]);
    }
    free(resized);
    resized = NULL;
    assert_int_equal(what_is_out().blocks, 0);
    rig_malloc_books_close();
}

int main(int count, char **arguments)
{
    (void)count;
    rig_test_preload(arguments, "libstackrig-malloc.so");
    if (!rig_malloc_can_fail()) {
        /* ASan of clang is a part of the program, and so before all libraries */
        print_message("1..1\n%s\n", rig_malloc_fault_arm(&(struct rig_malloc_fault){0}) == -ENOSYS
                                        ? "not ok 1 # SKIP libstackrig-malloc.so is not there, or not first"
                                        : "not ok 1 - armed without the library");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_that_checks),      cmocka_unit_test(each_allocation),
        cmocka_unit_test(from_one_on),           cmocka_unit_test(code_that_does_not),
        cmocka_unit_test(every_way_to_allocate), cmocka_unit_test(only_in_requests_of_this_thread),
        cmocka_unit_test(not_of_the_rig),        cmocka_unit_test(what_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A thread's block of the dynamic linker, which LeakSanitizer knows by its caller, is called for by the library here. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void); // NOLINT: LeakSanitizer's name
const char *__lsan_default_suppressions(void)                                         // NOLINT
{
    return "leak:mocks/preload/malloc.c\n";
}
