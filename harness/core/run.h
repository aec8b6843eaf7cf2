/* One request's passage: the runner that a client owns, and its runs. */
#ifndef STACKRIG_CORE_RUN_H
#define STACKRIG_CORE_RUN_H

#include "harness/core/arena.h"
#include "harness/core/event.h"
#include "harness/core/handles.h"
#include "harness/core/mistake.h"
#include "harness/core/pool.h"
#include "harness/http/rare.h"

#include <stackrig/server.h>
#include <stackrig/stack.h>

#define RIG_RUNS 8    /* requests of one client that can be open at once */
#define RIG_RESTING 3 /* arenas that rest while a request has another: what one keeps too long is not the next one's */
#define RIG_QUARANTINE 64 /* ended handles that wait before one is used again */
#define RIG_ADAPTER_RULES 16
#define RIG_LISTENING 8 /* what checks ask for in the middle of an exchange */

/* ---- the run and its runner ---- */

struct rig_found; /* a finding in the making */
struct rig_reader;

struct rig_repeat;
struct rig_answer;
struct rig_outlet;
struct rig_cover;
struct rig_own;

/* Who wrote the log's bytes up to end. */
struct rig_logged {
    size_t end;
    uint32_t hop; /* RIG_NO_HOP: nobody */
    const char *site;
    struct rig_logged *next;
};

/* What rig_result is part of. */
struct rig_report {
    struct rig_result result;
    struct rig_client *client;
    struct rig_report *next; /* the client's list */
    unsigned *armed;         /* by rule number */
    const char *message;     /* of the last expectation that did not hold */
    struct rig_bytes chunk;  /* the result's, when it has one */
    bool asserted;
    bool bodied, streamed;     /* the answer had a body, be it empty, that was kept; it was a stream */
    struct rig_answer *answer; /* what was made of the result for those who asked; NULL: nothing yet */
    bool discarded;            /* the body was counted, not kept */
    struct rig_logged *logged, *logged_last;
    const struct rig_header *set; /* the result's headers, with who has set them; NULL: it has none */
};

/* Things that decide whether a rule could have said anything. */
struct rig_tally {
    unsigned nexts, answers, headers, statuses, env_writes_below;
    unsigned body_reads, body_closes, takes, streams, files, logs;
};

enum rig_run_state { RIG_RUN_FREE, RIG_RUN_HELD, RIG_RUN_OPEN };

/* What the path of a request asks for stands first: its place then fits into a byte of the instruction. */
struct rig_run {
    struct rig_runner *runner;
    struct rig_arena arena; /* what the env and the layers use */

    /* from here on all is zero when a run is opened: */
    struct rig_next *current; /* the innermost open visit; NULL: outside of any layer */
    struct rig_hop *hops;
    uint32_t current_hop;                        /* of current, or that of the guard being pulled; RIG_NO_HOP: none */
    uint32_t hop_count, hop_capacity, first_hop; /* first_hop: of this exchange */
    struct rig_handle *handles;                  /* all of this exchange */
    struct rig_env *env;                         /* what the outermost layer was given */
    struct rig_response *response;
    struct rig_tally tally;
    struct rig_report *report;
    unsigned *armed;
    unsigned char *states;     /* of the checks */
    struct rig_arena *results; /* where the result is built */

    struct rig_input *inputs, *wire_input;
    struct rig_guard *guards;
    struct rig_destructor *destructors;
    const struct rig_server *server;
    struct rig_wire wire;
    struct rig_buffer log;
    const char *const *ignore, *const *enable; /* of the request; NULL: none */
    const char *credentials;                   /* the class that the request says it has; NULL: it says none */
    struct rig_result *further;                /* where that of a further exchange is put; NULL: nobody asks */
    struct rig_reader *reader;                 /* NULL: a client that reads all of the answer at once */
    struct rig_outlet *outlet;                 /* NULL: the answer goes into the result alone */
    struct rig_repeat *repeats, *repeats_last;
    struct rig_visit *visits;              /* of foreign layers, the newest first */
    const struct rig_framework *framework; /* of the last of them; NULL: none was told */
    struct rig_foreign_name *named;        /* objects of theirs that have a number */
    struct rig_found *found, *found_last;
    uint32_t found_count;
    struct rig_suppressed *suppressed;
    uint32_t suppressed_count;
    unsigned exchange;
    struct rig_exchange *exchanges; /* the result's, writable */
    const char *site;
    int returned;                        /* by the outermost layer: 0 or -errno */
    int stream_error;                    /* of the answer's body, after OUT; 0: none */
    uint64_t answer_size;                /* response body bytes, known at END */
    const struct rig_delivery *delivery; /* of this exchange, known at OUT */
    bool discard_body, unchecked;
    bool starved; /* for want of memory the result is not whole: its error says so */
    unsigned listening_count;
    unsigned cgi_envs; /* those with a cgi_written */

