/* The table of server profiles: a new one is a row here, and its parts rows of fronts.c, transports.c and engines.c. */
#include "mocks/servers/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* As rig_server_compose makes them; at_once: the first read takes all; whole: the front waits for the whole body, and
 * then knows its length. */
#define READY(name_, title_, front_, transport_, engine_, at_once, whole)                                      \
    {                                                                                                          \
        .name = name_, .title = title_, .rewindable = at_once, .buffers_all = at_once, .reads_first = (whole), \
        RIG_COMPOSED(front_, transport_, engine_)                                                              \
    }

static const struct rig_server ready[] = {
    READY("nginx+plain", "nginx before a server that reads as the app asks and closes", NGINX, TCP, PLAIN, false, true),
    READY("nginx:unix+plain", "the same over a unix socket", NGINX, UNIX, PLAIN, false, true),
    READY("nginx:stream+plain", "the same with proxy_request_buffering off", NGINX_STREAM, TCP, PLAIN, false, false),
    {.name = "nginx+kept",
     .title = "nginx with keepalive to a server that leaves an unread body on the connection",
     .keeps_alive = true,
     .reads_first = true,
     RIG_COMPOSED(NGINX, TCP, KEPT)},
    READY("nginx+unicorn", "nginx before Unicorn", NGINX, TCP, UNICORN, true, true),
    READY("nginx+puma", "nginx before Puma", NGINX, TCP, PUMA, true, true),
    READY("nginx+microhttpd", "nginx before libmicrohttpd", NGINX, TCP, MICROHTTPD, false, true),
    READY("nginx:uwsgi+uwsgi", "nginx before uWSGI", NGINX_UWSGI, UNIX, UWSGI, false, true),
    {.name = "nginx:fastcgi+libfcgi",
     .title = "nginx before a libfcgi program",
     .reads_first = true,
     .no_upgrade = true,
     RIG_COMPOSED(NGINX_FASTCGI, UNIX, LIBFCGI)},
    {.name = "fastcgi",
     .title = "nginx before a FastCGI program that closes as soon as it has answered, without libfcgi's lingering",
     .reads_first = true,
     .no_upgrade = true,
     RIG_COMPOSED(NGINX_FASTCGI, UNIX, PLAIN)},
    READY("haproxy+plain", "HAProxy before a server that reads as the app asks and closes", HAPROXY, TCP, PLAIN, false,
          false),
    READY("apache+plain", "Apache's mod_proxy_http before the same", APACHE, TCP, PLAIN, false, false),
    READY("lighttpd+plain", "lighttpd before the same", LIGHTTPD, TCP, PLAIN, false, true),
    READY("apache:passenger+passenger6", "Apache with Passenger 6", APACHE_PASSENGER, UNIX, PASSENGER6, true, true),
    READY("direct+microhttpd", "libmicrohttpd, no gateway", DIRECT, TCP, MICROHTTPD, false, false),
    READY("direct+civetweb", "CivetWeb, no gateway", DIRECT, TCP, CIVETWEB, false, false),
};

static const struct rig_server *const table[] = {
    &rig_server_http1, /* the first is the default */
    &rig_server_memory, &rig_server_passenger3,
    &ready[0],          &ready[1],
    &ready[2],          &ready[3],
    &ready[4],          &ready[5],
    &ready[6],          &ready[7],
    &ready[8],          &ready[9],
    &ready[10],         &ready[11],
    &ready[12],         &ready[13],
    &ready[14],         &ready[15],
};

const struct rig_server *const *rig_servers(size_t *count)
{
    if (count) {
        *count = sizeof table / sizeof *table;
    }
    return table;
}

const struct rig_server *rig_server_find(const char *name)
{
    for (size_t i = 0; name && i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i]->name, name) == 0) {
            return table[i];
        }
    }
    return NULL;
}

void rig_delivery_says(struct rig_delivery *delivery, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(delivery->consequence, sizeof delivery->consequence, format, arguments);
    va_end(arguments);
    delivery->follows = delivery->consequence;
}
