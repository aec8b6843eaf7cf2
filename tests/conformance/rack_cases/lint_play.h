/* One case of lint on its way: lint.c reads it and looks at what was found, lint_app.c answers, lint_body.c is what
 * stands around the app. */
#ifndef RACK_CASES_LINT_PLAY_H
#define RACK_CASES_LINT_PLAY_H

#include "tests/conformance/rack_cases/driver.h"

#include <stackrig/stackrig.h>

/* Rack gives these to the server as headers; no header of HTTP has a dot in its name's meaning. "rack.protocol" is
 * Upgrade; a callback in "rack.hijack" takes the connection over, as a 101 does; others are notes for the server, which
 * stand in the env. */
#define LINT_RACK "rack."
#define LINT_PROTOCOL "rack.protocol"
#define LINT_HIJACK "rack.hijack"

#define LINT_PATH_MAX 64

struct lint_play {
    struct rack_case *rack;
    const json_t *app, *response, *middleware, *server; /* the case's; NULL: absent */
    bool switches;                                      /* the answer is a 101 that takes the connection over */
    char file[LINT_PATH_MAX];                           /* a file made for a body; "": none */
};

/* self is the play. */
int lint_app_call(void *self, struct rig_env *env, struct rig_response *res);
/* The layer of that name into stack; false: there is none. */
bool lint_use_middleware(struct rig_stack *stack, struct lint_play *play, const char *name);
/* Plays a server that does with the body what play->server says. */
void lint_use_server(struct rig_stack *stack, struct lint_play *play);

#endif
