/* The same again: is it answered as it was? */
#include "fuzz/oracles/oracles.h"

#include "harness/http/rare.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static void tell_varies(struct rig_fuzz_target *target, uint32_t number, const struct rig_result *before,
                        const struct rig_result *again, const struct rig_fuzz_difference *how)
{
    struct rig_hop there;
    target->varies = true;
    rig_fuzz_tell(target, RIG_FUZZ_ANSWER_VARIES, number, rig_fuzz_setter(again, before, how->header, &there),
                  "the same requests to the stack as it was built were answered %s, then %s", how->one, how->other);
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
    struct rig_fuzz_difference difference;
    struct rig_fuzz_play again;
    int error = rig_fuzz_play(target, play->scenario, &again);
    rig_fuzz_arm(target, RIG_FUZZ_ANSWER_VARIES);
    for (uint32_t i = 0; error == 0 && i < play->scenario->count && !target->varies; i++) {
        if (rig_fuzz_differs(play->results[i], again.results[i], &difference)) {
            tell_varies(target, i, play->results[i], again.results[i], &difference);
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
    struct rig_fuzz_difference difference;
    struct rig_fuzz_play again;
    uint32_t last = play->scenario->count - 1;
    const struct rig_result *before = play->results[last];
    int error = rig_fuzz_play(target, play->scenario, &again);
    const struct rig_result *now = error == 0 ? again.results[last] : before;
    bool same = by_status && now->status == before->status && now->error == before->error;
    *is = error == 0 && (same || !rig_fuzz_differs(before, now, &difference));
    if (error == 0 && !*is && tells && !target->varies) {
        tell_varies(target, last, before, now, &difference);
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

/* ---- what no reset puts back ---- */

static bool is_same_kept(const struct rig_fuzz_first_header *a, const struct rig_fuzz_first_header *b)
{
    return a->value == b->value && strcmp(a->name, b->name) == 0;
}

/* The first header of one that two has not; NULL: none. */
static const char *name_that_lacks(const struct rig_fuzz_first *one, const struct rig_fuzz_first *two)
{
    for (size_t i = 0; i < one->count; i++) {
        size_t k = 0;
        while (k < two->count && !is_same_kept(&one->headers[i], &two->headers[k])) {
            k++;
        }
        if (k == two->count) {
            return one->headers[i].name;
        }
    }
    return NULL;
}

static bool is_time(const char *name)
{
    return strcasecmp(name, "Date") == 0 || strcasecmp(name, "Expires") == 0 || strcasecmp(name, "Last-Modified") == 0;
}

/* What differs, in text; returns what is to be said besides. */
static RIG_COLD const char *tell_first(const struct rig_fuzz_first *first, const struct rig_fuzz_first *now, char *text,
                                       size_t size)
{
    const char *name = name_that_lacks(now, first);
    name = name ? name : name_that_lacks(first, now);
    if (now->status != first->status) {
        (void)snprintf(text, size, "%d in place of %d", now->status, first->status);
    } else if (now->body != first->body) {
        (void)snprintf(text, size, "%d with another body", now->status);
    } else if (name) {
        (void)snprintf(text, size, "%d with another %s", now->status, name);
        return is_time(name) ? "; if it is the machine's clock, preload libstackrig-clock.so" : "";
    } else { /* their order, those that are not kept, or the error */
        (void)snprintf(text, size, "%d in another way", now->status);
    }
    return "";
}

/* A reset puts a layer's instance back, but not what it keeps elsewhere in the program. */
int rig_fuzz_judge_first(struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario)
{
    uint64_t digest = 0;
    struct rig_fuzz_play play;
    struct rig_fuzz_first now;
    char text[80];
    uint32_t last = scenario->count - 1;
    bool before = target->asked_first + 1 < target->scenarios; /* others were played since it was asked last */
    if (!target->knows_first) {
        return 0;
    }
    int error = rig_fuzz_play_first(target, &play, &digest);
    rig_fuzz_arm(target, RIG_FUZZ_ANSWER_VARIES);
    if (error == 0 && digest != target->first) {
        rig_fuzz_keep_first(&now, play.results[0]);
        const char *besides = tell_first(&target->first_kept, &now, text, sizeof text);
        rig_fuzz_tell(
            target, RIG_FUZZ_ANSWER_VARIES, before ? RIG_FUZZ_NO_REQUEST : last, rig_fuzz_answerer(play.results[0]),
            "GET / is not answered as it was at first, but %s: what has changed no reset puts back%s", text, besides);
        target->first = digest;
        target->first_kept = now;
    }
    target->asked_first = target->scenarios;
    return error;
}
