/* An items service for libmicrohttpd, as people write them: nothing here knows of Stackrig. A request passes access log,
 * authentication and items, in that order. */
#ifndef MICROHTTPD_AUTH_SERVICE_H
#define MICROHTTPD_AUTH_SERVICE_H

#include <microhttpd.h>

#include <stdbool.h>
#include <stddef.h>

/* One request, from its first call to its last. */
struct exchange {
    struct MHD_Connection *connection;
    const char *method, *url;
    bool denied;
    char body[256];
    size_t size;
};

enum MHD_Result answer(struct exchange *exchange, unsigned status, const char *text);
enum MHD_Result deny(struct exchange *exchange); /* 401 with a challenge */
bool is_known(struct exchange *exchange);        /* Basic, ada and lace */
enum MHD_Result items(struct exchange *exchange);
void take(struct exchange *exchange, const char *data, size_t size); /* of the body what there is room for */
/* Frees the exchange, whatever has become of its request. */
void completed(void *cls, struct MHD_Connection *connection, void **req_cls, enum MHD_RequestTerminationCode how);

struct MHD_Daemon *start_broken(unsigned short port);
struct MHD_Daemon *start_mended(unsigned short port);

#endif
