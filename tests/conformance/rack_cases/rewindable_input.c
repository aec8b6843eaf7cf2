/* Sequences of calls on a request body. The app makes them; its body is a source of the case's own. Rack's rewindable
 * input is rig_env_rewindable here, its middleware rig_rewindable_layer, the input of Rack's lint a plain one. */
#include "tests/conformance/rack_cases/driver.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include <stackrig/stackrig.h>

/* ---- the source ---- */

struct source {
    struct rig_bytes data;
    size_t at, most; /* most: bytes that it gives at once */
    bool pipe, closed;
};

static int64_t source_read(void *self, void *buffer, size_t size)
{
    struct source *source = self;
    size_t left = source->data.size - source->at;
    size = size < left ? size : left;
    size = size < source->most ? size : source->most;
    if (source->closed) {
        return -EBADF;
    }
    memcpy(buffer, (const char *)source->data.data + source->at, size);
    source->at += size;
    return (int64_t)size;
}

static void source_close(void *self)
{
    ((struct source *)self)->closed = true;
}

/* ---- one call ---- */

struct play {
    struct rack_case *rack;
    struct source source;
    struct rig_input *input;
    json_t *results;
    bool lint, rewindable;
    bool negative; /* a read of a negative length was refused */
};

static json_t *failed(struct play *play, int64_t error)
{
    play->negative = play->negative || error == -EINVAL;
    switch (error) {
    case -EBADF:
        return rack_error("stream_closed");
    case -ESPIPE:
        return rack_error("unsupported");
    case -EINVAL:
        return play->lint ? rack_error("lint") : rack_error("invalid_argument");
    default:
        return rack_error("runtime");
    }
}

static json_t *done(struct play *play, int64_t error)
{
    return error < 0 ? failed(play, error) : json_pack("{s:b}", "done", 1);
}

/* Any of both: the body, or its source. */
static int64_t read_some(struct play *play, bool source, void *buffer, size_t size)
{
    return source ? source_read(&play->source, buffer, size) : rig_input_read(play->input, buffer, size);
}

/* As any reader in C: fewer bytes than asked for are not the end. */
static int64_t read_up_to(struct play *play, bool source, char *buffer, size_t size)
{
    size_t at = 0;
    do {
        int64_t got = read_some(play, source, buffer + at, size - at);
        if (got < 0) {
            return got;
        }
        if (got == 0) {
            break;
        }
        at += (size_t)got;
    } while (at < size);
    return (int64_t)at;
}

static int64_t read_all(struct play *play, bool source, const void **data)
{
    struct rig_bytes all;
    if (!source) {
        int error = rig_input_all(play->input, UINT64_MAX, &all);
        *data = all.data;
        return error ? error : (int64_t)all.size;
    }
    char *buffer = rack_alloc(play->rack, play->source.data.size + 1);
    *data = buffer;
    return read_up_to(play, true, buffer, play->source.data.size + 1);
}

/* ["read", N], N null or absent: to the end. into: what is read stands in a buffer that had something else in it. */
static json_t *do_read(struct play *play, const json_t *length, bool source, bool into)
{
    const void *data = "";
    int64_t got;
    bool whole = !length || json_is_null(length);
    if (!whole && !json_is_integer(length)) {
        return rack_wrong(play->rack, "a length that is no integer");
    }
    json_int_t size = whole ? 0 : json_integer_value(length);
    if (whole) {
        got = read_all(play, source, &data);
    } else if (size < 0) { /* as it comes when a C program computes it wrongly */
        char byte;
        got = source ? -EINVAL : rig_input_read(play->input, &byte, (size_t)size);
    } else {
        char *buffer = rack_alloc(play->rack, (size_t)size + sizeof "old contents");
        data = strcpy(buffer, "old contents");
        got = read_up_to(play, source, buffer, (size_t)size);
    }
    if (got < 0) {
        return failed(play, got);
    }
    bool ended = got == 0 && !whole && size > 0;
    json_t *result = json_pack("{s:o}", "ret", ended ? json_null() : rack_value(data, (size_t)got));
    if (into) {
        json_object_set_new(result, "buffer", rack_value(data, (size_t)got));
    }
    return result;
}

/* A line's bytes; 0 at the end. */
static int64_t read_line(struct play *play, bool source, char **line)
{
    size_t room = play->source.data.size + 2, at = 0;
    *line = rack_alloc(play->rack, room);
    if (!source) {
        return rig_input_line(play->input, *line, room);
    }
    int64_t got = 1;
    while (got > 0 && (at == 0 || (*line)[at - 1] != '\n')) {
        got = source_read(&play->source, *line + at, 1);
        at += got > 0 ? (size_t)got : 0;
    }
    return got < 0 ? got : (int64_t)at;
}

static json_t *do_gets(struct play *play, bool source)
{
    char *line;
    int64_t got = read_line(play, source, &line);
    return got < 0 ? failed(play, got) : json_pack("{s:o}", "ret", got ? rack_value(line, (size_t)got) : json_null());
}

static int keep_line(void *closure, const char *line, size_t size)
{
    return json_array_append_new(closure, rack_value(line, size));
}

static json_t *do_each(struct play *play, bool source)
{
    json_t *lines = json_array();
    int64_t got = 1;
    char *line;
    if (!source) {
        got = rig_input_each(play->input, UINT64_MAX, keep_line, lines);
    }
    while (source && (got = read_line(play, source, &line)) > 0) {
        keep_line(lines, line, (size_t)got);
    }
    if (got < 0) {
        json_decref(lines);
        return failed(play, got);
    }
    return json_pack("{s:o}", "ret", lines);
}

/* Ruby's memory knows its size and rewinds even when it is closed. */
static int64_t ask_source(const struct source *source, int64_t answer)
{
    return !source->pipe ? answer : source->closed ? -EBADF : -ESPIPE;
}

