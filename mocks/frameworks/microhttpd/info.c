/* What can be asked of the library, a daemon and a connection. */
#include "mocks/frameworks/microhttpd/microhttpd.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const char *MHD_get_version(void)
{
    return "0.9.75";
}

/* As Debian 12's library answers. */
enum MHD_Result MHD_is_feature_supported(enum MHD_FEATURE feature)
{
    bool lacks = feature == MHD_FEATURE_SOCKETPAIR || feature < MHD_FEATURE_MESSAGES ||
                 feature > MHD_FEATURE_HTTPS_CERT_CALLBACK2;
    return lacks ? MHD_NO : MHD_YES;
}

void MHD_free(void *memory)
{
    free(memory);
}

/* There is nothing here that would call it: what makes the real one panic is a finding. */
void MHD_set_panic_func(MHD_PanicCallback callback, void *cls)
{
    (void)callback, (void)cls;
}

const union MHD_DaemonInfo *MHD_get_daemon_info(struct MHD_Daemon *daemon, enum MHD_DaemonInfoType type, ...)
{
    static _Thread_local union MHD_DaemonInfo info;
    if (!daemon) {
        return NULL;
    }
    memset(&info, 0, sizeof info);
    switch ((int)type) {
    case MHD_DAEMON_INFO_LISTEN_FD:
        info.listen_fd = daemon->turn.waiting_fd;
        return &info;
    case MHD_DAEMON_INFO_EPOLL_FD:
        info.epoll_fd = daemon->turn.waiting_fd;
        return &info;
    case MHD_DAEMON_INFO_CURRENT_CONNECTIONS:
        info.num_connections = daemon->open;
        return &info;
    case MHD_DAEMON_INFO_FLAGS:
        info.flags = (enum MHD_FLAG)daemon->flags;
        return &info;
    case MHD_DAEMON_INFO_BIND_PORT:
        info.port = daemon->port;
        return &info;
    default:
        return NULL;
    }
}

const union MHD_ConnectionInfo *MHD_get_connection_info(struct MHD_Connection *connection,
                                                        enum MHD_ConnectionInfoType type, ...)
{
    if (!rig_mhd_live(RIG_CALLER, connection, "MHD_get_connection_info")) {
        return NULL;
    }
    union MHD_ConnectionInfo *info = &connection->info;
    switch ((int)type) {
    case MHD_CONNECTION_INFO_CLIENT_ADDRESS:
        info->client_addr = (struct sockaddr *)(void *)&connection->address;
        return info;
    case MHD_CONNECTION_INFO_DAEMON:
        info->daemon = connection->daemon;
        return info;
    case MHD_CONNECTION_INFO_CONNECTION_FD:
        info->connect_fd = MHD_INVALID_SOCKET;
        return info;
    case MHD_CONNECTION_INFO_SOCKET_CONTEXT:
        info->socket_context = connection->socket_context;
        return info;
    case MHD_CONNECTION_INFO_CONNECTION_SUSPENDED:
        pthread_mutex_lock(&connection->lock);
        info->suspended = connection->suspended ? MHD_YES : MHD_NO;
        pthread_mutex_unlock(&connection->lock);
        return info;
    case MHD_CONNECTION_INFO_CONNECTION_TIMEOUT:
        info->connection_timeout = connection->timeout;
        return info;
    case MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE:
        info->header_size = connection->header_size;
        return info;
    case MHD_CONNECTION_INFO_HTTP_STATUS:
        info->http_status = connection->status;
        return connection->response ? info : NULL;
    default: /* of TLS there is none */
        return NULL;
    }
}

enum MHD_Result MHD_set_connection_option(struct MHD_Connection *connection, enum MHD_CONNECTION_OPTION option, ...)
{
    if (option != MHD_CONNECTION_OPTION_TIMEOUT || !rig_mhd_live(RIG_CALLER, connection, "MHD_set_connection_option")) {
        return MHD_NO;
    }
    va_list arguments;
    va_start(arguments, option);
    connection->timeout = va_arg(arguments, unsigned);
    va_end(arguments);
    return MHD_YES;
}

/* ---- suspending ---- */

static bool may_suspend(const char *site, struct MHD_Connection *connection, const char *call)
{
    rig_mhd_arm(connection, ARMED_SUSPEND);
    if ((connection->daemon->flags & MHD_ALLOW_SUSPEND_RESUME) == MHD_ALLOW_SUSPEND_RESUME) {
        return true;
    }
    FOUND(connection, "microhttpd.suspend.not_resumed", site,
          "%s was called, but the daemon was started without MHD_ALLOW_SUSPEND_RESUME: the real one aborts", call);
    return false;
}

void MHD_suspend_connection(struct MHD_Connection *connection)
{
    const char *site = RIG_CALLER;
    if (rig_mhd_live(site, connection, "MHD_suspend_connection") &&
        may_suspend(site, connection, "MHD_suspend_connection")) {
        pthread_mutex_lock(&connection->lock);
        connection->suspended = true;
        pthread_mutex_unlock(&connection->lock);
    }
}

/* Mostly from another thread, which is in no request. */
void MHD_resume_connection(struct MHD_Connection *connection)
{
    const char *site = RIG_CALLER;
    if (rig_mhd_live(site, connection, "MHD_resume_connection")) {
        pthread_mutex_lock(&connection->lock);
        connection->suspended = false;
        pthread_cond_broadcast(&connection->resumed);
        pthread_mutex_unlock(&connection->lock);
    }
}
