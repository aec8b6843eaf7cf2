/* What opens an app that is closed: looked at by another play that differs in one thing alone. */
#include "fuzz/oracles/oracles.h"

#include "fuzz/scenario/strings.h"
#include "mocks/servers/gateway.h"

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

static bool is_denied(const struct rig_result *result)
{
    return result->status == 401 || result->status == 403;
}

/* Is the last request denied with credentials of that class, before it comes to the app? *status: what with, else 0. */
static int denied_as(struct rig_fuzz_target *target, struct rig_fuzz_scenario *copy, const struct rig_hop *app,
                     unsigned who, int *status)
{
    struct rig_fuzz_play play;
    uint32_t last = copy->count - 1;
    copy->requests[last].credentials = (uint8_t)who;
    int error = rig_fuzz_play(target, copy, &play);
    const struct rig_result *result = error == 0 ? play.results[last] : NULL;
    bool is = result && is_denied(result) && !rig_fuzz_is_same_app(rig_fuzz_app_of(result), app);
    *status = is ? result->status : 0;
    return error;
}

int rig_fuzz_is_denied(struct rig_fuzz_target *target, struct rig_fuzz_scenario *copy, const struct rig_hop *app,
                       int *status)
{
    struct rig_fuzz_play play;
    struct rig_fuzz_request *request = &copy->requests[copy->count - 1];
    int error = denied_as(target, copy, app, request->credentials, status), denied = 0;
    bool entered = false;
    for (unsigned place = 0; place < RIG_FUZZ_PLACES && error == 0 && *status != 0 && !entered; place++) {
        request->credentials = RIG_FUZZ_CLASS_VALID;
        request->place = (uint8_t)place;
        error = rig_fuzz_play(target, copy, &play);
        entered = error == 0 && rig_fuzz_is_same_app(rig_fuzz_app_of(play.results[copy->count - 1]), app);
    }
    /* who opens to wrong ones, too, does not know this run's secret, or wants a key from everybody and looks at none */
    error = error || !entered ? error : denied_as(target, copy, app, RIG_FUZZ_CLASS_WRONG, &denied);
    *status = denied != 0 ? *status : 0;
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
    bool closed = rig_fuzz_is_protected(target, app) &&
                  !rig_fuzz_may_enter(target, request, rig_fuzz_class_of(target, request), app->layer);
    return status == 403 && !rig_fuzz_is_safe(request->method) && !closed;
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

/* Is it answered as with the right credentials? Else who was let in may be shown that he is nobody. */
static int is_as_valid(struct rig_fuzz_target *target, struct rig_fuzz_scenario *copy, const struct rig_result *result,
                       bool *same)
{
    char text[160];
    struct rig_fuzz_play play;
    uint32_t last = copy->count - 1;
    copy->requests[last].credentials = RIG_FUZZ_CLASS_VALID;
    int error = rig_fuzz_play(target, copy, &play);
    *same = error == 0 && rig_fuzz_is_same_app(rig_fuzz_app_of(play.results[last]), rig_fuzz_app_of(result)) &&
            !rig_fuzz_differs(play.results[last], result, text, sizeof text);
    return error;
}

/* Credentials near the right ones open what is denied without them, and with wrong ones in the same place. */
int rig_fuzz_judge_near(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    bool same = false;
    int status = 0;
    uint32_t last = play->scenario->count - 1;
    const struct rig_fuzz_request *request = &play->scenario->requests[last];
    const struct rig_result *result = play->results[last];
    const struct rig_hop *app = rig_fuzz_app_of(result);
    bool near = request->credentials >= RIG_FUZZ_CLASS_PREFIX && request->credentials <= RIG_FUZZ_CLASS_USER;
    bool told = app ? rig_fuzz_is_protected(target, app) : target->what->protect[0] || target->what->authorize;
    if (!near || told || request->gone > 0 || !rig_fuzz_was_answered(play, last)) {
        return 0;
    }
    rig_fuzz_arm(target, RIG_FUZZ_CREDENTIALS_NEAR);
    if (!app || result->status / 100 != 2) {
        return 0;
    }
    struct rig_fuzz_scenario *copy = rig_fuzz_copy_of(target, play->scenario);
    int error = denied_as(target, copy, app, RIG_FUZZ_CLASS_NONE, &status);
    error = error || !status ? error : denied_as(target, copy, app, RIG_FUZZ_CLASS_WRONG, &status);
    error = error || !status ? error : is_as_valid(target, copy, result, &same);
    if (error == 0 && same && !rig_fuzz_is_known(target, request)) {
        rig_fuzz_tell(target, RIG_FUZZ_CREDENTIALS_NEAR, last, app,
                      "%.200s enters %.60s with credentials \"%s\" as with the right ones; wrong ones are denied",
                      request->target, app->layer, rig_fuzz_classes[request->credentials]);
    }
    return error;
}

/* ---- white space ---- */

/* nginx cuts off blanks, but no tabs, and a FastCGI program gets the value as it is; all other servers cut off both. */
bool rig_fuzz_leaves_tabs(const struct rig_server *server)
{
    const struct rig_gate_facts *facts = server->gateway ? server->gateway->facts : NULL;
    return facts && facts->fastcgi && facts->tabs_stay;
}

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

int rig_fuzz_judge_blank(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    uint32_t last = play->scenario->count - 1;
    const struct rig_fuzz_request *request = &play->scenario->requests[last];
    const struct rig_result *result = play->results[last];
    struct rig_fuzz_play tabs, plain;
    if (!rig_fuzz_leaves_tabs(target->servers[play->scenario->server]) || request->malformed || request->gone > 0 ||
        request->piece_count > 0 || request->fault != RIG_FAULT_NONE ||
        rig_fuzz_has_field(request, "Transfer-Encoding") || !rig_fuzz_was_answered(play, last) || !is_denied(result)) {
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
    memcpy(changed->fields, request->fields, sizeof changed->fields); /* as bytes, too, and without tabs */
    error = rig_fuzz_play(target, copy, &plain);
    if (error == 0 && is_denied(plain.results[last]) &&
        !rig_fuzz_is_same_app(rig_fuzz_app_of(plain.results[last]), app)) {
        rig_fuzz_tell(target, RIG_FUZZ_BLANK_WIDENS, last, app,
                      "%.200s enters %.60s with tabs around the values of its headers; without them it is answered %d",
                      request->target, app->layer, result->status);
    }
    return error;
}
