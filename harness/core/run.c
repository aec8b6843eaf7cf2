/* The life of one request: opened, one exchange or several, closed. */
#include "harness/core/cgi.h"
#include "harness/core/hash.h"
#include "harness/core/reader.h"
#include "harness/core/stack.h"
#include "harness/http/chars.h"
#include "harness/http/rare.h"

#include <errno.h>

/* ---- opening ---- */

static struct rig_run *free_run(struct rig_runner *runner)
{
    struct rig_run *run = runner->runs, *end = runner->runs + RIG_RUNS;
    while (RIG_RARE(run->state != RIG_RUN_FREE)) {
        if (++run == end) {
            return NULL;
        }
    }
    /* Its slot may be the last one's, which is in the cache, but not its memory: that is what has rested longest. */
    struct rig_arena *rested = &runner->rested[runner->turn], arena = run->arena;
    runner->turn = runner->turn + 1 < RIG_RESTING ? runner->turn + 1 : 0;
    run->arena = *rested;
    *rested = arena;
    return run;
}

/* Everything but what stays with the slot, its runner and its arena. */
static void clear_run(struct rig_run *run)
{
    struct rig_runner *runner = run->runner;
    const size_t from = offsetof(struct rig_run, current), to = offsetof(struct rig_run, wanted);
    rig_zero((unsigned char *)run + from, to - from);
    run->results = &runner->results;
    run->current_hop = RIG_NO_HOP;
    memcpy(run->wanted, runner->wanted, sizeof run->wanted);
}

struct rig_run *rig_run_open(struct rig_runner *runner, const void *frame, const char *site, int *error)
{
    (void)rig_runner_reclaim(runner, frame);
    struct rig_run *run = free_run(runner);
    if (!run) {
        *error = -EBUSY;
        return NULL;
    }
    clear_run(run);
    size_t armed_size = runner->armed_all ? 0 : runner->rule_count * sizeof *run->armed;
    run->report = rig_arena_alloc(&runner->results, sizeof *run->report + armed_size);
    run->hops = rig_arena_alloc(&runner->results, (runner->usual_hops + 1) * sizeof *run->hops);
    run->hop_capacity = run->hops ? runner->usual_hops + 1 : 0;
    run->states = rig_arena_alloc(&run->arena, runner->states_size + 1); /* no size is zero: that takes the slow path */
    if (!run->report || !run->hops || !run->states) {
        rig_arena_reset(&run->arena);
        *error = -ENOMEM;
        return NULL;
    }
    rig_zero(run->report, sizeof *run->report + armed_size);
    rig_zero(run->states, runner->states_size);
    run->armed = runner->armed_all ? runner->armed_all : (unsigned *)(void *)(run->report + 1);
    run->report->armed = run->armed;
    run->report->result.body = "";
    run->report->result.log = "";
    run->report->result.site = site;
    run->site = site;
    run->log.arena = &runner->results;
    run->frame = frame;
    run->state = RIG_RUN_OPEN;
    rig_run_enter(run);
    runner->open++;
    *error = 0;
    return run;
}

int rig_run_begin(struct rig_run *run)
{
    const struct rig_runner *runner = run->runner;
    if (run->exchange > 0) { /* before the first a run is new */
        rig_zero(run->states, runner->states_size);
        rig_zero(&run->tally, sizeof run->tally);
    }
    if (run->listening_count + run->cgi_envs > 0) {
        run->listening_count = run->cgi_envs = 0;
        memcpy(run->wanted, runner->wanted, sizeof run->wanted);
    }
    run->first_hop = run->hop_count;
    run->env = rig_env_new(run);
    run->wire_input = run->env ? rig_input_new(run) : NULL;
    if (!run->wire_input) {
        return -ENOMEM;
    }
    run->wire_input->size_known = true;
    run->env->input = run->wire_input;
    return 0;
}

struct rig_exchange *rig_run_add_exchange(struct rig_run *run)
{
    struct rig_result *result = &run->report->result;
    size_t count = result->exchange_count;
    if (count == 0 || (count & (count - 1)) == 0) { /* 0, 1, 2, 4, 8: room doubles */
        struct rig_exchange *grown = rig_arena_alloc(run->results, (count ? count * 2 : 1) * sizeof *grown);
        if (!grown) {
            return NULL;
        }
        if (count > 0) {
            memcpy(grown, result->exchanges, count * sizeof *grown);
        }
        run->exchanges = grown;
        result->exchanges = grown;
    }
    struct rig_exchange *fresh = &run->exchanges[result->exchange_count++];
    *fresh = (struct rig_exchange){0};
    run->exchange = (unsigned)count;
    return fresh;
}

