/* Tables: what becomes of each byte in one place of a request or an answer. Each byte is a case of another area. */
#include <string.h>

#include "tests/conformance/rack_cases/utils.h"

struct table {
    const char *of;
    const struct rack_area *area;
    json_t *(*input)(json_t *text);                                /* of a case; takes text; NULL: a variable's */
    const char *(*outcome)(const json_t *got, const json_t *text); /* of a case that went well */
};

/* ---- cases of the other areas ---- */

static json_t *with_response(json_t *input, json_t *headers)
{
    json_object_set_new(
        input, "response",
        json_pack("{s: i, s: o, s: {s: [s]}}", "status", 200, "headers", headers, "body", "chunks", "x"));
    return input;
}

static json_t *with_variable(const char *name, json_t *text)
{
    return with_response(json_pack("{s: [[s, o]]}", "set", name, text),
                         json_pack("[[s, s]]", "content-type", "text/plain"));
}

static json_t *response_value(json_t *text)
{
    return with_response(json_object(), json_pack("[[s, s], [s, o]]", "content-type", "text/plain", "x-a", text));
}

static json_t *response_header(json_t *text)
{
    return with_response(json_object(), json_pack("[[s, s], [o, s]]", "content-type", "text/plain", text, "v"));
}

static json_t *cookie(json_t *text)
{
    return json_pack("{s: s, s: o, s: s}", "fn", "set_cookie_header", "name", text, "value", "v");
}

static json_t *request(json_t *text)
{
    return json_pack("{s: o}", "uri", text);
}

/* ---- what came of it ---- */

static const char *lint_outcome(const json_t *got, const json_t *text)
{
    const char *rule = json_string_value(json_object_get(got, "rule"));
    (void)text;
    return rule ? rule : "ok";
}

static const char *any_outcome(const json_t *got, const json_t *text)
{
    (void)got, (void)text;
    return "ok";
}

/* Does the variable say what the URI says, from the given place up to the end without so many bytes? */
static const char *kept(const json_t *got, const char *name, const json_t *text, size_t from, size_t behind)
{
    const char *uri = json_string_value(text);
    const char *value = json_string_value(json_object_get(json_object_get(got, "env"), name));
    size_t size = uri && strlen(uri) > from + behind ? strlen(uri) - from - behind : 0;
    return value && uri && strlen(value) == size && memcmp(value, uri + from, size) == 0 ? "ok" : "changed";
}

static const char *query_outcome(const json_t *got, const json_t *text)
{
    return kept(got, "QUERY_STRING", text, strlen("/?"), 0);
}

static const char *path_outcome(const json_t *got, const json_t *text)
{
    return kept(got, "PATH_INFO", text, 0, 0);
}

static const char *host_outcome(const json_t *got, const json_t *text)
{
    return kept(got, "SERVER_NAME", text, strlen("http://"), strlen("/"));
}

static const struct table tables[] = {
    {"response_header_name", &rack_lint, response_header, lint_outcome},
    {"response_header_value", &rack_lint, response_value, lint_outcome},
    {"set_cookie_name", &rack_utils, cookie, any_outcome},
    {"mock_request_path", &rack_env_for, request, path_outcome},
    {"mock_request_query", &rack_env_for, request, query_outcome},
    {"mock_request_host", &rack_env_for, request, host_outcome},
};

/* ---- a table ---- */

/* The others are of variables: server_name, path_info_first_byte. */
static const char *variable_of(struct rack_case *rack, const char *of)
{
    static const char suffix[] = "_first_byte";
    char *name = rack_print(rack, "%s", of);
    size_t size = strlen(name);
    if (size >= sizeof suffix && strcmp(name + size - (sizeof suffix - 1), suffix) == 0) {
        name[size - (sizeof suffix - 1)] = '\0';
    }
    for (char *at = name; *at; at++) {
        *at = (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
    }
    return strcmp(name, "URL_SCHEME") == 0 ? "rack.url_scheme" : name;
}

static void count(json_t *groups, const char *outcome, int byte)
{
    json_t *bytes = json_object_get(groups, outcome);
    if (!bytes) {
        bytes = json_array();
        json_object_set_new(groups, outcome, bytes);
    }
    json_array_append_new(bytes, json_integer(byte));
}

/* Plays the case of one byte. A zero byte that no C string can hold is "c_string". */
static void play(struct rack_case *rack, const struct table *table, json_t *groups, const char *text, size_t size)
{
    int byte = (unsigned char)text[json_integer_value(json_object_get(rack->input, "byte_at"))];
    json_t *value = rack_value(text, size), *expect = json_object();
    json_t *input = table->input ? table->input(json_incref(value)) : with_variable(table->of, json_incref(value));
    struct rack_case one = *rack;
    one.input = input;
    one.expect = expect;
    one.quirk = NULL;
    one.blocks = NULL;
    json_t *got = table->area->run(&one);
    const char *kind = json_string_value(json_object_get(json_object_get(got, "error"), "kind"));
    if (got) {
        count(groups, kind ? kind : table->outcome(got, value), byte);
    } else if (byte == 0) {
        count(groups, "c_string", byte);
    } else if (one.wrong[0]) {
        rack_wrong(rack, "byte %d: %s", byte, one.wrong);
    } else {
        rack_skip(rack, one.skip, "byte %d: %s", byte, one.why);
    }
    rack_forget(&one);
    json_decref(got);
    json_decref(expect);
    json_decref(input);
    json_decref(value);
}

static json_t *run(struct rack_case *rack, const json_t *input)
{
    struct rig_bytes template = rack_bytes(rack, json_object_get(input, "template"));
    const char *of = json_string_value(json_object_get(input, "of"));
    size_t at = (size_t)json_integer_value(json_object_get(input, "byte_at")), index = 0;
    size_t count_of = sizeof tables / sizeof tables[0];
    rack_only(rack, input, "fn", "of", "template", "byte_at", NULL);
    while (of && index < count_of && strcmp(tables[index].of, of) != 0) {
        index++;
    }
    if (!of || at >= template.size) {
        return rack_wrong(rack, "no such table");
    }
    const struct table variable = {variable_of(rack, of), &rack_lint, NULL, lint_outcome};
    const struct table *table = index < count_of ? &tables[index] : &variable;
    json_t *groups = json_object();
    char *text = rack_alloc(rack, template.size + 1);
    memcpy(text, template.data, template.size);
    for (int byte = 0; byte < 256 && !rack->wrong[0] && !rack->skip; byte++) {
        text[at] = (char)byte;
        play(rack, table, groups, text, template.size);
    }
    if (rack->wrong[0] || rack->skip) {
        json_decref(groups);
        return NULL;
    }
    return rack_ret(groups);
}

const struct rack_util rack_utils_tables[] = {
    {"table", run},
    {NULL, NULL},
};
