#include "harness/cli/bisect/bisect_report.h"
#include "harness/cli/run/gather.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cli/ui/known.h"
#include "harness/core/wall.h"
#include "harness/report/mask.h"

static const struct rig_case *case_of(const struct rig_bisect_case *one)
{
    return &one->plan->cases[one->plan->jobs[one->target].number];
}

static const char *there(bool present)
{
    return present ? "present" : "absent";
}

static void tell_symptom(struct rig_text *text, const struct rig_bisect_case *one)
{
    rig_text_escape(text, case_of(one)->site);
    rig_text_add(text, ": ");
    rig_text_target(text, case_of(one)->request->name);
    rig_text_printf(text, " under %s: ", one->plan->servers[one->server]->name);
    switch (one->want.kind) {
    case RIG_WANT_STATUS:
        rig_text_printf(text, "expected status %d, got %d", one->want.status, one->status);
        break;
    case RIG_WANT_ERROR:
        rig_text_add(text, "an error that no layer handled: ");
        rig_text_error(text, one->error);
        break;
    case RIG_WANT_ENV:
        rig_text_add(text, "expected env ");
        rig_text_escape(text, one->want.name);
        rig_text_printf(text, " %s after, it was %s", there(one->want.present), there(!one->want.present));
        break;
    case RIG_WANT_FINDING:
        rig_text_printf(text, "a finding of %s", one->want.name);
        break;
    default:
        rig_text_add(text, one->how);
        rig_place_tell(text, &one->lost);
        break;
    }
    rig_text_add(text, "\n");
}

static const struct rig_alone_line *layer_line(const struct rig_bisect_case *one, unsigned layer)
{
    for (size_t i = 0; i < one->whole->count; i++) {
        const struct rig_alone_line *line = &one->whole->lines[i];
        if (*line->field[0] == 'L' && (unsigned)atoi(line->field[1]) == layer) {
            return line;
        }
    }
    static const struct rig_alone_line none = {{"", "", "", "", "", ""}};
    return &none;
}

const char *rig_bisect_layer(const struct rig_bisect_case *one, unsigned layer)
{
    return layer_line(one, layer)->field[2];
}

/* What the layers together are said of, at the first of them. */
static void tell_together(struct rig_text *text, const struct rig_bisect_case *one, const struct rig_culprits *culprits)
{
    const char *passes = one->want.kind == RIG_WANT_ENV ? "does not" : "does not fail in the same way";
    if (culprits->left_out && culprits->count == 1) {
        rig_text_add(text, ", among the others, makes it fail so");
    } else if (culprits->left_out) {
        rig_text_printf(text,
                        " with the %zu below, among the others, makes it fail so: the whole stack passes without all "
                        "of these; with any one of them it does not",
                        culprits->count - 1);
    } else if (culprits->count == 1) {
        rig_text_add(text, " alone, before the app, makes it fail so");
    } else {
        rig_text_printf(text, " with the %zu below makes it fail so; %s %s", culprits->count - 1,
                        culprits->count == 2 ? "each alone" : "without any one of them it", passes);
    }
}

/* first: of the whole stack; else of what the sets before it leave. */
static void tell_layers(struct rig_text *text, const struct rig_bisect_case *one, const struct rig_culprits *culprits,
                        bool first, bool app_fails)
{
    for (size_t i = 0; i < culprits->count; i++) {
        const char *site = layer_line(one, culprits->layers[i])->field[3];
        rig_text_printf(text, "%s%serror: layer %s", site, *site ? ": " : "",
                        rig_bisect_layer(one, culprits->layers[i]));
        if (i == 0) {
            tell_together(text, one, culprits);
        }
        rig_text_add(text, " [bisect]\n");
    }
    if (culprits->left_out && app_fails) {
        rig_text_add(text, "  without any layer it fails so, too: the app needs something of the others\n");
    }
    if (culprits->in_order) {
        rig_text_printf(text, "  their order matters: with %s and %s in each other's place it passes%s\n",
                        rig_bisect_layer(one, culprits->swapped[0]), rig_bisect_layer(one, culprits->swapped[1]),
                        !culprits->whole_swaps ? ""
                        : first                ? ", and so does the whole stack"
                                               : ", and so does the stack without the layers above");
    }
    if (culprits->enough) {
        rig_text_printf(text,
                        first ? "  the whole stack passes without %s\n"
                              : "  the stack without the layers above passes without %s\n",
                        rig_bisect_layer(one, culprits->key));
    }
}

/* ---- where two runs differ ---- */

