/* The end of a fuzzer's run: how much was tried, and which oracles had a chance to say something. */
#include "fuzz/driver/report.h"

#include <stdlib.h>

#define WIDTH 80 /* of a terminal */

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static int area_size(const char *id)
{
    return (int)strcspn(id, ".");
}

static bool same_area(const char *one, const char *other)
{
    return strncmp(one, other, strcspn(one, ".") + 1) == 0;
}

/* ---- lines that are wrapped between words ---- */

struct line {
    FILE *out;
    int column;
};

/* after: a comma or the like, which stays with it. */
static void put_word(struct line *line, const char *word, const char *after)
{
    int width = 1 + (int)(strlen(word) + strlen(after));
    if (line->column + width >= WIDTH) {
        fputs("\n   ", line->out);
        line->column = 3;
    }
    fprintf(line->out, " %s%s", word, after);
    line->column += width;
}

/* ---- how often ---- */

/* Those of one area; .oracles has them as the summary wants them. */
struct area {
    struct rig_fuzz_oracle oracles[RIG_FUZZ_ARMED_MAX];
    size_t count;
};

/* From that number on; returns where the next one begins: all are sorted, one's own apart from the rig's. */
static size_t take_area(struct area *area, const struct rig_fuzz_target *target, size_t at)
{
    area->count = 0;
    while (rig_fuzz_oracle(target, at, &area->oracles[area->count]) &&
           same_area(area->oracles[0].id, area->oracles[area->count].id)) {
        area->count++;
        at++;
    }
    return at;
}

static int by_times(const void *one, const void *other)
{
    const struct rig_fuzz_oracle *a = one, *b = other;
    return a->armed != b->armed ? (a->armed > b->armed) - (a->armed < b->armed) : strcmp(a->id, b->id);
}

/* "env.* 3 of 24: 724 lifetime.stale; 2898 identity.lost_write, identity.replaced": the rarest first. */
static void print_area(FILE *out, struct area *area)
{
    struct rig_fuzz_oracle *of = area->oracles;
    size_t all = 0, first = 0;
    for (size_t i = 0; i < area->count; i++) {
        of[all] = of[i];
        all += of[i].kind == RIG_FUZZ_ORACLE;
    }
    qsort(of, all, sizeof *of, by_times);
    while (first < all && of[first].armed == 0) {
        first++;
    }
    if (first == all) {
        return;
    }
    int size = area_size(of->id);
    struct line line = {out, fprintf(out, "  %.*s.* %zu of %zu:", size, of->id, all - first, all)};
    if (all > 1 && first == 0 && of[0].armed == of[all - 1].armed) {
        fprintf(out, " %llu each\n", (unsigned long long)of->armed);
        return;
    }
    for (size_t i = first; i < all; i++) {
        char word[32 + RIG_OWN_ID_MAX] = "";
        bool with = i > first && of[i - 1].armed == of[i].armed;
        int at = with ? 0 : snprintf(word, sizeof word, "%llu ", (unsigned long long)of[i].armed);
        (void)snprintf(word + at, sizeof word - (size_t)at, "%s", of[i].id + size + 1);
        put_word(&line, word, i + 1 == all ? "" : of[i + 1].armed == of[i].armed ? "," : ";");
    }
    fputc('\n', out);
}

static void print_armed(FILE *out, const struct rig_fuzz_target *target, struct area *area)
{
    size_t armed = 0, all = 0;
    struct rig_fuzz_oracle one;
    for (size_t i = 0; rig_fuzz_oracle(target, i, &one); i++) {
        all += one.kind == RIG_FUZZ_ORACLE;
        armed += one.kind == RIG_FUZZ_ORACLE && one.armed > 0;
    }
    fprintf(out, "%zu of %zu oracles armed%s\n", armed, all, armed ? ", how often:" : "");
    for (size_t at = 0; at < target->armed_rules.count;) {
        at = take_area(area, target, at);
        print_area(out, area);
    }
}

