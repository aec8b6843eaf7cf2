#define _GNU_SOURCE
#include "tests/real/requests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

enum { FCGI_BEGIN_REQUEST = 1, FCGI_PARAMS = 4, FCGI_STDIN = 5 };

/* ---- bytes ---- */

static int64_t receive(int fd, void *buffer, size_t size, int flags)
{
    ssize_t got;
    do {
        got = recv(fd, buffer, size, flags);
    } while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

int rig_real_read_all(int fd, void *buffer, size_t size)
{
    char *to = buffer;
    while (size > 0) {
        int64_t got = receive(fd, to, size, 0);
        if (got <= 0) {
            return got < 0 ? (int)got : -ENODATA;
        }
        to += got;
        size -= (size_t)got;
    }
    return 0;
}

int rig_real_write_all(int fd, const void *data, size_t size)
{
    const char *from = data;
    while (size > 0) {
        ssize_t put = send(fd, from, size, MSG_NOSIGNAL);
        if (put < 0 && errno != EINTR) {
            return -errno;
        }
        from += put > 0 ? put : 0;
        size -= put > 0 ? (size_t)put : 0;
    }
    return 0;
}

static int skip(int fd, size_t size)
{
    char scratch[512];
    int result = 0;
    while (size > 0 && result == 0) {
        size_t piece = size < sizeof scratch ? size : sizeof scratch;
        result = rig_real_read_all(fd, scratch, piece);
        size -= piece;
    }
    return result;
}

/* ---- HTTP/1.1 ---- */

/* Up to the empty line and not further: what has come is looked at first, then taken. */
static int64_t read_head(int fd, char *head, size_t room)
{
    size_t size = 0;
    while (size < room) {
        int64_t seen = receive(fd, head + size, room - size, MSG_PEEK);
        if (seen <= 0) {
            return seen < 0 ? seen : size == 0 ? 0 : -EBADMSG;
        }
        size_t from = size < 3 ? 0 : size - 3, all = size + (size_t)seen;
        const char *end = memmem(head + from, all - from, "\r\n\r\n", 4);
        size_t taken = (end ? (size_t)(end + 4 - head) : all) - size;
        int result = rig_real_read_all(fd, head + size, taken);
        size += taken;
        if (result != 0 || end) {
            return result != 0 ? result : (int64_t)size;
        }
    }
    return -EBADMSG;
}

/* The value of a header, in the head, which ends with a zero byte; NULL: there is none. */
static const char *header(const char *head, const char *name)
{
    size_t size = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, size) == 0 && line[size] == ':') {
            return line + size + 1 + strspn(line + size + 1, " \t");
        }
    }
    return NULL;
}

static int read_http(int fd, struct rig_real_request *request)
{
    char head[RIG_REAL_HEAD_MAX + 1], version[16];
    int64_t size = read_head(fd, head, RIG_REAL_HEAD_MAX);
    if (size <= 0) {
        return (int)size;
    }
    head[size] = '\0';
    static const char *const methods[] = {"GET", "POST", "HEAD", "PUT"};
    bool known = false;
    bool parsed =
        sscanf(head, "%31[^ \r\n] %255[^ \r\n] %15[^ \r\n]\r\n", request->method, request->target, version) == 3;
    for (size_t i = 0; parsed && i < sizeof methods / sizeof *methods; i++) {
        known = known || strcmp(request->method, methods[i]) == 0;
    }
    if (!known || strncmp(version, "HTTP/1.", 7) != 0) {
        return -EBADMSG;
    }
    const char *length = header(head, "Content-Length"), *coding = header(head, "Transfer-Encoding");
    request->body.framing = coding ? RIG_REAL_CHUNKED : RIG_REAL_LENGTH;
    request->body.left = request->body.size = !coding && length ? strtoull(length, NULL, 10) : 0;
    request->body.ended = !coding && request->body.size == 0;
    return 1;
}

