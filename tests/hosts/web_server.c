#define _GNU_SOURCE
#include "tests/hosts/web_server.h"

#include "tests/hosts/served.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BEGIN = 1, END = 3, PARAMS, STDIN, STDOUT };

struct fcgi_answer_text fcgi_answer;

int fcgi_dial(const char *address)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    (void)strcpy(to.sun_path, address + 5);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void record(int fd, int type, const void *data, size_t size)
{
    unsigned char head[8] = {1, (unsigned char)type, 0, 1, (unsigned char)(size >> 8), (unsigned char)size, 0, 0};
    (void)send(fd, head, 8, MSG_NOSIGNAL);
    if (size > 0) {
        (void)send(fd, data, size, MSG_NOSIGNAL);
    }
}

static void add_param(char *to, size_t *size, const char *name, const char *value)
{
    to[(*size)++] = (char)strlen(name);
    to[(*size)++] = (char)strlen(value);
    *size += (size_t)sprintf(to + *size, "%s%s", name, value);
}

void fcgi_begin(int fd, const char *method, const char *uri, bool keep, size_t length, const char *const *extra)
{
    char params[2000], digits[24];
    size_t size = 0;
    const unsigned char role[8] = {0, 1, keep, 0, 0, 0, 0, 0};
    (void)snprintf(digits, sizeof digits, "%zu", length);
    digits[0] = length ? digits[0] : '\0';
    add_param(params, &size, "REQUEST_METHOD", method);
    add_param(params, &size, "REQUEST_URI", uri);
    add_param(params, &size, "SERVER_PROTOCOL", "HTTP/1.1");
    add_param(params, &size, "CONTENT_LENGTH", digits);
    add_param(params, &size, "CONTENT_TYPE", "");
    add_param(params, &size, "HTTP_HOST", "example.org");
    for (; extra && *extra; extra += 2) {
        add_param(params, &size, extra[0], extra[1]);
    }
    record(fd, BEGIN, role, 8);
    record(fd, PARAMS, params, size);
    record(fd, PARAMS, NULL, 0);
}

void fcgi_stdin(int fd, const char *data, size_t size)
{
    record(fd, STDIN, data, size);
}

void fcgi_send_body(int fd, const char *data, size_t size)
{
    for (size_t at = 0; at < size;) {
        size_t piece = size - at < 30000 ? size - at : 30000;
        record(fd, STDIN, data + at, piece);
        at += piece;
    }
    record(fd, STDIN, NULL, 0);
}

void fcgi_receive(int fd)
{
    unsigned char head[8], rest[256];
    fcgi_answer.size = 0;
    fcgi_answer.ended = false;
    while (!fcgi_answer.ended && recv(fd, head, 8, MSG_WAITALL) == 8) {
        size_t size = (size_t)head[4] << 8 | head[5];
        char *to = head[1] == STDOUT ? fcgi_answer.text + fcgi_answer.size : (char *)rest;
        assert_true(head[1] == STDOUT || size <= sizeof rest);
        if (size > 0 && recv(fd, to, size, MSG_WAITALL) != (ssize_t)size) {
            break;
        }
        fcgi_answer.size += head[1] == STDOUT ? size : 0;
        (void)recv(fd, rest, head[6], head[6] ? MSG_WAITALL : MSG_DONTWAIT);
        fcgi_answer.ended = head[1] == END;
    }
    fcgi_answer.text[fcgi_answer.size] = '\0';
    char *blank = strstr(fcgi_answer.text, "\r\n\r\n");
    fcgi_answer.body = blank ? blank + 4 : "";
}

void fcgi_ask(const char *address, const char *method, const char *uri, const char *data, size_t size)
{
    int fd = fcgi_dial(address);
    fcgi_begin(fd, method, uri, false, size, NULL);
    fcgi_send_body(fd, data, size);
    fcgi_receive(fd);
    (void)close(fd);
}

size_t fcgi_body_size(void)
{
    return fcgi_answer.size - (size_t)(fcgi_answer.body - fcgi_answer.text);
}

void fcgi_got(const char *status, const char *body)
{
    assert_true(fcgi_answer.ended);
    assert_memory_equal(fcgi_answer.text, status, strlen(status));
    if (body) {
        assert_string_equal(fcgi_answer.body, body);
    }
}

void fcgi_has(const char *text)
{
    if (!strstr(fcgi_answer.text, text)) {
        fail_msg("no %s in\n%s", text, fcgi_answer.text);
    }
}
