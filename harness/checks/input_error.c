/* A read of the request's body failed, and what its layer made of that. To answer 4xx or 5xx, to pass the error on, to
 * read once more after EINTR: all of that is right, and so is not to look at the body at all. What is wrong is a success
 * that rests on a body of which the end never came. An end before CONTENT_LENGTH bytes is such a failure, with error 0.
 *
 * Nothing is heard of requests whose reads do not fail. */
#include "harness/checks/checks.h"
#include "harness/core/trial.h"

#include <errno.h>
#include <stdio.h>

#define FAILURES_MAX 4 /* layers of one request whose reads failed; of more the first are told */
#define PATIENCE 3000  /* failed reads in a row: no layer means to try so often */

/* The last read of that visit failed. */
struct failure {
    uint32_t hop;
    int error;
    const char *site;
    uint64_t had;           /* bytes of the body that had come */
    unsigned nexts, writes; /* of the hop, before */
    size_t logged;          /* of the error stream */
    bool in_stream;         /* while its answer was pulled */
    bool dropped;           /* made up for since */
    const char *refused_at; /* where it answered 4xx or 5xx since; NULL: it did not */
    int refused;
    bool again; /* and something better after that */
};

struct failures {
    struct failure list[FAILURES_MAX];
    unsigned count;
};

struct input_error {
    struct failures *failures; /* NULL: none */
};

static const char *name_of(int error)
{
    return error == -ECONNRESET ? " (the client went away)"
           : error == -EIO      ? " (the connection broke)"
           : error == -EINTR    ? " (interrupted)"
           : error == -EAGAIN   ? " (nothing there yet)"
                                : "";
}

/* ---- during the request ---- */

static struct failure *find(const struct failures *failures, uint32_t hop)
{
    for (unsigned i = 0; failures && i < failures->count; i++) {
        if (failures->list[i].hop == hop) {
            return (struct failure *)&failures->list[i];
        }
    }
    return NULL;
}

static int begin(struct input_error *state, struct rig_run *run)
{
    if (!state->failures) {
        state->failures = rig_arena_zeroed(&run->arena, sizeof *state->failures);
        if (!state->failures) {
            return -ENOMEM;
        }
        rig_listen(run, state, RIG_EVENT_INPUT_READ, RIG_FACT_ALWAYS);
        rig_listen(run, state, RIG_EVENT_STATUS, RIG_FACT_ALWAYS);
        rig_listen(run, state, RIG_EVENT_END, RIG_FACT_ALWAYS);
    }
    return 0;
}

static void tell_trial(struct rig_run *run, const struct rig_event *event)
{
    struct rig_trial *trial = run->runner->trial;
    if (trial && !trial->layer && event->hop) {
        trial->layer = event->hop->layer;
        trial->layer_number = event->hop->layer_number;
        trial->site = event->site;
        trial->met = (int)event->number;
    }
}

/* It would go on for ever: what a test cannot wait for is told in the next result. */
static void count_failure(struct rig_run *run, const struct rig_event *event)
{
    struct rig_trial *trial = run->runner->trial;
    bool write = event->kind == RIG_EVENT_WRITE;
    char text[sizeof((struct rig_mistake *)0)->text];
    if (!trial || !trial->escape || ++trial->in_a_row < PATIENCE || !event->hop) {
        return;
    }
    (void)snprintf(text, sizeof text,
                   "%.60s %s %d times in a row though each failed, the last with %lld: it never ends",
                   event->hop->layer, write ? "wrote" : "read", PATIENCE, (long long)event->number);
    rig_mistake_keep(&run->runner->stray, RIG_EVENT_MISUSE, write ? RIG_MISUSE_WRITE_ENDLESS : RIG_MISUSE_READ_ENDLESS,
                     event->site, text);
    trial->endless = true;
    longjmp(*trial->escape, 1);
}

