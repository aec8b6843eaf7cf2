/* A stack that scenarios are played to. */
#ifndef STACKRIG_FUZZ_TARGET_H
#define STACKRIG_FUZZ_TARGET_H

#include <stackrig/connection.h>
#include <stackrig/fuzz.h>
#include <stackrig/server.h>

#include "fuzz/oracles/rules.h"
#include "fuzz/scenario/scenario.h"
#include "fuzz/target/armed.h"
#include "fuzz/target/credentials.h"
#include "harness/core/arena.h"

#include <limits.h>

/* What was found. Strings last until the next scenario is judged. */
struct rig_fuzz_violation {
    const char *rule, *layer, *site; /* layer, site NULL: unknown */
    const char *message;
    unsigned request; /* the one that showed it; RIG_FUZZ_NO_REQUEST: a scenario before has left it, or none is known */
    const char *code; /* of a crash: where in the code; NULL: not known */
};
#define RIG_FUZZ_NO_REQUEST UINT_MAX

typedef void rig_fuzz_tell_fn(void *closure, const struct rig_fuzz_violation *violation);

/* Requests that stood in another's bytes, behind it, as they were answered. */
struct rig_fuzz_further {
    const struct rig_result *const *results;
    size_t count;
};

/* The requests of a scenario as they were answered. */
struct rig_fuzz_play {
    const struct rig_fuzz_scenario *scenario;
    const struct rig_result *results[RIG_FUZZ_REQUESTS_MAX];
    int64_t begun[RIG_FUZZ_REQUESTS_MAX]; /* the clock, as each was sent: a slow body moves it */
    bool has_further;                     /* seldom: only then are these set */
    struct rig_fuzz_further further[RIG_FUZZ_REQUESTS_MAX];
};

/* Of one request. */
static inline struct rig_fuzz_further rig_fuzz_further_of(const struct rig_fuzz_play *play, uint32_t number)
{
    return play->has_further ? play->further[number] : (struct rig_fuzz_further){NULL, 0};
}

/* A stack and its clients. A play to a stack that was built anew leaves those of the plays before it as they are, until
 * their turn comes: room for a scenario's own, and all that one oracle plays beside it (rig_fuzz_try_denied, then
 * rig_fuzz_try_steady). */
#define RIG_FUZZ_BUILT (6 + RIG_FUZZ_PLACES)
struct rig_fuzz_built {
    struct rig_stack *stack;
    struct rig_client *clients[RIG_FUZZ_SERVERS]; /* NULL: not yet */
};

/* The requests that a target is opened with: from 0 on those that it learns words from, and the plainest. */
#define RIG_FUZZ_STEP_FIRST UINT_MAX
#define RIG_FUZZ_DEADLY_MAX 8
struct rig_fuzz_deadly {
    unsigned steps[RIG_FUZZ_DEADLY_MAX + 1]; /* that end the process, or hang: they are not asked when it is opened */
    unsigned count;
    bool given_up;  /* nor are those behind */
    unsigned until; /* that one, but for the plainest */
};

/* What is kept of an answer: headers beyond these count in its digest alone. */
#define RIG_FUZZ_FIRST_HEADERS 16
struct rig_fuzz_first {
    int status;
    uint64_t body; /* hashes */
    size_t count;
    struct rig_fuzz_first_header {
        char name[40];
        uint64_t value;
    } headers[RIG_FUZZ_FIRST_HEADERS];
};

struct rig_fuzz_target {
    const struct rig_fuzz *what;
    const struct rig_check_set *checks; /* of its clients */
    rig_fuzz_tell_fn *tell;
    void (*on_play)(void); /* before each play, and each request that is learnt from; NULL: nobody */
    /* What is played next, once what was before is reset; NULL: nobody. */
    void (*next)(const struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario);
    void (*watch)(void *closure, const struct rig_fuzz_play *play); /* the first play of each scenario; NULL: nobody */
    void *closure;
    struct rig_fuzz_credentials credentials;
    struct rig_setup setup;
    struct rig_fuzz_built built[RIG_FUZZ_BUILT];
    unsigned turn; /* the one of the last play; 0 unless .anew */
    const struct rig_server *servers[RIG_FUZZ_SERVERS];
    struct rig_server composed[RIG_FUZZ_SERVERS];
    bool anew; /* a layer has a state and no reset, or an app a .self: the stack is built anew for each play */
    struct rig_link *links[RIG_FUZZ_CONNECTIONS];
    bool linked;                /* one of them is there */
    struct rig_sending sending; /* of the request that is sent: kept, for most of it is never set */
    unsigned filled;            /* of its .headers */
    struct rig_memory memory;
    struct rig_arena arena;           /* words; lasts as long as the target */
    struct rig_fuzz_table table;      /* its words, and the servers of .profiles */
    struct rig_fuzz_scenario base;    /* what a variant is held against, where it is not the original */
    struct rig_fuzz_scenario variant; /* its strings point into the original's, or are its own */
    char room[4096];                  /* a target with its parameter */
    char message[512];
    char trouble[512]; /* why the stack could not be built; "": it could */
    uint64_t scenarios, requests, refused, not_sent, violations;
    uint64_t builds, build_ns;      /* of .anew, what they took */
    uint64_t armed[RIG_FUZZ_RULES]; /* by enum rig_fuzz_rule */
    uint32_t entered;               /* a bit for each of .protect */
    uint32_t entered_as_known;      /* and with valid credentials */
    /* Of .protect, once rig_fuzz_count was called: what no app is called, apps that nobody has entered, those that nobody
     * has with valid credentials. And what the apps of the stack are called. */
    char strangers[256], unentered[256], unopened[256], apps[256];
    /* Where those were sent: their names are the stack's, which a parent has not. */
    char places[3 * RIG_FUZZ_PLACE_NAME_MAX + 64];
    /* Requests with valid credentials: how many were answered; denied; with 401; let in. */
    uint64_t known_sent, known_denied, known_401, known_in;
    bool opened;          /* they have opened what is denied without them */
    uint64_t open_anyway; /* what they got and is got without them, too: seldom looked at */
    uint64_t stayed_shut; /* what is denied without them, and with them in each place */
    unsigned door_tries;  /* how often it was looked for what valid credentials open */
    bool has_door;        /* there is such a thing */
    int64_t now;          /* where the clock of plays begins; 0: where it always does */
    uint64_t first;       /* how the plainest request was answered when it was opened */
    uint64_t asked_first; /* how many scenarios there were when it was asked again last */
    bool knows_first;     /* it was asked then, for it is not deadly */
    struct rig_fuzz_deadly deadly;
    struct rig_fuzz_steps *steps; /* in a copy of the process that finds them; else NULL */
    const struct rig_fuzz_scenario *judged;
    unsigned plays; /* of it and beside it, that were begun */
    uint32_t sent;  /* the number of the request that was sent last */
    bool found;     /* in the scenario that is judged */
    bool varies;    /* it was told that this one is answered otherwise each time */
    bool counts;    /* what is played arms rules, and that is counted: */
    struct rig_fuzz_armed armed_rules;
    struct rig_fuzz_first first_kept; /* what .first is of, to say what differs */
};

