/* One request between two threads: libmicrohttpd's, which has the connection, and a worker, which runs the stack. */
#define _GNU_SOURCE
#include "harness/hosts/microhttpd/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct rig_turn *rig_turn_new(struct rig_server_daemon *server, const char *target, struct MHD_Connection *connection)
{
    struct rig_turn *turn = calloc(1, sizeof *turn);
    size_t size = strlen(target) + 1;
    if (turn) {
        turn->server = server;
        turn->connection = connection;
        turn->target = malloc(size);
    }
    if (!turn || !turn->target) {
        free(turn);
        return NULL;
    }
    memcpy(turn->target, target, size);
    (void)pthread_mutex_init(&turn->lock, NULL);
    (void)pthread_cond_init(&turn->changed, NULL);
    return turn;
}

void rig_turn_free(struct rig_turn *turn)
{
    if (turn->response) {
        MHD_destroy_response(turn->response);
    }
    (void)pthread_cond_destroy(&turn->changed);
    (void)pthread_mutex_destroy(&turn->lock);
    free(turn->kept);
    free(turn->fields);
    free(turn->target);
    free(turn);
}

static void enter(struct rig_turn *turn)
{
    (void)pthread_mutex_lock(&turn->lock);
}

static void leave(struct rig_turn *turn)
{
    (void)pthread_cond_broadcast(&turn->changed);
    (void)pthread_mutex_unlock(&turn->lock);
}

static void wait_for_other(struct rig_turn *turn)
{
    (void)pthread_cond_broadcast(&turn->changed);
    (void)pthread_cond_wait(&turn->changed, &turn->lock);
}

/* While the stack works, it is not the client who is slow: libmicrohttpd's timeout counts from when that is over. */
static void wait_for_stack(struct rig_turn *turn)
{
    (void)MHD_set_connection_option(turn->connection, MHD_CONNECTION_OPTION_TIMEOUT, 0U);
    wait_for_other(turn);
    (void)MHD_set_connection_option(turn->connection, MHD_CONNECTION_OPTION_TIMEOUT,
                                    turn->server->host.options.timeout);
}

/* ---- the body ---- */

static int64_t read_kept(struct rig_turn *turn, void *buffer, size_t size)
{
    size_t left = turn->kept_size - turn->kept_at;
    size = size < left ? size : left;
    if (size > 0) {
        memcpy(buffer, turn->kept + turn->kept_at, size);
        turn->kept_at += size;
    }
    return (int64_t)size;
}

static int64_t read_piece(struct rig_turn *turn, void *buffer, size_t size)
{
    size = size < turn->piece_size ? size : turn->piece_size;
    memcpy(buffer, turn->piece, size);
    turn->piece += size;
    turn->piece_size -= size;
    return (int64_t)size;
}

/* More than the limit, or an end that is none, is told before the bytes that came: the body is not to be used. */
static int64_t read_body(void *self, void *buffer, size_t size)
{
    struct rig_turn *turn = self;
    int64_t got = 0;
    enter(turn);
    turn->asked = true;
    while (turn->upload == RIG_UPLOAD_HANDS && turn->piece_size == 0 && !turn->ended && !turn->gone &&
           !turn->too_much) {
        wait_for_other(turn);
    }
    if (turn->too_much || turn->lost) {
        got = turn->too_much ? -EFBIG : turn->lost;
    } else if (turn->kept_at < turn->kept_size) {
        got = read_kept(turn, buffer, size);
    } else if (turn->piece_size > 0) {
        got = read_piece(turn, buffer, size);
    } else {
        got = turn->ended ? 0 : -ECONNRESET;
    }
    leave(turn);
    return got;
}

struct rig_source rig_turn_source(struct rig_turn *turn)
{
    return (struct rig_source){.read = read_body, .self = turn};
}

static void keep(struct rig_turn *turn, const char *data, size_t size)
{
    if (turn->kept_size + size > turn->kept_room) {
        size_t room = (turn->kept_size + size) * 2;
        char *grown = realloc(turn->kept, room);
        if (!grown) {
            turn->lost = -ENOMEM;
            turn->upload = RIG_UPLOAD_DROPS;
            return;
        }
        turn->kept = grown;
        turn->kept_room = room;
    }
    memcpy(turn->kept + turn->kept_size, data, size);
    turn->kept_size += size;
}

