/* Responses, operations on their headers, whole mock requests. */
#include "tests/conformance/rack_cases/chunks.h"
#include "tests/conformance/rack_cases/mock_said.h"

#include <errno.h>
#include <string.h>

static const json_t *member(const json_t *object, const char *name)
{
    return json_object_get(object, name);
}

/* ---- a response ---- */

static int add_values(struct rack_case *rack, struct rig_response *res, const char *name, const json_t *value)
{
    int error = 0;
    if (!json_is_array(value)) {
        const char *text = rack_string(rack, value);
        return text ? rig_response_add_header(res, name, text) : 0;
    }
    for (size_t i = 0; i < json_array_size(value) && error == 0; i++) {
        error = add_values(rack, res, name, json_array_get(value, i));
    }
    return error;
}

static int add_headers(struct rack_case *rack, struct rig_response *res, const json_t *headers)
{
    int error = 0;
    for (size_t i = 0; i < json_array_size(headers) && error == 0; i++) {
        const json_t *pair = json_array_get(headers, i);
        error = add_values(rack, res, rack_string(rack, json_array_get(pair, 0)), json_array_get(pair, 1));
    }
    return error;
}

static int write_each(struct rack_case *rack, struct rig_response *res, const json_t *chunks, bool one_buffer)
{
    char *buffer = rack_alloc(rack, 1 << 20);
    int error = 0;
    for (size_t i = 0; i < json_array_size(chunks) && error == 0; i++) {
        struct rig_bytes chunk = rack_bytes(rack, json_array_get(chunks, i));
        if (!chunk.data) { /* null: nothing to write */
            continue;
        }
        if (one_buffer && chunk.size <= 1 << 20) {
            memcpy(buffer, chunk.data, chunk.size);
            chunk.data = buffer;
        }
        error = rig_response_write(res, chunk.data, chunk.size);
    }
    return error;
}

/* A body that is pulled, and what is done to it. */
struct pulled {
    struct rack_chunks chunks;
    json_t *calls;
};

static int64_t pull(void *self, void *buffer, size_t size)
{
    struct pulled *pulled = self;
    if (json_array_size(pulled->calls) == 0) {
        json_array_append_new(pulled->calls, json_string("each"));
    }
    return rack_chunks_read(&pulled->chunks, buffer, size);
}

static void close_pulled(void *self)
{
    json_array_append_new(((struct pulled *)self)->calls, json_string("close"));
}

/* What the app of a case needs. */
struct play {
    struct rack_case *rack;
    struct pulled pulled;
    json_t *results; /* of operations on headers */
};

static int stream(struct play *play, struct rig_response *res, const json_t *chunks)
{
    play->pulled.chunks = (struct rack_chunks){.rack = play->rack, .list = chunks};
    return rig_response_stream(res, (struct rig_source){.read = pull, .close = close_pulled, .self = &play->pulled});
}

/* A list and a string are there as a whole; what iterates is written piece by piece. */
static int give_body(struct play *play, struct rig_response *res, const json_t *body)
{
    struct rack_case *rack = play->rack;
    rack_only(rack, body, "chunks", "string", "iterate", "iterate_one_buffer", "stream", "none", NULL);
    if (member(body, "stream")) {
        return stream(play, res, member(body, "stream"));
    }
    if (member(body, "string") || member(body, "chunks")) {
        struct rig_bytes text = rack_bytes(rack, member(body, "string"));
        int error = rig_respond(res, .bytes = {"", 0});
        error = error || !text.data ? error : rig_response_write(res, text.data, text.size);
        return error ? error : write_each(rack, res, member(body, "chunks"), false);
    }
    const json_t *reused = member(body, "iterate_one_buffer");
    return write_each(rack, res, reused ? reused : member(body, "iterate"), reused != NULL);
}

