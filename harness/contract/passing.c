/* What a layer hands on: the env and the response that it was given, once, and the error that comes back. */
#include "harness/contract/bench.h"

#include <errno.h>
#include <string.h>

/* Each visit right below the layer that is no sub-request: that has a copy of the env. */
static const struct rig_hop *below(const struct rig_result *result, const struct rig_hop *layer, size_t *at)
{
    while (*at < result->hop_count) {
        const struct rig_hop *hop = &result->hops[(*at)++];
        if (hop->parent == layer->number && hop->number != layer->number && hop->exchange == 0) {
            return hop;
        }
    }
    return NULL;
}

typedef void look_fn(struct rig_bench *bench, const struct rig_result *result, const struct rig_hop *layer);

/* Sends each request that goes this way and looks at it. */
static void look_at(struct rig_bench *bench, enum rig_bench_way way, look_fn *look)
{
    size_t at = 0;
    const struct rig_request *request = rig_bench_next(bench, &at, way);
    if (!request) {
        rig_bench_none(bench, way, false);
        return;
    }
    for (; request && rig_bench_open(bench, NULL); request = rig_bench_next(bench, &at, way)) {
        struct rig_client *client = rig_bench_client(bench, NULL);
        if (client) {
            const struct rig_result *result = rig_bench_send(bench, client, request);
            const struct rig_hop *layer = rig_bench_hop(result);
            rig_bench_take(bench, result);
            if (layer && look) {
                look(bench, result, layer);
            }
            rig_client_free(client);
        }
    }
}

void rig_same_env(struct rig_bench *bench)
{
    look_at(bench, RIG_WAY_PASSES, NULL); /* the rules know a sub-request from a hand-over */
}

static void look_at_response(struct rig_bench *bench, const struct rig_result *result, const struct rig_hop *layer)
{
    size_t at = 0;
    for (const struct rig_hop *hop = below(result, layer, &at); hop; hop = below(result, layer, &at)) {
        if (hop->env_id == layer->env_id && hop->response_id != layer->response_id) {
            rig_bench_fails(bench, hop->entered_at, "it was given response#%llu and passed on response#%llu",
                            (unsigned long long)layer->response_id, (unsigned long long)hop->response_id);
        }
    }
}

void rig_same_response(struct rig_bench *bench)
{
    look_at(bench, RIG_WAY_PASSES, look_at_response);
}

/* Does what the contract says of a request hold? */
static void look_at_promises(struct rig_bench *bench)
{
    char title[160];
    for (size_t i = 0; i < RIG_BENCH_REQUESTS; i++) {
        const struct rig_bench_request *one = &bench->requests[i];
        if (one->there && one->told && one->promised == RIG_WAY_PASSES && one->way != RIG_WAY_PASSES) {
            rig_bench_fails(bench, NULL, "%s of .passes: it did not pass it on",
                            rig_bench_title(&one->request, title, sizeof title));
        }
    }
}

static void look_at_calls(struct rig_bench *bench, const struct rig_result *result, const struct rig_hop *layer)
{
    (void)result;
    if (layer->next_calls > 1 && bench->property->found_count == 0) {
        rig_bench_fails(bench, layer->layer_site, "it called next %u times", layer->next_calls);
    }
}

void rig_next_once(struct rig_bench *bench)
{
    look_at(bench, RIG_WAY_PASSES, look_at_calls);
    look_at_promises(bench);
}

/* ---- an error from below ---- */

static void try_error(struct rig_bench *bench, const struct rig_request *request, int error)
{
    char title[160];
    const struct rig_scripted_reply reply = {.error = error};
    struct rig_client *client = rig_bench_open(bench, &reply) ? rig_bench_client(bench, NULL) : NULL;
    if (client) {
        const struct rig_result *result = rig_bench_send(bench, client, request);
        const struct rig_hop *layer = rig_bench_hop(result);
        if (layer && bench->calls > 0 && layer->returned != error) {
            rig_bench_fails(bench, layer->left_at ? layer->left_at : layer->layer_site,
                            "%s: the app returned %d and it returned %d, which RIG_CONTRACT_ERROR would allow",
                            rig_bench_title(request, title, sizeof title), error, layer->returned);
        }
        rig_client_free(client);
    }
}

void rig_error_up(struct rig_bench *bench)
{
    size_t at = 0;
    const struct rig_request *request = rig_bench_next(bench, &at, RIG_WAY_PASSES);
    if (bench->contract->owns & RIG_CONTRACT_ERROR) {
        rig_bench_not_applicable(bench, "it owns errors (RIG_CONTRACT_ERROR)");
    } else if (!request) {
        rig_bench_none(bench, RIG_WAY_PASSES, false);
    }
    for (; request && bench->property->why[0] == '\0'; request = rig_bench_next(bench, &at, RIG_WAY_PASSES)) {
        try_error(bench, request, -EIO);
        try_error(bench, request, -ENOMEM);
    }
}
