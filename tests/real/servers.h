/* Real servers for tests: Debian's nginx, Apache httpd, HAProxy and lighttpd, each as one process (group) of its own, in
 * the foreground, in a folder below one temporary folder, on free ports of 127.0.0.1, ended by its id. As root or not.
 *
 *     rig_real_begin(seconds, keep);
 *     struct rig_real_server server = {.name = "nginx", .routes = {{.protocol = "http", .backend = "127.0.0.1:9000"}}};
 *     if (rig_real_start(&server) == 0) { ... connect to server.ports[0], read server.log ... }
 *     rig_real_stop(&server);
 *     rig_real_end();
 *
 * Results: 0, or a negative errno. */
#ifndef STACKRIG_TESTS_REAL_SERVERS_H
#define STACKRIG_TESTS_REAL_SERVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define RIG_REAL_ROUTES_MAX 12
#define RIG_REAL_PATH 256 /* also what a unix socket's path may need, with room to spare */

/* One port of the server's, and the backend that all its requests go to. */
struct rig_real_route {
    const char *protocol; /* to the backend: "http", "fastcgi", "scgi"; NULL: no route. HAProxy has "http" only */
    const char *backend;  /* "127.0.0.1:PORT" or "unix:/PATH" */
    /* Words, a blank between them; the server's default without:
     * "stream"     nginx, lighttpd: the body is passed on as it comes
     * "bufreq"     HAProxy: option http-buffer-request
     * "keepalive"  nginx: connections to the backend are kept for other requests (the others do so anyway where they
     *              can; FastCGI: keep_conn) */
    const char *options;
    const char *extra; /* further lines where this route is configured, in the server's own language; NULL: none */
};

struct rig_real_server {
    const char *name;                                  /* "nginx", "apache", "haproxy", "lighttpd" */
    struct rig_real_route routes[RIG_REAL_ROUTES_MAX]; /* up to the first without a protocol */
    const char *extra;                                 /* further lines for the whole server; NULL: none */
    const char *log_level;                             /* in its own words; NULL: warn, Apache: info */
    /* set by rig_real_start */
    int ports[RIG_REAL_ROUTES_MAX]; /* of 127.0.0.1, one for each route */
    pid_t pid;                      /* 0: not running */
    char folder[RIG_REAL_PATH];     /* its own: configuration, logs, what it wrote to stdout and stderr ("output") */
    char log[RIG_REAL_PATH];        /* its errors; HAProxy: a line for each request */
    char error[512];                /* why it did not start */
};

/* Makes the temporary folder and sees to it that nothing is left over: on SIGINT, SIGTERM, SIGHUP, or when `seconds` have
 * passed (0: no limit), all servers are ended, the folder is removed, and the program exits with 128 + the signal's
 * number (SIGALRM for the time). Call it before the first thread is made. keep: the folder stays, always. */
int rig_real_begin(unsigned seconds, bool keep);
/* Ends what still runs and removes the folder. */
void rig_real_end(void);
const char *rig_real_folder(void); /* the temporary folder, which any user may enter: sockets of backends go there */

bool rig_real_installed(const char *name);
/* Waits until it takes connections on each port. -ENOENT: not installed or no such name; others: server->error tells.
 * The server ends with the thread that started it, should that die without stopping it. */
int rig_real_start(struct rig_real_server *server);
void rig_real_stop(struct rig_real_server *server); /* one that does not run: nothing */

/* rig_real_begin, and nginx before the FastCGI program that will listen at `socket` in the temporary folder: backend is its
 * "unix:/PATH". 0; else it has said why and ended all, and the test's exit status is: 77, nginx is not installed, or 1. */
int rig_real_begin_fastcgi(struct rig_real_server *server, const char *socket, char backend[RIG_REAL_PATH + 8]);

/* A free port of 127.0.0.1 outside the range that connections take theirs from; negative errno. */
int rig_real_free_port(void);

#endif
