#include "fuzz/oracles/oracles.h"
#include "harness/core/hash.h"
#include "harness/http/rare.h"

enum kind {
    KIND_AGAIN,
    KIND_ALONE,
    KIND_HEAD,
    KIND_TARGET,
    KIND_FIELD,
    KIND_VARIANT,
    KIND_BLANK, /* and the plainest request, where this one does not count */
    KIND_NEAR,  /* and what valid credentials open, which are not near */
    KINDS
};
#define FOLD_EVERY 256 /* scenarios: what they arm is fewer than an unsigned holds */
#define FIRST_MASK 63u /* of the hash: how seldom the plainest request is tried again */

/* Another play takes as long as the first: each kind is tried for every eighth scenario, by the hash of its bytes. */
static int judge_more(struct rig_fuzz_target *target, const struct rig_fuzz_play *play, uint32_t hash)
{
    switch (hash % KINDS) {
    case KIND_AGAIN:
        return rig_fuzz_judge_again(target, play);
    case KIND_ALONE:
        return rig_fuzz_judge_alone(target, play);
    case KIND_HEAD:
        return rig_fuzz_judge_head(target, play);
    case KIND_TARGET:
        return rig_fuzz_judge_target(target, play);
    case KIND_FIELD:
        return rig_fuzz_judge_field(target, play);
    case KIND_VARIANT:
        return rig_fuzz_judge_some_variant(target, play, hash / KINDS);
    case KIND_BLANK:
        return rig_fuzz_judge_blank(target, play);
    case KIND_NEAR:
        return rig_fuzz_is_users(play->scenario->requests[play->scenario->count - 1].credentials)
                   ? rig_fuzz_look_what_opens(target, play)
                   : rig_fuzz_judge_near(target, play);
    default:
        return 0;
    }
}

/* Whatever else was found: the one that is asked for may come last. Of a stack that varies by itself rig_fuzz_try_steady
 * keeps it from saying that it varies with the request. */
static RIG_COLD int judge_all(struct rig_fuzz_target *target, struct rig_fuzz_play *play)
{
    int error = rig_fuzz_judge_again(target, play);
    for (unsigned i = 1; i < KINDS + RIG_FUZZ_VARIANTS && error == 0; i++) {
        if (i == KIND_VARIANT) {
            continue;
        }
        if (target->anew) { /* its stack's turn may have come since: the results would be gone */
            error = rig_fuzz_play(target, play->scenario, play);
        }
        error = error       ? error
                : i < KINDS ? judge_more(target, play, i)
                            : rig_fuzz_judge_variant(target, play, i - KINDS);
    }
    return error || target->varies ? error : rig_fuzz_judge_first(target, play->scenario);
}

/* How many findings do they have? */
static size_t count_results(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    const struct rig_result *const *at = play->results, *const *end = at + play->scenario->count;
    size_t findings = 0;
    for (; at < end; at++) {
        const struct rig_result *result = *at;
        uint32_t i = (uint32_t)(at - play->results);
        findings += result->finding_count;
        if (result->refused) {
            target->refused++;
        } else if (result->delivery.outcome == RIG_NOT_SENT) {
            target->not_sent++;
        }
        if (rig_fuzz_is_users(play->scenario->requests[i].credentials)) {
            rig_fuzz_count_known(target, play, i);
        }
    }
    return findings;
}

int rig_fuzz_judge(struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario, uint32_t hash)
{
    struct rig_fuzz_play play;
    target->found = target->varies = false;
    target->judged = scenario;
    target->plays = 0;
    target->scenarios++;
    rig_fuzz_credentials_name(&target->credentials, target->what, &scenario->names);
    if (target->scenarios % FOLD_EVERY == 0) {
        rig_fuzz_armed_fold(&target->armed_rules);
    }
    target->counts = true; /* of this play alone findings are told */
    int error = rig_fuzz_play(target, scenario, &play);
    target->counts = false;
    if (error == 0) {
        size_t findings = count_results(target, &play);
        if (target->watch) {
            target->watch(target->closure, &play);
        }
        if (findings > 0) {
            rig_fuzz_tell_findings(target, &play);
        }
        rig_fuzz_judge_entered(target, &play);
        rig_fuzz_judge_answers(target, &play);
        if (RIG_RARE(play.has_further)) {
            rig_fuzz_judge_further(target, &play);
        }
    }
    if (error == 0 && !target->found && hash != RIG_FUZZ_ALL) {
        error = judge_more(target, &play, hash);
    }
    if (error == 0 && hash == RIG_FUZZ_ALL) {
        error = judge_all(target, &play);
    }
    if (error == 0 && !target->found && hash != RIG_FUZZ_ALL && (hash & FIRST_MASK) == KIND_BLANK) {
        error = rig_fuzz_judge_first(target, scenario);
    }
    rig_fuzz_forget(target);
    return error;
}

uint32_t rig_fuzz_hash(const void *bytes, size_t size)
{
    uint32_t hash = rig_hash(size > 0 ? bytes : "", size);
    return hash == RIG_FUZZ_ALL ? 0 : hash;
}

int rig_fuzz_try(struct rig_fuzz_target *target, struct rig_fuzz_scenario *scenario, const void *bytes, size_t size)
{
    rig_fuzz_decode(&target->table, bytes, size, scenario);
    return rig_fuzz_judge(target, scenario, rig_fuzz_hash(bytes, size));
}
