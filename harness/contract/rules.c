/* The rules that no property is about. */
#include "harness/contract/bench.h"

static bool is_anothers(const char *rule)
{
    for (size_t i = 0; i < RIG_CONTRACT_PROPERTIES; i++) {
        if (rig_bench_rule_is_own(rig_properties[i].rules, rule)) {
            return true;
        }
    }
    return false;
}

static void try_one(struct rig_bench *bench, const struct rig_request *request)
{
    struct rig_client *client = rig_bench_open(bench, NULL) ? rig_bench_client(bench, NULL) : NULL;
    if (!client) {
        return;
    }
    const struct rig_result *result = rig_bench_send(bench, client, request);
    for (size_t i = 0; i < result->finding_count; i++) {
        const struct rig_finding *finding = &result->findings[i];
        if (rig_bench_is_fault(bench, finding) && finding->level == RIG_LEVEL_ERROR && !is_anothers(finding->rule)) {
            rig_bench_fails_by(bench, finding->site, finding->rule, finding->message);
        }
    }
    rig_client_free(client);
}

void rig_rules_kept(struct rig_bench *bench)
{
    for (size_t i = 0; i < RIG_BENCH_REQUESTS && !bench->error; i++) {
        if (bench->requests[i].there) {
            try_one(bench, &bench->requests[i].request);
        }
    }
}
