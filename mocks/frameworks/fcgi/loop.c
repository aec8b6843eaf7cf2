/* A program with a loop of its own: it runs on a stack of its own, and the rig and it take turns. In a program that runs as
 * a child it is the other way round: main() has its stack, and the rig gets one where the program first accepts. */
#define _GNU_SOURCE

#include "mocks/frameworks/fcgi/fcgi.h"

#include "mocks/frameworks/program.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define STACK_SIZE ((size_t)1 << 20)
#define RIG_STACK_SIZE ((size_t)8 << 20) /* as a main thread's */
#define REFUSALS_MAX 100                 /* a loop that goes on though nobody comes any more */

struct rig_fcgi_loop {
    ucontext_t rig, program;
    void *stack; /* NULL: a child's, whose program has its own */
    int (*call)(void *closure);
    void *closure;
    struct rig_fcgi_loop *before; /* whose turn it was in this thread */
    unsigned refused;
    bool ended, closing;
    bool leaving; /* a child's program is in exit() */
    /* for ASan: */
    void *rig_fake, *program_fake;
    const void *rig_stack, *program_stack;
    size_t rig_size, program_size;
};

static _Thread_local struct rig_fcgi_loop *running;

/* There if the program has ASan. */
extern void __sanitizer_start_switch_fiber(void **fake, const void *bottom, size_t size) __attribute__((weak));
extern void __sanitizer_finish_switch_fiber(void *fake, const void **bottom, size_t *size) __attribute__((weak));

/* ---- the switch ---- */

static void to_program(struct rig_fcgi_loop *loop)
{
    void *before = rig_foreign_switch();
    loop->before = running;
    running = loop;
    if (__sanitizer_start_switch_fiber) {
        __sanitizer_start_switch_fiber(&loop->rig_fake, loop->program_stack, loop->program_size);
    }
    (void)swapcontext(&loop->rig, &loop->program);
    if (__sanitizer_finish_switch_fiber) {
        __sanitizer_finish_switch_fiber(loop->rig_fake, NULL, NULL);
    }
    running = loop->before;
    rig_foreign_switched_back(before);
}

static void arrive(struct rig_fcgi_loop *loop)
{
    if (__sanitizer_finish_switch_fiber) {
        __sanitizer_finish_switch_fiber(loop->program_fake, &loop->rig_stack, &loop->rig_size);
    }
}

static void to_rig(struct rig_fcgi_loop *loop)
{
    if (__sanitizer_start_switch_fiber) {
        __sanitizer_start_switch_fiber(loop->ended ? NULL : &loop->program_fake, loop->rig_stack, loop->rig_size);
    }
    (void)swapcontext(&loop->program, &loop->rig);
    arrive(loop);
}

static void run(void)
{
    struct rig_fcgi_loop *loop = running;
    arrive(loop);
    (void)loop->call(loop->closure);
    loop->ended = true;
    to_rig(loop);
}

/* ---- a child's ---- */

static struct rig_fcgi_loop child;

static bool is_leaving(void)
{
    return child.leaving;
}

/* After so many requests, say, as those do that a process manager starts again. What it has finished is an answer. */
static void leave(void)
{
    const struct rig_fcgi_turn *turn = rig_fcgi_turn();
    if (!rig_program_here() || running != &child || child.closing || !turn) {
        return;
    }
    if (!turn->ended) {
        (void)fputs("stackrig: the program ends before it has finished the request (FCGX_Finish_r, FCGI_Finish)\n",
                    stderr);
        return;
    }
    child.leaving = true;
    to_rig(&child);
}

/* On the rig's stack. The program has its end of it, and never comes back here. */
static void serve(void)
{
    struct rig_fcgi_loop *loop = running;
    if (__sanitizer_finish_switch_fiber) {
        __sanitizer_finish_switch_fiber(NULL, &loop->program_stack, &loop->program_size);
    }
    running = NULL;
    rig_program_run(rig_fcgi_program_app(loop), is_leaving);
    loop->closing = true;
    to_program(loop);
}

/* Apart: getcontext might come back twice, for all that a compiler knows. */
static bool prepare(ucontext_t *context, void *stack, size_t size, void (*start)(void))
{
    if (getcontext(context) != 0) {
        return false;
    }
    context->uc_stack.ss_sp = stack;
    context->uc_stack.ss_size = size;
    makecontext(context, start, 0);
    return true;
}

/* NULL: out of memory. It grows down to a page that nobody may touch. */
static void *map_stack(size_t size)
{
    void *stack = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) {
        return NULL;
    }
    (void)mprotect(stack, 4096, PROT_NONE);
    return stack;
}

static struct rig_fcgi_loop *begin_child(void)
{
    static atomic_flag begun = ATOMIC_FLAG_INIT;
    if (atomic_flag_test_and_set(&begun)) {
        rig_program_refuse("the program accepts in more than one thread, and a check has one request at a time: run it "
                           "with one thread");
    }
    void *stack = map_stack(RIG_STACK_SIZE);
    if (!stack || !prepare(&child.rig, stack, RIG_STACK_SIZE, serve) || atexit(leave) != 0) {
        rig_program_refuse("out of memory");
    }
    child.rig_stack = stack;
    child.rig_size = RIG_STACK_SIZE;
    return running = &child;
}

/* ---- turns ---- */

bool rig_fcgi_loop_wait(void)
{
    struct rig_fcgi_loop *loop = !running && rig_program_here() ? begin_child() : running;
    if (!loop) {
        return false;
    }
    bool insists = loop->closing && loop->refused++ > REFUSALS_MAX;
    if (insists && !loop->stack) {
        (void)pause(); /* it has nobody to give way to, and is about to be ended */
    } else if (!loop->closing || insists) {
        to_rig(loop);
    }
    return !loop->closing;
}

int rig_fcgi_loop_run(struct rig_fcgi_loop *loop)
{
    if (loop->ended || loop->leaving) {
        return -ESHUTDOWN;
    }
    to_program(loop);
    return 0;
}

struct rig_fcgi_loop *rig_fcgi_loop_new(int (*call)(void *closure), void *closure)
{
    struct rig_fcgi_loop *loop = calloc(1, sizeof *loop);
    void *stack = map_stack(STACK_SIZE);
    if (!loop || !stack || !prepare(&loop->program, stack, STACK_SIZE, run)) {
        if (stack) {
            (void)munmap(stack, STACK_SIZE);
        }
        free(loop);
        return NULL;
    }
    loop->stack = stack;
    loop->program_stack = stack;
    loop->program_size = STACK_SIZE;
    loop->call = call;
    loop->closure = closure;
    return loop;
}

void rig_fcgi_loop_free(struct rig_fcgi_loop *loop)
{
    if (!loop) {
        return;
    }
    loop->closing = true;
    (void)rig_fcgi_loop_run(loop);
    (void)munmap(loop->stack, STACK_SIZE);
    free(loop);
}
