/* A bit of all that a trace shows: hostile values, large ones, secrets, a retry, a body read by several. */
#define _POSIX_C_SOURCE 200809L

#include <stackrig/stackrig.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LARGE ((size_t)1 << 20)

/* What would hurt a page or a terminal that took it as it is. */
static int writer(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    char *large = malloc(LARGE + 1);
    if (large) {
        memset(large, 'v', LARGE);
        large[LARGE] = '\0';
        rig_env_set(env, "app.large", large);
        free(large);
    }
    rig_env_set(env, "app.markup", "</script><script>window.hurt = 1</script><img src=x onerror=\"window.hurt = 1\">");
    rig_env_set(env, "app.<b>&\"'", "<!--'\"`\\&amp;\x1b[31m\x01\x7f");
    rig_env_set(env, "app.bytes", "gr\xc3\xbcn \xff\xfe\xe2\x80\xa8 \xe2\x80\xae");
    const char *path = rig_env_get(env, "PATH_INFO");
    rig_env_set(env, "app.path", path ? path : "");
    const char *credentials = rig_env_get(env, "HTTP_AUTHORIZATION"), *internal = rig_env_get(env, "HTTP_X_INTERNAL");
    rig_env_set(env, "app.seen", credentials ? credentials : "none");
    rig_env_set(env, "app.internal", internal ? internal : "none");
    rig_env_set(env, "app.path", "rewritten");
    rig_env_log(env, "logged %s <script>window.hurt = 1</script>\n", internal ? internal : "nothing");
    rig_response_set_header(res, "X-Internal", "made-by-the-layer");
    return rig_next(next, env, res);
}

static int retry(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    const char *once = rig_env_get(env, "app.once");
    return once ? error : rig_next(next, env, res);
}

static int reader(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    char four[4];
    (void)self;
    void *volatile kept = malloc(32); /* two allocations of its own */
    free(kept);
    kept = malloc(64);
    free(kept);
    (void)nanosleep(&pause, NULL);
    if (rig_input_read(rig_env_input(env), four, sizeof four) > 0) {
        rig_env_unset(env, "app.path");
    }
    return rig_next(next, env, res);
}

static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *path = rig_env_get(env, "PATH_INFO");
    if (path && !strcmp(path, "/drains")) {
        (void)rig_input_drain(rig_env_input(env), 1 << 20);
    }
    if (path && !strcmp(path, "/again")) {
        if (rig_env_get(env, "app.visited")) {
            rig_env_set(env, "SCRIPT_NAME", "wrong"); /* in its second visit */
        }
        rig_env_set(env, "app.visited", "1");
    }
    return rig_respond(res, .status = 200, .body = "<p>hello</p>",
                       .headers = {{"Set-Cookie", "sid=tasty-secret; HttpOnly"}, {"X-Markup", "\"<b>\" & '"}});
}

static const struct rig_middleware writer_layer = {.name = "<i>writer</i>", .call = writer},
                                   retry_layer = {.name = "retry", .call = retry},
                                   reader_layer = {.name = "reader", .call = reader};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &writer_layer);
    rig_use(stack, &retry_layer);
    rig_use(stack, &reader_layer);
    return rig_run(stack, RIG_APP(app));
}

RIG_EXPORT(build);
