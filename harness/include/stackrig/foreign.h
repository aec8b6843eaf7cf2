/* For adapters of foreign frameworks: an app that calls handlers written for somebody else's server. The handlers'
 * source stays as it is; their adapter tells the rig what happens. The recipe: mocks/frameworks/README.md.
 *
 * Not part of what a test or a layer needs. Errors are as in env.h. */
#ifndef STACKRIG_FOREIGN_H
#define STACKRIG_FOREIGN_H

#include <stackrig/base.h>
#include <stackrig/env.h>
#include <stackrig/response.h>
#include <stackrig/result.h>
#include <stackrig/stack.h>

struct rig_visit; /* one call of a foreign layer; lasts as long as the request */

struct rig_framework;

/* A foreign layer. Its strings must outlive the client that sees them, as literals and an adapter's own tables do. */
struct rig_foreign {
    const char *name;      /* its function's name; NULL: "layer" */
    const char *site;      /* where it was registered, "file.c:42"; NULL: unknown */
    const char *called_at; /* the line that calls it; NULL: the framework itself */
    const void *object;    /* what it is given in env's place; NULL: nothing whose identity can be told */
    const char *kind;      /* what a finding calls that object: "ctx"; NULL: "object" */
    bool auth;             /* it decides who may pass (for coverage of auth paths) */
    bool is_app;           /* it is expected to answer */
    const void *answer;    /* what it is given in the response's place; NULL: the rig's */
    const struct rig_framework *framework; /* whose advice its findings bear; NULL: the rules' own */
};

/* A rule that can never say anything of a framework's layers, and why. */
struct rig_blind {
    const char *rule, *why;
};

/* How handlers of a framework mend what a rule finds, in its own calls. */
struct rig_advice {
    const char *rule, *mend;
};

/* What an adapter says of itself. */
struct rig_framework {
    const char *name, *title;
    const struct rig_blind *blind;   /* ends with rule NULL */
    const struct rig_advice *advice; /* ends with rule NULL; NULL: none */
};

/* What an adapter has found. Strings may be the caller's: they are copied. */
struct rig_foreign_finding {
    const char *rule;                     /* a rule of the table, "area.subject.what" */
    enum rig_level level;                 /* 0: the rule's */
    const char *site;                     /* NULL: the layer's */
    const struct rig_visit *visit;        /* the layer at fault; NULL: the one that is on */
    const char *subject, *follows, *mend; /* NULL: the rule's */
    const struct rig_evidence *evidence;
    size_t evidence_count;
};

RIG_BEGIN_DECLS
/* ---- hops ---- */

/* Begins a hop: what happens until it is left is that layer's doing. Entered while another foreign layer is open, it was
 * passed on to by that one: next.call.* and env.identity.replaced judge that, the latter where both have an object. Layers
 * called one after the other are left before the next is entered. NULL: out of memory, or stale. */
struct rig_visit *rig_foreign_enter(struct rig_env *env, struct rig_response *res, const struct rig_foreign *layer);
/* Ends it, and those within that were jumped out of. returned: 0 or -errno, in the rig's terms. Gives it back. */
int rig_foreign_leave(struct rig_visit *visit, int returned);

/* The number of an object, the 7 of ctx#7: the same for the same address until it is forgotten, never used again by this
 * client. 0: NULL, out of memory, or stale. */
uint64_t rig_foreign_id(struct rig_env *env, const void *object);
/* The object has ended: what comes to lie at its address is another. */
void rig_foreign_forget(struct rig_env *env, const void *object);

/* A handler with a stack of its own (makecontext): before this thread goes there, in a request, and when it is back, with
 * what the first returned. Else what the handler does there, its allocations first of all, is nobody's. */
void *rig_foreign_switch(void);
void rig_foreign_switched_back(void *before);

/* ---- the request ---- */

/* The header fields as the client spelt them, repeated ones one by one, in order. One that a layer above has set or taken
 * away is as it is now; a name that only the env has is spelt as CGI's gives it (HTTP_X_USER: X-User). Also of requests
 * whose variables are joined. */
int rig_foreign_fields(struct rig_env *env, rig_each_fn *visit, void *closure);
/* The value of the first of them with that name, in any case. NULL: there is none, stale, or out of memory. */
const char *rig_foreign_field(struct rig_env *env, const char *name);

/* Reads ahead, as a server's buffer does: bytes, in the sizes in which the body arrives; 0 at the end; -errno. Enters no
 * ledger, and takes nothing off the connection. Reading it in both ways at a time is wrong use. */
int64_t rig_foreign_fill(struct rig_env *env, void *buffer, size_t size);
/* The layer that is on has read so many of the bytes read ahead; 0: it came upon the end of the body. */
int rig_foreign_read(const char *site, struct rig_env *env, uint64_t size);

/* ---- the answer ---- */

/* The framework has sent it: from now on it cannot be changed. To try is response.lifetime.stale. */
int rig_foreign_out(const char *site, struct rig_response *res);
/* The framework closes the connection without an answer: the app then returns what the result's error is to be. Behind a
 * gateway the client gets that one's own. */
int rig_foreign_hang_up(struct rig_env *env);
/* Calls out(closure) once, when the answer has gone out to its last byte and its body was closed, or when the request is
 * given up. Last in first out. What is found then still is this request's. */
int rig_foreign_when_out(struct rig_env *env, void (*out)(void *closure), void *closure);

/* ---- after the request ---- */

/* Fills memory with a pattern and, under ASan, poisons it: what is kept too long is then seen to be over. */
void rig_foreign_poison(void *memory, size_t size);
void rig_foreign_unpoison(void *memory, size_t size);
/* Does env still stand? If not, that is env.lifetime.stale, with the name of the foreign call. */
bool rig_foreign_live(const char *site, const struct rig_env *env, const char *call);

/* ---- findings ---- */

/* 0, -EINVAL (no such rule, which is usage.rule.unknown; NULL), -ESTALE or -ENOMEM. */
int rig_foreign_find(struct rig_env *env, const struct rig_foreign_finding *find, const char *format, ...)
    RIG_PRINTF_(3, 4);
/* The rule's precondition held. */
int rig_foreign_arm(struct rig_env *env, const char *rule);
RIG_END_DECLS

#endif
