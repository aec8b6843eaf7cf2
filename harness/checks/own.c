/* What a client's own rules hear and say. */
#include "harness/checks/own.h"

#include "harness/core/hash.h"
#include "harness/core/own.h"

#include <errno.h>
#include <stdarg.h>
#include <strings.h>

static const enum rig_event_kind kinds[RIG_OWN_MOMENTS] = {
    [RIG_OWN_BEGIN] = RIG_EVENT_BEGIN,
    [RIG_OWN_ENTER] = RIG_EVENT_ENTER,
    [RIG_OWN_LEAVE] = RIG_EVENT_LEAVE,
    [RIG_OWN_NEXT] = RIG_EVENT_NEXT,
    [RIG_OWN_NEXT_RETURN] = RIG_EVENT_NEXT_RETURN,
    [RIG_OWN_ENV_GET] = RIG_EVENT_ENV_GET,
    [RIG_OWN_ENV_SET] = RIG_EVENT_ENV_SET,
    [RIG_OWN_ENV_UNSET] = RIG_EVENT_ENV_UNSET,
    [RIG_OWN_INPUT_READ] = RIG_EVENT_INPUT_READ,
    [RIG_OWN_INPUT_DRAIN] = RIG_EVENT_INPUT_DRAIN,
    [RIG_OWN_STATUS] = RIG_EVENT_STATUS,
    [RIG_OWN_HEADER] = RIG_EVENT_HEADER,
    [RIG_OWN_WRITE] = RIG_EVENT_WRITE,
    [RIG_OWN_LOG] = RIG_EVENT_LOG,
    [RIG_OWN_OUT] = RIG_EVENT_OUT,
    [RIG_OWN_END] = RIG_EVENT_END,
};

/* ---- for checks ---- */

/* The response at hand: a sub-request has one of its own. */
static const struct rig_response *response_of(const struct rig_own_seen *seen)
{
    const struct rig_run *run = seen->run_;
    return run->current ? run->current->response : run->response;
}

static const struct rig_env *env_of(const struct rig_own_seen *seen)
{
    const struct rig_run *run = seen->run_;
    return seen->env_ ? seen->env_ : run->current ? run->current->env : run->env;
}

const char *rig_own_layer(const struct rig_own_seen *seen)
{
    return seen->hop && seen->hop->layer ? seen->hop->layer : "the request";
}

const struct rig_hop *rig_own_answered_by(const struct rig_own_seen *seen)
{
    const struct rig_response *response = response_of(seen);
    bool known = response && response->answered && response->answered_by < seen->hop_count;
    return known ? &seen->hops[response->answered_by] : NULL;
}

const char *rig_own_env(const struct rig_own_seen *seen, const char *name)
{
    const struct rig_env *env = env_of(seen);
    size_t size = name ? strlen(name) : 0;
    const struct rig_entry *entry = env && size > 0 ? rig_env_find(env, name, size, rig_hash(name, size)) : NULL;
    return entry && entry->state == RIG_ENTRY_STRING ? entry->value : NULL;
}

const char *rig_own_header(const struct rig_own_seen *seen, const char *name)
{
    const struct rig_response *response = response_of(seen);
    for (uint32_t i = 0; name && response && i < response->header_count; i++) {
        if (response->headers[i].value && strcasecmp(response->headers[i].name, name) == 0) {
            return response->headers[i].value;
        }
    }
    return NULL;
}

static int find(const struct rig_own_seen *seen, const struct rig_own_detail *detail, const char *format,
                va_list arguments) RIG_PRINTF_(3, 0);

static int find(const struct rig_own_seen *seen, const struct rig_own_detail *detail, const char *format,
                va_list arguments)
{
    struct rig_run *run = seen->run_;
    /* Else all of them, with each request, are one and the same to a baseline. */
    bool nowhere = !detail->hop && !seen->hop;
    const struct rig_hop *hop = nowhere ? rig_own_answered_by(seen) : detail->hop ? detail->hop : seen->hop;
    enum rig_level most = run->runner->rules[seen->rule_].level;
    bool elsewhere = detail->hop && detail->hop != seen->hop; /* the line that was seen is none of that layer's */
    const char *text = rig_arena_vprint(&run->arena, format, arguments);
    struct rig_find found = {.rule = seen->rule_,
                             .level = detail->level > 0 && detail->level < most ? detail->level : most,
                             .site = detail->site     ? detail->site
                                     : elsewhere      ? NULL
                                     : nowhere && hop ? response_of(seen)->answered_at
                                                      : seen->site,
                             .hop = hop ? hop->number : RIG_NO_HOP,
                             .subject = detail->subject,
                             .follows = detail->follows,
                             .mend = detail->mend,
                             .evidence = detail->evidence,
                             .evidence_count = detail->evidence ? detail->evidence_count : 0};
    if (!text || rig_find(run, &found, "%s", text) != 0) {
        run->unchecked = true; /* whatever the check makes of it */
        return -ENOMEM;
    }
    run->runner->own->found = true;
    return RIG_OWN_LOOKED;
}

