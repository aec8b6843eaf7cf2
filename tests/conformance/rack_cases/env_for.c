/* Requests: method, URI and options to an env that nothing is called with. */
#include "tests/conformance/rack_cases/requests.h"

#include <stackrig/client.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BODY_MAX ((uint64_t)1 << 28)

/* A body that is given as a stream. */
struct stream {
    struct rig_bytes data;
    size_t at;
};

/* What a case asks for. */
struct asked {
    struct rig_request request;
    struct stream stream;
    struct rig_field *env;
    size_t env_count, pieces[1];
    struct rack_text_params text;
};

static int64_t read_stream(void *self, void *buffer, size_t size)
{
    struct stream *stream = self;
    size_t left = stream->data.size - stream->at;
    size = size < left ? size : left;
    memcpy(buffer, (const char *)stream->data.data + stream->at, size);
    stream->at += size;
    return (int64_t)size;
}

/* ---- from the case to a request ---- */

static void add_header(struct rig_request *request, const char *name, const char *value)
{
    size_t at = 0;
    while (request->headers[at].name && strcmp(request->headers[at].name, name) != 0) {
        at++;
    }
    request->headers[at] = (struct rig_field){name, value};
}

/* A type says how the params are written, so here it is a header; all else that Rack takes as env is set last. */
static void ask_env(struct rack_case *rack, struct asked *asked, bool connects, const json_t *pairs)
{
    size_t count = json_array_size(pairs);
    asked->env = rack_alloc(rack, (count + 1) * sizeof *asked->env);
    if (connects) {
        asked->env[asked->env_count++] = (struct rig_field){"REQUEST_METHOD", "CONNECT"};
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *pair = json_array_get(pairs, i);
        const char *name = rack_string(rack, json_array_get(pair, 0));
        const char *value = rack_string(rack, json_array_get(pair, 1));
        if (json_array_size(pair) != 2 || !name) {
            rack_wrong(rack, "an entry of env that is not [key, value]");
        } else if (strcmp(name, "CONTENT_TYPE") == 0) {
            add_header(&asked->request, "Content-Type", value);
        } else {
            asked->env[asked->env_count++] = (struct rig_field){rack_env_ours(name), value};
        }
    }
}

static void ask_stream(struct rack_case *rack, struct asked *asked, const json_t *stream)
{
    const json_t *read = json_object_get(stream, "already_read");
    rack_only(rack, stream, "data", "sized", "already_read", NULL);
    asked->stream.data = rack_bytes(rack, json_object_get(stream, "data"));
    asked->stream.at = (size_t)json_integer_value(read);
    if (!asked->stream.data.data || asked->stream.at > asked->stream.data.size) {
        rack_wrong(rack, "an input_stream without data, or read beyond it");
        return;
    }
    asked->request.source = (struct rig_source){.read = read_stream, .self = &asked->stream};
    if (json_is_true(json_object_get(stream, "sized"))) {
        size_t left = asked->stream.data.size - asked->stream.at;
        add_header(&asked->request, "Content-Length", rack_print(rack, "%zu", left));
    }
}

static void ask_params(struct rack_case *rack, struct asked *asked, const json_t *params)
{
    if (json_is_string(params) || json_object_get(params, "b64")) {
        bool form = rack_text_params(&asked->request, rack_bytes(rack, params), &asked->text);
        if (form && !asked->request.headers[0].name) {
            add_header(&asked->request, "Content-Type", RACK_FORM);
        }
    } else if (json_object_get(params, "map")) {
        struct rig_param *map = rack_alloc(rack, sizeof *map);
        *map = rack_param(rack, params, false);
        asked->request.param_list = map->item_count > 0 ? map->items : NULL;
        asked->request.form = true;
        asked->request.param_count = map->item_count;
    } else if (params && !json_is_null(params)) {
        rack_wrong(rack, "params that are neither a map nor a text");
    }
}

static bool has_zero(struct rack_case *rack, const json_t *value)
{
    struct rig_bytes bytes = rack_bytes(rack, value);
    return bytes.data && memchr(bytes.data, 0, bytes.size);
}

static void ask(struct rack_case *rack, struct asked *asked)
{
    const json_t *input = rack->input, *stream = json_object_get(input, "input_stream");
    struct rig_request *request = &asked->request;
    bool connects = false;
    rack_only(rack, input, "uri", "method", "script_name", "http_version", "params", "input", "input_stream", "env",
              NULL);
    request->target = rack_string(rack, json_object_get(input, "uri"));
    request->method = rack_string(rack, json_object_get(input, "method"));
    request->script_name = rack_string(rack, json_object_get(input, "script_name"));
    request->http_version = rack_string(rack, json_object_get(input, "http_version"));
    request->bytes = rack_bytes(rack, json_object_get(input, "input"));
    request->params_first = true; /* MockRequest adds the query to the params */
    if (request->method && strcasecmp(request->method, "CONNECT") == 0 && request->target &&
        request->target[0] == '/') {
        request->method = "POST"; /* none that HTTP has: the variable says it */
        connects = true;
    }
    if (!request->target) {
        rack_wrong(rack, "a case without a uri");
    }
    ask_env(rack, asked, connects, json_object_get(input, "env"));
    if (stream && !json_is_null(stream)) {
        ask_stream(rack, asked, stream);
    }
    ask_params(rack, asked, json_object_get(input, "params"));
    if (rack->piece > 0) {
        asked->pieces[0] = rack->piece;
        request->pieces = asked->pieces;
        request->piece_count = 1;
    }
}

