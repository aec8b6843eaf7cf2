/* The request of a paragraph: request line, headers, body. */
#include <errno.h>
#include <string.h>

#include "harness/client/scenario_parse.h"
#include "harness/http/target.h"

static bool begins(struct rig_slice text, const char *with)
{
    size_t size = strlen(with);
    return text.size >= size && memcmp(text.data, with, size) == 0;
}

static bool has(struct rig_slice text, char c)
{
    return memchr(text.data, c, text.size) != NULL;
}

/* The first of two equal bytes in a row, NULL if there are none. */
static const char *find_twice(struct rig_slice text, char c)
{
    for (size_t i = 1; i < text.size; i++) {
        if (text.data[i] == c && text.data[i - 1] == c) {
            return text.data + i - 1;
        }
    }
    return NULL;
}

static int refuse_variables(struct rig_scenario_parser *parser, struct rig_slice text)
{
    const char *at = find_twice(text, '{');
    return at ? rig_scenario_refuse_at(parser, at,
                                       "variables ({{name}}) are not supported; to send {{ write \\x7b{ with "
                                       "# @escapes on, in a target %%7B{")
              : 0;
}

/* ---- escapes ---- */

/* Takes one escape apart: its size, or 0. */
static size_t escape_at(struct rig_slice text, char *byte)
{
    char kind = text.size > 1 ? text.data[1] : '\0';
    if (kind == 'r' || kind == 'n' || kind == '\\') {
        *byte = kind == 'r' ? '\r' : kind == 'n' ? '\n' : '\\';
        return 2;
    }
    int high = kind == 'x' && text.size > 3 ? rig_char_hex(text.data[2]) : -1;
    int low = high >= 0 ? rig_char_hex(text.data[3]) : -1;
    if (low < 0) {
        return 0;
    }
    *byte = (char)(high * 16 + low);
    return 4;
}

/* Copies text, its escapes resolved if the request wants that, with a zero byte after it. *bad: at which byte there is
 * an unknown escape; then, and when out of memory, the copy's data is NULL. */
static struct rig_slice resolve(struct rig_scenario_parser *parser, struct rig_slice text, const char **bad)
{
    struct rig_slice copy = {NULL, 0};
    char *out = rig_arena_copy(parser->arena, text.data, text.size);
    size_t used = 0, at = 0;
    *bad = NULL;
    if (!out || !parser->escapes) {
        return (struct rig_slice){out, out ? text.size : 0};
    }
    while (at < text.size) {
        size_t size = 1;
        out[used] = text.data[at];
        if (text.data[at] == '\\') {
            size = escape_at(rig_slice_after(text, at), &out[used]);
        }
        if (size == 0) {
            *bad = text.data + at;
            return copy;
        }
        at += size;
        used++;
    }
    out[used] = '\0';
    copy = (struct rig_slice){out, used};
    return copy;
}

#define ESCAPES_WANTED "expected \\xNN, \\r, \\n or \\\\ after a backslash (# @escapes is on)"

/* ---- the request line ---- */

/* Its escapes resolved, into *copy, which has a zero byte behind it. */
static int copy_word(struct rig_scenario_parser *parser, struct rig_slice word, const char *what,
                     struct rig_slice *copy)
{
    const char *bad = NULL;
    *copy = resolve(parser, word, &bad);
    if (bad) {
        return rig_scenario_refuse_at(parser, bad, ESCAPES_WANTED);
    }
    if (!copy->data) {
        return -ENOMEM;
    }
    return memchr(copy->data, '\0', copy->size)
               ? rig_scenario_refuse_at(parser, word.data, "a zero byte in %s cannot be sent", what)
               : 0;
}

static size_t first_blank(struct rig_slice text)
{
    size_t at = 0;
    while (at < text.size && text.data[at] != ' ' && text.data[at] != '\t') {
        at++;
    }
    return at;
}

