/* Memory that runs out in the middle of a request: the rig's, that it takes for a layer, or malloc's. */
#include "harness/client/trial.h"

#include <string.h>

static bool admit(void *self, size_t size)
{
    struct rig_attempt *attempt = self;
    struct rig_malloc_fault *memory = &attempt->memory;
    memory->asked++;
    bool fails = memory->always ? memory->asked >= memory->nth : memory->asked == memory->nth;
    if (fails && memory->fired++ == 0) {
        const struct rig_hop *hop = attempt->run ? rig_run_hop(attempt->run) : NULL;
        memory->size = size;
        memory->layer = hop ? hop->layer : NULL;
    }
    return !fails;
}

void rig_shortage_begin(struct rig_attempt *attempt)
{
    attempt->memory = (struct rig_malloc_fault){.nth = attempt->faulty.chance, .always = attempt->faulty.always};
    if (attempt->faulty.kind == RIG_FAULT_POOL) {
        (void)rig_client_admit(attempt->trials->client, admit, attempt);
    } else if (attempt->faulty.kind == RIG_FAULT_MALLOC) {
        struct rig_malloc_fault *shown = attempt->trials->memory;
        if (shown) { /* where the last one was stays until this one fails: a heap that it broke may show it only now */
            memcpy(attempt->memory.where, shown->where, sizeof shown->where);
            *shown = attempt->memory;
        }
        (void)rig_malloc_fault_arm(shown ? shown : &attempt->memory);
    }
}

void rig_shortage_take(struct rig_attempt *attempt)
{
    if (attempt->faulty.kind == RIG_FAULT_MALLOC && attempt->trials->memory) {
        attempt->memory = *attempt->trials->memory;
    }
}

void rig_shortage_end(struct rig_attempt *attempt)
{
    if (attempt->faulty.kind == RIG_FAULT_POOL) {
        (void)rig_client_admit(attempt->trials->client, NULL, NULL);
    } else if (attempt->faulty.kind == RIG_FAULT_MALLOC) {
        rig_malloc_fault_disarm();
        rig_shortage_take(attempt);
        if (attempt->trials->memory) {
            attempt->trials->memory->nth = 0;
        }
    }
}

#define NO_MALLOC "malloc, " RIG_LEAKS_NO_LIBRARY
#define NO_POOL "pool: the client's .allocator has an admit of its own"
#define NO_END "what breaks off: the server has all of the body before the stack runs"

#define WITH(malloc_)                                              \
    {                                                              \
        {malloc_, NO_END "; " malloc_},                            \
        {                                                          \
            NO_POOL "; " malloc_, NO_END "; " NO_POOL "; " malloc_ \
        }                                                          \
    }

const char *rig_trials_not_tried(const struct rig_trials *trials, bool whole)
{
    static const char *const texts[3][2][2] = {
        {{NULL, NO_END}, {NO_POOL, NO_END "; " NO_POOL}}, WITH(NO_MALLOC), WITH(RIG_LEAKS_NO_THREADS)};
    bool pool = rig_client_admit(trials->client, NULL, NULL) == 0;
    return texts[!rig_malloc_can_fail() ? 1 : trials->leaks.not_tried ? 2 : 0][!pool][whole];
}
