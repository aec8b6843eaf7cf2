/* libfcgi in the rig: handlers and programs written for libfcgi 2.4.2 run in memory, unchanged. Link libstackrig-fcgi
 * before -lfcgi: it stands in the place of the library's system calls (OS_Accept, OS_Read, OS_Write ...), so that all else
 * is the real library: its streams, its records, FCGX_Accept_r and FCGX_Finish_r, and fcgi_stdio.h as well.
 *
 *     struct rig_client *client = rig_client_new(stackrig_fcgi_app(handle), (struct rig_client_options){0});
 *     rig_assert(rig_post(client, "/", .body = "a=1"), .status = 200);
 *
 * A request is a connection to a web server, as nginx makes them (no keep_conn). The parameters are the env's variables,
 * without those that have a dot. Of the body is read what was taken out of request->in, to the byte: nobody drains the rest.
 * What is written to request->err is in the log.
 *
 * The answer is what was written to request->out: a head (Status, Location and other fields, as in CGI), a blank line, the
 * body. It stands when the request is finished, at the line of its first byte. One without such a head is what nginx makes
 * of it: a 502, and fastcgi.head.invalid. */
#ifndef STACKRIG_FCGI_H
#define STACKRIG_FCGI_H

#include <stackrig/foreign.h>
#include <stackrig/stack.h>

struct FCGX_Request;

RIG_BEGIN_DECLS
/* A handler as an app: it is called between FCGX_Accept_r and FCGX_Finish_r. What it returns is the exit status of the
 * request, of which web servers make nothing. It may call FCGX_Finish_r itself. */
struct rig_app stackrig_fcgi_app(int (*handle)(struct FCGX_Request *request));
/* A whole program as an app: loop is called at once, with closure, until it accepts; each request lets it run until it
 * accepts the next one (FCGX_Accept_r, FCGX_Accept or FCGI_Accept), on a stack of its own of 1 MiB. When the client is freed
 * it accepts no more: FCGX_Accept_r returns a negative number, and loop is expected to return. To be used by the thread that
 * made it, and by one client. */
struct rig_app stackrig_fcgi_loop(int (*loop)(void *closure), void *closure);
extern const struct rig_framework stackrig_fcgi;
RIG_END_DECLS

#endif
