/* The end of `stackrig check`: everything that was found, then what was and was not looked at. */
#define _POSIX_C_SOURCE 200809L

#include "harness/cli/run/program.h"
#include "harness/cli/check/tally.h"
#include "harness/cli/ui/known.h"

#include <string.h>
#include <unistd.h>

#include "harness/checks/rules.h"
#include "harness/core/preload.h"
#include "harness/report/mask.h"

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void add_first(struct rig_text *text, const struct rig_tally *tally, const char *what,
                      const struct rig_refused *refused)
{
    if (refused->count) {
        rig_text_printf(text, "%s: %zu, first ", what, refused->count);
        rig_text_escape(text, tally->plan->cases[refused->first].site);
        rig_text_add(text, " (");
        rig_text_prose(text, refused->text);
        rig_text_add(text, ")\n");
        rig_print(text);
    }
}

/* What the layers made of the faults, and what was left out. */
static void add_faults(struct rig_text *text, const struct rig_tally *tally)
{
    size_t faults = 0;
    for (size_t i = 0; i <= RIG_FAULT_SPOILED; i++) {
        faults += tally->verdicts[i];
    }
    size_t sent = tally->tried + tally->fault_losses;
    rig_text_printf(text, "with faults: %zu request%s", sent, plural(sent));
    if (tally->fault_losses) {
        rig_text_printf(text, ", %zu of which crashed or hung", tally->fault_losses);
    }
    rig_text_printf(text, "; of %zu fault%s", faults, plural(faults));
    for (size_t i = 0; i <= RIG_FAULT_SPOILED; i++) {
        rig_text_printf(text, "%s %zu %s", i > 0 ? "," : "", tally->verdicts[i],
                        rig_fault_verdict_name((enum rig_fault_verdict)i));
    }
    rig_text_add(text, "\n");
    rig_print(text);
    add_first(text, tally, "not tried with faults", &tally->untried);
    add_first(text, tally, "with answers that vary without a fault", &tally->varying);
}

static void add_runs(struct rig_text *text, const struct rig_tally *tally)
{
    const struct rig_plan *plan = tally->plan;
    uint32_t used = 0;
    size_t profiles = 0;
    for (size_t i = 0; i < plan->job_count; i++) {
        used |= UINT32_C(1) << plan->jobs[i].server;
    }
    for (uint32_t bits = used; bits; bits &= bits - 1) {
        profiles++;
    }
    rig_text_printf(text, "%zu request%s, ", plan->case_count, plural(plan->case_count));
    if (tally->options->program) {
        rig_text_printf(text, "a %s program", tally->options->program->kind->name);
    } else {
        rig_text_printf(text, "%u layer%s", tally->layers, plural(tally->layers));
    }
    rig_text_printf(text, ", %zu profile%s (", profiles, plural(profiles));
    rig_text_servers(text, plan, used);
    rig_text_add(text, ")\n");
    if (tally->options->faults) {
        add_faults(text, tally);
    }
    if (tally->lingering) {
        rig_text_printf(
            text,
            "AddressSanitizer did not look for the program's leaks: it did not end by itself when its input "
            "ended: %zu time%s\n",
            tally->lingering, plural(tally->lingering));
    }
    if (tally->restarts) {
        rig_text_printf(text, "the program ended by itself after some requests, and was started again: %zu time%s\n",
                        tally->restarts, plural(tally->restarts));
    }
    if (tally->not_run) {
        rig_text_printf(text, "not run: %zu of %zu%s\n", tally->not_run, plan->job_count,
                        tally->interrupted || tally->gave_up ? ""
                        : tally->options->program            ? ", the program could not be started any more"
                                                             : ", the stack could not be built any more");
    }
    rig_print(text);
}

/* A list of names after its title. */
struct listing {
    struct rig_text *text;
    const char *title;
    size_t column; /* 0: still empty */
};

static void list_name(struct listing *list, const char *name)
{
    if (!list->column) {
        rig_text_add(list->text, list->title);
        list->column = strlen(list->title);
    } else {
        rig_text_add(list->text, ",");
        list->column++;
    }
    rig_print_wrapped(list->text, &list->column, name);
}

static bool same_area(const struct rig_rule *one, const struct rig_rule *other)
{
    return !strncmp(one->id, other->id, strcspn(one->id, ".") + 1);
}

/* A framework's rules count where it is in use, which arms one of them. */
static bool concerns(const struct rig_tally *tally, size_t rule)
{
    const struct rig_rule *one = rig_known_rule(rule);
    bool used = !rig_rule_is_of_framework(one->id);
    for (size_t i = 0; i < rig_known_count() && !used; i++) {
        used = tally->armed[i] && same_area(one, rig_known_rule(i));
    }
    return used;
}