static bool is_left_out(const struct rig_bisect_pair *pair, unsigned layer)
{
    bool fails = false, passes = false;
    for (size_t i = 0; i < pair->count; i++) {
        fails = fails || pair->all[i] == layer;
    }
    for (size_t i = 0; i < pair->rest_count; i++) {
        passes = passes || pair->rest[i] == layer;
    }
    return fails && !passes;
}

/* The next moment from *at on that is not of a layer left out. NULL: there is none. */
static const struct rig_alone_line *next_moment(const struct rig_alone_said *said, size_t *at,
                                                const struct rig_bisect_pair *pair)
{
    for (; *at < said->count; (*at)++) {
        const struct rig_alone_line *line = &said->lines[*at];
        if (*line->field[0] == 'M' && !is_left_out(pair, (unsigned)strtoul(line->field[2], NULL, 10))) {
            return &said->lines[(*at)++];
        }
    }
    return NULL;
}

/* The value of an attribute among those that follow from at. NULL: there is none. */
static const char *value_of(const struct rig_alone_said *said, size_t at, const char *key)
{
    for (; at < said->count && *said->lines[at].field[0] == 'A'; at++) {
        if (!strcmp(said->lines[at].field[1], key)) {
            return said->lines[at].field[2];
        }
    }
    return NULL;
}

static void tell_difference(struct rig_text *text, const char *key, const char *with, const char *without)
{
    rig_text_printf(text, "%s\n    with it: %s\n    without: %s\n", key, with ? with : "absent",
                    without ? without : "absent");
}

/* The first attribute that only one of two moments has, or has so. */
static bool differ(struct rig_text *text, const struct rig_alone_said *with, size_t at,
                   const struct rig_alone_line *head, const struct rig_alone_said *without, size_t other, bool swapped)
{
    for (; at < with->count && *with->lines[at].field[0] == 'A'; at++) {
        const char *key = with->lines[at].field[1], *mine = with->lines[at].field[2];
        const char *theirs = value_of(without, other, key);
        if (!theirs || (!swapped && strcmp(mine, theirs) != 0)) {
            bool entering = *head->field[1] == '>';
            rig_text_printf(text, "  first difference, %s %s: ", entering ? "on entering" : "when it leaves",
                            head->field[3]);
            tell_difference(text, key, swapped ? NULL : mine, swapped ? mine : theirs);
            return true;
        }
    }
    return false;
}

static bool same_place(const struct rig_alone_line *one, const struct rig_alone_line *other)
{
    return one && other && !strcmp(one->field[1], other->field[1]) && !strcmp(one->field[2], other->field[2]) &&
           !strcmp(one->field[3], other->field[3]);
}

static void tell_moment(struct rig_text *text, const struct rig_alone_line *moment)
{
    if (!moment) {
        rig_text_add(text, " nothing more happens");
        return;
    }
    rig_text_printf(text, " %s %s", moment->field[3], *moment->field[1] == '>' ? "is entered" : "comes to its end");
}

static void compare(struct rig_text *text, const struct rig_alone_said *with, const struct rig_alone_said *without,
                    const struct rig_bisect_pair *pair)
{
    size_t at = 0, other = 0;
    for (;;) {
        const struct rig_alone_line *mine = next_moment(with, &at, pair), *theirs = next_moment(without, &other, pair);
        if (!mine && !theirs) {
            return;
        }
        if (!same_place(mine, theirs)) {
            rig_text_add(text, "  first difference: without it");
            tell_moment(text, theirs);
            rig_text_add(text, ", with it");
            tell_moment(text, mine);
            rig_text_add(text, "\n");
            return;
        }
        if (differ(text, with, at, mine, without, other, false) || differ(text, without, other, mine, with, at, true)) {
            return;
        }
    }
}

/* The findings of the culprits, as check prints them. */
static void tell_findings(struct rig_text *text, const struct rig_bisect_case *one, const struct rig_culprits *culprits,
                          const struct rig_alone_said *said)
{
    bool wanted = false;
    for (size_t i = 0; i < said->count; i++) {
        const struct rig_alone_line *line = &said->lines[i];
        if (*line->field[0] == 'F') {
            wanted = false;
            for (size_t k = 0; k < culprits->count; k++) {
                wanted = wanted || !strcmp(line->field[1], rig_bisect_layer(one, culprits->layers[k]));
            }
        } else if (*line->field[0] == 'f' && wanted) {
            rig_text_printf(text, "  %s\n", line->field[1]);
        }
    }
}

