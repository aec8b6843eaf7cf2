/* Every fault at every read, as SQLite's tests do it with every call that can fail. */
#include "harness/client/trial.h"
#include "harness/report/builder.h"

#include <errno.h>
#include <stdio.h>

#define CHANCES_FIRST 16 /* reads that are tried one by one, */
#define CHANCES_REST 48  /* and as many of the others, and the last */
#define ALLOCATIONS_MAX 1000
#define ENDLESS ((uint64_t)256 * 1024)

/* What a fault does to a body that is read to its end, and so what may come of it. */
enum effect { WHOLE, LATE, INTERRUPTED, BROKEN_OFF, SHORT };

static const struct {
    enum effect effect;
    bool once; /* makes sense for one read too */
} kinds[RIG_FAULT_COUNT] = {
    [RIG_FAULT_ONE_BYTE] = {WHOLE, true},
    [RIG_FAULT_HALF] = {WHOLE, true},
    [RIG_FAULT_SLOW] = {LATE, true},
    [RIG_FAULT_EINTR] = {INTERRUPTED, true},
    [RIG_FAULT_EAGAIN] = {INTERRUPTED, true},
    [RIG_FAULT_ERROR] = {BROKEN_OFF, true},
    [RIG_FAULT_DATA_AND_ERROR] = {BROKEN_OFF, true},
    [RIG_FAULT_GONE] = {BROKEN_OFF, true},
    [RIG_FAULT_EARLY_END] = {BROKEN_OFF, true},
    [RIG_FAULT_ENDLESS] = {BROKEN_OFF, false},
    [RIG_FAULT_CHUNKS] = {WHOLE, false},
    [RIG_FAULT_MORE] = {WHOLE, false},
    [RIG_FAULT_POOL] = {SHORT, true},
    [RIG_FAULT_MALLOC] = {SHORT, true},
};

struct faults {
    struct rig_trials trials;
    const struct rig_fault_loop *loop;
    struct rig_fault_report *report;
};

static enum effect effect_of(const struct rig_attempt *attempt)
{
    return kinds[attempt->faulty.kind].effect;
}

/* Did it come up? To end where the body does is no fault. */
static bool has_fired(const struct rig_attempt *attempt)
{
    if (attempt->faulty.kind == RIG_FAULT_EARLY_END && attempt->faulty.given >= attempt->reader.bytes.size) {
        return false;
    }
    return (effect_of(attempt) == SHORT ? attempt->memory.fired : attempt->faulty.fired) > 0;
}

/* ---- the verdict ---- */

/* A stack that did not want all of the body has lost nothing when it breaks off behind what it read. Of a chunked body
 * the end must be read too; of the others the last byte is the end. */
static bool has_all(const struct rig_attempt *attempt)
{
    const struct rig_faulty *faulty = &attempt->faulty;
    bool cut = effect_of(attempt) == BROKEN_OFF && attempt->run->wire.chunked;
    return faulty->given >= attempt->trials->whole.read && !cut;
}

static enum rig_fault_verdict judge_success(const struct rig_attempt *attempt, const struct rig_result *result,
                                            bool differs)
{
    bool all = has_all(attempt);
    if (attempt->trial.lied) {
        return RIG_FAULT_LIED;
    }
    if (differs) {
        return all ? RIG_FAULT_SPOILED : RIG_FAULT_LIED;
    }
    /* the redirect of a success, and not to a page that says what went wrong */
    return result->status >= 300 && attempt->trial.early && !all ? RIG_FAULT_LIED : RIG_FAULT_UNHARMED;
}

