/* One case of lint on its way: lint.c reads it and looks at what was found, lint_app.c answers, lint_body.c is what
 * stands around the app. */
#ifndef RACK_CASES_LINT_PLAY_H
#define RACK_CASES_LINT_PLAY_H

#include "tests/conformance/rack_cases/driver.h"

#include <stackrig/stackrig.h>

/* Rack's headers for the server. "rack.protocol" is Upgrade, and a server of HTTP/1 makes a 101 of it, whatever the
 * status; a callback in "rack.hijack" takes the connection over, as a 101 does; others are notes, which stand in the
 * env. */
#define LINT_RACK "rack."
#define LINT_PROTOCOL "rack.protocol"
#define LINT_HIJACK "rack.hijack"

#define LINT_PATH_MAX 64

struct lint_play {
    struct rack_case *rack;
    const json_t *app, *response, *middleware, *server; /* the case's; NULL: absent */
    bool switches;                                      /* the answer becomes a 101, */
    bool hijacks;                                       /* of a server that does not hand its connection over */
    int status;                                         /* the app's own */
    char file[LINT_PATH_MAX];                           /* a file made for a body; "": none */
};

/* self is the play. */
int lint_app_call(void *self, struct rig_env *env, struct rig_response *res);
/* The layer of that name into stack; false: there is none. */
bool lint_use_middleware(struct rig_stack *stack, struct lint_play *play, const char *name);
/* Plays a server that does with the body what play->server says. */
void lint_use_server(struct rig_stack *stack, struct lint_play *play);

#endif
