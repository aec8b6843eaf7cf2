/* Requests and answers as they are on the wire, for the programs that run a real server. */
#include "parity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

size_t print_head(const struct parity_case *parity, char *head, size_t room)
{
    int size = snprintf(head, room, "%s\r\n", parity->line);
    for (size_t i = 0; i < HEADERS && parity->headers[i]; i++) {
        size += snprintf(head + size, room - (size_t)size, "%s\r\n", parity->headers[i]);
    }
    if (parity->body && parity->chunked) {
        size += snprintf(head + size, room - (size_t)size, "Transfer-Encoding: chunked\r\n");
    } else if (parity->body) {
        size += snprintf(head + size, room - (size_t)size, "Content-Length: %zu\r\n", strlen(parity->body));
    }
    size += snprintf(head + size, room - (size_t)size, "\r\n");
    return (size_t)size;
}

/* ---- what came back ---- */

static size_t unchunk(const char *from, size_t size, char *to)
{
    size_t at = 0, out = 0;
    while (at < size) {
        char *end;
        unsigned long chunk = strtoul(from + at, &end, 16);
        at = (size_t)(end - from) + 2;
        if (chunk == 0) {
            for (const char *line = from + at; line < from + size && *line != '\r';) {
                const char *stop = strstr(line, "\r\n");
                say("trailer %.*s", (int)(stop - line), line);
                line = stop + 2;
            }
            return out;
        }
        chunk = at + chunk <= size ? chunk : size - at;
        memcpy(to + out, from + at, chunk);
        out += chunk;
        at += chunk + 2;
    }
    say("cut short");
    return out;
}

static void tell_header(const char *line, size_t size)
{
    if (strncasecmp(line, "Date:", 5) == 0) {
        say("header Date: then");
    } else {
        say("header %.*s", (int)size, line);
    }
}

void tell_wire(const char *got, size_t all, bool head_request)
{
    static char body[262144];
    const char *at = got, *end;
    if (strncmp(at, "HTTP/1.1 100 ", 13) == 0) {
        at = strstr(at, "\r\n\r\n") + 4;
        say("100 Continue");
    }
    if (at == got + all) {
        say("no answer");
        return;
    }
    end = strstr(at, "\r\n\r\n");
    const char *line = strstr(at, "\r\n");
    say("status %.3s", memchr(at, ' ', (size_t)(line - at)) ? (char *)memchr(at, ' ', (size_t)(line - at)) + 1 : at);
    if (strncmp(at, "HTTP/1.1 ", 9) != 0) {
        say("version %.*s", (int)strcspn(at, " "), at);
    }
    long status = strtol(strchr(at, ' '), NULL, 10);
    bool chunked = false;
    size_t length = 0;
    while (line < end) {
        line += 2;
        const char *stop = strstr(line, "\r\n");
        chunked = chunked || strncasecmp(line, "Transfer-Encoding: chunked", 26) == 0;
        length = strncasecmp(line, "Content-Length: ", 16) == 0 ? strtoul(line + 16, NULL, 10) : length;
        tell_header(line, (size_t)(stop - line));
        line = stop;
    }
    size_t size = all - (size_t)(end + 4 - got);
    if (head_request) {
        say("body of HEAD %zu", size);
        return;
    }
    memcpy(body, end + 4, size);
    size = chunked ? unchunk(end + 4, size, body) : size;
    if (size < length && status != 304) {
        say("cut short");
    }
    say_bytes("body", body, size);
}
