#define _GNU_SOURCE

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/cli/run/connections.h"
#include "harness/cli/run/load.h"
#include "harness/cli/parity/parity.h"
#include "harness/cli/ui/progress.h"
#include "harness/core/wall.h"

#include <stackrig/host.h>

#define SEED 1
#define HANG_SECONDS 30
#define LOOPBACK "127.0.0.1" /* what both see as the client */
#define GRACE 5

struct real_connection {
    const char *name, *path; /* of the file */
    int fd;
};

struct run {
    struct rig_parity *parity;
    const struct rig_export *export;
    struct rig_stack *stacks[2];        /* the rig's, and the server's: neither sees what the other left in it */
    struct rig_client *client, *writer; /* writer: makes bytes of requests, and counts none of them as client's */
    struct rig_connections connections;
    struct rig_host *host;
    struct real_connection *kept;
    size_t kept_count, kept_capacity;
    size_t differing, failed;
};

/* ---- both sides ---- */

static struct rig_stack *build(const struct run *run)
{
    const struct rig_check_options *options = &run->parity->options;
    const struct rig_setup setup = {.seed = SEED,
                                    .secrets = rig_run_credentials()->secrets,
                                    .secret_count = rig_run_secret_count(&run->parity->plan, options->stack),
                                    .settings = options->settings,
                                    .setting_count = options->setting_count};
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    int error = stack ? run->export->build(stack, &setup) : -ENOMEM;
    if (error != 0) {
        char line[RIG_LINE_SIZE];
        struct rig_text why;
        rig_text_start(&why, line, sizeof line);
        rig_text_build_error(&why, stack, error);
        rig_text_end(&why);
        rig_complain("%s: %s", options->stack, line);
        rig_stack_free(stack);
        return NULL;
    }
    return stack;
}

static bool begin(struct run *run)
{
    char why[RIG_LINE_SIZE] = "";
    struct rig_text text;
    rig_text_start(&text, why, sizeof why);
    struct rig_parity *parity = run->parity;
    run->export = rig_stack_load(parity->options.stack, &text);
    const struct rig_own_rule *const *rules = run->export ? rig_stack_rules(parity->options.stack, &text) : NULL;
    if (*why) {
        rig_complain("%s", why);
        return false;
    }
    run->stacks[0] = build(run);
    run->stacks[1] = run->stacks[0] ? build(run) : NULL;
    if (!run->stacks[1]) {
        return false;
    }
    run->client = rig_client_new(
        rig_stack_app(run->stacks[0]),
        (struct rig_client_options){.server = parity->plan.servers[0], .checks = RIG_CHECKS_NONE, .rules = rules});
    run->writer = rig_client_new(rig_not_found(), (struct rig_client_options){.checks = RIG_CHECKS_NONE});
    run->connections.client = run->client;
    const struct rig_serve_options options = {.address = parity->address,
                                              .grace = GRACE,
                                              .connections = parity->front ? 1 : 0, /* one thread counts as the rig */
                                              .now = rig_client_now(run->client),   /* both have the same time */
                                              .error = why,
                                              .error_size = sizeof why};
    run->host = run->client && run->writer ? parity->serve(run->stacks[1], options) : NULL;
    if (!run->host) {
        rig_complain("%s: %s", parity->host, run->client ? why : "out of memory");
    }
    return run->host != NULL;
}

static void end(struct run *run)
{
    for (size_t i = 0; i < run->kept_count; i++) {
        (void)close(run->kept[i].fd);
    }
    free(run->kept);
    (void)rig_serve_stop(run->host);
    rig_connections_free(&run->connections);
    rig_client_free(run->client);
    if (run->writer) {
        rig_client_free(run->writer);
    }
    rig_stack_free(run->stacks[0]);
    rig_stack_free(run->stacks[1]);
}

/* ---- one request ---- */

static struct real_connection *find(struct run *run, const struct rig_case *one)
{
    for (size_t i = 0; i < run->kept_count; i++) {
        if (strcmp(run->kept[i].path, one->path) == 0 && strcmp(run->kept[i].name, one->request->connection) == 0) {
            return &run->kept[i];
        }
    }
    return NULL;
}

static int open_real(const struct run *run)
{
    return rig_talk_open(run->parity->front ? run->parity->front : rig_serve_address(run->host));
}

/* A new one in the place of one that has ended, as clients do it. */
static int real_connection(struct run *run, const struct rig_case *one)
{
    if (!one->request->connection) {
        return open_real(run);
    }
    struct real_connection *it = find(run, one);
    if (!it) {
        run->kept = rig_must_grow(run->kept, run->kept_count, &run->kept_capacity, sizeof *run->kept);
        it = &run->kept[run->kept_count++];
        *it = (struct real_connection){.name = one->request->connection, .path = one->path, .fd = open_real(run)};
    } else if (rig_talk_ended(it->fd)) {
        (void)close(it->fd);
        it->fd = open_real(run);
    }
    return it->fd;
}