static int response_app(void *self, struct rig_env *env, struct rig_response *res)
{
    struct play *play = self;
    const json_t *input = play->rack->input;
    struct rig_bytes errors = rack_bytes(play->rack, member(input, "errors"));
    int error = errors.data ? rig_env_log_write(env, errors.data, errors.size) : 0;
    error = error ? error : give_body(play, res, member(input, "body"));
    error = error ? error : rig_response_set_status(res, (int)json_integer_value(member(input, "status")));
    return error ? error : add_headers(play->rack, res, member(input, "headers"));
}

static json_t *play_response(struct rack_case *rack, struct rig_client *client)
{
    rack_only(rack, rack->input, "status", "headers", "body", "errors", NULL);
    if (!json_is_integer(member(rack->input, "status"))) {
        return rack_skip(rack, RACK_BY_TYPE, "a status that is no number");
    }
    return mock_describe(rig_get(client, "/"));
}

/* ---- operations on headers ---- */

static json_t *values_of(const struct rig_response *res, const char *name)
{
    json_t *values = json_null();
    const char *value;
    for (size_t n = 0; (value = rig_response_header_nth(res, name, n)) != NULL; n++) {
        values = mock_with_value(values, rack_text(value));
    }
    return values;
}

/* As the answer would set it now. */
static json_t *cookie_value(const struct rig_response *res, const char *name)
{
    json_t *found = json_null();
    const char *line;
    for (size_t n = 0; (line = rig_response_header_nth(res, "Set-Cookie", n)) != NULL; n++) {
        struct rig_set_cookie cookie;
        if (rig_set_cookie_parse(line, strlen(line), &cookie) == 0 && cookie.name.size == strlen(name) &&
            memcmp(cookie.name.data, name, cookie.name.size) == 0) {
            json_decref(found);
            found = mock_slice(cookie.value);
        }
    }
    return found;
}

static json_t *operate(struct rack_case *rack, struct rig_response *res, const json_t *op)
{
    const char *what = json_string_value(json_array_get(op, 0));
    const char *name = rack_string(rack, json_array_get(op, 1));
    const json_t *value = json_array_get(op, 2);
    if (!what || !name) {
        return rack_wrong(rack, "an operation without a name");
    }
    if (strcmp(what, "has") == 0) {
        return json_boolean(rig_response_header(res, name) != NULL);
    }
    if (strcmp(what, "cookie") == 0) {
        return cookie_value(res, name);
    }
    if (strcmp(what, "delete") == 0) {
        json_t *before = values_of(res, name);
        (void)rig_response_remove_header(res, name);
        return before;
    }
    if (strcmp(what, "set") == 0 && json_is_string(value)) {
        (void)rig_response_set_header(res, name, rack_string(rack, value)); /* in the place of what it replaces */
    } else if (strcmp(what, "set") == 0) {
        (void)rig_response_remove_header(res, name);
        (void)add_values(rack, res, name, value);
    } else if (strcmp(what, "add") == 0) {
        (void)add_values(rack, res, name, value);
    } else if (strcmp(what, "get") != 0) {
        return rack_wrong(rack, "an unknown operation \"%s\"", what);
    }
    return values_of(res, name);
}

static int headers_app(void *self, struct rig_env *env, struct rig_response *res)
{
    struct play *play = self;
    const json_t *ops = member(play->rack->input, "ops");
    (void)env;
    int error = rig_respond(res, .status = 200);
    error = error ? error : add_headers(play->rack, res, member(play->rack->input, "headers"));
    for (size_t i = 0; i < json_array_size(ops) && error == 0; i++) {
        json_array_append_new(play->results, operate(play->rack, res, json_array_get(ops, i)));
    }
    return error;
}

static json_t *play_headers(struct rack_case *rack, struct rig_client *client, const struct play *play)
{
    rack_only(rack, rack->input, "kind", "headers", "ops", NULL);
    const struct rig_result *result = rig_get(client, "/");
    return json_pack("{s:O, s:o}", "results", play->results, "headers",
                     mock_headers(result->headers, result->header_count));
}

/* ---- whole requests ---- */

