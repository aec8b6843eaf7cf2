#include "layers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../head.h"

enum { BODY_MAX = 64 * 1024 }; /* bytes taken of a body that nobody asked for */

void wanted_version(const struct rig_env *env, char version[API_VERSION_SIZE])
{
    const char *asked = rig_env_get(env, "HTTP_X_API_VERSION");
    if (!asked) {
        asked = "";
    }
    asked += strspn(asked, " \t");
    size_t size = strcspn(asked, ", \t");
    if (size == 0 || size >= API_VERSION_SIZE) {
        asked = API_VERSION_DEFAULT;
        size = strlen(asked);
    }
    memcpy(version, asked, size);
    version[size] = '\0';
}

/* Turns an error into a 500 and says whose it was. */
static int report_errors(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    if (error == 0) {
        return 0;
    }
    const struct controller *controller = rig_env_object(env, CONTROLLER_INSTANCE); /* demo: looked for */
    if (controller) {
        rig_env_log(env, "%s#%s failed (%d)", controller->name, controller->action, error);
    } else {
        rig_env_log(env, "an unknown controller failed (%d)", error);
    }
    return rig_respond(res, .status = 500);
}

/* Names the request, for the logs of everybody: a header set on the way down. */
static int name_request(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    char id[32];
    (void)self;
    snprintf(id, sizeof id, "request-%" PRIu64, rig_env_serial(env));
    int error = rig_env_set(env, "app.request_id", id);
    if (error == 0) {
        error = rig_response_set_header(res, "X-Request-Id", id);
    }
    return error ? error : rig_next(next, env, res);
}

/* Says how long everything below took. */
static int measure_time(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    char text[32];
    (void)self;
    int64_t start = rig_env_now(env);
    int error = rig_next(next, env, res);
    if (error) {
        return error;
    }
    snprintf(text, sizeof text, "%" PRId64 " us", (rig_env_now(env) - start) / 1000);
    return rig_response_set_header(res, "X-Runtime", text);
}

/* The app. Like a framework it leaves its controller in the env, then runs the action; item 13 makes it fail. */
static int items(void *self, struct rig_env *env, struct rig_response *res)
{
    struct controller *controller = rig_env_alloc(env, sizeof *controller);
    int64_t drained = rig_input_drain(rig_env_input(env), BODY_MAX); /* else it begins the connection's next request */
    (void)self;
    if (drained == -EFBIG) {
        return rig_respond(res, .status = 413, .headers = {{"Connection", "close"}});
    }
    if (drained < 0) {
        return (int)drained;
    }
    if (!controller) {
        return -ENOMEM;
    }
    *controller = (struct controller){"ItemsController", "show"};
    int error = rig_env_set_object(env, CONTROLLER_INSTANCE, controller, NULL); /* demo: lost write */
    if (error) {
        return error;
    }
    if (strcmp(rig_env_get(env, "PATH_INFO"), "/items/13") == 0) {
        return -EIO; /* its storage is gone */
    }
    return rig_respond(res, .headers = {{"X-Api-Version", rig_env_get(env, API_VERSION)}},
                       .body = unless_head(env, "a lamp\n"));
}

int build_around(struct rig_stack *stack, const struct rig_middleware *api_version)
{
    static const struct rig_middleware error_reporter = {.name = "error_reporter", .call = report_errors};
    static const struct rig_middleware request_id = {.name = "request_id", .call = name_request};
    static const struct rig_middleware timing = {.name = "timing", .call = measure_time};
    rig_use(stack, &error_reporter); /* what goes wrong here sticks: the first request reports it */
    rig_use(stack, &request_id);
    rig_use(stack, api_version);
    rig_use(stack, &timing);
    return rig_run(stack, RIG_APP(items));
}
