#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/client/scenario_parse.h"

#define MEMORY_MAX ((uint64_t)1 << 30)

struct rig_scenario {
    struct rig_memory memory;
    struct rig_arena arena;
    struct rig_scenario_request **requests;
    size_t count, capacity;
};

/* ---- errors ---- */

static int refuse(struct rig_scenario_parser *parser, size_t line, size_t column, const char *format, va_list arguments)
{
    parser->error->line = line;
    parser->error->column = column;
    (void)vsnprintf(parser->error->message, sizeof parser->error->message, format, arguments);
    return -EINVAL;
}

int rig_scenario_refuse(struct rig_scenario_parser *parser, size_t line, size_t column, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int status = refuse(parser, line, column, format, arguments);
    va_end(arguments);
    return status;
}

int rig_scenario_refuse_at(struct rig_scenario_parser *parser, const char *at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t column = (size_t)(at - parser->line.text.data) + 1;
    int status = refuse(parser, parser->line.number, column, format, arguments);
    va_end(arguments);
    return status;
}

struct rig_excerpt rig_excerpt(struct rig_slice text)
{
    struct rig_excerpt excerpt;
    size_t room = sizeof excerpt.text - 4;
    size_t size = text.size < room ? text.size : room;
    for (size_t i = 0; i < size; i++) {
        excerpt.text[i] = text.data[i] < ' ' || text.data[i] > '~' ? '?' : text.data[i];
    }
    memcpy(excerpt.text + size, "...", 4);
    if (size == text.size) {
        excerpt.text[size] = '\0';
    }
    return excerpt;
}

void *rig_scenario_grown(struct rig_arena *arena, const void *old, size_t count, size_t *capacity, size_t element)
{
    size_t wanted = *capacity ? *capacity * 2 : 4;
    void *grown = wanted <= SIZE_MAX / element ? rig_arena_zeroed(arena, wanted * element) : NULL;
    if (grown) {
        if (count > 0) {
            memcpy(grown, old, count * element);
        }
        *capacity = wanted;
    }
    return grown;
}

/* ---- lines ---- */

static bool next_line(struct rig_scenario_parser *parser)
{
    if (parser->at == parser->end) {
        return false;
    }
    const char *start = parser->at;
    size_t left = (size_t)(parser->end - start);
    const char *feed = memchr(start, '\n', left);
    size_t size = feed ? (size_t)(feed - start) : left;
    parser->at = feed ? feed + 1 : parser->end;
    if (feed && size > 0 && start[size - 1] == '\r') {
        size--;
    }
    parser->line.text = (struct rig_slice){start, size};
    parser->line.number++;
    return true;
}

static bool begins(struct rig_slice text, const char *with)
{
    size_t size = strlen(with);
    return text.size >= size && memcmp(text.data, with, size) == 0;
}

struct rig_slice rig_scenario_comment_rest(struct rig_slice line)
{
    struct rig_slice text = rig_trimmed(line);
    size_t mark = begins(text, "#") ? 1 : begins(text, "//") ? 2 : 0;
    return mark ? rig_slice_after(text, mark) : (struct rig_slice){NULL, 0};
}

static bool is_blank(struct rig_slice line)
{
    return rig_trimmed(line).size == 0;
}

/* The next line of this paragraph; false at its end, the ### taken. */
static bool next_of_paragraph(struct rig_scenario_parser *parser)
{
    return next_line(parser) && !begins(parser->line.text, "###");
}

/* ---- a paragraph ---- */

/* Up to the request line and with it. *found: there was one. */
static int parse_start(struct rig_scenario_parser *parser, bool *found)
{
    while (next_of_paragraph(parser)) {
        struct rig_slice line = parser->line.text, comment = rig_scenario_comment_rest(line);
        int status = 0;
        if (comment.data) {
            status = rig_scenario_comment(parser, comment);
        } else if (!is_blank(line)) {
            *found = true;
            return rig_scenario_request_line(parser);
        }
        if (status) {
            return status;
        }
    }
    if (parser->first_key) {
        return rig_scenario_refuse(parser, parser->first_key, 1,
                                   "expected a request after this, before ### or the end");
    }
    return 0;
}

/* *more: an empty line ended them, a body may follow. */
static int parse_headers(struct rig_scenario_parser *parser, bool *more)
{
    while (next_of_paragraph(parser)) {
        struct rig_slice line = parser->line.text, comment = rig_scenario_comment_rest(line);
        if (is_blank(line)) {
            *more = true;
            return 0;
        }
        if (comment.data && rig_scenario_is_directive(comment)) {
            return rig_scenario_refuse_at(parser, line.data, "expected '%s' before the request line",
                                          rig_excerpt(rig_trimmed(line)).text);
        }
        int status = comment.data ? 0 : rig_scenario_header(parser);
        if (status) {
            return status;
        }
    }
    return 0;
}

/* Empty lines before ### or the end of the text are not part of the body, nor is its last newline. */
static int parse_body(struct rig_scenario_parser *parser)
{
    const char *start = parser->at, *end = start;
    size_t line = parser->line.number + 1;
    while (next_of_paragraph(parser)) {
        if (parser->line.text.size == 0) {
            continue;
        }
        end = parser->line.text.data + parser->line.text.size;
        int status = rig_scenario_body_line(parser);
        if (status) {
            return status;
        }
    }
    return end > start ? rig_scenario_body(parser, (struct rig_slice){start, (size_t)(end - start)}, line) : 0;
}

