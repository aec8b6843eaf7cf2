/* What the broken and the mended stack share: all but the api_version layer. From the outside in:
 * error_reporter, request_id, api_version, timing, items. */
#ifndef COPIED_ENV_LAYERS_H
#define COPIED_ENV_LAYERS_H

#include <stackrig/stackrig.h>

/* Who handles the request: the framework leaves it in the env, the error reporter tells it to a human. */
#define CONTROLLER_INSTANCE "action_controller.instance"
struct controller {
    const char *name, *action;
};

#define API_VERSION "app.api_version"
#define API_VERSION_DEFAULT "1"
#define API_VERSION_SIZE 16

/* The version that the client asks for: the first in X-Api-Version, else the default. */
void wanted_version(const struct rig_env *env, char version[API_VERSION_SIZE]);

/* Builds the whole stack around the api_version layer that it is given: 0 or -errno. */
int build_around(struct rig_stack *stack, const struct rig_middleware *api_version);

#endif