    const void *frame; /* of the send, to tell what a longjmp left */
    bool looks, owned; /* a check of the user's looks, which may jump; owned: what rig_memory_own was before it */
    enum rig_run_state state;
    struct rig_run *outer; /* the run this thread was in before */
    /* to here */

    uint32_t wanted[RIG_EVENT_COUNT]; /* the facts that any check wants, by event */
    struct rig_listening {
        unsigned check;
        enum rig_event_kind kind;
        uint32_t facts;
    } listening[RIG_LISTENING];
};

struct rig_runner {
    struct rig_arena results;
    struct rig_memory memory;
    uint64_t serial;
    unsigned turn, open; /* turn: of rested; open: runs that are not free */
    struct rig_arena rested[RIG_RESTING];
    struct rig_pool nexts, envs, responses, inputs, guards;
    struct rig_check_set checks;
    uint32_t wants[RIG_EVENT_COUNT][RIG_CHECKS_MAX];
    uint8_t hearers[RIG_EVENT_COUNT][RIG_CHECKS_MAX]; /* the checks that want anything of that kind, in their order */
    uint8_t hearer_count[RIG_EVENT_COUNT];
    uint32_t wanted[RIG_EVENT_COUNT];
    size_t state_offsets[RIG_CHECKS_MAX], states_size;
    const struct rig_rule *rules;
    size_t rule_count, sorted_count; /* sorted_count: of the rig's own, sorted by id; behind them the client's */
    const char *const *ignore, *const *enable; /* of the client */
    bool layers_enable;                        /* a layer of its stack has an .enable */
    int64_t now;
    /* How the client spelt a header whose variable has its name at that address; NULL: not by that one. */
    const char *(*spelling)(const void *names, const char *env_name);
    const void *names;
    const struct rig_rule *adapter_rules[RIG_ADAPTER_RULES]; /* those of foreign.h that were asked for last */
    unsigned *armed_all;       /* where all of its runs count together what they armed; NULL: each in its own result */
    uint32_t usual_hops;       /* of the last request: room for as many is made at once */
    uint64_t requests;         /* that have ended */
    struct rig_mistakes stray; /* wrong use outside of any run */
    struct rig_trial *trial;   /* what it sends is on trial; NULL: it is not */
    struct rig_cover *cover;   /* where a check counts; NULL: nobody does */
    struct rig_own *own;       /* the rules that the client brought; NULL: none */
    struct rig_run runs[RIG_RUNS];
};

/* What is in it is to be set, all of it. NULL: out of memory. */
static inline void *rig_pool_take(struct rig_pool *pool, struct rig_run *run)
{
    if (RIG_UNLIKELY(pool->waiting <= pool->prepared_to) && !rig_pool_prepare(pool)) {
        return NULL;
    }
    struct rig_handle *handle = pool->head;
    pool->head = handle->next;
    pool->waiting--;
    handle->serial = ++run->runner->serial;
    handle->run = run;
    handle->next = run->handles;
    run->handles = handle;
    return handle;
}

/* The same with nothing in it. */
static inline void *rig_pool_take_empty(struct rig_pool *pool, struct rig_run *run)
{
    struct rig_handle *handle = rig_pool_take(pool, run);
    if (handle) {
        memset(handle + 1, 0, pool->size - sizeof *handle);
    }
    return handle;
}

/* ---- events ---- */

/* Can a rule that is off by default be on for anybody in this run? */
static inline bool rig_may_be_on(const struct rig_run *run)
{
    return run->enable || run->runner->layers_enable || (run->runner->enable && run->runner->enable[0]);
}

static inline bool rig_is_wanted(const struct rig_run *run, enum rig_event_kind kind, uint32_t facts)
{
    return (run->wanted[kind] & facts) != 0;
}
/* Fills in the hop, and hands the event to the checks that want it. */
void rig_emit(struct rig_run *run, struct rig_event *event);

/* A source's read gives 0 to size, or -errno: anything else is a mistake that must not be cut down to an int. */
#define RIG_ERRNO_MAX 4095
static inline bool rig_is_read(int64_t got, size_t size)
{
    return got >= -RIG_ERRNO_MAX && (got < 0 || (uint64_t)got <= size);
}

