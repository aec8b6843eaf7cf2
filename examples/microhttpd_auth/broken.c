/* Two mistakes: authentication answers in the first call, and what the first call allocates is freed in the last. */
#include "service.h"

#include <stdlib.h>
#include <string.h>

static enum MHD_Result serve(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                             const char *version, const char *data, size_t *size, void **req_cls)
{
    struct exchange *exchange = *req_cls;
    (void)cls, (void)version;
    if (!exchange) {
        exchange = calloc(1, sizeof *exchange);
        if (!exchange) {
            return MHD_NO;
        }
        exchange->connection = connection;
        exchange->method = method;
        exchange->url = url;
        *req_cls = exchange;
        return is_known(exchange) ? MHD_YES : deny(exchange); /* demo: early answer */
    }
    if (*size > 0) {
        size_t room = sizeof exchange->body - 1 - exchange->size, some = *size < room ? *size : room;
        memcpy(exchange->body + exchange->size, data, some);
        exchange->size += some;
        *size = 0;
        return MHD_YES;
    }
    enum MHD_Result queued = items(exchange);
    free(exchange);
    *req_cls = NULL;
    return queued;
}

struct MHD_Daemon *start_broken(unsigned short port)
{
    return MHD_start_daemon(MHD_USE_AUTO_INTERNAL_THREAD, port, NULL, NULL, serve, NULL, MHD_OPTION_END); /* demo */
}
