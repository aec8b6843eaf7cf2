/* A page for members. Who they are comes from --set credentials=FILE, or from the credential that the rig makes for
 * this run. */
#include "basic_auth.h"

#include <stdio.h>

static int members(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return rig_respond(res, .headers = {{"Content-Type", "text/plain"}}, .body = rig_env_get(env, "REMOTE_USER"));
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
