/* A fuzzer without coverage: chance, the table, and a pool of what made the stack behave in a way that was not seen
 * before. For a first look, for who has no clang, and to shrink what was found. */
#ifndef STACKRIG_FUZZ_ENGINE_H
#define STACKRIG_FUZZ_ENGINE_H

#include "fuzz/driver/report.h"
#include "fuzz/engine/shrink.h"

#define RIG_FUZZ_GROWN_MAX 512 /* one of chance does not grow beyond it, unless it was longer */
#define RIG_FUZZ_POOL 256
#define RIG_FUZZ_GIVEN 64
#define RIG_FUZZ_SEEN 4096 /* power of two */
#define RIG_FUZZ_FOUND_MAX 64
#define RIG_FUZZ_BEYOND_MAX 1024 /* findings that are no more than counted */
#define RIG_FUZZ_RECENT 256

/* One finding: rule, layer and site, and the first and smallest scenario that shows it. */
struct rig_fuzz_found {
    char rule[64], layer[64], site[256], message[512];
    unsigned request; /* RIG_FUZZ_NO_REQUEST: one of .suspects may be the scenario, input is not */
    uint64_t run, times;
    struct rig_fuzz_input input;
};

struct rig_fuzz_violation rig_fuzz_found_violation(const struct rig_fuzz_found *found);

struct rig_fuzz_engine {
    struct rig_fuzz_target *target;
    uint64_t dice, runs;
    struct rig_fuzz_scenario scenario;
    struct rig_fuzz_input input; /* that is tried; one may look at it after a crash */
    struct rig_fuzz_input pool[RIG_FUZZ_POOL];
    bool alone[RIG_FUZZ_POOL]; /* the first of the pool to show how one request is answered */
    size_t pool_count;
    struct rig_fuzz_input given[RIG_FUZZ_GIVEN]; /* some of the user's own, of all with the same chance */
    uint64_t given_count;                        /* of all */
    uint64_t seen[RIG_FUZZ_SEEN];                /* 0: nothing */
    struct rig_fuzz_found found[RIG_FUZZ_FOUND_MAX];
    size_t found_count;
    uint64_t beyond[RIG_FUZZ_BEYOND_MAX]; /* hashes of further ones */
    size_t beyond_count;
    struct rig_fuzz_found *wanted; /* while it shrinks: the one that must stay */
    bool kept;
    struct rig_fuzz_found smaller; /* what was said when it was kept */
    struct rig_fuzz_input
        recent[RIG_FUZZ_RECENT]; /* since the plainest request was asked again; the last is overwritten */
    uint64_t recent_count;       /* also beyond RIG_FUZZ_RECENT: by its remainder */
    struct rig_fuzz_input suspects[RIG_FUZZ_RECENT]; /* those of the first finding that a scenario before has left */
    size_t suspect_count;                            /* the newest first */
};

/* Takes the target's tell. target must last as long. */
void rig_fuzz_engine_start(struct rig_fuzz_engine *engine, struct rig_fuzz_target *target, uint64_t seed);
/* With another target of the same stack, after the first has gone: goes on. */
void rig_fuzz_engine_resume(struct rig_fuzz_engine *engine, struct rig_fuzz_target *target);
/* One input, of which the first RIG_FUZZ_INPUT_MAX bytes count; it joins the pool if the stack behaves in a way that is
 * new. 0, or -errno: the stack could not be built anew. */
int rig_fuzz_engine_try(struct rig_fuzz_engine *engine, const void *bytes, size_t size);
/* The same with one of the user's, with all oracles: a quarter of those of chance come from such, however long they are. */
int rig_fuzz_engine_give(struct rig_fuzz_engine *engine, const void *bytes, size_t size);
/* The same with all oracles, and it joins no pool. */
int rig_fuzz_engine_judge(struct rig_fuzz_engine *engine, const void *bytes, size_t size);
/* One of chance. */
int rig_fuzz_engine_step(struct rig_fuzz_engine *engine);
/* Of what it found, while the same rule, layer and site are found: 0 or -errno. */
int rig_fuzz_engine_shrink(struct rig_fuzz_engine *engine, struct rig_fuzz_found *found);

#endif
