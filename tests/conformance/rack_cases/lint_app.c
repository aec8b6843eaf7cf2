/* The app of a case of lint: what it does with the env, and its answer. */
#define _POSIX_C_SOURCE 200809L
#include "tests/conformance/rack_cases/chunks.h"
#include "tests/conformance/rack_cases/lint_play.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* ---- what it does before it answers ---- */

static void read_up_to(struct rig_input *input, size_t size)
{
    char buffer[256];
    int64_t got = 1;
    while (size > 0 && got > 0) {
        got = rig_input_read(input, buffer, size < sizeof buffer ? size : sizeof buffer);
        size -= got > 0 ? (size_t)got : 0;
    }
}

static void read_op(struct rig_input *input, const json_t *length)
{
    char byte;
    json_int_t size = json_integer_value(length);
    if (size < 0) {
        (void)rig_input_read(input, &byte, (size_t)size);
    } else {
        read_up_to(input, json_is_integer(length) ? (size_t)size : SIZE_MAX);
    }
}

static void line_op(struct rig_input *input, bool all)
{
    char line[256];
    while (rig_input_line(input, line, sizeof line) > 0 && all) {
    }
}

static void play_op(struct lint_play *play, struct rig_env *env, const json_t *op)
{
    struct rig_input *input = rig_env_input(env);
    const json_t *argument = json_array_get(op, 1);
    const char *name = json_string_value(json_array_get(op, 0));
    name = name ? name : "";
    if (strcmp(name, "input.read") == 0) {
        read_op(input, argument);
    } else if (strcmp(name, "input.gets") == 0 || strcmp(name, "input.each") == 0) {
        line_op(input, strcmp(name, "input.each") == 0);
    } else if (strcmp(name, "input.rewind") == 0) {
        (void)rig_input_rewind(input);
    } else if (strcmp(name, "input.close") == 0) {
        (void)rig_input_close(input);
    } else if (strcmp(name, "errors.puts") == 0 || strcmp(name, "errors.write") == 0) {
        const char *text = rack_string(play->rack, argument);
        (void)rig_env_log(env, "%s", text ? text : "");
    } else if (strcmp(name, "errors.flush") != 0) {
        rack_wrong(play->rack, "the app does what is not known: \"%s\"", name);
    }
}

/* ---- headers ---- */

static void note_for_server(struct lint_play *play, struct rig_env *env, const char *name, const json_t *value)
{
    struct rig_bytes bytes = rack_bytes(play->rack, value);
    if (bytes.data) {
        (void)rig_env_set_bytes(env, name, bytes.data, bytes.size);
    }
}

static void add_value(struct lint_play *play, struct rig_response *res, const char *name, const json_t *value)
{
    struct rig_bytes bytes = rack_bytes(play->rack, value);
    if (bytes.data) {
        (void)rig_response_add_header_bytes(res, name, bytes.data, bytes.size);
    }
}

static void add_header(struct lint_play *play, struct rig_env *env, struct rig_response *res, const json_t *pair)
{
    const char *name = rack_string(play->rack, json_array_get(pair, 0));
    const json_t *value = json_array_get(pair, 1);
    if (!name || json_array_size(pair) != 2) {
        rack_wrong(play->rack, "a header without a name");
    } else if (strcmp(name, LINT_PROTOCOL) == 0) {
        add_value(play, res, "upgrade", value);
    } else if (strcmp(name, LINT_HIJACK) == 0) {
        (void)rig_response_add_header(res, "upgrade", "tunnel");
    } else if (strncmp(name, LINT_RACK, strlen(LINT_RACK)) == 0) {
        if (!json_is_array(value)) {
            note_for_server(play, env, name, value);
        }
    } else if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            add_value(play, res, name, json_array_get(value, i));
        }
    } else {
        add_value(play, res, name, value);
    }
}

/* ---- bodies ---- */

static void close_nothing(void *self)
{
    (void)self;
}

