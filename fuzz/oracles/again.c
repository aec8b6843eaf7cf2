/* What takes another play: the same again, HEAD for GET, the target written plainly. */
#include "fuzz/oracles/oracles.h"

#include <stackrig/http/percent.h>

#include <stdio.h>

int rig_fuzz_judge_again(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    char text[160];
    struct rig_fuzz_play again;
    int error = rig_fuzz_play(target, play->scenario, &again);
    rig_fuzz_arm(target, RIG_FUZZ_ANSWER_VARIES);
    for (uint32_t i = 0; error == 0 && i < play->scenario->count; i++) {
        if (rig_fuzz_differs(play->results[i], again.results[i], text, sizeof text)) {
            rig_fuzz_tell(target, RIG_FUZZ_ANSWER_VARIES, i, rig_fuzz_answerer(again.results[i]),
                          "the same requests to the stack as it was built were answered %s", text);
            return 0;
        }
    }
    return error;
}

/* A reset puts a layer's instance back, but not what it keeps elsewhere in the program. */
int rig_fuzz_judge_first(struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario)
{
    uint64_t digest = 0;
    struct rig_fuzz_play play;
    uint32_t last = scenario->count - 1;
    bool before = target->asked_first + 1 < target->scenarios; /* others were played since it was asked last */
    int error = rig_fuzz_play_first(target, &play, &digest);
    rig_fuzz_arm(target, RIG_FUZZ_ANSWER_VARIES);
    if (error == 0 && digest != target->first) {
        rig_fuzz_tell(target, RIG_FUZZ_ANSWER_VARIES, before ? RIG_FUZZ_NO_REQUEST : last,
                      rig_fuzz_answerer(play.results[0]),
                      "GET / is not answered as it was at first, but %d: what has changed no reset puts back",
                      play.results[0]->status);
        target->first = digest;
    }
    target->asked_first = target->scenarios;
    return error;
}

/* ---- HEAD ---- */

static bool is_refusal_of_method(int status)
{
    return status == 405 || status == 501;
}

int rig_fuzz_judge_head(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    struct rig_fuzz_play other;
    uint32_t last = play->scenario->count - 1;
    const struct rig_fuzz_request *request = &play->scenario->requests[last];
    const struct rig_result *result = play->results[last];
    bool get = strcmp(request->method, "GET") == 0;
    /* Range is defined for GET alone (RFC 9110 section 14.2) */
    if ((!get && strcmp(request->method, "HEAD") != 0) || request->malformed || request->gone > 0 ||
        request->body.size > 0 || rig_fuzz_has_field(request, "Range") || !rig_fuzz_was_answered(play, last)) {
        return 0;
    }
    struct rig_fuzz_scenario *copy = rig_fuzz_copy_of(target, play->scenario);
    copy->requests[last].method = get ? "HEAD" : "GET";
    rig_fuzz_arm(target, RIG_FUZZ_HEAD_DIFFERS);
    int error = rig_fuzz_play(target, copy, &other);
    const struct rig_result *second = error == 0 ? other.results[last] : result;
    if (second->status != result->status && !is_refusal_of_method(second->status) &&
        !is_refusal_of_method(result->status)) {
        rig_fuzz_tell(target, RIG_FUZZ_HEAD_DIFFERS, last, rig_fuzz_answerer(get ? second : result),
                      "GET is answered %d, HEAD %d", get ? result->status : second->status,
                      get ? second->status : result->status);
    }
    return error;
}

/* ---- the target ---- */

/* Is a character encoded that as it is would delimit something? Then the two are not equivalent (RFC 3986 section 2.2). */
static bool encodes_reserved(const char *written)
{
    for (const char *at = strchr(written, '%'); at; at = strchr(at + 1, '%')) {
        char c[3]; /* "%zz" stays as it is */
        if (at[1] && at[2] && rig_percent_decode(at, 3, false, c) == 1 && c[0] && strchr(":/?#[]@!$&'()*+,;=", c[0])) {
            return true;
        }
    }
    return false;
}

/* The same target as it is written plainly; NULL: it is, or it has no path. */
static const char *plain_target(struct rig_fuzz_target *target, const char *written)
{
    char path[2048], encoded[4096];
    if (encodes_reserved(written) || !rig_fuzz_path(written, path, sizeof path) || path[0] != '/') {
        return NULL;
    }
    size_t size = rig_percent_encode_path(path, strlen(path), encoded, sizeof encoded);
    const char *query = strchr(written, '?');
    size_t more = query ? strlen(query) : 0;
    if (size + more >= sizeof encoded) {
        return NULL;
    }
    memcpy(encoded + size, query ? query : "", more + 1);
    if (strcmp(encoded, written) == 0) {
        return NULL;
    }
    struct rig_fuzz_scenario *copy = &target->variant;
    if (size + more + 1 > sizeof copy->strings) {
        return NULL;
    }
    memcpy(copy->strings, encoded, size + more + 1);
    return copy->strings;
}

/* Denied as it is written plainly, the same request is let in to the same app as it was sent. */
int rig_fuzz_judge_target(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    int status = 0;
    uint32_t last = play->scenario->count - 1;
    const struct rig_fuzz_request *request = &play->scenario->requests[last];
    const struct rig_result *result = play->results[last];
    const struct rig_hop *app = rig_fuzz_app_of(result);
    bool known = request->credentials == RIG_FUZZ_CLASS_VALID || request->credentials == RIG_FUZZ_CLASS_OTHER;
    if (known || request->gone > 0 || !rig_fuzz_was_answered(play, last)) {
        return 0;
    }
    struct rig_fuzz_scenario *copy = rig_fuzz_copy_of(target, play->scenario);
    const char *plain = plain_target(target, request->target);
    if (!plain) {
        return 0;
    }
    copy->requests[last].target = plain;
    if (result->status / 100 != 2 || !app) {
        return 0;
    }
    rig_fuzz_arm(target, RIG_FUZZ_TARGET_EQUIVALENT);
    int error = rig_fuzz_is_denied(target, copy, app, &status);
    if (error == 0 && status > 0 && !rig_fuzz_is_known(target, request)) {
        rig_fuzz_tell(target, RIG_FUZZ_TARGET_EQUIVALENT, last, app,
                      "%.200s enters %.60s without credentials, where %.120s is answered %d", request->target,
                      app->layer, plain, status);
    }
    return error;
}