/* Cuts "HTTP/1.1" off the end of the request line. */
static int take_version(struct rig_scenario_parser *parser, struct rig_slice *text)
{
    size_t start = text->size;
    while (start > 0 && text->data[start - 1] != ' ' && text->data[start - 1] != '\t') {
        start--;
    }
    struct rig_slice word = {text->data + start, text->size - start};
    if (!begins(word, "HTTP/")) {
        return 0;
    }
    *text = rig_trimmed((struct rig_slice){text->data, start});
    struct rig_request *request = &parser->request->request;
    struct rig_slice version;
    int status = copy_word(parser, rig_slice_after(word, 5), "the version", &version);
    if (status) {
        return status;
    }
    bool known = version.size == 3 && begins(version, "1.") && (version.data[2] == '0' || version.data[2] == '1');
    if (!known && !request->malformed) {
        return rig_scenario_refuse_at(parser, word.data, "expected HTTP/1.1 or HTTP/1.0, found '%s'",
                                      rig_excerpt(word).text);
    }
    request->http_version = version.data;
    return 0;
}

/* A URL alone is a GET. */
static bool is_target(struct rig_slice word)
{
    if (begins(word, "/") || (word.size == 1 && word.data[0] == '*')) {
        return true;
    }
    for (size_t i = 0; i + 3 <= word.size; i++) {
        if (memcmp(word.data + i, "://", 3) == 0) {
            return true;
        }
    }
    return false;
}

/* text: as it stands in the line, escaped or not. */
static int check_target(struct rig_scenario_parser *parser, struct rig_slice method, struct rig_slice text,
                        struct rig_slice resolved)
{
    struct rig_target target;
    struct rig_target_error error = {0};
    if (rig_target_split(resolved.data, resolved.size, &target, &error)) {
        size_t at = resolved.size == text.size ? error.at : 0;
        return rig_scenario_refuse_at(parser, text.data + at, "in the target: %s", error.reason);
    }
    const char *mismatch = rig_target_mismatch(target.kind, method.data, method.size);
    return mismatch ? rig_scenario_refuse_at(parser, text.data, "in the target: %s", mismatch) : 0;
}

static int take_method(struct rig_scenario_parser *parser, struct rig_slice *text, struct rig_slice *method)
{
    struct rig_request *request = &parser->request->request;
    size_t size = first_blank(*text);
    *method = (struct rig_slice){"GET", 3};
    if (size == 0 || is_target((struct rig_slice){text->data, size})) {
        return 0;
    }
    int status = copy_word(parser, (struct rig_slice){text->data, size}, "the method", method);
    if (status) {
        return status;
    }
    if (!rig_is_token(method->data, method->size) && !request->malformed) {
        return rig_scenario_refuse_at(parser, text->data, "expected a request line (METHOD target), found '%s'",
                                      rig_excerpt(*text).text);
    }
    *text = rig_trimmed(rig_slice_after(*text, size));
    request->method = method->data;
    return 0;
}

int rig_scenario_request_line(struct rig_scenario_parser *parser)
{
    struct rig_request *request = &parser->request->request;
    struct rig_slice text = rig_trimmed(parser->line.text), method;
    if (begins(text, "@")) {
        return rig_scenario_refuse_at(parser, text.data, "variables (@name = value) are not supported");
    }
    if (begins(text, "< ") || begins(text, "> ") || begins(text, "<>")) {
        return rig_scenario_refuse_at(parser, text.data, "scripts and files are not supported; expected a request");
    }
    parser->request->line = parser->line.number;
    int status = refuse_variables(parser, text);
    if (status == 0) {
        status = take_version(parser, &text);
    }
    if (status == 0) {
        status = take_method(parser, &text, &method);
    }
    if (status) {
        return status;
    }
    if (text.size == 0) {
        return rig_scenario_refuse_at(parser, text.data, "expected a target, as in: GET /path");
    }
    struct rig_slice target;
    status = copy_word(parser, text, "the target", &target);
    if (status == 0 && !request->malformed) {
        status = check_target(parser, method, text, target);
    }
    request->target = target.data;
    return status;
}

/* ---- headers ---- */

int rig_scenario_add_header(struct rig_scenario_parser *parser, struct rig_field field)
{
    size_t index = parser->headers;
    if (index < RIG_FIELDS_MAX) {
        parser->request->request.headers[index] = field;
    } else {
        size_t in_list = index - RIG_FIELDS_MAX;
        if (in_list == parser->header_capacity) {
            void *grown =
                rig_scenario_grown(parser->arena, parser->header_list, in_list, &parser->header_capacity, sizeof field);
            if (!grown) {
                return -ENOMEM;
            }
            parser->header_list = grown;
        }
        parser->header_list[in_list] = field;
    }
    parser->headers++;
    return 0;
}

