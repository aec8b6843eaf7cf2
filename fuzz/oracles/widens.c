#define _GNU_SOURCE /* strcasestr */

/* What opens an app that is closed: looked at by another play that differs in one thing alone. */
#include "fuzz/oracles/oracles.h"

#include "fuzz/scenario/strings.h"

#include <string.h>

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

/* Does the user's own model let in who sent it? */
static bool may_by_model(struct rig_fuzz_target *target, const struct rig_fuzz_request *request,
                         const struct rig_result *result, const struct rig_hop *app)
{
    return target->what->authorize && rig_fuzz_is_protected(target, app) &&
           rig_fuzz_may_enter(target, request, rig_fuzz_class_of(target, request), result, app);
}

/* A header that only a page of the same origin can send lets a change in; an API's client with credentials needs none
 * (OWASP, Cross-Site Request Forgery Prevention: custom request headers). What names credentials is no such denial. */
static bool may_be_csrf(struct rig_fuzz_target *target, const struct rig_fuzz_request *request,
                        const struct rig_hop *app, int status)
{
    return status != 401 && !rig_fuzz_is_safe(request->method) && !rig_fuzz_is_protected(target, app);
}

int rig_fuzz_judge_door(struct rig_fuzz_target *target, const struct rig_fuzz_play *play,
                        struct rig_fuzz_scenario *copy, struct rig_fuzz_door *door, bool *is)
{
    uint32_t last = play->scenario->count - 1;
    const struct rig_fuzz_request *request = &play->scenario->requests[last];
    const struct rig_hop *app = rig_fuzz_app_of(play->results[last]);
    *is = false;
    if (!app) {
        return rig_fuzz_arm_denied(target, copy, door);
    }
    int error = rig_fuzz_try_denied(target, copy, play->results[last], door);
    if (error == 0 && door->status > 0 && !may_by_model(target, request, play->results[last], app) &&
        !rig_fuzz_is_known(target, request)) {
        error = rig_fuzz_try_steady(target, play, NULL, true, is);
    }
    return error;
}

/* Does it ask for something else than its method and path say, and is answered without a body, as are many things? */
static bool is_empty_of_another(const struct rig_fuzz_request *request, const struct rig_result *result)
{
    if (result->body_size > 0 || result->status == 303) {
        return false;
    }
    bool another = strchr(request->target, '?') || strcmp(request->method, "HEAD") == 0;
    for (unsigned i = 0; i < request->field_count && !another; i++) {
        another = strcasestr(request->fields[i].name, "method") != NULL;
    }
    return another;
}