static const struct rig_own_detail no_detail = {.hop = NULL};

int rig_own_find(const struct rig_own_seen *seen, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int result = find(seen, &no_detail, format, arguments);
    va_end(arguments);
    return result;
}

int rig_own_find_with(const struct rig_own_seen *seen, const struct rig_own_detail *detail, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int result = find(seen, detail ? detail : &no_detail, format, arguments);
    va_end(arguments);
    return result;
}

/* ---- what they hear ---- */

static struct rig_own_seen seen_of(struct rig_run *run, const struct rig_event *event)
{
    static const struct rig_exchange none = {.method = NULL};
    const struct rig_exchange *exchange = run->exchanges ? &run->exchanges[run->exchange] : &none;
    const struct rig_response *response = run->current ? run->current->response : run->response;
    return (struct rig_own_seen){.hop = event->hop,
                                 .site = event->kind == RIG_EVENT_ENTER ? NULL : event->site, /* the layer's above */
                                 .name = event->name,
                                 .value = event->value,
                                 .size = event->size,
                                 .number = event->number,
                                 .method = exchange->method,
                                 .target = exchange->target,
                                 .hops = run->hops,
                                 .hop_count = run->hop_count,
                                 .first_hop = run->first_hop,
                                 .status = response ? response->status : 0,
                                 .delivery = run->delivery,
                                 .run_ = run,
                                 .env_ = event->env};
}

/* Outside of the layers it is on for those of them that enable it: a finding says which one it is of. */
static bool is_on(const struct rig_run *run, const struct rig_own_rule *rule, unsigned number,
                  const struct rig_hop *hop)
{
    return !rule->off || (rig_may_be_on(run) &&
                          (hop ? rig_rule_is_on(run, number, hop->number) : rig_rule_is_on_anywhere(run, number)));
}

/* Once for each request. */
static void refuse_return(struct rig_run *run, const struct rig_own_rule *rule, unsigned char *told, int result)
{
    if (!*told) {
        *told = 1;
        (void)rig_misuse_mended(run, RIG_MISUSE_BAD_RETURN, run->site,
                                "a check returns RIG_OWN_IDLE, RIG_OWN_LOOKED, what rig_own_find returned, or -ENOMEM",
                                "the check of the rule %s returned %d", rule->id, result);
    }
}

/* Should it crash or hang in there, that is no layer's fault. What it keeps is no layer's, either. */
static int call_check(struct rig_own *own, const struct rig_own_rule *rule, const struct rig_own_seen *seen)
{
    struct rig_run *run = seen->run_;
    own->found = false;
    run->owned = rig_memory_own(true);
    run->looks = true;
    if (own->on_look) {
        own->on_look(rule->id);
    }
    int result = rule->check(seen);
    if (own->on_look) {
        own->on_look(NULL);
    }
    run->looks = false;
    (void)rig_memory_own(run->owned);
    return result;
}

static int look(struct rig_own *own, size_t at, unsigned char *state, struct rig_own_seen *seen)
{
    const struct rig_own_rule *rule = own->rules[at];
    struct rig_run *run = seen->run_;
    seen->request_state = rule->request_size > 0 ? state + own->request_offsets[at] : NULL;
    seen->client_state = own->client_states[at];
    seen->closure = rule->closure;
    int result = call_check(own, rule, seen);
    if (result == RIG_OWN_LOOKED || own->found) {
        rig_arm(run, seen->rule_, 1);
    }
    if (result != RIG_OWN_IDLE && result != RIG_OWN_LOOKED && result != -ENOMEM) {
        refuse_return(run, rule, state + at, result);
    }
    return result == -ENOMEM ? result : 0;
}

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    struct rig_own *own = run->runner->own;
    struct rig_own_seen seen = seen_of(run, event);
    int error = 0;
    while (seen.moment < RIG_OWN_MOMENTS && kinds[seen.moment] != event->kind) {
        seen.moment++;
    }
    for (size_t i = 0; i < own->count; i++) {
        seen.rule_ = own->first + (unsigned)i;
        if ((own->rules[i]->hears >> seen.moment & 1) != 0 && is_on(run, own->rules[i], seen.rule_, event->hop)) {
            int result = look(own, i, state, &seen);
            error = result < 0 ? -ENOMEM : error;
        }
    }
    return error;
}

