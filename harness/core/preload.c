/* The rig's side of libstackrig-clock.so and libstackrig-malloc.so: which time it is, and whose memory. */
#include "harness/core/preload.h"

#include "harness/core/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* There if the library is preloaded, or linked. */
#pragma weak rig_preload_malloc_gate
#pragma weak rig_preload_malloc_where
#pragma weak rig_preload_clock_source

/* ---- the clock ---- */

static _Thread_local struct {
    bool is;
    int64_t now;
} held; /* outside of requests */

/* A sleep writes to it. */
static int64_t *clock_here(void)
{
    struct rig_run *run = rig_run_here();
    return run ? &run->runner->now : held.is ? &held.now : NULL;
}

void rig_clock_attach(void)
{
    if (rig_preload_clock_source) {
        rig_preload_clock_source(clock_here);
    }
}

bool rig_clock_is_preloaded(void)
{
    return rig_preload_clock_source != NULL;
}

void rig_clock_hold(int64_t now)
{
    rig_clock_attach();
    held.is = now != 0;
    held.now = now;
}

bool rig_clock_lend(void)
{
    bool lent = !held.is && rig_preload_clock_source != NULL;
    if (lent) {
        rig_clock_hold(RIG_CLOCK);
    }
    return lent;
}

void rig_clock_return(bool lent)
{
    if (lent) {
        rig_clock_hold(0);
    }
}

/* ---- malloc ---- */

static _Thread_local struct {
    struct rig_malloc_gate gate;
    struct rig_malloc_fault *fault; /* NULL: none is armed */
} armed;

static bool admit(struct rig_malloc_gate *gate, size_t size, const void *caller)
{
    struct rig_malloc_fault *fault = armed.fault;
    struct rig_run *run = rig_memory_is_own() ? NULL : rig_run_here();
    (void)gate;
    if (!run) {
        return true;
    }
    fault->asked++;
    bool fails = fault->nth > 0 && (fault->always ? fault->asked >= fault->nth : fault->asked == fault->nth);
    if (fails && fault->fired++ == 0) {
        const struct rig_hop *hop = rig_run_hop(run);
        fault->size = size;
        fault->caller = caller;
        fault->layer = hop ? hop->layer : NULL;
        (void)rig_preload_malloc_where(caller, fault->where, sizeof fault->where);
    }
    return !fails;
}

struct probe {
    struct rig_malloc_gate gate;
    bool asked;
};

static bool note_asked(struct rig_malloc_gate *gate, size_t size, const void *caller)
{
    (void)size;
    (void)caller;
    ((struct probe *)(void *)gate)->asked = true;
    return true;
}

bool rig_malloc_can_fail(void)
{
    if (!rig_preload_malloc_gate) {
        return false;
    }
    struct probe probe = {.gate.admit = note_asked};
    struct rig_malloc_gate *before = rig_preload_malloc_gate(&probe.gate);
    void *(*volatile allocate)(size_t) = malloc; /* a call that is not left out */
    free(allocate(1));
    (void)rig_preload_malloc_gate(before);
    return probe.asked;
}

int rig_malloc_fault_arm(struct rig_malloc_fault *fault)
{
    if (!fault || armed.fault) {
        return fault ? -EBUSY : -EINVAL;
    }
    if (!rig_malloc_can_fail()) {
        return -ENOSYS;
    }
    armed.fault = fault;
    armed.gate.admit = admit;
    (void)rig_preload_malloc_gate(&armed.gate);
    return 0;
}

void rig_malloc_fault_disarm(void)
{
    if (armed.fault) {
        (void)rig_preload_malloc_gate(NULL);
        armed.fault = NULL;
    }
}
