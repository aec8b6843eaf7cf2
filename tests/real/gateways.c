/* make gateways: sends every probe of tests/conformance/gateways/probes.txt to real gateways and compares what came
 * through with what is written there. -w: writes it. */
#define _GNU_SOURCE
#include "tests/real/recorder.h"
#include "tests/real/servers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECONDS_MAX 170
#define QUIET_MS 250   /* behind an answer: no more will come */
#define SILENT_MS 1500 /* without one: it waits for more of the request */

/* In each of them the backend gets the client's Host. */
static struct front {
    const char *file, *server, *title, *version; /* version: the command that tells it */
    struct rig_real_route route;
    struct rig_real_server process;
    struct recorder recorder;
    int socket;
    bool skipped; /* not installed */
    bool closed, done;
    int64_t last; /* when something came, ms */
    struct text answers;
    struct text block; /* what became of the probe */
    struct text out;   /* of all of them */
    struct probes recorded;
} fronts[] = {
    {.file = "nginx",
     .server = "nginx",
     .title = "nginx, proxy_pass, HTTP/1.1 to the backend, proxy_set_header Host $http_host",
     .version = "nginx -v 2>&1",
     .route = {.protocol = "http", .options = "keepalive", .extra = "proxy_set_header Host $http_host;"}},
    {.file = "nginx-fastcgi",
     .server = "nginx",
     .title = "nginx, fastcgi_pass with Debian's fastcgi_params",
     .version = "nginx -v 2>&1",
     .route = {.protocol = "fastcgi"}},
    {.file = "apache",
     .server = "apache",
     .title = "Apache httpd, mod_proxy_http, ProxyPreserveHost On",
     .version = "apache2 -v | head -1",
     .route = {.protocol = "http", .extra = "ProxyPreserveHost On"}},
    {.file = "apache-fastcgi",
     .server = "apache",
     .title = "Apache httpd, mod_proxy_fcgi",
     .version = "apache2 -v | head -1",
     .route = {.protocol = "fastcgi"}},
    {.file = "haproxy",
     .server = "haproxy",
     .title = "HAProxy, mode http",
     .version = "haproxy -v | head -1",
     .route = {.protocol = "http"}},
    {.file = "lighttpd",
     .server = "lighttpd",
     .title = "lighttpd, mod_proxy",
     .version = "lighttpd -v | head -1",
     .route = {.protocol = "http"}},
    {.file = "lighttpd-fastcgi",
     .server = "lighttpd",
     .title = "lighttpd, mod_fastcgi",
     .version = "lighttpd -v | head -1",
     .route = {.protocol = "fastcgi"}},
};
#define FRONTS (sizeof fronts / sizeof *fronts)

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- one probe ---- */

static int send_all(struct front *front, const char *bytes, size_t size)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)front->process.ports[0])};
    front->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (front->socket < 0 || connect(front->socket, (struct sockaddr *)&address, sizeof address) != 0) {
        return -errno;
    }
    for (size_t at = 0; at < size;) {
        ssize_t sent = send(front->socket, bytes + at, size - at, MSG_NOSIGNAL);
        if (sent < 0) {
            break; /* refused before it was whole: its answer tells */
        }
        at += (size_t)sent;
    }
    return 0;
}

static void begin(struct front *front, const struct probe *probe)
{
    recorder_reset(&front->recorder);
    text_free(&front->answers);
    text_free(&front->block);
    front->done = front->closed = false;
    int error = send_all(front, probe->wire.data, probe->wire.size);
    if (error != 0) {
        fprintf(stderr, "%s: %s: %s\n", front->file, probe->name, strerror(-error));
    }
    front->last = now_ms();
}

static void turn(struct front *front)
{
    size_t before = front->answers.size, arrived = front->recorder.arrived.size;
    char piece[16384];
    recorder_turn(&front->recorder, front->socket, 1);
    ssize_t got = recv(front->socket, piece, sizeof piece, MSG_DONTWAIT);
    if (got > 0) {
        text_add(&front->answers, piece, (size_t)got);
    }
    front->closed = got == 0 || (got < 0 && errno != EAGAIN);
    if (front->answers.size != before || front->recorder.arrived.size != arrived) {
        front->last = now_ms();
    }
    int64_t quiet = now_ms() - front->last;
    front->done = front->closed || quiet > (front->answers.size > 0 ? QUIET_MS : SILENT_MS);
}

/* The statuses of the answers that the gateway gave itself: all but those of the backend, which come first. */
static void add_own(struct front *front)
{
    size_t answers = 0;
    const char *at = front->answers.data;
    while (at && (at = memmem(at, front->answers.size - (size_t)(at - front->answers.data), "HTTP/1.", 7)) != NULL) {
        int status = atoi(at + 8);
        answers += status >= 200;
        if (status >= 200 && (answers > front->recorder.count || (status != 200 && status != 206))) {
            char line[32];
            snprintf(line, sizeof line, "! %d\n", status);
            text_puts(&front->block, line);
        }
        at += 7;
    }
}

static void end(struct front *front, const struct probe *probe)
{
    recorder_end(&front->recorder);
    close(front->socket);
    text_puts(&front->block, front->recorder.arrived.data ? front->recorder.arrived.data : "");
    add_own(front);
    if (front->block.size == 0) {
        text_puts(&front->block, front->answers.size > 0 ? "! an answer without a head\n"
                                 : front->closed         ? "! closes\n"
                                                         : "! waits\n");
    }
    text_puts(&front->out, "\n= ");
    text_puts(&front->out, probe->name);
    text_puts(&front->out, "\n");
    text_puts(&front->out, front->block.data);
}

