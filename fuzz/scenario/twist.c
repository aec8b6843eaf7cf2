#include "fuzz/scenario/twist.h"

#include "fuzz/scenario/strings.h"
#include "harness/http/chars.h"

#include <string.h>

static void put_before(struct rig_fuzz_scenario *scenario, struct rig_fuzz_request *request, const char *before)
{
    const char *old = request->target, *fresh = NULL;
    size_t size = 0;
    if (rig_fuzz_append(scenario, &fresh, &size, before, strlen(before)) &&
        rig_fuzz_append(scenario, &fresh, &size, old, strlen(old))) {
        request->target = fresh;
    }
}

/* The path, which ends at '?', and what is behind it. */
static void put_behind_path(struct rig_fuzz_scenario *scenario, struct rig_fuzz_request *request, const char *more)
{
    const char *old = request->target, *fresh = NULL;
    size_t path = strcspn(old, "?"), size = 0;
    if (rig_fuzz_append(scenario, &fresh, &size, old, path) &&
        rig_fuzz_append(scenario, &fresh, &size, more, strlen(more)) &&
        rig_fuzz_append(scenario, &fresh, &size, old + path, strlen(old + path))) {
        request->target = fresh;
    }
}

/* The path's last segment's first letter, written otherwise. */
static void rewrite_letter(struct rig_fuzz_scenario *scenario, struct rig_fuzz_request *request,
                           enum rig_fuzz_twist twist)
{
    static const char digits[] = "0123456789abcdef";
    const char *old = request->target, *fresh = NULL;
    size_t path = strcspn(old, "?"), at = path, size = 0;
    while (at > 0 && old[at - 1] != '/') {
        at--;
    }
    if (at >= path) {
        return;
    }
    unsigned char letter = (unsigned char)old[at];
    char text[6] = {'%', '2', '5', digits[letter >> 4], digits[letter & 15], '\0'};
    const char *written = text;
    if (twist == RIG_FUZZ_TWIST_CASE) {
        text[0] = (char)(rig_char_is(old[at], RIG_CHAR_ALPHA) ? letter ^ 0x20u : letter);
        text[1] = '\0';
    } else if (twist == RIG_FUZZ_TWIST_PERCENT) {
        text[2] = '%';
        written = text + 2;
    }
    if (rig_fuzz_append(scenario, &fresh, &size, old, at) &&
        rig_fuzz_append(scenario, &fresh, &size, written, strlen(written)) &&
        rig_fuzz_append(scenario, &fresh, &size, old + at + 1, strlen(old + at + 1))) {
        request->target = fresh;
    }
}

void rig_fuzz_twist_target(struct rig_fuzz_scenario *scenario, struct rig_fuzz_request *request,
                           enum rig_fuzz_twist twist)
{
    static const char *const before[RIG_FUZZ_TWISTS] = {[RIG_FUZZ_TWIST_SLASH] = "/",
                                                        [RIG_FUZZ_TWIST_DOT] = "/.",
                                                        [RIG_FUZZ_TWIST_UP] = "/x/..",
                                                        [RIG_FUZZ_TWIST_PERCENT_DOT] = "/%2e",
                                                        [RIG_FUZZ_TWIST_HOST] = "http://example.org",
                                                        [RIG_FUZZ_TWIST_BACKSLASH] = "\\"};
    static const char *const behind[RIG_FUZZ_TWISTS] = {
        [RIG_FUZZ_TWIST_PARAM] = ";p",      [RIG_FUZZ_TWIST_SLASH_BEHIND] = "/",
        [RIG_FUZZ_TWIST_DOT_BEHIND] = "/.", [RIG_FUZZ_TWIST_ZERO] = "%00",
        [RIG_FUZZ_TWIST_SUFFIX] = ".json",  [RIG_FUZZ_TWIST_LINE] = RIG_FUZZ_MARKER_LINE};
    switch (twist) {
    case RIG_FUZZ_TWIST_PERCENT:
    case RIG_FUZZ_TWIST_TWICE:
    case RIG_FUZZ_TWIST_CASE:
        rewrite_letter(scenario, request, twist);
        break;
    default:
        if (before[twist]) {
            put_before(scenario, request, before[twist]);
        } else {
            put_behind_path(scenario, request, behind[twist]);
        }
    }
}
