/* The process in which such a run happens. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <stackrig/client.h>

#include "harness/cli/trace/alone.h"
#include "harness/cli/run/connections.h"
#include "harness/cli/run/load.h"
#include "harness/cli/trace/moments.h"
#include "harness/cli/trace/trace_events.h"
#include "harness/core/stack.h"
#include "harness/report/mask.h"

#define SEED 1
#define FINDING_SIZE 8192

static _Noreturn void leave(FILE *out)
{
    (void)fclose(out); /* what could not be written is missing at the other end */
    fflush(NULL);
    rig_stack_write_lines();
    _exit(0);
}

static _Noreturn void trouble(FILE *out, const char *why)
{
    char line[1024];
    struct rig_text text;
    rig_text_start(&text, line, sizeof line);
    rig_text_escape(&text, why);
    fprintf(out, "T\t%s\n", line);
    leave(out);
}

/* Of free text, where secrets are masked. */
static void prose(FILE *out, const char *string, bool target)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    rig_text_start(&text, line, sizeof line);
    if (target) {
        rig_text_target(&text, string);
    } else {
        rig_text_prose(&text, string);
    }
    fprintf(out, "\t%s", line);
}

static void settle_streams(bool quiet)
{
    int null = open("/dev/null", O_RDWR);
    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        if (quiet) {
            dup2(null, STDERR_FILENO);
        }
        close(null);
    }
    dup2(STDERR_FILENO, STDOUT_FILENO);
}

static void escaped(FILE *out, const char *string)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    rig_text_start(&text, line, sizeof line);
    rig_text_escape(&text, string);
    fprintf(out, "\t%s", line);
}

/* In the order of rig_stack_leave_out; the depth is bounded, for the stack has been frozen without a complaint or will
 * be refused. */
static void print_layers(FILE *out, const struct rig_stack *stack, unsigned *number, unsigned depth)
{
    for (size_t i = 0; i < stack->use_count; i++) {
        const struct rig_hop *hop = &stack->uses[i]->entered.hop;
        char name[256];
        snprintf(name, sizeof name, hop->layer_number > 1 ? "%s #%u" : "%s", hop->layer, hop->layer_number);
        fprintf(out, "L\t%u", (*number)++);
        escaped(out, name);
        escaped(out, hop->layer_site ? hop->layer_site : "");
        fputs("\n", out);
    }
    for (size_t i = 0; i < stack->mapping_count && depth < 64; i++) {
        print_layers(out, stack->mappings[i].inner, number, depth + 1);
    }
    /* told by the library's own function: of the archive's the command must not get a second core */
    bool nested = stack->app.call == rig_stack_app((struct rig_stack *)(uintptr_t)stack).call;
    const struct rig_stack *inner = nested ? stack->app.self : NULL;
    if (inner && depth < 64) {
        print_layers(out, inner, number, depth + 1);
    }
}

static struct rig_stack *build(const struct rig_alone_job *job, FILE *out, const struct rig_own_rule *const **rules)
{
    char line[1024];
    struct rig_text why;
    unsigned number = 0;
    rig_text_start(&why, line, sizeof line);
    const struct rig_export *export = rig_stack_load(job->options->stack, &why);
    *rules = export ? rig_stack_rules(job->options->stack, &why) : NULL;
    if (why.length) {
        rig_text_end(&why);
        trouble(out, line);
    }
    const struct rig_setup setup = {.seed = SEED,
                                    .secrets = rig_run_credentials()->secrets,
                                    .secret_count = rig_run_secret_count(job->plan, job->options->stack),
                                    .settings = job->options->settings,
                                    .setting_count = job->options->setting_count};
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    int error = stack ? export->build(stack, &setup) : -ENOMEM;
    if (error) {
        rig_text_start(&why, line, sizeof line);
        rig_text_printf(&why, "%s: ", job->options->stack);
        rig_text_build_error(&why, stack, error);
        rig_text_end(&why);
        trouble(out, line);
    }
    print_layers(out, stack, &number, 0);
    if (job->layers) {
        (void)rig_stack_arrange(stack, job->layers, job->layer_count);
    }
    return stack;
}

/* All checks, and those that write. NULL: there are more than a client takes. */
static const struct rig_check_set *checks_and_writers(const struct rig_alone_job *job)
{
    static const struct rig_check *checks[RIG_CHECKS_MAX];
    static struct rig_check_set set = {.checks = checks};
    const struct rig_check_set *all = job->watch ? rig_watch_checks(job->watch) : &rig_checks_all;
    size_t writers = job->trace ? 2 : 1;
    checks[0] = &rig_check_moments;
    checks[1] = &rig_check_trace;
    set.count = writers;
    for (size_t i = 0; all && i < all->count && set.count < RIG_CHECKS_MAX; i++) {
        checks[set.count++] = all->checks[i];
    }
    return all && set.count == all->count + writers ? &set : NULL;
}

