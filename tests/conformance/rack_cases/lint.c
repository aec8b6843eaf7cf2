/* Good and bad requests, responses, bodies and middleware. What the rig found is compared by rule: all of Rack's rules,
 * and the rig's own errors where Rack has nothing to say. */
#define _POSIX_C_SOURCE 200809L
#include "tests/conformance/rack_cases/lint_play.h"

#include <stackrig/servers.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define is_object(value_, name_) (json_object_get(value_, name_) != NULL)

static const char *text_of(const json_t *value)
{
    return json_is_string(value) ? json_string_value(value) : "";
}

static bool is_at(const json_t *list, size_t index, const char *text)
{
    return strcmp(text_of(json_array_get(list, index)), text) == 0;
}

/* ---- what C's types leave to be said ---- */

static bool is_strings(const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!json_is_string(json_array_get(list, i))) {
            return false;
        }
    }
    return json_is_array(list);
}

/* A number somewhere in a header's value or a chunk: no text, and no list of texts. */
static bool has_number(const json_t *value)
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (has_number(json_array_get(value, i))) {
            return true;
        }
    }
    return json_is_number(value) || json_is_boolean(value);
}

/* A list of strings for rack.protocol is a value of Upgrade; a callback in rack.hijack is an answer of 101, unless the
 * server that offers it then calls it. */
static bool is_said(const json_t *input)
{
    const json_t *set = json_object_get(input, "set");
    const json_t *response = json_object_get(input, "response"), *headers = json_object_get(response, "headers");
    bool offered = false;
    if (has_number(headers) || has_number(json_object_get(json_object_get(response, "body"), "chunks"))) {
        return false;
    }
    for (size_t i = 0; i < json_array_size(set); i++) {
        const json_t *pair = json_array_get(set, i), *value = json_array_get(pair, 1);
        bool protocols =
            is_at(pair, 0, LINT_PROTOCOL) && strcmp(text_of(json_object_get(value, "is")), "string_list") == 0;
        offered = offered || is_at(pair, 0, LINT_HIJACK "?");
        if (rack_has_role(value) && !(protocols && is_strings(json_object_get(value, "of")))) {
            return false;
        }
    }
    for (size_t i = 0; i < json_array_size(headers); i++) {
        const json_t *pair = json_array_get(headers, i);
        if (rack_has_role(pair) && (offered || !is_at(pair, 0, LINT_HIJACK))) {
            return false;
        }
    }
    return !rack_has_role(json_object_get(input, "app"));
}

static bool has_zero_byte(struct rack_case *rack)
{
    const json_t *headers = json_object_get(json_object_get(rack->input, "response"), "headers");
    for (size_t i = 0; i < json_array_size(headers); i++) {
        struct rig_bytes name = rack_bytes(rack, json_array_get(json_array_get(headers, i), 0));
        if (name.data && memchr(name.data, 0, name.size)) {
            return true;
        }
    }
    return false;
}

static bool is_of_type(struct rack_case *rack)
{
    const char *rule = text_of(json_object_get(rack->expect, "rule"));
    const char *in_c = rule[0] ? rack_rule_in_c(rack, rule) : NULL;
    if (rule[0] && !in_c) {
        rack_wrong(rack, "the rule \"%s\" is not in lint_rules.jsonl", rule);
    } else if (in_c && strcmp(in_c, "by_type") == 0) {
        (void)rack_skip(rack, RACK_BY_TYPE, "C's types rule it out (in_c: by_type)");
        return true;
    }
    if (has_zero_byte(rack)) {
        (void)rack_skip(rack, RACK_OTHER, "a header name is a C string: no zero byte stands in it");
        return true;
    }
    if (!is_said(rack->input)) {
        (void)rack_skip(rack, RACK_BY_TYPE, "an object of Ruby's where C has a type");
        return true;
    }
    return false;
}

/* ---- the env ---- */

static const char *our_name(const char *theirs)
{
    return strcmp(theirs, LINT_PROTOCOL) == 0 ? "HTTP_UPGRADE" : rack_env_ours(theirs);
}

