/* The way down and up: entering and leaving layers, next, and sub-requests. */
#include "harness/core/cgi.h"
#include "harness/core/foreign.h"
#include "harness/core/stack.h"
#include "harness/http/rare.h"

#include <errno.h>
#include <limits.h>

/* ---- hops ---- */

static RIG_COLD int grow_hops(struct rig_run *run)
{
    uint32_t capacity = run->hop_capacity ? run->hop_capacity * 2 : 8;
    struct rig_hop *grown = rig_arena_alloc(run->results, capacity * sizeof *grown);
    if (!grown) {
        return -ENOMEM;
    }
    if (run->hop_count > 0) {
        memcpy(grown, run->hops, run->hop_count * sizeof *grown);
    }
    run->hops = grown;
    run->hop_capacity = capacity;
    return 0;
}

/* Out of line: an event is made only for those who want it. */
static RIG_COLD void emit_hop(struct rig_run *run, enum rig_event_kind kind, uint32_t facts,
                              const struct rig_next *visit, const char *site, int64_t number)
{
    if (rig_is_wanted(run, kind, facts)) {
        rig_emit(run,
                 &(struct rig_event){.kind = kind, .facts = facts, .site = site, .env = visit->env, .number = number});
    }
}

/* Where in a chain a layer stands. */
struct place {
    const struct rig_stack *stack;
    size_t position;
};

static inline struct rig_next *hop_begin(struct rig_run *run, const struct rig_hop_of *what, struct place place,
                                         struct rig_env *env, struct rig_response *response, const char *entered_at)
{
    /* A visit has nothing in it when it comes from the pool: it is taken last. */
    struct rig_next *visit =
        run->hop_count == run->hop_capacity && grow_hops(run) != 0 ? NULL : rig_pool_take(&run->runner->nexts, run);
    if (!visit) {
        return NULL;
    }
    struct rig_next *above = run->current;
    uint32_t number = run->hop_count++, parent = number, depth = 0;
    if (above) { /* asked once: else all that follows is there twice */
        parent = above->hop;
        depth = above->depth + 1;
    }
    visit->stack = place.stack;
    visit->position = place.position;
    visit->env = env;
    visit->response = response;
    visit->switches = what->switches;
    visit->above = above;
    visit->hop = number;
    visit->depth = depth;
    visit->open = true;
    struct rig_hop *hop = &run->hops[number];
    *hop = what->hop;
    hop->number = number;
    hop->parent = parent;
    hop->entered_at = entered_at;
    hop->depth = depth;
    hop->env_id = env->handle.serial;
    hop->response_id = response->handle.serial;
    hop->status_in = response->status;
    hop->body.offered = rig_input_left(env->input);
    hop->exchange = run->exchange;
    run->current = visit;
    run->current_hop = number;
    if (RIG_RARE(run->wanted[RIG_EVENT_ENTER] != 0)) {
        emit_hop(run, RIG_EVENT_ENTER, RIG_FACT_ALWAYS, visit, entered_at, 0);
    }
    return visit;
}

static RIG_COLD int refuse_positive(struct rig_run *run, const struct rig_hop *hop, int returned)
{
    return rig_misuse(run, RIG_MISUSE_BAD_RETURN, hop->layer_site,
                      "\"%s\" returned %d: 0 is ok, a negative number an error, positive ones are reserved", hop->layer,
                      returned);
}

static inline int hop_end(struct rig_run *run, struct rig_next *visit, int returned)
{
    struct rig_hop *hop = &run->hops[visit->hop];
    if (returned > 0) {
        returned = refuse_positive(run, hop, returned);
    }
    hop->returned = returned;
    hop->status_out = visit->response->status;
    hop->abandoned = false;
    if (RIG_RARE(run->wanted[RIG_EVENT_LEAVE] != 0)) {
        emit_hop(run, RIG_EVENT_LEAVE, RIG_FACT_ALWAYS | (returned < 0 ? RIG_FACT_ERROR : 0), visit, NULL, returned);
    }
    visit->open = false;
    run->current = visit->above;
    run->current_hop = visit->above ? visit->above->hop : RIG_NO_HOP;
    return returned;
}

RIG_APART struct rig_next *rig_hop_begin(struct rig_run *run, const struct rig_hop_of *what, struct rig_env *env,
                                         struct rig_response *response, const char *entered_at)
{
    return hop_begin(run, what, (struct place){NULL, 0}, env, response, entered_at);
}

