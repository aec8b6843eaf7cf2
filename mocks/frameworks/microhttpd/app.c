/* A request through the handler, in MHD's own order. */
#include "mocks/frameworks/microhttpd/microhttpd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define AGAIN 3 /* times that a handler is asked once more where the real one would ask for ever */

/* ---- one call ---- */

/* A dispatcher's calls are no hops: those are its callbacks, which the framework's adapter enters. */
static bool enter(struct MHD_Connection *connection)
{
    const struct MHD_Daemon *daemon = connection->daemon;
    const struct rig_foreign layer = {.name = daemon->name,
                                      .site = daemon->site,
                                      .object = connection,
                                      .kind = "connection",
                                      .is_app = true,
                                      .framework = &stackrig_microhttpd};
    if (!daemon->above) {
        connection->visit = rig_foreign_enter(connection->env, connection->res, &layer);
    }
    return daemon->above || connection->visit;
}

/* In its hop: what it queued becomes the answer, what it took of the body was read. 0 or -errno. */
static int call(struct MHD_Connection *connection, const char *data, size_t *size)
{
    struct MHD_Daemon *daemon = connection->daemon;
    if (!enter(connection)) {
        return -ENOMEM;
    }
    connection->called = true;
    size_t given = *size;
    bool answered = connection->response != NULL;
    enum MHD_Result went_on = daemon->handler(daemon->handler_cls, connection, connection->url, connection->method,
                                              connection->version, data, size, &connection->req_cls);
    int error = 0;
    if (data && *size < given) {
        error = rig_foreign_read(daemon->site, connection->env, given - *size);
    }
    if (went_on == MHD_NO) {
        (void)rig_foreign_hang_up(connection->env);
        return rig_foreign_leave(connection->visit, -ECONNABORTED);
    }
    if (!error && !answered && connection->response) {
        error = rig_mhd_send(connection);
    }
    (void)rig_foreign_leave(connection->visit, error);
    return error ? error : rig_mhd_wait(connection);
}

/* ---- the first call ---- */

static void judge_early(struct MHD_Connection *connection)
{
    rig_mhd_arm(connection, ARMED_EARLY);
    if (!connection->early) {
        return;
    }
    struct rig_foreign_finding find = {.rule = "microhttpd.answer.early", .site = connection->queued_at};
    if (connection->has_body) {
        rig_mhd_find(connection, &find, "%s answered %u in the first call, with the body still to come",
                     connection->daemon->name, connection->status);
        return;
    }
    find.level = RIG_LEVEL_NOTE;
    find.follows = "the connection is closed behind the answer, as after every answer in the first call";
    rig_mhd_find(connection, &find, "%s answered %u in the first call", connection->daemon->name, connection->status);
}

/* ---- the body ---- */

static int tell_stuck(struct MHD_Connection *connection, size_t left)
{
    FOUND(connection, "microhttpd.upload.not_taken", NULL,
          "%s left %zu of %zu bytes in *upload_data_size again and again, and no more come", connection->daemon->name,
          left, connection->held);
    return -ETIMEDOUT;
}

static int tell_grown(struct MHD_Connection *connection, size_t left)
{
    FOUND(connection, "microhttpd.upload.not_taken", NULL,
          "%s set *upload_data_size to %zu where it was given %zu bytes: the real one aborts", connection->daemon->name,
          left, connection->held);
    return -EINVAL;
}

/* What is held, as long as the handler takes of it: 0, or -errno. */
static int offer(struct MHD_Connection *connection)
{
    size_t left = 0;
    do {
        left = connection->held;
        int error = call(connection, (const char *)connection->buffer, &left);
        if (error || left > connection->held) {
            return error ? error : tell_grown(connection, left);
        }
        size_t taken = connection->held - left;
        memmove(connection->buffer, connection->buffer + taken, left);
        connection->held = left;
        if (taken == 0) {
            break;
        }
    } while (connection->held > 0);
    return 0;
}