/* A list of strings as a header has it. */
static struct rig_bytes join(struct rack_case *rack, const json_t *list)
{
    const char *joined = "";
    for (size_t i = 0; i < json_array_size(list); i++) {
        joined = rack_print(rack, "%s%s%s", joined, i > 0 ? ", " : "", rack_string(rack, json_array_get(list, i)));
    }
    return (struct rig_bytes){joined, strlen(joined)};
}

static void set(struct rack_case *rack, struct rig_env *env, const json_t *pair)
{
    const json_t *value = json_array_get(pair, 1);
    const char *theirs = rack_string(rack, json_array_get(pair, 0));
    if (json_array_size(pair) != 2 || !theirs) {
        rack_wrong(rack, "\"set\" wants pairs of a name and a value");
        return;
    }
    const char *name = our_name(theirs);
    struct rig_bytes bytes =
        json_is_array(value) || is_object(value, "of") ? (struct rig_bytes){NULL, 0} : rack_bytes(rack, value);
    if (is_object(value, "of")) {
        bytes = join(rack, json_object_get(value, "of"));
    }
    if (json_is_array(value) && strcmp(theirs, LINT_PROTOCOL) == 0) {
        bytes = join(rack, value);
    }
    if (json_is_array(value) && !bytes.data) {
        rig_env_set_object(env, name, (void *)(uintptr_t)value, NULL);
    } else if (bytes.data) {
        rig_env_set_bytes(env, name, bytes.data, bytes.size);
    } else {
        rig_env_unset(env, name);
    }
}

static void change_env(struct rack_case *rack, struct rig_env *env)
{
    const json_t *unset = json_object_get(rack->input, "unset"), *sets = json_object_get(rack->input, "set");
    for (size_t i = 0; i < json_array_size(unset); i++) {
        const char *name = rack_string(rack, json_array_get(unset, i));
        if (name) {
            rig_env_unset(env, our_name(name));
        }
    }
    for (size_t i = 0; i < json_array_size(sets); i++) {
        set(rack, env, json_array_get(sets, i));
    }
}

/* A server that gets a HEAD knows it, whatever the env says. */
static bool is_head(const json_t *input)
{
    const json_t *set = json_object_get(input, "set");
    bool head = strcmp(text_of(json_object_get(json_object_get(input, "request"), "method")), "HEAD") == 0;
    for (size_t i = 0; i < json_array_size(set); i++) {
        const json_t *pair = json_array_get(set, i);
        head = is_at(pair, 0, "REQUEST_METHOD") ? is_at(pair, 1, "HEAD") : head;
    }
    return head;
}

static struct rig_request request_of(struct rack_case *rack)
{
    const json_t *request = json_object_get(rack->input, "request");
    rack_only(rack, request, "method", "uri", "input", NULL);
    const char *method = rack_string(rack, json_object_get(request, "method"));
    return (struct rig_request){.method = is_head(rack->input) ? "HEAD" : method,
                                .target = rack_string(rack, json_object_get(request, "uri")),
                                .bytes = rack_bytes(rack, json_object_get(request, "input")),
                                .pieces = rack->piece ? &rack->piece : NULL,
                                .piece_count = rack->piece > 0};
}

/* ---- what was found ---- */

/* Rack's server may close a body twice; and where the driver's own server stops reading, no layer is at fault. */
static bool is_of_the_driver(const char *rule)
{
    return strcmp(rule, "body.closed_twice") == 0 || strcmp(rule, "body.stream.failed") == 0;
}

static bool counts(const struct rack_case *rack, const struct rig_finding *finding)
{
    return rack_rule_in_c(rack, finding->rule) ||
           (finding->level == RIG_LEVEL_ERROR && !is_of_the_driver(finding->rule));
}

static bool has(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (is_at(list, i, text)) {
            return true;
        }
    }
    return false;
}

static json_t *outcome(const struct lint_play *play, const struct rig_result *result)
{
    json_t *rules = json_array();
    for (size_t i = 0; i < result->finding_count; i++) {
        const struct rig_finding *finding = &result->findings[i];
        if (counts(play->rack, finding) && !has(rules, finding->rule)) {
            json_array_append_new(rules, json_string(finding->rule));
        }
    }
    if (json_array_size(rules) == 0) {
        json_decref(rules);
        return json_pack("{s:b,s:i}", "ok", 1, "status",
                         play->switches && result->status == 101 ? play->status : result->status);
    }
    return json_pack("{s:O,s:o}", "rule", json_array_get(rules, 0), "rules", rules);
}