RIG_APART int rig_hop_end(struct rig_run *run, struct rig_next *visit, int returned)
{
    return hop_end(run, visit, returned);
}

/* ---- the chain ---- */

void rig_app_entered(struct rig_hop_of *entered, const struct rig_app *app, const char *app_site)
{
    rig_zero(entered, sizeof *entered);
    entered->hop.layer = app->name ? app->name : "app";
    entered->hop.layer_site = app_site;
    entered->hop.layer_number = 1;
    entered->hop.layer_index = UINT_MAX;
    entered->hop.is_app = true;
    entered->hop.abandoned = true;
}

int rig_bare_app_pass(struct rig_run *run, const struct rig_app *app, const char *app_site, struct rig_env *env,
                      struct rig_response *response, const char *entered_at)
{
    struct rig_hop_of entered;
    rig_app_entered(&entered, app, app_site);
    struct rig_next *visit = rig_hop_begin(run, &entered, env, response, entered_at);
    return visit ? rig_hop_end(run, visit, app->call(app->self, env, response)) : -ENOMEM;
}

static RIG_APART int inner_pass(struct rig_run *run, const struct rig_stack *stack, struct rig_env *env,
                                struct rig_response *response, const char *entered_at)
{
    return stack->mapping_count > 0 ? rig_map_pass(run, stack, env, response, entered_at)
                                    : rig_stack_pass(run, rig_app_stack(&stack->app), 0, env, response, entered_at);
}

int rig_stack_pass(struct rig_run *run, const struct rig_stack *stack, size_t position, struct rig_env *env,
                   struct rig_response *response, const char *entered_at)
{
    const struct rig_use *use = position < stack->chain_count ? stack->chain[position] : NULL;
    if (!use && RIG_RARE(stack->mapping_count > 0 || rig_app_stack(&stack->app))) {
        return inner_pass(run, stack, env, response, entered_at);
    }
    const struct rig_hop_of *what = use ? &use->entered : &stack->app_entered;
    struct rig_next *visit = hop_begin(run, what, (struct place){stack, position}, env, response, entered_at);
    if (RIG_RARE(!visit)) {
        return -ENOMEM;
    }
    int returned =
        use ? use->middleware->call(use->self, env, response, visit) : stack->app.call(stack->app.self, env, response);
    return hop_end(run, visit, returned);
}

/* ---- next ---- */

/* A handle that is passed on must be live and of this run. */
static int check_passed(struct rig_run *run, const char *site, const struct rig_handle *handle,
                        enum rig_handle_kind kind, const char *call)
{
    if (!handle || !handle->run) {
        (void)rig_live(site, handle, kind, call);
        return rig_live_error(handle);
    }
    return handle->run == run
               ? 0
               : rig_stale(run, kind, site, "%s was given %s#%llu, which belongs to another request", call,
                           kind == RIG_HANDLE_ENV ? "env" : "response", (unsigned long long)handle->serial);
}

/* The run of a next that can still be called; NULL with *error set. */
static struct rig_run *callable(const char *site, const struct rig_next *next, const char *call, int *error)
{
    const struct rig_handle *handle = next ? &next->handle : NULL;
    struct rig_run *run = handle && handle->run ? handle->run : rig_live(site, handle, RIG_HANDLE_NEXT, call);
    if (!run) {
        *error = rig_live_error(handle);
        return NULL;
    }
    if (!next->open) {
        *error = rig_stale(run, RIG_HANDLE_NEXT, site, "%s used next#%llu after its layer \"%.60s\" had returned", call,
                           (unsigned long long)handle->serial, run->hops[next->hop].layer);
        return NULL;
    }
    return run;
}

static RIG_COLD void emit_next(struct rig_run *run, enum rig_event_kind kind, uint32_t facts,
                               const struct rig_next *next, struct rig_env *env, const char *site, uint32_t number)
{
    facts &= env->cgi_written != 0 ? facts : ~(uint32_t)RIG_FACT_CGI_CHANGED;
    rig_emit(run, &(struct rig_event){
                      .kind = kind, .facts = facts, .site = site, .env = env, .upper = next->env, .number = number});
    rig_cgi_seen(env);
}

static inline bool is_in_order(const struct rig_next *next, const struct rig_env *env, const struct rig_response *res)
{
    return next && next->handle.run && next->open && env && env->handle.run == next->handle.run && res &&
           res->handle.run == next->handle.run;
}

