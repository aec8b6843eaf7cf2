/* What the two kinds of case share: apps that say what they saw, a layer above all that sees what became of it. */
#ifndef RACK_CASES_URLMAP_BUILDER_H
#define RACK_CASES_URLMAP_BUILDER_H

#include "tests/conformance/rack_cases/driver.h"

#include <stackrig/stackrig.h>

struct owned_stack;

struct play {
    struct rack_case *rack;
    struct rig_client *client;
    struct owned_stack *stacks; /* those that no other stack frees */
    bool refused;               /* a prefix was none */
    unsigned warmed;            /* warm-ups so far */
    /* of the request that is under way: */
    json_t *trace, *app; /* app: what the app saw; NULL: none was reached */
    int status;          /* the answer; 0: none */
    json_t *headers, *body;
    json_t *script_name, *path_info; /* once the call is over */
};

/* owned: another stack will free it. */
struct rig_stack *play_stack(struct play *play, bool owned);
/* The app of that name: says what it sees and answers 200 with its name; "raises" fails. */
struct rig_app play_app(struct play *play, const char *name);
/* The layer that watches; its options are the struct play. */
extern const struct rig_middleware play_watch;
/* " SCRIPT_NAME|PATH_INFO" appended to begin and name, into the trace. */
void play_say(struct play *play, const char *begin, const char *name, const struct rig_env *env);
/* A request as Rack's mock request is, which has no Host; also env's pairs. The result; NULL: the case is wrong. */
const struct rig_result *play_send(struct play *play, const char *method, const json_t *uri, const json_t *env);
void play_end(struct play *play);

json_t *play_builder(struct rack_case *rack);

#endif
