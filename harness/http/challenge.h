/* What WWW-Authenticate asks for: challenges and their parameters, RFC 9110 section 11.6.1. Pieces of the caller's text. */
#ifndef RIG_HTTP_CHALLENGE_H
#define RIG_HTTP_CHALLENGE_H

#include "harness/http/chars.h"

struct rig_challenge {
    struct rig_slice scheme;
    struct rig_slice params; /* up to the next challenge; a token68 is one without "=" */
};

/* Takes the first challenge off *text; false: there is none, or what stands there is none. */
bool rig_challenge_next(struct rig_slice *text, struct rig_challenge *challenge);
/* The value of a parameter (its name in any case), a quoted one without its quotes, but with its backslashes; data NULL:
 * it is not there. For rig_without_backslashes (list.h). */
struct rig_slice rig_challenge_param(struct rig_slice params, const char *name);

#endif
