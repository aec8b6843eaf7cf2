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

static bool has_credentials(const struct rig_fuzz_request *request)
{
    static const char *const names[] = {"Authorization", "Proxy-Authorization", "Cookie", "X-Api-Key"};
    bool has = request->credentials != RIG_FUZZ_CLASS_NONE;
    for (size_t i = 0; i < sizeof names / sizeof *names && !has; i++) {
        has = rig_fuzz_has_field(request, names[i]);
    }
    return has;
}

/* Were they wrong, or not good enough (if his body broke off, he may be answered 400)? */
static bool has_tried(const struct rig_fuzz_request *request, const struct rig_result *result)
{
    bool wrong = request->credentials >= RIG_FUZZ_CLASS_WRONG && request->credentials <= RIG_FUZZ_CLASS_USER;
    return result->hop_count > 0 && (wrong || (result->status / 100 != 2 && has_credentials(request)));
}

static bool is_same_path(const char *a, const char *b)
{
    size_t size = strcspn(a, "?");
    return size == strcspn(b, "?") && memcmp(a, b, size) == 0;
}

/* A lock counts who was denied, and then denies, or says how many tries are left: in a header, or where they are made. But
 * it does not open, and shows nothing else elsewhere. It may count who tried and was not denied, too, and then lets nobody
 * in. */
static bool may_be_locked(const struct rig_fuzz_play *play, const struct rig_result *alone)
{
    uint32_t last = play->scenario->count - 1;
    const struct rig_fuzz_request *requests = play->scenario->requests;
    const struct rig_result *now = play->results[last];
    bool let_in = now->status / 100 == 2, denied = false, tries = false, here = false;
    for (uint32_t i = 0; i < last; i++) {
        bool is = is_denied(play->results[i]);
        denied = denied || is;
        here = here || (is && is_same_path(requests[i].target, requests[last].target));
        tries = tries || has_tried(&requests[i], play->results[i]);
    }
    if (!let_in || !denied) {
        return !let_in && (denied || tries);
    }
    bool same_body = rig_fuzz_is_same_body(now, alone);
    return !is_denied(alone) && (same_body || here);
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
    if (limited || !rig_fuzz_differs(result, alone, text, sizeof text) || may_be_locked(play, alone)) {
        return 0;
    }
    int error = play_repeated(target, play->scenario, &repeated);
    bool steady = error == 0 && rig_fuzz_differs_but(result, alone, repeated, text, sizeof text);
    error = steady ? rig_fuzz_try_steady(target, play, NULL, false, &steady) : error;
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