/* The rules of an area that never were armed, "usage.* (12)" if that is all of them. Returns where the next begins. */
static size_t list_area(struct listing *list, const struct rig_tally *tally, bool off, size_t first)
{
    size_t end = first, members = 0, unarmed = 0;
    const struct rig_rule *one = rig_known_rule(first);
    int area = (int)strcspn(one->id, ".");
    for (; end < rig_known_count() && same_area(one, rig_known_rule(end)); end++) {
        members += rig_known_rule(end)->off == off;
        unarmed += rig_known_rule(end)->off == off && !tally->armed[end];
    }
    if (!concerns(tally, first)) {
        return end;
    }
    if (unarmed == members && unarmed > 1) {
        char name[80];
        snprintf(name, sizeof name, "%.*s.* (%zu)", area, one->id, unarmed);
        list_name(list, name);
        return end;
    }
    for (size_t i = first; i < end; i++) {
        if (rig_known_rule(i)->off == off && !tally->armed[i]) {
            list_name(list, rig_known_rule(i)->id);
        }
    }
    return end;
}

/* Rules that are off are another thing. */
static void add_unarmed(struct rig_text *text, const struct rig_tally *tally, bool off, const char *title)
{
    struct listing list = {text, title, 0};
    for (size_t i = 0; i < rig_known_count();) {
        i = list_area(&list, tally, off, i);
    }
    rig_text_add(text, list.column ? "\n" : "");
    rig_print(text);
}

static void add_rules(struct rig_text *text, const struct rig_tally *tally)
{
    size_t armed = 0, all = 0;
    for (size_t i = 0; i < rig_known_count(); i++) {
        armed += tally->armed[i] > 0;
        all += concerns(tally, i);
    }
    rig_text_printf(text, "%zu of %zu rules armed\n", armed, all);
    add_unarmed(text, tally, false, "never armed:");
    add_unarmed(text, tally, true, "off:");
}

static void add_findings(struct rig_text *text, const struct rig_tally *tally)
{
    size_t expected = 0, errors = rig_fold_count(&tally->fold, RIG_LEVEL_ERROR) + tally->again_count,
           warnings = rig_fold_count(&tally->fold, RIG_LEVEL_WARNING),
           notes = rig_fold_count(&tally->fold, RIG_LEVEL_NOTE);
    for (size_t i = 0; i < tally->fold.count; i++) {
        expected += tally->fold.blocks[i].expected && !tally->fold.blocks[i].apart;
    }
    rig_text_printf(text, "findings: %zu error%s, %zu warning%s, %zu note%s", errors, plural(errors), warnings,
                    plural(warnings), notes, plural(notes));
    if (expected) {
        rig_text_printf(text, "; %zu expected", expected);
    }
    rig_text_add(text, "\n");
    if (tally->fold.dropped + tally->lost_findings) {
        rig_text_printf(text, "too many findings to keep: %zu more\n", tally->fold.dropped + tally->lost_findings);
    }
    if (tally->again_count > 0) {
        rig_text_printf(text, "of these with all oracles of fuzzing: %zu, first ", tally->again_count);
        rig_text_escape(text, tally->again[0].file);
        rig_text_printf(text, " [%s]\n", tally->again[0].rule);
    }
    if (tally->errors) {
        rig_text_printf(text, "unhandled errors: %zu\n", tally->errors);
    }
    if (tally->losses) {
        rig_text_printf(text, "crashed or hung: %zu\n", tally->losses);
    }
    rig_print(text);
    for (size_t i = 0; i < tally->quiet_count; i++) {
        const struct rig_quiet *quiet = &tally->quiet[i];
        rig_text_add(text, "suppressed: ");
        rig_text_escape(text, quiet->rule);
        rig_text_add(text, " by ");
        rig_text_escape(text, quiet->by);
        rig_text_printf(text, ", %llu time%s\n", (unsigned long long)quiet->count, plural((size_t)quiet->count));
        rig_print(text);
    }
}

size_t rig_tally_missing(const struct rig_tally *tally, rig_missing_fn *each, void *closure)
{
    size_t missing = 0;
    for (size_t i = 0; i < tally->options->armed_count; i++) {
        size_t number = rig_known_number(tally->options->armed[i].rule);
        if (number != SIZE_MAX && !tally->armed[number]) {
            each(closure, rig_known_rule(number));
            missing++;
        }
    }
    return missing;
}

static void print_missing(void *closure, const struct rig_rule *rule)
{
    struct rig_text *text = closure;
    rig_text_printf(text, "never armed, but required: %s (armed when %s)\n", rule->id, rule->armed_when);
    rig_print(text);
}

static void count_missing(void *closure, const struct rig_rule *rule)
{
    (void)closure;
    (void)rule;
}

static void count_expect(void *closure, size_t number, size_t line, const char *text)
{
    (void)closure;
    (void)number;
    (void)line;
    (void)text;
}

