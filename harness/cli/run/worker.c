#define _POSIX_C_SOURCE 200809L

#include "harness/cli/run/worker.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <stackrig/client.h>
#include <stackrig/preload.h>

#include "harness/checks/own.h"
#include "harness/cli/run/connections.h"
#include "harness/cli/run/load.h"
#include "harness/cli/run/protocol.h"
#include "harness/cli/run/settle.h"
#include "harness/cli/run/tried.h"
#include "harness/cli/ui/known.h"
#include "harness/client/client.h"
#include "harness/core/stack.h"
#include "harness/core/wall.h"
#include "harness/coverage/count.h"

#define SEED 1

/* The parent may end this process as soon as it has read its last word. */
static _Noreturn void leave(const struct rig_worker *worker, enum rig_frame_kind kind, const char *text)
{
    fflush(worker->inside ? stdout : NULL);
    if (kind == RIG_FRAME_DONE) {
        rig_stack_write_lines();
    }
    rig_frame_send(worker->fd, kind, 0, text);
    _exit(0);
}

static _Noreturn void trouble(const struct rig_worker *worker, const char *format, const char *what)
{
    char line[RIG_FRAME_STRING_MAX];
    snprintf(line, sizeof line, format, what);
    leave(worker, RIG_FRAME_TROUBLE, line);
}

static _Noreturn void build_failed(const struct rig_worker *worker, const struct rig_stack *stack, int result)
{
    char line[RIG_FRAME_STRING_MAX];
    struct rig_text text;
    rig_text_start(&text, line, sizeof line);
    rig_text_printf(&text, "%s: ", worker->options->stack);
    rig_text_build_error(&text, stack, result);
    trouble(worker, "%s", line);
}

static struct rig_stack *build(const struct rig_worker *worker, const struct rig_export *export)
{
    const struct rig_setup setup = {.seed = SEED,
                                    .secrets = rig_run_credentials()->secrets,
                                    .secret_count = rig_run_secret_count(worker->plan, worker->options->stack),
                                    .settings = worker->options->settings,
                                    .setting_count = worker->options->setting_count};
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    if (!stack) {
        trouble(worker, "%s", "out of memory");
    }
    int result = export->build(stack, &setup);
    if (result) {
        build_failed(worker, stack, result);
    }
    return stack;
}

static void run_faults(const struct rig_worker *worker, struct rig_client *client, size_t number)
{
    static struct rig_tried tried;
    const struct rig_case *one = &worker->plan->cases[worker->plan->jobs[number].number];
    bool heard = rig_frame_send(worker->fd, RIG_FRAME_START, (uint32_t)number, NULL);
    static char room[RIG_TARGET_ROOM];
    struct rig_request request = rig_request_carrying(one, room);
    tried.over = worker->over;
    rig_tried_run(&tried, worker->fd, (uint32_t)number, one->site, client, &request);
    if (!heard ||
        !rig_frame_send_report(worker->fd, RIG_FRAME_REPORT, (uint32_t)number, &tried.report.result, &tried.trials)) {
        _exit(0);
    }
    rig_tried_free(&tried);
}

/* The request once more with each of its allocations failing, from one on. */
static void run_short(const struct rig_worker *worker, struct rig_client *client, size_t number,
                      const struct rig_shortage *first)
{
    static struct rig_tried tried;
    const struct rig_case *one = &worker->plan->cases[worker->plan->jobs[number].number];
    struct rig_malloc_fault *memory = &worker->watch->memory; /* the parent sees it, should this be the end */
    static char room[RIG_TARGET_ROOM];
    struct rig_request request = rig_request_carrying(one, room);
    tried.over = worker->over;
    rig_tried_short(&tried, worker->fd, (uint32_t)number, one->site, client, &request, first, memory);
    if (!rig_frame_send_report(worker->fd, RIG_FRAME_FOUND, (uint32_t)number, &tried.report.result, &tried.trials)) {
        _exit(0);
    }
    rig_tried_free(&tried);
}

static void run_job(const struct rig_worker *worker, struct rig_connections *connections, size_t number)
{
    const struct rig_case *one = &worker->plan->cases[worker->plan->jobs[number].number];
    rig_watch_clear();
    rig_watch_fault("");
    bool heard = rig_frame_send(worker->fd, RIG_FRAME_START, (uint32_t)number, NULL);
    int64_t begun = rig_wall_ns();
    const struct rig_result *result = rig_connections_send(connections, one);
    const struct rig_trials trials = {.took = (uint64_t)(rig_wall_ns() - begun)};
    if (!heard || !rig_frame_send_report(worker->fd, RIG_FRAME_REPORT, (uint32_t)number, result, &trials)) {
        _exit(0);
    }
    rig_cover_flush(connections->client->runner.cover, true); /* the next request may be the last */
    rig_client_reset(connections->client);
}

/* What users' own rules keep of the client: what is tried of a request begins with what it was before it. NULL: nothing. */
static void *state_of(const struct rig_client *client)
{
    size_t size = rig_own_states_size(&client->runner);
    void *state = size > 0 ? rig_must_alloc(size, 1) : NULL;
    rig_own_states_take(&client->runner, state);
    return state;
}

