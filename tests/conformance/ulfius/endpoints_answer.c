/* What callbacks answer, and what becomes of it. */
#define _POSIX_C_SOURCE 200809L
#include "endpoints.h"

#include <stdlib.h>
#include <string.h>

/* ---- bodies of answers ---- */

static int answers(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    const char *what = u_map_get(request->map_url, "what");
    (void)user_data;
    if (strcmp(what, "json") == 0) {
        json_t *body = json_pack("{sssi}", "name", "lamp", "count", 7);
        (void)ulfius_set_json_body_response(response, 201, body);
        json_decref(body);
    } else if (strcmp(what, "binary") == 0) {
        (void)ulfius_set_binary_body_response(response, 200, "a\0b\xff", 4);
    } else if (strcmp(what, "empty") == 0) {
        (void)ulfius_set_empty_body_response(response, 200);
    } else if (strcmp(what, "nobody") == 0) {
        (void)ulfius_set_string_body_response(response, 204, "not sent");
    } else if (strcmp(what, "unmodified") == 0) {
        (void)ulfius_set_string_body_response(response, 304, "not sent");
    } else if (strcmp(what, "twice") == 0) {
        (void)ulfius_set_string_body_response(response, 200, "first");
        (void)ulfius_set_string_body_response(response, 202, "second");
    } else if (strcmp(what, "timeout") == 0) {
        response->timeout = 30;
        (void)ulfius_set_string_body_response(response, 200, "timeout");
    } else if (strcmp(what, "properties") == 0) {
        (void)ulfius_set_response_properties(response, U_OPT_STATUS, 202, U_OPT_STRING_BODY, "body",
                                             U_OPT_HEADER_PARAMETER, "X-Name", "value", U_OPT_NONE);
    } else if (strcmp(what, "close") == 0) {
        (void)ulfius_add_header_to_response(response, "Connection", "close");
        (void)ulfius_set_string_body_response(response, 200, "closed");
    } /* else nothing */
    return U_CALLBACK_CONTINUE;
}

void set_answers(struct _u_instance *instance)
{
    put_endpoint(instance, "*", "/answers", "/:what", 0, answers, NULL);
}

/* ---- streams ---- */

static ssize_t stream(void *user_data, uint64_t offset, char *out, size_t max)
{
    static const char text[] = "one two three four five";
    const char *what = user_data;
    size_t left = sizeof text - 1 - (size_t)offset, some = left < 5 ? left : 5;
    if (strcmp(what, "broken") == 0 && offset >= 10) {
        return U_STREAM_ERROR;
    }
    if (left == 0 || (strcmp(what, "short") == 0 && offset >= 10)) {
        return U_STREAM_END;
    }
    some = some < max ? some : max;
    memcpy(out, text + offset, some);
    return (ssize_t)some;
}

static void stream_over(void *user_data)
{
    say("stream %s over", (const char *)user_data);
    free(user_data);
}

static int streams(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    char *what = strdup(u_map_get(request->map_url, "what"));
    (void)user_data;
    say("streams %s", what);
    uint64_t size = strcmp(what, "known") == 0 || strcmp(what, "short") == 0 ? 23 : U_STREAM_SIZE_UNKNOWN;
    (void)u_map_put(response->map_header, "X-Stream", what);
    (void)ulfius_set_stream_response(response, 200, stream, stream_over, size, 8, what);
    return U_CALLBACK_CONTINUE;
}

void set_streams(struct _u_instance *instance)
{
    put_endpoint(instance, "*", "/streams", "/:what", 0, streams, NULL);
    put_endpoint(instance, "*", "/streams", "/:what", 1, answer_ok, NULL); /* a stream is the last */
}

/* ---- headers and cookies ---- */

static void put_cookies(struct _u_response *response)
{
    (void)ulfius_add_cookie_to_response(response, "sid", "1", NULL, 0, NULL, NULL, 0, 0);
    (void)ulfius_add_cookie_to_response(response, "full", "a b", "Wed, 21 Oct 2026 07:28:00 GMT", 3600, "example.org",
                                        "/items", 1, 1);
    (void)ulfius_add_same_site_cookie_to_response(response, "strict", "2", NULL, 0, NULL, NULL, 0, 0,
                                                  U_COOKIE_SAME_SITE_STRICT);
    (void)ulfius_add_same_site_cookie_to_response(response, "none", "3", NULL, 0, NULL, NULL, 1, 0,
                                                  U_COOKIE_SAME_SITE_NONE);
    (void)ulfius_add_cookie_to_response(response, "sid", "replaced", NULL, 0, NULL, "/", 0, 0);
}

