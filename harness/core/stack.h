/* The insides of a stack. */
#ifndef STACKRIG_CORE_STACK_H
#define STACKRIG_CORE_STACK_H

#include "harness/core/run.h"
#include "harness/http/rare.h"

#include <stdatomic.h>

/* One use of a middleware in a stack. */
struct rig_use {
    const struct rig_middleware *middleware;
    void *self;
    struct rig_hop_of entered; /* its index is known once the stack is frozen */
    char *name;
    char *ignore[RIG_IGNORE_MAX + 1], *enable[RIG_IGNORE_MAX + 1];
    struct rig_switches switches; /* these two */
    bool left_out;
};

/* A stack below a prefix. */
struct rig_mapping {
    char *host; /* NULL: any */
    char *path; /* without a final slash: "" is the root */
    size_t path_size, path_room;
    struct rig_stack *inner;
};

/* What was tried after the first request and not yet told. */
struct rig_late {
    atomic_flag locked;
    atomic_bool any;
    struct rig_mistakes mistakes;
};

/* The request that goes through a stack before its first one. Only the client knows of requests, so it sends it. */
struct rig_warm_up {
    /* Tells in run, which is about to be the first, what went wrong. Takes source. */
    void (*send)(struct rig_warm_up *warm_up, struct rig_stack *stack, struct rig_run *run);
    struct rig_source source; /* of the request's body; to be closed with the stack unless it was sent */
    size_t size;
};

struct rig_stack {
    struct rig_memory memory;
    char *name;
    struct rig_use **uses;
    size_t use_count, use_capacity;
    struct rig_use **chain; /* those that take part, outermost first */
    size_t chain_count;
    struct rig_mapping *mappings; /* in the order in which they are tried */
    size_t mapping_count, mapping_capacity;
    struct rig_stack *first_inner, *last_inner, *next_inner; /* the mapped ones in the order they were given */
    struct rig_warm_up *warm_up;                             /* NULL: none */
    atomic_bool warmed;
    struct rig_app app;
    const char *app_site;
    struct rig_hop_of app_entered;
    struct rig_mistakes mistakes; /* while it was built */
    struct rig_late late;
    struct rig_retired *retired; /* handles of freed clients; these three under late's lock */
    unsigned users;              /* clients that run it */
    bool orphaned;               /* freed while it had users: goes with the last */
    bool numbered;               /* its layers have their layer_index */
    bool taken;                  /* mapped into another, which frees it */
    atomic_int frozen;           /* 0: being built, 1: somebody freezes it, 2: frozen */
};

/* The .call of every stack's app. */
int rig_stack_call(void *self, struct rig_env *env, struct rig_response *response);
/* The stack that is this app; NULL: it is none. */
static inline struct rig_stack *rig_app_stack(const struct rig_app *app)
{
    return app->call == rig_stack_call ? app->self : NULL;
}
/* Freezes the stack behind app and reports, in run, what went wrong while it was built: 0 or -EINVAL. */
int rig_app_inspect(struct rig_run *run, const struct rig_app *app);

/* Sends the warm-up requests of the stack and those in it, once, inner ones first. */
void rig_stack_warm_up(struct rig_run *run, struct rig_stack *stack);
void rig_warm_up_drop(struct rig_stack *stack);

/* Has a request come already? Then the call is wrong use, and the next send tells it. */
bool rig_stack_is_frozen(struct rig_stack *stack, const char *site, const char *call);
/* Tells, in run, what was tried with the stacks behind app after their first request. Not for a stack that contains
 * itself. */
void rig_late_lock(struct rig_late *late);
void rig_late_unlock(struct rig_late *late);
/* A client of the stack begins; it ends, with all of its runs, and leaves its handles. */
void rig_stack_join(struct rig_stack *stack);
void rig_stack_part(struct rig_stack *stack, struct rig_runner *runner);
/* Is it still in use? Then it is freed with its last client; else its retired handles are. */
bool rig_stack_orphan(struct rig_stack *stack);
void rig_app_tell_late(struct rig_run *run, const struct rig_app *app);

/* Runs stack from its chain's position on. */
int rig_stack_pass(struct rig_run *run, const struct rig_stack *stack, size_t position, struct rig_env *env,
                   struct rig_response *response, const char *entered_at);
int rig_bare_app_pass(struct rig_run *run, const struct rig_app *app, const char *app_site, struct rig_env *env,
                      struct rig_response *response, const char *entered_at);
/* Runs an app, or the stack that it is. */
static inline int rig_app_pass(struct rig_run *run, const struct rig_app *app, const char *app_site,
                               struct rig_env *env, struct rig_response *response, const char *entered_at)
{
    const struct rig_stack *inner = rig_app_stack(app);
    return inner ? rig_stack_pass(run, inner, 0, env, response, entered_at)
                 : rig_bare_app_pass(run, app, app_site, env, response, entered_at);
}
/* Runs what the env's path is mapped to, or answers 404. */
int rig_map_pass(struct rig_run *run, const struct rig_stack *stack, struct rig_env *env, struct rig_response *response,
                 const char *entered_at);
/* Wrong use while building: sticks to the stack. Always -EINVAL. */
RIG_COLD int rig_mistake_build(struct rig_stack *stack, enum rig_misuse what, const char *site, const char *format, ...)
    RIG_PRINTF_(4, 5);
void *rig_stack_grow(struct rig_stack *stack, void *list, size_t *capacity, size_t count, size_t size);
char *rig_stack_string(struct rig_stack *stack, const char *text, size_t size);

#endif