static bool findings_fail(const struct rig_tally *tally)
{
    size_t count = tally->fold.dropped + tally->lost_findings + tally->unchecked + tally->not_run;
    for (size_t i = 0; i < tally->fold.count; i++) {
        const struct rig_block *block = &tally->fold.blocks[i];
        count += rig_block_is_new(block) && block->finding.level >= tally->options->fail_on;
    }
    for (int level = RIG_LEVEL_NOTE; level <= RIG_LEVEL_ERROR; level++) {
        count += rig_fold_count(&tally->fold, (enum rig_level)level) > tally->options->most[level];
    }
    return count > 0;
}

int rig_tally_status(const struct rig_tally *tally)
{
    return findings_fail(tally) || rig_expects_each(&tally->expects, count_expect, NULL) ||
                   rig_tally_missing(tally, count_missing, NULL)
               ? RIG_STATUS_FINDINGS
               : RIG_STATUS_CLEAN;
}

struct expects_printer {
    const struct rig_tally *tally;
    bool colour;
};

static void print_expect(void *closure, size_t number, size_t at, const char *what)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    const struct expects_printer *printer = closure;
    rig_text_start(&text, line, sizeof line);
    rig_text_escape(&text, printer->tally->plan->cases[number].path);
    rig_text_printf(&text, ":%zu: %serror:%s ", at, printer->colour ? "\033[1;31m" : "",
                    printer->colour ? "\033[0m" : "");
    rig_text_add(&text, what);
    rig_text_add(&text, " [@expect]\n");
    rig_print(&text);
}

void rig_tally_print_findings(const struct rig_tally *tally)
{
    char line[4];
    struct rig_text text;
    struct expects_printer printer = {tally, rig_colour_wanted(STDOUT_FILENO)};
    bool any = false;
    for (size_t i = 0; i < tally->fold.count; i++) {
        if (tally->fold.blocks[i].state == RIG_REPORT_NEW) {
            rig_print_block(&tally->fold.blocks[i], tally->plan, printer.colour);
            any = true;
        }
    }
    any = rig_expects_each(&tally->expects, print_expect, &printer) > 0 || any;
    rig_text_start(&text, line, sizeof line);
    rig_text_add(&text, any ? "\n" : "");
    rig_print(&text);
}

/* Thresholds that were passed. */
static void add_most(struct rig_text *text, const struct rig_tally *tally)
{
    for (int level = RIG_LEVEL_NOTE; level <= RIG_LEVEL_ERROR; level++) {
        size_t count = rig_fold_count(&tally->fold, (enum rig_level)level), most = tally->options->most[level];
        if (count > most) {
            rig_text_printf(text, "more than %zu %s%s: %zu\n", most, rig_level_name((enum rig_level)level),
                            plural(most), count);
        }
    }
    rig_print(text);
}

void rig_tally_print_summary(const struct rig_tally *tally)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    size_t expects = rig_expects_count(&tally->expects);
    rig_text_start(&text, line, sizeof line);
    add_runs(&text, tally);
    add_rules(&text, tally);
    add_findings(&text, tally);
    add_first(&text, tally, "refused by the server or a gateway before it", &tally->refused);
    if (tally->options->each_malloc) {
        rig_text_printf(&text, "allocations that failed in turn: %zu; crashed or hung: %zu\n",
                        tally->shortages + tally->short_losses, tally->short_losses);
        rig_print(&text);
        add_first(&text, tally, "not tried with allocations that fail", &tally->unstarved);
        rig_text_add(&text, tally->spared ? "not tried: " RIG_SPARED "\n" : "");
    }
    if (tally->no_leaks != RIG_LEAKS_TRIED) {
        rig_text_printf(&text, "leaks were not looked for: %s\n",
                        tally->no_leaks == RIG_LEAKS_WITH_THREADS
                            ? "another thread of the process runs meanwhile, or wakes by itself, and may give back "
                              "what a request takes; a test "
                              "linked to the adapter has one thread (README, \"Handlers written for other servers\")"
                            : "libstackrig-malloc.so could not be loaded, or another malloc stands before it");
    }
    if (tally->unchecked) {
        rig_text_printf(&text, "not fully checked (out of memory): %zu\n", tally->unchecked);
    }
    if (expects) {
        rig_text_printf(&text, "expectations: %zu, failed: %zu\n", expects,
                        rig_expects_each(&tally->expects, count_expect, NULL));
    }
    rig_print(&text);
    rig_tally_missing(tally, print_missing, &text);
    add_most(&text, tally);
    if (tally->baseline) {
        rig_baseline_print(tally->baseline, &tally->fold);
    }
    if (tally->conf) {
        rig_conf_print(tally->conf);
    }
    rig_text_add(&text, tally->interrupted ? "interrupted: there may be more\n" : "");
    rig_print(&text);
}