static enum rig_fault_verdict weigh(const struct rig_attempt *attempt, const struct rig_result *result)
{
    const struct rig_whole *whole = &attempt->trials->whole;
    bool differs = rig_whole_differs(whole, result, NULL);
    enum effect effect = effect_of(attempt);
    if (effect == WHOLE) {
        return differs ? RIG_FAULT_SPOILED : RIG_FAULT_UNHARMED;
    }
    if (result->error != 0) {
        return differs ? RIG_FAULT_PASSED_ON : RIG_FAULT_UNHARMED;
    }
    if (result->status >= 400) {
        return differs && whole->status < 400 ? RIG_FAULT_ANSWERED : RIG_FAULT_UNHARMED;
    }
    if (effect == SHORT) { /* who does without is right, if it is the same answer */
        return differs ? RIG_FAULT_SPOILED : RIG_FAULT_UNHARMED;
    }
    return effect == LATE ? RIG_FAULT_UNHARMED : judge_success(attempt, result, differs);
}

/* Which of several that all are right the client got: a header says so. */
static bool is_another_representation(const struct rig_whole *whole, const struct rig_result *result)
{
    static const char *const marks[] = {"Content-Type", "Content-Encoding", "Content-Language", "Content-Range",
                                        "Warning"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const char *now = rig_result_header(result, marks[i]), *before = rig_whole_header(whole, marks[i]);
        if (before != now && (now ? !before || strcmp(now, before) != 0 : i > 0)) {
            return true;
        }
    }
    return (whole->status == 206) != (result->status == 206);
}

/* To do without is right when the client is told, or gets the same. */
static bool hides_shortage(const struct rig_attempt *attempt, const struct rig_result *result)
{
    const struct rig_whole *whole = &attempt->trials->whole;
    bool successes = result->error == 0 && result->status / 100 == 2 && whole->status / 100 == 2;
    return successes && rig_whole_body_differs(whole, result) && !is_another_representation(whole, result);
}

static void convict_shortage(const struct rig_attempt *attempt, const struct rig_result *result)
{
    struct rig_run *run = attempt->run;
    const struct rig_whole *whole = &attempt->trials->whole;
    const char *where = attempt->memory.where, *starved = attempt->memory.layer;
    char text[160];
    (void)snprintf(text, sizeof text, "%zu bytes were not there for %s%s%s", attempt->memory.size,
                   starved ? starved : "the answer", where[0] ? ", " : "", where);
    const struct rig_evidence shortage = {text, NULL};
    struct rig_find find = {.rule = rig_trial_rule("response.shortage.hidden"),
                            .site = run->response->answered_at,
                            .hop = run->response->answered_by,
                            .evidence = &shortage,
                            .evidence_count = 1};
    if (hides_shortage(attempt, result)) {
        (void)rig_find(run, &find,
                       "%s answered %d though memory ran out (%s), with a body of %zu bytes in place of %zu",
                       attempt->answered_by ? attempt->answered_by : "the stack", result->status, attempt->where,
                       result->body_size, whole->body.size);
    }
}

/* The check of the layers' own reads has told of all lies that show in one request. */
static void convict(const struct rig_attempt *attempt, const struct rig_result *result)
{
    char how[256];
    struct rig_text text;
    struct rig_run *run = attempt->run;
    rig_text_start(&text, how, sizeof how);
    (void)rig_whole_differs(&attempt->trials->whole, result, &text);
    (void)rig_text_end(&text);
    const struct rig_evidence met = {"its read failed here", attempt->trial.site};
    struct rig_find find = {.rule = rig_trial_rule("input.truncated.accepted"),
                            .site = run->response->answered_at,
                            .hop = run->response->answered_by,
                            .evidence = &met,
                            .evidence_count = attempt->trial.early};
    const char *layer = attempt->answered_by ? attempt->answered_by : "the stack";
    rig_arm(run, find.rule, 1);
    (void)rig_find(run, &find,
                   how[0] ? "%s answered %d after %s, though not all of the body had come: %s"
                          : "%s answered %d after %s, as if all of the body had come%s",
                   layer, result->status, attempt->where, how);
}

