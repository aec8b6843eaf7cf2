/* One request of a real server through the stack, its answer handed over while it is made. */
#include "harness/client/client.h"
#include "harness/core/outlet.h"

#include <stackrig/host.h>

#include <errno.h>

#define SERIAL_BITS 40 /* of a client's own: enough for a year at 30,000 in a second */

const struct rig_server rig_server_host = {
    .name = "host", .title = "a real server: what becomes of the answer is its own", .repeats_joined = true};

struct rig_client *rig_host_client(const struct rig_host *host, unsigned number)
{
    const struct rig_serve_options *options = &host->options;
    struct rig_client *client = rig_client_new(
        rig_stack_app(host->stack),
        (struct rig_client_options){
            .server = &rig_server_host, .checks = options->checks, .now = options->now, .memory_limit = UINT64_MAX});
    if (client) {
        client->runner.serial = (uint64_t)number << SERIAL_BITS;
    }
    return client;
}

/* Of what was found, the first error; NULL: the stack is in order. */
static const struct rig_finding *first_error(const struct rig_result *result)
{
    for (size_t i = 0; i < result->finding_count; i++) {
        if (result->findings[i].level == RIG_LEVEL_ERROR) {
            return &result->findings[i];
        }
    }
    return NULL;
}

int rig_host_inspect(const struct rig_host *host)
{
    const struct rig_request nothing = {0};
    const struct rig_result *result = NULL;
    struct rig_client *client = rig_host_client(host, 0);
    struct rig_run *run =
        client ? rig_send_open(NULL, client, "rig_serve", &nothing, __builtin_frame_address(0), &result) : NULL;
    result = run ? rig_send_close(client, run) : result; /* inspected and warmed up, no layer was called */
    const struct rig_finding *finding = result ? first_error(result) : NULL;
    int error = finding ? -EINVAL : result ? result->error : -ENOMEM;
    if (error != 0) {
        rig_host_complain(host, "the stack cannot be served: %s", finding ? finding->message : rig_error_text(error));
    }
    rig_client_free(client);
    return error;
}

/* The result's error is what went wrong first on the way out. */
static void settle(struct rig_run *run, const struct rig_outlet *outlet, int error)
{
    struct rig_result *result = &run->report->result;
    result->error = error < 0             ? error
                    : result->error != 0  ? result->error
                    : run->stream_error   ? run->stream_error
                    : outlet->failed != 0 ? outlet->failed
                                          : 0;
}

const struct rig_result *rig_host_send_at(const char *site, struct rig_client *client,
                                          const struct rig_request *request, const struct rig_host_answer *answer)
{
    if (!client || !request || !answer) {
        if (request) {
            rig_request_drop_source(request);
        }
        return rig_refused_at(site, client, "rig_host_send", RIG_MISUSE_NULL_ARGUMENT,
                              "rig_host_send was given a NULL");
    }
    const struct rig_result *refused;
    rig_client_reset(client);
    struct rig_run *run = rig_send_open(site, client, "rig_serve", request, __builtin_frame_address(0), &refused);
    if (!run) {
        return refused;
    }
    struct rig_outlet outlet = {.answer = answer};
    struct rig_sent sent = {0};
    int error = rig_send_build(run, client, request, &sent);
    if (error == 0) {
        run->outlet = &outlet;
        rig_send_serve(run, client, &sent);
        run->outlet = NULL; /* out of memory before there was an answer */
        error = outlet.began || outlet.failed ? 0 : run->report->result.error;
    }
    settle(run, &outlet, error);
    return rig_send_close(client, run);
}
