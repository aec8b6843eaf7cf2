#include "fuzz/oracles/oracles.h"
#include "harness/core/hash.h"

#define KINDS 5        /* before the variants */
#define FIRST_MASK 63u /* of the hash: how seldom the plainest request is tried again */

/* Another play takes as long as the first: each kind is tried for every eighth scenario, by the hash of its bytes. */
static int judge_more(struct rig_fuzz_target *target, const struct rig_fuzz_play *play, uint32_t hash)
{
    switch (hash & 7) {
    case 0:
        return rig_fuzz_judge_again(target, play);
    case 1:
        return rig_fuzz_judge_alone(target, play);
    case 2:
        return rig_fuzz_judge_head(target, play);
    case 3:
        return rig_fuzz_judge_target(target, play);
    case 4:
        return rig_fuzz_judge_field(target, play);
    case KINDS:
        return rig_fuzz_judge_variant(target, play, hash >> 3);
    default:
        return 0;
    }
}

static void count_results(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    for (uint32_t i = 0; i < play->scenario->count; i++) {
        target->refused += play->results[i]->refused != NULL;
        target->not_sent += play->results[i]->delivery.outcome == RIG_NOT_SENT && !play->results[i]->refused;
    }
}

int rig_fuzz_judge(struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario, uint32_t hash)
{
    struct rig_fuzz_play play;
    target->found = false;
    target->scenarios++;
    int error = rig_fuzz_play(target, scenario, &play);
    if (error == 0) {
        count_results(target, &play);
        if (target->watch) {
            target->watch(target->closure, &play);
        }
        rig_fuzz_tell_findings(target, &play);
        rig_fuzz_judge_entered(target, &play);
        rig_fuzz_judge_answers(target, &play);
    }
    if (error == 0 && !target->found && hash != RIG_FUZZ_ALL) {
        error = judge_more(target, &play, hash);
    }
    for (unsigned i = 0; hash == RIG_FUZZ_ALL && i < KINDS + RIG_FUZZ_VARIANTS && error == 0 && !target->found; i++) {
        if (target->anew && i > 0) { /* its stack's turn may have come since: the results would be gone */
            error = rig_fuzz_play(target, scenario, &play);
        }
        if (error != 0) {
            break;
        }
        error = judge_more(target, &play, i < KINDS ? i : KINDS | (i - KINDS) << 3);
    }
    if (error == 0 && !target->found && hash != RIG_FUZZ_ALL && (hash & FIRST_MASK) == KINDS + 1) {
        error = rig_fuzz_judge_first(target);
    }
    rig_fuzz_forget(target);
    return error;
}

int rig_fuzz_try(struct rig_fuzz_target *target, struct rig_fuzz_scenario *scenario, const void *bytes, size_t size)
{
    uint32_t hash = rig_hash(size > 0 ? bytes : "", size);
    rig_fuzz_decode(&target->table, bytes, size, scenario);
    return rig_fuzz_judge(target, scenario, hash == RIG_FUZZ_ALL ? 0 : hash);
}