/* Tells the first thing that is not in order. */
static RIG_COLD int refuse_next(const char *site, const struct rig_next *next, const struct rig_env *env,
                                const struct rig_response *res)
{
    int error;
    struct rig_run *run = callable(site, next, "rig_next", &error);
    error = run ? check_passed(run, site, env ? &env->handle : NULL, RIG_HANDLE_ENV, "rig_next") : error;
    return error ? error : check_passed(run, site, res ? &res->handle : NULL, RIG_HANDLE_RESPONSE, "rig_next");
}

/* Of a call that is not the first of its visit, with the env that the layer was given, before it answered. */
static RIG_COLD uint32_t facts_of_next(const struct rig_next *next, const struct rig_env *env,
                                       const struct rig_hop *hop)
{
    return (env != next->env ? RIG_FACT_OTHER_ENV : 0) | (hop->next_calls > 0 ? RIG_FACT_AGAIN : 0) |
           (hop->answered ? RIG_FACT_ANSWERED : 0);
}

int rig_next_at(const char *site, struct rig_next *next, struct rig_env *env, struct rig_response *res)
{
    if (!is_in_order(next, env, res)) {
        return refuse_next(site, next, env, res);
    }
    struct rig_run *run = next->handle.run;
    /* What happens with a next is its owner's doing, though a layer below may have been handed it. */
    struct rig_next *before = run->current;
    uint32_t hop_before = run->current_hop;
    run->current = next;
    run->current_hop = next->hop;
    struct rig_hop *hop = &run->hops[next->hop];
    uint32_t facts = RIG_FACT_ALWAYS | RIG_FACT_CGI_CHANGED;
    if (RIG_UNLIKELY(env != next->env || hop->next_calls > 0 || hop->answered)) {
        facts |= facts_of_next(next, env, hop);
    }
    hop->next_calls++;
    run->tally.nexts++;
    if (rig_is_wanted(run, RIG_EVENT_NEXT, facts)) {
        emit_next(run, RIG_EVENT_NEXT, facts, next, env, site, 0);
    }
    uint32_t below = run->hop_count;
    int returned = rig_stack_pass(run, next->stack, next->position + 1, env, res, site);
    if (rig_is_wanted(run, RIG_EVENT_NEXT_RETURN, facts)) {
        emit_next(run, RIG_EVENT_NEXT_RETURN, facts, next, env, site, below);
    }
    run->current = before;
    run->current_hop = hop_before;
    return returned;
}

/* Of a sub-request nothing else is said. */
static void tell_change(struct rig_run *run, enum rig_event_kind kind, const struct rig_next *next,
                        struct rig_env *copy, const char *site)
{
    if (copy->cgi_written != 0 && rig_is_wanted(run, kind, RIG_FACT_CGI_CHANGED)) {
        emit_next(run, kind, RIG_FACT_CGI_CHANGED, next, copy, site, 0);
    }
}

struct rig_response *rig_subrequest_at(const char *site, struct rig_next *next, struct rig_env *copy)
{
    int error;
    struct rig_run *run = callable(site, next, "rig_subrequest", &error);
    if (!run || check_passed(run, site, copy ? &copy->handle : NULL, RIG_HANDLE_ENV, "rig_subrequest") != 0) {
        return NULL;
    }
    if (copy->copied_from == 0) {
        (void)rig_misuse(run, RIG_MISUSE_BAD_ARGUMENT, site,
                         "rig_subrequest was given the request's own env#%llu: it wants a rig_env_copy of it",
                         (unsigned long long)copy->handle.serial);
        return NULL;
    }
    struct rig_response *response = rig_response_new(run);
    struct rig_input *input = rig_input_new(run);
    if (!response || !input) {
        return NULL;
    }
    struct rig_input *under = copy->input;
    input->under = under;
    copy->input = input;
    copy->subrequest = true;
    struct rig_next *before = run->current;
    uint32_t hop_before = run->current_hop;
    run->current = next;
    run->current_hop = next->hop;
    tell_change(run, RIG_EVENT_NEXT, next, copy, site);
    response->error = rig_stack_pass(run, next->stack, next->position + 1, copy, response, site);
    tell_change(run, RIG_EVENT_NEXT_RETURN, next, copy, site);
    if (response->error < 0) {
        rig_response_fail(run, response);
    }
    run->current = before;
    run->current_hop = hop_before;
    if (response->error == 0 && rig_response_is_starved(response)) {
        response->error = -ENOMEM;
    }
    copy->input = under;
    return response;
}
