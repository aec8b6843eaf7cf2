/* Correct, and suspicious to look at: bodies that are drained late, buffered, replaced, wrapped. */
#include "tests/detect/detect.h"

#include <stackrig/inputs.h>

#include <errno.h>

/* Answers first, and takes the body then: it is judged when the outermost layer returns. */
static int drains_late(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}});
    int taken = error ? error : detect_take(env);
    return taken > 0 ? rig_response_set_status(res, 400) : taken;
}

/* Drains what the layers below have left. */
static int drains_for_all(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    int taken = error ? error : detect_take(env);
    return taken < 0 ? taken : 0;
}

static int leaves_all(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .status = 404);
}

static const struct rig_middleware drains_for_all_layer = {.name = "drains_for_all", .call = drains_for_all};

/* Past its limit it answers and says that the connection ends. */
static int closes_past_limit(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 16);
    if (drained == -EFBIG) {
        return rig_respond(res, .status = 413, .headers = {{"Connection", "close"}});
    }
    return drained < 0 ? (int)drained : rig_respond(res, .status = drained > 0 ? 422 : 200);
}

/* Reads one byte and puts it back: the body was made one that can be rewound. */
static int peeks(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    char first = 0;
    struct rig_input *input = rig_env_input(env);
    int64_t size = rig_input_read(input, &first, 1);
    int error = size < 0 ? (int)size : rig_input_rewind(input);
    error = error ? error : rig_env_set(env, "app.json", size > 0 && first == '{' ? "yes" : "no");
    return error ? error : rig_next(next, env, res);
}

static int tells_json(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return detect_say(env, res, 200, detect_is(env, "app.json", "yes") ? "json" : "other");
}

static const struct rig_middleware peeks_layer = {.name = "peeks", .call = peeks};

/* Takes the whole form, and passes on an object; the app reads no body. */
static int parses_form(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    struct rig_bytes all;
    const char *length = rig_env_get(env, "CONTENT_LENGTH");
    int error = rig_input_all(rig_env_input(env), 1 << 20, &all);
    if (error != 0) {
        return error;
    }
    if (length && strtoull(length, NULL, 10) != all.size) {
        return rig_respond(res, .status = 400);
    }
    error = rig_env_set_object(env, "app.form", (void *)(uintptr_t)all.data, NULL);
    return error ? error : rig_next(next, env, res);
}

static int uses_form(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *form = rig_env_object(env, "app.form");
    bool known = form && strncmp(form, "a=1", 3) == 0;
    return rig_respond(res, .status = known ? 201 : 200);
}

static const struct rig_middleware parses_form_layer = {.name = "parses_form", .call = parses_form};

/* Replaces the body by another of another size. */
static int decodes_body(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    struct rig_bytes all;
    char number[24];
    const char *length = rig_env_get(env, "CONTENT_LENGTH");
    int error = rig_input_all(rig_env_input(env), 1 << 20, &all);
    if (error != 0 || all.size == 0) {
        return error ? error : rig_next(next, env, res);
    }
    if (length && strtoull(length, NULL, 10) != all.size) {
        return rig_respond(res, .status = 400);
    }
    struct rig_source half = rig_env_source(env, all.data, (all.size + 1) / 2);
    error = half.read ? rig_env_set_input(env, half) : -ENOMEM;
    (void)snprintf(number, sizeof number, "%zu", (all.size + 1) / 2);
    error = error ? error : rig_env_set(env, "CONTENT_LENGTH", number);
    return error ? error : rig_next(next, env, res);
}

static const struct rig_middleware decodes_body_layer = {.name = "decodes_body", .call = decodes_body};

/* Takes the body of the response, measures it and puts it back. */
static int measures(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    char all[256], number[24];
    size_t size = 0;
    int error = rig_next(next, env, res);
    if (error != 0 || rig_response_status(res) == 204 || detect_is_head(env)) {
        return error;
    }
    struct rig_source body = rig_response_take_body(res);
    if (!body.read) {
        return -ENOMEM;
    }
    int64_t got = 0;
    while (size < sizeof all && (got = body.read(body.self, all + size, sizeof all - size)) > 0) {
        size += (size_t)got;
    }
    if (body.close) {
        body.close(body.self);
    }
    (void)snprintf(number, sizeof number, "%zu", size);
    error = got < 0 ? (int)got : rig_response_set_header(res, "Content-Length", number);
    return error ? error : rig_response_write(res, all, size);
}

static const struct rig_middleware measures_layer = {.name = "measures", .call = measures};

/* A body that is pulled piece by piece, from memory of its own that its close frees. */
static int64_t read_once(void *self, void *buffer, size_t size)
{
    char *text = self;
    size_t there = strlen(text) < size ? strlen(text) : size;
    memcpy(buffer, text, there);
    memmove(text, text + there, strlen(text) - there + 1);
    return (int64_t)there;
}

static int streams(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int error = detect_say(env, res, 200, "");
    if (error != 0 || rig_response_status(res) != 200 || detect_is_head(env)) {
        return error;
    }
    char *text = malloc(16);
    if (!text) {
        return -ENOMEM;
    }
    memcpy(text, "streamed", 9);
    return rig_response_stream(res, (struct rig_source){read_once, NULL, free, text});
}

/* Handles the error of a layer below, and takes the body that this has left. */
static int handles_errors(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error == -EINVAL ? detect_say(env, res, 400, "no form") : error;
}

static int wants_form(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *type = rig_env_get(env, "CONTENT_TYPE");
    return type && strcmp(type, "application/x-www-form-urlencoded") != 0 ? -EINVAL
                                                                          : detect_say(env, res, 200, "a form");
}

static const struct rig_middleware handles_errors_layer = {.name = "handles_errors", .call = handles_errors};

static const struct detect_row rows[] = {
    DETECT_ROW("drains_late", "answers, and drains then", NULL, drains_late, .layers = {NULL}),
    DETECT_ROW("drains_for_all", "an app leaves the body, a layer above drains", NULL, leaves_all,
               .layers = {&drains_for_all_layer}),
    DETECT_ROW("closes_past_limit", "leaves the body, and closes", NULL, closes_past_limit, .layers = {NULL}),
    DETECT_ROW("peeks", "reads a byte, and rewinds", NULL, tells_json, .layers = {&rig_rewindable_layer, &peeks_layer}),
    DETECT_ROW("parses_form", "reads the body, passes an object", NULL, uses_form, .layers = {&parses_form_layer}),
    DETECT_ROW("decodes_body", "replaces the body and its length", NULL, detect_home, .layers = {&decodes_body_layer}),
    DETECT_ROW("measures", "takes the response's body, writes it again", NULL, detect_home,
               .layers = {&measures_layer}),
    DETECT_ROW("streams", "a body from memory of its own", NULL, streams, .layers = {NULL}),
    DETECT_ROW("handles_errors", "an error that a layer above handles", NULL, wants_form,
               .layers = {&handles_errors_layer}),
};

const struct detect_table detect_correct_bodies = {"correct: bodies", DETECT_ROWS(rows)};
