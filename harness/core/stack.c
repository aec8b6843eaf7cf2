#include "harness/core/stack.h"

#include "harness/core/preload.h"
#include "harness/http/rare.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define NESTING_MAX 64 /* a stack that contains itself has no end */

/* ---- building blocks ---- */

int rig_mistake_build(struct rig_stack *stack, enum rig_misuse what, const char *site, const char *format, ...)
{
    char text[sizeof(((struct rig_mistake *)0)->text)];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (stack) {
        rig_mistake_keep(&stack->mistakes, RIG_EVENT_MISUSE, what, site, text);
    } else {
        (void)rig_misuse(NULL, what, site, "%s", text);
    }
    return -EINVAL;
}

char *rig_stack_string(struct rig_stack *stack, const char *text, size_t size)
{
    char *copy = rig_memory_alloc(&stack->memory, size + 1);
    if (copy) {
        memcpy(copy, text, size);
        copy[size] = '\0';
    }
    return copy;
}

static void free_string(struct rig_stack *stack, char *text)
{
    if (text) {
        rig_memory_release(&stack->memory, text, strlen(text) + 1);
    }
}

/* A list with room for one more; NULL: out of memory, the old one stands. */
void *rig_stack_grow(struct rig_stack *stack, void *list, size_t *capacity, size_t count, size_t size)
{
    if (count < *capacity) {
        return list;
    }
    size_t grown = *capacity ? *capacity * 2 : 8;
    void *fresh = rig_memory_alloc(&stack->memory, grown * size);
    if (fresh) {
        if (count > 0) {
            memcpy(fresh, list, count * size);
        }
        rig_memory_release(&stack->memory, list, *capacity * size);
        *capacity = grown;
    }
    return fresh;
}

/* ---- a stack ---- */

struct rig_stack *rig_stack_new(struct rig_stack_options options)
{
    struct rig_memory memory;
    rig_memory_init(&memory, options.allocator, 0);
    struct rig_stack *stack = rig_memory_alloc(&memory, sizeof *stack);
    if (!stack) {
        return NULL;
    }
    *stack = (struct rig_stack){.memory = memory, .late.locked = ATOMIC_FLAG_INIT};
    const char *name = options.name ? options.name : "stack";
    stack->name = rig_stack_string(stack, name, strlen(name));
    if (!stack->name) {
        rig_stack_free(stack);
        return NULL;
    }
    return stack;
}

static void free_use(struct rig_stack *stack, struct rig_use *use)
{
    for (size_t i = 0; i < RIG_IGNORE_MAX; i++) {
        free_string(stack, use->ignore[i]);
        free_string(stack, use->enable[i]);
    }
    free_string(stack, use->name);
    rig_memory_release(&stack->memory, use->self, use->middleware->self_size);
    rig_memory_release(&stack->memory, use, sizeof *use);
}

void rig_stack_free(struct rig_stack *stack)
{
    if (!stack || rig_stack_orphan(stack)) {
        return;
    }
    if (stack->app.release) {
        stack->app.release(stack->app.self);
    }
    rig_warm_up_drop(stack);
    for (size_t i = stack->mapping_count; i-- > 0;) {
        rig_stack_free(stack->mappings[i].inner);
        free_string(stack, stack->mappings[i].host);
        rig_memory_release(&stack->memory, stack->mappings[i].path, stack->mappings[i].path_room);
    }
    for (size_t i = stack->use_count; i-- > 0;) {
        struct rig_use *use = stack->uses[i];
        if (use->middleware->destroy) {
            bool lent = rig_clock_lend();
            use->middleware->destroy(use->self);
            rig_clock_return(lent);
        }
        free_use(stack, use);
    }
    rig_memory_release(&stack->memory, stack->mappings, stack->mapping_capacity * sizeof *stack->mappings);
    rig_memory_release(&stack->memory, stack->uses, stack->use_capacity * sizeof(struct rig_use *));
    rig_memory_release(&stack->memory, stack->chain, stack->use_capacity * sizeof(struct rig_use *));
    free_string(stack, stack->name);
    struct rig_memory memory = stack->memory;
    rig_memory_release(&memory, stack, sizeof *stack);
}

/* ---- layers ---- */

static int copy_patterns(struct rig_stack *stack, char **to, const char *const *from)
{
    for (size_t i = 0; i < RIG_IGNORE_MAX && from[i]; i++) {
        to[i] = rig_stack_string(stack, from[i], strlen(from[i]));
        if (!to[i]) {
            return -ENOMEM;
        }
    }
    return 0;
}

