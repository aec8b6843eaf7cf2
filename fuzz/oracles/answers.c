/* What is seen in one play: who was let in, and what came out that must not. */
#include "fuzz/oracles/oracles.h"

#include "harness/http/chars.h"
#include "harness/http/rare.h"

/* ---- the auth model ---- */

/* Of the user's model. In bytes that are wrong on purpose the server may read another target, and further requests.
 * Apart: under ASan whoever has such a room pays for it. */
static RIG_APART bool is_authorized(const struct rig_fuzz_target *target, const struct rig_fuzz_request *request,
                                    unsigned class, const struct rig_result *result, const struct rig_hop *app)
{
    char room[4096];
    bool as_read = (request->malformed || app->exchange > 0) && result->exchanges[app->exchange].target;
    const char *method = as_read ? result->exchanges[app->exchange].method : request->method;
    const char *asked = as_read ? result->exchanges[app->exchange].target : request->target;
    const char *path = rig_fuzz_path(asked, room, sizeof room);
    const struct rig_fuzz_who who = {rig_fuzz_classes[class], method, asked, path ? path : asked, app->layer};
    return target->what->authorize(&who);
}

bool rig_fuzz_may_enter(const struct rig_fuzz_target *target, const struct rig_fuzz_request *request, unsigned class,
                        const struct rig_result *result, const struct rig_hop *app)
{
    if (target->what->authorize) {
        return is_authorized(target, request, class, result, app);
    }
    return class == RIG_FUZZ_CLASS_VALID || class == RIG_FUZZ_CLASS_OTHER;
}

/* May it enter for what it carries elsewhere than where its class is put? Looked at once it is in: that is seldom. */
static bool carries_more(const struct rig_fuzz_target *target, const struct rig_fuzz_request *request,
                         const struct rig_result *result, const struct rig_hop *hop)
{
    unsigned class = rig_fuzz_class_of(target, request);
    return (hop->exchange > 0 || class != request->credentials) &&
           rig_fuzz_may_enter(target, request, class, result, hop);
}

/* At the call that has let it in: one place, whatever the app answers. */
static RIG_COLD void tell_entered(struct rig_fuzz_target *target, uint32_t number, unsigned class,
                                  const struct rig_result *result, const struct rig_hop *hop)
{
    const struct rig_hop at = rig_fuzz_at(hop, hop->entered_at);
    rig_fuzz_tell(target, RIG_FUZZ_APP_ENTERED, number, &at,
                  "%.60s was entered by a request with credentials \"%s\"%s, and answered %d", hop->layer,
                  rig_fuzz_classes[class], hop->exchange > 0 ? ", which stood in another's body" : "", result->status);
}

void rig_fuzz_judge_entered(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    if (!target->what->protect[0] && !target->what->authorize) {
        return;
    }
    for (uint32_t i = 0; i < play->scenario->count; i++) {
        const struct rig_fuzz_request *request = &play->scenario->requests[i];
        const struct rig_result *result = play->results[i];
        uint32_t bit;
        const struct rig_hop *hop = rig_fuzz_entered(target, result, &bit);
        if (result->hop_count > 0 && target->entered != 0) { /* a name that no app has looks at nothing */
            rig_fuzz_arm(target, RIG_FUZZ_APP_ENTERED);
        }
        if (!hop || result->delivery.outcome == RIG_MISDIRECTED ||
            rig_fuzz_goes_on(play, i)) { /* whose request that is nobody knows */
            continue;
        }
        /* a request that stands in another's body has no credentials of its own, unless its head ends with the other's */
        unsigned class = hop->exchange == 0 ? request->credentials : RIG_FUZZ_CLASS_NONE;
        if (rig_fuzz_is_users(class)) {
            target->entered_as_known |= bit;
        }
        if (!rig_fuzz_may_enter(target, request, class, result, hop) && !carries_more(target, request, result, hop)) {
            tell_entered(target, i, class, result, hop);
        }
    }
}

/* ---- what must not come out ---- */

static const char marker[] = RIG_FUZZ_MARKER;

static RIG_APART bool is_marker(const char *name)
{
    return rig_name_equal(name, strlen(name), marker, sizeof marker - 1);
}

static RIG_COLD bool has_marker_line(const char *value)
{
    const char *line = strpbrk(value, "\r\n");
    return line && rig_contains(line, strlen(line), marker, sizeof marker - 1);
}

/* Nearly all values are plain: one quick look. */
static inline bool brings_marker(const struct rig_field *field, size_t value_size)
{
    return ((field->name[0] | 0x20) == (marker[0] | 0x20) && is_marker(field->name)) ||
           (value_size >= sizeof marker && !rig_is_field_value(field->value, value_size) &&
            has_marker_line(field->value));
}

/* What a response has of what must not come out. */
struct leaks {
    bool marker, secret; /* the first user's */
};