static int log_calls(struct rack_case *rack, struct rig_env *env, const json_t *calls)
{
    int error = 0;
    for (size_t i = 0; i < json_array_size(calls) && error == 0; i++) {
        const json_t *call = json_array_get(calls, i);
        const char *how = json_string_value(json_array_get(call, 0));
        struct rig_bytes text = rack_bytes(rack, json_array_get(call, 1));
        if (how && strcmp(how, "write") == 0) {
            error = rig_env_log_write(env, text.data, text.size);
        } else if (how && strcmp(how, "puts") == 0) {
            error = rig_env_log(env, "%.*s", (int)text.size, (const char *)text.data);
        } else if (!how || strcmp(how, "flush") != 0) { /* nothing is held back that could be flushed */
            rack_wrong(rack, "an unknown call of the error stream");
        }
    }
    return error;
}

static int echo(struct rig_env *env, struct rig_response *res)
{
    const char *method = rig_env_get(env, "REQUEST_METHOD"), *path = rig_env_get(env, "PATH_INFO");
    char piece[256];
    int64_t got;
    int error = rig_response_write(res, method, strlen(method));
    error = error ? error : rig_response_write(res, " ", 1);
    error = error ? error : rig_response_write(res, path, strlen(path));
    error = error ? error : rig_response_write(res, "\n", 1);
    while (error == 0 && (got = rig_input_read(rig_env_input(env), piece, sizeof piece)) != 0) {
        error = got < 0 ? (int)got : rig_response_write(res, piece, (size_t)got);
    }
    return error;
}

static int request_app(void *self, struct rig_env *env, struct rig_response *res)
{
    struct play *play = self;
    struct rack_case *rack = play->rack;
    const json_t *app = member(rack->input, "app"), *status = member(app, "status");
    int error = log_calls(rack, env, member(app, "errors"));
    if (member(app, "raise")) {
        return error ? error : -EPROTO;
    }
    error = error ? error : add_headers(rack, res, member(app, "headers"));
    if (json_is_true(member(app, "echo"))) {
        error = error ? error : echo(env, res);
    } else if (json_is_true(member(app, "closable"))) {
        error = error ? error : stream(play, res, member(app, "chunks"));
    } else {
        error = error ? error : write_each(rack, res, member(app, "chunks"), false);
    }
    return error ? error : rig_response_set_status(res, status ? (int)json_integer_value(status) : 200);
}

static const struct rig_result *send_request(struct rack_case *rack, struct rig_client *client)
{
    const json_t *options = member(rack->input, "options"), *env = member(options, "env");
    struct rig_request request = {.method = rack_string(rack, member(rack->input, "method")),
                                  .target = rack_string(rack, member(rack->input, "uri")),
                                  .bytes = rack_bytes(rack, member(options, "input")),
                                  .pieces = rack->piece ? &rack->piece : NULL,
                                  .piece_count = rack->piece ? 1 : 0,
                                  .env_count = json_array_size(env)};
    struct rig_field *fields = rack_alloc(rack, request.env_count * sizeof *fields);
    for (size_t i = 0; i < request.env_count; i++) {
        const json_t *pair = json_array_get(env, i);
        fields[i].name = rack_env_ours(rack_string(rack, json_array_get(pair, 0)));
        fields[i].value = rack_string(rack, json_array_get(pair, 1));
    }
    request.env_list = request.env_count > 0 ? fields : NULL;
    if (json_is_true(member(options, "fatal"))) {
        request.enable[0] = "env.log.written";
    }
    if (json_is_true(member(options, "lint")) && rig_rule_find("response.header_name.lowercase")) {
        request.enable[request.enable[0] ? 1 : 0] = "response.header_name.lowercase";
    }
    return rig_send(client, request);
}