/* ---- FastCGI and SCGI: the variables ---- */

static void set_variable(struct rig_real_request *request, const char *name, size_t name_size, const char *value,
                         size_t size)
{
    if (name_size == 14 && memcmp(name, "REQUEST_METHOD", 14) == 0) {
        (void)snprintf(request->method, sizeof request->method, "%.*s", (int)size, value);
    } else if (name_size == 11 && memcmp(name, "REQUEST_URI", 11) == 0) {
        (void)snprintf(request->target, sizeof request->target, "%.*s", (int)size, value);
    } else if (name_size == 14 && memcmp(name, "CONTENT_LENGTH", 14) == 0) {
        char digits[24];
        (void)snprintf(digits, sizeof digits, "%.*s", (int)size, value);
        request->body.size = strtoull(digits, NULL, 10);
    }
}

struct record {
    unsigned type, id, size, padding;
};

static int read_record(int fd, struct record *record)
{
    unsigned char head[8];
    int result = rig_real_read_all(fd, head, sizeof head);
    *record = (struct record){head[1], head[2] * 256U + head[3], head[4] * 256U + head[5], head[6]};
    return result != 0 ? result : head[0] == 1 ? 0 : -EBADMSG;
}

static bool read_size(const unsigned char **at, const unsigned char *end, size_t *size)
{
    const unsigned char *from = *at;
    if (from < end && from[0] < 128) {
        *size = from[0];
        *at += 1;
        return true;
    }
    if (end - from < 4) {
        return false;
    }
    *size = (size_t)(from[0] & 127U) << 24 | (size_t)from[1] << 16 | (size_t)from[2] << 8 | from[3];
    *at += 4;
    return true;
}

static int set_params(struct rig_real_request *request, const unsigned char *at, size_t size)
{
    const unsigned char *end = at + size;
    while (at < end) {
        size_t name, value;
        if (!read_size(&at, end, &name) || !read_size(&at, end, &value) || name + value > (size_t)(end - at)) {
            return -EBADMSG;
        }
        set_variable(request, (const char *)at, name, (const char *)at + name, value);
        at += name + value;
    }
    return 1;
}

/* What is left of an earlier request is records of its own kind, which are skipped. */
static int read_fastcgi(int fd, struct rig_real_request *request)
{
    unsigned char params[RIG_REAL_HEAD_MAX], byte;
    size_t used = 0;
    struct record record;
    int64_t seen = receive(fd, &byte, 1, MSG_PEEK);
    int result = seen <= 0 ? (int)seen : read_record(fd, &record);
    if (seen <= 0) {
        return result;
    }
    for (bool begun = false; result == 0; result = read_record(fd, &record)) {
        unsigned char *to = params + used;
        begun = begun || record.type == FCGI_BEGIN_REQUEST;
        bool wanted = begun && (record.type == FCGI_BEGIN_REQUEST || record.type == FCGI_PARAMS);
        if (wanted && record.size > sizeof params - used) {
            return -EBADMSG;
        }
        result = wanted ? rig_real_read_all(fd, to, record.size) : skip(fd, record.size);
        result = result == 0 ? skip(fd, record.padding) : result;
        if (result != 0) {
            return result;
        }
        if (wanted && record.type == FCGI_BEGIN_REQUEST) {
            request->id = record.id;
        } else if (wanted && record.size == 0) {
            request->body.framing = RIG_REAL_RECORDS;
            return set_params(request, params, used);
        } else if (wanted) {
            used += record.size;
        }
    }
    return result;
}

