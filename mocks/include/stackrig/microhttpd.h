/* libmicrohttpd in the rig: handlers written for MHD 0.9.75 run in memory, unchanged. Link libstackrig-microhttpd in the
 * place of -lmicrohttpd; MHD_start_daemon then opens no socket.
 *
 *     struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_AUTO, 8080, NULL, NULL, handler, NULL, MHD_OPTION_END);
 *     struct rig_client *client = rig_client_new(stackrig_microhttpd_app(daemon), (struct rig_client_options){0});
 *     rig_assert(rig_post(client, "/", .body = "a=1"), .status = 200);
 *
 * A request runs in MHD's own order: first call with the headers alone, a call for each piece of the body (.pieces of
 * the request), a last call with size 0, then notify-completed. Each call is a hop with the handler's name. The answer
 * has the headers that MHD adds: Date, Connection, Content-Length or Transfer-Encoding.
 *
 * A handler that returns MHD_NO makes the real server close the connection without a word: here the result's error is
 * -ECONNABORTED. What was measured, and where the rig differs: tests/conformance/microhttpd. */
#ifndef STACKRIG_MICROHTTPD_H
#define STACKRIG_MICROHTTPD_H

#include <stackrig/foreign.h>
#include <stackrig/stack.h>

struct MHD_Daemon;

RIG_BEGIN_DECLS
/* The daemon's handler as an app. Borrows: stop the daemon after the last client of it was freed. NULL gives one without a
 * call, which a client refuses. */
struct rig_app stackrig_microhttpd_app(struct MHD_Daemon *daemon);
/* The daemon that was started last and not stopped; NULL: none. For a test of a program that keeps it to itself. */
struct MHD_Daemon *stackrig_microhttpd_daemon(void);
/* How long a request waits for MHD_resume_connection, in milliseconds; 0: 2000. Past it: microhttpd.suspend.not_resumed and
 * -ETIMEDOUT. */
void stackrig_microhttpd_set_patience(struct MHD_Daemon *daemon, unsigned milliseconds);
extern const struct rig_framework stackrig_microhttpd;
RIG_END_DECLS

#endif
