/* The answer as CGI has it (RFC 3875 section 6): fields, an empty line, the body. */
#define _GNU_SOURCE
#include "harness/hosts/fastcgi/server.h"

#include <errno.h>
#include <stackrig/http/status.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define PIECE 65536

static void put(struct rig_fcgi_worker *worker, const char *text)
{
    (void)FCGX_PutS(text, worker->request.out);
}

/* In pieces: libfcgi takes an int. 0 or -EPIPE. */
static int put_bytes(struct rig_fcgi_worker *worker, const char *data, size_t size)
{
    while (size > 0) {
        int piece = size < PIECE ? (int)size : PIECE;
        if (FCGX_PutStr(data, piece, worker->request.out) < piece) {
            return -EPIPE;
        }
        data += piece;
        size -= (size_t)piece;
    }
    return 0;
}

static bool is_digits(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == '\0';
}

/* The framing is the web server's, but for the length that it cannot know. */
static bool is_left_out(const struct rig_host_head *head, const struct rig_field *field)
{
    bool length = strcasecmp(field->name, "Content-Length") == 0;
    return strcasecmp(field->name, "Transfer-Encoding") == 0 || strcasecmp(field->name, "Connection") == 0 ||
           strcasecmp(field->name, "Status") == 0 || (length && (!head->stream || !is_digits(field->value)));
}

/* What would end the line, or begin another field. */
static bool is_line(const struct rig_field *field)
{
    return *field->name && !strpbrk(field->name, "\r\n: ") && !strpbrk(field->value, "\r\n");
}

static void put_fields(struct rig_fcgi_worker *worker, const struct rig_host_head *head)
{
    struct rig_fcgi_server *server = worker->server;
    for (size_t i = 0; i < head->header_count; i++) {
        const struct rig_field *field = &head->headers[i];
        if (is_left_out(head, field)) {
            continue;
        }
        if (is_line(field)) {
            put(worker, field->name);
            put(worker, ": ");
            put(worker, field->value);
            put(worker, "\r\n");
        } else {
            (void)pthread_mutex_lock(&server->log_lock);
            rig_host_log(&server->host, "the answer's header %s is no line of a head: left out", field->name);
            (void)pthread_mutex_unlock(&server->log_lock);
        }
    }
}

static void put_status(struct rig_fcgi_worker *worker, int status)
{
    char line[80];
    const char *reason = rig_status_reason(status);
    (void)snprintf(line, sizeof line, "Status: %d %s\r\n", status, reason ? reason : "Other");
    put(worker, line);
}

static void put_length(struct rig_fcgi_worker *worker, size_t size)
{
    char line[64];
    (void)snprintf(line, sizeof line, "Content-Length: %zu\r\n", size);
    put(worker, line);
}

static bool has_no_body(int status)
{
    return status == 204 || status == 304 || status / 100 == 1;
}

/* A web server that sends a body while nobody reads may lose the answer to it: what is left is read first. */
static int give_head(void *self, const struct rig_host_head *head)
{
    struct rig_fcgi_worker *worker = self;
    bool wrong = head->status < 200 || head->status > 999; /* CGI has none of these */
    worker->answered = true;
    if (!head->stream) {
        rig_fcgi_drain(worker);
    }
    put_status(worker, wrong ? 500 : head->status);
    put_fields(worker, head);
    if (!head->stream && !has_no_body(head->status)) {
        put_length(worker, head->body.size);
    }
    put(worker, "\r\n");
    if (!head->head_request && head->body.size > 0) {
        (void)put_bytes(worker, head->body.data, head->body.size);
    }
    return FCGX_GetError(worker->request.out) ? -EPIPE : 0;
}

static int give_body(void *self, const void *data, size_t size)
{
    struct rig_fcgi_worker *worker = self;
    int error = put_bytes(worker, data, size);
    return error || FCGX_FFlush(worker->request.out) < 0 ? -EPIPE : 0;
}

struct rig_host_answer rig_fcgi_outlet(struct rig_fcgi_worker *worker)
{
    return (struct rig_host_answer){.head = give_head, .body = give_body, .self = worker};
}

void rig_fcgi_refuse(struct rig_fcgi_worker *worker, int status)
{
    put_status(worker, status);
    put_length(worker, 0);
    put(worker, "\r\n");
}
