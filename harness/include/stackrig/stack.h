/* Middleware, apps and the stack that chains them.
 *
 * A stack is built once, on one thread, then many clients may share it: building after the first request is
 * -EINVAL. What goes wrong while building sticks to the stack and is reported by the first send. */
#ifndef STACKRIG_STACK_H
#define STACKRIG_STACK_H

#include <stackrig/base.h>
#include <stackrig/env.h>
#include <stackrig/response.h>

struct rig_stack;
struct rig_next;

/* A middleware is a function. It answers, or passes the request on with rig_next, or both. Returns 0, or a negative
 * error that travels up like an exception until a layer handles it (by returning 0). */
typedef int rig_call_fn(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next);

struct rig_middleware {
    const char *name;
    rig_call_fn *call;
    size_t self_size; /* bytes of an instance; zeroed, owned by the stack; 0: self is NULL */
    /* Inside rig_use; copies what it keeps; 0 or -errno. NULL: self begins as a copy of *options, which then has
     * self_size bytes, or zeroed when options is NULL. */
    int (*init)(void *self, const void *options);
    void (*reset)(void *self);   /* back to the state after init; NULL: there is none */
    void (*destroy)(void *self); /* inside rig_stack_free; NULL: nothing to do */
};

/* The end of a chain. */
struct rig_app {
    const char *name;
    int (*call)(void *self, struct rig_env *env, struct rig_response *res);
    void *self;
    void (*release)(void *self); /* by the stack that runs it, or the client it was given to; NULL: nothing to do */
};

/* One use of a middleware. name NULL: the middleware's. auth: it decides who may pass (for coverage of auth paths).
 * ignore: rules ("id" or "area.*") that are not findings when this layer is the one at fault. enable: rules that are off
 * by default and on for this layer. */
struct rig_layer {
    const struct rig_middleware *middleware; /* must outlive the stack */
    const void *options;                     /* given to init, or copied; in C++ written .options = */
    const char *name;
    bool auth;
    const char *ignore[RIG_IGNORE_MAX + 1];
    const char *enable[RIG_IGNORE_MAX + 1];
    int end_;
};

struct rig_stack_options {
    const char *name;               /* NULL: "stack" */
    struct rig_allocator allocator; /* all zero: malloc */
};

/* rig_use(stack, &middleware, &(struct opts){ .a = 1 }, .name = "outer", .auth = true): 0, or -errno of init. In C++:
 * opts options = {.a = 1}; rig_use(stack, &middleware, .options = &options, .name = "outer", .auth = true) */
#define rig_use(stack_, ...) rig_use_at(RIG_SITE, stack_, RIG_VALUE_(rig_layer, .middleware = __VA_ARGS__, .end_ = 0))
#define rig_map(...) rig_map_at(RIG_SITE, __VA_ARGS__)
#define rig_run(...) rig_run_at(RIG_SITE, __VA_ARGS__)
#define rig_next(...) rig_next_at(RIG_SITE, __VA_ARGS__)
#define rig_subrequest(...) rig_subrequest_at(RIG_SITE, __VA_ARGS__)

/* An app without state, named after its function. */
#define RIG_APP(function_) RIG_VALUE_(rig_app, .name = #function_, .call = function_)

RIG_BEGIN_DECLS
struct rig_stack *rig_stack_new(struct rig_stack_options options); /* NULL: out of memory */
void rig_stack_free(struct rig_stack *stack);                      /* NULL is fine; goes with its last client */
int rig_use_at(const char *site, struct rig_stack *stack, struct rig_layer layer);
/* Requests whose path begins with prefix ("/admin", "http://host/x") go to inner, the longest prefix first, with the
 * prefix moved from PATH_INFO to SCRIPT_NAME for the time of the call. Takes inner, also on failure.
 * Repeated slashes count as one; of two stacks for one prefix the later is used. A host (in any case; the scheme says
 * nothing) goes before none: first the Host header's, as it is with its port, then SERVER_NAME's, which has none. So
 * "http://h:81/" is for port 81 alone, "http://h/" for every port that has no prefix of its own. A Host that has prefixes of its own and is not SERVER_NAME's never comes to those without a host. All prefixes stand below all
 * layers of the stack: for one that stands above a layer, rig_run a further stack with that layer. */
