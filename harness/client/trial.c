#include "harness/checks/own.h"
#include "harness/client/trial.h"

#include <errno.h>
#include <stdio.h>

/* ---- one request on trial ---- */

static int64_t read_attempt(void *self, void *buffer, size_t size)
{
    struct rig_attempt *attempt = self;
    struct rig_source source = rig_faulty_source(&attempt->faulty);
    int64_t got = source.read(source.self, buffer, size);
    attempt->run->wire_input->cut = attempt->faulty.ended && attempt->faulty.given < attempt->reader.bytes.size;
    return got;
}

static int rewind_attempt(void *self)
{
    struct rig_source source = rig_faulty_source(&((struct rig_attempt *)self)->faulty);
    return source.rewind(source.self);
}

static void note_answer(struct rig_attempt *attempt, const struct rig_response *response)
{
    const struct rig_run *run = attempt->run;
    bool answered = response->answered && response->answered_by < run->hop_count;
    attempt->answered_by = answered ? run->hops[response->answered_by].layer : NULL;
    attempt->answered_at = answered ? response->answered_at : NULL;
}

/* The body is closed when all of the exchange is known and its layers are not yet forgotten. */
static void close_attempt(void *self)
{
    struct rig_attempt *attempt = self;
    if (attempt->trial.endless || !attempt->run->response) {
        return;
    }
    const struct rig_result *result = &attempt->run->report->result;
    attempt->status = result->status;
    attempt->error = result->error;
    attempt->connection = result->delivery.connection;
    note_answer(attempt, attempt->run->response);
    rig_shortage_take(attempt);
    if (attempt->trials->leaks.open) {
        rig_arm(attempt->run, rig_trial_rule(RIG_LEAK_RULE), 1);
    }
    if (attempt->judge) {
        attempt->judge(attempt, result);
    }
}

/* The request as it is, its body read through the attempt. */
static void take_body(struct rig_attempt *attempt, struct rig_run *run, const struct rig_sent *sent)
{
    struct rig_input *input = run->wire_input;
    attempt->run = run;
    attempt->reader = (struct rig_memory_reader){.bytes = {input->bytes, (size_t)input->size}};
    attempt->faulty.under = rig_memory_source(&attempt->reader);
    attempt->announced = input->size_known && !sent->chunked;
    attempt->framed = sent->framed;
    input->bytes = NULL;
    /* a source that ends before a known size is a mistake of the test's */
    input->size_known = attempt->announced && attempt->faulty.kind != RIG_FAULT_EARLY_END;
    input->source = (struct rig_source){read_attempt, rewind_attempt, close_attempt, attempt};
}

/* NULL: a layer would not come to an end, and was jumped out of. */
static const struct rig_result *send_guarded(const struct rig_trials *trials, const struct rig_request *request,
                                             struct rig_attempt *attempt, jmp_buf *escape)
{
    const struct rig_result *refused;
    struct rig_sent sent;
    if (setjmp(*escape) != 0) {
        return NULL;
    }
    struct rig_client *client = trials->client;
    struct rig_run *run = rig_send_open(trials->site, client, "a sweep", request, __builtin_frame_address(0), &refused);
    if (!run) {
        return refused;
    }
    rig_zero(&sent, sizeof sent);
    int error = rig_send_build(run, client, request, &sent);
    if (error == 0) {
        take_body(attempt, run, &sent);
        rig_send_serve(run, client, &sent);
    } else if (error < 0) {
        run->report->result.error = error;
    }
    return rig_send_close(client, run);
}

static const struct rig_result *send_once(struct rig_trials *trials, struct rig_attempt *attempt)
{
    jmp_buf escape;
    struct rig_runner *runner = &trials->client->runner;
    struct rig_request request = *trials->request;
    request.fault = NULL; /* the attempt brings its own */
    request.chunked = request.chunked || attempt->chunked;
    if (attempt->pieces) {
        request.pieces = attempt->pieces;
        request.piece_count = attempt->piece_count;
    }
    if (trials->before) {
        trials->before(trials->closure, attempt->where);
    }
    attempt->trials = trials;
    attempt->trial = (struct rig_trial){.escape = &escape};
    attempt->faulty.client = trials->client;
    runner->trial = &attempt->trial;
    rig_shortage_begin(attempt);
    const struct rig_result *result = send_guarded(trials, &request, attempt, &escape);
    rig_shortage_end(attempt);
    runner->trial = NULL;
    attempt->trial.escape = NULL;
    trials->runs++;
    return result;
}

