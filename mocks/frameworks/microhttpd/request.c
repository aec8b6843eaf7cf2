/* From env to what MHD makes of a request. Measured with 0.9.75: tests/conformance/microhttpd. */
#include "mocks/frameworks/microhttpd/microhttpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct rig_slice slice(const char *text)
{
    return (struct rig_slice){text, text ? strlen(text) : 0};
}

static const char *variable(const struct MHD_Connection *connection, const char *name)
{
    const char *value = rig_env_get_at(NULL, connection->env, name);
    return value ? value : "";
}

static char *copy(struct MHD_Connection *connection, const char *text, size_t size)
{
    char *copied = rig_env_alloc_at(NULL, connection->env, size + 1);
    if (copied) {
        memcpy(copied, text, size);
    }
    return copied;
}

static size_t unescape(struct MHD_Connection *connection, char *text)
{
    const struct MHD_Daemon *daemon = connection->daemon;
    return daemon->unescape ? daemon->unescape(daemon->unescape_cls, connection, text) : MHD_http_unescape(text);
}

/* ---- the query ---- */

static size_t unescape_argument(struct MHD_Connection *connection, char *text)
{
    for (char *at = text; *at; at++) {
        *at = *at == '+' ? ' ' : *at;
    }
    return unescape(connection, text);
}

/* "a=b", "a" (no value), "=b" and "" (no name): all are arguments. */
static int add_argument(struct MHD_Connection *connection, char *argument)
{
    char *equals = strchr(argument, '=');
    if (!equals) {
        size_t size = unescape_argument(connection, argument);
        return rig_mhd_add_value(connection, MHD_GET_ARGUMENT_KIND, (struct rig_slice){argument, size}, slice(NULL));
    }
    *equals = '\0';
    size_t key_size = unescape_argument(connection, argument);
    size_t size = unescape_argument(connection, equals + 1);
    return rig_mhd_add_value(connection, MHD_GET_ARGUMENT_KIND, (struct rig_slice){argument, key_size},
                             (struct rig_slice){equals + 1, size});
}

static int read_query(struct MHD_Connection *connection, const char *query)
{
    char *at = copy(connection, query, strlen(query));
    int error = at ? 0 : -ENOMEM;
    while (!error && at && *at) {
        char *end = strchr(at, '&');
        if (end) {
            *end = '\0';
        }
        error = add_argument(connection, at);
        at = end ? end + 1 : NULL;
    }
    return error;
}

/* ---- cookies ---- */

static const char *skip(const char *at, const char *bytes)
{
    return at + strspn(at, bytes);
}

/* name=value, divided by ; or ,; quotes around a value are dropped. Of several Cookie fields the first alone is read. */
static int read_cookies(struct MHD_Connection *connection)
{
    const char *text = rig_mhd_header(connection, "Cookie"), *at = text ? skip(text, " ") : "";
    int error = 0;
    while (*at && !error) {
        at = skip(at, " ;,");
        size_t name_size = strcspn(at, "=,;");
        const char *name = at, *end = at + name_size;
        while (name_size > 0 && name[name_size - 1] == ' ') {
            name_size--;
        }
        if (*end != '=') {
            error = *name
                        ? rig_mhd_add_value(connection, MHD_COOKIE_KIND, (struct rig_slice){name, name_size}, slice(""))
                        : 0;
            at = *end ? end + 1 : end;
            continue;
        }
        const char *value = end + 1;
        bool quoted = *value == '"';
        size_t size = strcspn(value + quoted, quoted ? "\"" : ",;");
        error = rig_mhd_add_value(connection, MHD_COOKIE_KIND, (struct rig_slice){name, name_size},
                                  (struct rig_slice){value + quoted, size});
        at = value + quoted + size;
        at += quoted && *at == '"' ? strcspn(at + 1, ",;") + 1 : 0;
    }
    return error;
}

/* ---- the rest ---- */

static int add_field(void *closure, const char *name, const char *value, size_t size)
{
    struct MHD_Connection *connection = closure;
    connection->header_size += strlen(name) + size + 4;
    return rig_mhd_add_value(connection, MHD_HEADER_KIND, slice(name), (struct rig_slice){value, size});
}

static bool has_token(const char *list, const char *token)
{
    size_t size = strlen(token);
    while (list && *list) {
        list = skip(list, " \t,");
        size_t length = strcspn(list, ", \t");
        if (length == size && strncasecmp(list, token, size) == 0) {
            return true;
        }
        list += length;
    }
    return false;
}

static void read_connection(struct MHD_Connection *connection)
{
    const char *asked = rig_mhd_header(connection, "Connection");
    connection->http_10 = strcmp(connection->version, "HTTP/1.0") == 0;
    connection->keep_alive = has_token(asked, "keep-alive");
    connection->close_asked = has_token(asked, "close") || (connection->http_10 && !connection->keep_alive);
    const char *length = rig_mhd_header(connection, "Content-Length");
    connection->announced = length ? strtoull(length, NULL, 10) : 0;
    connection->has_body =
        (length && strspn(length, "0") != strlen(length)) || rig_mhd_header(connection, "Transfer-Encoding");
}

static int read_line(struct MHD_Connection *connection)
{
    const char *uri = variable(connection, "REQUEST_URI");
    size_t path_size = strcspn(uri, "?");
    char *path = copy(connection, uri, path_size);
    connection->method = variable(connection, "REQUEST_METHOD");
    connection->version = variable(connection, "SERVER_PROTOCOL");
    connection->header_size = strlen(connection->method) + strlen(uri) + strlen(connection->version) + 6;
    if (!path) {
        return -ENOMEM;
    }
    const struct MHD_Daemon *daemon = connection->daemon;
    if (daemon->uri_log) {
        connection->called = true; /* what it made is given to notify-completed, as by the real one (client_aware) */
        connection->req_cls = daemon->uri_log(daemon->uri_log_cls, uri, connection);
    }
    int error = read_query(connection, uri[path_size] == '?' ? uri + path_size + 1 : "");
    (void)unescape(connection, path);
    connection->url = path;
    return error;
}

static void read_address(struct MHD_Connection *connection)
{
    connection->address.sin_family = AF_INET;
    connection->address.sin_port = htons(49152);
    (void)inet_pton(AF_INET, variable(connection, "REMOTE_ADDR"), &connection->address.sin_addr);
}

int rig_mhd_read_request(struct MHD_Connection *connection)
{
    read_address(connection);
    int error = read_line(connection);
    error = error ? error : rig_foreign_fields(connection->env, add_field, connection);
    if (error == 0) {
        read_connection(connection);
    }
    return error ? error : read_cookies(connection);
}
