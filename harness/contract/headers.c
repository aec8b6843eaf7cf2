/* In which case and order headers come, the request's and those of the answer from below, says nothing. */
#include "harness/contract/bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_MAX 64

enum how { LOWER, UPPER, REVERSED };

/* A list of headers with names of its own. */
struct list {
    struct rig_field fields[RIG_FIELDS_MAX + 1];
    char names[RIG_FIELDS_MAX][NAME_MAX];
};

static void rename_to(struct list *list, size_t at, enum how how)
{
    const char *name = list->fields[at].name;
    size_t size = strlen(name);
    if (size >= NAME_MAX) {
        return; /* as it is */
    }
    for (size_t i = 0; i <= size; i++) {
        char c = name[i];
        bool lower = c >= 'a' && c <= 'z', upper = c >= 'A' && c <= 'Z';
        list->names[at][i] = (char)(how == LOWER && upper ? c + 32 : how == UPPER && lower ? c - 32 : c);
    }
    list->fields[at].name = list->names[at];
}

/* Those of one name stay in their order: that says something. */
static void reverse(struct list *list, size_t count)
{
    struct rig_field was[RIG_FIELDS_MAX + 1];
    bool taken[RIG_FIELDS_MAX + 1] = {false};
    size_t to = 0;
    memcpy(was, list->fields, sizeof was);
    for (size_t last = count; last-- > 0;) {
        for (size_t i = 0; i < count && !taken[last]; i++) {
            if (!taken[i] && i != last && strcasecmp(was[i].name, was[last].name) == 0) {
                taken[i] = true;
                list->fields[to++] = was[i];
            }
        }
        if (!taken[last]) {
            taken[last] = true;
            list->fields[to++] = was[last];
        }
    }
}

static void change(struct list *list, struct rig_field fields[RIG_FIELDS_MAX + 1], enum how how)
{
    size_t count = 0;
    memcpy(list->fields, fields, sizeof list->fields);
    while (count < RIG_FIELDS_MAX && list->fields[count].name) {
        count++;
    }
    if (how == REVERSED) {
        reverse(list, count);
    } else {
        for (size_t i = 0; i < count; i++) {
            rename_to(list, i, how);
        }
    }
    memcpy(fields, list->fields, sizeof list->fields);
}

/* Some more headers than the contract's request may have, so that there is an order. */
static struct rig_request with_more(const struct rig_request *request)
{
    static const struct rig_field more[] = {{"Accept", "text/plain, */*;q=0.1"},
                                            {"X-Contract-A", "first"},
                                            {"X-Contract-B", "second"},
                                            {"User-Agent", "contract"}};
    struct rig_request wider = *request;
    size_t count = 0;
    while (count < RIG_FIELDS_MAX && wider.headers[count].name) {
        count++;
    }
    for (size_t i = 0; i < sizeof more / sizeof *more && count < RIG_FIELDS_MAX; i++) {
        size_t at = 0;
        while (at < count && strcasecmp(wider.headers[at].name, more[i].name) != 0) {
            at++;
        }
        if (at == count) {
            wider.headers[count++] = more[i];
        }
    }
    return wider;
}

static const struct rig_scripted_reply answer = {.status = 200,
                                                 .headers = {{"Content-Type", "text/plain"},
                                                             {"X-Contract", "below"},
                                                             {"Vary", "Accept"},
                                                             {"Cache-Control", "max-age=60"},
                                                             {"ETag", "\"contract\""}},
                                                 .body = "the app's answer\n"};

/* With the request's headers changed, or the answer's; how NULL: neither. */
static void see(struct rig_bench *bench, const struct rig_request *request, const enum how *how, bool below,
                struct rig_seen *seen)
{
    struct list list;
    struct rig_request sent = *request;
    struct rig_scripted_reply reply = answer;
    if (how) {
        change(&list, below ? reply.headers : sent.headers, *how);
    }
    if (rig_bench_open(bench, &reply)) {
        rig_bench_try(bench, &sent, seen);
    }
}

static void compare(struct rig_bench *bench, const struct rig_request *request, const struct rig_seen *plain,
                    enum how how, bool below)
{
    static const char *const hows[] = {"in lower case", "in upper case", "in the opposite order"};
    char text[200], title[160];
    struct rig_seen seen = {.facts = NULL};
    see(bench, request, &how, below, &seen);
    if (!bench->error && !rig_bench_same(bench, plain, &seen, text, sizeof text)) {
        rig_bench_fails(bench, bench->site, "%s with the headers of the %s %s: %s",
                        rig_bench_title(request, title, sizeof title), below ? "answer from below" : "request",
                        hows[how], text);
    }
    rig_seen_free(&seen);
}

static void try_all(struct rig_bench *bench, enum how first, enum how last)
{
    for (size_t i = 0; i < RIG_BENCH_REQUESTS && !bench->error; i++) {
        struct rig_seen plain = {.facts = NULL};
        struct rig_request request = with_more(&bench->requests[i].request);
        if (!bench->requests[i].there) {
            continue;
        }
        see(bench, &request, NULL, false, &plain);
        for (enum how how = first; how <= last && !bench->error; how++) {
            compare(bench, &request, &plain, how, false);
            if (bench->requests[i].way == RIG_WAY_PASSES) {
                compare(bench, &request, &plain, how, true);
            }
        }
        rig_seen_free(&plain);
    }
}

void rig_headers_case(struct rig_bench *bench)
{
    try_all(bench, LOWER, UPPER);
}

void rig_headers_order(struct rig_bench *bench)
{
    try_all(bench, REVERSED, REVERSED);
}