/* OPTIONS is left out: a preflight is let through by its headers, and carries no credentials (Fetch, CORS protocol). */
int rig_fuzz_judge_field(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    bool widens = false;
    uint32_t last = play->scenario->count - 1;
    const struct rig_fuzz_request *request = &play->scenario->requests[last];
    struct rig_fuzz_door door = {.rule = RIG_FUZZ_FIELD_WIDENS};
    const struct rig_hop *app = rig_fuzz_app_of(play->results[last]);
    if (request->malformed || strcmp(request->method, "OPTIONS") == 0 || !rig_fuzz_may_be_judged(play) ||
        !rig_fuzz_is_at_door(&door, play->results[last]) ||
        (app && is_empty_of_another(request, play->results[last]))) {
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
    int error = rig_fuzz_judge_door(target, play, copy, &door, &widens);
    if (error == 0 && widens && !may_be_csrf(target, request, app, door.status)) {
        rig_fuzz_tell(target, RIG_FUZZ_FIELD_WIDENS, last, app,
                      "%.200s enters %.60s without credentials; without its headers and query it is answered %d",
                      request->target, app->layer, door.status);
    }
    return error;
}

/* Credentials near the right ones open what is denied without them, and with wrong ones in the same place. */
int rig_fuzz_judge_near(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    bool opens = false;
    uint32_t last = play->scenario->count - 1;
    const struct rig_fuzz_request *request = &play->scenario->requests[last];
    const struct rig_result *result = play->results[last];
    const struct rig_hop *app = rig_fuzz_app_of(result);
    bool near = request->credentials >= RIG_FUZZ_CLASS_PREFIX && request->credentials <= RIG_FUZZ_CLASS_USER;
    struct rig_fuzz_door door = {
        .rule = RIG_FUZZ_CREDENTIALS_NEAR, .denial = RIG_FUZZ_DENIED_HIDDEN, .one_place = true};
    bool told = app ? rig_fuzz_is_protected(target, app) : target->what->protect[0] || target->what->authorize;
    if (!near || told || !rig_fuzz_may_be_judged(play) || !rig_fuzz_is_at_door(&door, result)) {
        return 0;
    }
    struct rig_fuzz_scenario *copy = rig_fuzz_copy_of(target, play->scenario);
    copy->requests[last].credentials = RIG_FUZZ_CLASS_NONE;
    int error = rig_fuzz_judge_door(target, play, copy, &door, &opens);
    if (error == 0 && opens) {
        rig_fuzz_tell(target, RIG_FUZZ_CREDENTIALS_NEAR, last, app,
                      "%.200s enters %.60s with credentials \"%s\" as with the right ones; wrong ones are denied",
                      request->target, app->layer, rig_fuzz_classes[request->credentials]);
    }
    return error;
}

/* ---- white space ---- */

/* Tabs around the values of all headers. False: there are none, or there is no room. */
static bool put_tabs(struct rig_fuzz_scenario *scenario, struct rig_fuzz_request *request)
{
    bool changed = false;
    for (unsigned i = 0; i < request->field_count; i++) {
        struct rig_field *field = &request->fields[i];
        const char *value = NULL;
        size_t size = 0;
        if (field->value[0] == '\0') {
            continue;
        }
        (void)rig_fuzz_append(scenario, &value, &size, "\t", 1);
        (void)rig_fuzz_append(scenario, &value, &size, field->value, strlen(field->value));
        if (!value || !rig_fuzz_append(scenario, &value, &size, "\t", 1)) {
            return false;
        }
        field->value = value;
        changed = true;
    }
    return changed;
}

/* What field.widens leaves out, and so does this: preflights, and guards against forged requests. */
int rig_fuzz_judge_blank(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    uint32_t last = play->scenario->count - 1;
    const struct rig_fuzz_request *request = &play->scenario->requests[last];
    const struct rig_result *result = play->results[last];
    struct rig_fuzz_play tabs, plain;
    bool steady = false;
    if (!rig_fuzz_leaves_tabs(target->servers[play->scenario->server]) || request->malformed || request->gone > 0 ||
        request->piece_count > 0 || request->fault != RIG_FAULT_NONE ||
        rig_fuzz_has_field(request, "Transfer-Encoding") || strcmp(request->method, "OPTIONS") == 0 ||
        !rig_fuzz_was_answered(play, last) || !rig_fuzz_says_denied(result, RIG_FUZZ_DENIED)) {
        return 0;
    }
    struct rig_fuzz_scenario *copy = rig_fuzz_copy_of(target, play->scenario);
    struct rig_fuzz_request *changed = &copy->requests[last];
    changed->malformed = true; /* such a value goes on the wire as bytes */
    if (!put_tabs(copy, changed)) {
        return 0;
    }
    rig_fuzz_arm(target, RIG_FUZZ_BLANK_WIDENS);
    int error = rig_fuzz_play(target, copy, &tabs);
    const struct rig_hop *app = error == 0 ? rig_fuzz_app_of(tabs.results[last]) : NULL;
    if (!app || tabs.results[last]->status / 100 != 2) {
        return error;
    }
    error = rig_fuzz_try_steady(target, play, &tabs, true, &steady);
    memcpy(changed->fields, request->fields, sizeof changed->fields); /* as bytes, too, and without tabs */
    error = error || !steady ? error : rig_fuzz_play(target, copy, &plain);
    if (error == 0 && steady && rig_fuzz_says_denied(plain.results[last], RIG_FUZZ_DENIED) &&
        !rig_fuzz_is_same_app(rig_fuzz_app_of(plain.results[last]), app) &&
        !may_by_model(target, request, tabs.results[last], app) && !may_be_csrf(target, request, app, result->status)) {
        rig_fuzz_tell(target, RIG_FUZZ_BLANK_WIDENS, last, app,
                      "%.200s enters %.60s with tabs around the values of its headers; without them it is answered %d",
                      request->target, app->layer, result->status);
    }
    return error;
}