static int headers(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    const char *what = u_map_get(request->map_url, "what");
    (void)user_data;
    (void)u_map_put(response->map_header, "X-Before", "1");
    if (strcmp(what, "crlf") == 0 || strcmp(what, "refused") == 0) {
        (void)u_map_put(response->map_header, "X-Name", "a\r\nX-Injected: 1");
    } else if (strcmp(what, "lf") == 0) {
        (void)u_map_put(response->map_header, "X-Name", "a\nb");
    } else if (strcmp(what, "empty") == 0) {
        (void)u_map_put(response->map_header, "X-Name", "");
    } else if (strcmp(what, "length") == 0) {
        (void)u_map_put(response->map_header, "Content-Length", "1");
    } else if (strcmp(what, "cases") == 0) {
        (void)u_map_put(response->map_header, "x-before", "2");
        (void)u_map_put(response->map_header, "X-Before", "3");
        (void)u_map_put(response->map_header, "X-Tab", "a\tb");
        (void)u_map_put(response->map_header, "Content-Type", "text/plain");
    } else if (strcmp(what, "cookie") == 0) {
        (void)ulfius_add_cookie_to_response(response, "bad", "1\r\n2", NULL, 0, NULL, NULL, 0, 0);
    }
    (void)u_map_put(response->map_header, "X-After", "1");
    put_cookies(response);
    (void)ulfius_set_string_body_response(response, 200, what);
    say("headers %s", what);
    return strcmp(what, "refused") == 0 ? U_CALLBACK_UNAUTHORIZED : U_CALLBACK_CONTINUE;
}

void set_headers(struct _u_instance *instance)
{
    put_endpoint(instance, "*", "/headers", "/:what", 0, headers, NULL);
}

/* ---- shared_data ---- */

static void release(void *shared)
{
    say("freed %s", (const char *)shared);
    free(shared);
}

static int shares(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)user_data;
    say("shares over %s", response->shared_data ? (const char *)response->shared_data : "nothing");
    (void)ulfius_set_response_shared_data(response, strdup(u_map_get(request->map_url, "what")), release);
    return U_CALLBACK_CONTINUE;
}

static int uses(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    const char *shared = response->shared_data;
    (void)user_data;
    (void)ulfius_set_string_body_response(response, 200, shared);
    if (strcmp(shared, "anew") == 0) {
        return shares(request, response, user_data);
    }
    if (strcmp(shared, "taken") == 0) {
        release(response->shared_data);
        response->shared_data = NULL;
    }
    return strcmp(u_map_get(request->map_url, "what"), "error") == 0 ? U_CALLBACK_ERROR : U_CALLBACK_CONTINUE;
}

void set_shared(struct _u_instance *instance)
{
    put_endpoint(instance, "*", "/shared", "/:what", 0, shares, NULL);
    put_endpoint(instance, "*", "/shared", "/:what", 1, uses, NULL);
}

/* ---- websockets ---- */

static void socket_manager(const struct _u_request *request, struct _websocket_manager *manager, void *user_data)
{
    (void)request, (void)user_data;
    (void)ulfius_websocket_send_close_signal(manager);
}

static int websocket(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)request, (void)user_data;
    say("websocket");
    (void)ulfius_set_websocket_response(response, NULL, NULL, socket_manager, NULL, NULL, NULL, NULL, NULL);
    return U_CALLBACK_CONTINUE;
}

void set_websocket(struct _u_instance *instance)
{
    put_endpoint(instance, "*", "/socket", NULL, 0, websocket, NULL);
}

/* ---- the standard work: credentials and two headers looked at, an answer with two headers of its own ---- */

static int known(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)user_data, (void)response;
    return request->auth_basic_user && u_map_get_case(request->map_header, "Accept") ? U_CALLBACK_CONTINUE
                                                                                     : U_CALLBACK_UNAUTHORIZED;
}

static int seen(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)user_data;
    (void)u_map_put(response->map_header, "Content-Type", "text/plain");
    (void)u_map_put(response->map_header, "X-Request-Id", "42");
    (void)ulfius_set_string_body_response(response, request->binary_body_length == 9 ? 200 : 400, "seen");
    return U_CALLBACK_COMPLETE;
}

void set_speed(struct _u_instance *instance)
{
    put_endpoint(instance, "*", "/items", NULL, 0, known, NULL);
    put_endpoint(instance, "POST", "/items", NULL, 1, seen, NULL);
}