static bool is_among(const struct rig_culprits *culprits, unsigned layer)
{
    size_t i = 0;
    while (i < culprits->count && culprits->layers[i] != layer) {
        i++;
    }
    return i < culprits->count;
}

void rig_bisect_pair(const struct rig_bisect_case *one, const struct rig_bisection *bisection, size_t set,
                     struct rig_bisect_pair *pair)
{
    const struct rig_culprits *culprits = &bisection->sets[set];
    bool stack = culprits->enough || culprits->left_out;
    pair->count = pair->rest_count = 0;
    for (unsigned i = 0; i < one->layer_count; i++) {
        bool there = stack || is_among(culprits, i);
        for (size_t before = 0; before < set; before++) {
            there = there && !is_among(&bisection->sets[before], i);
        }
        if (there) {
            pair->all[pair->count++] = i;
        }
        if (there && !(culprits->left_out ? is_among(culprits, i) : i == culprits->key)) {
            pair->rest[pair->rest_count++] = i;
        }
    }
}

/* Two runs more. */
static void tell_reason(struct rig_text *text, struct rig_bisect_case *one, const struct rig_bisection *bisection,
                        size_t set)
{
    struct rig_alone_said with = {0}, without = {0};
    struct rig_bisect_pair pair;
    rig_bisect_pair(one, bisection, set, &pair);
    bool both = rig_bisect_try(one, pair.all, pair.count, true, &with) &&
                rig_bisect_try(one, pair.rest, pair.rest_count, true, &without);
    rig_progress_end(&one->progress);
    if (both && !with.interrupted && !without.interrupted) {
        compare(text, &with, &without, &pair);
        rig_print(text);
        tell_findings(text, one, &bisection->sets[set], &with);
    }
    rig_alone_said_free(&with);
    rig_alone_said_free(&without);
}

/* Why no layer is named; NULL: some are. */
static const char *without_layers(const struct rig_bisection *bisection)
{
    switch (bisection->end) {
    case RIG_BISECT_APP:
        return bisection->incomplete ? "the app alone makes it fail so; the runs came to their limit before all layers "
                                       "had been left out"
                                     : "the app alone makes it fail so, and leaving layers out does not mend it: no "
                                       "layer is to blame";
    case RIG_BISECT_NO_LAYERS:
        return "the stack has no layers that could be left out: those of a framework, or of a program of its own, "
               "cannot be";
    case RIG_BISECT_NOTHING:
        return "a second run of the whole stack did not fail so: it depends on something else than its layers (time, "
               "memory, files, what a run leaves behind)";
    default:
        return NULL;
    }
}

static void tell_end(struct rig_text *text, const struct rig_bisect_case *one, const struct rig_bisection *bisection)
{
    if (bisection->more) {
        rig_text_add(text, "it fails without all of these, too\n");
    }
    if (bisection->incomplete) {
        rig_text_add(text, "the runs came to their limit: fewer layers may be enough\n");
    }
    rig_text_printf(text, "layers: %u, runs: %u\n", one->layer_count, one->runs);
}

/* ---- both for people and for the formats ---- */

/* That it cannot be written is told at the command's end. */
static void say(const struct rig_bisect_case *one, const char *text)
{
    if (rig_formats_text(&one->options->formats)) {
        (void)fputs(text, stdout);
    }
}

static struct rig_report_item *add_item(struct rig_run_report *report, const struct rig_bisect_case *one,
                                        const char *message, char *details)
{
    struct rig_report_item *item = rig_report_add(report, "bisect", RIG_LEVEL_ERROR, message);
    item->details = details;
    item->fails = true;
    rig_report_item_case(item, one->plan->jobs[one->target].number);
    return item;
}

/* One set of layers: its first line is the message. */
static void add_set(struct rig_run_report *report, struct rig_bisect_case *one, struct rig_text *text,
                    const struct rig_bisection *bisection, size_t set)
{
    const struct rig_culprits *culprits = &bisection->sets[set];
    struct rig_capture capture;
    char message[RIG_LINE_SIZE];
    struct rig_text first;
    const struct rig_alone_line *line = layer_line(one, culprits->layers[0]);
    rig_capture_begin(&capture);
    tell_layers(text, one, culprits, set == 0, bisection->app_fails);
    rig_print(text);
    tell_reason(text, one, bisection, set);
    rig_print(text);
    char *details = rig_capture_end(&capture);
    say(one, details);
    rig_text_start(&first, message, sizeof message);
    for (size_t i = 0; i < culprits->count; i++) {
        const char *before = i == 0 ? "layer" : i + 1 == culprits->count ? " and" : ",";
        rig_text_printf(&first, "%s%s %s", before, i == 0 && culprits->count > 1 ? "s" : "",
                        rig_bisect_layer(one, culprits->layers[i]));
    }
    rig_text_add(&first, culprits->count > 1 ? " make the request fail together" : " makes the request fail");
    rig_text_end(&first);
    struct rig_report_item *item = add_item(report, one, message, details);
    item->site = *line->field[3] ? rig_must_copy(line->field[3]) : NULL;
    item->layer = rig_must_copy(rig_bisect_layer(one, culprits->layers[0]));
    rig_report_item_key(item, message);
}

