/* The last request alone: is it answered as after those before it, which change nothing? */
#include "fuzz/oracles/oracles.h"

/* Requests that are safe (RFC 9110 section 9.2.1) or were not accepted leave nothing that another may depend on. */
static bool leave_nothing(const struct rig_fuzz_play *play, uint32_t last)
{
    const struct rig_fuzz_scenario *scenario = play->scenario;
    for (uint32_t i = 0; i < last; i++) {
        const struct rig_fuzz_request *request = &scenario->requests[i];
        const struct rig_result *result = play->results[i];
        bool accepted = result->hop_count > 0 && result->status < 400;
        if ((accepted && !rig_fuzz_is_safe(request->method)) || result->exchange_count > 1 ||
            (request->connection > 0 && request->connection == scenario->requests[last].connection)) {
            return false;
        }
    }
    return true;
}

static bool is_denied(const struct rig_result *result)
{
    return result->status == 401 || result->status == 403 || result->status == 407;
}

/* A lock counts who was denied, or came with wrong credentials, and then denies, or says how many tries are left. */
static bool may_be_locked(const struct rig_fuzz_play *play, uint32_t last)
{
    bool tries = false;
    for (uint32_t i = 0; i < last; i++) {
        unsigned class = play->scenario->requests[i].credentials;
        bool wrong = class >= RIG_FUZZ_CLASS_WRONG && class <= RIG_FUZZ_CLASS_USER;
        tries = tries || wrong || is_denied(play->results[i]);
    }
    return tries;
}

/* But no lock opens. */
static bool is_opened(const struct rig_result *result, const struct rig_result *alone)
{
    return is_denied(alone) && result->status / 100 == 2;
}

/* The last request in the place of each before it: what changes by that, too, changes by itself (a number of requests, a
 * nonce, what a cache says, a limit), whatever the others were. */
static int play_repeated(struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario,
                         const struct rig_result **repeated)
{
    struct rig_fuzz_play play;
    struct rig_fuzz_scenario *copy = rig_fuzz_copy_of(target, scenario);
    uint32_t last = scenario->count - 1;
    for (uint32_t i = 0; i < last; i++) {
        copy->requests[i] = copy->requests[last];
        copy->requests[i].connection = 0;
    }
    int error = rig_fuzz_play(target, copy, &play);
    *repeated = error == 0 ? play.results[last] : NULL;
    return error;
}

static int judge_difference(struct rig_fuzz_target *target, const struct rig_fuzz_play *play,
                            const struct rig_result *alone)
{
    char text[160];
    const struct rig_result *repeated = NULL;
    uint32_t last = play->scenario->count - 1;
    const struct rig_result *result = play->results[last];
    bool limited = result->status == 429 || alone->status == 429;
    if (limited || !rig_fuzz_differs(result, alone, text, sizeof text) ||
        (may_be_locked(play, last) && !is_opened(result, alone))) {
        return 0;
    }
    int error = play_repeated(target, play->scenario, &repeated);
    bool steady = error == 0 && rig_fuzz_differs_but(result, alone, repeated, text, sizeof text);
    error = steady ? rig_fuzz_is_steady(target, play, NULL, &steady) : error;
    if (error == 0 && steady) {
        rig_fuzz_tell(target, RIG_FUZZ_ANSWER_DEPENDS, last, rig_fuzz_answerer(result),
                      "after requests that change nothing, and alone, it is answered %s", text);
    }
    return error;
}

int rig_fuzz_judge_alone(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    struct rig_fuzz_play alone;
    uint32_t last = play->scenario->count - 1;
    if (last == 0 || !rig_fuzz_was_answered(play, last) || !leave_nothing(play, last)) {
        return 0;
    }
    struct rig_fuzz_scenario *copy = rig_fuzz_copy_of(target, play->scenario);
    copy->requests[0] = copy->requests[last];
    copy->count = 1;
    rig_fuzz_arm(target, RIG_FUZZ_ANSWER_DEPENDS);
    target->now = play->begun[last]; /* a Date is to be the same */
    int error = rig_fuzz_play(target, copy, &alone);
    error = error ? error : judge_difference(target, play, alone.results[0]);
    target->now = 0;
    return error;
}