static void run_short_from(const struct rig_worker *worker, struct rig_client *client, size_t number,
                           const struct rig_shortage *first, const void *before)
{
    void *now = state_of(client);
    rig_own_states_put(&client->runner, before);
    run_short(worker, client, number, first);
    rig_own_states_put(&client->runner, now);
    free(now);
}

static bool is_over(const struct rig_worker *worker)
{
    return worker->over && worker->over();
}

/* The jobs, or as many of them as the program has time for. */
static void run_jobs(const struct rig_worker *worker, struct rig_app app, const struct rig_own_rule *const *rules)
{
    const struct rig_plan *plan = worker->plan;
    size_t number = worker->first_job;
    unsigned server = plan->jobs[number].server;
    struct rig_client *client =
        rig_client_new(app, (struct rig_client_options){.server = plan->servers[server],
                                                        .now = worker->options->now,
                                                        .checks = rig_watch_checks(worker->watch),
                                                        .rules = rules});
    if (!client) {
        trouble(worker, "%s", "out of memory");
    }
    struct rig_connections connections = {.client = client};
    void **before = rig_must_alloc(plan->case_count, sizeof *before);
    for (; number < plan->job_count && !is_over(worker); number++) {
        size_t at = plan->jobs[number].number;
        if (plan->jobs[number].faults) {
            rig_own_states_put(&client->runner, before[at]);
            run_faults(worker, client, number);
            continue;
        }
        bool again = number == worker->first_job && worker->first_malloc.nth > 0;
        if (!again) {
            free(before[at]);
            before[at] = state_of(client);
            run_job(worker, &connections, number);
        }
        if (worker->options->each_malloc && !is_over(worker)) {
            run_short_from(worker, client, number, again ? &worker->first_malloc : &(struct rig_shortage){.nth = 1},
                           before[at]);
        }
    }
    rig_watch_clear();
    rig_frame_send(worker->fd, RIG_FRAME_CLOSING, 0, NULL);
    for (size_t i = 0; i < plan->case_count; i++) {
        free(before[i]);
    }
    free(before);
    rig_connections_free(&connections);
    rig_client_free(client);
}

/* Each profile gets a stack of its own, so that none sees what another left in it. */
static void run_profile(const struct rig_worker *worker, const struct rig_export *export,
                        const struct rig_own_rule *const *rules)
{
    rig_frame_send(worker->fd, RIG_FRAME_BUILD, 0, NULL);
    rig_clock_hold(worker->options->now);
    struct rig_stack *stack = build(worker, export);
    rig_stand_learn();
    rig_frame_send(worker->fd, RIG_FRAME_READY, (uint32_t)rig_stack_layer_count(stack), NULL);
    run_jobs(worker, rig_stack_app(stack), rules);
    rig_stack_free(stack);
}

/* What the worker cannot do without. */
static void look_around(const struct rig_worker *worker)
{
    if (!rig_watch_checks(worker->watch)) {
        trouble(worker, "%s", "there are more checks than a client can take");
    }
    if (worker->options->each_malloc && !rig_malloc_can_fail()) {
        trouble(worker, "%s", "--each-malloc: another malloc stands before libstackrig-malloc.so");
    }
}

void rig_worker_serve(const struct rig_worker *worker, struct rig_app app)
{
    look_around(worker);
    rig_frame_send(worker->fd, RIG_FRAME_BUILD, 0, NULL);
    rig_frame_send(worker->fd, RIG_FRAME_READY, 0, NULL);
    run_jobs(worker, app, NULL);
    rig_frame_send(worker->fd, RIG_FRAME_DONE, is_over(worker), NULL);
}

void rig_worker_refuse(const struct rig_worker *worker, const char *why)
{
    trouble(worker, "%s", why);
}

/* The command counts by their numbers: they must be those that it knows. */
static const struct rig_own_rule *const *find_rules(const struct rig_worker *worker)
{
    char line[RIG_LINE_SIZE], wrong[RIG_OWN_WRONG_SIZE];
    struct rig_text why;
    const struct rig_own_rule *sorted[RIG_OWN_RULES_MAX];
    size_t own, at;
    rig_text_start(&why, line, sizeof line);
    const struct rig_own_rule *const *rules = rig_stack_rules(worker->options->stack, &why);
    rig_text_end(&why);
    if (why.length) {
        trouble(worker, "%s", line);
    }
    (void)rig_rules(&own);
    size_t count = rig_own_rules_sort(rules, sorted, &at, wrong);
    bool same = own + count == rig_known_count();
    for (size_t i = 0; i < count && same; i++) {
        same = strcmp(sorted[i]->id, rig_known_rule(own + i)->id) == 0;
    }
    if (!same) {
        trouble(worker, "%s brings other rules than a moment ago: it was built anew meanwhile; run this again",
                worker->options->stack);
    }
    return rules;
}

void rig_worker_run(const struct rig_worker *worker)
{
    char line[RIG_LINE_SIZE];
    struct rig_text why;
    rig_text_start(&why, line, sizeof line);
    rig_settle_streams();
    rig_stand_listen(&worker->watch->stand);
    look_around(worker);
    const struct rig_export *export = rig_stack_load(worker->options->stack, &why);
    if (!export) {
        trouble(worker, "%s", line);
    }
    rig_stand_learn();
    run_profile(worker, export, find_rules(worker));
    leave(worker, RIG_FRAME_DONE, NULL);
}
