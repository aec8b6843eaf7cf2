/* What takes another play: the same again, HEAD for GET, the target written plainly. */
#define _GNU_SOURCE /* strcasestr */

#include "fuzz/oracles/oracles.h"

#include "harness/client/client.h"

#include <stackrig/http/percent.h>

#include <stdio.h>
#include <strings.h>

static void tell_varies(struct rig_fuzz_target *target, uint32_t number, const struct rig_result *again,
                        const char *how)
{
    target->varies = true;
    rig_fuzz_tell(target, RIG_FUZZ_ANSWER_VARIES, number, rig_fuzz_answerer(again),
                  "the same requests to the stack as it was built were answered %s", how);
}

static bool is_same_hop(const struct rig_hop *a, const struct rig_hop *b)
{
    return a->next_calls == b->next_calls && a->answered == b->answered && a->returned == b->returned &&
           (a->layer == b->layer || strcmp(a->layer, b->layer) == 0);
}

/* The first hop that differs, of who has it; NULL: none. Logs may differ: there are times and addresses in them. */
static const struct rig_hop *hop_that_differs(const struct rig_result *one, const struct rig_result *two)
{
    size_t i = 0;
    while (i < one->hop_count && i < two->hop_count && is_same_hop(&one->hops[i], &two->hops[i])) {
        i++;
    }
    return i < one->hop_count ? &one->hops[i] : i < two->hop_count ? &two->hops[i] : NULL;
}

static void tell_other_way(struct rig_fuzz_target *target, uint32_t number, const struct rig_result *one,
                           const struct rig_result *two)
{
    const struct rig_hop *hop = hop_that_differs(one, two);
    if (hop) {
        target->varies = true;
        rig_fuzz_tell(
            target, RIG_FUZZ_ANSWER_VARIES, number, hop,
            "the same requests to the stack as it was built are answered the same, but go another way at %.60s",
            hop->layer);
    }
}

int rig_fuzz_judge_again(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    char text[160];
    struct rig_fuzz_play again;
    int error = rig_fuzz_play(target, play->scenario, &again);
    rig_fuzz_arm(target, RIG_FUZZ_ANSWER_VARIES);
    for (uint32_t i = 0; error == 0 && i < play->scenario->count && !target->varies; i++) {
        if (rig_fuzz_differs(play->results[i], again.results[i], text, sizeof text)) {
            tell_varies(target, i, again.results[i], text);
        } else {
            tell_other_way(target, i, play->results[i], again.results[i]);
        }
    }
    return error;
}

/* Is the last request of a play answered in another play of it as it was? by_status: what else is in it may vary. */
static int is_as_before(struct rig_fuzz_target *target, const struct rig_fuzz_play *play, bool by_status, bool *is,
                        bool tells)
{
    char text[160];
    struct rig_fuzz_play again;
    uint32_t last = play->scenario->count - 1;
    const struct rig_result *before = play->results[last];
    int error = rig_fuzz_play(target, play->scenario, &again);
    const struct rig_result *now = error == 0 ? again.results[last] : before;
    bool same = by_status && now->status == before->status && now->error == before->error;
    *is = error == 0 && (same || !rig_fuzz_differs(before, now, text, sizeof text));
    if (error == 0 && !*is && tells && !target->varies) {
        tell_varies(target, last, now, text);
    }
    return error;
}

/* Twice: one that is answered in two ways by turns would be so again in the second next play. */
int rig_fuzz_try_steady(struct rig_fuzz_target *target, const struct rig_fuzz_play *play,
                        const struct rig_fuzz_play *other, bool by_status, bool *steady)
{
    int64_t now = target->now;
    int error = 0;
    *steady = !target->varies || by_status;
    target->now = 0;
    rig_fuzz_arm(target, RIG_FUZZ_ANSWER_VARIES);
    for (unsigned i = 0; i < 2 && error == 0 && *steady; i++) {
        error = is_as_before(target, play, by_status, steady, true);
    }
    if (other && error == 0 && *steady) {
        error = is_as_before(target, other, by_status, steady, false);
    }
    target->now = now;
    return error;
}

/* A reset puts a layer's instance back, but not what it keeps elsewhere in the program. */
int rig_fuzz_judge_first(struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario)
{
    uint64_t digest = 0;
    struct rig_fuzz_play play;
    uint32_t last = scenario->count - 1;
    bool before = target->asked_first + 1 < target->scenarios; /* others were played since it was asked last */
    if (!target->knows_first) {
        return 0;
    }
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

/* NULL: it has no such header, or several. */
static const char *only_value(const struct rig_result *result, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < result->header_count; i++) {
        if (strcasecmp(result->headers[i].name, name) == 0) {
            if (value) {
                return NULL;
            }
            value = result->headers[i].value;
        }
    }
    return value;
}

/* Does HEAD's say what GET's does? A tag may be weak in one of them; of Vary HEAD's may be a part, for what depends on the
 * content alone it may leave out. */
static bool says_the_same(const char *name, const char *get, const char *head)
{
    if (strcmp(name, "ETag") == 0) {
        get += strncmp(get, "W/", 2) == 0 ? 2 : 0;
        head += strncmp(head, "W/", 2) == 0 ? 2 : 0;
    }
    return strcmp(get, head) == 0 || (strcmp(name, "Vary") == 0 && strcasestr(get, head));
}

/* What describes the resource and is told of it by both, but not the same (RFC 9110 section 9.3.2); NULL: nothing. What one
 * of them encodes it describes otherwise. */
