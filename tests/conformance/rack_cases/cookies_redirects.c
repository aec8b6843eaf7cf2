/* The area cookies_redirects: steps of one session, as rack-test's users write them. What rack-test says with variables
 * of the env is said here with headers where there is one of that name. */
#define _POSIX_C_SOURCE 200809L
#include "tests/conformance/rack_cases/requests.h"
#include "tests/conformance/rack_cases/session_play.h"

#include <stackrig/http/query.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PROTOCOL "HTTP/1.0"

/* ---- the app ---- */

static int note_variable(void *closure, const char *name, const char *value, size_t size)
{
    return json_object_set_new(closure, rack_env_rack(name), rack_value(value, size));
}

/* A request without a body has none, one with an empty body says so; a length alone that was written there does not. */
static json_t *body_of(struct rig_env *env, struct rig_bytes body)
{
    const char *length = rig_env_get(env, "CONTENT_LENGTH");
    bool empty = length && (strcmp(length, "0") == 0 || rig_env_get(env, "CONTENT_TYPE"));
    empty = empty || rig_env_get(env, "HTTP_TRANSFER_ENCODING");
    return body.size > 0 || empty ? rack_value(body.data, body.size) : json_null();
}

/* Rack 2 wrote repeated headers as the lines of one value. */
static int add_lines(struct rack_case *rack, struct rig_response *res, const char *name, const char *value)
{
    int error = 0;
    while (value && error == 0) {
        const char *end = strchr(value, '\n');
        int size = end ? (int)(end - value) : (int)strlen(value);
        error = rig_response_add_header(res, name, rack_print(rack, "%.*s", size, value));
        value = end ? end + 1 : NULL;
    }
    return error;
}

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    struct session_play *play = self;
    struct rack_case *rack = play->rack;
    struct rig_bytes body;
    int error = rig_input_all(rig_env_input(env), (size_t)1 << 28, &body);
    json_t *variables = json_object();
    json_decref(play->seen);
    play->seen = json_pack("{s:o}", "env", variables);
    if (error != 0 || rig_env_each(env, note_variable, variables) != 0) {
        return error ? error : -EIO;
    }
    (void)json_object_set_new(play->seen, "body", body_of(env, body));
    json_t *parts = rack_parts(rack, rig_env_get(env, "CONTENT_TYPE"), body);
    if (parts) {
        (void)json_object_set_new(play->seen, "parts", parts);
    }
    const json_t *status = json_object_get(play->response, "status"),
                 *headers = json_object_get(play->response, "headers");
    for (size_t i = 0; i < json_array_size(headers) && error == 0; i++) {
        const json_t *pair = json_array_get(headers, i);
        error = add_lines(rack, res, rack_string(rack, json_array_get(pair, 0)),
                          rack_string(rack, json_array_get(pair, 1)));
    }
    return error ? error
                 : rig_respond(res, .status = status ? (int)json_integer_value(status) : 200,
                               .bytes = rack_bytes(rack, json_object_get(play->response, "body")));
}

/* ---- the request ---- */

static bool is(const char *text, const char *word)
{
    return text && strcmp(text, word) == 0;
}

/* HTTP_X_ONCE is the header X-ONCE; NULL: the variable is none of a header's. */
static const char *header_of(struct rack_case *rack, const char *variable)
{
    if (is(variable, "CONTENT_TYPE")) {
        return "Content-Type";
    }
    if (strncmp(variable, "HTTP_", 5) != 0) {
        return NULL;
    }
    char *header = rack_print(rack, "%s", variable + 5);
    for (char *at = header; *at; at++) {
        *at = (char)(*at == '_' ? '-' : *at);
    }
    return header;
}

struct lists {
    struct rig_field *headers, *env;
    size_t header_count, env_count;
    struct rack_text_params text;
};

static void read_env(struct rack_case *rack, const json_t *env, struct lists *lists)
{
    size_t count = json_array_size(env);
    lists->headers = rack_alloc(rack, (count + 1) * sizeof(struct rig_field)); /* and a type */
    lists->env = rack_alloc(rack, count * sizeof(struct rig_field));
    for (size_t i = 0; i < count; i++) {
        const json_t *pair = json_array_get(env, i);
        const char *name = rack_string(rack, json_array_get(pair, 0));
        const char *value = rack_string(rack, json_array_get(pair, 1));
        const char *header = name ? header_of(rack, name) : NULL;
        if (!name) {
            rack_wrong(rack, "a variable without a name");
        } else if (header) {
            lists->headers[lists->header_count++] = (struct rig_field){header, value};
        } else {
            lists->env[lists->env_count++] = (struct rig_field){rack_env_ours(name), value};
        }
    }
}

static bool names_type(const struct lists *lists)
{
    bool names = false;
    for (size_t i = 0; i < lists->header_count; i++) {
        names = names || is(lists->headers[i].name, "Content-Type");
    }
    return names;
}

