/* Each request through the rig, and through a real nginx to the program with the real library: status, fields and body
 * must be the same. Differences that are known are in the table, with their reason. */
#define _GNU_SOURCE

#include "tests/conformance/fastcgi/program.h"
#include "tests/real/servers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stackrig/fcgi.h>
#include <stackrig/servers.h>
#include <stackrig/stackrig.h>

#define ANSWER_MAX ((size_t)1 << 20)

struct answer {
    int status;
    char type[64], location[64], custom[64];
    char *body;
    size_t size;
};

struct row {
    const char *target;
    size_t body; /* bytes; 0: a GET */
    const char *fields;
    const char *differs; /* why it does; NULL: it must not */
};

static const struct row rows[] = {
    {"/echo", 0, NULL, NULL},
    {"/echo", 1, NULL, NULL},
    {"/echo", 776, NULL, NULL},
    {"/echo", 8184, NULL, NULL},
    {"/echo", 8185, NULL, NULL},
    {"/echo", 32768, NULL, NULL},
    {"/echo", 65535, NULL, NULL},
    {"/echo", 65536, NULL, NULL},
    {"/echo", 100001, NULL, NULL},
    {"/lines", 0, NULL, NULL},
    {"/lines", 5, NULL, NULL},
    {"/lines", 200, NULL, NULL},
    {"/lines", 20000, NULL, NULL},
    {"/characters?0", 0, NULL, NULL},
    {"/characters?1", 0, NULL, NULL},
    {"/characters?1", 1, NULL, NULL},
    {"/characters?5", 3, NULL, NULL},
    {"/characters?5", 9, NULL, NULL},
    {"/characters?9000", 9001, NULL, NULL},
    {"/ends", 0, NULL, NULL},
    {"/ends", 10, NULL, NULL},
    {"/ends", 40000, NULL, NULL},
    {"/params", 0, NULL, NULL},
    {"/params?a=b&c=%20", 0, "X-A: one\r\nCookie: a=b\r\n", NULL},
    {"/params", 7, "X-A: \r\nContent-Type: text/x\r\n", NULL},
    {"/params", 0,
     "X-Long: 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
     "1234567890123456789012345678901234567890123456789\r\n",
     NULL},
    {"/params", 3, NULL, NULL},
    {"/params?", 3, "X-A: one\r\nX-A: two\r\n", NULL},
    {"/much?0", 0, NULL, NULL},
    {"/much?8191", 0, NULL, NULL},
    {"/much?70000", 0, NULL, NULL},
    {"/much?300000", 0, NULL, NULL},
    {"/flushes", 0, NULL, NULL},
    {"/flushes", 10, NULL, NULL},
    {"/closes", 0, NULL, NULL},
    {"/finishes", 0, NULL, NULL},
    {"/finishes", 9, NULL, NULL},
    {"/some", 0, NULL, NULL},
    {"/some", 9, NULL, NULL},
    {"/some", 0, NULL, NULL},
    {"/some", 20000, NULL, NULL},
    {"/some", 2, NULL, NULL},
    {"/logs", 0, NULL, NULL},
    {"/nothing", 0, NULL, NULL},
    {"/head?0", 3, NULL, NULL},
    {"/head?1", 3, NULL, NULL},
    {"/head?2", 3, NULL, NULL},
    {"/head?3", 3, NULL, NULL},
    {"/head?4", 3, NULL, NULL},
    {"/head?5", 3, NULL, NULL},
    {"/head?6", 3, NULL, NULL},
    {"/head?7", 3, NULL, NULL},
    {"/head?8", 3, NULL, NULL},
    {"/head?9", 3, NULL, NULL},
    {"/head?10", 3, NULL, NULL},
    {"/head?11", 3, NULL, NULL},
    {"/head?12", 3, NULL, NULL},
    {"/head?13", 3, NULL, "nginx passes any number on as a status, 2000 too; the rig takes those of HTTP"},
    {"/head?14", 3, NULL, NULL},
    {"/head?15", 3, NULL, NULL},
};

/* Lines of different lengths. */
static char *make_body(size_t size)
{
    char *body = malloc(size + 1);
    for (size_t i = 0; body && i < size; i++) {
        body[i] = (char)(i % 17 == 16 || i % 41 == 40 ? '\n' : 'a' + (int)(i % 26));
    }
    if (body) {
        body[size] = '\0';
    }
    return body;
}

static size_t make_request(const struct row *row, const char *body, char *text, size_t room)
{
    int size = snprintf(text, room, "%s %s HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n%s",
                        row->body ? "POST" : "GET", row->target, row->fields ? row->fields : "");
    if (row->body) {
        size += snprintf(text + size, room - (size_t)size, "Content-Length: %zu\r\n", row->body);
    }
    size += snprintf(text + size, room - (size_t)size, "\r\n");
    memcpy(text + size, body, row->body);
    return (size_t)size + row->body;
}

/* ---- the real one ---- */

static void keep(char *to, const char *field, size_t size)
{
    size_t used = strlen(to);
    (void)snprintf(to + used, 64 - used, "%s%.*s", used ? "|" : "", (int)size, field);
}

