/* stackrig fuzz, in the child: what runs the stack. */
#define _DEFAULT_SOURCE

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "harness/cli/fuzz/fuzzing.h"
#include "harness/cli/fuzz/masked.h"
#include "harness/cli/run/load.h"
#include "harness/cli/run/settle.h"

static _Noreturn void give_up(const char *format, ...) RIG_PRINTF_(1, 2);
static _Noreturn void give_up(const char *format, ...)
{
    char line[RIG_LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    rig_complain("%s", line);
    rig_fuzzing->gave_up = true;
    (void)fflush(NULL);
    _exit(RIG_STATUS_USAGE);
}

static _Noreturn void leave(void)
{
    rig_fuzzing->done = true;
    (void)fflush(NULL); /* what layers have printed */
    rig_stack_write_lines();
    _exit(0);
}

/* What an earlier child has counted counts on. */
static void add_counts(struct rig_fuzz_target *target, const struct rig_fuzz_target *before)
{
    target->scenarios += before->scenarios;
    target->requests += before->requests;
    target->refused += before->refused;
    target->not_sent += before->not_sent;
    target->violations += before->violations;
    target->builds += before->builds;
    target->build_ns += before->build_ns;
    target->entered |= before->entered;
    for (unsigned i = 0; i < RIG_FUZZ_RULES; i++) {
        target->armed[i] += before->armed[i];
    }
}

/* Why it cannot be done was said. */
static _Noreturn void give_up_silently(void)
{
    rig_fuzzing->gave_up = true;
    (void)fflush(NULL);
    _exit(RIG_STATUS_USAGE);
}

static void open_target(struct rig_fuzzing_options *options)
{
    static struct rig_fuzz_target before;
    before = rig_fuzzing->target;
    if (!rig_fuzzed_open(&options->fuzzed, &rig_fuzzing->target)) {
        give_up_silently();
    }
    add_counts(&rig_fuzzing->target, &before);
    rig_fuzzing->target.asked_first = rig_fuzzing->target.scenarios; /* of this process: there was none yet */
    rig_fuzzing->engine.recent_count = 0;
}

static void try_input(const void *bytes, size_t size)
{
    if (rig_fuzz_engine_try(&rig_fuzzing->engine, bytes, size) != 0) {
        give_up("the stack cannot be built anew");
    }
}

/* The next scenario of the files; it goes through the table's bytes, as all do, and to the servers that it has. */
static void try_next(const struct rig_fuzzing_options *options)
{
    static struct rig_fuzz_input input;
    struct rig_fuzz_table table = rig_fuzzing->target.table;
    if (!rig_fuzzed_input_next(options->files[rig_fuzzing->next_file], &rig_fuzzing->next_request, &table, &input)) {
        give_up_silently();
    }
    rig_fuzzing->next_file += rig_fuzzing->next_request == 0; /* before: it may be the last thing this child does */
    try_input(input.bytes, input.size);
}

_Noreturn void rig_fuzzing_run(struct rig_fuzzing_options *options)
{
    struct rig_fuzz_engine *engine = &rig_fuzzing->engine;
    rig_settle_streams();
    open_target(options);
    if (!rig_fuzzing->started) {
        rig_fuzz_engine_start(engine, &rig_fuzzing->target, options->fuzzed.seed);
        rig_fuzzing->started = true;
    } else {
        rig_fuzz_engine_resume(engine, &rig_fuzzing->target);
    }
    while (rig_fuzzing->next_file < options->file_count) {
        try_next(options);
    }
    while (engine->runs < options->runs) {
        if (rig_fuzz_engine_step(engine) != 0) {
            give_up("the stack cannot be built anew");
        }
    }
    rig_fuzz_count(&rig_fuzzing->target);
    leave();
}

/* ---- what is told ---- */

struct rig_fuzz_violation rig_fuzzing_violation(size_t i)
{
    if (i >= rig_fuzzing->engine.found_count) {
        return (struct rig_fuzz_violation){"crash", NULL, NULL, rig_fuzzing->messages[i], RIG_FUZZ_NO_REQUEST};
    }
    const struct rig_fuzz_found *found = &rig_fuzzing->engine.found[i];
    return (struct rig_fuzz_violation){found->rule, found->layer[0] ? found->layer : NULL,
                                       found->site[0] ? found->site : NULL, rig_fuzzing->messages[i], found->request};
}

const char *rig_fuzzing_text(size_t i)
{
    return rig_fuzzing->texts[i][0] ? rig_fuzzing->texts[i] : NULL;
}

/* Keeps what of the scenario and the message may be shown. */
static void keep(const struct rig_fuzz_scenario *scenario, const char *message, bool known)
{
    size_t i = rig_fuzzing->reported;
    rig_fuzzing->texts[i][0] = '\0';
    if (known) {
        (void)rig_masked_write(scenario, rig_fuzzing->texts[i], RIG_FUZZ_TEXT_MAX);
    }
    rig_masked_text(&rig_fuzzing->target, scenario, message, rig_fuzzing->messages[i], RIG_FUZZING_MESSAGE_MAX);
}

/* The reproducer is the decoded input as it was sent. */
static void save(const struct rig_fuzzing_options *options, const char *rule, const struct rig_fuzz_scenario *scenario)
{
    static char text[RIG_FUZZ_TEXT_MAX];
    char path[RIG_FUZZ_PATH_MAX];
    (void)rig_fuzz_write(scenario, text, sizeof text);
    if (options->save && !rig_fuzz_save(options->save, rule, text, path)) {
        rig_complain("cannot write %s: %s", path, strerror(errno));
        rig_fuzzing->unsaved = true; /* it is printed all the same */
    }
}

static void report_found(const struct rig_fuzzing_options *options, struct rig_fuzz_found *found)
{
    static struct rig_fuzz_scenario scenario;
    bool known = found->request != RIG_FUZZ_NO_REQUEST;
    bool apart = strcmp(found->rule, rig_fuzz_rule_ids[RIG_FUZZ_ANSWER_VARIES]) == 0; /* the parent has shrunk it */
    if (known && !apart && !rig_fuzzing->unshrunk && !rig_fuzzing->interrupted) {
        (void)rig_fuzz_engine_shrink(&rig_fuzzing->engine, found);
    }
    rig_fuzz_decode(&rig_fuzzing->target.table, found->input.bytes, found->input.size, &scenario);
    keep(&scenario, found->message, known);
    if (known) {
        save(options, found->rule, &scenario);
    }
}

static void report_crash(const struct rig_fuzzing_options *options, const struct rig_fuzzing_crash *crash)
{
    static struct rig_fuzz_scenario scenario;
    char message[RIG_FUZZING_MESSAGE_MAX], times[48] = "";
    if (crash->times > 1) {
        (void)snprintf(times, sizeof times, ", %llu times", (unsigned long long)crash->times);
    }
    (void)snprintf(message, sizeof message, "%s%s%s", crash->how, times,
                   crash->not_alone ? "; not by this scenario alone, but behind others" : "");
    rig_fuzz_decode(&rig_fuzzing->target.table, crash->input.bytes, crash->input.size, &scenario);
    keep(&scenario, message, true);
    save(options, "crash", &scenario);
}

static void print_reported(const struct rig_fuzzing_options *options, FILE *out)
{
    if (rig_formats_text(&options->formats)) {
        const struct rig_fuzz_violation violation = rig_fuzzing_violation(rig_fuzzing->reported);
        rig_fuzz_print(out, &violation, rig_fuzzing_text(rig_fuzzing->reported));
    }
}

_Noreturn void rig_fuzzing_report(struct rig_fuzzing_options *options)
{
    struct rig_fuzz_engine *engine = &rig_fuzzing->engine;
    int copy = dup(STDOUT_FILENO);
    FILE *out = copy >= 0 ? fdopen(copy, "w") : NULL;
    if (!out) {
        give_up("cannot open the report: %s", strerror(errno));
    }
    rig_settle_streams();
    open_target(options);
    rig_fuzz_engine_resume(engine, &rig_fuzzing->target);
    while (rig_fuzzing->reported < engine->found_count + rig_fuzzing->crash_count) {
        size_t i = rig_fuzzing->reported;
        if (i < engine->found_count) {
            report_found(options, &engine->found[i]);
        } else {
            report_crash(options, &rig_fuzzing->crashes[i - engine->found_count]);
        }
        print_reported(options, out);
        if (fflush(out) != 0) {
            give_up("cannot write to standard output: %s", strerror(errno));
        }
        rig_fuzzing->reported++;
        rig_fuzzing->unshrunk = false;
    }
    leave();
}