/* Until no more than most bytes are held. Asks AGAIN times where nothing is taken: a handler may take it later. */
static int offer_until(struct MHD_Connection *connection, size_t most)
{
    unsigned in_vain = 0;
    while (connection->held > most && in_vain < AGAIN) {
        size_t before = connection->held;
        int error = offer(connection);
        if (error) {
            return error;
        }
        in_vain = connection->held < before ? 0 : in_vain + 1;
    }
    return connection->held > most ? tell_stuck(connection, connection->held) : 0;
}

/* As large as the real one's, or as the body, which mostly is small. */
static size_t buffer_size(const struct MHD_Connection *connection)
{
    size_t most = connection->daemon->memory_limit;
    return connection->announced > 0 && connection->announced < most ? (size_t)connection->announced + 1 : most;
}

static int pass_body(struct MHD_Connection *connection)
{
    connection->buffer_size = buffer_size(connection);
    connection->buffer = rig_env_alloc_at(NULL, connection->env, connection->buffer_size);
    connection->state = STATE_BODY;
    rig_mhd_arm(connection, ARMED_UPLOAD);
    int64_t got = connection->buffer ? 1 : -ENOMEM;
    uint64_t all = 0;
    int error = 0;
    while (got > 0 && !error) {
        size_t room = connection->buffer_size - connection->held;
        if (room == 0) {
            error = offer_until(connection, connection->buffer_size - 1);
            continue;
        }
        got = rig_foreign_fill(connection->env, connection->buffer + connection->held, room);
        connection->held += got > 0 ? (size_t)got : 0;
        all += got > 0 ? (uint64_t)got : 0;
        error = got > 0 ? offer(connection) : 0;
    }
    /* who ends early is gone for the real one (0.9.75): no last call, no answer */
    got = got == 0 && all < connection->announced ? -ECONNRESET : got;
    error = error ? error : got < 0 ? (int)got : offer_until(connection, 0);
    return error ? error : rig_foreign_read(NULL, connection->env, 0);
}

/* ---- all calls ---- */

static int pass_last(struct MHD_Connection *connection)
{
    connection->state = STATE_FULL;
    for (unsigned i = 0; i < AGAIN && !connection->response; i++) {
        size_t size = 0;
        int error = call(connection, NULL, &size);
        if (error) {
            return error;
        }
    }
    connection->gave_up = !connection->response;
    return 0;
}

static int pass(struct MHD_Connection *connection)
{
    size_t size = 0;
    int error = call(connection, NULL, &size);
    if (!error) {
        judge_early(connection);
    }
    if (error || connection->response) {
        return error;
    }
    error = connection->has_body ? pass_body(connection) : 0;
    return error ? error : pass_last(connection);
}

/* ---- around them ---- */

static void notify(struct MHD_Connection *connection, enum MHD_ConnectionNotificationCode what)
{
    const struct MHD_Daemon *daemon = connection->daemon;
    if (daemon->connected) {
        daemon->connected(daemon->connected_cls, connection, &connection->socket_context, what);
    }
}

/* When the answer has gone out, or the request was given up. */
static void finish(void *closure)
{
    struct MHD_Connection *connection = closure, *before = rig_mhd_enter(connection);
    struct MHD_Daemon *daemon = connection->daemon;
    if (connection->failed || !connection->response) {
        connection->toe = MHD_REQUEST_TERMINATED_WITH_ERROR;
    }
    if (daemon->completed && connection->called) {
        daemon->completed(daemon->completed_cls, connection, &connection->req_cls, connection->toe);
    }
    rig_mhd_look_for_leaks(connection);
    rig_mhd_tell_armed(connection);
    if (connection->response) {
        rig_mhd_response_drop(connection->response);
        connection->response = NULL;
    }
    notify(connection, MHD_CONNECTION_NOTIFY_CLOSED);
    (void)rig_mhd_enter(before);
    rig_mhd_connection_end(connection);
    rig_mhd_turn_give(daemon);
}