/* For the next one: as if nothing had been sent. */
static void put_back(struct rig_trials *trials)
{
    rig_client_reset(trials->client);
    rig_own_put_back(&trials->client->runner);
}

/* An attempt that was jumped out of is told of in the next result. */
static void tell_endless(struct rig_trials *trials, const struct rig_attempt *endless)
{
    struct rig_attempt plain = {.where = "nothing"};
    put_back(trials);
    const struct rig_result *result = send_once(trials, &plain);
    if (result) {
        rig_trials_collect(trials, endless, result);
    }
}

void rig_trials_done(struct rig_trials *trials, const struct rig_attempt *attempt, const struct rig_result *result)
{
    trials->level = result ? rig_leak_level(result) : RIG_LEVEL_OFF;
    if (result) {
        rig_trials_collect(trials, attempt, result);
    } else {
        tell_endless(trials, attempt);
    }
    rig_client_set_now(trials->client, trials->now);
    put_back(trials);
}

void rig_trials_send(struct rig_trials *trials, struct rig_attempt *attempt)
{
    rig_trials_done(trials, attempt, send_once(trials, attempt));
}

/* ---- what it leaves ---- */

#define PLAIN "the request sent again"

struct repeated {
    struct rig_trials *trials;
    const struct rig_attempt *attempt;
};

static bool send_again(void *closure, int64_t later)
{
    struct repeated *repeated = closure;
    struct rig_trials *trials = repeated->trials;
    struct rig_attempt attempt = *repeated->attempt;
    attempt.judge = NULL;
    trials->quiet = true;
    rig_client_set_now(trials->client, trials->now + later);
    rig_trials_send(trials, &attempt);
    trials->quiet = false;
    return trials->level != RIG_LEVEL_OFF;
}

static void judge_leak(struct rig_attempt *attempt, const struct rig_result *result)
{
    (void)result;
    rig_leak_find(attempt->trials->telling, attempt->run);
}

void rig_trials_tell_leaks(struct rig_trials *trials, const char *where)
{
    while ((trials->telling = rig_leaks_next(&trials->leaks)) != NULL) {
        struct rig_attempt plain = {.judge = judge_leak};
        (void)snprintf(plain.where, sizeof plain.where, "%s", where);
        rig_trials_send(trials, &plain);
    }
}

static void look_for_leaks(struct rig_trials *trials, const struct rig_attempt *attempt, enum rig_level level,
                           const char *where)
{
    rig_leaks_close(&trials->leaks, level, send_again, &(struct repeated){trials, attempt});
    rig_trials_tell_leaks(trials, where);
}

/* Sends it, and looks at what it kept. */
static void send_watched(struct rig_trials *trials, const struct rig_attempt *attempt, struct rig_attempt *tried,
                         const char *where)
{
    *tried = *attempt;
    rig_leaks_open(&trials->leaks);
    rig_trials_send(trials, tried);
    look_for_leaks(trials, attempt, trials->level, where);
}

/* ---- the whole answer ---- */

static int copy_headers(struct rig_arena *arena, struct rig_whole *whole, const struct rig_result *result)
{
    struct rig_field *copies = rig_arena_zeroed(arena, (result->header_count + 1) * sizeof *copies);
    bool complete = copies != NULL;
    for (size_t i = 0; complete && i < result->header_count; i++) {
        copies[i].name = rig_arena_string(arena, result->headers[i].name);
        copies[i].value = rig_arena_string(arena, result->headers[i].value);
        complete = copies[i].name && copies[i].value;
    }
    whole->headers = copies;
    whole->header_count = result->header_count;
    return complete ? 0 : -ENOMEM;
}

static int keep(struct rig_arena *arena, struct rig_whole *whole, const struct rig_attempt *attempt,
                const struct rig_result *result)
{
    struct rig_hop *hops = rig_arena_alloc(arena, (result->hop_count + 1) * sizeof *hops);
    char *body = rig_arena_copy(arena, result->body, result->body_size);
    *whole = (struct rig_whole){.status = result->status, .error = result->error};
    if (!hops || !body || result->error == -ENOMEM) {
        return -ENOMEM;
    }
    if (result->hop_count > 0) {
        memcpy(hops, result->hops, result->hop_count * sizeof *hops);
    }
    whole->body = (struct rig_bytes){body, result->body_size};
    whole->hops = hops;
    whole->hop_count = result->hop_count;
    whole->read = attempt->faulty.given;
    whole->offered = attempt->reader.bytes.size;
    whole->reads = attempt->faulty.reads;
    whole->announced = attempt->announced;
    whole->framed = attempt->framed;
    return copy_headers(arena, whole, result);
}

