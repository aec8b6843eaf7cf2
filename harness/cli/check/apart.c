/* What no check finds, in the form of a finding, so that it is folded and printed as one. */
#include <errno.h>

#include "harness/cli/check/tally.h"
#include "harness/cli/run/place.h"
#include "harness/client/error_names.h"
#include "harness/report/mask.h"
#include "harness/report/text.h"

#include <string.h>

/* What an error means where it comes from a call of the rig. NULL: it is the layer's own. */
static const char *meaning_of(int error)
{
    switch (-error) {
#define CASE(name_, text_) \
    case name_:            \
        return #name_ " from a call of the rig means: " text_;
        RIG_ERROR_MAP(CASE)
#undef CASE
    default:
        return NULL;
    }
}

static void tell_error(struct rig_text *text, const struct rig_job_report *report)
{
    const struct rig_origin *origin = &report->origin;
    if (!origin->layer) {
        rig_text_add(text,
                     report->status ? "the result is not whole: error " : "the request could not be sent: error ");
        rig_text_error(text, report->error);
        return;
    }
    rig_text_layer(text, origin->layer, origin->layer_number);
    if (report->closed && origin->error == report->error) {
        rig_text_add(text, " closed the connection without an answer, error ");
        rig_text_error(text, origin->error);
        return;
    }
    rig_text_add(text, " returned ");
    rig_text_error(text, origin->error);
    if (origin->error != report->error) {
        rig_text_add(text, ", which left the stack as ");
        rig_text_error(text, report->error);
    }
    rig_text_add(text, ", and no layer handled it");
}

static void tell_way_out(struct rig_text *text, int error, bool closed)
{
    const char *name = rig_error_name(error);
    rig_text_add(text, closed ? "answer, if only to refuse" : "handle it in a layer above: answer, and return 0");
    rig_text_add(text, "; or, if it is right, # @expect error ");
    if (name) {
        rig_text_add(text, name);
    } else {
        rig_text_printf(text, "%d", error);
    }
}

/* What the layer returned was none of its errors, and that is a finding. */
static bool is_told(const struct rig_job_report *report)
{
    bool told = false;
    for (size_t i = 0; i < report->finding_count; i++) {
        const struct rig_finding *finding = &report->findings[i];
        told = told || (strcmp(finding->rule, "usage.return.invalid") == 0 && report->origin.error == -EINVAL &&
                        finding->layer && strcmp(finding->layer, report->origin.layer) == 0 &&
                        finding->layer_number == report->origin.layer_number);
    }
    return told;
}

void rig_tally_error(struct rig_tally *tally, const struct rig_job *job, const struct rig_job_report *report)
{
    char message[1024], mend[256];
    struct rig_text text;
    const struct rig_origin *origin = &report->origin;
    struct rig_occurrence occurrence = {.in_request = true,
                                        .number = job->number,
                                        .server = job->server,
                                        .expected =
                                            rig_expects_error(tally->plan->cases[job->number].request, report->error),
                                        .apart = true};
    if (!origin->layer && report->status == 0 && report->finding_count) {
        return; /* a finding of the request's own says why */
    }
    if (origin->layer && is_told(report)) {
        return;
    }
    rig_text_start(&text, message, sizeof message);
    tell_error(&text, report);
    rig_text_start(&text, mend, sizeof mend);
    tell_way_out(&text, report->error, report->closed);
    const struct rig_evidence evidence = {.text = meaning_of(origin->error)};
    const struct rig_finding finding = {.rule = "unhandled",
                                        .level = RIG_LEVEL_ERROR,
                                        .layer = origin->layer,
                                        .layer_number = origin->layer_number,
                                        .layer_site = origin->layer_site,
                                        .site = origin->site ? origin->site : origin->layer_site,
                                        .subject = message,
                                        .message = message,
                                        .evidence = &evidence,
                                        .evidence_count = evidence.text != NULL,
                                        .follows = report->closed
                                                       ? "the client gets nothing, or a gateway's 502"
                                                       : "the client gets a 500, whatever was answered before",
                                        .mend = mend};
    tally->errors += !occurrence.expected;
    rig_fold_add(&tally->fold, &finding, &occurrence, &(struct rig_secrets){0});
}

#define GATEWAY "refused by "