static int header_value(struct rig_scenario_parser *parser, struct rig_slice text, const char **value)
{
    const char *bad = NULL;
    struct rig_slice resolved = resolve(parser, text, &bad);
    if (bad) {
        return rig_scenario_refuse_at(parser, bad, ESCAPES_WANTED);
    }
    if (!resolved.data) {
        return -ENOMEM;
    }
    if (has(resolved, '\0')) {
        return rig_scenario_refuse_at(parser, text.data, "a zero byte in a header value cannot be sent");
    }
    if (!parser->request->request.malformed && !rig_is_field_value(resolved.data, resolved.size)) {
        return rig_scenario_refuse_at(parser, text.data,
                                      "a control character in a header value is sent only with # @malformed on");
    }
    *value = resolved.data;
    return 0;
}

int rig_scenario_header(struct rig_scenario_parser *parser)
{
    struct rig_slice line = parser->line.text;
    struct rig_field field = {0};
    if (line.data[0] == ' ' || line.data[0] == '\t') {
        return rig_scenario_refuse_at(parser, line.data,
                                      "expected a header; a target or header over several lines is not supported");
    }
    const char *colon = memchr(line.data, ':', line.size);
    if (!colon) {
        return rig_scenario_refuse_at(parser, line.data,
                                      "expected a header (Name: value), or an empty line before the body, found '%s'",
                                      rig_excerpt(line).text);
    }
    struct rig_slice name = {line.data, (size_t)(colon - line.data)};
    struct rig_slice value = rig_trimmed((struct rig_slice){colon + 1, line.size - name.size - 1});
    int status = copy_word(parser, name, "a header name", &name);
    if (status) {
        return status;
    }
    if (!parser->request->request.malformed && !rig_is_token(name.data, name.size)) {
        return rig_scenario_refuse_at(parser, line.data, "expected a header name, '%s' is no token (RFC 9110)",
                                      rig_excerpt(name).text);
    }
    if (parser->no_host && rig_name_equal(name.data, name.size, "Host", 4)) {
        return rig_scenario_refuse_at(parser, line.data, "expected no Host with # @host off");
    }
    field.name = name.data;
    status = refuse_variables(parser, value);
    if (status == 0) {
        status = header_value(parser, value, &field.value);
    }
    return status ? status : rig_scenario_add_header(parser, field);
}

/* ---- the body ---- */

struct trap {
    const char *start, *what;
};

static const struct trap traps[] = {
    {"< {%", "scripts are not supported"},
    {"> {%", "scripts are not supported"},
    {"<> ", "references to earlier responses are not supported"},
    {">> ", "saving a response is not supported"},
    {">>! ", "saving a response is not supported"},
    {"< ", "bodies from files are not supported"},
    {"<@", "bodies from files are not supported"},
    {"> ", "response handlers are not supported"},
};

int rig_scenario_body_line(struct rig_scenario_parser *parser)
{
    struct rig_slice line = parser->line.text, comment = rig_scenario_comment_rest(line);
    const char *what = NULL;
    for (size_t i = 0; i < sizeof traps / sizeof traps[0] && !what; i++) {
        what = begins(line, traps[i].start) ? traps[i].what : NULL;
    }
    if (comment.data && rig_scenario_is_directive(comment)) {
        what = "expected this before the request line";
    }
    if (what) {
        return rig_scenario_refuse_at(parser, line.data,
                                      "%s; to send the line itself, begin it with \\x%02x and set # @escapes on", what,
                                      (unsigned)(unsigned char)line.data[0]);
    }
    return refuse_variables(parser, line);
}

static int refuse_escape(struct rig_scenario_parser *parser, struct rig_slice body, size_t line, const char *bad)
{
    const char *start = body.data;
    for (const char *at = start; at < bad; at++) {
        if (*at == '\n') {
            line++;
            start = at + 1;
        }
    }
    return rig_scenario_refuse(parser, line, (size_t)(bad - start) + 1, ESCAPES_WANTED);
}

int rig_scenario_body(struct rig_scenario_parser *parser, struct rig_slice body, size_t line)
{
    const char *bad = NULL;
    struct rig_slice resolved = resolve(parser, body, &bad);
    if (bad) {
        return refuse_escape(parser, body, line, bad);
    }
    if (!resolved.data) {
        return -ENOMEM;
    }
    parser->request->request.bytes = (struct rig_bytes){resolved.data, resolved.size};
    return 0;
}