static int on_error(struct input_error *state, struct rig_run *run, const struct rig_event *event)
{
    const struct rig_hop *hop = event->hop;
    bool in_stream = run->response->out;
    if (!hop || event->number == -EBADF || begin(state, run) != 0) {
        return 0; /* a body that was closed: input.used_after_close says so */
    }
    struct failures *failures = state->failures;
    struct failure *failure = find(failures, hop->number);
    if (!failure && (failures->count == FAILURES_MAX || (!in_stream && rig_check_response(run)->answered))) {
        return 0; /* what was answered before does not rest on it */
    }
    failure = failure ? failure : &failures->list[failures->count++];
    if (run->runner->trial) {
        run->runner->trial->early = true;
    }
    rig_arm(run, RIG_RULE_INPUT_ERROR_SWALLOWED, 1);
    rig_arm(run, RIG_RULE_INPUT_TRUNCATED_ACCEPTED, 1);
    rig_arm(run, RIG_RULE_RESPONSE_ANSWER_TWICE, 1);
    *failure = (struct failure){.hop = hop->number,
                                .error = (int)event->number,
                                .site = event->site,
                                .had = run->wire_input->at,
                                .nexts = hop->next_calls,
                                .writes = hop->env_writes,
                                .logged = run->log.size,
                                .in_stream = in_stream};
    return 0;
}

/* Its own error was made up for; one that came to the end shows that nothing is missing. */
static void on_success(struct failures *failures, const struct rig_run *run, const struct rig_event *event)
{
    if (run->runner->trial) {
        run->runner->trial->in_a_row = 0;
    }
    for (unsigned i = 0; i < failures->count; i++) {
        bool own = event->hop && failures->list[i].hop == event->hop->number;
        failures->list[i].dropped = failures->list[i].dropped || own || event->number == 0;
    }
}

static void on_status(const struct failures *failures, const struct rig_event *event)
{
    struct failure *failure = event->hop ? find(failures, event->hop->number) : NULL;
    if (!failure) {
        return;
    }
    if (event->number >= 400) {
        failure->refused = (int)event->number;
        failure->refused_at = event->site;
    }
    failure->again = failure->refused_at && event->number < 400;
}

/* ---- once all is known ---- */

static bool is_success(int status)
{
    return status == 0 || (status >= 200 && status <= 299); /* 0: none was set, it becomes 200 */
}

static void tell_read(const struct failure *failure, char *text, size_t size)
{
    unsigned long long had = failure->had;
    if (failure->error == 0) {
        (void)snprintf(text, size, "its read gave the end here, after %llu bytes, fewer than CONTENT_LENGTH says", had);
    } else {
        (void)snprintf(text, size, "its read failed here with %d%s after %llu bytes", failure->error,
                       name_of(failure->error), had);
    }
}

/* No read says so: only who counts can tell. */
static const char *mend_of(const struct failure *failure)
{
    return failure->error == 0 ? "compare the bytes that came with CONTENT_LENGTH, and answer 400 where they are fewer"
                               : NULL;
}

static int tell(struct rig_run *run, const struct failure *failure, unsigned rule, enum rig_level level,
                const char *did)
{
    const struct rig_hop *hop = &run->hops[failure->hop];
    char text[160];
    tell_read(failure, text, sizeof text);
    const struct rig_evidence read = {text, failure->site};
    bool answered = rule == RIG_RULE_INPUT_TRUNCATED_ACCEPTED;
    struct rig_find found = {.rule = rule,
                             .level = level,
                             .site = answered ? hop->left_at : failure->site,
                             .hop = failure->hop,
                             .evidence = &read,
                             .evidence_count = answered,
                             .mend = mend_of(failure)};
    return rig_find(run, &found, "%s %s", hop->layer, did);
}

static void note_lie(const struct rig_run *run)
{
    if (run->runner->trial) {
        run->runner->trial->lied = true;
    }
}

static int tell_accepted(struct rig_run *run, const struct failure *failure)
{
    char did[120];
    (void)snprintf(did, sizeof did, "answered %d though it had not got all of the body",
                   run->hops[failure->hop].status_out ? run->hops[failure->hop].status_out : 200);
    return tell(run, failure, RIG_RULE_INPUT_TRUNCATED_ACCEPTED, RIG_LEVEL_ERROR, did);
}