/* Of a body that is too long as much again is dropped, so that its client gets the 413; libmicrohttpd cannot answer before
 * the end. */
static bool is_within(struct rig_turn *turn, size_t size)
{
    uint64_t max = turn->server->host.options.body_max;
    turn->received += size;
    turn->too_much = turn->too_much || turn->received > max;
    return turn->received <= max || turn->received - max <= max;
}

bool rig_turn_take(struct rig_turn *turn, const char *data, size_t size)
{
    enter(turn);
    bool within = is_within(turn, size);
    if (turn->too_much) {
        turn->upload = RIG_UPLOAD_DROPS;
    }
    turn->piece = data;
    turn->piece_size = size;
    while (turn->piece_size > 0 && turn->upload == RIG_UPLOAD_HANDS) {
        wait_for_stack(turn);
    }
    if (turn->piece_size > 0 && turn->upload == RIG_UPLOAD_KEEPS) {
        keep(turn, turn->piece, turn->piece_size);
    }
    turn->piece_size = 0;
    leave(turn);
    return within;
}

/* ---- the answer ---- */

bool rig_turn_wait_asked(struct rig_turn *turn)
{
    enter(turn);
    while (!turn->asked && !turn->answered) {
        wait_for_stack(turn);
    }
    bool answered = turn->answered;
    leave(turn);
    return answered;
}

void rig_turn_wait_answer(struct rig_turn *turn)
{
    enter(turn);
    turn->ended = true;
    while (!turn->answered || (!turn->streams && !turn->finished)) {
        wait_for_stack(turn);
    }
    leave(turn);
}

void rig_turn_answer(struct rig_turn *turn, const struct rig_host_head *head, struct MHD_Response *response)
{
    bool stream = head->stream && !head->head_request;
    enter(turn);
    turn->status = turn->too_much && head->error == -EFBIG ? 413 : head->status;
    turn->response = response;
    turn->answered = true;
    turn->streams = stream;
    turn->upload = stream && !turn->too_much ? RIG_UPLOAD_KEEPS : RIG_UPLOAD_DROPS;
    while (stream && !turn->ended && !turn->gone) { /* it reads on from what was kept */
        wait_for_other(turn);
    }
    turn->upload = stream ? RIG_UPLOAD_HANDS : turn->upload;
    leave(turn);
}

int rig_turn_give(struct rig_turn *turn, const void *data, size_t size)
{
    enter(turn);
    turn->out = data;
    turn->out_size = size;
    while (turn->out_size > 0 && !turn->gone) {
        wait_for_other(turn);
    }
    int error = turn->out_size > 0 ? -EPIPE : 0;
    turn->out_size = 0;
    leave(turn);
    return error;
}

ssize_t rig_turn_pull(struct rig_turn *turn, char *buffer, size_t size)
{
    ssize_t got;
    enter(turn);
    while (turn->out_size == 0 && !turn->finished) {
        wait_for_stack(turn);
    }
    if (turn->out_size > 0) {
        size = size < turn->out_size ? size : turn->out_size;
        memcpy(buffer, turn->out, size);
        turn->out += size;
        turn->out_size -= size;
        got = (ssize_t)size;
    } else {
        got = turn->broken ? MHD_CONTENT_READER_END_WITH_ERROR : MHD_CONTENT_READER_END_OF_STREAM;
    }
    leave(turn);
    return got;
}

void rig_turn_finish(struct rig_turn *turn, bool broken)
{
    enter(turn);
    turn->broken = broken;
    turn->finished = true;
    leave(turn);
}

void rig_turn_end(struct rig_turn *turn)
{
    enter(turn);
    turn->gone = true;
    turn->upload = RIG_UPLOAD_DROPS;
    while (turn->begun && !turn->finished) {
        wait_for_other(turn);
    }
    leave(turn);
}
