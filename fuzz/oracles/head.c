#define _GNU_SOURCE /* strcasestr */

/* HEAD for GET, and the other way round: is it answered alike? */
#include "fuzz/oracles/oracles.h"

#include <strings.h>

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
        struct rig_hop there;
        rig_fuzz_tell(target, RIG_FUZZ_HEAD_DIFFERS, last, rig_fuzz_setter(of_head, of_get, name, &there),
                      "GET is answered with %s %.100s, HEAD with %.100s", name, only_value(of_get, name),
                      only_value(of_head, name));
    } else if (error == 0 && differs) {
        rig_fuzz_tell(target, RIG_FUZZ_HEAD_DIFFERS, last, rig_fuzz_answerer(of_head), "GET is answered %d, HEAD %d",
                      of_get->status, of_head->status);
    }
    return error;
}
