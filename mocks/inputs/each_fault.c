/* Every fault at every read, as SQLite's tests do it with every call that can fail. */
#include <stackrig/faults.h>

#include <errno.h>
#include <string.h>

#define CHANCES_MAX 1000

/* What came of a request, compared without its text. */
struct outcome {
    int status, error;
    size_t body_size;
    uint32_t body_sum;
};

struct trial {
    const char *site;
    struct rig_client *client;
    const struct rig_request *request;
    struct rig_bytes body;
    struct outcome whole; /* without a fault */
    uint64_t read;        /* bytes that were read then */
};

static uint32_t sum(const char *bytes, size_t size)
{
    uint32_t value = 2166136261U; /* FNV-1a */
    for (size_t i = 0; i < size; i++) {
        value = (value ^ (unsigned char)bytes[i]) * 16777619U;
    }
    return value;
}

static struct outcome send(const struct trial *trial, struct rig_faulty *faulty)
{
    struct rig_memory_reader reader = {.bytes = trial->body};
    struct rig_request request = *trial->request;
    faulty->under = rig_memory_source(&reader);
    faulty->client = trial->client;
    request.body = NULL;
    request.bytes = (struct rig_bytes){NULL, 0};
    request.source = rig_faulty_source(faulty);
    request.source_size = request.chunked ? 0 : trial->body.size;
    int64_t now = rig_client_now(trial->client);
    const struct rig_result *result = rig_send_at(trial->site, trial->client, &request);
    struct outcome outcome = {result->status, result->error, result->body_size, sum(result->body, result->body_size)};
    rig_client_set_now(trial->client, now);
    rig_client_reset(trial->client);
    return outcome;
}

static bool breaks_off(enum rig_fault_kind kind)
{
    return kind == RIG_FAULT_ERROR || kind == RIG_FAULT_DATA_AND_ERROR || kind == RIG_FAULT_EARLY_END;
}

static bool same(const struct outcome *a, const struct outcome *b)
{
    return a->status == b->status && a->error == b->error && a->body_size == b->body_size && a->body_sum == b->body_sum;
}

/* A stack that did not want all of the body has lost nothing when it breaks off behind what it read. */
static enum rig_fault_verdict judge(const struct trial *trial, const struct rig_faulty *faulty,
                                    const struct outcome *outcome)
{
    /* The end of a chunked body must be read too; of the others the last byte is the end. */
    bool all_came = faulty->given >= trial->read && !(trial->request->chunked && breaks_off(faulty->kind));
    if (all_came && same(outcome, &trial->whole)) {
        return RIG_FAULT_UNHARMED;
    }
    if (outcome->error != 0) {
        return RIG_FAULT_PASSED_ON;
    }
    if (outcome->status >= 400) {
        return trial->whole.status < 400 ? RIG_FAULT_ANSWERED : RIG_FAULT_UNHARMED;
    }
    return all_came ? RIG_FAULT_SPOILED : RIG_FAULT_LIED;
}

static void note(struct rig_fault_report *report, const struct rig_faulty *faulty, enum rig_fault_verdict verdict,
                 const struct outcome *outcome)
{
    report->runs++;
    report->verdicts[verdict]++;
    if (verdict < RIG_FAULT_LIED) {
        return;
    }
    if (report->case_count < RIG_FAULT_CASES_MAX) {
        report->cases[report->case_count] = (struct rig_fault_case){faulty->kind, faulty->always,  faulty->chance,
                                                                    verdict,      outcome->status, outcome->error};
    }
    report->case_count++;
}

static void try_kind(const struct trial *trial, enum rig_fault_kind kind, bool always, struct rig_fault_report *report)
{
    for (uint64_t chance = 1; chance <= CHANCES_MAX; chance++) {
        struct rig_faulty faulty = {.kind = kind, .always = always, .chance = chance};
        struct outcome outcome = send(trial, &faulty);
        if (faulty.fired == 0) {
            return;
        }
        note(report, &faulty, judge(trial, &faulty, &outcome), &outcome);
    }
}

struct rig_fault_report rig_each_fault_at(const char *site, struct rig_client *client, struct rig_request request)
{
    struct rig_fault_report report = {0};
    struct trial trial = {.site = site, .client = client, .request = &request, .body = request.bytes};
    struct rig_faulty none = {.kind = RIG_FAULT_NONE};
    if (request.body) {
        trial.body = (struct rig_bytes){request.body, strlen(request.body)};
    }
    if (!client || trial.body.size == 0 || request.source.read || request.parts || request.json) {
        report.error = -EINVAL;
        return report;
    }
    trial.whole = send(&trial, &none);
    trial.read = none.given;
    for (int kind = RIG_FAULT_ONE_BYTE; kind < RIG_FAULT_ENDLESS; kind++) {
        try_kind(&trial, (enum rig_fault_kind)kind, false, &report);
        try_kind(&trial, (enum rig_fault_kind)kind, true, &report);
    }
    return report;
}
