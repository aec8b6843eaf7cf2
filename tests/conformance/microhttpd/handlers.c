/* The request: what a handler is called with, and what it can ask. */
#include "handlers.h"

#include <string.h>

static char seen[] = "seen";

/* The same again and again, as long as no more has come: told once, for how often depends on time. */
static bool is_again(const char *data, size_t size, const void *cls)
{
    static char last[256];
    static size_t last_size;
    static const void *last_cls;
    bool again =
        data && cls && cls == last_cls && size == last_size && size < sizeof last && memcmp(data, last, size) == 0;
    last_cls = data ? cls : NULL;
    last_size = size;
    if (data && size < sizeof last) {
        memcpy(last, data, size);
    }
    return again;
}

static bool call(const char *url, const char *method, const char *version, const char *data, const size_t *size,
                 void **req_cls)
{
    bool first = !*req_cls;
    if (is_again(data, *size, *req_cls)) {
        return first;
    }
    say("call %s %s %s cls=%s size=%zu%s", method, url, version, first ? "(null)" : (const char *)*req_cls, *size,
        data ? "" : " data=(null)");
    if (data) {
        say_bytes("data", data, *size);
    }
    *req_cls = seen;
    return first;
}

static enum MHD_Result respond(struct MHD_Connection *connection, unsigned status, const char *text)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    say("queued %u: %d", status, (int)queued);
    MHD_destroy_response(response);
    return queued;
}

#define HANDLER(name_)                                                                                       \
    enum MHD_Result name_(void *cls, struct MHD_Connection *connection, const char *url, const char *method, \
                          const char *version, const char *data, size_t *size, void **req_cls)

#define BEGIN                                                     \
    bool first = call(url, method, version, data, size, req_cls); \
    (void)cls, (void)connection, (void)first

HANDLER(answer_ok)
{
    BEGIN;
    if (first || *size > 0) {
        *size = 0;
        return MHD_YES;
    }
    return respond(connection, 200, "ok");
}

/* ---- values ---- */

static enum MHD_Result value(void *cls, enum MHD_ValueKind kind, const char *key, const char *text)
{
    (void)cls;
    say("  value %d %s=%s", (int)kind, key, text ? text : "(null)");
    return MHD_YES;
}

static enum MHD_Result value_n(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_size, const char *text,
                               size_t size)
{
    (void)cls;
    say("  value_n %d %s/%zu=%s/%zu", (int)kind, key, key_size, text ? text : "(null)", size);
    return MHD_YES;
}

static enum MHD_Result stop_at_second(void *cls, enum MHD_ValueKind kind, const char *key, const char *text)
{
    (void)kind, (void)key, (void)text;
    return ++*(int *)cls < 2 ? MHD_YES : MHD_NO;
}

static void list(struct MHD_Connection *connection, int kinds)
{
    say("values of %d: %d", kinds, MHD_get_connection_values(connection, (enum MHD_ValueKind)kinds, value, NULL));
}

HANDLER(show_values)
{
    int stopped = 0;
    BEGIN;
    if (first || *size > 0) {
        *size = 0;
        return MHD_YES;
    }
    list(connection, MHD_HEADER_KIND);
    list(connection, MHD_COOKIE_KIND);
    list(connection, MHD_GET_ARGUMENT_KIND);
    list(connection, MHD_FOOTER_KIND);
    list(connection, MHD_POSTDATA_KIND);
    list(connection, MHD_COOKIE_KIND | MHD_GET_ARGUMENT_KIND);
    say("values_n: %d", MHD_get_connection_values_n(connection, MHD_GET_ARGUMENT_KIND, value_n, NULL));
    say("counted: %d", MHD_get_connection_values(connection, MHD_HEADER_KIND, NULL, NULL));
    say("stopped: %d", MHD_get_connection_values(connection, MHD_HEADER_KIND, stop_at_second, &stopped));
    return respond(connection, 200, "ok");
}