int rig_map_at(const char *site, struct rig_stack *stack, const char *prefix, struct rig_stack *inner);
/* The app at the end; what no prefix matches goes to it, or is answered 404. Takes app.self, also on failure. */
int rig_run_at(const char *site, struct rig_stack *stack, struct rig_app app);
/* What answers where no prefix matches and there is no app: 404, text/plain "Not Found: PATH_INFO", X-Cascade: pass. It
 * drains up to 1 MiB of the body; of one with more it leaves the rest and adds Connection: close. */
struct rig_app rig_not_found(void);
/* The stack as an app: for a client, or at the end of another stack. Borrows. */
struct rig_app rig_stack_app(struct rig_stack *stack);
/* Leaves layers out: bit n of bits[n / 64] is layer n, counted in the order they were given to this stack and,
 * after its own, to its mapped and inner stacks in order. NULL: all take part. Not while a request is open. */
int rig_stack_leave_out(struct rig_stack *stack, const uint64_t *bits, size_t words);
/* Only these layers take part, in this order; numbers as rig_stack_leave_out counts, each once. A layer stays in the
 * stack it was given to: of a stack and those in it, each takes its own from the list. Not while a request is open. */
int rig_stack_arrange(struct rig_stack *stack, const unsigned *layers, size_t count);
size_t rig_stack_layer_count(const struct rig_stack *stack); /* with those of mapped and inner stacks */
void rig_stack_reset(struct rig_stack *stack);               /* every layer's reset */

/* Passes the request on to the layer below: what it returned, or
 * -ESTALE: next, env or res belongs to a call or request that has ended, or to another request; nothing ran;
 * -EINVAL: a NULL; nothing ran. */
int rig_next_at(const char *site, struct rig_next *next, struct rig_env *env, struct rig_response *res);
/* Runs the rest of the chain for a copy, as a request of its own: a ledger and a response of its own, no identity
 * finding. The response lasts as long as the request. Its error, if any: rig_response_error. NULL: out of memory,
 * stale, or wrong use. */
struct rig_response *rig_subrequest_at(const char *site, struct rig_next *next, struct rig_env *copy);
int rig_response_error(const struct rig_response *response); /* what the chain of a sub-request returned */
RIG_END_DECLS

/* ---- stacks in shared objects ---- */

/* A secret made for this run, by credential class ("valid", "other"). */
struct rig_secret {
    const char *credential_class, *name, *value;
};

struct rig_setup {
    uint64_t seed;
    const struct rig_secret *secrets;
    size_t secret_count;
    const struct rig_field *settings; /* key=value, from --set */
    size_t setting_count;
};

/* Builds the stack: 0 or -errno. Called as often as the rig likes: once a worker, once per subset when bisecting. */
typedef int rig_build_fn(struct rig_stack *stack, const struct rig_setup *setup);

struct rig_export {
    uint32_t abi, version;
    rig_build_fn *build;
};

#ifdef __cplusplus
#define RIG_EXTERN_C_ extern "C"
#else
#define RIG_EXTERN_C_
#endif
/* Once in a stack's shared object, at file scope. */
#define RIG_EXPORT(build_)                                                                           \
    RIG_EXTERN_C_ __attribute__((visibility("default"))) const struct rig_export rig_exported_stack; \
    const struct rig_export rig_exported_stack = {RIG_ABI, RIG_VERSION, build_}

RIG_BEGIN_DECLS
const char *rig_setup_get(const struct rig_setup *setup, const char *key); /* NULL: not set */
const struct rig_secret *rig_setup_secret(const struct rig_setup *setup, const char *credential_class);
RIG_END_DECLS

#endif
