/* What the steps of a session share. */
#ifndef RACK_CASES_SESSION_PLAY_H
#define RACK_CASES_SESSION_PLAY_H

#include "tests/conformance/rack_cases/driver.h"

#include <stackrig/session.h>

struct session_play {
    struct rack_case *rack;
    struct rig_client *client;
    struct rig_session *session;
    const json_t *response; /* what the app is to answer; NULL: 200 */
    json_t *seen;           /* the request as the app saw it */
};

struct session_op {
    const char *op;
    json_t *(*run)(struct session_play *play, const json_t *step);
};

extern const struct session_op session_jar_ops[]; /* the last has no op */

json_t *session_done(void); /* the outcome of a step that has none */

#endif