/* Rack looks at these first, and stops; the rig tells the second of one case by the rule beside it. */
static bool has_instead(const json_t *rules, const char *rule)
{
    static const char *const pairs[][2] = {{"body.consumed_twice", "body.used_after_close"},
                                           {"response.content_length.mismatch", "response.content_length.repeated"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (strcmp(rule, pairs[i][0]) == 0 && has(rules, pairs[i][1])) {
            return true;
        }
    }
    return false;
}

/* Rack stops at the first violation: that it is among ours is enough. */
static bool compare(struct rack_case *rack, const json_t *want, const json_t *got)
{
    const json_t *rules = json_object_get(got, "rules");
    const char *rule = text_of(json_object_get(want, "rule"));
    if (is_object(want, "rules") || !rule[0]) {
        return rack_equal(rack, want, got);
    }
    if (!has(rules, rule) && !has_instead(rules, rule)) {
        char *found = json_dumps(rules ? rules : got, JSON_COMPACT | JSON_ENCODE_ANY);
        (void)snprintf(rack->why, sizeof rack->why, "wanted %s, got %.300s", rule, found ? found : "?");
        free(found);
        return false;
    }
    return true;
}

/* ---- the run ---- */

static bool has_header(const struct lint_play *play, const char *name)
{
    const json_t *headers = json_object_get(play->response, "headers");
    for (size_t i = 0; i < json_array_size(headers); i++) {
        if (is_at(json_array_get(headers, i), 0, name)) {
            return true;
        }
    }
    return false;
}

static json_t *send(struct lint_play *play, struct rig_client *client)
{
    struct rack_case *rack = play->rack;
    struct rig_env *env = rig_env_for(client, request_of(rack));
    if (!env) {
        return rack_wrong(rack, "its request cannot be sent");
    }
    if (play->hijacks) { /* the client offers what the answer takes */
        rig_env_set(env, "HTTP_UPGRADE", "tunnel");
    }
    change_env(rack, env);
    const struct rig_result *result = rig_call(client, env);
    return rack->wrong[0] ? NULL : outcome(play, result);
}

static json_t *play_case(struct lint_play *play)
{
    struct rack_case *rack = play->rack;
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    const char *middleware = play->middleware ? text_of(play->middleware) : NULL;
    if (play->server) {
        lint_use_server(stack, play);
    }
    if (middleware && !lint_use_middleware(stack, play, middleware)) {
        rig_stack_free(stack);
        return rack_skip(rack, RACK_OTHER, "a middleware that is not known: \"%s\"", middleware);
    }
    rig_run(stack, (struct rig_app){.name = "app", .call = lint_app_call, .self = play});
    struct rig_client *client = rig_client_new(
        rig_stack_app(stack),
        (struct rig_client_options){.server = play->hijacks ? &rig_server_passenger3 : &rig_server_memory,
                                    .enable = {"response.header_name.lowercase"}});
    json_t *got = client ? send(play, client) : rack_wrong(rack, "no memory for a client");
    rig_client_free(client);
    rig_stack_free(stack);
    if (play->file[0]) {
        (void)unlink(play->file);
    }
    return got;
}

static json_t *run(struct rack_case *rack)
{
    const json_t *input = rack->input;
    rack_only(rack, input, "request", "set", "unset", "app", "response", "middleware", "server", "env_is", "app_is",
              NULL);
    if (rack->wrong[0] || is_of_type(rack)) {
        return NULL;
    }
    if (is_object(input, "env_is") || is_object(input, "app_is")) {
        return rack_skip(rack, RACK_BY_TYPE, "a call without an env or an app");
    }
    struct lint_play play = {.rack = rack,
                             .app = json_object_get(input, "app"),
                             .response = json_object_get(input, "response"),
                             .middleware = json_object_get(input, "middleware"),
                             .server = json_object_get(input, "server")};
    play.hijacks = has_header(&play, LINT_HIJACK);
    play.switches = play.hijacks || has_header(&play, LINT_PROTOCOL);
    return play_case(&play);
}

const struct rack_area rack_lint = {.name = "lint", .run = run, .compare = compare};
