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

/* All of them, or those of one area. */
struct oracles {
    struct rig_fuzz_oracle of[RIG_FUZZ_ARMED_MAX];
    size_t count;
};

static int by_id(const void *one, const void *other)
{
    return strcmp(((const struct rig_fuzz_oracle *)one)->id, ((const struct rig_fuzz_oracle *)other)->id);
}

/* Those of an area together, as the rig's are: one's own stand as their list has them. */
static void take_all(struct oracles *all, const struct rig_fuzz_target *target)
{
    all->count = 0;
    while (rig_fuzz_oracle(target, all->count, &all->of[all->count])) {
        all->count++;
    }
    if (all->count > RIG_RULE_COUNT) {
        qsort(all->of + RIG_RULE_COUNT, all->count - RIG_RULE_COUNT, sizeof *all->of, by_id);
    }
}

/* A copy, from that place on; returns where the next one begins. */
static size_t take_area(struct oracles *area, const struct oracles *all, size_t at)
{
    area->count = 0;
    while (at < all->count && (area->count == 0 || same_area(area->of[0].id, all->of[at].id))) {
        area->of[area->count++] = all->of[at++];
    }
    return at;
}

static int by_times(const void *one, const void *other)
{
    const struct rig_fuzz_oracle *a = one, *b = other;
    return a->armed != b->armed ? (a->armed > b->armed) - (a->armed < b->armed) : strcmp(a->id, b->id);
}

/* "env.* 3 of 24: 724 lifetime.stale; 2898 identity.lost_write, identity.replaced": the rarest first. */
static void print_area(FILE *out, struct oracles *area)
{
    struct rig_fuzz_oracle *of = area->of;
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

static void print_armed(FILE *out, const struct oracles *all, struct oracles *area)
{
    size_t armed = 0, asked = 0;
    for (size_t i = 0; i < all->count; i++) {
        asked += all->of[i].kind == RIG_FUZZ_ORACLE;
        armed += all->of[i].kind == RIG_FUZZ_ORACLE && all->of[i].armed > 0;
    }
    fprintf(out, "%zu of %zu oracles armed%s\n", armed, asked, armed ? ", how often:" : "");
    for (size_t at = 0; at < all->count;) {
        at = take_area(area, all, at);
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
static void list_area(struct line *line, const char *title, const struct oracles *area, enum rig_fuzz_kind kind)
{
    char name[32 + RIG_OWN_ID_MAX];
    size_t listed = 0, all = 0;
    for (size_t i = 0; i < area->count; i++) {
        listed += is_listed(&area->of[i], kind);
        all += area->of[i].kind != RIG_FUZZ_NO_ORACLE;
    }
    if (listed == all && all > 1) {
        const char *id = area->of[0].id;
        (void)snprintf(name, sizeof name, "%.*s.* (%zu)", area_size(id), id, all);
        list_name(line, title, name);
        return;
    }
    for (size_t i = 0; i < area->count; i++) {
        if (is_listed(&area->of[i], kind)) {
            list_name(line, title, area->of[i].id);
            if (area->of[i].why) {
                put_word(line, area->of[i].why, "");
            }
        }
    }
}

static void list_kind(FILE *out, const struct oracles *all, struct oracles *area, enum rig_fuzz_kind kind,
                      const char *title)
{
    struct line line = {out, 0};
    for (size_t at = 0; at < all->count;) {
        at = take_area(area, all, at);
        list_area(&line, title, area, kind);
    }
    fputs(line.column > 0 ? "\n" : "", out);
}

static void print_oracles(FILE *out, const struct rig_fuzz_target *target)
{
    static _Thread_local struct oracles all, area; /* large for a stack */
    take_all(&all, target);
    print_armed(out, &all, &area);
    list_kind(out, &all, &area, RIG_FUZZ_ORACLE, "never armed:");
    list_kind(out, &all, &area, RIG_FUZZ_OF_SWEEPS, "of sweeps, not of fuzzing:");
    list_kind(out, &all, &area, RIG_FUZZ_OFF, "off:");
    list_kind(out, &all, &area, RIG_FUZZ_IGNORED, "ignored:");
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
