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

enum which { ALL, OF_FUZZING, OTHERS };

static bool is_asked_for(const struct area *area, enum which which)
{
    return which == ALL || same_area(area->oracles[0].id, "fuzz.") == (which == OF_FUZZING);
}

static void list_some(FILE *out, const struct rig_fuzz_target *target, struct area *area, enum rig_fuzz_kind kind,
                      enum which which, const char *title)
{
    struct line line = {out, 0};
    for (size_t at = 0; at < target->armed_rules.count;) {
        at = take_area(area, target, at);
        if (is_asked_for(area, which)) {
            list_area(&line, title, area, kind);
        }
    }
    fputs(line.column > 0 ? "\n" : "", out);
}

static void list_kind(FILE *out, const struct rig_fuzz_target *target, struct area *area, enum rig_fuzz_kind kind,
                      const char *title)
{
    list_some(out, target, area, kind, ALL, title);
}

static void print_oracles(FILE *out, const struct rig_fuzz_target *target)
{
    static _Thread_local struct area area; /* large for a stack */
    print_armed(out, target, &area);
    /* most of the others are never armed by any stack */
    list_some(out, target, &area, RIG_FUZZ_ORACLE, OF_FUZZING, "never armed, of fuzzing:");
    list_some(out, target, &area, RIG_FUZZ_ORACLE, OTHERS, "never armed:");
    list_kind(out, target, &area, RIG_FUZZ_OF_SWEEPS, "of sweeps, not of fuzzing:");
    list_kind(out, target, &area, RIG_FUZZ_OFF, "off:");
    list_kind(out, target, &area, RIG_FUZZ_IGNORED, "ignored:");
}

#define KNOWN_MIN 50 /* requests: of fewer nothing can be said */
#define ANYWAY_MIN 8 /* that were let in, and looked at */
#define SHUT_MIN 32  /* that nothing opened, in no place */

static bool is_nothing_opened(const struct rig_fuzz_target *target)
{
    bool ended = target->places[0]; /* else it was never opened to the end */
    return ended && !target->opened && (!target->what->protect[0] || target->entered_as_known == 0);
}

/* 403 may be a guard against forged requests, or a path that nobody may ask for: but not if it is all there is. */
static bool print_nothing_opened(FILE *out, const struct rig_fuzz_target *target)
{
    unsigned long long sent = target->known_sent, denied = target->known_denied;
    bool all = denied > KNOWN_MIN && target->known_in == 0;
    bool some = target->known_401 > KNOWN_MIN && target->open_anyway >= ANYWAY_MIN && target->stayed_shut >= SHUT_MIN;
    if (!is_nothing_opened(target) || !(all || some)) {
        return false;
    }
    fputs("valid credentials opened nothing: ", out);
    if (denied == sent) {
        fprintf(out, "all %llu requests that had them were\n  answered 401, 403 or with a redirect to log in\n", sent);
    } else {
        fprintf(out, "%llu of %llu requests that had them were\n  answered 401, 403 or with a redirect to log in, %s\n",
                denied, sent, all ? "the others with an error" : "and\n  what the others got is got without them, too");
    }
    return true;
}

static void print_names(FILE *out, const char *title, const char *names)
{
    struct line line = {out, fprintf(out, "%s", title)};
    char word[80];
    for (size_t size; *names; names += size) {
        names += strspn(names, " ");
        size = strcspn(names, " ");
        (void)snprintf(word, sizeof word, "%.*s", (int)size, names);
        put_word(&line, word, "");
    }
    fputc('\n', out);
}

/* Protected apps that valid credentials did not open, and where they were sent. */
static void print_closed(FILE *out, const struct rig_fuzz_target *target)
{
    bool tried = target->known_sent > 0;
    if (target->strangers[0] && target->scenarios > 0) {
        fprintf(out, "protected, and entered by nobody: %s; is that the name of an app?\n", target->strangers);
        print_names(out, "  the stack's apps:", target->apps[0] ? target->apps : "none that is seen from outside");
    }
    if (target->unentered[0] && tried) {
        fprintf(out, "protected, and entered by nobody, though the stack has it: %s\n", target->unentered);
    }
    if (target->unopened[0] && tried) {
        fprintf(out, "protected, and never entered with valid credentials: %s\n", target->unopened);
    }
    bool nothing = print_nothing_opened(out, target);
    if (nothing || (tried && (target->unentered[0] || target->unopened[0]))) {
        fprintf(out,
                "  valid credentials were sent as Authorization (Basic, Bearer),\n  %s;\n"
                "  .credential_header, .credential_cookie and .credential_query name others,\n"
                "  and so does --credential header=NAME\n",
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
