/* A client that goes away, at every byte of its request and of its answer. */
#include "harness/client/trial.h"

#include <stackrig/connection.h>

#include <errno.h>
#include <stdio.h>

#define PLACES_MAX 4096
#define ANSWER_MAX (UINT64_C(1) << 40)

struct disconnects {
    struct rig_trials trials;
    struct rig_sweep_report *report;
    uint64_t chosen; /* the stride that was asked for; 0: none */
};

/* The body breaks off, and with it an answer that is made of it. */
static bool is_dropped(const struct rig_attempt *attempt, const struct rig_finding *finding)
{
    (void)attempt;
    return strcmp(finding->rule, "body.stream.failed") == 0;
}

/* NULL: a layer would not come to an end, and was jumped out of. */
static const struct rig_result *send_guarded(const struct rig_trials *trials, struct rig_link *connection,
                                             const struct rig_sending *sending, jmp_buf *escape)
{
    if (setjmp(*escape) != 0) {
        return NULL;
    }
    return rig_connection_send_at(trials->site, connection, sending);
}

static void tell_where(const struct rig_sending *cut, char *text, size_t size)
{
    uint64_t after = cut->disconnect_after;
    (void)snprintf(text, size, "%s after byte %llu of its %s", cut->early_end ? "an early end" : "a client gone",
                   (unsigned long long)(after ? after : cut->disconnect_after_response), after ? "request" : "answer");
}

struct went {
    bool gone, served; /* served: the stack got it */
    uint64_t request_size;
};

static struct went send_once(struct disconnects *all, const struct rig_sending *cut)
{
    jmp_buf escape;
    struct rig_trials *trials = &all->trials;
    struct rig_sending sending = *cut;
    struct rig_attempt attempt = {.trial = {.escape = &escape}};
    sending.request = *trials->request;
    sending.request.fault = NULL;
    tell_where(cut, attempt.where, sizeof attempt.where);
    if (trials->before) {
        trials->before(trials->closure, attempt.where);
    }
    struct rig_link *connection =
        rig_connection_open_at(trials->site, trials->client, &(struct rig_connection_options){.end_ = 0});
    if (!connection) {
        all->report->error = -ENOMEM;
        return (struct went){0};
    }
    trials->runs++;
    trials->client->runner.trial = &attempt.trial;
    const struct rig_result *result = send_guarded(trials, connection, &sending, &escape);
    trials->client->runner.trial = NULL;
    if (result && result->error == -ENOMEM && result->hop_count == 0) { /* the rig's own */
        all->report->error = -ENOMEM;
    }
    struct went went = {result && result->delivery.outcome == RIG_GONE, result && !result->refused,
                        rig_connection_state(connection).request_size};
    rig_trials_done(trials, &attempt, result);
    rig_connection_close(connection);
    return went;
}

struct repeated {
    struct disconnects *all;
    const struct rig_sending *cut;
};

static bool send_again(void *closure, int64_t later)
{
    struct repeated *repeated = closure;
    struct rig_trials *trials = &repeated->all->trials;
    trials->quiet = true;
    rig_client_set_now(trials->client, trials->now + later);
    (void)send_once(repeated->all, repeated->cut);
    trials->quiet = false;
    return trials->level != RIG_LEVEL_OFF && repeated->all->report->error == 0;
}

static struct went send_cut(struct disconnects *all, const struct rig_sending *cut)
{
    struct rig_trials *trials = &all->trials;
    char where[sizeof((struct rig_attempt *)0)->where];
    tell_where(cut, where, sizeof where);
    if (rig_trials_skip(trials, where)) {
        return (struct went){true, true, all->report->request_size};
    }
    rig_leaks_open(&trials->leaks);
    struct went went = send_once(all, cut);
    rig_leaks_close(&trials->leaks, all->report->error ? RIG_LEVEL_OFF : trials->level, send_again,
                    &(struct repeated){all, cut});
    rig_trials_tell_leaks(trials, where);
    return went;
}

static struct went leave_after_answer(struct disconnects *all, uint64_t after)
{
    return send_cut(all, &(struct rig_sending){.disconnect_after_response = after});
}

/* Where CONTENT_LENGTH tells how much should come, a body that breaks off can end as well. */
static struct went leave_after(struct disconnects *all, uint64_t after)
{
    struct went went = send_cut(all, &(struct rig_sending){.disconnect_after = after});
    if (went.served && after < went.request_size && !all->trials.request->chunked && all->report->error == 0) {
        (void)send_cut(all, &(struct rig_sending){.disconnect_after = after, .early_end = true});
    }
    return went;
}

static uint64_t stride_of(const struct disconnects *all, uint64_t size)
{
    return all->chosen ? all->chosen : size > PLACES_MAX ? (size + PLACES_MAX - 1) / PLACES_MAX : 1;
}

static void leave_in_request(struct disconnects *all)
{
    uint64_t size = leave_after(all, 1).request_size, stride = stride_of(all, size);
    all->report->request_size = size;
    all->report->stride = stride;
    for (uint64_t after = 1 + stride; after < size && all->report->error == 0; after += stride) {
        (void)leave_after(all, after);
    }
    if (size > 1 && all->report->error == 0) {
        (void)leave_after(all, size);
    }
}

/* The bytes of the answer: a client that stays for so many is still gone, one that stays for more is not. */
static uint64_t measure_answer(struct disconnects *all)
{
    uint64_t low = 0, high = 1;
    while (high < ANSWER_MAX && leave_after_answer(all, high).gone) {
        low = high;
        high *= 2;
    }
    while (low + 1 < high) {
        uint64_t middle = low + (high - low) / 2;
        if (leave_after_answer(all, middle).gone) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static void leave_in_answer(struct disconnects *all)
{
    uint64_t size = measure_answer(all), stride = stride_of(all, size);
    all->report->answer_size = size;
    all->report->stride = stride > all->report->stride ? stride : all->report->stride;
    for (uint64_t after = 1; after <= size && all->report->error == 0; after += stride) {
        (void)leave_after_answer(all, after);
    }
}

struct rig_sweep_report rig_sweep_disconnect_at(const char *site, struct rig_sweep sweep)
{
    struct rig_sweep_report report = {.name = "rig_sweep_disconnect"};
    struct disconnects all = {
        .trials = rig_trials_of(site, &sweep, &report), .report = &report, .chosen = sweep.stride};
    report.error = rig_trials_begin(&all.trials);
    all.trials.dropped = is_dropped;
    if (report.error == 0) {
        leave_in_request(&all);
        if (report.error == 0) {
            leave_in_answer(&all);
        }
        rig_trials_end(&all.trials);
    }
    rig_sweep_finish(&report, &all.trials);
    return report;
}
