#include "harness/client/connected.h"
#include "harness/checks/own.h"
#include "harness/report/text.h"

#include "harness/core/preload.h"
#include "harness/core/stack.h"
#include "harness/coverage/count.h"
#include "harness/http/rare.h"

#include <stackrig/expect.h>
#include <stackrig/servers.h>

#include <errno.h>
#include <stdio.h>

#define MEMORY_LIMIT ((uint64_t)1 << 30)

#undef rig_client_free

static int copy_patterns(struct rig_client *client, const char **to, const char *const *from)
{
    for (size_t i = 0; i < RIG_IGNORE_MAX && from[i]; i++) {
        to[i] = rig_arena_string(&client->own, from[i]);
        if (!to[i]) {
            return -ENOMEM;
        }
    }
    return 0;
}

static int copy_options(struct rig_client *client, const struct rig_client_options *options)
{
    for (size_t i = 0; i < RIG_FIELDS_MAX && options->headers[i].name; i++) {
        client->headers[i].name = rig_arena_string(&client->own, options->headers[i].name);
        client->headers[i].value = rig_arena_string(&client->own, options->headers[i].value);
        if (!client->headers[i].name || (options->headers[i].value && !client->headers[i].value)) {
            return -ENOMEM;
        }
    }
    int error = copy_patterns(client, client->ignore, options->ignore);
    return error ? error : copy_patterns(client, client->enable, options->enable);
}

/* A bad option of the client is told by its first send, as those of a stack are. */
static void check_lists(struct rig_mistakes *mistakes, const struct rig_client_options *options)
{
    char text[160];
    bool headers = options->headers[RIG_FIELDS_MAX].name, ignore = options->ignore[RIG_IGNORE_MAX];
    if (headers || ignore || options->enable[RIG_IGNORE_MAX]) {
        (void)snprintf(text, sizeof text, "the client's .%s holds more than %d %s",
                       headers  ? "headers"
                       : ignore ? "ignore"
                                : "enable",
                       headers ? RIG_FIELDS_MAX : RIG_IGNORE_MAX, headers ? "fields" : "patterns");
        rig_mistake_keep_mended(mistakes, RIG_MISUSE_TOO_MANY_FIELDS, NULL,
                                headers ? "a session takes any number: rig_session_header"
                                        : "\"area.*\" stands for all rules of an area",
                                text);
    } else if (rig_fields_cut(options->headers)) {
        rig_mistake_keep_mended(mistakes, RIG_MISUSE_NULL_ARGUMENT, NULL, "give it a name, or take it out",
                                "rig_client_new was given a header with a NULL name");
    }
}

static void check_options(struct rig_client *client, const struct rig_client_options *options)
{
    char text[sizeof(((struct rig_mistake *)0)->text)];
    struct rig_mistakes *mistakes = &client->mistakes;
    check_lists(mistakes, options);
    for (size_t i = 0; i < RIG_IGNORE_MAX * 2; i++) {
        const char *pattern = i < RIG_IGNORE_MAX ? client->ignore[i] : client->enable[i - RIG_IGNORE_MAX];
        if (pattern && !rig_pattern_known(&client->runner, pattern)) {
            (void)snprintf(text, sizeof text, "the client's .%s names \"%.60s\", %s",
                           i < RIG_IGNORE_MAX ? "ignore" : "enable", pattern,
                           rig_pattern_unknown(&client->runner, pattern));
            rig_mistake_keep(mistakes, RIG_EVENT_MISUSE, RIG_MISUSE_RULE_UNKNOWN, NULL, text);
        }
    }
}

/* All or none: the first that is no rule is told. */
static int add_rules(struct rig_client *client, const struct rig_own_rule *const *rules)
{
    char why[RIG_OWN_WRONG_SIZE], which[RIG_OWN_SHOWN_SIZE], text[sizeof(((struct rig_mistake *)0)->text)];
    const struct rig_own_rule *sorted[RIG_OWN_RULES_MAX];
    size_t wrong, count = rig_own_rules_sort(rules, sorted, &wrong, why);
    if (count == SIZE_MAX) {
        (void)snprintf(text, sizeof text, "the client's .rules[%zu]%s: %s", wrong, rig_own_shown(rules[wrong], which),
                       why);
        rig_mistake_keep_mended(&client->mistakes, RIG_MISUSE_BAD_ARGUMENT, NULL,
                                "none of .rules is used until each is as stackrig/rules.h says", text);
        return 0;
    }
    return count > 0 ? rig_own_add(&client->runner, &client->own, rules, sorted, count) : 0;
}

