/* Who is denied, and what those are shown who are not: looked at by plays that differ in credentials alone. */
#include "fuzz/oracles/oracles.h"

#include "harness/http/chars.h"

#define DOOR_TRIES 64 /* so often it is looked for one, as long as there is none */

const struct rig_hop *rig_fuzz_app_of(const struct rig_result *result)
{
    for (size_t i = 0; i < result->hop_count; i++) {
        if (result->hops[i].is_app && result->hops[i].exchange == 0) {
            return &result->hops[i];
        }
    }
    return NULL;
}

bool rig_fuzz_is_same_app(const struct rig_hop *a, const struct rig_hop *b)
{
    return a && b && strcmp(a->layer, b->layer) == 0;
}

struct rig_fuzz_scenario *rig_fuzz_copy_of(struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario)
{
    struct rig_fuzz_scenario *copy = &target->variant;
    copy->count = scenario->count;
    copy->server = scenario->server;
    copy->used = 0;
    memcpy(copy->requests, scenario->requests, scenario->count * sizeof *scenario->requests);
    return copy;
}

/* ---- one answer ---- */

/* By its path: others go to another language, or to where a consent is asked for. */
static bool is_login(const char *location)
{
    static const char *const words[] = {"login",   "log-in", "log_in",   "logon",    "signin",      "sign-in",
                                        "sign_in", "oauth",  "openid",   "saml",     "session/new", "sessions/new",
                                        "/auth/",  "/sso/",  "authoriz", "authentic"};
    char path[256];
    size_t size = 0;
    for (; location && size < sizeof path - 2 && location[size] && !strchr("?#", location[size]); size++) {
        path[size] = rig_char_lower(location[size]);
    }
    memcpy(path + size, "/", 2);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strstr(path, words[i])) {
            return true;
        }
    }
    return false;
}

bool rig_fuzz_says_denied(const struct rig_result *result, enum rig_fuzz_denial denial)
{
    switch (result->status) {
    case 401:
    case 403:
        return true;
    case 404:
        return denial == RIG_FUZZ_DENIED_HIDDEN;
    case 407:
        return denial == RIG_FUZZ_DENIED_TRY;
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        return denial != RIG_FUZZ_DENIED_TRY && is_login(rig_result_header(result, "Location"));
    default:
        return false;
    }
}

/* Is it seen by the answer what was let in? Errors, and redirects to another spelling, are the same for many; 303 says
 * that something was done. */
static bool shows_something(const struct rig_result *result)
{
    return result->status / 100 == 2 || result->status == 303;
}

bool rig_fuzz_is_at_door(const struct rig_fuzz_door *door, const struct rig_result *result)
{
    return rig_fuzz_app_of(result) ? shows_something(result) : rig_fuzz_says_denied(result, door->denial);
}

bool rig_fuzz_may_be_judged(const struct rig_fuzz_play *play)
{
    uint32_t last = play->scenario->count - 1;
    const struct rig_fuzz_request *request = &play->scenario->requests[last];
    return !rig_fuzz_is_users(request->credentials) && request->gone == 0 && rig_fuzz_was_answered(play, last);
}

/* ---- several ---- */

/* Is the last request denied with credentials of that class, before it comes to the app (NULL: to any)? *status: what
 * with, else 0. */
static int denied_as(struct rig_fuzz_target *target, struct rig_fuzz_scenario *copy, const struct rig_fuzz_door *door,
                     const struct rig_hop *app, unsigned who, int *status)
{
    struct rig_fuzz_play play;
    uint32_t last = copy->count - 1;
    copy->requests[last].credentials = (uint8_t)who;
    int error = rig_fuzz_play(target, copy, &play);
    const struct rig_result *result = error == 0 ? play.results[last] : NULL;
    const struct rig_hop *entered = result ? rig_fuzz_app_of(result) : NULL;
    bool is =
        result && rig_fuzz_says_denied(result, door->denial) && (app ? !rig_fuzz_is_same_app(entered, app) : !entered);
    *status = is ? result->status : 0;
    return error;
}

/* Is it answered so, but for headers that vary by themselves? A body that does could be another page's. */
static int is_answered_so(struct rig_fuzz_target *target, struct rig_fuzz_scenario *copy, const struct rig_result *as,
                          const struct rig_result *result, bool *so)
{
    struct rig_fuzz_difference difference;
    struct rig_fuzz_play again;
    *so = !rig_fuzz_differs(as, result, &difference);
    if (*so || !rig_fuzz_is_same_body(as, result)) {
        return 0;
    }
    int error = rig_fuzz_play(target, copy, &again);
    const struct rig_fuzz_others others = {&again.results[copy->count - 1], 1};
    *so = error == 0 && !rig_fuzz_differs_but(as, result, others, &difference);
    return error;
}

/* Do valid credentials, in one place or another, open it? *same: and is it answered so? */
static int opens(struct rig_fuzz_target *target, struct rig_fuzz_scenario *copy, const struct rig_fuzz_door *door,
                 const struct rig_result *as, bool *is, bool *same)
{
    struct rig_fuzz_play play;
    struct rig_fuzz_request *request = &copy->requests[copy->count - 1];
    unsigned place = door->one_place ? request->place : 0, end = door->one_place ? place + 1 : RIG_FUZZ_PLACES;
    int error = 0;
    *is = *same = false;
    request->credentials = RIG_FUZZ_CLASS_VALID;
    for (; place < end && error == 0 && !*is; place++) {
        request->place = (uint8_t)place;
        error = rig_fuzz_play(target, copy, &play);
        const struct rig_result *result = error == 0 ? play.results[copy->count - 1] : NULL;
        const struct rig_hop *app = result ? rig_fuzz_app_of(result) : NULL;
        *is = as ? rig_fuzz_is_same_app(app, rig_fuzz_app_of(as)) : app && shows_something(result);
        if (*is && as) {
            error = is_answered_so(target, copy, as, result, same);
        }
    }
    return error;
}

int rig_fuzz_try_denied(struct rig_fuzz_target *target, struct rig_fuzz_scenario *copy, const struct rig_result *as,
                        struct rig_fuzz_door *door)
{
    bool open = false, same = false;
    const struct rig_hop *app = as ? rig_fuzz_app_of(as) : NULL;
    int with = 0, wrong = 0;
    int error = denied_as(target, copy, door, app, copy->requests[copy->count - 1].credentials, &with);
    error = error || !with ? error : opens(target, copy, door, as, &open, &same);
    /* who opens to wrong ones, too, does not know this run's secret, or wants a key from everybody and looks at none */
    error = error || !open ? error : denied_as(target, copy, door, app, RIG_FUZZ_CLASS_WRONG, &wrong);
    door->status = same && wrong != 0 ? with : 0;
    target->opened = target->opened || open;
    target->stayed_shut += error == 0 && with != 0 && !open && !door->one_place;
    if (wrong != 0) {
        target->has_door = true;
        rig_fuzz_arm(target, door->rule);
    }
    return error;
}

int rig_fuzz_arm_denied(struct rig_fuzz_target *target, struct rig_fuzz_scenario *copy, struct rig_fuzz_door *door)
{
    if (target->has_door) {
        rig_fuzz_arm(target, door->rule);
    } else if (target->door_tries < DOOR_TRIES) {
        target->door_tries++;
        return rig_fuzz_try_denied(target, copy, NULL, door);
    }
    return 0;
}
