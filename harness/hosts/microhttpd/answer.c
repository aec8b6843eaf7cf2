/* From the stack's answer to libmicrohttpd's. */
#define _GNU_SOURCE
#include "harness/hosts/microhttpd/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLOCK 16384

/* ---- a stream ---- */

static ssize_t pull(void *turn, uint64_t position, char *buffer, size_t size)
{
    (void)position;
    return rig_turn_pull(turn, buffer, size);
}

/* ---- the head ---- */

static const char *find(const struct rig_host_head *head, const char *name)
{
    for (size_t i = 0; i < head->header_count; i++) {
        if (strcasecmp(head->headers[i].name, name) == 0) {
            return head->headers[i].value;
        }
    }
    return NULL;
}

/* What the stack says of a stream's size; where it says none, the server frames it. */
static uint64_t stream_size(const struct rig_host_head *head)
{
    const char *length = find(head, "Content-Length");
    char *end;
    if (!length || *length < '0' || *length > '9') {
        return MHD_SIZE_UNKNOWN;
    }
    errno = 0;
    unsigned long long size = strtoull(length, &end, 10);
    return *end || errno ? MHD_SIZE_UNKNOWN : size;
}

/* The framing is the server's, of what is really sent. */
static bool is_framing(const char *name)
{
    return strcasecmp(name, "Content-Length") == 0 || strcasecmp(name, "Transfer-Encoding") == 0;
}

static void add_headers(struct rig_turn *turn, struct MHD_Response *response, const struct rig_host_head *head)
{
    for (size_t i = 0; i < head->header_count; i++) {
        const struct rig_field *field = &head->headers[i];
        if (!is_framing(field->name) && MHD_add_response_header(response, field->name, field->value) != MHD_YES) {
            rig_turn_log(turn, "libmicrohttpd refuses the answer's header %s: left out", field->name);
        }
    }
}

static struct MHD_Response *make(struct rig_turn *turn, const struct rig_host_head *head)
{
    uint64_t size = head->stream ? stream_size(head) : 0;
    struct MHD_Response *response =
        head->stream ? MHD_create_response_from_callback(size, BLOCK, pull, turn, NULL)
                     : MHD_create_response_from_buffer(head->body.size, (void *)(uintptr_t)head->body.data,
                                                       MHD_RESPMEM_MUST_COPY);
    if (response && head->head_request && size == MHD_SIZE_UNKNOWN) { /* 0.9.75 would send the last chunk of it */
        (void)MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
    }
    return response;
}

static int give_head(void *self, const struct rig_host_head *head)
{
    struct rig_turn *turn = self;
    struct MHD_Response *response = make(turn, head);
    if (!response) {
        return -ENOMEM;
    }
    add_headers(turn, response, head);
    rig_turn_answer(turn, head, response);
    return 0;
}

static int give_body(void *self, const void *data, size_t size)
{
    return rig_turn_give(self, data, size);
}

struct rig_host_answer rig_turn_outlet(struct rig_turn *turn)
{
    return (struct rig_host_answer){.head = give_head, .body = give_body, .self = turn};
}

/* ---- answers of the host's own ---- */

static struct MHD_Response *empty(void)
{
    static char nothing[1];
    return MHD_create_response_from_buffer(0, nothing, MHD_RESPMEM_PERSISTENT);
}

void rig_turn_fail(struct rig_turn *turn, int error)
{
    const struct rig_host_head head = {.status = error == -EINVAL ? 400 : error == -ENOMEM ? 503 : 500, .error = error};
    rig_turn_answer(turn, &head, empty());
}

enum MHD_Result rig_turn_refuse(struct MHD_Connection *connection, unsigned status)
{
    struct MHD_Response *response = empty();
    if (!response) {
        return MHD_NO;
    }
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

/* A status that libmicrohttpd does not send is the stack's mistake. */
enum MHD_Result rig_turn_queue(struct rig_turn *turn, struct MHD_Connection *connection)
{
    struct rig_server_daemon *server = turn->server;
    if (!turn->response) {
        rig_turn_log(turn, "out of memory for its answer");
        return MHD_NO;
    }
    (void)pthread_mutex_lock(&server->lock);
    bool last = server->stopping;
    (void)pthread_mutex_unlock(&server->lock);
    if (last) {
        (void)MHD_add_response_header(turn->response, MHD_HTTP_HEADER_CONNECTION, "close");
    }
    if (MHD_queue_response(connection, (unsigned)turn->status, turn->response) == MHD_YES) {
        return MHD_YES;
    }
    rig_turn_log(turn, "libmicrohttpd refuses an answer of status %d", turn->status);
    return rig_turn_refuse(connection, 500);
}
