/* Configurations: as little as a server needs to run in a folder of its own, and its defaults for everything else. */
#define _DEFAULT_SOURCE
#include "tests/real/config.h"

#include <string.h>
#include <unistd.h>

#define APACHE_MODULES "/usr/lib/apache2/modules"

static bool has_option(const struct rig_real_route *route, const char *word)
{
    size_t size = strlen(word);
    for (const char *at = route->options; at && (at = strstr(at, word)) != NULL; at += size) {
        bool begins = at == route->options || at[-1] == ' ';
        if (begins && (at[size] == ' ' || at[size] == '\0')) {
            return true;
        }
    }
    return false;
}

/* The path of a unix socket; NULL: the backend is a port. */
static const char *socket_path(const struct rig_real_route *route)
{
    return strncmp(route->backend, "unix:", 5) == 0 ? route->backend + 5 : NULL;
}

static const char *or_none(const char *lines)
{
    return lines ? lines : "";
}

static size_t route_count(const struct rig_real_server *it)
{
    size_t count = 0;
    while (count < RIG_REAL_ROUTES_MAX && it->routes[count].protocol) {
        count++;
    }
    return count;
}

/* ---- nginx ---- */

static void nginx_route(FILE *file, const struct rig_real_route *route, size_t i, int port)
{
    bool http = strcmp(route->protocol, "http") == 0, fastcgi = strcmp(route->protocol, "fastcgi") == 0;
    const char *prefix = http ? "proxy" : route->protocol;
    bool keepalive = has_option(route, "keepalive");
    (void)fprintf(file, "  upstream b%zu { server %s; %s }\n", i, route->backend, keepalive ? "keepalive 8;" : "");
    (void)fprintf(file, "  server {\n    listen 127.0.0.1:%d;\n    location / {\n", port);
    (void)fprintf(file, "      %s_pass %sb%zu;\n", prefix, http ? "http://" : "", i);
    if (http && keepalive) {
        (void)fprintf(file, "      proxy_http_version 1.1;\n      proxy_set_header Connection \"\";\n");
    } else if (fastcgi && keepalive) {
        (void)fprintf(file, "      fastcgi_keep_conn on;\n");
    }
    if (has_option(route, "stream")) {
        (void)fprintf(file, "      %s_request_buffering off;\n", prefix);
        (void)fprintf(file, "%s", http && !keepalive ? "      proxy_http_version 1.1;\n" : "");
    }
    if (!http) {
        (void)fprintf(file, "      include /etc/nginx/%s_params;\n", prefix);
    }
    (void)fprintf(file, "      %s\n    }\n  }\n", or_none(route->extra));
}

static void nginx(FILE *file, const struct rig_real_server *it)
{
    static const char *const temps[] = {"client_body", "proxy", "fastcgi", "scgi", "uwsgi"};
    (void)fprintf(file,
                  "daemon off;\nmaster_process off;\npid %s/pid;\nerror_log %s/error.log %s;\n"
                  "events { worker_connections 256; }\nhttp {\n  access_log off;\n  client_max_body_size 0;\n",
                  it->folder, it->folder, it->log_level ? it->log_level : "warn");
    for (size_t i = 0; i < sizeof temps / sizeof *temps; i++) {
        (void)fprintf(file, "  %s_temp_path %s/%s;\n", temps[i], it->folder, temps[i]);
    }
    (void)fprintf(file, "%s\n", or_none(it->extra));
    for (size_t i = 0; i < route_count(it); i++) {
        nginx_route(file, &it->routes[i], i, it->ports[i]);
    }
    (void)fprintf(file, "}\n");
}

/* ---- Apache httpd ---- */

static void apache_route(FILE *file, const struct rig_real_route *route, int port)
{
    bool fastcgi = strcmp(route->protocol, "fastcgi") == 0;
    const char *scheme = fastcgi ? "fcgi" : route->protocol, *path = socket_path(route);
    (void)fprintf(file, "<VirtualHost 127.0.0.1:%d>\n  ProxyPass \"/\" \"%s%s%s%s://%s/\"%s\n  %s\n</VirtualHost>\n",
                  port, path ? "unix:" : "", path ? path : "", path ? "|" : "", scheme,
                  path ? "localhost" : route->backend,
                  fastcgi && has_option(route, "keepalive") ? " enablereuse=on" : "", or_none(route->extra));
}

