/* The target written plainly: is it open as it was sent, and else denied? */
#include "fuzz/oracles/oracles.h"

#include "harness/client/client.h"

#include <stackrig/http/percent.h>

/* Is a character encoded that as it is would delimit something, or a zero byte, which would end it? Then the two are not
 * equivalent (RFC 3986 section 2.2). */
static bool encodes_reserved(const char *written)
{
    for (const char *at = strchr(written, '%'); at; at = strchr(at + 1, '%')) {
        char c[3]; /* "%zz" stays as it is */
        if (at[1] && at[2] && rig_percent_decode(at, 3, false, c) == 1 && strchr(":/?#[]@!$&'()*+,;=", c[0])) {
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
    struct rig_fuzz_door door = {.rule = RIG_FUZZ_TARGET_EQUIVALENT, .denial = RIG_FUZZ_DENIED_HIDDEN};
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
