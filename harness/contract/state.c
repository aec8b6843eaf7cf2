/* Nothing of one request is left for another: neither for the next one, nor for one that runs while it is below. */
#include "harness/contract/bench.h"

#include <string.h>

/* As nobody else would send it: what is kept of it is seen in what follows. */
static struct rig_request another(const struct rig_request *request)
{
    struct rig_request other = *request;
    size_t at = 0;
    while (at + 4 < RIG_FIELDS_MAX && other.headers[at].name) {
        at++;
    }
    if (!other.headers[at].name) {
        other.headers[at++] = (struct rig_field){"X-Contract-Other", "another request's"};
        other.headers[at++] = (struct rig_field){"User-Agent", "another"};
        other.headers[at++] = (struct rig_field){"Accept-Language", "xx"};
        other.headers[at] = (struct rig_field){"Cookie", "contract=another"};
    }
    other.remote_addr = "198.51.100.77";
    other.xhr = true;
    return other;
}

/* In a fresh stack of its own. */
static bool learn(struct rig_bench *bench, const struct rig_request *request, struct rig_seen *seen)
{
    if (rig_bench_open(bench, NULL)) {
        rig_bench_try(bench, request, seen);
    }
    return bench->error == 0;
}

static void disturb(struct rig_bench *bench)
{
    for (size_t i = 0; i < RIG_BENCH_REQUESTS && !bench->error; i++) {
        struct rig_seen unseen = {.facts = NULL};
        struct rig_request other = another(&bench->requests[i].request);
        if (bench->requests[i].there) {
            rig_bench_try(bench, &other, &unseen);
        }
        rig_seen_free(&unseen);
    }
}

/* The request after the others, in their stack, or around them. */
static void send_again(struct rig_bench *bench, const struct rig_request *request, bool nested, struct rig_seen *seen)
{
    if (!rig_bench_open(bench, NULL)) {
        return;
    }
    if (nested) {
        bench->inside = disturb;
    } else {
        disturb(bench);
    }
    rig_bench_try(bench, request, seen);
    bench->inside = NULL;
}

static void compare(struct rig_bench *bench, const struct rig_request *request, bool nested)
{
    char how[200], title[160];
    struct rig_seen first = {.facts = NULL}, after = first;
    if (learn(bench, request, &first)) {
        send_again(bench, request, nested, &after);
        if (!bench->error && !rig_bench_same(bench, &first, &after, how, sizeof how)) {
            rig_bench_fails(bench, bench->site, nested ? "%s, while others ran below it: %s" : "%s after others: %s",
                            rig_bench_title(request, title, sizeof title), how);
        }
    }
    rig_seen_free(&first);
    rig_seen_free(&after);
}

void rig_state_between(struct rig_bench *bench)
{
    for (size_t i = 0; i < RIG_BENCH_REQUESTS && !bench->error; i++) {
        if (bench->requests[i].there) {
            compare(bench, &bench->requests[i].request, false);
        }
    }
}

void rig_state_nested(struct rig_bench *bench)
{
    size_t at = 0;
    const struct rig_request *request = rig_bench_next(bench, &at, RIG_WAY_PASSES);
    if (!request) {
        rig_bench_none(bench, RIG_WAY_PASSES, false);
    }
    for (; request && !bench->error; request = rig_bench_next(bench, &at, RIG_WAY_PASSES)) {
        compare(bench, request, true);
    }
}