static int tell_twice(struct rig_run *run, const struct failure *failure)
{
    const struct rig_hop *hop = &run->hops[failure->hop];
    char text[80];
    (void)snprintf(text, sizeof text, "it had answered %d here", failure->refused);
    const struct rig_evidence first = {text, failure->refused_at};
    struct rig_find found = {.rule = RIG_RULE_RESPONSE_ANSWER_TWICE,
                             .site = hop->left_at,
                             .hop = failure->hop,
                             .evidence = &first,
                             .evidence_count = 1};
    return rig_find(run, &found, "%s answered %d for a body that broke off, and then %d", hop->layer, failure->refused,
                    hop->status_out);
}

/* Did what it made of a part of the body go on, to the layers below or to the client? */
static bool handed_on(const struct rig_run *run, const struct failure *failure)
{
    return failure->in_stream || run->hops[failure->hop].env_writes > failure->writes;
}

/* That is worse than to have looked in vain. */
static int tell_swallowed(struct rig_run *run, const struct failure *failure)
{
    bool handed = handed_on(run, failure);
    char did[200];
    if (handed) {
        note_lie(run);
    }
    const char *then = failure->in_stream ? "ended the answer as if all had come"
                       : run->hops[failure->hop].next_calls > failure->nexts
                           ? "passed the request on as if all had come"
                           : "returned as if all had come";
    unsigned long long had = failure->had;
    if (failure->error == 0) {
        (void)snprintf(did, sizeof did,
                       "met the end after %llu bytes of the body, fewer than CONTENT_LENGTH says, and %s", had, then);
    } else {
        (void)snprintf(did, sizeof did, "had a read fail with %d%s after %llu bytes of the body and %s", failure->error,
                       name_of(failure->error), had, then);
    }
    return tell(run, failure, RIG_RULE_INPUT_ERROR_SWALLOWED, handed ? RIG_LEVEL_ERROR : RIG_LEVEL_WARNING, did);
}

static bool rests_on(const struct rig_run *run, const struct failure *failure)
{
    const struct rig_hop *hop = &run->hops[failure->hop];
    return !failure->dropped && hop->returned == 0 && is_success(hop->status_out);
}

/* A layer that answered names itself; only where none did is one to blame that let it happen. */
static int judge(const struct failures *failures, struct rig_run *run)
{
    const struct failure *silent = NULL;
    int error = 0;
    bool told = false;
    for (unsigned i = 0; i < failures->count && !error; i++) {
        const struct failure *failure = &failures->list[i];
        if (failure->in_stream ? failure->dropped || run->stream_error != 0 : !rests_on(run, failure)) {
            continue;
        }
        if (!failure->in_stream && run->hops[failure->hop].answered) {
            error = failure->again ? tell_twice(run, failure) : tell_accepted(run, failure);
            note_lie(run);
            told = true;
        } else if (!silent && run->log.size == failure->logged && (failure->error != 0 || handed_on(run, failure))) {
            silent = failure;
        }
    }
    return error ? error : silent && !told ? tell_swallowed(run, silent) : 0;
}

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    struct input_error *own = state;
    if (event->facts & (RIG_FACT_ERROR | RIG_FACT_CUT) && event->kind != RIG_EVENT_END) {
        tell_trial(run, event);
        count_failure(run, event);
        return event->kind == RIG_EVENT_INPUT_READ ? on_error(own, run, event) : 0;
    }
    switch (event->kind) {
    case RIG_EVENT_INPUT_READ:
        on_success(own->failures, run, event);
        return 0;
    case RIG_EVENT_STATUS:
        on_status(own->failures, event);
        return 0;
    default:
        return run->returned == 0 && is_success(run->response->status) ? judge(own->failures, run) : 0;
    }
}

const struct rig_check rig_check_input_error = {.name = "input_error",
                                                .wants = {{RIG_EVENT_INPUT_READ, RIG_FACT_ERROR | RIG_FACT_CUT},
                                                          {RIG_EVENT_INPUT_DRAIN, RIG_FACT_ERROR},
                                                          {RIG_EVENT_WRITE, RIG_FACT_ERROR}},
                                                .state_size = sizeof(struct input_error),
                                                .on_event = on_event};
