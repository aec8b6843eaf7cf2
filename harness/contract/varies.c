/* What varies by itself where the layer owns it (an id, a time) is no difference. */
#include "harness/contract/bench.h"

#include <errno.h>
#include <string.h>

#define LOOKS 3 /* at two answers that differ: what varies now and then may stand still for two */

static bool owns(const struct rig_bench *bench, const struct rig_seen_fact *fact)
{
    return (fact->kind == RIG_SEEN_HEADER && rig_bench_owns_header(bench, fact->name)) ||
           (fact->kind == RIG_SEEN_ENV && rig_bench_owns_env(bench, fact->name)) ||
           (fact->kind == RIG_SEEN_BODY && (bench->contract->owns & RIG_CONTRACT_BODY));
}

static void learn_of(struct rig_bench *bench, const struct rig_seen *first, const struct rig_seen *again)
{
    for (size_t i = 0; i < first->count; i++) {
        const struct rig_seen_fact *fact = &first->facts[i], *other = rig_seen_find(again, fact);
        bool same = other && fact->size == other->size && !fact->value == !other->value &&
                    (!fact->value || memcmp(fact->value, other->value, fact->size) == 0);
        if (!same && owns(bench, fact) && !rig_seen_find(&bench->varies, fact)) {
            rig_seen_add(&bench->varies, fact->kind, fact->name, "", 0);
        }
    }
    bench->error = bench->varies.starved ? -ENOMEM : bench->error;
}

void rig_bench_learn(struct rig_bench *bench)
{
    for (size_t i = 0; i < RIG_BENCH_REQUESTS && !bench->error; i++) {
        struct rig_bench_request *one = &bench->requests[i];
        struct rig_seen again = {.facts = NULL};
        struct rig_client *client = one->there && rig_bench_open(bench, NULL) ? rig_bench_client(bench, NULL) : NULL;
        if (client) {
            rig_bench_see(bench, rig_bench_send(bench, client, &one->request), &again);
            learn_of(bench, &one->seen, &again);
            learn_of(bench, &again, &one->seen);
            rig_client_free(client);
        }
        rig_seen_free(&again);
    }
}

bool rig_bench_same(struct rig_bench *bench, const struct rig_seen *before, const struct rig_seen *now, char *how,
                    size_t size)
{
    bool same = rig_seen_same(before, now, &bench->varies, how, size);
    for (int i = 0; i < LOOKS && !same && !bench->error; i++) {
        rig_bench_learn(bench);
        same = rig_seen_same(before, now, &bench->varies, how, size);
    }
    return same || bench->error;
}
