/* The request's body: the app gets all of it, nobody answers over what is left, and how it comes does not matter. */
#include "harness/contract/bench.h"

#include <stackrig/servers.h>
#include <stackrig/sweeps.h>

#include <stdio.h>
#include <string.h>

/* ---- the app gets it whole ---- */

static void try_whole(struct rig_bench *bench, const struct rig_request *request)
{
    char title[160];
    struct rig_client *client = rig_bench_client(bench, NULL);
    if (!client) {
        return;
    }
    const struct rig_result *result = rig_bench_send(bench, client, request);
    rig_bench_take(bench, result);
    if (bench->calls > 0 && result->delivery.offered > bench->body_size && bench->property->found_count == 0) {
        rig_bench_fails(bench, bench->site,
                        "%s: %zu of %llu body bytes reached the app; RIG_CONTRACT_INPUT would allow it",
                        rig_bench_title(request, title, sizeof title), bench->body_size,
                        (unsigned long long)result->delivery.offered);
    }
    rig_client_free(client);
}

void rig_body_whole(struct rig_bench *bench)
{
    size_t at = 0;
    const struct rig_request *request = rig_bench_next_body(bench, &at, RIG_WAY_PASSES);
    if (bench->contract->owns & RIG_CONTRACT_INPUT) {
        rig_bench_not_applicable(bench, "it owns the request's body (RIG_CONTRACT_INPUT)");
        return;
    }
    if (!request) {
        rig_bench_none(bench, RIG_WAY_PASSES, true);
    }
    for (; request && rig_bench_open(bench, NULL); request = rig_bench_next_body(bench, &at, RIG_WAY_PASSES)) {
        try_whole(bench, request);
    }
}

/* ---- an early answer ---- */

static void try_early(struct rig_bench *bench, const struct rig_request *request, const struct rig_server *server)
{
    struct rig_client *client = rig_bench_open(bench, NULL) ? rig_bench_client(bench, server) : NULL;
    if (client) {
        rig_bench_take(bench, rig_bench_send(bench, client, request));
        rig_client_free(client);
    }
}

void rig_early_drained(struct rig_bench *bench)
{
    char title[160];
    size_t at = 0, count;
    const struct rig_server *const *servers = rig_servers(&count);
    const struct rig_request *request = rig_bench_next_body(bench, &at, RIG_WAY_ANSWERS);
    if (!request) {
        rig_bench_none(bench, RIG_WAY_ANSWERS, true);
    }
    for (; request; request = rig_bench_next_body(bench, &at, RIG_WAY_ANSWERS)) {
        struct rig_request chunked = *request;
        chunked.chunked = !request->http_version || strcmp(request->http_version, "1.0") != 0;
        for (size_t i = 0; i < count; i++) {
            try_early(bench, request, servers[i]);
            try_early(bench, &chunked, servers[i]);
        }
    }
    for (size_t i = 0; i < RIG_BENCH_REQUESTS; i++) {
        const struct rig_bench_request *one = &bench->requests[i];
        if (one->there && one->told && one->promised == RIG_WAY_ANSWERS && one->way != RIG_WAY_ANSWERS) {
            rig_bench_fails(bench, NULL, "%s of .answers: it did not answer it itself",
                            rig_bench_title(&one->request, title, sizeof title));
        }
    }
}

/* ---- in other pieces ---- */

#define PLACES_MAX 4096
#define PAIRS_UP_TO 24

/* A request whose body comes in pieces, and what it showed when it came whole. */
struct pieces {
    struct rig_bench *bench;
    const struct rig_request *request;
    struct rig_seen whole;
    size_t size;
};

/* In a fresh stack: what a layer keeps of requests is another property's. second 0: in two pieces. */
static void try_cut(struct pieces *all, size_t first, size_t second)
{
    char how[200], where[80];
    struct rig_bench *bench = all->bench;
    struct rig_seen seen = {.facts = NULL};
    const size_t sizes[3] = {first, second ? second - first : all->size - first, second ? all->size - second : 1};
    struct rig_request cut = *all->request;
    cut.pieces = sizes;
    cut.piece_count = second ? 3 : 2;
    struct rig_client *client = rig_bench_open(bench, NULL) ? rig_bench_client(bench, NULL) : NULL;
    if (!client) {
        return;
    }
    const struct rig_result *result = rig_bench_send(bench, client, &cut);
    const struct rig_hop *layer = rig_bench_hop(result);
    const char *site = layer && layer->body.read_at ? layer->body.read_at : bench->site;
    rig_bench_take(bench, result);
    rig_bench_see(bench, result, &seen);
    if (bench->property->found_count == 0 && !rig_bench_same(bench, &all->whole, &seen, how, sizeof how)) {
        (void)snprintf(where, sizeof where, second ? "cuts after bytes %zu and %zu" : "a cut after byte %zu", first,
                       second);
        rig_bench_fails(bench, site, "with %s of %zu %s", where, all->size, how);
    }
    rig_seen_free(&seen);
    rig_client_free(client);
}

