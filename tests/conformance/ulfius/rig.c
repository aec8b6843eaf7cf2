/* The cases in the rig. */
#include "endpoints.h"

#include "tests/conformance/microhttpd/memory.h"

#include <stackrig/ulfius.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void run_case(const struct ulfius_case *parity)
{
    struct _u_instance instance;
    forget_said();
    if (!parity_instance(parity, &instance, 8080, NULL)) {
        printf("== %s\nnot set up\n", parity->request.name);
        return;
    }
    struct rig_client *client = rig_client_new(stackrig_ulfius_app(&instance), (struct rig_client_options){0});
    const struct rig_result *result = send_case(client, &parity->request);
    say_answer(true);
    tell_result(result, strncmp(parity->request.line, "HEAD ", 5) == 0);
    bool kept = result->delivery.connection == RIG_CONNECTION_KEPT && result->error == 0;
    say("connection %s", kept ? "kept" : "closed");
    say_answer(false);
    for (size_t i = 0; i < result->finding_count; i++) {
        fprintf(stderr, "%s: [%s] %s: %s\n", parity->request.name, result->findings[i].rule,
                result->findings[i].site ? result->findings[i].site : "-", result->findings[i].message);
    }
    rig_client_free(client);
    (void)ulfius_stop_framework(&instance);
    ulfius_clean_instance(&instance);
    printf("== %s\n%s%s", parity->request.name, said(false), said(true));
}

static int speed(unsigned requests)
{
    static const struct ulfius_case standard = {.set_up = set_speed};
    struct _u_instance instance;
    if (!parity_instance(&standard, &instance, 8080, NULL)) {
        return 1;
    }
    struct rig_client *client = rig_client_new(stackrig_ulfius_app(&instance), (struct rig_client_options){0});
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
    (void)ulfius_stop_framework(&instance);
    ulfius_clean_instance(&instance);
    return wrong > 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--speed") == 0) {
        return speed((unsigned)strtoul(argv[2], NULL, 10));
    }
    for (size_t i = 0; i < ulfius_case_count; i++) {
        if (argc < 2 || strstr(ulfius_cases[i].request.name, argv[1])) {
            run_case(&ulfius_cases[i]);
            fflush(stdout);
        }
    }
    return 0;
}
