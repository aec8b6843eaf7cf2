/* FastCGI 1.0 as a responder reads it: records of 8 bytes of head, content, padding. */
#include "tests/real/recorder.h"

#include <stdint.h>
#include <string.h>

enum { BEGIN_REQUEST = 1, PARAMS = 4, STDIN = 5 };

static size_t length_of(const unsigned char **at, const unsigned char *end)
{
    size_t length = *at < end ? *(*at)++ : 0;
    if (length >= 0x80 && end - *at >= 3) {
        length = (length & 0x7f) << 24 | (size_t)(*at)[0] << 16 | (size_t)(*at)[1] << 8 | (*at)[2];
        *at += 3;
    }
    return length;
}

/* What is the same for all requests, or names the machine, tells nothing of the request. */
static bool is_kept(const char *name, size_t size)
{
    static const char *const kept[] = {"REQUEST_METHOD", "REQUEST_URI",    "QUERY_STRING",   "SCRIPT_NAME",
                                       "PATH_INFO",      "CONTENT_LENGTH", "CONTENT_TYPE",   "SERVER_PROTOCOL",
                                       "SERVER_NAME",    "DOCUMENT_URI",   "REQUEST_SCHEME", "HTTPS",
                                       "REMOTE_USER",    "AUTH_TYPE"};
    if (size >= 5 && memcmp(name, "HTTP_", 5) == 0) {
        return true;
    }
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (strlen(kept[i]) == size && memcmp(kept[i], name, size) == 0) {
            return true;
        }
    }
    return false;
}

static void add_variables(const struct text *params, struct text *request)
{
    const unsigned char *at = (const unsigned char *)params->data, *end = at + params->size;
    while (at < end) {
        size_t name = length_of(&at, end), value = length_of(&at, end);
        if (name + value > (size_t)(end - at)) {
            break;
        }
        if (is_kept((const char *)at, name)) {
            text_add(request, at, name);
            text_puts(request, "=");
            text_add(request, at + name, value);
            text_puts(request, "\r\n");
        }
        at += name + value;
    }
    text_puts(request, "\r\n");
}

size_t recorder_fastcgi(const char *bytes, size_t size, bool part, struct text *lines)
{
    struct text params = {0}, request = {0}, body = {0};
    size_t at = 0;
    bool whole = false;
    text_add(&body, "", 0);
    while (!whole && size - at >= 8) {
        const unsigned char *head = (const unsigned char *)bytes + at;
        size_t content = (size_t)head[4] << 8 | head[5], record = 8 + content + head[6];
        if (size - at < record) {
            break;
        }
        if (head[1] == PARAMS) {
            text_add(&params, bytes + at + 8, content);
        } else if (head[1] == STDIN) {
            text_add(&body, bytes + at + 8, content);
            whole = content == 0;
        }
        at += record;
    }
    if (whole || part) {
        add_variables(&params, &request);
        text_add(&request, body.data, body.size);
        text_add_lines(lines, '<', request.data, request.size);
    }
    text_free(&params);
    text_free(&request);
    text_free(&body);
    return whole ? at : 0;
}
