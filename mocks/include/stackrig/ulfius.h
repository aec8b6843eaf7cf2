/* Ulfius in the rig: endpoints written for libulfius 2.7.13 run in memory, unchanged. Link libstackrig-ulfius before
 * -lulfius: it brings libmicrohttpd's place taken (stackrig/microhttpd.h) and looks on where the real libulfius calls.
 *
 *     ulfius_init_instance(&instance, 8080, NULL, NULL);
 *     ulfius_add_endpoint_by_val(&instance, "GET", "/items", "/:id", 1, show_item, NULL);
 *     struct rig_client *client = rig_client_new(stackrig_ulfius_app(&instance), (struct rig_client_options){0});
 *     rig_assert(rig_get(client, "/items/7"), .status = 200);
 *
 * Each callback is a hop, "show_item (GET /items/:id, priority 1)", with the line of its function. Libulfius reads the
 * whole body before the first of them, so what is read is on the account of the app, "ulfius". What libulfius makes of the
 * last callback's answer, headers and cookies too, is that callback's doing.
 *
 * A websocket's upgrade is answered 501, and is the finding microhttpd.queue.refused. What was measured, and where the rig
 * differs: tests/conformance/ulfius. */
#ifndef STACKRIG_ULFIUS_H
#define STACKRIG_ULFIUS_H

#include <stackrig/foreign.h>
#include <stackrig/stack.h>

struct _u_instance;

RIG_BEGIN_DECLS
/* The instance's endpoints as an app. One that was not started is: ulfius_stop_framework, after the last client of it was
 * freed. One that cannot be started, and NULL, give an app without a call, which a client refuses. */
struct rig_app stackrig_ulfius_app(struct _u_instance *instance);
/* The instance that was started last and not stopped; NULL: none. For a test of a program that keeps it to itself. */
struct _u_instance *stackrig_ulfius_instance(void);
extern const struct rig_framework stackrig_ulfius;
RIG_END_DECLS

#endif