/* A finding's texts without secrets, its rule, names and places as they are. It goes with the process. */
static struct rig_finding hidden(const struct rig_alone_job *job, const struct rig_finding *finding)
{
    static struct rig_secrets secrets;
    struct rig_finding copy = *finding;
    struct rig_evidence *evidence = rig_must_alloc(finding->evidence_count, sizeof *evidence);
    if (secrets.count == 0) {
        rig_alone_secrets(job, &secrets);
    }
    copy.message = rig_must_hide(&secrets, finding->message);
    copy.mend = rig_must_hide(&secrets, finding->mend);
    copy.follows = rig_must_hide(&secrets, finding->follows);
    copy.evidence = evidence;
    for (size_t i = 0; i < finding->evidence_count; i++) {
        evidence[i] = finding->evidence[i];
        evidence[i].text = rig_must_hide(&secrets, finding->evidence[i].text);
    }
    return copy;
}

static void print_finding(FILE *out, const struct rig_finding *finding, bool text)
{
    static char buffer[FINDING_SIZE];
    char name[256], *rest = buffer;
    snprintf(name, sizeof name, finding->layer_number > 1 ? "%s #%u" : "%s", finding->layer ? finding->layer : "",
             finding->layer_number);
    fputs("F", out);
    escaped(out, name);
    escaped(out, finding->rule);
    escaped(out, rig_level_name(finding->level));
    escaped(out, finding->site);
    escaped(out, finding->subject);
    fprintf(out, "\t%u", finding->exchange);
    prose(out, finding->message ? finding->message : finding->rule, false);
    fputs("\n", out);
    buffer[0] = '\0';
    if (text) {
        (void)rig_finding_text(finding, buffer, sizeof buffer);
    }
    for (char *line = strtok_r(buffer, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        fputs("f", out);
        escaped(out, line);
        fputs("\n", out);
    }
}

static void print_delivery(FILE *out, const struct rig_result *result)
{
    static const char *const outcomes[] = {[RIG_DELIVERED] = "delivered", [RIG_TRUNCATED] = "truncated",
                                           [RIG_REPLACED] = "replaced",   [RIG_CLOSED] = "closed",
                                           [RIG_RESET] = "reset",         [RIG_REFUSED] = "refused",
                                           [RIG_GONE] = "gone",           [RIG_MISDIRECTED] = "misdirected",
                                           [RIG_NOT_SENT] = "not sent"};
    static const char *const connections[] = {[RIG_CONNECTION_KEPT] = "kept",
                                              [RIG_CONNECTION_CLOSED] = "closed",
                                              [RIG_CONNECTION_DESYNCHRONISED] = "desynchronised"};
    const struct rig_delivery *delivery = &result->delivery;
    fprintf(out, "\t%s\t%d\t%zu\t%llu\t%llu\t%s", outcomes[delivery->outcome], delivery->status, result->body_size,
            (unsigned long long)delivery->unread, (unsigned long long)delivery->offered,
            connections[delivery->connection]);
    escaped(out, result->method);
    prose(out, result->target, true);
    prose(out, result->refused, false);
    prose(out, delivery->follows, false);
}

static void print_result(FILE *out, const struct rig_alone_job *job, size_t number, const struct rig_result *result)
{
    fprintf(out, "R\t%zu\t%d\t%d\t%d\t,", number, result->status, result->error, rig_moments_saw());
    for (size_t i = 0; i < result->finding_count; i++) {
        fprintf(out, "%s%s,", result->findings[i].level == RIG_LEVEL_ERROR ? "!" : "", result->findings[i].rule);
    }
    if (job->trace) {
        print_delivery(out, result);
    }
    fputs("\n", out);
    bool text = job->trace || (job->details && number == job->last);
    for (size_t i = 0; (text || job->findings) && i < result->finding_count; i++) {
        const struct rig_finding finding = hidden(job, &result->findings[i]);
        print_finding(out, &finding, text);
    }
    fflush(out); /* should the next one be the end of this process */
}

void rig_alone_child(const struct rig_alone_job *job, int fd)
{
    FILE *out = fdopen(fd, "w");
    if (!out) {
        _exit(0);
    }
    settle_streams(job->quiet);
    if (job->trace || job->details) {
        (void)setvbuf(out, NULL, _IOLBF, BUFSIZ); /* what came before a crash */
    }
    if (job->watch) {
        rig_stand_listen(&job->watch->stand);
    }
    const struct rig_check_set *checks = checks_and_writers(job);
    if (!checks) {
        trouble(out, "there are more checks than a client can take");
    }
    const struct rig_own_rule *const *rules;
    struct rig_stack *stack = build(job, out, &rules);
    if (job->watch) {
        rig_stand_learn();
        rig_watch_clear();
    }
    struct rig_client *client = rig_client_new(
        rig_stack_app(stack),
        (struct rig_client_options){
            .server = job->plan->servers[job->server], .now = job->options->now, .checks = checks, .rules = rules});
    if (!client) {
        trouble(out, "out of memory");
    }
    struct rig_connections connections = {.client = client};
    fflush(out);
    for (size_t i = 0; i < job->plan->job_count && i <= job->last; i++) {
        if (job->plan->jobs[i].server == job->server) {
            rig_moments_look(job->env_name);
            rig_moments_write(job->details && i == job->last ? out : NULL);
            rig_trace_write(out);
            print_result(out, job, i, rig_connections_send(&connections, &job->plan->cases[job->plan->jobs[i].number]));
            rig_client_reset(client);
        }
    }
    fputs("E\n", out);
    leave(out); /* the stack goes with the process: what its end does is no part of the request */
}