static RIG_APART struct leaks find_leaks(const struct rig_fuzz_target *target, const struct rig_result *result)
{
    struct leaks leaks = {false, rig_fuzz_holds_secret(target, 0, result->body, result->body_size) ||
                                     rig_fuzz_holds_secret(target, 0, result->log, result->log_size)};
    for (size_t i = 0; i < result->header_count; i++) {
        const struct rig_field *field = &result->headers[i];
        size_t size = strlen(field->value);
        leaks.marker |= brings_marker(field, size);
        leaks.secret |= rig_fuzz_holds_secret(target, 0, field->value, size);
    }
    return leaks;
}

/* others: the second user's secret was sent, too. */
static void judge_leaks(struct rig_fuzz_target *target, const struct rig_fuzz_play *play, uint32_t number, bool others)
{
    const struct rig_fuzz_request *from = &play->scenario->requests[number];
    const struct rig_result *result = play->results[number];
    struct leaks leaks = find_leaks(target, result);
    if (leaks.marker) {
        rig_fuzz_tell(target, RIG_FUZZ_HEADER_INJECTED, number, rig_fuzz_answerer(result),
                      "the response has a header %s that came out of the request", RIG_FUZZ_MARKER);
    }
    if (from->credentials == RIG_FUZZ_CLASS_VALID || others) {
        rig_fuzz_arm(target, RIG_FUZZ_SECRET_REFLECTED);
    }
    if (leaks.secret) {
        rig_fuzz_judge_secret(target, from, result, number, 0);
    }
    if (others) {
        rig_fuzz_judge_secret(target, from, result, number, 1);
    }
}

static RIG_COLD void judge_failure(struct rig_fuzz_target *target, const char *method, const struct rig_result *result,
                                   uint32_t number)
{
    bool declared = result->status == 501 || result->status == 505;
    for (size_t i = 0; i < RIG_FIELDS_MAX && !declared && target->what->declared[i]; i++) {
        declared = target->what->declared[i] == result->status;
    }
    if (!declared) {
        rig_fuzz_tell(target, RIG_FUZZ_STATUS_UNDECLARED, number, rig_fuzz_answerer(result), "%.20s was answered %d%s",
                      method, result->status, result->error ? ", for an error that no layer handled" : "");
    }
}

static inline void judge_declared(struct rig_fuzz_target *target, const char *method, const struct rig_result *result,
                                  uint32_t number)
{
    rig_fuzz_arm(target, RIG_FUZZ_STATUS_UNDECLARED);
    if (result->status >= 500) {
        judge_failure(target, method, result, number);
    }
}

static void judge_status(struct rig_fuzz_target *target, const struct rig_fuzz_request *from,
                         const struct rig_result *result, unsigned request)
{
    if (from->fault == RIG_FAULT_NONE && from->gone == 0 &&
        !(from->malformed && (rig_fuzz_has_field(from, "Content-Length") ||
                              rig_fuzz_has_field(from, "Transfer-Encoding")))) { /* what breaks off may be so */
        judge_declared(target, from->method, result, request);
    }
}

RIG_APART void rig_fuzz_judge_status(struct rig_fuzz_target *target, const char *method,
                                     const struct rig_result *result, uint32_t number)
{
    judge_declared(target, method, result, number);
}

/* Does the request ask for the marker? Seldom looked for: to look takes longer than to judge. */
#define MARKER_LOOKED 64

static RIG_COLD void arm_marker(struct rig_fuzz_target *target, const struct rig_fuzz_request *request)
{
    bool has = strstr(request->target, marker) ||
               rig_contains(request->body.data, request->body.size, marker, sizeof marker - 1);
    for (unsigned i = 0; i < request->field_count && !has; i++) {
        has = strstr(request->fields[i].value, marker) != NULL;
    }
    if (has) {
        rig_fuzz_arm(target, RIG_FUZZ_HEADER_INJECTED);
    }
}

void rig_fuzz_judge_answers(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    bool look = target->scenarios % MARKER_LOOKED == 1, others = false;
    for (uint32_t i = 0; i < play->scenario->count; i++) {
        const struct rig_fuzz_request *from = &play->scenario->requests[i];
        const struct rig_result *result = play->results[i];
        others |= from->credentials == RIG_FUZZ_CLASS_OTHER;
        if (rig_fuzz_was_answered(play, i)) {
            if (look) {
                arm_marker(target, from);
            }
            judge_leaks(target, play, i, others);
            judge_status(target, from, result, i);
        } else if (RIG_RARE(result->hop_count > 0 && result->delivery.outcome == RIG_GONE) &&
                   !rig_fuzz_goes_on(play, i)) { /* it is logged all the same */
            rig_fuzz_judge_secret(target, &play->scenario->requests[i], result, i, 0);
            rig_fuzz_judge_secret(target, &play->scenario->requests[i], result, i, 1);
        }
    }
}
