#include "service.h"

#include <stdlib.h>
#include <string.h>

enum MHD_Result answer(struct exchange *exchange, unsigned status, const char *text)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);
    if (!response) {
        return MHD_NO;
    }
    (void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain");
    enum MHD_Result queued = MHD_queue_response(exchange->connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

enum MHD_Result deny(struct exchange *exchange)
{
    static char text[] = "who are you?";
    struct MHD_Response *response = MHD_create_response_from_buffer(sizeof text - 1, text, MHD_RESPMEM_PERSISTENT);
    if (!response) {
        return MHD_NO;
    }
    enum MHD_Result queued = MHD_queue_basic_auth_fail_response(exchange->connection, "items", response); /* 401 */
    MHD_destroy_response(response);
    return queued;
}

bool is_known(struct exchange *exchange)
{
    char *password = NULL;
    char *user = MHD_basic_auth_get_username_password(exchange->connection, &password);
    bool known = user && password && strcmp(user, "ada") == 0 && strcmp(password, "lace") == 0;
    MHD_free(user);
    MHD_free(password);
    return known;
}

enum MHD_Result items(struct exchange *exchange)
{
    if (strcmp(exchange->url, "/items") != 0) {
        return answer(exchange, MHD_HTTP_NOT_FOUND, "not found");
    }
    if (strcmp(exchange->method, MHD_HTTP_METHOD_POST) == 0) {
        return answer(exchange, MHD_HTTP_CREATED, exchange->body);
    }
    return answer(exchange, MHD_HTTP_OK, "pump, lamp");
}

void take(struct exchange *exchange, const char *data, size_t size)
{
    size_t room = sizeof exchange->body - 1 - exchange->size, some = size < room ? size : room;
    memcpy(exchange->body + exchange->size, data, some);
    exchange->size += some;
}

void completed(void *cls, struct MHD_Connection *connection, void **req_cls, enum MHD_RequestTerminationCode how)
{
    (void)cls, (void)connection, (void)how;
    free(*req_cls);
    *req_cls = NULL;
}