static int stream(struct lint_play *play, struct rig_response *res, const json_t *list)
{
    struct rack_chunks *chunks = rack_alloc(play->rack, sizeof *chunks);
    *chunks = (struct rack_chunks){.rack = play->rack, .list = list};
    return rig_response_stream(res,
                               (struct rig_source){.read = rack_chunks_read, .close = close_nothing, .self = chunks});
}

static int write_all(struct lint_play *play, struct rig_response *res, const json_t *list)
{
    int error = 0;
    for (size_t i = 0; i < json_array_size(list) && !error; i++) {
        struct rig_bytes chunk = rack_bytes(play->rack, json_array_get(list, i));
        error = rig_response_write(res, chunk.data ? chunk.data : "", chunk.size);
    }
    return error;
}

static int answer_with_file(struct lint_play *play, struct rig_response *res, const json_t *chunks, bool exists)
{
    (void)snprintf(play->file, sizeof play->file, "/tmp/rack-cases-XXXXXX");
    int descriptor = mkstemp(play->file);
    for (size_t i = 0; descriptor >= 0 && i < json_array_size(chunks); i++) {
        struct rig_bytes chunk = rack_bytes(play->rack, json_array_get(chunks, i));
        if (write(descriptor, chunk.data, chunk.size) != (ssize_t)chunk.size) {
            rack_wrong(play->rack, "a file cannot be written");
        }
    }
    if (descriptor < 0 || close(descriptor) != 0) {
        rack_wrong(play->rack, "a file cannot be made");
    }
    int error = rig_response_file(res, play->file);
    if (!exists) {
        (void)unlink(play->file);
        play->file[0] = '\0';
    }
    return error;
}

/* A list form is another way to ask for the same bytes: C has one. What is neither list nor stream is no body. */
static int answer_with_body(struct lint_play *play, struct rig_response *res, const json_t *body)
{
    const json_t *chunks = json_object_get(body, "chunks"), *path = json_object_get(body, "path");
    const json_t *written = json_object_get(body, "stream");
    rack_only(play->rack, body, "chunks", "stream", "neither", "path", "no_list", "list_form", NULL);
    if (json_is_string(path)) {
        return answer_with_file(play, res, chunks, strcmp(json_string_value(path), "existing") == 0);
    }
    if (written || json_is_true(json_object_get(body, "no_list"))) {
        return stream(play, res, written ? written : chunks);
    }
    return write_all(play, res, chunks);
}

/* ---- the answer ---- */

/* Of an answer that becomes a 101, what is said of its content is said of what follows, which is not HTTP's. */
static bool is_of_content(const struct lint_play *play, const json_t *pair)
{
    const char *name = json_string_value(json_array_get(pair, 0));
    return play->switches && play->status != 101 && name && strncasecmp(name, "content-", 8) == 0;
}

static int answer(struct lint_play *play, struct rig_env *env, struct rig_response *res)
{
    const json_t *headers = json_object_get(play->response, "headers");
    play->status = (int)json_integer_value(json_object_get(play->response, "status"));
    rack_only(play->rack, play->response, "status", "headers", "body", NULL);
    int error = rig_response_set_status(res, play->switches ? 101 : play->status);
    for (size_t i = 0; i < json_array_size(headers) && !error; i++) {
        const json_t *pair = json_array_get(headers, i);
        if (!is_of_content(play, pair)) {
            add_header(play, env, res, pair);
        }
    }
    if (error || play->switches) {
        return error;
    }
    return answer_with_body(play, res, json_object_get(play->response, "body"));
}

int lint_app_call(void *self, struct rig_env *env, struct rig_response *res)
{
    struct lint_play *play = self;
    for (size_t i = 0; i < json_array_size(play->app); i++) {
        play_op(play, env, json_array_get(play->app, i));
    }
    return json_is_object(play->response) ? answer(play, env, res) : 0;
}
