/* A program with a loop of its own: it runs on a stack of its own, and the rig and it take turns. */
#define _GNU_SOURCE

#include "mocks/frameworks/fcgi/fcgi.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#define STACK_SIZE ((size_t)1 << 20)
#define REFUSALS_MAX 100 /* a loop that goes on though nobody comes any more */

struct rig_fcgi_loop {
    ucontext_t rig, program;
    void *stack;
    int (*call)(void *closure);
    void *closure;
    struct rig_fcgi_loop *before; /* whose turn it was in this thread */
    unsigned refused;
    bool ended, closing;
    /* for ASan: */
    void *rig_fake, *program_fake;
    const void *rig_stack;
    size_t rig_size;
};

static _Thread_local struct rig_fcgi_loop *running;

/* There if the program has ASan. */
extern void __sanitizer_start_switch_fiber(void **fake, const void *bottom, size_t size) __attribute__((weak));
extern void __sanitizer_finish_switch_fiber(void *fake, const void **bottom, size_t *size) __attribute__((weak));

/* ---- the switch ---- */

static void to_program(struct rig_fcgi_loop *loop)
{
    loop->before = running;
    running = loop;
    if (__sanitizer_start_switch_fiber) {
        __sanitizer_start_switch_fiber(&loop->rig_fake, loop->stack, STACK_SIZE);
    }
    (void)swapcontext(&loop->rig, &loop->program);
    if (__sanitizer_finish_switch_fiber) {
        __sanitizer_finish_switch_fiber(loop->rig_fake, NULL, NULL);
    }
    running = loop->before;
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

/* ---- turns ---- */

bool rig_fcgi_loop_wait(void)
{
    struct rig_fcgi_loop *loop = running;
    if (!loop) {
        return false;
    }
    if (!loop->closing || loop->refused++ > REFUSALS_MAX) {
        to_rig(loop);
    }
    return !loop->closing;
}

int rig_fcgi_loop_run(struct rig_fcgi_loop *loop)
{
    if (loop->ended) {
        return -ESHUTDOWN;
    }
    to_program(loop);
    return 0;
}

/* Apart: getcontext might come back twice, for all that a compiler knows. */
static bool prepare(ucontext_t *program, void *stack)
{
    if (getcontext(program) != 0) {
        return false;
    }
    program->uc_stack.ss_sp = stack;
    program->uc_stack.ss_size = STACK_SIZE;
    makecontext(program, run, 0);
    return true;
}

struct rig_fcgi_loop *rig_fcgi_loop_new(int (*call)(void *closure), void *closure)
{
    struct rig_fcgi_loop *loop = calloc(1, sizeof *loop);
    void *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (!loop || stack == MAP_FAILED || !prepare(&loop->program, stack)) {
        if (stack != MAP_FAILED) {
            (void)munmap(stack, STACK_SIZE);
        }
        free(loop);
        return NULL;
    }
    (void)mprotect(stack, 4096, PROT_NONE); /* it grows down to there */
    loop->stack = stack;
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
