/* stackrig fuzz, in the child: what runs the stack. */
#define _DEFAULT_SOURCE

#include <errno.h>
#include <string.h>

#include "harness/cli/fuzz/fuzzing.h"
#include "harness/report/text.h"
#include "fuzz/driver/masked.h"

/* False: for that error it could not, which is said. */
static bool could_build(int error)
{
    if (error != 0) {
        rig_complain("the stack cannot be built anew: %s", rig_fuzz_trouble(&rig_fuzzing->target, error));
    }
    return error == 0;
}

/* What an earlier child has counted counts on. */
static void add_counts(struct rig_fuzz_target *target, const struct rig_fuzz_target *before)
{
    target->scenarios += before->scenarios;
    target->requests += before->requests;
    target->refused += before->refused;
    target->not_sent += before->not_sent;
    target->violations += before->violations;
    target->known_sent += before->known_sent;
    target->known_denied += before->known_denied;
    target->known_401 += before->known_401;
    target->known_in += before->known_in;
    target->opened |= before->opened;
    target->open_anyway += before->open_anyway;
    target->stayed_shut += before->stayed_shut;
    target->builds += before->builds;
    target->build_ns += before->build_ns;
    target->entered |= before->entered;
    target->entered_as_known |= before->entered_as_known;
    for (unsigned i = 0; i < RIG_FUZZ_RULES; i++) {
        target->armed[i] += before->armed[i];
    }
    rig_fuzz_armed_add(&target->armed_rules, &before->armed_rules);
}

/* False: why not was said. */
static bool open_target(struct rig_fuzzing_options *options)
{
    static struct rig_fuzz_target before;
    before = rig_fuzzing->target;
    if (!rig_fuzzed_open(&options->fuzzed, &rig_fuzzing->target)) {
        return false;
    }
    add_counts(&rig_fuzzing->target, &before);
    rig_fuzzing->target.asked_first = rig_fuzzing->target.scenarios; /* of this process: there was none yet */
    rig_fuzzing->engine.recent_count = 0;
    return true;
}

/* It is played as bytes are: with the names of this run. */
static void compare_names(const struct rig_fuzz_names *names, const char *file)
{
    const struct rig_fuzz_credentials *ours = &rig_fuzzing->target.credentials;
    for (unsigned i = 0; i < RIG_FUZZ_NAMED; i++) {
        const char *place = rig_fuzz_places[RIG_FUZZ_PLACE_COOKIE + i];
        if (names->of[i][0] && strcmp(names->of[i], ours->names[RIG_FUZZ_PLACE_COOKIE + i]) != 0) {
            rig_complain("%s: has its credentials in the %s %s, this run in %s: --credential %s=%s", file, place,
                         names->of[i], ours->names[RIG_FUZZ_PLACE_COOKIE + i], place, names->of[i]);
        }
    }
}

/* The next scenario of the files; it goes through the table's bytes, as all do, and to the servers that it has. */
static bool try_next(const struct rig_fuzzing_options *options)
{
    static struct rig_fuzz_input input;
    struct rig_fuzz_table table = rig_fuzzing->target.table;
    const char *file = options->seeds.paths[rig_fuzzing->next_file];
    if (!rig_fuzzed_input_next(file, &rig_fuzzing->next_request, &table, &input)) {
        return false;
    }
    if (rig_fuzzing->next_request == 0) {
        compare_names(&table.names, file);
    }
    rig_fuzzing->next_file += rig_fuzzing->next_request == 0; /* before: it may be the last thing this child does */
    return could_build(rig_fuzz_engine_give(&rig_fuzzing->engine, input.bytes, input.size));
}

/* What the stack was asked as it was opened, and did not survive: before all others, so that it is told. */
static bool try_deadly(void)
{
    static struct rig_fuzz_scenario scenario;
    static struct rig_fuzz_input input;
    rig_fuzz_deadly_scenario(&rig_fuzzing->target, rig_fuzzing->next_deadly++, &scenario);
    input.size = rig_fuzz_encode(&rig_fuzzing->target.table, &scenario, input.bytes, sizeof input.bytes);
    return could_build(rig_fuzz_engine_try(&rig_fuzzing->engine, input.bytes, input.size));
}