static void try_pieces(struct rig_bench *bench, const struct rig_request *request)
{
    struct pieces all = {.bench = bench, .request = request};
    struct rig_client *client = rig_bench_client(bench, NULL);
    if (!client) {
        return;
    }
    const struct rig_result *result = rig_bench_send(bench, client, request);
    rig_bench_take(bench, result);
    rig_bench_see(bench, result, &all.whole);
    all.size = (size_t)result->delivery.offered;
    rig_client_free(client);
    size_t stride = all.size / PLACES_MAX + 1;
    for (size_t first = stride; first < all.size && !bench->error; first += stride) {
        try_cut(&all, first, 0);
        for (size_t second = first + 1; all.size <= PAIRS_UP_TO && second < all.size && !bench->error; second++) {
            try_cut(&all, first, second);
        }
    }
    rig_seen_free(&all.whole);
}

/* Of both ways, with a body; false: there is no such request. */
static bool each_with_body(struct rig_bench *bench, void (*one)(struct rig_bench *, const struct rig_request *))
{
    static const enum rig_bench_way ways[] = {RIG_WAY_PASSES, RIG_WAY_ANSWERS};
    bool any = false;
    for (size_t way = 0; way < 2; way++) {
        size_t at = 0;
        const struct rig_request *request;
        while ((request = rig_bench_next_body(bench, &at, ways[way])) && rig_bench_open(bench, NULL)) {
            one(bench, request);
            any = true;
        }
    }
    return any;
}

void rig_pieces_same(struct rig_bench *bench)
{
    if (!each_with_body(bench, try_pieces)) {
        rig_bench_none(bench, RIG_WAY_PASSES, true);
    }
}

/* ---- reads that fail ---- */

static bool must_not_matter(const struct rig_bench *bench, enum rig_fault_kind kind)
{
    static const unsigned harmless =
        1u << RIG_FAULT_ONE_BYTE | 1u << RIG_FAULT_HALF | 1u << RIG_FAULT_SLOW | 1u << RIG_FAULT_CHUNKS;
    return ((harmless | bench->contract->handles) & (1u << kind)) != 0;
}

static void look_at_fault(void *closure, const struct rig_fault_case *one)
{
    char text[240];
    struct rig_bench *bench = closure;
    bool by_layer = one->layer && bench->contract->name
                        ? strcmp(one->layer, bench->contract->name) == 0
                        : one->layer && strcmp(one->layer, bench->contract->middleware->name) == 0;
    bool wrong = one->verdict >= RIG_FAULT_LIED ||
                 (one->verdict != RIG_FAULT_UNHARMED && by_layer && must_not_matter(bench, one->kind));
    bench->property->runs++;
    if (wrong) {
        (void)rig_fault_case_text(one, text, sizeof text);
        rig_bench_fails(bench, one->site ? one->site : one->answered_at, "%s%s", text,
                        one->verdict < RIG_FAULT_LIED ? ", though .handles names that fault" : "");
    }
}

static void try_faults(struct rig_bench *bench, const struct rig_request *request)
{
    static const unsigned readers = (1u << RIG_FAULT_POOL) - 2u;
    struct rig_client *client = rig_bench_client(bench, NULL);
    if (client) {
        struct rig_fault_report report = rig_fault_loop_at(
            bench->site,
            (struct rig_fault_loop){
                .client = client, .request = *request, .kinds = readers, .each_case = look_at_fault, .closure = bench});
        for (size_t i = 0; i < report.found_count && i < RIG_SWEEP_FOUND_MAX; i++) {
            const struct rig_sweep_found *found = &report.found[i];
            if (rig_bench_rule_is_own(bench->rules, found->rule)) {
                rig_bench_fails_by(bench, found->site, found->rule, found->message);
            }
        }
        bench->error = report.error ? report.error : bench->error;
        rig_client_free(client);
    }
}

void rig_faults_told(struct rig_bench *bench)
{
    bench->breaks_off = true;
    if (!each_with_body(bench, try_faults)) {
        rig_bench_none(bench, RIG_WAY_PASSES, true);
    }
    bench->breaks_off = false;
}
