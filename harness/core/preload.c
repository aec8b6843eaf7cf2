/* The rig's side of libstackrig-clock.so and libstackrig-malloc.so: which time it is, and whose memory. */
#include "harness/core/preload.h"

#include "harness/core/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* There if the library is preloaded, or linked. */
#pragma weak rig_preload_malloc_gate
#pragma weak rig_preload_malloc_where
#pragma weak rig_preload_malloc_open
#pragma weak rig_preload_malloc_each
#pragma weak rig_preload_malloc_close
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
    bool lent = rig_preload_clock_source != NULL && !held.is;
    if (lent) {
        rig_clock_hold(RIG_CLOCK);
    }
    return lent;
}

/* ---- malloc ---- */

static _Thread_local struct {
    struct rig_malloc_gate gate;
    struct rig_malloc_fault *fault; /* NULL: none is armed */
    bool counts;                    /* the books are open */
} armed;

static bool fails(struct rig_malloc_fault *fault, const struct rig_hop *hop, size_t size, const void *caller)
{
    fault->asked++;
    bool now = fault->nth > 0 && (fault->always ? fault->asked >= fault->nth : fault->asked == fault->nth);
    if (now && fault->fired++ == 0) {
        fault->size = size;
        fault->caller = caller;
        fault->layer = hop ? hop->layer : NULL;
        rig_malloc_where(caller, fault->where, sizeof fault->where);
    }
    return now;
}

static enum rig_malloc_word admit(struct rig_malloc_gate *gate, size_t size, const void *caller)
{
    struct rig_run *run = rig_memory_is_own() ? NULL : rig_run_here();
    if (!run) {
        return RIG_MALLOC_PASSES;
    }
    const struct rig_hop *hop = rig_run_hop(run);
    if (armed.fault && gate->dies) {
        armed.fault->spared++;
    } else if (armed.fault && fails(armed.fault, hop, size, caller)) {
        return RIG_MALLOC_FAILS;
    }
    gate->layer = hop ? hop->layer : NULL;
    gate->layer_number = hop ? hop->layer_number : 0;
    return armed.counts ? RIG_MALLOC_COUNTS : RIG_MALLOC_PASSES;
}

/* There while anybody wants to be asked. */
static void put_gate(void)
{
    armed.gate.admit = admit;
    (void)rig_preload_malloc_gate(armed.fault || armed.counts ? &armed.gate : NULL);
}

struct probe {
    struct rig_malloc_gate gate;
    bool asked;
};

static enum rig_malloc_word note_asked(struct rig_malloc_gate *gate, size_t size, const void *caller)
{
    (void)size;
    (void)caller;
    ((struct probe *)(void *)gate)->asked = true;
    return RIG_MALLOC_PASSES;
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
    put_gate();
    return 0;
}

void rig_malloc_fault_disarm(void)
{
    if (armed.fault) {
        armed.fault = NULL;
        put_gate();
    }
}

void rig_malloc_where(const void *caller, char *text, size_t size)
{
    (void)rig_preload_malloc_where(caller, text, size);
}

/* ---- what is out ---- */

bool rig_malloc_books_open(void)
{
    if (armed.counts || !rig_malloc_can_fail() || !rig_preload_malloc_open || !rig_preload_malloc_open()) {
        return false;
    }
    armed.counts = true;
    armed.gate.turn = 1;
    put_gate();
    return true;
}

void rig_malloc_books_turn(uint64_t bit)
{
    armed.gate.turn = bit;
}

bool rig_malloc_books_each(void (*each)(void *closure, const struct rig_malloc_block *block), void *closure)
{
    return rig_preload_malloc_each(each, closure);
}

void rig_malloc_books_close(void)
{
    armed.counts = false;
    put_gate();
    rig_preload_malloc_close();
}