/* "LENGTH:NAME\0VALUE\0...," */
static int read_scgi(int fd, struct rig_real_request *request)
{
    char head[RIG_REAL_HEAD_MAX + 1], digits[8] = "";
    for (size_t i = 0; i < sizeof digits - 1; i++) {
        int64_t got = receive(fd, &digits[i], 1, 0);
        if (got <= 0) {
            return got < 0 ? (int)got : i == 0 ? 0 : -EBADMSG;
        }
        if (digits[i] == ':') {
            break;
        }
    }
    size_t size = strtoull(digits, NULL, 10);
    if (size == 0 || size >= sizeof head || !strchr(digits, ':')) {
        return -EBADMSG;
    }
    int result = rig_real_read_all(fd, head, size + 1); /* with its comma */
    head[size] = '\0';
    for (const char *name = head; result == 0 && name < head + size;) {
        const char *value = name + strlen(name) + 1;
        if (value > head + size) {
            return -EBADMSG;
        }
        set_variable(request, name, strlen(name), value, strlen(value));
        name = value + strlen(value) + 1;
    }
    request->body.framing = RIG_REAL_LENGTH;
    request->body.left = request->body.size;
    request->body.ended = request->body.size == 0;
    return result != 0 ? result : 1;
}

int rig_real_read_request(int fd, enum rig_real_protocol protocol, struct rig_real_request *request)
{
    memset(request, 0, sizeof *request);
    request->body.fd = fd;
    return protocol == RIG_REAL_HTTP      ? read_http(fd, request)
           : protocol == RIG_REAL_FASTCGI ? read_fastcgi(fd, request)
                                          : read_scgi(fd, request);
}

/* ---- bodies ---- */

static int read_line(int fd, char *line, size_t size)
{
    size_t used = 0;
    do {
        int result = rig_real_read_all(fd, &line[used], 1);
        if (result != 0) {
            return result;
        }
    } while (line[used++] != '\n' && used < size - 1);
    line[used] = '\0';
    return line[used - 1] == '\n' ? 0 : -EBADMSG;
}

static int next_chunk(struct rig_real_body *body)
{
    char line[128], *end;
    int result = read_line(body->fd, line, sizeof line);
    if (result != 0) {
        return result;
    }
    body->left = strtoull(line, &end, 16);
    if (end == line) {
        return -EBADMSG;
    }
    body->behind = 2;
    if (body->left == 0) {
        body->ended = true;
        do { /* trailers, and the empty line */
            result = read_line(body->fd, line, sizeof line);
        } while (result == 0 && strcmp(line, "\r\n") != 0);
    }
    return result;
}

static int next_record(struct rig_real_body *body)
{
    struct record record = {0};
    int result;
    do {
        result = read_record(body->fd, &record);
        if (result == 0 && record.type != FCGI_STDIN) {
            result = skip(body->fd, record.size + record.padding);
        }
    } while (result == 0 && record.type != FCGI_STDIN);
    body->left = record.size;
    body->behind = record.padding;
    body->ended = result == 0 && record.size == 0;
    return result;
}

static int64_t read_body(struct rig_real_body *body, void *buffer, size_t size)
{
    if (body->ended || body->closed) {
        return 0;
    }
    if (body->left == 0) {
        int result = skip(body->fd, body->behind);
        result = result != 0 ? result : body->framing == RIG_REAL_CHUNKED ? next_chunk(body) : next_record(body);
        if (result != 0 || body->ended) {
            return result;
        }
    }
    int64_t got = receive(body->fd, buffer, size < body->left ? size : (size_t)body->left, 0);
    if (got <= 0) {
        return got < 0 ? got : -ENODATA;
    }
    body->left -= (uint64_t)got;
    body->ended = body->framing == RIG_REAL_LENGTH && body->left == 0;
    return got;
}

int64_t rig_real_read_body(void *self, void *buffer, size_t size)
{
    struct rig_real_body *body = self;
    int64_t got = read_body(body, buffer, size);
    body->error = got < 0 ? (int)got : body->error;
    return got;
}

int64_t rig_real_drain_body(struct rig_real_body *body)
{
    char scratch[16384];
    int64_t got;
    do {
        got = rig_real_read_body(body, scratch, sizeof scratch);
    } while (got > 0);
    return got;
}