static void set_params(struct rack_case *rack, struct rig_request *request, const json_t *step, struct lists *lists)
{
    const json_t *params = json_object_get(step, "params"), *query = json_object_get(step, "query_params"),
                 *input = json_object_get(step, "input");
    request->param_style = RIG_QUERY_STYLE_PLAIN;
    request->multipart = json_is_true(json_object_get(step, "multipart"));
    if (query && !json_is_null(query)) {
        struct rig_param map = rack_param(rack, query, true);
        request->query_list = map.item_count > 0 ? map.items : NULL;
        request->query_count = map.item_count;
    }
    if (input && !json_is_null(input)) {
        request->bytes = rack_bytes(rack, input);
    }
    if (json_object_get(params, "map")) {
        struct rig_param map = rack_param(rack, params, true);
        request->param_list = map.item_count > 0 ? map.items : NULL;
        request->param_count = map.item_count;
        request->form = true;
    } else if (params && !json_is_null(params) && !request->bytes.data) {
        bool form = rack_text_params(request, rack_bytes(rack, params), &lists->text);
        if (form && !names_type(lists)) {
            lists->headers[lists->header_count++] = (struct rig_field){"Content-Type", RACK_FORM};
        }
    }
}

/* ---- its outcome ---- */

static json_t *error_of(const struct rig_result *result)
{
    bool uri = rig_result_found(result, "request.target.invalid") || rig_result_found(result, "request.host.invalid") ||
               rig_result_found(result, "request.redirect.invalid");
    bool session = rig_result_found(result, "usage.redirect.none");
    return rack_error(uri ? "bad_uri" : session ? "session_error" : "invalid_argument");
}

static json_t *outcome_of(struct session_play *play, const struct rig_result *result)
{
    json_t *seen = play->seen;
    play->seen = NULL;
    if (result->delivery.outcome == RIG_NOT_SENT || !seen) {
        json_decref(seen);
        return error_of(result);
    }
    return seen;
}

static json_t *run_request(struct session_play *play, const json_t *step)
{
    struct rack_case *rack = play->rack;
    struct lists lists = {0};
    struct rig_request request = {.method = rack_string(rack, json_object_get(step, "method")),
                                  .target = rack_string(rack, json_object_get(step, "uri")),
                                  .xhr = json_is_true(json_object_get(step, "xhr"))};
    const char *cookie = rack_string(rack, json_object_get(step, "cookie"));
    rack_only(rack, step, "op", "method", "uri", "params", "query_params", "input", "env", "xhr", "cookie", "multipart",
              "response", NULL);
    if (!request.method || !request.target) {
        return rack_wrong(rack, "a request needs method and uri");
    }
    read_env(rack, json_object_get(step, "env"), &lists);
    set_params(rack, &request, step, &lists);
    request.header_list = lists.header_count > 0 ? lists.headers : NULL;
    request.header_count = lists.header_count;
    request.env_list = lists.env_count > 0 ? lists.env : NULL;
    request.env_count = lists.env_count;
    request.pieces = rack->piece ? &rack->piece : NULL;
    request.piece_count = rack->piece ? 1 : 0;
    if (cookie) {
        (void)rig_session_set_cookie(play->session, request.target, cookie);
    }
    play->response = json_object_get(step, "response");
    json_t *outcome =
        lists.text.error ? rack_error(lists.text.error) : outcome_of(play, rig_session_send(play->session, request));
    rig_params_free(lists.text.params);
    return outcome;
}

static json_t *run_follow(struct session_play *play, const json_t *step)
{
    struct rack_case *rack = play->rack;
    const struct rig_result *last = rig_session_last(play->session);
    bool lacks = last && last->status / 100 == 3 && !rig_result_header(last, "Location");
    rack_only(rack, step, "op", "response", NULL);
    play->response = json_object_get(step, "response");
    const struct rig_result *result = rig_session_follow(play->session, .pieces = rack->piece ? &rack->piece : NULL,
                                                         .piece_count = rack->piece ? 1 : 0);
    return lacks ? rack_error("session_error") : outcome_of(play, result);
}

/* ---- the rest ---- */

/* rack-test's header() sets a variable: a Content-Length that is not the body's can only be said so. */
static json_t *run_header(struct session_play *play, const json_t *step)
{
    const char *name = rack_string(play->rack, json_object_get(step, "name"));
    const char *value = rack_string(play->rack, json_object_get(step, "value"));
    rack_only(play->rack, step, "op", "name", "value", NULL);
    bool length = name && strcasecmp(name, "Content-Length") == 0;
    int error = length ? rig_session_env(play->session, "CONTENT_LENGTH", value)
                       : rig_session_header(play->session, name, value);
    return error ? rack_error("invalid_argument") : session_done();
}

static json_t *run_env(struct session_play *play, const json_t *step)
{
    const char *name = rack_string(play->rack, json_object_get(step, "name"));
    const char *value = rack_string(play->rack, json_object_get(step, "value"));
    rack_only(play->rack, step, "op", "name", "value", NULL);
    const char *header = name ? header_of(play->rack, name) : NULL;
    if (!value && is(name, "SERVER_PROTOCOL")) {
        value = PROTOCOL; /* what is under it is rack-test's own */
    }
    int error = header ? rig_session_header(play->session, header, value)
                       : rig_session_env(play->session, name ? rack_env_ours(name) : NULL, value);
    return error ? rack_error("invalid_argument") : session_done();
}

