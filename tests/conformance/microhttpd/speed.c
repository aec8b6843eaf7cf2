/* The standard work: a POST of 9 bytes with credentials, two headers looked up, an answer with two headers of its own. The
 * same for both: microhttpd-real --speed N over loopback on one kept connection, microhttpd-rig --speed N in memory. */
#define _POSIX_C_SOURCE 200809L
#include "parity.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static char seen[] = "seen";

enum MHD_Result speed_handler(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *data, size_t *size, void **req_cls)
{
    (void)cls, (void)url, (void)method, (void)version, (void)data;
    bool more = !*req_cls || *size > 0;
    *req_cls = seen;
    *size = 0;
    if (more) {
        return MHD_YES;
    }
    const char *credentials = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");
    bool known = credentials && MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Accept");
    struct MHD_Response *response = MHD_create_response_from_buffer(4, seen, MHD_RESPMEM_PERSISTENT);
    (void)MHD_add_response_header(response, "Content-Type", "text/plain");
    (void)MHD_add_response_header(response, "X-Request-Id", "42");
    enum MHD_Result queued = MHD_queue_response(connection, known ? 200 : 401, response);
    MHD_destroy_response(response);
    return queued;
}

uint64_t speed_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void speed_tell(const char *what, uint64_t nanoseconds, unsigned requests)
{
    printf("%s %llu\n", what, (unsigned long long)(nanoseconds / requests));
}