/* What is not the same the second time says nothing about a fault. */
static void compare_second(struct rig_trials *trials, const struct rig_result *result)
{
    struct rig_whole *whole = &trials->whole;
    struct rig_field *headers = (struct rig_field *)(uintptr_t)whole->headers;
    whole->body_varies =
        whole->body.size != result->body_size || memcmp(whole->body.data, result->body, result->body_size) != 0;
    whole->headers_vary = whole->header_count != result->header_count;
    bool varies = whole->body_varies || whole->headers_vary;
    for (size_t i = 0; i < whole->header_count && !whole->headers_vary; i++) {
        if (strcmp(headers[i].name, result->headers[i].name) != 0) {
            whole->headers_vary = varies = true;
        } else if (strcmp(headers[i].value, result->headers[i].value) != 0) {
            headers[i].value = NULL;
            varies = true;
        }
    }
    if (whole->status != result->status || whole->error != result->error) {
        whole->status = 0;
        whole->body_varies = whole->headers_vary = varies = true;
    }
    trials->varies = varies;
}

/* The first time what a stack sets up on first use is set up: what the second leaves is looked at. */
static int learn(struct rig_trials *trials, bool again)
{
    const struct rig_attempt nothing = {.where = "nothing"};
    struct rig_attempt plain = nothing;
    if (again) {
        rig_leaks_open(&trials->leaks);
    }
    const struct rig_result *result = send_once(trials, &plain);
    bool sent = plain.run != NULL && result && !result->refused;
    int error = !sent    ? (result && result->error == -ENOMEM ? -ENOMEM : -EINVAL)
                : !again ? keep(&trials->client->trials, &trials->whole, &plain, result)
                         : 0;
    if (error == 0 && again) {
        compare_second(trials, result);
    }
    enum rig_level level = sent && result ? rig_leak_level(result) : RIG_LEVEL_OFF;
    if (result) {
        rig_trials_collect(trials, &plain, result);
    }
    put_back(trials);
    if (again) {
        look_for_leaks(trials, &nothing, level, PLAIN);
    }
    return error;
}

int rig_trials_begin(struct rig_trials *trials)
{
    struct rig_client *client = trials->client;
    if (!client || trials->request->source.read || trials->request->malformed) {
        return -EINVAL;
    }
    struct rig_arena *arena = &client->trials;
    if (arena->memory) {
        rig_arena_reset(arena);
    } else {
        rig_arena_init(arena, &client->runner.memory);
    }
    int error = 0;
    if (trials->runs == 0) {
        rig_leaks_start(&trials->leaks);
        rig_own_keep(&client->runner);
    }
    trials->now = rig_client_now(client);
    rig_client_reset(client);
    for (int i = 0; i < 2 && error == 0; i++) {
        error = learn(trials, i > 0);
    }
    return error;
}

/* ---- with a second look ---- */

static void judge_whole(struct rig_attempt *attempt, const struct rig_result *result)
{
    attempt->differs = rig_whole_differs(&attempt->trials->whole, result, NULL);
}

static bool has_drifted(struct rig_trials *trials)
{
    struct rig_attempt plain = {.judge = judge_whole, .where = "nothing"};
    rig_trials_send(trials, &plain);
    return plain.differs;
}

bool rig_trials_skip(const struct rig_trials *trials, const char *where)
{
    return trials->skip && trials->skip(trials->closure, where);
}

/* State that built up in the stack is no fault's doing: from then on the answer that it gives is the whole one. */
void rig_trials_try(struct rig_trials *trials, const struct rig_attempt *attempt, struct rig_attempt *tried)
{
    if (rig_trials_skip(trials, attempt->where)) {
        *tried = *attempt;
        tried->skipped = true;
        return;
    }
    send_watched(trials, attempt, tried, attempt->where);
    if (!tried->differs) {
        return;
    }
    bool drifted = has_drifted(trials);
    trials->drifted = trials->drifted || drifted;
    if (drifted && rig_trials_begin(trials) != 0) {
        tried->differs = false;
        return;
    }
    *tried = *attempt;
    tried->convicted = true;
    rig_trials_send(trials, tried);
}

void rig_trials_end(struct rig_trials *trials)
{
    struct rig_attempt tried, plain = {.judge = judge_whole, .where = "nothing"};
    send_watched(trials, &plain, &tried, PLAIN);
    trials->drifted = tried.differs || trials->drifted;
}