/* ---- from the env to an outcome ---- */

static int take(void *closure, const char *name, const char *value, size_t size)
{
    return value ? json_object_set_new(closure, rack_env_rack(name), rack_value(value, size)) : 0;
}

/* The env of the request; NULL: refused, and *error is the kind. */
static struct rig_env *env_for(struct rig_client *client, struct asked *asked, bool overrides, const char **error)
{
    size_t at = asked->stream.at;
    asked->request.env_count = overrides ? asked->env_count : 0;
    asked->request.env_list = asked->request.env_count > 0 ? asked->env : NULL;
    struct rig_env *env = rig_env_for(client, asked->request);
    if (!env) {
        asked->stream.at = at;
        const struct rig_result *result = rig_send(client, asked->request);
        *error = rig_result_found(result, "request.target.invalid") ? "bad_uri" : "invalid_argument";
    }
    return env;
}

/* A body is announced: told before the case's own CONTENT_LENGTH is set over it. */
static bool has_body(struct rig_client *client, struct asked *asked, const char **error)
{
    size_t at = asked->stream.at;
    struct rig_env *env = env_for(client, asked, false, error);
    bool body = env && (rig_env_get(env, "CONTENT_LENGTH") || rig_env_get(env, "HTTP_TRANSFER_ENCODING"));
    if (env) {
        rig_env_close(client, env);
    }
    asked->stream.at = at;
    return body;
}

static json_t *outcome(struct rack_case *rack, struct rig_client *client, struct asked *asked)
{
    const char *error = asked->text.error;
    bool body = !error && has_body(client, asked, &error);
    struct rig_env *env = error ? NULL : env_for(client, asked, true, &error);
    if (!env) {
        return rack_error(error);
    }
    struct rig_bytes all = {NULL, 0};
    json_t *variables = json_object();
    const char *type = rig_env_get(env, "CONTENT_TYPE");
    if (rig_env_each(env, take, variables) != 0 || rig_input_all(rig_env_input(env), BODY_MAX, &all) != 0) {
        rack_wrong(rack, "an env that cannot be read");
    }
    json_t *result =
        json_pack("{s:o, s:o}", "env", variables, "body", body ? rack_value(all.data, all.size) : json_null());
    bool given = asked->request.bytes.data || asked->request.source.read;
    if (body && !given && type && strncmp(type, "multipart/", 10) == 0) {
        json_t *parts = rack_parts(rack, type, all);
        if (parts) {
            json_object_set_new(result, "parts", parts);
        } else {
            rack_wrong(rack, "a multipart body that cannot be read");
        }
    }
    rig_env_close(client, env);
    return result;
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .status = 204);
}

static json_t *run(struct rack_case *rack)
{
    static const char *const texts[] = {"uri", "method", "script_name", "http_version"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (has_zero(rack, json_object_get(rack->input, texts[i]))) {
            return rack_skip(rack, RACK_OTHER, "a C string holds no zero byte");
        }
    }
    struct asked asked = {.request = {0}};
    struct rig_client *client = rig_client_new(RIG_APP(answer), (struct rig_client_options){.checks = RIG_CHECKS_NONE});
    json_t *result = NULL;
    ask(rack, &asked);
    if (!client) {
        rack_wrong(rack, "no memory for a client");
    } else if (rack->wrong[0] == '\0') {
        result = outcome(rack, client, &asked);
    }
    rig_client_free(client);
    rig_params_free(asked.text.params);
    rack_files_remove();
    return result;
}

/* Where parts are expected, neither the body, nor its boundary and length. */
static bool compare(struct rack_case *rack, const json_t *want, const json_t *got)
{
    if (!json_object_get(want, "parts") || !json_object_get(got, "parts")) {
        return rack_equal(rack, want, got);
    }
    json_t *wanted = json_deep_copy(want), *came = json_deep_copy(got);
    rack_forget_boundary(wanted);
    rack_forget_boundary(came);
    bool same = rack_equal(rack, wanted, came);
    json_decref(wanted);
    json_decref(came);
    return same;
}

const struct rack_area rack_env_for = {.name = "env_for", .run = run, .compare = compare};