static int name_request(struct rig_scenario_parser *parser)
{
    struct rig_scenario_request *request = parser->request;
    if (!request->name) {
        const char *method = request->request.method ? request->request.method : "GET";
        request->name = rig_arena_print(parser->arena, "%s %s", method, request->request.target);
    }
    return request->name ? 0 : -ENOMEM;
}

static int keep_request(struct rig_scenario *scenario, struct rig_scenario_parser *parser)
{
    struct rig_scenario_request *kept = rig_arena_alloc(&scenario->arena, sizeof *kept);
    if (!kept) {
        return -ENOMEM;
    }
    if (scenario->count == scenario->capacity) {
        void *grown = rig_scenario_grown(&scenario->arena, scenario->requests, scenario->count, &scenario->capacity,
                                         sizeof(struct rig_scenario_request *));
        if (!grown) {
            return -ENOMEM;
        }
        scenario->requests = grown;
    }
    struct rig_request *request = &parser->request->request;
    bool old = request->http_version && strcmp(request->http_version, "1.0") == 0;
    request->malformed = request->malformed || (parser->no_host && !old); /* the server judges it */
    if (request->fault && (request->malformed || (!request->body && !request->bytes.data))) {
        return rig_scenario_refuse(parser, parser->fault_line, 1, "expected %s for @fault to read",
                                   request->malformed ? "no @malformed request" : "a request with a body");
    }
    parser->request->expects = parser->expects;
    parser->request->own = parser->own;
    parser->request->credential_header = parser->names[0];
    parser->request->credential_cookie = parser->names[1];
    parser->request->credential_query = parser->names[2];
    parser->request->request.header_list = parser->header_list;
    if (parser->headers > RIG_FIELDS_MAX) {
        parser->request->request.header_count = parser->headers - RIG_FIELDS_MAX;
    }
    *kept = *parser->request;
    scenario->requests[scenario->count++] = kept;
    return 0;
}

static int parse_paragraph(struct rig_scenario *scenario, struct rig_scenario_parser *parser)
{
    struct rig_scenario_request request = {0};
    bool found = false, more = false;
    const char *names[3]; /* they hold for the rest of the file */
    memcpy(names, parser->names, sizeof names);
    *parser = (struct rig_scenario_parser){.at = parser->at,
                                           .end = parser->end,
                                           .line = parser->line,
                                           .arena = parser->arena,
                                           .error = parser->error,
                                           .request = &request};
    memcpy(parser->names, names, sizeof names);
    int status = parse_start(parser, &found);
    if (status || !found) {
        return status;
    }
    status = parse_headers(parser, &more);
    if (status == 0 && more) {
        status = parse_body(parser);
    }
    if (status == 0) {
        status = name_request(parser);
    }
    return status ? status : keep_request(scenario, parser);
}

static int parse_all(struct rig_scenario *scenario, const char *text, size_t size, struct rig_scenario_error *error)
{
    struct rig_scenario_parser parser = {.at = text, .end = text + size, .arena = &scenario->arena, .error = error};
    if (begins((struct rig_slice){text, size}, "\xef\xbb\xbf")) {
        parser.at += 3; /* a byte order mark */
    }
    while (parser.at < parser.end) {
        int status = parse_paragraph(scenario, &parser);
        if (status) {
            return status;
        }
    }
    if (scenario->count == 0) {
        return rig_scenario_refuse(&parser, parser.line.number ? parser.line.number : 1, 1,
                                   "expected a request, as in: GET /path");
    }
    return 0;
}

/* ---- the interface ---- */

int rig_scenario_parse_in(struct rig_allocator allocator, const char *text, size_t size, struct rig_scenario **scenario,
                          struct rig_scenario_error *error)
{
    struct rig_scenario_error unused;
    struct rig_memory memory;
    error = error ? error : &unused;
    *error = (struct rig_scenario_error){.line = 1, .column = 1};
    if (!scenario) {
        return -EINVAL;
    }
    *scenario = NULL;
    if (!text) {
        text = "";
        if (size > 0) {
            (void)snprintf(error->message, sizeof error->message, "expected a text, found NULL");
            return -EINVAL;
        }
    }
    rig_memory_init(&memory, allocator, MEMORY_MAX);
    struct rig_scenario *made = rig_memory_alloc(&memory, sizeof *made);
    if (!made) {
        return -ENOMEM;
    }
    *made = (struct rig_scenario){.memory = memory};
    rig_arena_init(&made->arena, &made->memory);
    int status = parse_all(made, text, size, error);
    if (status) {
        rig_scenario_free(made);
        return status;
    }
    *scenario = made;
    return 0;
}

int rig_scenario_parse(const char *text, size_t size, struct rig_scenario **scenario, struct rig_scenario_error *error)
{
    return rig_scenario_parse_in((struct rig_allocator){0}, text, size, scenario, error);
}

void rig_scenario_free(struct rig_scenario *scenario)
{
    if (scenario) {
        rig_arena_free(&scenario->arena);
        struct rig_memory memory = scenario->memory;
        rig_memory_release(&memory, scenario, sizeof *scenario);
    }
}

size_t rig_scenario_count(const struct rig_scenario *scenario)
{
    return scenario ? scenario->count : 0;
}

const struct rig_scenario_request *rig_scenario_at(const struct rig_scenario *scenario, size_t index)
{
    return index < rig_scenario_count(scenario) ? scenario->requests[index] : NULL;
}
