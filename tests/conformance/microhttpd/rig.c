/* The cases in the rig. */
#include "parity.h"

#include <stackrig/microhttpd.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct split {
    char text[4096], method[32], target[2048], version[16];
    struct rig_field fields[HEADERS + 1];
    size_t count;
};

/* "Name: value", as it stands. */
static struct rig_field field_of(char *line)
{
    char *colon = strchr(line, ':');
    *colon = '\0';
    return (struct rig_field){line, colon + 1 + strspn(colon + 1, " ")};
}

static void split(const struct parity_case *parity, struct split *into)
{
    char *at = into->text;
    (void)sscanf(parity->line, "%31s %2047s HTTP/%15s", into->method, into->target, into->version);
    for (into->count = 0; into->count < HEADERS && parity->headers[into->count]; into->count++) {
        strcpy(at, parity->headers[into->count]);
        into->fields[into->count] = field_of(at);
        at += strlen(parity->headers[into->count]) + 1;
    }
}

static const struct rig_result *send_case(struct rig_client *client, const struct parity_case *parity,
                                          struct split *into)
{
    size_t pieces = 0;
    while (pieces < PIECES && parity->pieces[pieces]) {
        pieces++;
    }
    bool has_host = into->count > 0 && strcmp(into->fields[0].name, "Host") == 0;
    struct rig_request request = {.method = into->method,
                                  .target = "/",
                                  .http_version = into->version,
                                  /* as it stands: the real one takes any target, and does without a Host */
                                  .env = {{"REQUEST_URI", into->target}, {has_host ? NULL : "HTTP_HOST", NULL}},
                                  .header_list = into->count > 0 ? into->fields : NULL,
                                  .header_count = into->count,
                                  .body = parity->body,
                                  .pieces = pieces > 0 ? parity->pieces : NULL,
                                  .piece_count = pieces,
                                  .chunked = parity->chunked};
    return rig_send(client, request);
}

static void tell(const struct rig_result *result, bool head_request)
{
    if (result->error == -110 || result->error == -103 ||
        (result->error == 0 && result->delivery.outcome == RIG_CLOSED)) {
        say("no answer");
        return;
    }
    say("status %d", result->status);
    for (size_t i = 0; i < result->header_count; i++) {
        bool date = strcmp(result->headers[i].name, "Date") == 0;
        say("header %s: %s", result->headers[i].name, date ? "then" : result->headers[i].value);
    }
    if (result->delivery.outcome == RIG_TRUNCATED) {
        say("cut short");
    }
    if (head_request) {
        say("body of HEAD %zu", result->body_size);
    } else {
        say_bytes("body", result->body, result->body_size);
    }
}

static void run_case(const struct parity_case *parity)
{
    static struct split into;
    memset(&into, 0, sizeof into);
    forget_said();
    struct MHD_Daemon *daemon = parity_start(parity);
    if (!daemon) {
        printf("== %s\nnot started\n", parity->name);
        return;
    }
    stackrig_microhttpd_set_patience(daemon, 50);
    struct rig_client *client = rig_client_new(stackrig_microhttpd_app(daemon), (struct rig_client_options){0});
    split(parity, &into);
    const struct rig_result *result = send_case(client, parity, &into);
    say_answer(true);
    tell(result, strcmp(into.method, "HEAD") == 0);
    bool waits = result->error == -ETIMEDOUT; /* the client, for ever */
    bool kept = result->delivery.connection == RIG_CONNECTION_KEPT && result->error == 0;
    say("connection %s", kept || waits ? "kept" : "closed");
    say_answer(false);
    for (size_t i = 0; i < result->finding_count; i++) {
        fprintf(stderr, "%s: [%s] %s: %s\n", parity->name, result->findings[i].rule,
                result->findings[i].site ? result->findings[i].site : "-", result->findings[i].message);
    }
    rig_client_free(client);
    printf("== %s\n%s%s", parity->name, said(false), said(true));
    MHD_stop_daemon(daemon);
}

static int speed(unsigned requests)
{
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, NULL, NULL,
                                                 speed_handler, NULL, MHD_OPTION_END);
    struct rig_client *client = rig_client_new(stackrig_microhttpd_app(daemon), (struct rig_client_options){0});
    unsigned wrong = 0;
    uint64_t begin = 0;
    for (unsigned i = 0; i < requests + SPEED_WARM; i++) {
        begin = i == SPEED_WARM ? speed_now() : begin;
        const struct rig_result *result = rig_post(
            client, "/items", .body = "name=lamp",
            .headers = {{"Accept", "*/*"}, {"Authorization", "Basic YWRhOmxhY2U="}, {"Content-Type", "text/plain"}});
        wrong += result->status != 200 || result->finding_count > 0;
        rig_client_reset(client);
    }
    speed_tell("rig", speed_now() - begin, requests);
    rig_client_free(client);
    MHD_stop_daemon(daemon);
    return wrong > 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--speed") == 0) {
        return speed((unsigned)strtoul(argv[2], NULL, 10));
    }
    for (size_t i = 0; i < parity_case_count; i++) {
        if (argc < 2 || strstr(parity_cases[i].name, argv[1])) {
            run_case(&parity_cases[i]);
            fflush(stdout);
        }
    }
    return 0;
}
