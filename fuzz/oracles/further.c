/* Requests that stood in the bytes of another, behind it: they run, and have an answer each. Whose credentials they
 * came with is not known for sure, nor what they asked for. */
#include "fuzz/oracles/oracles.h"

/* Not with any that stand in these bytes. */
static void judge_entered(struct rig_fuzz_target *target, const struct rig_fuzz_request *from,
                          const struct rig_result *result, uint32_t number)
{
    uint32_t bit;
    const struct rig_hop *hop = rig_fuzz_entered(target, result, &bit);
    if (result->hop_count > 0 && target->entered != 0) {
        rig_fuzz_arm(target, RIG_FUZZ_APP_ENTERED);
    }
    if (hop && result->delivery.outcome != RIG_MISDIRECTED &&
        !rig_fuzz_may_enter(target, from, RIG_FUZZ_CLASS_NONE, result, hop) &&
        !rig_fuzz_may_enter(target, from, rig_fuzz_class_of(target, from), result, hop)) {
        const struct rig_hop at = rig_fuzz_at(hop, hop->entered_at); /* as of one that stands alone */
        rig_fuzz_tell(
            target, RIG_FUZZ_APP_ENTERED, number, &at,
            "%.60s was entered by a request without credentials, which stood behind another in its bytes, and "
            "answered %d",
            hop->layer, result->status);
    }
}

/* Where these bytes have it by their class alone, which puts it into the request that is the last in them. */
static void judge_secret(struct rig_fuzz_target *target, const struct rig_fuzz_request *from,
                         const struct rig_result *result, uint32_t number, unsigned user)
{
    if (!rig_fuzz_request_holds(target, user, from)) {
        rig_fuzz_judge_secret(target, from, result, number, user);
    }
}

static void judge_one(struct rig_fuzz_target *target, const struct rig_fuzz_request *from,
                      const struct rig_result *result, uint32_t number)
{
    judge_entered(target, from, result, number);
    if (!rig_fuzz_is_answer(result) ||
        result->hops[0].body.offered > 0) { /* a body may break off, or be the header with the credentials */
        return;
    }
    if (from->fault == RIG_FAULT_NONE && from->gone == 0 && result->method) {
        rig_fuzz_judge_status(target, result->method, result, number);
    }
    judge_secret(target, from, result, number, 0);
    judge_secret(target, from, result, number, 1);
}

void rig_fuzz_judge_further(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    for (uint32_t i = 0; i < play->scenario->count; i++) {
        const struct rig_fuzz_further further = rig_fuzz_further_of(play, i);
        for (size_t k = 0; k < further.count && !rig_fuzz_goes_on(play, i); k++) {
            rig_fuzz_tell_findings_of(target, play->scenario, i, further.results[k]);
            judge_one(target, &play->scenario->requests[i], further.results[k], i);
        }
    }
}