/* ---- ending ---- */

static void emit_destroy(struct rig_run *run, const char *site, uint32_t hop)
{
    if (rig_is_wanted(run, RIG_EVENT_DESTROY, RIG_FACT_ALWAYS)) {
        run->current_hop = hop;
        rig_emit(run, &(struct rig_event){.kind = RIG_EVENT_DESTROY, .facts = RIG_FACT_ALWAYS, .site = site});
        run->current_hop = RIG_NO_HOP;
    }
}

static void destroy_objects(struct rig_run *run)
{
    while (run->destructors) {
        struct rig_destructor *last = run->destructors;
        run->destructors = last->next;
        emit_destroy(run, last->site, last->hop);
        last->destroy(last->object);
    }
    emit_destroy(run, NULL, RIG_NO_HOP);
}

static inline void end_inputs(struct rig_run *run)
{
    for (struct rig_input *input = run->inputs; input; input = input->sibling) {
        if (RIG_RARE(input->sized || input->source.close)) {
            rig_input_end(run, input);
        }
    }
    run->inputs = NULL;
}

/* Objects last in first out, then the sources of bodies, then the handles. */
void rig_run_end_exchange(struct rig_run *run)
{
    if (RIG_RARE(run->destructors != NULL)) {
        destroy_objects(run);
    }
    if (RIG_RARE(run->guards != NULL)) {
        rig_guards_close(run, false);
        rig_guards_close(run, true);
    }
    end_inputs(run);
    rig_pool_give_all(run->handles);
    run->handles = NULL;
    run->guards = NULL;
    run->repeats = run->repeats_last = NULL;
    run->visits = NULL;
    run->framework = NULL;
    run->named = NULL;
    run->delivery = NULL;
    run->wire_input = NULL;
    run->env = NULL;
    run->response = NULL;
    run->current = NULL;
    run->current_hop = RIG_NO_HOP;
    run->runner->requests++;
}

static void free_slot(struct rig_run *run)
{
    rig_arena_reset(&run->arena);
    run->state = RIG_RUN_FREE;
    run->runner->open--;
    rig_run_leave(run);
}

void rig_run_abandon(struct rig_run *run)
{
    /* Nobody hears of what its destructors do: the result is not to be seen. */
    memset(run->wanted, 0, sizeof run->wanted);
    rig_run_end_exchange(run);
    free_slot(run);
}

struct rig_report *rig_run_close(struct rig_run *run)
{
    struct rig_report *report = run->report;
    struct rig_result *result = &report->result;
    if (run->env) {
        rig_run_end_exchange(run);
    }
    if (RIG_UNLIKELY(run->found_count + run->suppressed_count > 0) && rig_findings_finish(run) != 0) {
        run->unchecked = true;
    }
    result->hops = run->hops;
    result->hop_count = run->hop_count;
    run->runner->usual_hops = run->hop_count;
    result->log = run->log.data ? (const char *)run->log.data : "";
    result->log_size = run->log.size;
    result->unchecked = run->unchecked;
    result->error = result->error == 0 && run->starved ? -ENOMEM : result->error;
    free_slot(run);
    return report;
}

/* ---- one exchange ---- */

void rig_response_fail(struct rig_run *run, struct rig_response *response)
{
    rig_body_drop(run, response);
    response->header_count = 0;
    response->status = 500;
}

static void settle_status(struct rig_run *run, struct rig_response *response)
{
    if (RIG_RARE(run->returned < 0 || !response->answered)) {
        rig_response_fail(run, response);
    } else if (response->status == 0 && !response->zero) {
        response->status = 200;
    }
}

/* Does the answer say that it is the last on this connection? */
static bool answer_closes(const struct rig_response *response)
{
    for (uint32_t i = 0; i < response->header_count; i++) {
        const struct rig_header *header = &response->headers[i];
        if (RIG_RARE(header->name_size == 10) && rig_name_equal(header->name, 10, "Connection", 10) &&
            rig_list_has((struct rig_slice){header->value, header->value_size}, "close")) {
            return true;
        }
    }
    return false;
}

/* Can a client tell where the answer ends, other than by the end of the connection? */
static bool is_length_known(const struct rig_run *run)
{
    const struct rig_response *response = run->response;
    int status = response->status;
    if (RIG_LIKELY(!response->stream) || run->wire.head_request || status < 200 || status == 204 || status == 304) {
        return true;
    }
    for (uint32_t i = 0; i < response->header_count; i++) {
        const struct rig_header *header = &response->headers[i];
        if (rig_name_equal(header->name, header->name_size, "Content-Length", 14) ||
            rig_name_equal(header->name, header->name_size, "Transfer-Encoding", 17)) {
            return true;
        }
    }
    return false;
}

