/* What adapters of foreign frameworks need of the core: hops that are no layer of a stack, numbers for their objects, and
 * findings of their own. */
#include "harness/core/foreign.h"

#include <stackrig/foreign.h>

#include <errno.h>
#include <limits.h>
#include <stdarg.h>

#define PATTERN 0xA5

struct rig_visit {
    struct rig_run *run;
    struct rig_next *next;
    const void *object;
    const char *kind;
    struct rig_visit *older;
};

struct rig_foreign_name {
    const void *object; /* NULL: forgotten */
    uint64_t id;
    struct rig_foreign_name *next;
};

static struct rig_run *live(const char *site, const struct rig_env *env, const char *call)
{
    return rig_live(site, env ? &env->handle : NULL, RIG_HANDLE_ENV, call);
}

bool rig_foreign_live(const char *site, const struct rig_env *env, const char *call)
{
    return live(site, env, call) != NULL;
}

/* ---- objects ---- */

static struct rig_foreign_name *find_name(struct rig_run *run, const void *object)
{
    struct rig_foreign_name *at = run->named;
    while (at && at->object != object) {
        at = at->next;
    }
    return at;
}

static uint64_t number_of(struct rig_run *run, const void *object)
{
    struct rig_foreign_name *name = object ? find_name(run, object) : NULL;
    if (!object || name) {
        return name ? name->id : 0;
    }
    name = rig_arena_alloc(&run->arena, sizeof *name);
    if (!name) {
        run->unchecked = true;
        return 0;
    }
    *name = (struct rig_foreign_name){object, ++run->runner->serial, run->named};
    run->named = name;
    return name->id;
}

uint64_t rig_foreign_id(struct rig_env *env, const void *object)
{
    struct rig_run *run = live(NULL, env, "rig_foreign_id");
    return run ? number_of(run, object) : 0;
}

void rig_foreign_forget(struct rig_env *env, const void *object)
{
    struct rig_run *run = object ? live(NULL, env, "rig_foreign_forget") : NULL;
    struct rig_foreign_name *name = run ? find_name(run, object) : NULL;
    if (name) {
        name->object = NULL;
    }
}

/* ---- hops ---- */

/* The layer above called this one: what rig_next is in a stack. */
static void tell_next(struct rig_run *run, const struct rig_visit *above, const struct rig_foreign *layer,
                      struct rig_env *env)
{
    struct rig_hop *hop = &run->hops[above->next->hop];
    bool known = above->object && layer->object, other = known && above->object != layer->object;
    uint32_t facts = RIG_FACT_ALWAYS | (other ? RIG_FACT_OTHER_OBJECT : 0) |
                     (hop->next_calls > 0 ? RIG_FACT_AGAIN : 0) | (hop->answered ? RIG_FACT_ANSWERED : 0);
    hop->next_calls++;
    run->tally.nexts += known;
    if (rig_is_wanted(run, RIG_EVENT_NEXT, facts)) {
        rig_emit(run, &(struct rig_event){.kind = RIG_EVENT_NEXT,
                                          .facts = facts,
                                          .site = layer->called_at ? layer->called_at : hop->layer_site,
                                          .env = env,
                                          .upper = env,
                                          .name = above->kind,
                                          .size = other ? (size_t)number_of(run, above->object) : 0,
                                          .number = other ? (int64_t)number_of(run, layer->object) : 0});
    }
}

static void describe(struct rig_hop_of *what, const struct rig_foreign *layer)
{
    rig_zero(what, sizeof *what);
    what->hop.layer = layer->name ? layer->name : "layer";
    what->hop.layer_site = layer->site;
    what->hop.layer_number = 1;
    what->hop.layer_index = UINT_MAX;
    what->hop.auth = layer->auth;
    what->hop.is_app = layer->is_app;
    what->hop.abandoned = true;
}

struct rig_visit *rig_foreign_enter(struct rig_env *env, struct rig_response *res, const struct rig_foreign *layer)
{
    struct rig_run *run = live(NULL, env, "rig_foreign_enter");
    if (!run || !layer || rig_live(NULL, res ? &res->handle : NULL, RIG_HANDLE_RESPONSE, "rig_foreign_enter") != run) {
        return NULL;
    }
    struct rig_visit *visit = rig_arena_alloc(&run->arena, sizeof *visit), *above = run->visits;
    if (!visit) {
        return NULL;
    }
    if (above && above->next == run->current) {
        tell_next(run, above, layer, env);
    }
    struct rig_hop_of what;
    describe(&what, layer);
    *visit = (struct rig_visit){.run = run, .object = layer->object, .older = above};
    visit->kind = layer->kind ? layer->kind : "object";
    visit->next = rig_hop_begin(run, &what, env, res, layer->called_at);
    if (!visit->next) {
        return NULL;
    }
    if (layer->object) {
        run->hops[visit->next->hop].env_id = number_of(run, layer->object);
    }
    if (layer->answer) {
        run->hops[visit->next->hop].response_id = number_of(run, layer->answer);
    }
    run->visits = visit;
    run->framework = layer->framework;
    return visit;
}