/* A use with its instance, not yet initialised. NULL: out of memory. */
static struct rig_use *new_use(struct rig_stack *stack, const struct rig_layer *layer, const char *name)
{
    struct rig_use *use = rig_memory_alloc(&stack->memory, sizeof *use);
    if (!use) {
        return NULL;
    }
    *use = (struct rig_use){.middleware = layer->middleware,
                            .entered.hop = {.layer_number = 1, .auth = layer->auth, .abandoned = true}};
    size_t size = layer->middleware->self_size;
    use->self = size > 0 ? rig_memory_alloc(&stack->memory, size) : NULL;
    use->name = rig_stack_string(stack, name, strlen(name));
    if ((size > 0 && !use->self) || !use->name || copy_patterns(stack, use->ignore, layer->ignore) != 0 ||
        copy_patterns(stack, use->enable, layer->enable) != 0) {
        free_use(stack, use);
        return NULL;
    }
    if (size > 0 && layer->options && !layer->middleware->init) {
        memcpy(use->self, layer->options, size);
    } else if (size > 0) {
        memset(use->self, 0, size);
    }
    for (size_t i = 0; i < stack->use_count; i++) {
        use->entered.hop.layer_number += strcmp(stack->uses[i]->name, use->name) == 0;
    }
    use->entered.hop.layer = use->name;
    use->switches.ignore = (const char *const *)use->ignore;
    use->switches.enable = (const char *const *)use->enable;
    use->entered.switches = &use->switches;
    return use;
}

/* Room for one more in both lists, which are of one capacity. */
static int make_room(struct rig_stack *stack)
{
    struct rig_memory *memory = &stack->memory;
    size_t old = stack->use_capacity * sizeof(struct rig_use *);
    size_t capacity = stack->use_capacity ? stack->use_capacity * 2 : 8, size = capacity * sizeof(struct rig_use *);
    if (stack->use_count < stack->use_capacity) {
        return 0;
    }
    struct rig_use **uses = rig_memory_alloc(memory, size), **chain = rig_memory_alloc(memory, size);
    if (!uses || !chain) {
        rig_memory_release(memory, uses, size);
        rig_memory_release(memory, chain, size);
        return -ENOMEM;
    }
    if (old > 0) {
        memcpy(uses, stack->uses, old);
        memcpy(chain, stack->chain, old);
    }
    rig_memory_release(memory, stack->uses, old);
    rig_memory_release(memory, stack->chain, old);
    stack->uses = uses;
    stack->chain = chain;
    stack->use_capacity = capacity;
    return 0;
}

static void rebuild_chain(struct rig_stack *stack)
{
    stack->chain_count = 0;
    for (size_t i = 0; i < stack->use_count; i++) {
        if (!stack->uses[i]->left_out) {
            stack->chain[stack->chain_count++] = stack->uses[i];
        }
    }
}

static int check_layer(struct rig_stack *stack, const char *site, const struct rig_layer *layer)
{
    if (!stack || !layer->middleware || !layer->middleware->call) {
        return rig_mistake_build(stack, RIG_MISUSE_NULL_ARGUMENT, site, "rig_use was given a NULL %s",
                                 !stack               ? "stack"
                                 : !layer->middleware ? "middleware"
                                                      : "middleware function (.call)");
    }
    if (layer->options && !layer->middleware->init && layer->middleware->self_size == 0) {
        return rig_mistake_build(stack, RIG_MISUSE_BAD_ARGUMENT, site,
                                 "rig_use was given options for a middleware that has neither init nor self_size");
    }
    if (layer->ignore[RIG_IGNORE_MAX] || layer->enable[RIG_IGNORE_MAX]) {
        return rig_mistake_build(stack, RIG_MISUSE_TOO_MANY_FIELDS, site,
                                 "rig_use: the layer's .%s holds more than %d patterns: \"area.*\" is all of an area",
                                 layer->ignore[RIG_IGNORE_MAX] ? "ignore" : "enable", RIG_IGNORE_MAX);
    }
    return 0;
}

int rig_use_at(const char *site, struct rig_stack *stack, struct rig_layer layer)
{
    if (rig_stack_is_frozen(stack, site, "rig_use")) {
        return -EINVAL;
    }
    int error = check_layer(stack, site, &layer);
    if (error != 0) {
        return error;
    }
    const char *name = layer.name ? layer.name : layer.middleware->name ? layer.middleware->name : "layer";
    struct rig_use *use = make_room(stack) == 0 ? new_use(stack, &layer, name) : NULL;
    if (!use) {
        (void)rig_mistake_build(stack, RIG_MISUSE_LAYER_INIT, site, "out of memory while adding layer \"%s\"", name);
        return -ENOMEM;
    }
    use->entered.hop.layer_site = site;
    bool lent = rig_clock_lend();
    error = layer.middleware->init ? layer.middleware->init(use->self, layer.options) : 0;
    rig_clock_return(lent);
    if (error != 0) {
        (void)rig_mistake_build(stack, RIG_MISUSE_LAYER_INIT, site,
                                "layer \"%s\" could not be set up: init returned %d", name, error);
        free_use(stack, use);
        return error < 0 ? error : -EINVAL;
    }
    stack->uses[stack->use_count++] = use;
    stack->chain[stack->chain_count++] = use;
    return 0;
}