/* Reads "Name: value" lines; the body is the rest, joined if it is chunked. */
static void read_answer(char *text, size_t size, struct answer *answer)
{
    char *blank = strstr(text, "\r\n\r\n");
    bool chunked = false;
    if (size < 12 || !blank) {
        return;
    }
    answer->status = atoi(text + 9);
    for (char *line = strstr(text, "\r\n") + 2; line < blank; line = strstr(line, "\r\n") + 2) {
        size_t length = (size_t)(strstr(line, "\r\n") - line), value = strcspn(line, ":") + 2;
        chunked = chunked || strncasecmp(line, "Transfer-Encoding: chunked", 26) == 0;
        if (strncasecmp(line, "Content-Type:", 13) == 0) {
            keep(answer->type, line + value, length - value);
        } else if (strncasecmp(line, "Location:", 9) == 0) {
            keep(answer->location, line + value, length - value);
        } else if (strncasecmp(line, "X-A:", 4) == 0) {
            keep(answer->custom, line + value, length - value);
        }
    }
    char *at = blank + 4, *end = text + size, *to = at;
    answer->body = at;
    answer->size = chunked ? 0 : (size_t)(end - at);
    while (chunked && at < end) {
        char *data;
        size_t chunk = strtoul(at, &data, 16);
        data += 2;
        if (chunk == 0 || data + chunk > end) {
            break;
        }
        memmove(to, data, chunk);
        to += chunk;
        at = data + chunk + 2;
        answer->size = (size_t)(to - answer->body);
    }
}

static int ask_real(int port, const char *request, size_t size, char *text, struct answer *answer)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct timeval patience = {.tv_sec = 10};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    size_t got = 0;
    ssize_t piece = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        return -errno;
    }
    for (size_t sent = 0; sent < size && piece > 0; sent += piece > 0 ? (size_t)piece : 0) {
        piece = send(fd, request + sent, size - sent, MSG_NOSIGNAL);
    }
    while (got < ANSWER_MAX - 1 && (piece = recv(fd, text + got, ANSWER_MAX - 1 - got, 0)) > 0) {
        got += (size_t)piece;
    }
    text[got] = '\0';
    (void)close(fd);
    read_answer(text, got, answer);
    return 0;
}

/* ---- the rig ---- */

static void copy_field(char *to, const struct rig_result *result, const char *name)
{
    for (size_t i = 0; i < result->header_count; i++) {
        if (strcasecmp(result->headers[i].name, name) == 0) {
            keep(to, result->headers[i].value, strlen(result->headers[i].value));
        }
    }
}

static void ask_rig(struct rig_client *client, const char *request, size_t size, struct answer *answer)
{
    const struct rig_result *result = rig_send_raw(client, request, size);
    answer->status = result->status;
    copy_field(answer->type, result, "Content-Type");
    copy_field(answer->location, result, "Location");
    copy_field(answer->custom, result, "X-A");
    answer->body = (char *)(uintptr_t)result->body;
    answer->size = result->body_size;
}

/* ---- both ---- */

static bool same(const struct answer *rig, const struct answer *real)
{
    if (rig->status != real->status) {
        return false;
    }
    if (rig->status == 502) { /* with a page of nginx's own */
        return true;
    }
    return strcmp(rig->type, real->type) == 0 && strcmp(rig->location, real->location) == 0 &&
           strcmp(rig->custom, real->custom) == 0 && rig->size == real->size &&
           (real->size == 0 || memcmp(rig->body, real->body, real->size) == 0);
}

static void show(const char *who, const struct answer *answer)
{
    printf("    %s: %d, type '%s', location '%s', X-A '%s', %zu bytes: %.*s\n", who, answer->status, answer->type,
           answer->location, answer->custom, answer->size, answer->size < 300 ? (int)answer->size : 300,
           answer->body ? answer->body : "");
}

static bool compare(const struct row *row, struct rig_client *client, int port)
{
    char *body = make_body(row->body), *request = malloc(row->body + 4096), *text = malloc(ANSWER_MAX);
    struct answer rig = {0}, real = {0};
    bool fine = false;
    if (body && request && text) {
        size_t size = make_request(row, body, request, row->body + 4096);
        ask_rig(client, request, size, &rig);
        fine = ask_real(port, request, size, text, &real) == 0 && same(&rig, &real) == !row->differs;
    }
    if (!fine || row->differs) {
        printf("%s %s, %zu bytes%s%s\n", fine ? "differs:" : "NOT THE SAME:", row->target, row->body,
               row->differs ? ": " : "", row->differs ? row->differs : "");
        show("rig ", &rig);
        show("real", &real);
    }
    free(body);
    free(request);
    free(text);
    rig_client_reset(client);
    return fine;
}

static int compare_all(int port)
{
    struct rig_server server;
    size_t failed = 0, count = sizeof rows / sizeof *rows;
    if (rig_server_compose("nginx:fastcgi+libfcgi", &server) != 0) {
        return 1;
    }
    struct rig_client *client = rig_client_new(
        stackrig_fcgi_loop(program, NULL), (struct rig_client_options){.server = &server, .checks = &rig_checks_none});
    for (size_t i = 0; i < count && client; i++) {
        failed += !compare(&rows[i], client, port);
    }
    (rig_client_free)(client);
    printf("%zu requests to libfcgi's program, %zu not as behind nginx\n", count, failed);
    return failed > 0 || !client;
}

static pid_t start_program(const char *program_path, const char *socket_path)
{
    pid_t child = fork();
    if (child == 0) {
        (void)execl(program_path, program_path, socket_path, (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 500 && access(socket_path, F_OK) != 0; i++) {
        (void)usleep(10000);
    }
    (void)chmod(socket_path, 0777);
    return child;
}

int main(int count, char **arguments)
{
    char backend[RIG_REAL_PATH + 8];
    struct rig_real_server server;
    if (count != 2) {
        printf("usage: compare PROGRAM\n");
        return 2;
    }
    int status = rig_real_begin_fastcgi(&server, "fcgi.sock", backend);
    if (status != 0) {
        return status;
    }
    pid_t child = start_program(arguments[1], backend + sizeof "unix:" - 1);
    status = compare_all(server.ports[0]);
    rig_real_stop(&server);
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
    rig_real_end();
    return status;
}
