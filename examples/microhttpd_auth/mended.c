/* The body of a request that is denied is taken too, and whatever becomes of a request, it is freed. */
#include "service.h"

#include <stdlib.h>
#include <string.h>

static enum MHD_Result begin(struct MHD_Connection *connection, const char *url, const char *method, void **req_cls)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange) {
        return MHD_NO;
    }
    exchange->connection = connection;
    exchange->method = method;
    exchange->url = url;
    exchange->denied = !is_known(exchange);
    *req_cls = exchange;
    return MHD_YES;
}

static enum MHD_Result serve(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                             const char *version, const char *data, size_t *size, void **req_cls)
{
    struct exchange *exchange = *req_cls;
    (void)cls, (void)version;
    if (!exchange) {
        return begin(connection, url, method, req_cls);
    }
    if (*size > 0) {
        size_t room = sizeof exchange->body - 1 - exchange->size, some = *size < room ? *size : room;
        memcpy(exchange->body + exchange->size, data, exchange->denied ? 0 : some);
        exchange->size += exchange->denied ? 0 : some;
        *size = 0;
        return MHD_YES;
    }
    return exchange->denied ? deny(exchange) : items(exchange);
}

static void completed(void *cls, struct MHD_Connection *connection, void **req_cls, enum MHD_RequestTerminationCode how)
{
    (void)cls, (void)connection, (void)how;
    free(*req_cls);
    *req_cls = NULL;
}

struct MHD_Daemon *start_mended(unsigned short port)
{
    return MHD_start_daemon(MHD_USE_AUTO_INTERNAL_THREAD, port, NULL, NULL, serve, NULL, MHD_OPTION_NOTIFY_COMPLETED,
                            completed, NULL, MHD_OPTION_END);
}
