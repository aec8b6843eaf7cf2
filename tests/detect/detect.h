/* How good the fuzzer is: small stacks with a planted mistake each, a variation on one that shipped, and correct ones that
 * look suspicious. */
#ifndef TESTS_DETECT_H
#define TESTS_DETECT_H

#include <stackrig/fuzz.h>
#include <stackrig/stackrig.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DETECT_LAYERS 3

struct detect_row {
    const char *name;
    const char *like; /* the public mistake that it varies, or what looks suspicious */
    const char *rule; /* that tells it; "crash"; NULL: the stack is correct */
    const struct rig_middleware *layers[DETECT_LAYERS + 1];
    struct rig_app app, mapped;                        /* mapped: at /admin; .call NULL: there is none */
    bool memory;                                       /* only AddressSanitizer sees it */
    const char *protect;                               /* an app that only the secret opens; NULL: there is none */
    bool (*authorize)(const struct rig_fuzz_who *who); /* who may enter; NULL: nothing is said of it */
    const char *profile;                               /* it is fuzzed behind; NULL: http1 */
    const char *target;                                /* it knows, beside those that all are tried with; NULL: none */
    const char *cookie;                                /* that credentials come in; NULL: as usual */
    const char *word;                                  /* it knows, of headers; NULL: none */
};

struct detect_table {
    const char *title;
    const struct detect_row *rows;
    size_t count;
};

/* The last: .layers = {...}, and what else the row has. */
#define DETECT_ROW(name_, like_, rule_, app_, ...)                                                             \
    {                                                                                                          \
        .name = (name_), .like = (like_), .rule = (rule_), .app = {.name = #app_, .call = (app_)}, __VA_ARGS__ \
    }
#define DETECT_MAPPED .mapped = {.name = "detect_members", .call = detect_members}, .protect = "detect_members"
#define DETECT_ROWS(rows_) (rows_), sizeof(rows_) / sizeof *(rows_)

extern const struct detect_table detect_early, detect_lifetime, detect_state, detect_auth, detect_words, detect_answer,
    detect_parsing, detect_correct_bodies, detect_correct_requests, detect_correct_answers, detect_correct_auth;

/* ---- what the stacks share: all of it correct ---- */

/* The instance of a layer whose .init is detect_keep_secret begins with it. */
struct detect_secret {
    char value[64];
};

int detect_keep_secret(void *self, const void *options);
void detect_nothing_to_reset(void *self);
bool detect_is(const struct rig_env *env, const char *name, const char *value);
bool detect_is_head(const struct rig_env *env);
/* The query parameter's value, percent-decoded; NULL: there is none, or no room. */
const char *detect_param(const struct rig_env *env, const char *name, char *room, size_t size);
/* Takes the body to its end: 0, a negative error, or 1: it broke off. */
int detect_take(struct rig_env *env);
/* Takes the body, and answers; HEAD without a body. A body that broke off is answered 400. */
int detect_say(struct rig_env *env, struct rig_response *res, int status, const char *body);
/* Does it carry "Authorization: Bearer SECRET"? */
bool detect_bearer(const struct rig_env *env, const char *secret);
/* Takes the body, and answers 401. */
int detect_deny(struct rig_env *env, struct rig_response *res);
/* A layer that begins with the secret. */
#define DETECT_GUARD(name_)                                                                                     \
    {                                                                                                           \
        .name = #name_, .call = (name_), .self_size = sizeof(struct detect_secret), .init = detect_keep_secret, \
        .reset = detect_nothing_to_reset                                                                        \
    }
/* An app: 200 and its name. */
int detect_members(void *self, struct rig_env *env, struct rig_response *res);
int detect_home(void *self, struct rig_env *env, struct rig_response *res);
/* A layer: lets through who carries the secret as a bearer. */
extern const struct rig_middleware detect_guard;

/* ---- trying ---- */

int detect_build(struct rig_stack *stack, const struct rig_setup *setup);

struct detect_outcome {
    bool plain;     /* ordinary requests and the rig's checks have found it */
    bool found;     /* the fuzzer has */
    bool hung;      /* it was ended, for it went on no more */
    uint64_t execs; /* that it took, or all of them */
    char said[2048];
};

/* Each in a child, for a crash is one of the mistakes. False: no child could be started. */
bool detect_plainly(const struct detect_row *row, struct detect_outcome *outcome);
bool detect_fuzz(const struct detect_row *row, uint64_t seed, uint64_t most, struct detect_outcome *outcome);

/* ---- the whole table ---- */

#define DETECT_SEEDS_MAX 25
#define DETECT_TABLES 11
extern const struct detect_table *const detect_tables[DETECT_TABLES];

struct detect_options {
    uint64_t execs, seeds, jobs;
    bool verbose;
    char **names; /* of the stacks to try; none: all of them */
};

bool detect_is_blind(const struct detect_row *row); /* it takes AddressSanitizer, and there is none */
_Noreturn void detect_give_up(const char *what);
/* An exit status: 0: all planted ones were found, no correct one was alarmed; 130: Ctrl-C, after what there was so far. */
int detect_whole(const struct detect_options *with);

#endif
