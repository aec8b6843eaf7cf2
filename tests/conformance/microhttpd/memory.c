/* Requests and answers in the rig, told in the words in which those of a real server are. */
#include "memory.h"

#include <errno.h>
#include <stdio.h>
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

static const struct rig_result *send_case(struct rig_client *client, const struct parity_case *parity)
{
    static struct split into;
    memset(&into, 0, sizeof into);
    split(parity, &into);
    size_t pieces = 0;
    while (pieces < PIECES && parity->pieces[pieces]) {
        pieces++;
    }
    bool has_host = into.count > 0 && strcmp(into.fields[0].name, "Host") == 0;
    struct rig_request request = {.method = into.method,
                                  .target = "/",
                                  .http_version = into.version,
                                  /* as it stands: the real one takes any target, and does without a Host */
                                  .env = {{"REQUEST_URI", into.target}, {has_host ? NULL : "HTTP_HOST", NULL}},
                                  .header_list = into.count > 0 ? into.fields : NULL,
                                  .header_count = into.count,
                                  .body = parity->body,
                                  .pieces = pieces > 0 ? parity->pieces : NULL,
                                  .piece_count = pieces,
                                  .chunked = parity->chunked};
    return rig_send(client, request);
}

static void tell_result(const struct rig_result *result, bool head_request)
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

void play_case(struct rig_app app, const struct parity_case *parity)
{
    struct rig_client *client = rig_client_new(app, (struct rig_client_options){0});
    const struct rig_result *result = send_case(client, parity);
    say_answer(true);
    tell_result(result, strncmp(parity->line, "HEAD ", 5) == 0);
    bool waits = result->error == -ETIMEDOUT; /* the client, for ever */
    bool kept = result->delivery.connection == RIG_CONNECTION_KEPT && result->error == 0;
    say("connection %s", kept || waits ? "kept" : "closed");
    say_answer(false);
    for (size_t i = 0; i < result->finding_count; i++) {
        const struct rig_finding *finding = &result->findings[i];
        fprintf(stderr, "%s: [%s] %s: %s\n", parity->name, finding->rule, finding->site ? finding->site : "-",
                finding->message);
    }
    rig_client_free(client);
}

int speed_in_memory(struct rig_app app, unsigned requests)
{
    struct rig_client *client = rig_client_new(app, (struct rig_client_options){0});
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
    return wrong > 0;
}