static int begin(struct MHD_Connection *connection)
{
    const struct MHD_Daemon *daemon = connection->daemon;
    rig_mhd_tell_stray(connection);
    notify(connection, MHD_CONNECTION_NOTIFY_STARTED);
    int error = rig_mhd_read_request(connection);
    if (!error && daemon->policy &&
        daemon->policy(daemon->policy_cls, (const struct sockaddr *)(const void *)&connection->address,
                       sizeof connection->address) == MHD_NO) {
        return -ECONNREFUSED;
    }
    return error;
}

/* What MHD_OPTION_STRICT_FOR_CLIENT refuses before the handler sees it. */
static bool lacks_host(const struct MHD_Connection *connection)
{
    return connection->daemon->strict > 0 && !connection->http_10 && !rig_mhd_header(connection, "Host");
}

static int refuse(const struct MHD_Connection *connection)
{
    return rig_respond_at(
        NULL,
        &(struct rig_reply){
            .response = connection->res,
            .status = 400,
            .headers = {{"Connection", "close"}, {"Content-Length", "197"}},
            .body = "<html><head><title>&quot;Host:&quot; header required</title></head><body>In HTTP 1.1, requests "
                    "must include a &quot;Host:&quot; header, and your HTTP 1.1 request lacked such a "
                    "header.</body></html>"});
}

static int serve(struct MHD_Connection *connection)
{
    struct MHD_Connection *before = rig_mhd_enter(connection);
    int error = begin(connection);
    error = error ? error : lacks_host(connection) ? refuse(connection) : pass(connection);
    connection->failed = error != 0;
    (void)rig_mhd_enter(before);
    return error;
}

static int run(void *self, struct rig_env *env, struct rig_response *res)
{
    struct MHD_Daemon *daemon = self;
    if (!rig_mhd_turn_take(daemon)) {
        return -ECONNREFUSED;
    }
    struct MHD_Connection *connection = rig_mhd_connection_new(daemon);
    if (!connection) {
        rig_mhd_turn_give(daemon);
        return -ENOMEM;
    }
    connection->env = env;
    connection->res = res;
    connection->env_serial = rig_env_serial(env);
    int error = rig_foreign_when_out(env, finish, connection);
    if (error) {
        rig_mhd_connection_end(connection);
        rig_mhd_turn_give(daemon);
        return error;
    }
    return serve(connection);
}

struct rig_app stackrig_microhttpd_app(struct MHD_Daemon *daemon)
{
    const char *name = daemon && daemon->above ? daemon->above : "microhttpd";
    return (struct rig_app){.name = name, .call = daemon ? run : NULL, .self = daemon};
}

/* ---- what the rig cannot see here ---- */

static const struct rig_blind blind[] = {
    {"env.identity.replaced", "a handler calls no other handler through the server: there is nothing to hand on"},
    {"env.identity.lost_write", "handlers share C structs: nobody sees an assignment"},
    {"next.call.twice", "as env.identity.replaced"},
    {"next.call.after_answer", "as env.identity.replaced"},
    {"input.used_after_close", "a handler cannot close the body"},
    {NULL, NULL}};

#define TAKE_ALL                                                                                               \
    "let the handler be called until *upload_data_size is 0 (set it to 0 in each call before), and queue the " \
    "response "                                                                                                \
    "then"

static const struct rig_advice advice[] = {
    {"input.body.unread", TAKE_ALL},
    {"input.early_answer.misdirected", TAKE_ALL},
    {"input.early_answer.unread", TAKE_ALL},
    {"response.missing", "queue a response (MHD_queue_response); to close the connection return MHD_NO"},
    {NULL, NULL}};

const struct rig_framework stackrig_microhttpd = {
    .name = "microhttpd", .title = "libmicrohttpd 0.9.75, in memory", .blind = blind, .advice = advice};