static RIG_COLD bool expects(const struct rig_env *env)
{
    static const char name[] = "HTTP_EXPECT";
    const struct rig_entry *entry = rig_env_find(env, name, sizeof name - 1, rig_hash(name, sizeof name - 1));
    return entry && entry->value && rig_name_equal(entry->value, entry->value_size, "100-continue", 12);
}

/* What the server makes of the answer, now that nobody will read the request any more. */
static void deliver(struct rig_run *run, struct rig_delivery *delivery)
{
    struct rig_input *input = run->wire_input;
    if (RIG_RARE(run->server->buffers_all)) {
        rig_input_measure(input); /* a server that buffers knows how much there is */
    }
    struct rig_wire *wire = &run->wire;
    wire->status = run->response->status;
    wire->length_known = is_length_known(run);
    wire->break_read = rig_input_broke(input) || input->cut;
    wire->body_failed = wire->body_failed || rig_input_broke(input);
    wire->keep_alive = wire->keep_alive && !wire->body_failed && !answer_closes(run->response);
    wire->body_size = input->size_known && !wire->body_failed ? input->size : input->furthest;
    wire->body_taken = input->furthest;
    /* Of a chunked body all bytes may be taken and its last chunk still stand on the connection: that alone makes the
     * next request a 400, as was measured with an empty one (early-response 7: direct, chunked, even 0 B: 400 20/20). */
    wire->body_ended = input->ended || (!wire->chunked && input->size_known && input->furthest == input->size);
    wire->end_read = input->ended;
    wire->answer_size = run->response->stream ? run->answer_size : run->response->body.size;
    wire->server = run->server;
    wire->expects = run->server->front && expects(run->env);
    delivery->outcome = RIG_DELIVERED; /* the rest of it is zero */
    delivery->status = wire->status;
    delivery->server = run->server->name;
    delivery->modelled = run->server->modelled;
    delivery->unread = wire->body_size - wire->body_taken;
    delivery->offered = wire->body_size;
    if (RIG_RARE(run->reader != NULL) && rig_reader_left(run)) {
        delivery->outcome = RIG_GONE;
        delivery->connection = delivery->client_connection = RIG_CONNECTION_CLOSED;
        delivery->status = run->reader->taken > 0 ? wire->status : 0;
    } else if (RIG_RARE(wire->hung_up && !run->server->front)) {
        delivery->outcome = RIG_CLOSED;
        delivery->connection = RIG_CONNECTION_CLOSED;
        delivery->status = 0;
    } else if (run->server->deliver) {
        run->server->deliver(wire, delivery);
    }
    if (!run->server->front) {
        delivery->client_connection = delivery->connection;
    }
}

static RIG_APART void emit_wanted(struct rig_run *run, enum rig_event_kind kind, uint32_t facts)
{
    facts &= run->env->cgi_written != 0 ? facts : ~(uint32_t)RIG_FACT_CGI_CHANGED;
    rig_emit(run, &(struct rig_event){.kind = kind, .facts = facts, .env = run->env});
    rig_cgi_seen(run->env);
}

static inline void emit_phase(struct rig_run *run, enum rig_event_kind kind, uint32_t facts)
{
    if (rig_is_wanted(run, kind, facts)) {
        emit_wanted(run, kind, facts);
    }
}

static int list_headers(struct rig_run *run, const struct rig_response *response, struct rig_result *result)
{
    struct rig_field *list = rig_arena_alloc(run->results, (response->header_count + 1) * sizeof *list);
    if (RIG_RARE(!list)) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < response->header_count; i++) {
        list[i] = (struct rig_field){response->headers[i].name, response->headers[i].value};
    }
    list[response->header_count] = (struct rig_field){NULL, NULL};
    if (RIG_LIKELY(run->exchange == 0)) { /* else it is no report's */
        run->report->set = response->headers;
    }
    result->headers = list;
    result->header_count = response->header_count;
    return 0;
}

static RIG_COLD void emit_header(struct rig_run *run, uint32_t facts, const struct rig_header *header)
{
    uint32_t before = run->current_hop;
    run->current_hop = header->hop;
    rig_emit(run, &(struct rig_event){.kind = RIG_EVENT_HEADER,
                                      .facts = facts,
                                      .site = header->site,
                                      .name = header->name,
                                      .value = header->value,
                                      .size = header->value_size});
    run->current_hop = before;
}

