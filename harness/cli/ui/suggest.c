#include "harness/cli/ui/suggest.h"

#include <string.h>

#include "harness/cli/ui/known.h"

#define WORD_MAX 64
#define AREA_MAX (WORD_MAX + 3)
#define SUGGESTIONS 3

static size_t least(size_t a, size_t b, size_t c)
{
    size_t low = a < b ? a : b;
    return low < c ? low : c;
}

/* How many bytes to insert, delete or change. */
static size_t distance(const char *a, const char *b)
{
    size_t row[WORD_MAX + 1], a_size = strlen(a), b_size = strlen(b);
    if (a_size > WORD_MAX || b_size > WORD_MAX) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= b_size; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a_size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_size];
}

/* 0: as near as can be. "early_answer" and "input." are part of what was meant. */
static size_t farness(const char *wanted, const char *name)
{
    size_t length = strlen(wanted);
    if (length >= 3 && strstr(name, wanted)) {
        return 0;
    }
    size_t far = distance(wanted, name);
    return far <= length / 3 + 1 ? far : SIZE_MAX;
}

/* The nearest so far, the nearest first. */
struct near {
    char names[SUGGESTIONS][WORD_MAX + 1];
    size_t far[SUGGESTIONS], count;
};

static void consider(struct near *near, const char *wanted, const char *name)
{
    size_t away = farness(wanted, name), at = near->count;
    while (at > 0 && away < near->far[at - 1]) {
        at--;
    }
    if (away == SIZE_MAX || at == SUGGESTIONS) {
        return;
    }
    near->count += near->count < SUGGESTIONS;
    memmove(near->far + at + 1, near->far + at, (near->count - at - 1) * sizeof *near->far);
    memmove(near->names + at + 1, near->names + at, (near->count - at - 1) * sizeof *near->names);
    near->far[at] = away;
    snprintf(near->names[at], sizeof near->names[at], "%s", name);
}

/* "input.*" of "input.body.eaten". */
static void area_of(char *area, const char *id)
{
    snprintf(area, AREA_MAX, "%.*s.*", (int)strcspn(id, "."), id);
}

static void find_near(struct near *near, const char *wanted, bool areas)
{
    char area[AREA_MAX], last[AREA_MAX] = "";
    for (size_t i = 0; i < rig_known_count(); i++) {
        const char *id = rig_known_rule(i)->id;
        area_of(area, id);
        if (!areas) {
            consider(near, wanted, id);
        } else if (strcmp(area, last) != 0) {
            consider(near, wanted, area);
        }
        memcpy(last, area, sizeof last);
    }
}

static void add_near(struct rig_text *text, const struct near *near)
{
    for (size_t i = 0; i < near->count; i++) {
        rig_text_printf(text, "%s%s", i == 0 ? "; is it " : i + 1 < near->count ? ", " : " or ", near->names[i]);
    }
    rig_text_add(text, near->count ? "?" : "");
}

bool rig_text_suggest_of(struct rig_text *text, const char *wanted, const char *(*name_at)(size_t i), size_t count)
{
    struct near near = {.count = 0};
    for (size_t i = 0; i < count; i++) {
        consider(&near, wanted, name_at(i));
    }
    add_near(text, &near);
    return near.count > 0;
}

void rig_text_suggest(struct rig_text *text, const char *wanted, bool patterns)
{
    struct near near = {.count = 0};
    char stem[WORD_MAX + 1];
    size_t size = strlen(wanted);
    bool pattern = size > 2 && size <= WORD_MAX && !strcmp(wanted + size - 2, ".*");
    if (pattern && !patterns) {
        snprintf(stem, sizeof stem, "%.*s", (int)size - 1, wanted);
        wanted = stem;
    }
    find_near(&near, wanted, pattern && patterns);
    add_near(text, &near);
    size_t own;
    (void)rig_rules(&own);
    const char *where =
        rig_known_count() > own ? "; `stackrig rules STACK.so` lists them" : "; `stackrig rules` lists them";
    rig_text_add(text, near.count ? "" : where);
}

void rig_complain_rule(const char *wanted)
{
    char line[SUGGESTIONS * 128];
    struct rig_text text;
    rig_text_start(&text, line, sizeof line);
    rig_text_suggest(&text, wanted, false);
    rig_complain("no rule is called %s%s", wanted, line);
}