/* The hop that is on now; NULL: outside of any layer. */
static inline struct rig_hop *rig_run_hop(struct rig_run *run)
{
    if (run->current_hop == RIG_NO_HOP) {
        return NULL;
    }
    struct rig_hop *hop = &run->hops[run->current_hop];
    RIG_SURE(hop); /* else every caller asks again */
    return hop;
}

/* ---- runs ---- */

int rig_runner_init(struct rig_runner *runner, struct rig_allocator allocator, uint64_t limit,
                    const struct rig_check_set *checks, const struct rig_rule *rules, size_t rule_count);
/* Other checks, and further rules behind those it has, before anything is sent. */
void rig_runner_extend(struct rig_runner *runner, const struct rig_check_set *checks, const struct rig_rule *rules,
                       size_t rule_count);
void rig_runner_end(struct rig_runner *runner); /* ends all runs; to be freed next */
void rig_runner_free(struct rig_runner *runner);
/* Ends the runs that a longjmp left below frame; true if none is open any more. */
bool rig_runner_reclaim_open(struct rig_runner *runner, const void *frame);
static inline bool rig_runner_reclaim(struct rig_runner *runner, const void *frame)
{
    return RIG_LIKELY(runner->open == 0) || rig_runner_reclaim_open(runner, frame);
}

/* A free run with an empty result; NULL: out of memory or all open, see *error. */
struct rig_run *rig_run_open(struct rig_runner *runner, const void *frame, const char *site, int *error);
/* Begins an exchange with a fresh env and an empty input: 0 or -ENOMEM. */
int rig_run_begin(struct rig_run *run);
/* Runs app for run->env, and what its profile makes of the answer. What becomes of the connection. */
enum rig_connection rig_run_exchange(struct rig_run *run, const struct rig_app *app);
void rig_run_end_exchange(struct rig_run *run); /* destructors, sources, handles */
/* One more exchange in the result; NULL: out of memory. */
struct rig_exchange *rig_run_add_exchange(struct rig_run *run);
/* Completes the result and frees the run. */
struct rig_report *rig_run_close(struct rig_run *run);
void rig_run_abandon(struct rig_run *run); /* the same without a result */
/* Moves what was found into the result: 0 or -ENOMEM. */
int rig_findings_finish(struct rig_run *run);

/* ---- hops ---- */

/* What is entered. Made once, when a layer is added to its stack, or an app ends it. */
struct rig_hop_of {
    struct rig_hop hop;                  /* what every visit of it begins with */
    const struct rig_switches *switches; /* the layer's; NULL: none */
};

/* An app's. */
void rig_app_entered(struct rig_hop_of *entered, const struct rig_app *app, const char *app_site);

/* ---- handles of a run ---- */

/* NULL: out of memory */
static inline struct rig_env *rig_env_new(struct rig_run *run)
{
    return rig_pool_take_empty(&run->runner->envs, run);
}
/* At most RIG_ENV_SMALL / 2; name and value must last as long as shape. */
void rig_env_shape_add(struct rig_env_shape *shape, const char *name, const char *value);
/* Gives a fresh env the shape's entries; false: out of memory. */
static inline bool rig_env_take_shape(struct rig_env *env, const struct rig_env_shape *shape)
{
    env->entries = rig_arena_alloc(&env->handle.run->arena, RIG_ENV_SMALL * sizeof *env->entries);
    if (!env->entries) {
        return false;
    }
    memcpy(env->entries, shape->entries, shape->count * sizeof *shape->entries);
    memcpy(env->heads, shape->heads, sizeof env->heads);
    env->capacity = RIG_ENV_SMALL;
    env->count = shape->count;
    return true;
}
/* Adds without looking for the name, of at most 65535 bytes; name and value must last as long as the env. 0 or
 * -ENOMEM. */
int rig_env_put_slow(struct rig_env *env, const char *name, size_t name_size, uint32_t hash, const char *value,
                     size_t value_size);
static inline int rig_env_put(struct rig_env *env, const char *name, size_t name_size, uint32_t hash, const char *value,
                              size_t value_size);