/* Headers are judged as they go out: one that was set and taken back did no harm. */
static void emit_headers(struct rig_run *run, const struct rig_response *response)
{
    uint32_t count = run->wanted[RIG_EVENT_HEADER] != 0 ? response->header_count : 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct rig_header *header = &response->headers[i];
        uint32_t facts = RIG_FACT_ALWAYS | (rig_is_token(header->name, header->name_size) ? 0 : RIG_FACT_BAD_NAME) |
                         (rig_is_field_value(header->value, header->value_size) ? 0 : RIG_FACT_BAD_VALUE);
        if (RIG_RARE(rig_is_wanted(run, RIG_EVENT_HEADER, facts))) {
            emit_header(run, facts, header);
        }
    }
}

/* From the outermost layer's return to the closed body. A stream may be made of the request's own body (an echo, a
 * proxy): what is left of that is known, and judged, once the stream was pulled. */
static int finish_answer(struct rig_run *run, struct rig_result *result)
{
    struct rig_response *response = run->response;
    settle_status(run, response);
    bool streams = response->stream != NULL;
    if (RIG_RARE(streams)) {
        run->stream_error = rig_body_pull(run, response, result);
    }
    deliver(run, &result->delivery);
    run->delivery = &result->delivery;
    emit_headers(run, response);
    const struct rig_wire *wire = &run->wire;
    bool unread = !wire->hung_up && /* else there is no answer that could suffer */
                  (wire->body_taken < wire->body_size || (wire->chunked && !wire->body_ended && !wire->body_failed));
    uint32_t facts = RIG_FACT_ALWAYS | (wire->body_size > 0 || wire->chunked ? RIG_FACT_HAS_BODY : 0) |
                     (unread ? RIG_FACT_UNREAD : 0) | (run->returned < 0 ? RIG_FACT_ERROR : 0) |
                     (response->answered ? 0 : RIG_FACT_UNANSWERED);
    emit_phase(run, RIG_EVENT_OUT, facts);
    if (RIG_LIKELY(!streams)) {
        run->stream_error = rig_body_pull(run, response, result);
    }
    if (RIG_RARE(run->stream_error < 0) && result->delivery.outcome == RIG_DELIVERED) {
        result->delivery.outcome = RIG_TRUNCATED;
        result->delivery.connection = RIG_CONNECTION_CLOSED; /* the only way left to say that it is not whole */
    }
    if (RIG_RARE(run->guards != NULL)) {
        rig_guards_close(run, false);
    }
    emit_phase(run, RIG_EVENT_END, facts);
    if (RIG_RARE(run->guards != NULL)) {
        rig_guards_close(run, true);
    }
    if (RIG_RARE(run->wire.head_request)) { /* a client reads none after HEAD, whatever was sent */
        result->body = "";
        result->body_size = result->chunk_count = 0;
    }
    result->body_closes = response->stream ? response->stream->closes : 0;
    result->status = response->status;
    result->error = run->returned;
    return list_headers(run, response, result);
}

static enum rig_connection exchange_into(struct rig_run *run, const struct rig_app *app, struct rig_result *result)
{
    run->response = rig_response_new(run);
    if (RIG_RARE(!run->response)) {
        run->report->result.error = -ENOMEM;
        return RIG_CONNECTION_CLOSED;
    }
    emit_phase(run, RIG_EVENT_BEGIN, RIG_FACT_ALWAYS | RIG_FACT_CGI_CHANGED);
    run->returned = rig_app_pass(run, app, NULL, run->env, run->response, NULL);
    if (RIG_RARE(finish_answer(run, result) != 0)) {
        run->report->result.error = -ENOMEM;
    }
    run->exchanges[run->exchange].status = result->status;
    return result->delivery.connection;
}

/* The frame that a run notes while layers run is this far above theirs, so that a teardown still finds what a test has
 * jumped out of, though its frames are larger than the test's were. */
#define JUMP_ROOM 32768

/* Not watched by AddressSanitizer, for which the shadow of that room would be written with every request. */
__attribute__((no_sanitize_address)) enum rig_connection rig_run_exchange(struct rig_run *run,
                                                                          const struct rig_app *app)
{
    struct rig_result phantom, *result = &run->report->result;
    const void *frame = run->frame;
    if (RIG_LIKELY(run->exchange == 0)) {
        result->env_id = run->env->handle.serial;
    } else {
        result = run->further ? run->further : &phantom; /* the result tells of its first exchange alone */
        rig_zero(result, sizeof *result);
    }
    run->frame = __builtin_alloca(JUMP_ROOM);
    enum rig_connection connection = exchange_into(run, app, result);
    run->frame = frame;
    if (RIG_RARE(result == &phantom)) {
        run->delivery = NULL; /* it went with this frame */
    }
    run->starved = run->starved || (run->exchange > 0 && run->returned == -ENOMEM); /* nothing else tells of it */
    return connection;
}