static void run_probe(const struct probe *probe)
{
    for (size_t i = 0; i < FRONTS; i++) {
        if (!fronts[i].skipped) {
            begin(&fronts[i], probe);
        }
    }
    for (bool any = true; any;) {
        any = false;
        for (size_t i = 0; i < FRONTS; i++) {
            if (!fronts[i].skipped && !fronts[i].done) {
                turn(&fronts[i]);
                any = true;
            }
        }
    }
    for (size_t i = 0; i < FRONTS; i++) {
        if (!fronts[i].skipped) {
            end(&fronts[i], probe);
        }
    }
}

/* ---- all of them ---- */

static int start(struct front *front)
{
    static char backends[FRONTS][32];
    char *backend = backends[front - fronts], version[128] = "";
    int error = recorder_open(&front->recorder, strcmp(front->route.protocol, "fastcgi") == 0);
    snprintf(backend, sizeof backends[0], "127.0.0.1:%d", front->recorder.port);
    front->route.backend = backend;
    front->process = (struct rig_real_server){.name = front->server, .routes = {front->route}};
    error = error ? error : rig_real_start(&front->process);
    if (error != 0) {
        fprintf(stderr, "%s: %s: %s\n", front->file, strerror(-error), front->process.error);
        return error;
    }
    FILE *told = popen(front->version, "r");
    if (told) {
        if (fgets(version, sizeof version, told)) {
            version[strcspn(version, "\n")] = '\0';
        }
        pclose(told);
    }
    text_puts(&front->out, "# What came through ");
    text_puts(&front->out, front->title);
    text_puts(&front->out, ". Written by `make gateways GATEWAYS_ARGS=-w`.\n# ");
    text_puts(&front->out, version);
    text_puts(&front->out, "\n");
    return 0;
}

static int write_out(const char *folder, const struct front *front)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s.txt", folder, front->file);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(front->out.data, 1, front->out.size, file) != front->out.size || fclose(file) != 0) {
        perror(path);
        return -1;
    }
    return 0;
}

/* How many differ from what is recorded. */
static size_t compare(const char *folder, struct front *front, size_t *same)
{
    char path[512];
    size_t differ = 0;
    struct probes now = {0};
    snprintf(path, sizeof path, "%s/%s.txt", folder, front->file);
    if (probes_read(path, &front->recorded) != 0) {
        return 1;
    }
    probes_parse(front->out.data, &now);
    if (strcmp(now.head, front->recorded.head) != 0) {
        printf("%s: another version or configuration than was recorded:\n%s%s", front->file, front->recorded.head,
               now.head);
    }
    for (size_t i = 0; i < now.count; i++) {
        const struct probe *was = probes_find(&front->recorded, now.items[i].name);
        if (was && strcmp(was->block.data, now.items[i].block.data) == 0) {
            ++*same;
            continue;
        }
        differ++;
        printf("FAILED %s: %s: recorded:\n%snow:\n%s", front->file, now.items[i].name,
               was ? was->block.data : "nothing\n", now.items[i].block.data);
    }
    probes_free(&now);
    return differ;
}

/* Starts them, 0: at least one. */
static int start_all(size_t *skipped)
{
    for (size_t i = 0; i < FRONTS; i++) {
        fronts[i].skipped = !rig_real_installed(fronts[i].server);
        if (fronts[i].skipped) {
            printf("skipped %s: %s is not installed\n", fronts[i].file, fronts[i].server);
            ++*skipped;
        } else if (start(&fronts[i]) != 0) {
            return -1;
        }
    }
    return 0;
}

static int report(const char *folder, bool write, size_t *passed, size_t *failed)
{
    int error = 0;
    for (size_t i = 0; i < FRONTS && !error; i++) {
        if (!fronts[i].skipped && write) {
            error = write_out(folder, &fronts[i]);
        } else if (!fronts[i].skipped) {
            *failed += compare(folder, &fronts[i], passed);
        }
    }
    return error;
}

static void stop_all(void)
{
    for (size_t i = 0; i < FRONTS; i++) {
        struct front *front = &fronts[i];
        if (!front->skipped) {
            rig_real_stop(&front->process);
            recorder_close(&front->recorder);
        }
        text_free(&front->answers);
        text_free(&front->block);
        text_free(&front->out);
        probes_free(&front->recorded);
    }
}

int main(int argc, char **argv)
{
    bool write = argc > 2 && strcmp(argv[2], "-w") == 0;
    const char *folder = argc > 1 ? argv[1] : "tests/conformance/gateways";
    char path[512];
    struct probes probes = {0};
    size_t passed = 0, failed = 0, skipped = 0;
    int error = rig_real_begin(SECONDS_MAX, false);
    snprintf(path, sizeof path, "%s/probes.txt", folder);
    error = error ? error : probes_read(path, &probes);
    error = error ? error : start_all(&skipped);
    for (size_t i = 0; i < probes.count && !error; i++) {
        run_probe(&probes.items[i]);
    }
    error = error ? error : report(folder, write, &passed, &failed);
    stop_all();
    rig_real_end();
    printf("%zu passed, %zu failed, %zu skipped\n", passed, failed, skipped * probes.count);
    probes_free(&probes);
    return error || failed ? 1 : 0;
}