static void add_other(struct rig_run_report *report, const struct rig_bisect_case *one, const char *message)
{
    char line[RIG_LINE_SIZE];
    (void)snprintf(line, sizeof line, "%s [bisect]\n", message);
    say(one, line);
    rig_report_item_key(add_item(report, one, message, rig_must_copy(line)), message);
}

static void begin_report(struct rig_run_report *report, const struct rig_bisect_case *one, bool all)
{
    rig_report_begin(report, "bisect", one->options->stack);
    rig_report_add_cases(report, one->plan);
    for (size_t i = 0; i < one->plan->job_count && (all || i <= one->target); i++) {
        report->cases[one->plan->jobs[i].number].ran = true;
    }
    if (!all) {
        report->cases[one->plan->jobs[one->target].number].took = (uint64_t)(rig_wall_ns() - one->begun);
    }
}

static int end_report(struct rig_run_report *report, const struct rig_bisect_case *one, const char *summary, int status)
{
    say(one, summary);
    report->summary = rig_must_copy(summary);
    report->interrupted = status == RIG_STATUS_INTERRUPTED;
    rig_report_end(report, status);
    bool good = rig_formats_write(&one->options->formats, report);
    rig_report_free(report);
    return good ? status : RIG_STATUS_USAGE;
}

/* Where the search stands. */
static int print_interrupted(struct rig_run_report *report, const struct rig_bisect_case *one)
{
    char line[256];
    (void)snprintf(line, sizeof line, "interrupted after %u run%s: %zu of %u layers are under suspicion\n", one->runs,
                   one->runs == 1 ? "" : "s", one->left, one->layer_count);
    return end_report(report, one, line, RIG_STATUS_INTERRUPTED);
}

int rig_bisect_print(struct rig_bisect_case *one, const struct rig_bisection *bisection)
{
    static char line[65536];
    struct rig_text text;
    struct rig_run_report report;
    begin_report(&report, one, false);
    rig_text_start(&text, line, sizeof line);
    tell_symptom(&text, one);
    rig_text_end(&text);
    say(one, line);
    rig_text_start(&text, line, sizeof line);
    if (!bisection) {
        return print_interrupted(&report, one);
    }
    for (size_t i = 0; i < bisection->set_count; i++) {
        say(one, i > 0 ? "and, without that:\n" : "");
        add_set(&report, one, &text, bisection, i);
    }
    if (without_layers(bisection)) {
        add_other(&report, one, without_layers(bisection));
    }
    tell_end(&text, one, bisection);
    return end_report(&report, one, line, rig_interrupted() ? RIG_STATUS_INTERRUPTED : RIG_STATUS_FINDINGS);
}

int rig_bisect_print_nothing(const struct rig_bisect_case *one)
{
    char line[RIG_LINE_SIZE];
    struct rig_run_report report;
    begin_report(&report, one, true);
    size_t requests = one->plan->job_count;
    const struct rig_rule *rule = one->want.kind == RIG_WANT_FINDING ? rig_known_find(one->want.name) : NULL;
    bool off = rule && rule->off;
    (void)snprintf(line, sizeof line, "nothing fails: %zu request%s under %s, %u layer%s\n%s%s%s", requests,
                   requests == 1 ? "" : "s", one->plan->servers[one->server]->name, one->layer_count,
                   one->layer_count == 1 ? "" : "s", off ? one->want.name : "",
                   off ? " is off unless a request (# @enable) or a layer (.enable) enables it" : "", off ? "\n" : "");
    return end_report(&report, one, line, RIG_STATUS_CLEAN);
}

int rig_bisect_print_early(const struct rig_bisect_case *one)
{
    struct rig_run_report report;
    rig_report_begin(&report, "bisect", one->options->stack);
    rig_report_add_cases(&report, one->plan);
    return end_report(&report, one, "interrupted in the first run, of the whole stack: what fails is not known\n",
                      RIG_STATUS_INTERRUPTED);
}