int rig_run_at(const char *site, struct rig_stack *stack, struct rig_app app)
{
    int error = 0;
    if (rig_stack_is_frozen(stack, site, "rig_run")) {
        error = -EINVAL;
    } else if (!stack || !app.call) {
        error = rig_mistake_build(
            stack, RIG_MISUSE_NULL_ARGUMENT, site, "rig_run was given a NULL %s",
            stack ? "app function (.call), as rig_scripted makes it of a reply that cannot be played" : "stack");
    } else if (stack->app.call) {
        error = rig_mistake_build(stack, RIG_MISUSE_BAD_ARGUMENT, site, "rig_run: stack \"%s\" has an app already",
                                  stack->name);
    }
    if (error != 0) {
        if (app.release) {
            app.release(app.self);
        }
        return error;
    }
    stack->app = app;
    stack->app_site = site;
    rig_app_entered(&stack->app_entered, &stack->app, site);
    return 0;
}

/* ---- the stack as an app ---- */

/* For an app that wraps the stack, as a recorder does: nobody else has looked whether it is fit to be run. */
int rig_stack_call(void *self, struct rig_env *env, struct rig_response *response)
{
    const char *call = "a stack's app";
    const struct rig_app app = rig_stack_app(self);
    struct rig_run *run = rig_live(NULL, env ? &env->handle : NULL, RIG_HANDLE_ENV, call);
    if (!run) {
        return rig_live_error(env ? &env->handle : NULL);
    }
    if (rig_live(NULL, response ? &response->handle : NULL, RIG_HANDLE_RESPONSE, call) != run) {
        return rig_live_error(response ? &response->handle : NULL);
    }
    if (rig_app_inspect(run, &app) != 0) {
        return -EINVAL;
    }
    rig_app_tell_late(run, &app);
    return rig_stack_pass(run, self, 0, env, response, NULL);
}

struct rig_app rig_stack_app(struct rig_stack *stack)
{
    return (struct rig_app){.name = stack ? stack->name : NULL, .call = stack ? rig_stack_call : NULL, .self = stack};
}

/* ---- walks through a stack and those in it ---- */

struct walk {
    const uint64_t *bits; /* to leave out; NULL with leaving_out: none */
    size_t words;
    bool leaving_out, numbering, freezing, resetting;
    unsigned index;
    unsigned depth;
    bool endless;
};

static void visit_use(struct walk *walk, struct rig_use *use)
{
    if (RIG_RARE(walk->leaving_out)) {
        size_t word = walk->index / 64;
        use->left_out = walk->bits && word < walk->words && (walk->bits[word] >> walk->index % 64 & 1u) != 0;
    }
    if (walk->resetting && use->middleware->reset) {
        use->middleware->reset(use->self);
    }
    walk->index++;
}

/* Once: a stack that stands in two others is numbered by the first of them that runs, for its requests may already be
 * under way on another thread. */
static void number_layers(struct rig_stack *stack, unsigned first)
{
    rig_late_lock(&stack->late);
    for (size_t i = 0; i < stack->use_count && !stack->numbered; i++) {
        stack->uses[i]->entered.hop.layer_index = first + (unsigned)i;
    }
    stack->numbered = true;
    rig_late_unlock(&stack->late);
}

static void walk_stack(struct walk *walk, struct rig_stack *stack)
{
    if (RIG_RARE(walk->depth == NESTING_MAX)) {
        walk->endless = true;
        return;
    }
    walk->depth++;
    if (RIG_RARE(walk->freezing)) {
        atomic_store_explicit(&stack->frozen, 2, memory_order_release);
    }
    if (RIG_RARE(walk->numbering)) {
        number_layers(stack, walk->index);
    }
    for (size_t i = 0; i < stack->use_count; i++) {
        visit_use(walk, stack->uses[i]);
    }
    if (RIG_RARE(walk->leaving_out)) {
        rebuild_chain(stack);
    }
    for (size_t i = 0; i < stack->mapping_count && !walk->endless; i++) {
        walk_stack(walk, stack->mappings[i].inner);
    }
    struct rig_stack *inner = rig_app_stack(&stack->app);
    if (inner && !walk->endless) {
        walk_stack(walk, inner);
    }
    walk->depth--;
}

