/* A page for members. Who they are comes from --set credentials=FILE, or from the credential that the rig makes for
 * this run. */
#include "basic_auth.h"

#include <errno.h>
#include <stdio.h>

#include "../head.h"

enum { BODY_MAX = 64 * 1024 }; /* bytes taken of a body that nobody asked for */

static int members(void *self, struct rig_env *env, struct rig_response *res)
{
    int64_t drained = rig_input_drain(rig_env_input(env), BODY_MAX); /* else it begins the connection's next request */
    (void)self;
    if (drained == -EFBIG) {
        return rig_respond(res, .status = 413, .headers = {{"Connection", "close"}});
    }
    if (drained < 0) {
        return (int)drained;
    }
    return rig_respond(res, .headers = {{"Content-Type", "text/plain"}},
                       .body = unless_head(env, rig_env_get(env, "REMOTE_USER")));
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    const struct rig_secret *secret = rig_setup_secret(setup, "valid");
    struct basic_auth_problem problem = {""};
    struct basic_auth_options options = {
        .realm = rig_setup_get(setup, "realm"),
        .file = rig_setup_get(setup, "credentials"),
        .user = secret ? secret->name : NULL,
        .password = secret ? secret->value : NULL,
        .problem = &problem,
    };
    int error = rig_use(stack, &basic_auth, &options, .auth = true);
    if (error) {
        fprintf(stderr, "basic_auth: %s\n", problem.text);
        return error;
    }
    return rig_run(stack, RIG_APP(members));
}

RIG_EXPORT(build);