static void judge(struct rig_attempt *attempt, const struct rig_result *result)
{
    enum effect effect = effect_of(attempt);
    if (effect == WHOLE) {
        rig_judge_pieces(attempt, result);
    } else if (effect == SHORT && has_fired(attempt)) {
        rig_arm(attempt->run, rig_trial_rule("response.shortage.hidden"), 1);
    }
    attempt->verdict = has_fired(attempt) ? weigh(attempt, result) : RIG_FAULT_UNHARMED;
    attempt->differs = attempt->verdict >= RIG_FAULT_LIED && !attempt->trial.lied;
    if (attempt->differs && attempt->convicted && effect == SHORT) {
        convict_shortage(attempt, result);
    } else if (attempt->differs && attempt->convicted && effect != WHOLE) {
        convict(attempt, result);
    }
}

/* What a fault brings with it, and what nobody could do otherwise. */
static bool is_dropped(const struct rig_attempt *attempt, const struct rig_finding *finding)
{
    enum effect effect = effect_of(attempt);
    if (!has_fired(attempt)) {
        return false;
    }
    bool left =
        strcmp(finding->rule, "input.early_answer.unread") == 0 || strcmp(finding->rule, "input.body.unread") == 0;
    bool cut = strcmp(finding->rule, "body.stream.failed") == 0;
    bool closed = attempt->connection != RIG_CONNECTION_DESYNCHRONISED; /* more than that cannot be done */
    if (attempt->faulty.kind == RIG_FAULT_ENDLESS && left && closed) {
        return true;
    }
    return finding->exchange > 0 || ((effect == INTERRUPTED || effect == SHORT) && left) ||
           ((effect == BROKEN_OFF || effect == SHORT) && cut);
}

/* ---- the loop ---- */

static void note(struct faults *all, const struct rig_attempt *tried)
{
    struct rig_fault_report *report = all->report;
    struct rig_fault_case one = {.kind = tried->faulty.kind,
                                 .always = tried->faulty.always,
                                 .chance = tried->faulty.chance,
                                 .verdict = tried->verdict,
                                 .status = tried->status,
                                 .error = tried->error,
                                 .offset = tried->faulty.fired_after,
                                 .met = tried->trial.met,
                                 .layer = tried->trial.layer,
                                 .site = tried->trial.site,
                                 .layer_number = tried->trial.layer_number,
                                 .answered_by = tried->answered_by,
                                 .answered_at = tried->answered_at};
    if (effect_of(tried) == SHORT) {
        one.layer = tried->memory.layer;
        one.size = tried->memory.size;
        memcpy(one.where, tried->memory.where, sizeof one.where);
    }
    report->runs++;
    report->verdicts[one.verdict]++;
    if (one.verdict >= RIG_FAULT_LIED && report->case_count++ < RIG_FAULT_CASES_MAX) {
        report->cases[report->case_count - 1] = one;
    }
    if (all->loop->each_case) {
        all->loop->each_case(all->loop->closure, &one);
    }
}

/* Did it come up? One that is left out would have. */
static bool try_chance(struct faults *all, const struct rig_faulty *faulty)
{
    struct rig_attempt tried,
        attempt = {.faulty = *faulty, .chunked = faulty->kind == RIG_FAULT_ENDLESS, .judge = judge};
    (void)snprintf(attempt.where, sizeof attempt.where, faulty->always ? "%s from %s %llu on" : "%s at %s %llu",
                   rig_fault_name(faulty->kind), effect_of(&attempt) == SHORT ? "allocation" : "read",
                   (unsigned long long)faulty->chance);
    rig_trials_try(&all->trials, &attempt, &tried);
    all->report->spared = all->report->spared || tried.memory.spared > 0;
    if (has_fired(&tried)) {
        note(all, &tried);
    }
    return has_fired(&tried) || tried.skipped;
}

/* A body that takes many reads is not broken at each: that would take as many times as long. */
static uint64_t next_chance(uint64_t chance, uint64_t reads)
{
    uint64_t step = chance < CHANCES_FIRST || reads < CHANCES_FIRST + CHANCES_REST
                        ? 1
                        : (reads - CHANCES_FIRST + CHANCES_REST - 1) / CHANCES_REST;
    return chance < reads && chance + step > reads ? reads : chance + step;
}

