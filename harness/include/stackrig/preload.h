/* Two libraries that reach code which knows nothing of the rig, by standing before libc:
 *
 *     LD_PRELOAD=libstackrig-clock.so:libstackrig-malloc.so ./test_program
 *
 * or linked to the test program (-Wl,--no-as-needed -lstackrig-clock -lstackrig-malloc, before libc).
 *
 * libstackrig-clock.so: while a thread is in a request of a client, its time, gettimeofday, clock_gettime and
 * timespec_get show that client's clock, whichever clock is asked for but those of CPU time. It stands still until the
 * test moves it (rig_client_set_now) or code sleeps: sleep, usleep, nanosleep, clock_nanosleep, thrd_sleep, and poll and
 * select without descriptors move it and come back at once. Outside of requests all is as ever, but see rig_clock_hold.
 *
 * libstackrig-malloc.so: malloc, calloc, realloc, reallocarray, posix_memalign, aligned_alloc, memalign, valloc, strdup and
 * strndup fail on demand, when code under test calls them, not the rig, and what is taken and not freed is seen.
 * rig_each_fault and the sweeps use it where it is loaded.
 *
 * ASan and valgrind: the clock works under both. ASan wants to come first; ASAN_OPTIONS=verify_asan_link_order=0 lets the
 * libraries stand before it. valgrind puts its own malloc over all others unless it is run with
 * --soname-synonyms=somalloc=nouserintercepts. */
#ifndef STACKRIG_PRELOAD_H
#define STACKRIG_PRELOAD_H

#include <stackrig/base.h>

/* The allocations of this thread, in requests, by anybody but the rig: those of layers, apps, the libraries they call,
 * and of the sources of bodies. Zero but for .nth and .always. */
struct rig_malloc_fault {
    uint64_t nth; /* the one that fails, counted from 1; 0: none, they are counted */
    bool always;  /* and all after it */
    /* told: */
    uint64_t asked, fired;
    size_t size;        /* bytes that the first that failed asked for */
    const void *caller; /* where it returned to, */
    char where[64];     /* and that place for addr2line or a debugger: "libfoo.so.1(parse+0x2a)"; longer ones are cut */
    const char *layer; /* whose it was, lasts as long as the stack; NULL: none's (the source of a body, a destructor) */
    uint64_t spared; /* of libfcgi's own, not counted above: they do not fail, for it then ends the process (assert) */
};

RIG_BEGIN_DECLS
/* ---- malloc ---- */

/* Is libstackrig-malloc.so there, and does nobody stand before it (valgrind, ASan linked into the program)? */
bool rig_malloc_can_fail(void);
/* From now on, in this thread, until it is disarmed, which comes before *fault goes. 0; -EINVAL: NULL; -ENOSYS:
 * rig_malloc_can_fail is false; -EBUSY: another is armed. */
int rig_malloc_fault_arm(struct rig_malloc_fault *fault);
void rig_malloc_fault_disarm(void);

/* ---- the clock ---- */

bool rig_clock_is_preloaded(void);
/* What this thread's code outside of requests sees, ns since the epoch: a test that sets up a stack by hand. 0: the
 * real clock again. Layers' init, reset and destroy see the first instant of a client's default clock where nothing is
 * held. Without the library it does nothing. */
void rig_clock_hold(int64_t now);
RIG_END_DECLS

#endif