int rig_stack_leave_out(struct rig_stack *stack, const uint64_t *bits, size_t words)
{
    if (!stack) {
        return rig_mistake_build(NULL, RIG_MISUSE_NULL_ARGUMENT, NULL, "rig_stack_leave_out was given a NULL stack");
    }
    struct walk walk = {.bits = bits, .words = words, .leaving_out = true};
    walk_stack(&walk, stack);
    return 0;
}

size_t rig_stack_layer_count(const struct rig_stack *stack)
{
    struct walk walk = {0};
    if (stack) {
        walk_stack(&walk, (struct rig_stack *)(uintptr_t)stack); /* a walk that changes nothing */
    }
    return walk.index;
}

void rig_stack_reset(struct rig_stack *stack)
{
    struct walk walk = {.resetting = true};
    if (stack) {
        bool lent = rig_clock_lend();
        walk_stack(&walk, stack);
        rig_clock_return(lent);
    }
}

/* ---- the first request ---- */

/* Numbers the layers, once, whichever client's thread comes first; from then on the stack and those in it stay as they
 * are. False: a stack contains itself. */
static bool freeze(struct rig_stack *stack)
{
    int building = 0;
    bool endless = false;
    if (atomic_compare_exchange_strong(&stack->frozen, &building, 1)) {
        struct walk looking = {0}, numbering = {.numbering = true}, freezing = {.freezing = true};
        walk_stack(&looking, stack);
        endless = looking.endless;
        if (endless) {
            atomic_store_explicit(&stack->frozen, 0, memory_order_release);
        } else {
            walk_stack(&numbering, stack);
            walk_stack(&freezing, stack);
        }
    }
    while (!endless && atomic_load_explicit(&stack->frozen, memory_order_acquire) == 1) {
    }
    return !endless;
}

static int inspect_patterns(struct rig_run *run, const struct rig_stack *stack)
{
    int error = 0;
    for (size_t i = 0; i < stack->use_count; i++) {
        const struct rig_use *use = stack->uses[i];
        run->runner->layers_enable = run->runner->layers_enable || use->enable[0];
        for (size_t k = 0; k < RIG_IGNORE_MAX * 2; k++) {
            const char *pattern = k < RIG_IGNORE_MAX ? use->ignore[k] : use->enable[k - RIG_IGNORE_MAX];
            if (pattern && !rig_pattern_known(run->runner, pattern)) {
                error = rig_misuse(run, RIG_MISUSE_RULE_UNKNOWN, use->entered.hop.layer_site,
                                   "layer \"%s\" %s \"%s\", %s", use->name, k < RIG_IGNORE_MAX ? "ignores" : "enables",
                                   pattern, rig_pattern_unknown(run->runner, pattern));
            }
        }
    }
    return error;
}

static int inspect(struct rig_run *run, struct rig_stack *stack)
{
    rig_mistakes_report(run, &stack->mistakes);
    int error = stack->mistakes.count > 0 ? -EINVAL : 0;
    if (!stack->app.call && stack->mapping_count == 0 && error == 0) { /* else it may follow from what was told */
        error = rig_misuse(run, RIG_MISUSE_STACK_NO_APP, run->site,
                           "stack \"%s\" has no app: end it with rig_run or rig_map", stack->name);
    }
    error = inspect_patterns(run, stack) != 0 ? -EINVAL : error;
    for (size_t i = 0; i < stack->mapping_count; i++) {
        error = inspect(run, stack->mappings[i].inner) != 0 ? -EINVAL : error;
    }
    struct rig_stack *inner = rig_app_stack(&stack->app);
    return inner && inspect(run, inner) != 0 ? -EINVAL : error;
}

int rig_app_inspect(struct rig_run *run, const struct rig_app *app)
{
    struct rig_stack *stack = rig_app_stack(app);
    if (!stack) {
        return app->call ? 0
                         : rig_misuse(run, RIG_MISUSE_STACK_NO_APP, run->site,
                                      "the client was given no app (.call NULL), as rig_scripted makes it of a reply "
                                      "that cannot be played");
    }
    if (!freeze(stack)) {
        return rig_misuse(run, RIG_MISUSE_STACK_LOOP, run->site, "stack \"%s\" contains itself", stack->name);
    }
    int error = inspect(run, stack);
    if (error == 0) {
        rig_stack_warm_up(run, stack);
    }
    return error;
}