/* ---- a client's ---- */

static size_t rounded(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

static void learn_wants(struct rig_own *own)
{
    unsigned hears = 0, wants = 0;
    own->check.state_size = rounded(own->count); /* of each: was it told that it returns what it must not? */
    for (size_t i = 0; i < own->count; i++) {
        own->request_offsets[i] = own->check.state_size;
        own->check.state_size += rounded(own->rules[i]->request_size);
        hears |= own->rules[i]->hears;
    }
    for (unsigned moment = 0; moment < RIG_OWN_MOMENTS; moment++) {
        if ((hears >> moment & 1) != 0) {
            own->check.wants[wants++] = (struct rig_want){kinds[moment], RIG_FACT_ALWAYS | RIG_FACT_ERROR};
        }
    }
}

static int make_states(struct rig_own *own, struct rig_arena *arena)
{
    size_t size = 0;
    for (size_t i = 0; i < own->count; i++) {
        size += rounded(own->rules[i]->client_size);
    }
    own->states_size = size;
    own->states = size > 0 ? rig_arena_zeroed(arena, size * 2) : NULL;
    if (size > 0 && !own->states) {
        return -ENOMEM;
    }
    own->kept = size > 0 ? own->states + size : NULL;
    size = 0;
    for (size_t i = 0; i < own->count; i++) {
        own->client_states[i] = own->rules[i]->client_size > 0 ? own->states + size : NULL;
        size += rounded(own->rules[i]->client_size);
    }
    return 0;
}

int rig_own_add(struct rig_runner *runner, struct rig_arena *arena, const struct rig_own_rule *const *given,
                const struct rig_own_rule *const *sorted, size_t count)
{
    size_t rules = runner->rule_count;
    if (runner->checks.count == RIG_CHECKS_MAX) {
        return -EINVAL;
    }
    struct rig_own *own = rig_arena_zeroed(arena, sizeof *own);
    struct rig_rule *table = rig_arena_zeroed(arena, (rules + count) * sizeof *table);
    if (!own || !table) {
        return -ENOMEM;
    }
    own->rules = rig_arena_zeroed(arena, count * sizeof(const struct rig_own_rule *));
    own->request_offsets = rig_arena_zeroed(arena, count * sizeof *own->request_offsets);
    own->client_states = rig_arena_zeroed(arena, count * sizeof(void *));
    own->given = given;
    own->before = runner->checks;
    own->count = count;
    own->first = (unsigned)rules;
    if (!own->rules || !own->request_offsets || !own->client_states) {
        return -ENOMEM;
    }
    memcpy(own->rules, sorted, count * sizeof(const struct rig_own_rule *));
    memcpy(table, runner->rules, rules * sizeof *table);
    for (size_t i = 0; i < count; i++) {
        table[rules + i] = rig_own_row(sorted[i]);
    }
    own->check = (struct rig_check){.name = "own", .on_event = on_event};
    learn_wants(own);
    for (size_t i = 0; i < runner->checks.count && !own->on_look; i++) {
        own->on_look = runner->checks.checks[i]->on_look;
    }
    memcpy(own->checks, runner->checks.checks, runner->checks.count * sizeof(const struct rig_check *));
    own->checks[runner->checks.count] = &own->check;
    runner->own = own;
    rig_runner_extend(runner, &(struct rig_check_set){own->checks, runner->checks.count + 1}, table, rules + count);
    return make_states(own, arena);
}

const struct rig_check_set *rig_own_checks_before(const struct rig_runner *runner)
{
    return runner->own ? &runner->own->before : &runner->checks;
}

/* ---- what it keeps over all requests ---- */

void rig_own_keep(struct rig_runner *runner)
{
    if (rig_own_states_size(runner) > 0) {
        rig_own_states_take(runner, runner->own->kept);
    }
}

void rig_own_put_back(struct rig_runner *runner)
{
    if (rig_own_states_size(runner) > 0) {
        rig_own_states_put(runner, runner->own->kept);
    }
}