static void look_up(struct MHD_Connection *connection, enum MHD_ValueKind kind, const char *key)
{
    const char *text = MHD_lookup_connection_value(connection, kind, key);
    say("lookup %d %s: %s", (int)kind, key ? key : "(null)", text ? text : "(null)");
}

HANDLER(show_lookups)
{
    BEGIN;
    const char *text = "untouched";
    size_t text_size = 99;
    look_up(connection, MHD_HEADER_KIND, "Host");
    look_up(connection, MHD_HEADER_KIND, "hOST");
    look_up(connection, MHD_HEADER_KIND, "X-Twice");
    look_up(connection, MHD_HEADER_KIND, "X-Empty");
    look_up(connection, MHD_HEADER_KIND, "X-None");
    look_up(connection, MHD_HEADER_KIND, NULL);
    look_up(connection, MHD_GET_ARGUMENT_KIND, "a");
    look_up(connection, MHD_GET_ARGUMENT_KIND, "A");
    look_up(connection, MHD_GET_ARGUMENT_KIND, "bare");
    look_up(connection, MHD_COOKIE_KIND, "sid");
    look_up(connection, MHD_COOKIE_KIND, "SID");
    look_up(connection, MHD_HEADER_KIND, "Content-Length");
    int found = (int)MHD_lookup_connection_value_n(connection, MHD_GET_ARGUMENT_KIND, "a", 1, &text, &text_size);
    say("lookup_n: %d %s %zu", found, text ? text : "(null)", text_size);
    found = (int)MHD_lookup_connection_value_n(connection, MHD_GET_ARGUMENT_KIND, "zz", 2, &text, &text_size);
    say("lookup_n of none: %d %s %zu", found, text ? text : "(null)", text_size);
    found = (int)MHD_lookup_connection_value_n(connection, MHD_GET_ARGUMENT_KIND, "a", 1, NULL, NULL);
    say("lookup_n into nothing: %d", found);
    return respond(connection, 200, "ok");
}

HANDLER(set_values)
{
    BEGIN;
    if (first) {
        say("set: %d", (int)MHD_set_connection_value(connection, MHD_POSTDATA_KIND, "field", "1"));
        say("set: %d", (int)MHD_set_connection_value(connection, MHD_HEADER_KIND, "X-Set", NULL));
        say("set_n: %d", (int)MHD_set_connection_value_n(connection, MHD_GET_ARGUMENT_KIND, "a\0b", 3, "1\0002", 3));
        say("set_n: %d", (int)MHD_set_connection_value_n(connection, MHD_GET_ARGUMENT_KIND, "ab", 2, "12", 2));
        return MHD_YES;
    }
    list(connection, MHD_POSTDATA_KIND);
    list(connection, MHD_HEADER_KIND);
    say("values_n: %d", MHD_get_connection_values_n(connection, MHD_GET_ARGUMENT_KIND, value_n, NULL));
    return respond(connection, 200, "ok");
}

/* ---- bodies ---- */

HANDLER(show_body)
{
    BEGIN;
    if (first || *size > 0) {
        *size = 0;
        return MHD_YES;
    }
    return respond(connection, 200, "read");
}

/* Takes two bytes at a time. */
HANDLER(leave_some)
{
    BEGIN;
    if (*size > 0) {
        *size -= *size > 2 ? 2 : *size;
        return MHD_YES;
    }
    return first ? MHD_YES : respond(connection, 200, "read");
}

/* Only bodies of ten bytes at once. */
HANDLER(leave_then_more)
{
    BEGIN;
    if (*size > 0) {
        *size = *size < 10 ? *size : 0;
        return MHD_YES;
    }
    return first ? MHD_YES : respond(connection, 200, "read");
}

HANDLER(leave_all)
{
    BEGIN;
    return *size > 0 || first ? MHD_YES : respond(connection, 200, "read");
}

HANDLER(answer_first)
{
    BEGIN;
    return respond(connection, 401, "who are you?");
}