static const char *header_that_differs(const struct rig_result *get, const struct rig_result *head)
{
    static const char *const names[] = {"Content-Type",     "ETag",          "Last-Modified", "Content-Location",
                                        "Content-Encoding", "Cache-Control", "Vary"};
    bool encoded = !only_value(get, "Content-Encoding") != !only_value(head, "Content-Encoding");
    for (size_t i = 0; i < sizeof names / sizeof *names && !encoded; i++) {
        const char *one = only_value(get, names[i]), *other = only_value(head, names[i]);
        if (one && other && !says_the_same(names[i], one, other)) {
            return names[i];
        }
    }
    return NULL;
}

int rig_fuzz_judge_head(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    struct rig_fuzz_play other;
    uint32_t last = play->scenario->count - 1;
    const struct rig_fuzz_request *request = &play->scenario->requests[last];
    const struct rig_result *result = play->results[last];
    bool get = strcmp(request->method, "GET") == 0;
    /* of GET alone are ranges (RFC 9110 section 14.2) and the way to a WebSocket (RFC 6455 section 4.1) */
    if ((!get && strcmp(request->method, "HEAD") != 0) || request->malformed || request->gone > 0 ||
        request->body.size > 0 || rig_fuzz_has_field(request, "Range") || rig_fuzz_has_field(request, "Upgrade") ||
        !rig_fuzz_was_answered(play, last)) {
        return 0;
    }
    struct rig_fuzz_scenario *copy = rig_fuzz_copy_of(target, play->scenario);
    copy->requests[last].method = get ? "HEAD" : "GET";
    rig_fuzz_arm(target, RIG_FUZZ_HEAD_DIFFERS);
    int error = rig_fuzz_play(target, copy, &other);
    const struct rig_result *second = error == 0 ? other.results[last] : result;
    bool differs = second->status != result->status && !is_refusal_of_method(second->status) &&
                   !is_refusal_of_method(result->status);
    const struct rig_result *of_get = get ? result : second, *of_head = get ? second : result;
    bool both = second->status == result->status && result->status < 400;
    const char *name = both ? header_that_differs(of_get, of_head) : NULL;
    differs = differs || name;
    error = differs ? rig_fuzz_try_steady(target, play, &other, !name, &differs) : error;
    if (error == 0 && differs && name) {
        rig_fuzz_tell(target, RIG_FUZZ_HEAD_DIFFERS, last, rig_fuzz_answerer(of_head),
                      "GET is answered with %s %.100s, HEAD with %.100s", name, only_value(of_get, name),
                      only_value(of_head, name));
    } else if (error == 0 && differs) {
        rig_fuzz_tell(target, RIG_FUZZ_HEAD_DIFFERS, last, rig_fuzz_answerer(of_head), "GET is answered %d, HEAD %d",
                      of_get->status, of_head->status);
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

/* What stands before the path, a scheme and a host: 0, where it is the one of requests that name none. Another is another
 * site, which a stack may tell by its host. */
static size_t origin_size(const struct rig_fuzz_request *request)
{
    static const char usual[] = "http://" RIG_DEFAULT_HOST;
    const char *written = request->target, *scheme = written[0] == '/' ? NULL : strstr(written, "://");
    size_t size = scheme ? (size_t)(scheme - written) + 3 + strcspn(scheme + 3, "/?") : 0;
    bool is_usual =
        size == sizeof usual - 1 && memcmp(written, usual, size) == 0 && !rig_fuzz_has_field(request, "Host");
    return is_usual ? 0 : size;
}

/* The same target as it is written plainly; NULL: it is, or it has no path. */
static const char *plain_target(struct rig_fuzz_target *target, const struct rig_fuzz_request *request)
{
    char path[2048], encoded[4096];
    const char *written = request->target;
    size_t origin = origin_size(request);
    if (encodes_reserved(written + origin) || !rig_fuzz_plain_path(written, path, sizeof path) || path[0] != '/') {
        return NULL;
    }
    size_t size = rig_percent_encode_path(path, strlen(path), encoded, sizeof encoded);
    const char *query = strchr(written, '?');
    size_t more = query ? strlen(query) : 0;
    if (size + more >= sizeof encoded) {
        return NULL;
    }
    memcpy(encoded + size, query ? query : "", more + 1);
    struct rig_fuzz_scenario *copy = &target->variant;
    if (strcmp(encoded, written + origin) == 0 || origin + size + more + 1 > sizeof copy->strings) {
        return NULL;
    }
    memcpy(copy->strings, written, origin);
    memcpy(copy->strings + origin, encoded, size + more + 1);
    return copy->strings;
}

/* Denied as it is written plainly, the same request is let in to the same app as it was sent. */
int rig_fuzz_judge_target(struct rig_fuzz_target *target, const struct rig_fuzz_play *play)
{
    bool widens = false;
    uint32_t last = play->scenario->count - 1;
    const struct rig_fuzz_request *request = &play->scenario->requests[last];
    struct rig_fuzz_door door = {.rule = RIG_FUZZ_TARGET_EQUIVALENT, .hidden = true};
    /* answers to HEAD look the same of many */
    if (strcmp(request->method, "HEAD") == 0 || !rig_fuzz_may_be_judged(play) ||
        !rig_fuzz_is_at_door(&door, play->results[last])) {
        return 0;
    }
    struct rig_fuzz_scenario *copy = rig_fuzz_copy_of(target, play->scenario);
    const char *plain = plain_target(target, request);
    if (!plain) {
        return 0;
    }
    copy->requests[last].target = plain;
    int error = rig_fuzz_judge_door(target, play, copy, &door, &widens);
    if (error == 0 && widens) {
        const struct rig_hop *app = rig_fuzz_app_of(play->results[last]);
        rig_fuzz_tell(target, RIG_FUZZ_TARGET_EQUIVALENT, last, app,
                      "%.200s enters %.60s without credentials, where %.120s is answered %d", request->target,
                      app->layer, plain, door.status);
    }
    return error;
}