/* One child that never ends of itself: one pool of connections to each backend. */
static void apache(FILE *file, const struct rig_real_server *it)
{
    static const char *const modules[] = {"mpm_event",  "authz_core", "proxy",   "proxy_http",
                                          "proxy_fcgi", "proxy_scgi", "headers", "setenvif"};
    (void)fprintf(file, "ServerRoot %s\nServerName localhost\nPidFile %s/pid\nErrorLog %s/error.log\nLogLevel %s\n",
                  it->folder, it->folder, it->folder, it->log_level ? it->log_level : "info");
    (void)fprintf(file, "DefaultRuntimeDir %s\nMutex pthread\nDocumentRoot %s\n", it->folder, it->folder);
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
        (void)fprintf(file, "LoadModule %s_module %s/mod_%s.so\n", modules[i], APACHE_MODULES, modules[i]);
    }
    (void)fprintf(file, "StartServers 1\nServerLimit 1\nThreadsPerChild 8\nThreadLimit 8\nMaxRequestWorkers 8\n"
                        "MinSpareThreads 1\nMaxSpareThreads 8\nTimeout 20\n");
    if (geteuid() == 0) { /* it does not serve as root */
        (void)fprintf(file, "User nobody\nGroup nogroup\n");
    }
    for (size_t i = 0; i < route_count(it); i++) {
        (void)fprintf(file, "Listen 127.0.0.1:%d\n", it->ports[i]);
    }
    (void)fprintf(file, "%s\n", or_none(it->extra));
    for (size_t i = 0; i < route_count(it); i++) {
        apache_route(file, &it->routes[i], it->ports[i]);
    }
}

/* ---- HAProxy ---- */

static void haproxy(FILE *file, const struct rig_real_server *it)
{
    (void)fprintf(file,
                  "global\n  log stdout format raw local0\n  maxconn 200\n%s\ndefaults\n  mode http\n  log global\n  "
                  "option dontlognull\n"
                  "  timeout connect 5s\n  timeout client 20s\n  timeout server 20s\n"
                  "  log-format \"status=%%ST termination=%%ts bytes_up=%%U\"\n",
                  or_none(it->extra));
    for (size_t i = 0; i < route_count(it); i++) {
        const struct rig_real_route *route = &it->routes[i];
        const char *path = socket_path(route);
        (void)fprintf(file, "listen r%zu\n  bind 127.0.0.1:%d\n%s  server b%zu %s%s\n  %s\n", i, it->ports[i],
                      has_option(route, "bufreq") ? "  option http-buffer-request\n" : "", i, path ? "unix@" : "",
                      path ? path : route->backend, or_none(route->extra));
    }
}

/* ---- lighttpd ---- */

static void lighttpd_backend(FILE *file, const struct rig_real_route *route)
{
    const char *path = socket_path(route), *colon = strrchr(route->backend, ':');
    if (path) {
        (void)fprintf(file, "\"socket\" => \"%s\"", path);
    } else {
        (void)fprintf(file, "\"host\" => \"%.*s\", \"port\" => %s", (int)(colon - route->backend), route->backend,
                      colon + 1);
    }
}

static void lighttpd_route(FILE *file, const struct rig_real_route *route, int port)
{
    bool http = strcmp(route->protocol, "http") == 0;
    (void)fprintf(file, "$SERVER[\"socket\"] == \"127.0.0.1:%d\" {\n%s", port,
                  has_option(route, "stream") ? "  server.stream-request-body = 2\n" : "");
    (void)fprintf(file, "  %s.server = (\"%s\" => ((", http ? "proxy" : route->protocol, http ? "" : "/");
    lighttpd_backend(file, route);
    (void)fprintf(file, "%s)))\n  %s\n}\n", http ? "" : ", \"check-local\" => \"disable\"", or_none(route->extra));
}

static void lighttpd(FILE *file, const struct rig_real_server *it)
{
    (void)fprintf(file,
                  "server.modules = (\"mod_proxy\", \"mod_fastcgi\", \"mod_scgi\")\nserver.document-root = \"%s\"\n"
                  "server.errorlog = \"%s/error.log\"\nserver.upload-dirs = (\"%s\")\nserver.pid-file = \"%s/pid\"\n"
                  "server.bind = \"127.0.0.1\"\nserver.port = %d\n%s\n",
                  it->folder, it->folder, it->folder, it->folder, it->ports[0], or_none(it->extra));
    for (size_t i = 0; i < route_count(it); i++) {
        lighttpd_route(file, &it->routes[i], it->ports[i]);
    }
}

/* ---- the table ---- */

static const struct rig_real_kind kinds[] = {
    {"nginx", "nginx", nginx, {"-p", "@", "-e", "@/error.log", "-c", "@/config"}, "error.log"},
    {"apache", "apache2", apache, {"-DFOREGROUND", "-d", "@", "-f", "@/config"}, "error.log"},
    {"haproxy", "haproxy", haproxy, {"-db", "-f", "@/config"}, "output"},
    {"lighttpd", "lighttpd", lighttpd, {"-D", "-f", "@/config"}, "error.log"},
};

const struct rig_real_kind *rig_real_kind(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}