/* Builds the stack in its place, whose old one is gone: 0 or -errno. */
int rig_fuzz_build(struct rig_fuzz_target *target, unsigned place);
/* Why that, or what calls it, has failed. */
const char *rig_fuzz_trouble(const struct rig_fuzz_target *target, int error);
void rig_fuzz_tear_down(struct rig_fuzz_built *built);
/* checks: of its clients; NULL: all. on_play: as above. 0, or -errno of build, or -EINVAL: what cannot be fuzzed (*why says so, as long as the
 * target lasts; else NULL). Free it in any case. */
int rig_fuzz_target_open(struct rig_fuzz_target *target, const struct rig_fuzz *what, uint64_t seed,
                         const struct rig_check_set *checks, void (*on_play)(void), const char **why);
void rig_fuzz_target_close(struct rig_fuzz_target *target);
/* For a scenario of a text: it is played behind the server that it names, be it fuzzed or not; if it names none, behind
 * the first of .profiles. So are the places of its credentials named. */
void rig_fuzz_admit(struct rig_fuzz_table *table, struct rig_fuzz_scenario *scenario);
/* Calls .on_play. */
void rig_fuzz_begin_play(const struct rig_fuzz_target *target);
/* Plays a scenario to the stack as it was built: all in memory, results until rig_fuzz_forget. */
int rig_fuzz_play(struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario, struct rig_fuzz_play *play);
void rig_fuzz_forget(struct rig_fuzz_target *target);
/* Before the end: writes what coverage has counted, and names what nobody has entered. */
void rig_fuzz_count(struct rig_fuzz_target *target);
/* Plays it and asks all oracles; what they find is told. 0; or -errno: the stack could not be built. */
#define RIG_FUZZ_ALL UINT32_MAX /* in place of the hash: all oracles */
int rig_fuzz_judge(struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario, uint32_t hash);
/* Of a scenario's bytes: it says what is looked at besides. */
uint32_t rig_fuzz_hash(const void *bytes, size_t size);
/* Decodes and judges. */
int rig_fuzz_try(struct rig_fuzz_target *target, struct rig_fuzz_scenario *scenario, const void *bytes, size_t size);
/* The names of the apps of a stack and those in it, each once; what runs within a layer or another app is not known. */
#define RIG_FUZZ_APPS_MAX 64
struct rig_fuzz_apps {
    const char *names[RIG_FUZZ_APPS_MAX]; /* the stack's */
    size_t count, beyond;                 /* beyond: there was no room for */
};
void rig_fuzz_list_apps(struct rig_fuzz_apps *apps, const struct rig_stack *stack);
/* The stack that is at the end of this one; NULL: it is an app. Told by the library's own function: of the archive's the
 * command must not get a second core. */
const struct rig_stack *rig_fuzz_end_of(const struct rig_stack *stack);
/* Plays the plainest request, one GET of "/": 0 and *digest of its answer, or -errno. */
int rig_fuzz_play_first(struct rig_fuzz_target *target, struct rig_fuzz_play *play, uint64_t *digest);
void rig_fuzz_keep_first(struct rig_fuzz_first *first, const struct rig_result *result);
/* Words of the stack under test into the table. */
int rig_fuzz_learn(struct rig_fuzz_target *target);
/* What it learns from, by step, with valid credentials in that place; RIG_FUZZ_PLACES: without. Of the table its targets
 * are known. */
struct rig_request rig_fuzz_asked(const struct rig_fuzz_table *table, unsigned step, unsigned *place);
/* Its client behind that server; NULL: no memory. */
struct rig_client *rig_fuzz_client(struct rig_fuzz_target *target, uint32_t server);

/* ---- what ends the process while the target is opened: deadly.c ---- */

/* Once its servers are known: builds the stack, learns, asks for the plainest request: 0 or -errno. */
int rig_fuzz_begin(struct rig_fuzz_target *target);
/* Does that in copies of the process, and notes what ends them. */
void rig_fuzz_find_deadly(struct rig_fuzz_target *target);
/* Before each request of it; false: it is deadly. */
bool rig_fuzz_step(struct rig_fuzz_target *target, unsigned step);
/* The one of .deadly as a scenario: a fuzzer tries them before all others, so that they are findings. */
void rig_fuzz_deadly_scenario(const struct rig_fuzz_target *target, unsigned number,
                              struct rig_fuzz_scenario *scenario);

#endif
