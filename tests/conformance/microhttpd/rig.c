/* The cases in the rig. */
#include "memory.h"

#include <stackrig/microhttpd.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void run_case(const struct parity_case *parity)
{
    forget_said();
    struct MHD_Daemon *daemon = parity_start(parity);
    if (!daemon) {
        printf("== %s\nnot started\n", parity->name);
        return;
    }
    stackrig_microhttpd_set_patience(daemon, 50);
    struct rig_client *client = rig_client_new(stackrig_microhttpd_app(daemon), (struct rig_client_options){0});
    const struct rig_result *result = send_case(client, parity);
    say_answer(true);
    tell_result(result, strncmp(parity->line, "HEAD ", 5) == 0);
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
