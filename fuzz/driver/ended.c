#define _DEFAULT_SOURCE

/* _exit() and _Exit() come before libc's in what is linked with this: until rig_fuzz_when_ended is called they do the
 * same. */
#include "fuzz/driver/ended.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default"))) /* shared objects have theirs from the program */

__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
__attribute__((weak)) void __interceptor__exit(int status); /* a sanitizer's _exit() */

static rig_fuzz_ended_fn *told;
static pid_t whose;

static void tell(int status)
{
    rig_fuzz_ended_fn *fn = told;
    if (!fn || whose != getpid()) { /* before anything is written: a child of vfork() shares this memory */
        return;
    }
    told = NULL; /* what is then said and done ends the process, too */
    fn(status);
}

static void at_exit(int status, void *unused)
{
    (void)unused;
    tell(status);
}

/* exit() calls the newest first: as the stack is built there is none of libFuzzer's yet; by the first play there is, and
 * it names no layer. */
void rig_fuzz_when_ended(rig_fuzz_ended_fn *fn)
{
    static unsigned calls;
    if (fn && calls < 2) {
        calls++;
        (void)on_exit(at_exit, NULL);
    }
    whose = fn ? getpid() : 0; /* each time: AFL++'s fork server lets a fork of this process play */
    told = fn;
}

static _Noreturn void leave(int status)
{
    for (;;) {
        (void)syscall(SYS_exit_group, status);
    }
}

EXPORTED void _exit(int status)
{
    tell(status);
    if (__interceptor__exit) {
        __interceptor__exit(status);
    }
    leave(status);
}

EXPORTED void _Exit(int status)
{
    if (!LLVMFuzzerMutate) {
        tell(status);
    }
    leave(status);
}
