/* A program for libmicrohttpd as people write them, with a main() for each way to wait: microhttpd_program WAY. */
#define _GNU_SOURCE

#include <microhttpd.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct MHD_Daemon *server;
static const char *late; /* set once the daemon is there */
static unsigned requests;

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *text)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result queued = MHD_queue_response(connection, status, response); /* answers */
    MHD_destroy_response(response);
    return queued;
}

static void *volatile newest;

static enum MHD_Result serve(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                             const char *version, const char *data, size_t *size, void **req_cls)
{
    static int seen;
    char text[64];
    (void)cls, (void)method, (void)version, (void)data;
    if (!*req_cls) {
        *req_cls = &seen;
        return strcmp(url, "/early") == 0 ? answer(connection, 401, "no") : MHD_YES;
    }
    if (*size > 0) {
        *size = 0;
        return MHD_YES;
    }
    requests++;
    if (strcmp(url, "/crash") == 0) {
        printf("about to crash\n");
        abort();
    }
    if (strcmp(url, "/hang") == 0) {
        (void)pause();
    }
    if (strcmp(url, "/exit") == 0) {
        exit(7);
    }
    if (strcmp(url, "/silent") == 0) {
        return MHD_NO;
    }
    if (strcmp(url, "/forgets") == 0) {
        return MHD_YES;
    }
    if (strcmp(url, "/count") == 0) {
        (void)snprintf(text, sizeof text, "%u", requests);
        return answer(connection, requests == 1 ? 200 : 500, text);
    }
    if (strcmp(url, "/time") == 0) {
        return answer(connection, time(NULL) == 1750000000 ? 200 : 500, "time");
    }
    if (strcmp(url, "/memory") == 0) {
        char *volatile memory = malloc(100);
        memory[0] = 'a'; /* unchecked */
        free(memory);
    }
    if (strcmp(url, "/leak") == 0) {
        newest = malloc(100); /* freed by nobody */
    }
    if (strcmp(url, "/socket") == 0) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        (void)close(fd);
    }
    return answer(connection, late ? 200 : 500, late ? late : "too early");
}

static struct MHD_Daemon *start(unsigned flags, unsigned short port)
{
    return MHD_start_daemon(flags, port, NULL, NULL, serve, NULL, MHD_OPTION_END); /* starts */
}

static void wait_in_select(void)
{
    for (;;) {
        fd_set reading, writing, failing;
        int highest = -1;
        FD_ZERO(&reading);
        FD_ZERO(&writing);
        FD_ZERO(&failing);
        if (MHD_get_fdset(server, &reading, &writing, &failing, &highest) != MHD_YES ||
            (select(highest + 1, &reading, &writing, &failing, NULL) < 0 && errno != EINTR)) {
            exit(1);
        }
        (void)MHD_run_from_select(server, &reading, &writing, &failing);
    }
}

static void wait_in_epoll(void)
{
    int own = epoll_create1(0);
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(server, MHD_DAEMON_INFO_EPOLL_FD);
    struct epoll_event event = {.events = EPOLLIN};
    if (epoll_ctl(own, EPOLL_CTL_ADD, info->epoll_fd, &event) != 0) {
        exit(1);
    }
    for (;;) {
        (void)epoll_wait(own, &event, 1, -1);
        (void)MHD_run(server);
    }
}

/* Nothing ever comes. */
static void receive(bool for_a_while)
{
    const struct timeval timeout = {.tv_sec = 1000};
    int ends[2];
    char byte;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0) {
        if (for_a_while) {
            (void)setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
        }
        (void)recv(ends[0], &byte, 1, 0);
    }
}

static int run(const char *way)
{
    bool loops = strncmp(way, "loop", 4) == 0;
    if (strcmp(way, "exits") == 0) {
        printf("usage: microhttpd_program \033[1mWAY\n");
        return 3;
    }
    if (strcmp(way, "crashes") == 0) {
        abort();
    }
    if (strcmp(way, "never") == 0) {
        (void)pause();
    }
    server = start(loops ? (strcmp(way, "loop epoll") == 0 ? MHD_USE_EPOLL : 0) : MHD_USE_AUTO_INTERNAL_THREAD, 8080);
    if (!server) {
        return 1;
    }
    if (strcmp(way, "two") == 0) {
        (void)start(MHD_USE_AUTO_INTERNAL_THREAD, 8081);
    }
    for (volatile unsigned busy = 0; busy < 10000000; busy++) { /* sets up the rest */
    }
    late = "hello";
    if (strcmp(way, "sleeps") == 0) {
        (void)sleep(1000);
    } else if (strcmp(way, "pauses") == 0) {
        (void)pause();
    } else if (strcmp(way, "receives") == 0 || strcmp(way, "receives for a while") == 0) {
        receive(strcmp(way, "receives") != 0);
    } else if (strcmp(way, "stops") == 0) {
        MHD_stop_daemon(server);
        (void)getchar();
        return 0;
    } else if (strcmp(way, "loop") == 0) {
        wait_in_select();
    } else if (strcmp(way, "loop epoll") == 0) {
        wait_in_epoll();
    } else if (strcmp(way, "loop wait") == 0) {
        while (MHD_run_wait(server, 50) == MHD_YES) {
        }
    } else {
        (void)getchar();
    }
    MHD_stop_daemon(server);
    return 0;
}

int main(int argc, char **argv)
{
    int status = run(argc > 1 ? argv[1] : "reads");
    if (argc > 2) {
        abort(); /* at the end */
    }
    return status;
}