/* ---- which never ---- */

static bool is_listed(const struct rig_fuzz_oracle *oracle, enum rig_fuzz_kind kind)
{
    return oracle->kind == kind && (kind != RIG_FUZZ_ORACLE || oracle->armed == 0);
}

static void list_name(struct line *line, const char *title, const char *name)
{
    if (line->column == 0) {
        line->column = fprintf(line->out, "%s", title);
    } else {
        fputc(',', line->out);
        line->column++;
    }
    put_word(line, name, "");
}

/* Of a whole area its name, "body.* (6)". */
static void list_area(struct line *line, const char *title, const struct area *area, enum rig_fuzz_kind kind)
{
    char name[32 + RIG_OWN_ID_MAX];
    size_t listed = 0, all = 0;
    for (size_t i = 0; i < area->count; i++) {
        listed += is_listed(&area->oracles[i], kind);
        all += area->oracles[i].kind != RIG_FUZZ_NO_ORACLE;
    }
    if (listed == all && all > 1) {
        const char *id = area->oracles[0].id;
        (void)snprintf(name, sizeof name, "%.*s.* (%zu)", area_size(id), id, all);
        list_name(line, title, name);
        return;
    }
    for (size_t i = 0; i < area->count; i++) {
        if (is_listed(&area->oracles[i], kind)) {
            list_name(line, title, area->oracles[i].id);
            if (area->oracles[i].why) {
                put_word(line, area->oracles[i].why, "");
            }
        }
    }
}

static void list_kind(FILE *out, const struct rig_fuzz_target *target, struct area *area, enum rig_fuzz_kind kind,
                      const char *title)
{
    struct line line = {out, 0};
    for (size_t at = 0; at < target->armed_rules.count;) {
        at = take_area(area, target, at);
        list_area(&line, title, area, kind);
    }
    fputs(line.column > 0 ? "\n" : "", out);
}

static void print_oracles(FILE *out, const struct rig_fuzz_target *target)
{
    static _Thread_local struct area area; /* large for a stack */
    print_armed(out, target, &area);
    list_kind(out, target, &area, RIG_FUZZ_ORACLE, "never armed:");
    list_kind(out, target, &area, RIG_FUZZ_OF_SWEEPS, "of sweeps, not of fuzzing:");
    list_kind(out, target, &area, RIG_FUZZ_OFF, "off:");
    list_kind(out, target, &area, RIG_FUZZ_IGNORED, "ignored:");
}

/* Protected apps that valid credentials did not open, and where they were sent. */
static void print_closed(FILE *out, const struct rig_fuzz_target *target)
{
    if (target->strangers[0]) {
        fprintf(out, "protected, and entered by nobody: %s; is that the name of an app?\n", target->strangers);
    }
    if (target->unopened[0]) {
        fprintf(out, "protected, and never entered with valid credentials: %s\n", target->unopened);
    }
    if (target->strangers[0] || target->unopened[0]) {
        fprintf(out,
                "  valid credentials were sent as Authorization (Basic, Bearer),\n  %s;\n"
                "  .credential_header, .credential_cookie and .credential_query name others\n",
                target->places);
    }
}

void rig_fuzz_print_summary(FILE *out, const struct rig_fuzz_target *target)
{
    fprintf(out,
            "%llu scenario%s, %llu request%s, of which %llu were refused by the server and %llu not sent; %llu "
            "violation%s\n",
            (unsigned long long)target->scenarios, plural(target->scenarios), (unsigned long long)target->requests,
            plural(target->requests), (unsigned long long)target->refused, (unsigned long long)target->not_sent,
            (unsigned long long)target->violations, plural(target->violations));
    if (target->builds > 0) {
        fprintf(out, "a layer or app has a state and no reset: the stack was built %llu time%s, %.1f us each\n",
                (unsigned long long)target->builds, plural(target->builds),
                (double)target->build_ns / (double)target->builds / 1000);
    }
    print_closed(out, target);
    print_oracles(out, target);
}
