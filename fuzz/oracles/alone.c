/* The last request alone: is it answered as after those before it, which change nothing? */
#include "fuzz/oracles/oracles.h"

/* Does none stand in its bytes, behind it? That would count, too, whatever the first was. */
static bool is_one(const struct rig_fuzz_play *play, uint32_t number)
{
    return play->results[number]->exchange_count <= 1 && rig_fuzz_further_of(play, number).count == 0;
}

/* Requests that are safe (RFC 9110 section 9.2.1) or were answered 4xx leave nothing that another may depend on; what
 * failed with 5xx may have changed something before. */
static bool leave_nothing(const struct rig_fuzz_play *play, uint32_t last)
{
    const struct rig_fuzz_scenario *scenario = play->scenario;
    for (uint32_t i = 0; i < last; i++) {
        const struct rig_fuzz_request *request = &scenario->requests[i];
        const struct rig_result *result = play->results[i];
        bool changes = result->hop_count > 0 && result->status / 100 != 4;
        if ((changes && !rig_fuzz_is_safe(request->method)) || !is_one(play, i) ||
            (request->connection > 0 && request->connection == scenario->requests[last].connection)) {
            return false;
        }
    }
    return true;
}

/* ---- a lock, which counts who was denied ---- */

static bool has_credentials(const struct rig_fuzz_target *target, const struct rig_fuzz_request *request)
{
    bool has = request->credentials != RIG_FUZZ_CLASS_NONE;
    for (unsigned i = 0; i < request->field_count && !has; i++) {
        has = rig_fuzz_is_credential_header(&target->credentials, request->fields[i].name);
    }
    return has;
}

/* Were they wrong, or not good enough (if his body broke off, he may be answered 400)? */
static bool has_tried(const struct rig_fuzz_target *target, const struct rig_fuzz_request *request,
                      const struct rig_result *result)
{
    bool wrong = request->credentials >= RIG_FUZZ_CLASS_WRONG && request->credentials <= RIG_FUZZ_CLASS_USER;
    return result->hop_count > 0 && (wrong || (result->status / 100 != 2 && has_credentials(target, request)));
}

static bool some_have_tried(const struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    bool tried = false;
    for (uint32_t i = 0; i + 1 < play->scenario->count && !tried; i++) {
        tried = has_tried(target, &play->scenario->requests[i], play->results[i]);
    }
    return tried;
}

static bool is_same_path(const char *a, const char *b)
{
    size_t size = strcspn(a, "?");
    return size == strcspn(b, "?") && memcmp(a, b, size) == 0;
}

/* Was one before denied, at that path (NULL: at any)? */
static bool some_were_denied(const struct rig_fuzz_play *play, const char *path)
{
    bool denied = false;
    for (uint32_t i = 0; i + 1 < play->scenario->count && !denied; i++) {
        denied = rig_fuzz_says_denied(play->results[i], RIG_FUZZ_DENIED_TRY) &&
                 (!path || is_same_path(play->scenario->requests[i].target, path));
    }
    return denied;
}

/* A lock lets nobody in once somebody was denied, or tried and was not: it may count that, too. */
static bool may_be_locked(const struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    return some_were_denied(play, NULL) || some_have_tried(target, play);
}

/* Who is let in may be told how many tries are left: in a header, or where they are made; elsewhere nothing else is shown.
 * But a lock does not open what alone is denied. */
static bool may_be_told_of_tries(const struct rig_fuzz_play *play, const struct rig_result *result,
                                 const struct rig_result *alone)
{
    const char *path = play->scenario->requests[play->scenario->count - 1].target;
    return !rig_fuzz_says_denied(alone, RIG_FUZZ_DENIED_TRY) &&
           some_were_denied(play, rig_fuzz_is_same_body(result, alone) ? NULL : path);
}

/* ---- what depends on the others ---- */

/* By a limiter or a circuit breaker, which says when to come again, be it with the 400 of a body that breaks off. */
static bool is_limited(const struct rig_result *result)
{
    return result->status == 429 || (result->status >= 400 && rig_result_header(result, "Retry-After"));
}

/* The last request again and again: what changes by that, too, changes by itself (a number of requests, whose turn it is, a
 * nonce, what a cache says, a limit), whatever the others were. Which of them came so far as to count is not known: a server
 * refuses some, a layer above answers others. So it is as often as there may be requests. */
static int play_repeated(struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario,
                         struct rig_fuzz_play *repeated)
{
    struct rig_fuzz_scenario *copy = rig_fuzz_copy_of(target, scenario);
    struct rig_fuzz_request last = copy->requests[copy->count - 1];
    last.connection = 0;
    for (copy->count = 0; copy->count < RIG_FUZZ_REQUESTS_MAX; copy->count++) {
        copy->requests[copy->count] = last;
    }
    return rig_fuzz_play(target, copy, repeated);
}

static int judge_difference(struct rig_fuzz_target *target, const struct rig_fuzz_play *play,
                            const struct rig_result *alone)
{
    struct rig_fuzz_difference difference;
    struct rig_fuzz_play repeated;
    uint32_t last = play->scenario->count - 1;
    const struct rig_result *result = play->results[last];
    bool limited = is_limited(result) || is_limited(alone), let_in = result->status / 100 == 2;
    if (limited || !rig_fuzz_differs(result, alone, &difference) ||
        (let_in ? may_be_told_of_tries(play, result, alone) : may_be_locked(target, play))) {
        return 0;
    }
    int error = play_repeated(target, play->scenario, &repeated);
    const struct rig_fuzz_others others = {repeated.results, RIG_FUZZ_REQUESTS_MAX};
    bool steady = error == 0 && rig_fuzz_differs_but(result, alone, others, &difference);
    error = steady ? rig_fuzz_try_steady(target, play, NULL, false, &steady) : error;
    if (error == 0 && steady) {
        struct rig_hop there;
        rig_fuzz_tell(target, RIG_FUZZ_ANSWER_DEPENDS, last, rig_fuzz_setter(result, alone, difference.header, &there),
                      "after requests that change nothing it is answered %s, alone %s", difference.one,
                      difference.other);
    }
    return error;
}

int rig_fuzz_judge_alone(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    struct rig_fuzz_play alone;
    uint32_t last = play->scenario->count - 1;
    if (last == 0 || !rig_fuzz_was_answered(play, last) || !is_one(play, last) || !leave_nothing(play, last)) {
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
