/* Do valid credentials open anything? Where they do not, nothing behind the guard was tried, and no oracle says so. */
#include "fuzz/oracles/oracles.h"

/* An error before any app, as of a body that breaks off, says nothing of credentials; but that there is no such path does. */
static bool is_let_in(const struct rig_result *result, bool denied)
{
    return !denied &&
           (result->status < 400 || result->status == 404 || result->status == 405 || rig_fuzz_app_of(result));
}

static RIG_APART void count_unusual(struct rig_fuzz_target *target, const struct rig_result *result)
{
    bool denied = rig_fuzz_says_denied(result, RIG_FUZZ_DENIED);
    target->known_denied += denied;
    target->known_401 += result->status == 401;
    target->known_in += is_let_in(result, denied);
}

void rig_fuzz_count_known(struct rig_fuzz_target *target, const struct rig_fuzz_play *play, uint32_t number)
{
    const struct rig_result *result = play->results[number];
    if (rig_fuzz_was_answered(play, number)) {
        target->known_sent++;
        if (result->status < 300) {
            target->known_in++;
        } else {
            count_unusual(target, result);
        }
    }
}

int rig_fuzz_look_what_opens(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    struct rig_fuzz_play without;
    uint32_t last = play->scenario->count - 1;
    if (target->opened || target->known_denied == 0 || !rig_fuzz_was_answered(play, last) ||
        !is_let_in(play->results[last], rig_fuzz_says_denied(play->results[last], RIG_FUZZ_DENIED))) {
        return 0;
    }
    struct rig_fuzz_scenario *copy = rig_fuzz_copy_of(target, play->scenario);
    for (uint32_t i = 0; i < copy->count; i++) {
        copy->requests[i].credentials = RIG_FUZZ_CLASS_NONE;
    }
    int error = rig_fuzz_play(target, copy, &without);
    bool denied = error == 0 && play->results[last]->status != without.results[last]->status &&
                  rig_fuzz_says_denied(without.results[last], RIG_FUZZ_DENIED_HIDDEN);
    target->opened = denied;
    target->open_anyway += error == 0 && !denied;
    return error;
}