void rig_tally_refused(struct rig_tally *tally, const struct rig_job *job, const struct rig_job_report *report)
{
    char message[1024], mend[256];
    struct rig_text text;
    const struct rig_scenario_request *one = tally->plan->cases[job->number].request;
    struct rig_occurrence occurrence = {.in_request = true,
                                        .number = job->number,
                                        .server = job->server,
                                        .expected = rig_expects_status(one, report->status),
                                        .apart = true};
    rig_text_start(&text, message, sizeof message);
    bool gateway = strncmp(report->refused, GATEWAY, sizeof GATEWAY - 1) == 0; /* says by whom, with which status */
    /* its # @fault: behind such a server nothing can happen; or its # @disconnect, in the head */
    bool gone = rig_expects_gone(one, report) || (report->status == 0 && one->disconnect_after);
    if (gateway || gone) {
        rig_text_add(&text, report->refused);
    } else {
        rig_text_printf(&text, "the server refused the request with %d: %s", report->status, report->refused);
    }
    rig_text_start(&text, mend, sizeof mend);
    if (gone) {
        rig_text_printf(&text, "# @server, of one that does not wait for the body: http1");
    } else {
        rig_text_printf(&text, "mend the request; or, if that is what it is about, # @expect status %d",
                        report->status);
    }
    if (!gone && !one->server && tally->plan->given > 1) { /* other profiles may let it through */
        rig_text_printf(&text, " and # @server %s", tally->plan->servers[job->server]->name);
    }
    const struct rig_finding finding = {
        .rule = "refused",
        .level = gateway || gone ? RIG_LEVEL_NOTE : RIG_LEVEL_ERROR, /* what a gateway stops harms nobody */
        .subject = message,
        .message = message,
        .follows = "no layer saw it",
        .mend = mend};
    tally->unwanted += !occurrence.expected && finding.level >= tally->options->fail_on;
    rig_fold_add(&tally->fold, &finding, &occurrence, &(struct rig_secrets){0});
}

static const char *given(const char *text)
{
    return *text ? text : NULL;
}

static const char *mend_of(const struct rig_loss *loss, const struct rig_check_options *options)
{
    bool starved = loss->is_short || (loss->fault && strncmp(loss->where.fault, "malloc", 6) == 0);
    bool sleeps = loss->hang && loss->where.stand.told && loss->where.stand.waits && options->now == 0;
    return starved  ? "look at what malloc gave before it is used"
           : sleeps ? "if that is a sleep: with --now TIME the clock jumps, and no time passes"
                    : NULL;
}

static bool is_same_loss(const struct rig_finding *one, const struct rig_finding *other)
{
    return rig_same_text(one->subject, other->subject) && !strcmp(one->rule, other->rule);
}

/* When all allocations fail from one on, it may be another line that falls over the same missing check. */
static void find_same_check(struct rig_tally *tally, const struct rig_malloc_fault *memory, struct rig_finding *finding)
{
    for (size_t i = 0; i < tally->starved_count; i++) {
        if (is_same_loss(&tally->starved[i].finding, finding)) {
            return;
        }
    }
    for (size_t i = 0; i < tally->starved_count; i++) {
        const struct rig_finding *first = &tally->starved[i].finding;
        if (memory->always && !strcmp(tally->starved[i].where, memory->where) && !strcmp(first->rule, finding->rule)) {
            *finding = *first;
            return;
        }
    }
    tally->starved =
        rig_must_grow(tally->starved, tally->starved_count, &tally->starved_capacity, sizeof *tally->starved);
    tally->starved[tally->starved_count++] =
        (struct rig_starved){rig_must_copy(memory->where), rig_finding_copy(finding, &(struct rig_secrets){0})};
}

/* Its callers can do nothing about it: told once for each library, and no error of the program's. */
static void tell_library(struct rig_tally *tally, const struct rig_loss *loss)
{
    char message[512], first[256];
    const struct rig_malloc_fault *memory = &loss->where.memory;
    const struct rig_job *job = &tally->plan->jobs[loss->job];
    const struct rig_occurrence occurrence = {
        .in_request = true, .number = job->number, .server = job->server, .apart = true, .runs = 1};
    int size = (int)strcspn(memory->where, "(");
    (void)snprintf(message, sizeof message,
                   "%.*s ends the process when it gets no memory, before or after the handlers", size, memory->where);
    if (loss->late) {
        (void)snprintf(first, sizeof first, "%s after an allocation failed, in %s", loss->how, memory->where);
    } else {
        (void)snprintf(first, sizeof first, "%s when allocation %llu (%zu bytes)%s failed, in %s", loss->how,
                       (unsigned long long)memory->nth, memory->size, memory->always ? " and all after it" : "",
                       memory->where);
    }
    const struct rig_evidence evidence = {.text = first};
    const struct rig_finding finding = {.rule = loss->hang ? "hang" : "crash",
                                        .level = RIG_LEVEL_NOTE,
                                        .site = tally->options->stack,
                                        .subject = message,
                                        .message = message,
                                        .evidence = &evidence,
                                        .evidence_count = 1,
                                        .mend = "that is the library's, not the program's"};
    tally->short_losses++;
    rig_fold_add(&tally->fold, &finding, &occurrence, &(struct rig_secrets){0});
}

