#include "harness/cli/suggest.h"

#include <stackrig/result.h>

#include <string.h>

#include "harness/cli/cli.h"

#define WORD_MAX 64
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
static size_t farness(const char *wanted, const char *id)
{
    size_t length = strlen(wanted);
    if (length >= 3 && strstr(id, wanted)) {
        return 0;
    }
    size_t far = distance(wanted, id);
    return far <= length / 3 + 1 ? far : SIZE_MAX;
}

void rig_complain_rule(const char *wanted)
{
    size_t count, far[SUGGESTIONS], used = 0;
    const char *near[SUGGESTIONS];
    const struct rig_rule *rules = rig_rules(&count);
    for (size_t i = 0; i < count; i++) {
        size_t away = farness(wanted, rules[i].id), at = used;
        while (at > 0 && away < far[at - 1]) {
            at--;
        }
        if (away == SIZE_MAX || at == SUGGESTIONS) {
            continue;
        }
        used += used < SUGGESTIONS;
        memmove(far + at + 1, far + at, (used - at - 1) * sizeof *far);
        memmove(near + at + 1, near + at, (used - at - 1) * sizeof *near);
        far[at] = away;
        near[at] = rules[i].id;
    }
    char line[SUGGESTIONS * 128];
    struct rig_text text;
    rig_text_start(&text, line, sizeof line);
    for (size_t i = 0; i < used; i++) {
        rig_text_printf(&text, "%s%s", i == 0 ? "; is it " : i + 1 < used ? ", " : " or ", near[i]);
    }
    rig_text_add(&text, used ? "?" : "; `stackrig rules` lists them");
    rig_complain("no rule is called %s%s", wanted, line);
}