static json_t *run_authorize(struct session_play *play, const json_t *step)
{
    rack_only(play->rack, step, "op", "user", "password", NULL);
    int error = rig_session_basic(play->session, rack_string(play->rack, json_object_get(step, "user")),
                                  rack_string(play->rack, json_object_get(step, "password")));
    return error ? rack_error("invalid_argument") : session_done();
}

static json_t *run_last_status(struct session_play *play, const json_t *step)
{
    int status = rig_session_last_status(play->session);
    rack_only(play->rack, step, "op", NULL);
    return status ? json_pack("{s:i}", "value", status) : rack_error("session_error");
}

static json_t *run_last_url(struct session_play *play, const json_t *step)
{
    const char *url = rig_session_last_url(play->session);
    rack_only(play->rack, step, "op", NULL);
    return url ? json_pack("{s:o}", "value", rack_text(url)) : rack_error("session_error");
}

static const struct session_op ops[] = {
    {"request", run_request},     {"follow", run_follow},           {"header", run_header},     {"env", run_env},
    {"authorize", run_authorize}, {"last_status", run_last_status}, {"last_url", run_last_url}, {NULL, NULL},
};

static json_t *run_step(struct session_play *play, const json_t *step)
{
    const char *op = json_string_value(json_object_get(step, "op"));
    rack_only(play->rack, json_object_get(step, "response"), "status", "headers", "body", NULL);
    const struct session_op *const tables[] = {ops, session_jar_ops};
    for (size_t i = 0; op && i < sizeof tables / sizeof tables[0]; i++) {
        for (const struct session_op *at = tables[i]; at->op; at++) {
            if (strcmp(at->op, op) == 0) {
                return at->run(play, step);
            }
        }
    }
    return rack_wrong(play->rack, "an unknown step \"%.40s\"", op ? op : "(none)");
}

/* As rack-test's requests are: HTTP/1.0, from this machine, forms whatever the method. */
static bool start(struct session_play *play)
{
    struct rack_case *rack = play->rack;
    const char *host = rack_string(rack, json_object_get(rack->input, "default_host"));
    play->client = rig_client_new((struct rig_app){.name = "app", .call = answer, .self = play},
                                  (struct rig_client_options){.server = &rig_server_memory});
    play->session = rig_session_new(
        play->client, (struct rig_session_options){.origin = host ? rack_print(rack, "http://%s", host) : NULL,
                                                   .env = {{"SERVER_PROTOCOL", PROTOCOL}},
                                                   .remote_addr = "127.0.0.1",
                                                   .forms = true});
    return play->session != NULL;
}

static json_t *run(struct rack_case *rack)
{
    struct session_play play = {.rack = rack};
    const json_t *steps = json_object_get(rack->input, "steps");
    rack_only(rack, rack->input, "steps", "default_host", NULL);
    if (rack_has_role(rack->input)) {
        return rack_skip(rack, RACK_BY_TYPE, "an object where C has a string");
    }
    json_t *results = json_array();
    if (!start(&play)) {
        rack_wrong(rack, "no memory");
    }
    for (size_t i = 0; i < json_array_size(steps) && rack->wrong[0] == '\0'; i++) {
        json_t *result = run_step(&play, json_array_get(steps, i));
        (void)json_array_append_new(results, result ? result : json_null());
    }
    rig_session_free(play.session);
    rig_client_free(play.client);
    json_decref(play.seen);
    rack_files_remove();
    return json_pack("{s:o}", "steps", results);
}

/* ---- comparing ---- */

/* rack-test always sends a Cookie header, if only an empty one; ours is left out then. */
static void settle(json_t *want, json_t *got)
{
    json_t *wanted = json_object_get(want, "env");
    if (is(json_string_value(json_object_get(wanted, "HTTP_COOKIE")), "") &&
        !json_object_get(json_object_get(got, "env"), "HTTP_COOKIE")) {
        (void)json_object_del(wanted, "HTTP_COOKIE");
    }
    if (json_object_get(want, "parts")) {
        rack_forget_boundary(want);
        rack_forget_boundary(got);
    }
}

static bool compare(struct rack_case *rack, const json_t *want, const json_t *got)
{
    json_t *wanted = json_deep_copy(want), *came = json_deep_copy(got);
    json_t *want_steps = json_object_get(wanted, "steps"), *got_steps = json_object_get(came, "steps");
    for (size_t i = 0; i < json_array_size(want_steps) && i < json_array_size(got_steps); i++) {
        settle(json_array_get(want_steps, i), json_array_get(got_steps, i));
    }
    bool same = rack_equal(rack, wanted, came);
    json_decref(wanted);
    json_decref(came);
    return same;
}

const struct rack_area rack_cookies_redirects = {.name = "cookies_redirects", .run = run, .compare = compare};