/* What happened, where, and what was tried on it. */
static void tell_loss(struct rig_text *text, const struct rig_loss *loss)
{
    const struct rig_watch *where = &loss->where;
    rig_text_add(text, loss->how);
    if (*where->rule) {
        rig_text_add(text, " in the check of your rule ");
        rig_text_escape(text, where->rule);
    } else if (loss->during) {
        rig_text_printf(text, " %s", loss->during);
    } else if (*where->layer) {
        rig_text_add(text, " in layer ");
        rig_text_layer(text, where->layer, where->layer_number);
    } else {
        rig_text_add(text, " outside of the layers");
    }
    if (loss->is_short && loss->late) {
        rig_text_add(text, " after an allocation failed, in ");
    } else if (loss->is_short) {
        rig_text_printf(text, " when allocation %llu (%zu bytes)%s failed, in ", (unsigned long long)where->memory.nth,
                        where->memory.size, where->memory.always ? " and all after it" : "");
    }
    if (loss->is_short) {
        rig_text_prose(text, where->memory.where);
    }
    if (loss->fault && *where->fault) {
        rig_text_add(text, ", with ");
        rig_text_add(text, where->fault);
    }
}

static bool is_placed(const struct rig_loss *loss)
{
    return loss->where.stand.told && loss->where.stand.module[0] != '\0';
}

/* What is one crash: the same end at the same place of the code, or all that is known. The site and the layer tell the
 * rest. A loop is somewhere else each time it is asked. */
static void tell_subject(struct rig_text *text, const struct rig_loss *loss)
{
    const struct rig_stand *stand = &loss->where.stand;
    rig_text_printf(text, "%s %s ", loss->how, *loss->where.rule ? loss->where.rule : loss->during ? loss->during : "");
    if (!is_placed(loss)) {
        rig_text_add(text, loss->is_short ? loss->where.memory.where : "");
    } else if (loss->hang && !stand->waits) {
        rig_text_printf(text, "in %s, running", stand->module);
    } else {
        rig_text_printf(text, "in %s+0x%llx", stand->module, (unsigned long long)stand->offset);
    }
}

static void add_loss(struct rig_tally *tally, const struct rig_loss *loss, const struct rig_occurrence *occurrence)
{
    char message[1024], stood[512], subject[512];
    struct rig_text text;
    const struct rig_watch *where = &loss->where;
    const char *site = given(where->last_site) ? where->last_site : given(where->layer_site);
    rig_text_start(&text, message, sizeof message);
    tell_loss(&text, loss);
    rig_text_start(&text, stood, sizeof stood);
    rig_place_tell_code(&text, &where->stand, tally->options->stack);
    rig_text_start(&text, subject, sizeof subject);
    tell_subject(&text, loss);
    const struct rig_evidence evidence = {.text = stood};
    struct rig_finding finding = {.rule = loss->hang ? "hang" : "crash",
                                  .level = RIG_LEVEL_ERROR,
                                  .layer = given(where->layer),
                                  .layer_number = where->layer_number,
                                  .layer_site = given(where->layer_site),
                                  .site = site ? site : tally->options->stack,
                                  .subject = subject,
                                  .message = message,
                                  .evidence = &evidence,
                                  .evidence_count = is_placed(loss),
                                  .mend = mend_of(loss, tally->options)};
    if (loss->is_short && where->memory.where[0]) {
        find_same_check(tally, &where->memory, &finding);
    }
    rig_fold_add(&tally->fold, &finding, occurrence, &(struct rig_secrets){0});
}

void rig_tally_loss(struct rig_tally *tally, const struct rig_loss *loss)
{
    struct rig_occurrence occurrence = {.in_request = loss->in_request, .apart = true, .runs = 1};
    if (loss->in_request) {
        const struct rig_job *job = &tally->plan->jobs[loss->job];
        tally->took[job->number] += loss->took;
        occurrence.number = job->number;
        occurrence.server = job->server;
    }
    if (rig_loss_of_library(loss, tally->options)) {
        tell_library(tally, loss);
        return;
    }
    tally->losses++;
    tally->short_losses += loss->is_short;
    tally->fault_losses += loss->fault;
    if (loss->cut) {
        rig_tally_first(&tally->untried, occurrence.number, RIG_CUT_SHORT);
    }
    add_loss(tally, loss, &occurrence);
}
