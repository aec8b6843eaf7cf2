/* What opens an app that is closed: looked at by another play that differs in one thing alone. */
#include "fuzz/oracles/oracles.h"

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

int rig_fuzz_is_denied(struct rig_fuzz_target *target, struct rig_fuzz_scenario *copy, const struct rig_hop *app,
                       int *status)
{
    struct rig_fuzz_play play;
    uint32_t last = copy->count - 1;
    int error = rig_fuzz_play(target, copy, &play), denied = error == 0 ? play.results[last]->status : 0;
    *status = 0;
    if ((denied != 401 && denied != 403) || rig_fuzz_is_same_app(rig_fuzz_app_of(play.results[last]), app)) {
        return error;
    }
    copy->requests[last].credentials = RIG_FUZZ_CLASS_VALID;
    for (unsigned place = 0; place < RIG_FUZZ_PLACES && error == 0 && *status == 0; place++) {
        copy->requests[last].place = (uint8_t)place;
        error = rig_fuzz_play(target, copy, &play);
        bool entered = error == 0 && rig_fuzz_is_same_app(rig_fuzz_app_of(play.results[last]), app);
        *status = entered ? denied : 0;
    }
    return error;
}

/* The target up to its query, in the copy's strings; NULL: it has none, or there is no room. */
static const char *without_query(struct rig_fuzz_scenario *copy, const char *target)
{
    size_t size = strcspn(target, "?");
    if (!target[size] || size >= sizeof copy->strings) {
        return NULL;
    }
    memcpy(copy->strings, target, size);
    copy->strings[size] = '\0';
    return copy->strings;
}

/* A header that only a page of the same origin can send lets a change in; an API's client with credentials needs none
 * (OWASP, Cross-Site Request Forgery Prevention: custom request headers). */
static bool may_be_csrf(struct rig_fuzz_target *target, const struct rig_fuzz_request *request,
                        const struct rig_hop *app, int status)
{
    return status == 403 && !rig_fuzz_is_safe(request->method) && !rig_fuzz_is_protected(target, app);
}

/* OPTIONS is left out: a preflight is let through by its headers, and carries no credentials (Fetch, CORS protocol). */
int rig_fuzz_judge_field(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    int status = 0;
    uint32_t last = play->scenario->count - 1;
    const struct rig_fuzz_request *request = &play->scenario->requests[last];
    const struct rig_hop *app = rig_fuzz_app_of(play->results[last]);
    bool known = request->credentials == RIG_FUZZ_CLASS_VALID || request->credentials == RIG_FUZZ_CLASS_OTHER;
    if (known || request->malformed || request->gone > 0 || strcmp(request->method, "OPTIONS") == 0 ||
        !rig_fuzz_was_answered(play, last) || play->results[last]->status / 100 != 2 || !app) {
        return 0;
    }
    struct rig_fuzz_scenario *copy = rig_fuzz_copy_of(target, play->scenario);
    struct rig_fuzz_request *bare = &copy->requests[last];
    const char *plain = without_query(copy, request->target);
    bool chunked = rig_fuzz_has_field(request, "Transfer-Encoding");
    if ((!plain && request->field_count == 0) || chunked) {
        return 0;
    }
    bare->target = plain ? plain : bare->target;
    bare->field_count = 0;
    rig_fuzz_arm(target, RIG_FUZZ_FIELD_WIDENS);
    int error = rig_fuzz_is_denied(target, copy, app, &status);
    if (error == 0 && status > 0 && !may_be_csrf(target, request, app, status) && !rig_fuzz_is_known(target, request)) {
        rig_fuzz_tell(target, RIG_FUZZ_FIELD_WIDENS, last, app,
                      "%.200s enters %.60s without credentials; without its headers and query it is answered %d",
                      request->target, app->layer, status);
    }
    return error;
}