HANDLER(answer_in_body)
{
    BEGIN;
    if (*size > 0) {
        (void)respond(connection, 413, "too much");
        *size = 0;
        return MHD_YES;
    }
    return first ? MHD_YES : respond(connection, 200, "read");
}

HANDLER(answer_twice)
{
    BEGIN;
    if (first) {
        return MHD_YES;
    }
    (void)respond(connection, 200, "one");
    (void)respond(connection, 500, "two");
    return MHD_YES;
}

HANDLER(say_no_first)
{
    BEGIN;
    return MHD_NO;
}

HANDLER(say_no_in_body)
{
    BEGIN;
    return *size > 0 ? MHD_NO : MHD_YES;
}

HANDLER(say_no_last)
{
    BEGIN;
    if (*size > 0) {
        *size = 0;
        return MHD_YES;
    }
    return first ? MHD_YES : MHD_NO;
}

HANDLER(never_answer)
{
    (void)cls, (void)connection, (void)url, (void)method, (void)version, (void)data;
    *req_cls = seen;
    *size = 0;
    return MHD_YES;
}

HANDLER(answer_codes)
{
    BEGIN;
    if (first) {
        return MHD_YES;
    }
    static const unsigned codes[] = {0, 99, 1000, 101, 65536 + 200};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        (void)respond(connection, codes[i], "odd");
    }
    return respond(connection, 299, "odd");
}

HANDLER(null_arguments)
{
    BEGIN;
    say("queue NULL: %d", (int)MHD_queue_response(connection, 200, NULL));
    say("values of NULL: %d", MHD_get_connection_values(NULL, MHD_HEADER_KIND, NULL, NULL));
    say("lookup in NULL: %d", MHD_lookup_connection_value(NULL, MHD_HEADER_KIND, "a") != NULL);
    say("buffer NULL of 5: %d", MHD_create_response_from_buffer(5, NULL, MHD_RESPMEM_PERSISTENT) != NULL);
    say("callback NULL: %d", MHD_create_response_from_callback(5, 5, NULL, NULL, NULL) != NULL);
    MHD_destroy_response(NULL);
    return respond(connection, 200, "ok");
}

/* ---- the connection ---- */

HANDLER(show_connection)
{
    BEGIN;
    const union MHD_ConnectionInfo *info;
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    say("family %d", info && info->client_addr ? (int)*(const unsigned short *)(const void *)info->client_addr : -1);
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_DAEMON);
    say("daemon %d", info && info->daemon);
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    say("context %s", info && info->socket_context ? (const char *)info->socket_context : "(null)");
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_SUSPENDED);
    say("suspended %d", info ? info->suspended : -1);
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_TIMEOUT);
    say("timeout %u", info ? info->connection_timeout : 99999);
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    say("header size %zu", info ? info->header_size : 99999);
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_HTTP_STATUS);
    say("status %u", info ? info->http_status : 99999);
    say("protocol %d", MHD_get_connection_info(connection, MHD_CONNECTION_INFO_PROTOCOL) != NULL);
    say("cipher %d", MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CIPHER_ALGO) != NULL);
    say("tls %d", MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION) != NULL);
    say("other %d", MHD_get_connection_info(connection, (enum MHD_ConnectionInfoType)77) != NULL);
    say("set timeout %d", (int)MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, 7u));
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_TIMEOUT);
    say("timeout %u", info ? info->connection_timeout : 99999);
    enum MHD_Result queued = respond(connection, 203, "ok");
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_HTTP_STATUS);
    say("status %u", info ? info->http_status : 99999);
    return queued;
}

static bool resumed;

HANDLER(suspends)
{
    BEGIN;
    if (first) {
        resumed = false;
        return MHD_YES;
    }
    if (!resumed) {
        resumed = true;
        MHD_suspend_connection(connection);
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_SUSPENDED);
        say("suspended %d", info ? info->suspended : -1);
        MHD_resume_connection(connection);
        return MHD_YES;
    }
    return respond(connection, 200, "at last");
}