int rig_fuzzing_run(void *closure, FILE *out)
{
    struct rig_fuzzing_options *options = closure;
    struct rig_fuzz_engine *engine = &rig_fuzzing->engine;
    bool good = open_target(options);
    (void)out;
    if (!good) {
        return RIG_STATUS_USAGE;
    }
    if (!rig_fuzzing->started) {
        rig_fuzz_engine_start(engine, &rig_fuzzing->target, options->fuzzed.seed);
        rig_fuzzing->started = true;
    } else {
        rig_fuzz_engine_resume(engine, &rig_fuzzing->target);
    }
    while (good && rig_fuzzing->next_deadly < rig_fuzzing->target.deadly.count) {
        good = try_deadly();
    }
    while (good && rig_fuzzing->next_file < options->seeds.count) {
        good = try_next(options);
    }
    while (good && engine->runs < options->runs) {
        good = could_build(rig_fuzz_engine_step(engine));
    }
    rig_fuzz_count(&rig_fuzzing->target);
    return good ? RIG_STATUS_CLEAN : RIG_STATUS_USAGE;
}

int rig_fuzzing_count(void *closure, FILE *out)
{
    (void)out;
    if (!open_target(closure)) {
        return RIG_STATUS_USAGE;
    }
    rig_fuzz_count(&rig_fuzzing->target);
    return RIG_STATUS_CLEAN;
}

/* ---- what is told ---- */

static struct rig_fuzz_violation crash_violation(const struct rig_fuzzing_options *options,
                                                 const struct rig_fuzzing_crash *crash)
{
    static char layer[RIG_WATCH_TEXT + 16], code[RIG_LINE_SIZE];
    const struct rig_place *place = &crash->end.place;
    const char *site = place->last_site[0] ? place->last_site : place->layer_site;
    struct rig_text text;
    rig_text_start(&text, layer, sizeof layer);
    rig_text_layer(&text, place->layer, place->layer_number);
    rig_text_start(&text, code, sizeof code);
    rig_place_tell_code(&text, &place->stand, options->fuzzed.stack);
    return (struct rig_fuzz_violation){.rule = "crash",
                                       .layer = layer[0] ? layer : NULL,
                                       .site = site[0] ? site : NULL,
                                       .request = RIG_FUZZ_NO_REQUEST,
                                       .code = place->stand.module[0] ? code : NULL};
}

struct rig_fuzz_violation rig_fuzzing_violation(const struct rig_fuzzing_options *options, size_t i)
{
    size_t found = rig_fuzzing->engine.found_count;
    struct rig_fuzz_violation violation = i < found ? rig_fuzz_found_violation(&rig_fuzzing->engine.found[i])
                                                    : crash_violation(options, &rig_fuzzing->crashes[i - found]);
    violation.message = rig_fuzzing->messages[i];
    return violation;
}

const char *rig_fuzzing_text(size_t i)
{
    return rig_fuzzing->texts[i][0] ? rig_fuzzing->texts[i] : NULL;
}

const char *rig_fuzzing_place(size_t i, char *place, size_t size)
{
    size_t found = rig_fuzzing->engine.found_count;
    const struct rig_fuzzed_end *end = i < found ? NULL : &rig_fuzzing->crashes[i - found].end;
    const struct rig_stand *stand = end ? &end->place.stand : NULL;
    if (!end || !stand->module[0] || (end->hung && !stand->waits)) { /* a loop is somewhere else each time */
        return NULL;
    }
    (void)snprintf(place, size, "%s+0x%llx", stand->module, (unsigned long long)stand->offset);
    return place;
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
    char message[RIG_FUZZING_MESSAGE_MAX];
    struct rig_text text;
    rig_text_start(&text, message, sizeof message);
    rig_text_add(&text, crash->end.how);
    if (crash->end.place.rule[0]) { /* a layer stands on a line of its own */
        rig_place_tell(&text, &crash->end.place);
    }
    if (crash->times > 1) {
        rig_text_printf(&text, ", %llu times", (unsigned long long)crash->times);
    }
    rig_text_add(&text, rig_apart_tell(crash->cause));
    rig_fuzz_decode(&rig_fuzzing->target.table, crash->input.bytes, crash->input.size, &scenario);
    keep(&scenario, message, true);
    if (!*rig_apart_tell(crash->cause)) { /* else `check` and `emit-c` would find nothing with it */
        save(options, "crash", &scenario);
    }
}

static void print_reported(const struct rig_fuzzing_options *options, FILE *out)
{
    if (rig_formats_text(&options->formats)) {
        const struct rig_fuzz_violation violation = rig_fuzzing_violation(options, rig_fuzzing->reported);
        rig_fuzz_print(out, &violation, rig_fuzzing_text(rig_fuzzing->reported));
    }
}

int rig_fuzzing_report(void *closure, FILE *out)
{
    struct rig_fuzzing_options *options = closure;
    struct rig_fuzz_engine *engine = &rig_fuzzing->engine;
    if (!open_target(options)) {
        return RIG_STATUS_USAGE;
    }
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
            break; /* which is said at the end */
        }
        rig_fuzzing->reported++;
        rig_fuzzing->unshrunk = false;
    }
    return RIG_STATUS_CLEAN;
}