static int init(struct rig_client *client, const struct rig_client_options *options)
{
    size_t rule_count;
    const struct rig_rule *rules = rig_rules(&rule_count);
    const struct rig_check_set *checks = options->checks ? options->checks : &rig_checks_all;
    uint64_t limit = options->memory_limit ? options->memory_limit : MEMORY_LIMIT;
    struct rig_runner *runner = &client->runner;
    struct rig_cover *cover = rig_cover_new(checks);
    checks = cover ? &cover->set : checks;
    int error = rig_runner_init(runner, options->allocator, limit, checks, rules, rule_count);
    runner->cover = cover;
    if (cover) {
        cover->stack = client->stack;
    }
    if (error != 0) {
        return error;
    }
    rig_arena_init(&client->own, &runner->memory);
    client->names.arena = &client->own;
    runner->spelling = rig_names_spelling;
    runner->names = &client->names;
    rig_env_shape_cgi(&client->shape);
    client->server = options->server ? options->server : rig_servers(NULL)[0];
    runner->now = options->now ? options->now : RIG_CLOCK;
    rig_clock_attach();
    runner->ignore = client->ignore;
    runner->enable = client->enable;
    if (options->rules && (error = add_rules(client, options->rules)) != 0) {
        return error;
    }
    client->no_rules = rig_arena_zeroed(&client->own, runner->rule_count * sizeof *client->no_rules);
    if (!client->no_rules || copy_options(client, options) != 0) {
        return -ENOMEM;
    }
    client->unsent = (struct rig_report){.client = client, .armed = client->no_rules};
    check_options(client, options);
    return 0;
}

struct rig_client *rig_client_new(struct rig_app app, struct rig_client_options options)
{
    struct rig_memory outside;
    rig_memory_init(&outside, options.allocator, 0);
    struct rig_client *client = rig_memory_alloc(&outside, sizeof *client);
    if (client) {
        memset(client, 0, sizeof *client);
        client->app = app;
        client->stack = rig_app_stack(&client->app);
        if (client->stack) {
            rig_stack_join(client->stack);
        }
        if (init(client, &options) == 0) {
            return client;
        }
        rig_client_free(client);
    } else if (app.release) {
        app.release(app.self);
    }
    return NULL;
}

/* ---- error findings that no one asserted ---- */

/* With the request: a session may have sent it on its own. */
static void keep_forgotten(struct rig_client *client, const struct rig_result *result,
                           const struct rig_finding *finding)
{
    struct rig_text text;
    int size = rig_finding_text(finding, client->forgotten, sizeof client->forgotten);
    if (size > 0 && (size_t)size < sizeof client->forgotten) {
        rig_text_start(&text, client->forgotten + size, sizeof client->forgotten - (size_t)size);
        rig_text_request(&text, result);
        (void)rig_text_end(&text);
    }
}

static void note_forgotten(struct rig_client *client, const struct rig_report *report)
{
    for (size_t i = 0; i < report->result.finding_count; i++) {
        const struct rig_finding *finding = &report->result.findings[i];
        if (finding->level == RIG_LEVEL_ERROR) {
            if (client->unasserted++ == 0) {
                keep_forgotten(client, &report->result, finding);
            }
        }
    }
}

/* The first that was sent comes first. */
static struct rig_report *in_order(struct rig_report *newest)
{
    struct rig_report *first = NULL, *older;
    for (struct rig_report *report = newest; report; report = older) {
        older = report->next;
        report->next = first;
        first = report;
    }
    return first;
}

static RIG_COLD void note_unasserted(struct rig_client *client)
{
    for (const struct rig_report *report = in_order(client->reports); report; report = report->next) {
        if (!report->asserted) {
            note_forgotten(client, report);
        }
    }
}

static void drop_reports(struct rig_client *client)
{
    bool any = false;
    for (const struct rig_report *report = client->reports; report; report = report->next) {
        any = any || (report->result.finding_count > 0 && !report->asserted);
    }
    if (any) {
        note_unasserted(client);
    }
    client->reports = NULL;
}

static void note_stray(struct rig_client *client)
{
    struct rig_mistakes *stray = &client->runner.stray;
    for (unsigned i = 0; i < stray->count; i++) {
        if (client->unasserted++ == 0) {
            const struct rig_mistake *mistake = &stray->list[i];
            (void)snprintf(client->forgotten, sizeof client->forgotten, "%s: error: %s",
                           mistake->site ? mistake->site : "after the request", mistake->text);
        }
    }
    stray->count = stray->more = 0;
}

/* ---- ending ---- */