static int ask_real(struct run *run, const struct rig_case *one, const struct rig_talk_request *request,
                    struct rig_talk_answer *answer, bool *ended)
{
    int fd = real_connection(run, one);
    if (fd < 0) {
        return fd;
    }
    int error = rig_talk(fd, request, answer);
    *ended = error == 0 && (!answer->kept || rig_talk_ended(fd));
    if (!one->request->connection) {
        (void)close(fd);
    }
    return error;
}

static bool is_held_back(struct rig_bytes wire)
{
    const char *end = memmem(wire.data, wire.size, "\r\n\r\n", 4);
    const char *expect = end ? memmem(wire.data, (size_t)(end - (const char *)wire.data), "100-continue", 12) : NULL;
    return expect != NULL;
}

static void fail(struct run *run, const struct rig_case *one, const char *what, int error)
{
    char line[RIG_LINE_SIZE];
    run->failed++;
    (void)snprintf(line, sizeof line, "%s: error: %s: %s", one->site, what, strerror(-error));
    rig_parity_tell(run->parity, one, "incomplete", line);
}

static void run_case(struct run *run, const struct rig_case *one, const struct rig_secrets *secrets)
{
    struct rig_case at_home = *one;
    static char room[RIG_TARGET_ROOM];
    struct rig_scenario_request request = *one->request;
    struct rig_talk_answer answer = {0};
    struct rig_bytes wire;
    bool ended = false;
    request.request = rig_request_carrying(one, room); /* the server gets them as the rig does */
    request.credentials = NULL;
    if (!request.request.malformed && !request.request.remote_addr) {
        request.request.remote_addr = LOOPBACK;
    }
    at_home.request = &request;
    int error = rig_host_wire(run->writer, &request.request, &wire);
    const struct rig_talk_request ask = {.data = wire.data,
                                         .size = wire.size,
                                         .is_head = wire.size > 5 && memcmp(wire.data, "HEAD ", 5) == 0,
                                         .expects = error == 0 && is_held_back(wire)};
    if (error != 0) {
        fail(run, one, "it cannot be sent", error);
        return;
    }
    const struct rig_result *result = rig_connections_send(&run->connections, &at_home);
    error = ask_real(run, one, &ask, &answer, &ended);
    if (error != 0) {
        fail(run, one, "the server cannot be asked", error);
    } else {
        const struct rig_parity_pair pair = {.parity = run->parity,
                                             .one = one,
                                             .host = run->parity->host,
                                             .rig = result,
                                             .real = &answer,
                                             .is_head = ask.is_head,
                                             .ended = ended,
                                             .secrets = secrets};
        run->differing += rig_parity_compare(&pair) > 0;
    }
    rig_talk_free(&answer);
    rig_client_reset(run->client);
    rig_client_reset(run->writer);
}

void rig_parity_tell(const struct rig_parity *parity, const struct rig_case *one, const char *rule, const char *line)
{
    if (rule && rig_formats_text(&parity->options.formats)) {
        printf("%s\n", line);
    }
    (void)dprintf(parity->notes, "%zu\t%s\t%s\n", (size_t)(one - parity->plan.cases), rule ? rule : "", line);
}

/* Both sides, and what lies between them. */
static void note_run(const struct rig_parity *parity, const struct rig_case *one, int64_t took)
{
    char line[32];
    (void)snprintf(line, sizeof line, "%lld", (long long)took);
    rig_parity_tell(parity, one, NULL, line);
}

int rig_parity_run(struct rig_parity *parity)
{
    struct run run = {.parity = parity};
    struct rig_progress progress;
    size_t done = 0;
    bool begun = begin(&run);
    rig_progress_start(&progress, "requests", parity->plan.case_count, parity->quiet);
    for (size_t i = 0; begun && i < parity->plan.case_count && !rig_interrupted(); i++) {
        const struct rig_case *one = &parity->plan.cases[i];
        struct rig_secrets secrets = {0};
        rig_case_secrets(&secrets, one, &parity->options);
        (void)snprintf(parity->now, 256, "%s", one->site);
        (void)alarm(HANG_SECONDS);
        int64_t since = rig_wall_ns();
        run_case(&run, one, &secrets);
        note_run(parity, one, rig_wall_ns() - since);
        rig_secrets_free(&secrets);
        rig_progress_tick(&progress, ++done, run.differing + run.failed, NULL);
    }
    rig_progress_end(&progress);
    end(&run);
    if (!begun) {
        return RIG_STATUS_USAGE;
    }
    size_t bad = run.differing + run.failed;
    if (rig_formats_text(&parity->options.formats)) {
        printf("%s%zu request%s, %zu differ%s between the rig and %s\n", rig_interrupted() ? "interrupted: " : "", done,
               done == 1 ? "" : "s", bad, bad == 1 ? "s" : "", parity->host);
    }
    return rig_interrupted() ? RIG_STATUS_INTERRUPTED : bad > 0 ? RIG_STATUS_FINDINGS : RIG_STATUS_CLEAN;
}