static void try_kind(struct faults *all, enum rig_fault_kind kind, bool always)
{
    static const size_t chunks[] = {2, 3, 5, 8, 13};
    const struct rig_fault_loop *loop = all->loop;
    struct rig_faulty faulty = {.kind = kind,
                                .always = always,
                                .chunks = loop->chunks ? loop->chunks : chunks,
                                .chunk_count = loop->chunks ? loop->chunk_count : sizeof chunks / sizeof *chunks};
    if (kind == RIG_FAULT_ENDLESS) {
        faulty.extra = loop->endless ? loop->endless : ENDLESS;
    }
    bool reads = kinds[kind].effect != SHORT;
    faulty.chance = all->loop->from > 0 && all->loop->from_always == always ? all->loop->from : 1;
    while (try_chance(all, &faulty) && kinds[kind].once && (reads || faulty.chance < ALLOCATIONS_MAX)) {
        faulty.chance = reads ? next_chance(faulty.chance, all->trials.whole.reads) : faulty.chance + 1;
    }
}

/* Behind a server that waits for all of a body the stack never meets one that breaks off. */
static bool comes_whole(const struct faults *all)
{
    return all->trials.whole.offered > 0 && all->trials.client->server->reads_first;
}

/* More or less than was announced: there must be an announcement; without an end it is chunked. And there must be
 * something to read. */
static bool suits(const struct faults *all, enum rig_fault_kind kind)
{
    const struct rig_fault_loop *loop = all->loop;
    bool wanted = loop->kinds == 0 || (loop->kinds & (1u << kind)) != 0;
    bool possible = kinds[kind].effect == SHORT || all->trials.whole.offered > 0;
    if ((kinds[kind].effect == BROKEN_OFF && comes_whole(all)) ||
        (kind == RIG_FAULT_ENDLESS && all->trials.whole.framed)) {
        return false;
    }
    return wanted && possible &&
           (all->trials.whole.announced || (kind != RIG_FAULT_MORE && kind != RIG_FAULT_EARLY_END));
}

static void try_kinds(struct faults *all)
{
    for (int kind = RIG_FAULT_ONE_BYTE; kind < RIG_FAULT_COUNT; kind++) {
        bool once = kinds[kind].once && !(all->loop->from > 0 && all->loop->from_always);
        if (suits(all, (enum rig_fault_kind)kind)) {
            if (once) {
                try_kind(all, (enum rig_fault_kind)kind, false);
            }
            try_kind(all, (enum rig_fault_kind)kind, true);
        }
    }
}

static struct rig_fault_report run_loop(const char *site, const struct rig_fault_loop *loop, bool asserts)
{
    struct rig_fault_report report = {0};
    struct faults all = {.loop = loop, .report = &report};
    all.trials = (struct rig_trials){.site = site,
                                     .client = loop->client,
                                     .request = &loop->request,
                                     .asserts = asserts,
                                     .before = loop->before,
                                     .skip = loop->skip,
                                     .each = loop->each,
                                     .closure = loop->closure,
                                     .expected = loop->findings,
                                     .found = report.found,
                                     .dropped = is_dropped,
                                     .memory = loop->memory};
    report.error = rig_trials_begin(&all.trials);
    if (report.error == 0) {
        try_kinds(&all);
        rig_trials_end(&all.trials);
        report.missing = rig_trials_missing(&all.trials);
        report.not_tried = rig_trials_not_tried(&all.trials, comes_whole(&all));
    }
    report.sent = all.trials.runs;
    report.varies = all.trials.varies;
    report.drifted = all.trials.drifted;
    report.found_count = all.trials.found_count;
    return report;
}

struct rig_fault_report rig_fault_loop_at(const char *site, struct rig_fault_loop loop)
{
    return run_loop(site, &loop, false);
}

struct rig_fault_report rig_sweep_faults_at(const char *site, struct rig_fault_loop loop)
{
    return run_loop(site, &loop, true);
}
