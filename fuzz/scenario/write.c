/* A scenario as text: printable ASCII alone, for logs may be read by what takes commands from them. */
#include "fuzz/scenario/scenario.h"
#include "harness/http/chars.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct writer {
    char *out;
    size_t room, size;
};

static void put(struct writer *writer, char c)
{
    if (writer->size + 1 < writer->room) {
        writer->out[writer->size] = c;
    }
    writer->size++;
}

static void add(struct writer *writer, const char *text)
{
    while (*text) {
        put(writer, *text++);
    }
}

static void print(struct writer *writer, const char *format, ...) RIG_PRINTF_(2, 3);
static void print(struct writer *writer, const char *format, ...)
{
    char text[128];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    add(writer, text);
}

static void put_hex(struct writer *writer, char c)
{
    static const char digits[] = "0123456789abcdef";
    add(writer, "\\x");
    put(writer, digits[(unsigned char)c >> 4]);
    put(writer, digits[(unsigned char)c & 15]);
}

/* One byte of any text. */
static void put_escaped(struct writer *writer, char c, char next)
{
    if (c == '\\') {
        add(writer, "\\\\");
    } else if (c == '\r') {
        add(writer, "\\r");
    } else if (c == '\n') {
        add(writer, "\\n");
    } else if (c < ' ' || c > '~' || (c == '{' && next == '{')) {
        put_hex(writer, c);
    } else {
        put(writer, c);
    }
}

/* A method, target, version or header name: nothing in it that would end it, nor make a comment of its line. */
static void put_word(struct writer *writer, const char *word, const char *also)
{
    for (const char *at = word; *at; at++) {
        bool first = at == word && strchr("#@<>*/", *at);
        if (*at == ' ' || *at == '\t' || (also[0] == '!' && first) || strchr(also + 1, *at)) {
            put_hex(writer, *at);
        } else {
            put_escaped(writer, *at, at[1]);
        }
    }
}

static void put_value(struct writer *writer, const char *value)
{
    size_t size = strlen(value);
    for (size_t i = 0; i < size; i++) {
        if ((i == 0 || i + 1 == size) && value[i] == ' ') {
            put_hex(writer, ' ');
        } else {
            put_escaped(writer, value[i], value[i + 1]);
        }
    }
}

/* A newline stays one where the line behind it can be nothing but body. */
static void put_body(struct writer *writer, const struct rig_bytes *body)
{
    const char *text = body->data;
    for (size_t i = 0; i < body->size; i++) {
        char next = i + 1 < body->size ? text[i + 1] : '\0';
        bool plain = rig_char_is(next, RIG_CHAR_ALPHA | RIG_CHAR_DIGIT) || next == '-' || next == '"';
        if (text[i] == '\n' && plain) {
            put(writer, '\n');
        } else if (i == 0 && !rig_char_is(text[i], RIG_CHAR_ALPHA | RIG_CHAR_DIGIT | RIG_CHAR_UNRESERVED) &&
                   !strchr("\"{[-\\", text[i])) {
            put_hex(writer, text[i]);
        } else {
            put_escaped(writer, text[i], next);
        }
    }
}

static void put_directives(struct writer *writer, const struct rig_fuzz_scenario *scenario,
                           const struct rig_fuzz_request *request)
{
    add(writer, "# @escapes on\n");
    if (scenario->server > 0) {
        print(writer, "# @server %s\n", rig_fuzz_server_names[scenario->server]);
    }
    for (unsigned i = 0; i < RIG_FUZZ_NAMED && request == scenario->requests; i++) { /* for all of them */
        if (scenario->names.of[i][0]) {
            print(writer, "# @credential %s=%s\n", rig_fuzz_places[RIG_FUZZ_PLACE_COOKIE + i], scenario->names.of[i]);
        }
    }
    if (request->connection > 0) {
        print(writer, "# @connection %c\n", 'a' + request->connection - 1);
    }
    if (request->credentials != RIG_FUZZ_CLASS_NONE) {
        print(writer, "# @as %s %s\n", rig_fuzz_classes[request->credentials], rig_fuzz_places[request->place]);
    }
    if (request->malformed) {
        add(writer, "# @malformed on\n");
    }
    for (uint32_t i = 0; i < request->piece_count; i++) {
        print(writer, "%s%u",
              i > 0              ? ","
              : request->chunked ? "# @chunks "
                                 : "# @pieces ",
              (unsigned)request->pieces[i]);
    }
    add(writer, request->piece_count > 0 ? "\n" : "");
    if (request->fault != RIG_FAULT_NONE) {
        print(writer, "# @fault read %u %s%s\n", request->fault_read,
              rig_fault_name((enum rig_fault_kind)request->fault), request->fault_always ? " always" : "");
    }
    if (request->gone > 0) {
        print(writer, "# @disconnect %u\n", (unsigned)request->gone);
    }
}

static void put_request(struct writer *writer, const struct rig_fuzz_request *request)
{
    put_word(writer, request->method, "!:");
    put(writer, ' ');
    put_word(writer, request->target, " ");
    if (strcmp(request->version, "1.1") != 0 || strncmp(request->target, "HTTP/", 5) == 0) {
        add(writer, " HTTP/");
        put_word(writer, request->version, " ");
    }
    put(writer, '\n');
    for (unsigned i = 0; i < request->field_count; i++) {
        put_word(writer, request->fields[i].name, "!:");
        add(writer, request->fields[i].value[0] ? ": " : ":");
        put_value(writer, request->fields[i].value);
        put(writer, '\n');
    }
    if (request->body.size > 0) {
        put(writer, '\n');
        put_body(writer, &request->body);
        put(writer, '\n');
    }
}

size_t rig_fuzz_write(const struct rig_fuzz_scenario *scenario, char *out, size_t room)
{
    struct writer writer = {.out = out, .room = room};
    for (uint32_t i = 0; i < scenario->count; i++) {
        add(&writer, i > 0 ? "\n###\n" : "");
        put_directives(&writer, scenario, &scenario->requests[i]);
        put_request(&writer, &scenario->requests[i]);
    }
    if (room > 0) {
        out[writer.size < room ? writer.size : room - 1] = '\0';
    }
    return writer.size;
}