static RIG_COLD void abandon_held(struct rig_runner *runner)
{
    for (size_t i = 0; runner->open > 0 && i < RIG_RUNS; i++) {
        if (runner->runs[i].state == RIG_RUN_HELD) {
            rig_run_abandon(&runner->runs[i]);
        }
    }
}

void rig_client_reset(struct rig_client *client)
{
    if (!client) {
        (void)rig_misuse(NULL, RIG_MISUSE_NULL_ARGUMENT, NULL, "rig_client_reset was given a NULL client");
        return;
    }
    struct rig_runner *runner = &client->runner;
    if (RIG_RARE(runner->open > 0)) {
        abandon_held(runner);
    }
    if (RIG_RARE(!rig_runner_reclaim(runner, __builtin_frame_address(0)))) {
        (void)rig_misuse(NULL, RIG_MISUSE_CLIENT_BUSY, NULL,
                         "rig_client_reset came while a request of it is under way");
        return;
    }
    drop_reports(client);
    client->resets++;
    rig_cover_flush(runner->cover, false);
    rig_arena_reset(&runner->results);
}

int64_t rig_client_now(const struct rig_client *client)
{
    return client ? client->runner.now : 0;
}

void rig_client_set_now(struct rig_client *client, int64_t now)
{
    if (client) {
        client->runner.now = now;
    } else {
        (void)rig_misuse(NULL, RIG_MISUSE_NULL_ARGUMENT, NULL, "rig_client_set_now was given a NULL client");
    }
}

/* What the rig needs for itself, before the layers and after them, is not asked for. */
static bool admit_of_layers(void *self, size_t size)
{
    const struct rig_client *client = self;
    const struct rig_run *run = rig_run_here();
    bool theirs = run && run->runner == &client->runner && run->current_hop != RIG_NO_HOP;
    return !theirs || client->admit(client->admit_self, size);
}

static bool is_under_way(const struct rig_runner *runner)
{
    bool open = false;
    for (size_t i = 0; runner->open > 0 && i < RIG_RUNS; i++) {
        open = open || runner->runs[i].state == RIG_RUN_OPEN;
    }
    return open;
}

int rig_client_admit(struct rig_client *client, bool (*admit)(void *self, size_t size), void *self)
{
    struct rig_runner *runner = client ? &client->runner : NULL;
    if (!runner || runner->memory.allocator.admit) {
        return -EINVAL;
    }
    if (!rig_runner_reclaim(runner, __builtin_frame_address(0))) {
        return -EBUSY;
    }
    client->admit = admit;
    client->admit_self = self;
    runner->memory.admit = admit ? admit_of_layers : NULL;
    runner->memory.admit_self = client;
    rig_arena_recheck(&runner->results);
    rig_arena_recheck(&client->own);
    for (size_t i = 0; i < RIG_RUNS; i++) {
        rig_arena_recheck(&runner->runs[i].arena);
    }
    for (size_t i = 0; i < RIG_RESTING; i++) {
        rig_arena_recheck(&runner->rested[i]);
    }
    return 0;
}

bool rig_client_close(struct rig_client *client, char *message, size_t size)
{
    if (!client) {
        return false;
    }
    (void)rig_runner_reclaim(&client->runner, __builtin_frame_address(0));
    if (is_under_way(&client->runner)) {
        /* Freeing what the layers below this call still stand on would be worse than a leak that is told. */
        (void)rig_misuse(NULL, RIG_MISUSE_CLIENT_BUSY, NULL, "rig_client_free came from inside of a request of it");
        return false;
    }
    drop_reports(client);
    note_stray(client);
    unsigned count = client->unasserted;
    if (count > 0 && size > 0) {
        (void)snprintf(message, size, "%u error finding%s in results that no one asserted; the first:\n%s", count,
                       count == 1 ? "" : "s", client->forgotten);
    }
    rig_runner_end(&client->runner);
    rig_connections_close(client);
    rig_cover_flush(client->runner.cover, true); /* while the stack is there */
    if (client->stack) {
        rig_stack_part(client->stack, &client->runner);
    }
    struct rig_memory memory = client->runner.memory;
    rig_cover_end(client->runner.cover);
    rig_runner_free(&client->runner);
    if (client->app.release) {
        client->app.release(client->app.self);
    }
    rig_arena_free(&client->own);
    rig_arena_free(&client->trials);
    memory.held = sizeof *client;
    rig_memory_release(&memory, client, sizeof *client);
    return count > 0;
}

void rig_client_free(struct rig_client *client)
{
    char message[8];
    (void)rig_client_close(client, message, sizeof message);
}

uint64_t rig_client_memory(const struct rig_client *client)
{
    return client ? client->runner.memory.held : 0;
}
