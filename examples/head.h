/* HEAD is answered as GET is, without the body (RFC 9110, section 9.3.2). */
#ifndef EXAMPLES_HEAD_H
#define EXAMPLES_HEAD_H

#include <string.h>

#include <stackrig/env.h>

static inline const char *unless_head(const struct rig_env *env, const char *body)
{
    return strcmp(rig_env_get(env, "REQUEST_METHOD"), "HEAD") == 0 ? NULL : body;
}

#endif