struct rig_entry *rig_env_find(const struct rig_env *env, const char *name, size_t size, uint32_t hash);
void rig_env_drop(struct rig_env *env, struct rig_entry *entry); /* it is there no more */
static inline struct rig_input *rig_input_new(struct rig_run *run)
{
    struct rig_input *input = rig_pool_take_empty(&run->runner->inputs, run);
    if (input) {
        input->sibling = run->inputs;
        run->inputs = input;
    }
    return input;
}
void rig_input_end(struct rig_run *run, struct rig_input *input); /* its source is closed */
uint64_t rig_input_left_below(const struct rig_input *input);
/* UINT64_MAX: unknown. Inline: every layer asks, and mostly it is known. */
static inline uint64_t rig_input_left(const struct rig_input *input)
{
    return RIG_LIKELY(input->size_known && !input->under) ? input->size - input->at : rig_input_left_below(input);
}
/* Reads without a ledger: bytes, 0 at the end, -errno, which stays. */
int64_t rig_input_pull(struct rig_run *run, struct rig_input *input, void *buffer, size_t size);
/* Takes the whole body into the request's memory: 0 or -errno, which stays. */
int rig_input_buffer(struct rig_run *run, struct rig_input *input);
/* The body that a rewindable one (rig_env_rewindable) buffers; NULL: it is none. */
struct rig_input *rig_input_below(const struct rig_input *input);
/* Of a rewindable one that came upon too much: the bytes it could not keep, told once. */
uint64_t rig_rewindable_spilt(struct rig_input *input);
/* Tells that a closed body was used: -EBADF. */
int rig_input_used(struct rig_run *run, const char *site, const struct rig_input *body, const char *call);
/* Reads, without taking it off the connection, how much is left of a body whose size is not known. */
void rig_input_measure(struct rig_input *input);
static inline struct rig_response *rig_response_new(struct rig_run *run)
{
    struct rig_response *response = rig_pool_take_empty(&run->runner->responses, run);
    if (response) {
        response->body.arena = run->results;
        response->lost_by = response->answered_by = response->status_by = response->body_by = RIG_NO_HOP;
    }
    return response;
}
void rig_response_fail(struct rig_run *run, struct rig_response *response); /* drops the answer: 500, nothing else */
/* The answer goes out: the result's body; 0 or what the stream failed with. */
int rig_body_pull(struct rig_run *run, struct rig_response *response, struct rig_result *result);
static inline void rig_body_forget_chunks(struct rig_response *response)
{
    response->starts = NULL; /* a guard may still read by them */
    response->chunk_count = response->start_capacity = 0;
    response->bodied = false;
}
void rig_body_drop_stream(struct rig_run *run, struct rig_response *response);
/* Closes and forgets the body. */
static inline void rig_body_drop(struct rig_run *run, struct rig_response *response)
{
    if (RIG_RARE(response->stream != NULL)) {
        rig_body_drop_stream(run, response);
    }
    response->body.size = 0;
    rig_body_forget_chunks(response);
}
/* A chunk begins at the end of the response's body: 0 or -ENOMEM. The first takes no memory. */
int rig_body_begin_chunk(struct rig_run *run, struct rig_response *response);
struct rig_guard *rig_body_take(struct rig_run *run, struct rig_response *response, const char *site);
struct rig_guard *rig_guard_new(struct rig_run *run, const char *site, struct rig_source source);
struct rig_source rig_guard_source(struct rig_guard *guard);
/* Closes those that nobody closed: the rig's own, or what layers took and forgot. */
void rig_guards_close(struct rig_run *run, bool taken);

static inline int rig_env_put(struct rig_env *env, const char *name, size_t name_size, uint32_t hash, const char *value,
                              size_t value_size)
{
    uint32_t at = env->count;
    if (RIG_RARE(at >= RIG_ENV_SMALL)) { /* room for so many came with the shape */
        return rig_env_put_slow(env, name, name_size, hash, value, value_size);
    }
    struct rig_entry *entry = &env->entries[at];
    uint8_t *head = &env->heads[hash & (RIG_ENV_HEADS - 1)];
    rig_entry_fill(entry, name, name_size, hash, value, value_size, env->handle.run->current_hop);
    entry->index = *head;
    *head = (uint8_t)(at + 1);
    env->count = at + 1;
    return 0;
}

/* The run of a handle; NULL: the handle is NULL or stale, which has been reported. */
RIG_COLD struct rig_run *rig_live(const char *site, const struct rig_handle *handle, enum rig_handle_kind kind,
                                  const char *call);
RIG_COLD int rig_live_error(const struct rig_handle *handle); /* -EINVAL for NULL, else -ESTALE */

/* "id" or "area.*" */
bool rig_pattern_matches(const char *pattern, const char *id);
bool rig_pattern_known(const struct rig_runner *runner, const char *pattern);
/* "which is no rule", or more about why not, of one that is not known. */
const char *rig_pattern_unknown(const struct rig_runner *runner, const char *pattern);
struct rig_run *rig_run_here(void); /* the run this thread is in; NULL: none */
void rig_run_enter(struct rig_run *run);
void rig_run_leave(struct rig_run *run);

#endif
