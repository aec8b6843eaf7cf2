/* What libulfius takes for the standard work by itself: the floor of any server under it. Its dispatcher is called as a
 * server calls it, by a libmicrohttpd that does nothing: it has the request ready and forgets the answer. */
#define _GNU_SOURCE
#pragma GCC visibility push(default) /* what libulfius calls is found here first */
#include "endpoints.h"
#pragma GCC visibility pop

#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    MHD_AccessHandlerCallback handler;
    void *closure;
    MHD_RequestCompletedCallback completed;
    void *(*uri_log)(void *closure, const char *uri, struct MHD_Connection *connection);
} server;
static struct sockaddr_in client = {.sin_family = AF_INET};
static unsigned status;
static char nothing[1]; /* in the place of what has no content here */
#define DAEMON ((struct MHD_Daemon *)(void *)nothing)
#define CONNECTION ((struct MHD_Connection *)(void *)nothing)
#define RESPONSE ((struct MHD_Response *)(void *)nothing)

/* ---- what libulfius calls ---- */

struct MHD_Daemon *MHD_start_daemon(unsigned flags, uint16_t port, MHD_AcceptPolicyCallback policy,
                                    void *policy_closure, MHD_AccessHandlerCallback handler, void *closure, ...)
{
    va_list arguments;
    (void)flags, (void)port, (void)policy, (void)policy_closure;
    server.handler = handler;
    server.closure = closure;
    va_start(arguments, closure);
    (void)va_arg(arguments, int); /* MHD_OPTION_ARRAY */
    for (const struct MHD_OptionItem *at = va_arg(arguments, const struct MHD_OptionItem *);
         at->option != MHD_OPTION_END; at++) {
        if (at->option == MHD_OPTION_NOTIFY_COMPLETED) {
            server.completed = (MHD_RequestCompletedCallback)at->value;
        } else if (at->option == MHD_OPTION_URI_LOG_CALLBACK) {
            server.uri_log = (void *(*)(void *, const char *, struct MHD_Connection *))at->value;
        }
    }
    va_end(arguments);
    return DAEMON;
}

void MHD_stop_daemon(struct MHD_Daemon *daemon)
{
    (void)daemon;
}

const union MHD_ConnectionInfo *MHD_get_connection_info(struct MHD_Connection *connection,
                                                        enum MHD_ConnectionInfoType type, ...)
{
    static union MHD_ConnectionInfo info;
    (void)connection;
    info.client_addr = (struct sockaddr *)(void *)&client;
    return type == MHD_CONNECTION_INFO_CLIENT_ADDRESS ? &info : NULL;
}

int MHD_get_connection_values(struct MHD_Connection *connection, enum MHD_ValueKind kind, MHD_KeyValueIterator iterator,
                              void *closure)
{
    static const char *const fields[][2] = {{"Host", "example.org"},
                                            {"Accept", "*/*"},
                                            {"Authorization", "Basic YWRhOmxhY2U="},
                                            {"Content-Type", "text/plain"},
                                            {"Content-Length", "9"}};
    (void)connection;
    int count = kind == MHD_HEADER_KIND ? sizeof fields / sizeof fields[0] : 0;
    for (int i = 0; i < count; i++) {
        (void)iterator(closure, kind, fields[i][0], fields[i][1]);
    }
    return count;
}

char *MHD_basic_auth_get_username_password(struct MHD_Connection *connection, char **password)
{
    (void)connection;
    *password = strdup("lace");
    return strdup("ada");
}

struct MHD_Response *MHD_create_response_from_buffer_with_free_callback(size_t size, void *buffer,
                                                                        MHD_ContentReaderFreeCallback release)
{
    (void)size;
    release(buffer);
    return RESPONSE;
}

enum MHD_Result MHD_add_response_header(struct MHD_Response *response, const char *name, const char *text)
{
    (void)response, (void)name, (void)text;
    return MHD_YES;
}

enum MHD_Result MHD_queue_response(struct MHD_Connection *connection, unsigned code, struct MHD_Response *response)
{
    (void)connection, (void)response;
    status = code;
    return MHD_YES;
}

void MHD_destroy_response(struct MHD_Response *response)
{
    (void)response;
}

/* ---- a request, as one comes ---- */

static void serve(void)
{
    size_t size = 0;
    void *request = server.uri_log(NULL, "/items", CONNECTION);
    (void)server.handler(server.closure, CONNECTION, "/items", "POST", "HTTP/1.1", NULL, &size, &request);
    size = 9;
    (void)server.handler(server.closure, CONNECTION, "/items", "POST", "HTTP/1.1", "name=lamp", &size, &request);
    size = 0;
    (void)server.handler(server.closure, CONNECTION, "/items", "POST", "HTTP/1.1", NULL, &size, &request);
    server.completed(NULL, CONNECTION, &request, MHD_REQUEST_TERMINATED_COMPLETED_OK);
}

int main(int argc, char **argv)
{
    static const struct ulfius_case standard = {.set_up = set_speed};
    struct _u_instance instance;
    unsigned requests = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 0, wrong = 0;
    uint64_t begin = 0;
    if (requests == 0 || !parity_instance(&standard, &instance, 8080, NULL) ||
        ulfius_start_framework(&instance) != U_OK) {
        return 1;
    }
    for (unsigned i = 0; i < requests + SPEED_WARM; i++) {
        begin = i == SPEED_WARM ? speed_now() : begin;
        serve();
        wrong += status != 200;
    }
    speed_tell("alone", speed_now() - begin, requests);
    (void)ulfius_stop_framework(&instance);
    ulfius_clean_instance(&instance);
    return wrong > 0;
}