static json_t *do_size(struct play *play, bool source)
{
    int64_t size = source ? ask_source(&play->source, (int64_t)play->source.data.size) : rig_input_size(play->input);
    return size < 0 ? failed(play, size) : json_pack("{s:I}", "ret", (json_int_t)size);
}

static json_t *do_rewind(struct play *play, bool source)
{
    if (!source) {
        return done(play, rig_input_rewind(play->input));
    }
    play->source.at = play->source.pipe ? play->source.at : 0;
    return done(play, ask_source(&play->source, 0));
}

static json_t *do_close(struct play *play, bool source)
{
    if (!source) {
        return done(play, rig_input_close(play->input));
    }
    source_close(&play->source);
    return done(play, 0);
}

static json_t *play_op(struct play *play, const json_t *op)
{
    const char *name = json_string_value(json_array_get(op, 0));
    const json_t *length = json_array_get(op, 1);
    name = name ? name : "";
    bool source = strncmp(name, "source_", 7) == 0;
    const char *what = source ? name + 7 : name;
    bool reads = strncmp(what, "read", 4) == 0;
    if (json_array_size(op) > (reads ? 2u : 1u)) {
        return rack_wrong(play->rack, "a step with more than it takes");
    }
    return strcmp(what, "read") == 0        ? do_read(play, length, source, false)
           : strcmp(what, "read_into") == 0 ? do_read(play, length, source, true)
           : strcmp(what, "read_null_buffer") == 0
               ? do_read(play, length, source, false) /* without a buffer of the caller's */
           : strcmp(what, "gets") == 0   ? do_gets(play, source)
           : strcmp(what, "each") == 0   ? do_each(play, source)
           : strcmp(what, "size") == 0   ? do_size(play, source)
           : strcmp(what, "rewind") == 0 ? do_rewind(play, source)
           : strcmp(what, "close") == 0  ? do_close(play, source)
                                         : rack_wrong(play->rack, "an unknown step \"%s\"", name);
}

/* ---- the request ---- */

static int give_source(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct play *play = *(struct play **)self;
    struct rig_source source = {.read = source_read, .close = source_close, .self = &play->source};
    int error = rig_env_set_input(env, source);
    return error ? error : rig_next(next, env, res);
}

static const struct rig_middleware give_source_layer = {
    .name = "source", .call = give_source, .self_size = sizeof(struct play *)};

static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    struct play *play = self;
    const json_t *ops = json_object_get(play->rack->input, "ops");
    if (play->rewindable && rig_env_rewindable(env, UINT64_MAX) != 0) {
        rack_wrong(play->rack, "the body could not be made rewindable");
    }
    play->input = rig_env_input(env);
    for (size_t i = 0; i < json_array_size(ops); i++) {
        json_array_append_new(play->results, play_op(play, json_array_get(ops, i)));
    }
    return rig_respond(res, .status = 200);
}

static void send_request(struct play *play, bool middleware)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, &give_source_layer, &play);
    if (middleware) {
        rig_use(stack, &rig_rewindable_layer);
    }
    rig_run(stack, ((struct rig_app){.name = "app", .call = app, .self = play}));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    const struct rig_result *result = rig_post(client, "/");
    if (result->error || result->status != 200) {
        rack_wrong(play->rack, "the request failed: %s", rig_error_text(result->error));
    }
    if (play->lint && play->negative && !rig_result_found(result, "input.read.negative_length")) {
        rack_wrong(play->rack, "nothing was found of a negative length");
    }
    rig_client_free(client);
    rig_stack_free(stack);
}

/* For Rack's lint a rule of which C leaves nothing: a read without a buffer is another function. */
static bool lacks_buffer(const json_t *ops)
{
    bool lacks = false;
    for (size_t i = 0; i < json_array_size(ops); i++) {
        const char *name = json_string_value(json_array_get(json_array_get(ops, i), 0));
        lacks = lacks || (name && strcmp(name, "read_null_buffer") == 0);
    }
    return lacks;
}

static json_t *run(struct rack_case *rack)
{
    const json_t *input = rack->input, *most = json_object_get(input, "short_reads");
    const char *wrapper = json_string_value(json_object_get(input, "wrapper"));
    const char *source = json_string_value(json_object_get(input, "source"));
    struct play play = {.rack = rack, .results = json_array()};
    rack_only(rack, input, "wrapper", "data", "ops", "source", "short_reads", NULL);
    bool middleware = wrapper && strcmp(wrapper, "middleware") == 0;
    play.lint = wrapper && strcmp(wrapper, "lint") == 0;
    play.rewindable = wrapper && strcmp(wrapper, "rewindable") == 0;
    play.source.data = rack_bytes(rack, json_object_get(input, "data"));
    play.source.data.data = play.source.data.data ? play.source.data.data : "";
    play.source.pipe = source && strcmp(source, "pipe") == 0;
    play.source.most = json_integer_value(most) > 0 ? (size_t)json_integer_value(most) : SIZE_MAX;
    play.source.most = rack->piece > 0 && rack->piece < play.source.most ? rack->piece : play.source.most;
    if (play.lint && lacks_buffer(json_object_get(input, "ops"))) {
        json_decref(play.results);
        return rack_skip(rack, RACK_BY_TYPE, "input.read.buffer_type");
    }
    if (!middleware && !play.lint && !play.rewindable) {
        rack_wrong(rack, "an unknown wrapper");
    }
    if (source && !play.source.pipe && strcmp(source, "memory") != 0) {
        rack_wrong(rack, "an unknown source");
    }
    send_request(&play, middleware);
    return json_pack("{s:o}", "results", play.results);
}

const struct rack_area rack_rewindable_input = {.name = "rewindable_input", .run = run};