int rig_foreign_leave(struct rig_visit *visit, int returned)
{
    struct rig_run *run = visit ? visit->run : NULL;
    struct rig_visit *inner = run ? run->visits : NULL;
    while (inner && inner != visit) { /* jumped out of */
        inner->next->open = false;
        inner = inner->older;
    }
    if (!inner) {
        return returned;
    }
    run->visits = visit->older;
    return rig_hop_end(run, visit->next, returned);
}

/* ---- the answer ---- */

int rig_foreign_out(const char *site, struct rig_response *res)
{
    struct rig_run *run = rig_live(site, res ? &res->handle : NULL, RIG_HANDLE_RESPONSE, "rig_foreign_out");
    if (!run) {
        return rig_live_error(res ? &res->handle : NULL);
    }
    res->out = true;
    return 0;
}

int rig_foreign_when_out(struct rig_env *env, void (*out)(void *closure), void *closure)
{
    struct rig_run *run = live(NULL, env, "rig_foreign_when_out");
    struct rig_destructor *last = run && out ? rig_arena_alloc(&run->arena, sizeof *last) : NULL;
    if (!last) {
        return !run ? rig_live_error(env ? &env->handle : NULL) : out ? -ENOMEM : -EINVAL;
    }
    *last = (struct rig_destructor){
        .destroy = out, .object = closure, .site = "", .hop = run->current_hop, .next = run->destructors};
    run->destructors = last;
    return 0;
}

int rig_foreign_hang_up(struct rig_env *env)
{
    struct rig_run *run = live(NULL, env, "rig_foreign_hang_up");
    if (!run) {
        return rig_live_error(env ? &env->handle : NULL);
    }
    run->wire.hung_up = true;
    return 0;
}

/* ---- after the request ---- */

void rig_foreign_poison(void *memory, size_t size)
{
    if (memory && size > 0) {
        memset(memory, PATTERN, size);
        rig_poison(memory, size);
    }
}

void rig_foreign_unpoison(void *memory, size_t size)
{
    if (memory && size > 0) {
        rig_unpoison(memory, size);
    }
}

/* ---- findings ---- */

static const struct rig_rule *search(const struct rig_runner *runner, const char *id)
{
    size_t low = 0, high = runner->sorted_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(runner->rules[middle].id, id);
        if (order == 0) {
            return &runner->rules[middle];
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}

/* NULL: there is no such rule, which is told. Adapters write ids as literals: the same address is most likely the same
 * id again. */
static const struct rig_rule *known_rule(struct rig_run *run, const char *site, const char *id)
{
    struct rig_runner *runner = run->runner;
    const struct rig_rule **recent = &runner->adapter_rules[(uintptr_t)id / 8 % RIG_ADAPTER_RULES];
    if (id && *recent && strcmp((*recent)->id, id) == 0) {
        return *recent;
    }
    const struct rig_rule *rule = id ? search(runner, id) : NULL;
    if (rule) {
        *recent = rule;
    } else {
        (void)rig_misuse(run, RIG_MISUSE_RULE_UNKNOWN, site, "an adapter found \"%.60s\", which is no rule",
                         id ? id : "");
    }
    return rule;
}

int rig_foreign_arm(struct rig_env *env, const char *rule)
{
    struct rig_run *run = live(NULL, env, "rig_foreign_arm");
    const struct rig_rule *row = run ? known_rule(run, NULL, rule) : NULL;
    if (!row) {
        return run ? -EINVAL : rig_live_error(env ? &env->handle : NULL);
    }
    rig_arm(run, (unsigned)(row - run->runner->rules), 1);
    return 0;
}

/* In the name of the layer at fault, whatever is on. */
static void emit_find(struct rig_run *run, const struct rig_foreign_finding *find, const char *text)
{
    uint32_t before = run->current_hop;
    run->current_hop = find->visit ? find->visit->next->hop : before;
    rig_emit(run, &(struct rig_event){.kind = RIG_EVENT_FOREIGN,
                                      .facts = RIG_FACT_ALWAYS,
                                      .site = find->site,
                                      .name = find->rule,
                                      .value = text,
                                      .size = strlen(text),
                                      .foreign = find});
    run->current_hop = before;
}

int rig_foreign_find(struct rig_env *env, const struct rig_foreign_finding *find, const char *format, ...)
{
    struct rig_run *run = live(find ? find->site : NULL, env, "rig_foreign_find");
    if (!run || !find || !format || !known_rule(run, find->site, find->rule)) {
        return run ? -EINVAL : rig_live_error(env ? &env->handle : NULL);
    }
    if (!rig_is_wanted(run, RIG_EVENT_FOREIGN, RIG_FACT_ALWAYS)) {
        return 0;
    }
    va_list arguments;
    va_start(arguments, format);
    const char *text = rig_arena_vprint(&run->arena, format, arguments);
    va_end(arguments);
    if (!text) {
        run->unchecked = true;
        return -ENOMEM;
    }
    emit_find(run, find, text);
    return 0;
}