/* What Rack would have raised: NULL: nothing. */
static json_t *raised(struct rack_case *rack, const struct rig_result *result)
{
    const json_t *options = member(rack->input, "options");
    bool fatal = json_is_true(member(options, "fatal")), lint = json_is_true(member(options, "lint"));
    for (size_t i = 0; i < result->finding_count; i++) {
        const char *rule = result->findings[i].rule;
        if (fatal && strcmp(rule, "env.log.written") == 0) {
            return rack_error("fatal_warning");
        }
        if (lint && rack_rule_in_c(rack, rule)) {
            return json_pack("{s:{s:s, s:s}}", "error", "kind", "lint", "rule", rule);
        }
    }
    return rig_result_found(result, "request.target.invalid") ? rack_error("bad_uri")
           : result->error == -EPROTO                         ? rack_error("runtime")
           : result->error != 0                               ? rack_error("invalid_argument")
                                                              : NULL;
}

static json_t *play_request(struct rack_case *rack, struct rig_client *client, const struct play *play)
{
    const json_t *app = member(rack->input, "app");
    rack_only(rack, rack->input, "kind", "method", "uri", "app", "options", NULL);
    rack_only(rack, app, "errors", "status", "headers", "chunks", "raise", "echo", "closable", NULL);
    rack_only(rack, member(rack->input, "options"), "fatal", "lint", "input", "env", NULL);
    const struct rig_result *result = send_request(rack, client);
    json_t *error = raised(rack, result);
    if (error) {
        return error;
    }
    json_t *got =
        json_pack("{s:i, s:o, s:o, s:o}", "status", result->status, "headers",
                  mock_headers(result->headers, result->header_count), "body",
                  rack_value(result->body, result->body_size), "errors", rack_value(result->log, result->log_size));
    if (json_is_true(member(app, "closable"))) {
        json_object_set(got, "body_calls", play->pulled.calls);
    }
    return got;
}

/* ---- the area ---- */

static json_t *run(struct rack_case *rack)
{
    const char *kind = json_string_value(member(rack->input, "kind"));
    bool request = kind && strcmp(kind, "request") == 0, headers = kind && strcmp(kind, "headers") == 0;
    struct play play = {.rack = rack, .pulled = {.calls = json_array()}, .results = json_array()};
    struct rig_app app = {.name = "app",
                          .call = request   ? request_app
                                  : headers ? headers_app
                                            : response_app,
                          .self = &play};
    struct rig_client *client = rig_client_new(app, (struct rig_client_options){.server = &rig_server_memory});
    json_t *got = request   ? play_request(rack, client, &play)
                  : headers ? play_headers(rack, client, &play)
                  : kind    ? rack_wrong(rack, "an unknown kind \"%s\"", kind)
                            : play_response(rack, client);
    rig_client_free(client);
    json_decref(play.pulled.calls);
    json_decref(play.results);
    return got;
}

/* A list of one value is that value: both are one header field. */
static json_t *flat(const json_t *value)
{
    if (json_is_array(value) && json_array_size(value) == 1 && json_is_string(json_array_get(value, 0))) {
        return json_incref(json_array_get(value, 0));
    }
    if (!json_is_array(value)) {
        return json_incref((json_t *)(uintptr_t)value);
    }
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(value); i++) {
        json_array_append_new(list, flat(json_array_get(value, i)));
    }
    return list;
}

static json_t *flattened(const json_t *outcome)
{
    json_t *copy = json_copy((json_t *)(uintptr_t)outcome);
    const json_t *finish = member(copy, "finish");
    static const char *const names[] = {"headers", "results"};
    for (size_t i = 0; i < 2; i++) {
        if (json_is_array(member(copy, names[i]))) {
            json_object_set_new(copy, names[i], flat(member(copy, names[i])));
        }
    }
    if (finish) {
        json_t *flat_finish = json_copy((json_t *)(uintptr_t)finish);
        json_object_set_new(flat_finish, "headers", flat(member(finish, "headers")));
        json_object_set_new(copy, "finish", flat_finish);
    }
    return copy;
}

static bool compare(struct rack_case *rack, const json_t *want, const json_t *got)
{
    json_t *wanted = flattened(want), *came = flattened(got);
    bool same = rack_equal(rack, wanted, came);
    json_decref(wanted);
    json_decref(came);
    return same;
}

const struct rack_area rack_mock_response = {.name = "mock_response", .run = run, .compare = compare};
