/* That a request is denied is noted in the first call; its body is taken, and the last call answers. */
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
        take(exchange, data, exchange->denied ? 0 : *size);
        *size = 0;
        return MHD_YES;
    }
    return exchange->denied ? deny(exchange) : items(exchange);
}

struct MHD_Daemon *start_mended(unsigned short port)
{
    return MHD_start_daemon(MHD_USE_AUTO_INTERNAL_THREAD, port, NULL, NULL, serve, NULL, MHD_OPTION_NOTIFY_COMPLETED,
                            completed, NULL, MHD_OPTION_END);
}
