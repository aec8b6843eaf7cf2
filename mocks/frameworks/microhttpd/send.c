/* The queued response as the answer, with the headers that MHD adds and where it adds them (measured with 0.9.75). */
#include "mocks/frameworks/microhttpd/microhttpd.h"

#include "harness/http/chars.h"

#include <stackrig/http/date.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define IDLE_MAX 1000 /* times in a row that a content reader may give nothing */

/* ---- the head ---- */

static bool says_close(const struct MHD_Response *response)
{
    const struct header *header = rig_mhd_response_find(response, "Connection");
    return header && strncasecmp(header->text, "close", 5) == 0;
}

static bool knows_length(const struct MHD_Connection *connection)
{
    return connection->response->size != MHD_SIZE_UNKNOWN;
}

static bool may_chunk(const struct MHD_Connection *connection)
{
    return !connection->http_10 &&
           !(connection->response->flags & (MHD_RF_HTTP_1_0_COMPATIBLE_STRICT | MHD_RF_HTTP_1_0_SERVER));
}

static bool must_close(const struct MHD_Connection *connection)
{
    enum MHD_ResponseFlags flags = connection->response->flags;
    bool as_10 = (flags & MHD_RF_HTTP_1_0_SERVER) && !connection->keep_alive;
    return connection->early || connection->close_asked || as_10 || (flags & MHD_RF_HTTP_1_0_COMPATIBLE_STRICT) ||
           says_close(connection->response) || (!knows_length(connection) && !may_chunk(connection));
}

static int add(struct MHD_Connection *connection, const char *site, const char *name, const char *value)
{
    return rig_response_add_header_at(site, connection->res, name, value);
}

static int add_date(struct MHD_Connection *connection)
{
    char text[RIG_DATE_SIZE];
    if (rig_mhd_response_find(connection->response, "Date") ||
        (connection->daemon->flags & MHD_USE_SUPPRESS_DATE_NO_CLOCK)) {
        return 0;
    }
    int error = rig_date_format(rig_env_now(connection->env) / 1000000000, text);
    return error < 0 ? error : add(connection, NULL, "Date", text);
}

static int add_connection(struct MHD_Connection *connection)
{
    const struct header *own = rig_mhd_response_find(connection->response, "Connection");
    enum MHD_ResponseFlags flags = connection->response->flags;
    bool closes = must_close(connection);
    bool told = connection->http_10 || (flags & (MHD_RF_HTTP_1_0_SERVER | MHD_RF_SEND_KEEP_ALIVE_HEADER));
    const char *says = closes && !says_close(connection->response) ? "close" : !closes && told ? "Keep-Alive" : NULL;
    if (!own) {
        return says ? add(connection, NULL, "Connection", says) : 0;
    }
    size_t room = strlen(own->text) + sizeof "Keep-Alive, ";
    char *text = rig_env_alloc_at(NULL, connection->env, room);
    if (!text) {
        return -ENOMEM;
    }
    (void)snprintf(text, room, "%s%s%s", says ? says : "", says ? ", " : "", own->text);
    return add(connection, own->site, "Connection", text);
}

static int add_own(struct MHD_Connection *connection)
{
    int error = 0;
    for (const struct header *at = connection->response->headers; at && !error; at = at->next) {
        bool unchunked = strcasecmp(at->name, "Transfer-Encoding") == 0 && !may_chunk(connection);
        if (at->kind == MHD_HEADER_KIND && strcasecmp(at->name, "Connection") != 0 && !unchunked) {
            error = add(connection, at->site, at->name, at->text);
        }
    }
    return error;
}

static int add_length(struct MHD_Connection *connection)
{
    const struct MHD_Response *response = connection->response;
    unsigned status = connection->status;
    char text[RIG_DECIMAL_MAX + 1];
    if (status < 200 || status == 204 || rig_mhd_response_find(response, "Content-Length")) {
        return 0;
    }
    if (response->chunked && may_chunk(connection)) {
        return 0; /* its header stands where the handler has put it */
    }
    if (!knows_length(connection)) {
        return may_chunk(connection) ? add(connection, NULL, "Transfer-Encoding", "chunked") : 0;
    }
    text[rig_decimal(response->size, text)] = '\0';
    return add(connection, NULL, "Content-Length", text);
}

/* ---- the body ---- */

struct reader {
    struct MHD_Connection *connection;
    uint64_t at;
};

static ssize_t read_fd(const struct MHD_Response *response, uint64_t at, void *buffer, size_t size)
{
    ssize_t got = response->source == SOURCE_PIPE ? read(response->fd, buffer, size)
                                                  : pread(response->fd, buffer, size, (off_t)(response->offset + at));
    return got > 0 ? got : got == 0 ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
}

/* Asks until there is something: 0 would be the end. */
static ssize_t read_some(struct reader *reader, void *buffer, size_t size)
{
    struct MHD_Connection *connection = reader->connection;
    const struct MHD_Response *response = connection->response;
    if (response->source != SOURCE_CALLBACK) {
        return read_fd(response, reader->at, buffer, size);
    }
    ssize_t got = 0;
    for (unsigned idle = 0; got == 0 && idle < IDLE_MAX; idle++) {
        got = response->read(response->read_cls, reader->at, buffer, size < response->block ? size : response->block);
        if (got == 0 && rig_mhd_wait(connection) != 0) {
            return MHD_CONTENT_READER_END_WITH_ERROR;
        }
    }
    return got == 0 ? MHD_CONTENT_READER_END_WITH_ERROR : got;
}

static int64_t read_body(void *self, void *buffer, size_t size)
{
    struct reader *reader = self;
    struct MHD_Connection *connection = reader->connection;
    uint64_t total = connection->response->size, left = total - reader->at;
    if (total != MHD_SIZE_UNKNOWN && left == 0) {
        return 0;
    }
    size = total != MHD_SIZE_UNKNOWN && size > left ? (size_t)left : size;
    struct MHD_Connection *before = rig_mhd_enter(connection);
    ssize_t got = read_some(reader, buffer, size);
    (void)rig_mhd_enter(before);
    if (got > 0 && (size_t)got <= size) {
        reader->at += (uint64_t)got;
        return got;
    }
    if (got == MHD_CONTENT_READER_END_OF_STREAM && total == MHD_SIZE_UNKNOWN) {
        return 0;
    }
    /* Ended before its size, the real one still calls that completed. */
    connection->toe = got == MHD_CONTENT_READER_END_OF_STREAM ? MHD_REQUEST_TERMINATED_COMPLETED_OK
                                                              : MHD_REQUEST_TERMINATED_WITH_ERROR;
    return -EIO;
}

static int add_body(struct MHD_Connection *connection)
{
    const struct MHD_Response *response = connection->response;
    unsigned status = connection->status;
    if (status < 200 || status == 204 || status == 304 || strcmp(connection->method, "HEAD") == 0) {
        return 0;
    }
    if (response->source == SOURCE_BYTES) {
        return rig_response_write_at(connection->queued_at, connection->res,
                                     response->bytes ? (void *)response->bytes : "", (size_t)response->size);
    }
    struct reader *reader = rig_env_alloc_at(NULL, connection->env, sizeof *reader);
    if (!reader) {
        return -ENOMEM;
    }
    reader->connection = connection;
    return rig_response_stream_at(connection->queued_at, connection->res,
                                  (struct rig_source){.read = read_body, .self = reader});
}

int rig_mhd_send(struct MHD_Connection *connection)
{
    int error = add_date(connection);
    error = error ? error : add_connection(connection);
    error = error ? error : add_own(connection);
    error = error ? error : add_length(connection);
    return error ? error : add_body(connection);
}
