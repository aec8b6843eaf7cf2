/* The daemon of a case. */
#include "parity.h"

#include <stdlib.h>
#include <string.h>

static void completed(void *cls, struct MHD_Connection *connection, void **req_cls, enum MHD_RequestTerminationCode toe)
{
    (void)cls, (void)connection;
    say("completed toe=%d cls=%s", (int)toe, *req_cls ? (const char *)*req_cls : "(null)");
}

static void connected(void *cls, struct MHD_Connection *connection, void **socket_context,
                      enum MHD_ConnectionNotificationCode toe)
{
    static char context[] = "socket";
    const union MHD_ConnectionInfo *info;
    (void)cls;
    if (toe == MHD_CONNECTION_NOTIFY_STARTED) {
        *socket_context = context;
    }
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    say("connection %d context=%s", (int)toe, info && info->socket_context ? (const char *)info->socket_context : "?");
}

struct MHD_Daemon *parity_start(const struct parity_case *parity)
{
    static const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    const struct MHD_OptionItem *options = parity->options ? parity->options : none;
    unsigned flags = parity->flags | MHD_USE_NO_LISTEN_SOCKET;
    if (!parity->notify) {
        return MHD_start_daemon(flags, 0, NULL, NULL, parity->handler, (void *)(uintptr_t)parity, MHD_OPTION_ARRAY,
                                options, MHD_OPTION_END);
    }
    return MHD_start_daemon(flags, 0, NULL, NULL, parity->handler, (void *)(uintptr_t)parity,
                            MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_NOTIFY_CONNECTION, connected, NULL,
                            MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}
