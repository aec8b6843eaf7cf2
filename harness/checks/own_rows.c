/* The rows of rules that others wrote: is one good? Knows no run, so that the command can ask, too. */
#define _POSIX_C_SOURCE 200809L

#include "harness/checks/own.h"

#include <stdio.h>
#include <string.h>

/* Words that reports use beside the rules: no area of one's own. */
static const char *const reserved[] = {"bisect", "contract", "crash", "hang",     "incomplete",
                                       "parity", "refused",  "rig",   "stackrig", "unhandled"};

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Words with a dot between each two; how many. 0: it is none. */
static size_t count_words(const char *id, size_t size)
{
    size_t words = 0, length = 0;
    for (size_t i = 0; i <= size; i++) {
        if (i < size && is_word_byte(id[i])) {
            length++;
        } else if (length > 0 && (i == size || id[i] == '.')) {
            words++;
            length = 0;
        } else {
            return 0;
        }
    }
    return words;
}

static bool is_area(const char *id, size_t size, const char *other)
{
    return strncmp(id, other, size) == 0 && (other[size] == '.' || other[size] == '\0');
}

/* The first word is one that the rig uses itself. */
static bool area_is_taken(const char *id)
{
    size_t count, size = strcspn(id, ".");
    const struct rig_rule *rules = rig_rules(&count);
    bool taken = false;
    for (size_t i = 0; i < count && !taken; i++) {
        taken = is_area(id, size, rules[i].id);
    }
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved && !taken; i++) {
        taken = is_area(id, size, reserved[i]);
    }
    return taken;
}

static bool has_form(const char *id)
{
    size_t size = id ? strnlen(id, RIG_OWN_ID_MAX + 1) : 0;
    return size <= RIG_OWN_ID_MAX && count_words(id, size) >= 2;
}

bool rig_own_id_is_good(const char *id)
{
    return id && has_form(id) && !area_is_taken(id);
}

bool rig_own_pattern_is_good(const char *pattern)
{
    size_t size = pattern ? strnlen(pattern, RIG_OWN_ID_MAX + 3) : 0;
    bool area = size > 2 && size <= RIG_OWN_ID_MAX + 2 && strcmp(pattern + size - 2, ".*") == 0;
    return area ? count_words(pattern, size - 2) > 0 && !area_is_taken(pattern) : rig_own_id_is_good(pattern);
}

/* ---- rows ---- */

static bool is_printable(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] < ' ' || text[i] > '~') {
            return false;
        }
    }
    return true;
}

static bool id_is_wrong(const char *id, char why[RIG_OWN_WRONG_SIZE])
{
    if (!id) {
        (void)snprintf(why, RIG_OWN_WRONG_SIZE, ".id is missing");
    } else if (!has_form(id)) {
        int size = is_printable(id, strnlen(id, 40)) ? 40 : 0; /* it may hold any byte */
        (void)snprintf(why, RIG_OWN_WRONG_SIZE, ".id \"%.*s\" is not as \"myteam.no_debug_header\", at most %d bytes",
                       size, id, RIG_OWN_ID_MAX);
    } else if (area_is_taken(id)) {
        (void)snprintf(why, RIG_OWN_WRONG_SIZE, ".id begins with %.*s, which is the rig's: begin with a name of yours",
                       (int)strcspn(id, "."), id);
    } else {
        return false;
    }
    return true;
}

static bool text_is_wrong(const char *name, const char *text, bool needed, char why[RIG_OWN_WRONG_SIZE])
{
    size_t size = text ? strnlen(text, RIG_OWN_TEXT_MAX + 1) : 0;
    const char *what = !text && !needed            ? NULL
                       : size == 0                 ? "is missing"
                       : size > RIG_OWN_TEXT_MAX   ? "is too long: at most 1000 bytes"
                       : !is_printable(text, size) ? "holds a byte that is not printable ASCII"
                                                   : NULL;
    if (what) {
        (void)snprintf(why, RIG_OWN_WRONG_SIZE, ".%s %s", name, what);
    }
    return what != NULL;
}
_Static_assert(RIG_OWN_TEXT_MAX == 1000, "the message says so");

bool rig_own_row_is_wrong(const struct rig_rule *row, char why[RIG_OWN_WRONG_SIZE])
{
    if (id_is_wrong(row->id, why) || text_is_wrong("title", row->title, true, why) ||
        text_is_wrong("armed_when", row->armed_when, true, why) || text_is_wrong("why", row->why, true, why) ||
        text_is_wrong("mend", row->mend, true, why) || text_is_wrong("source", row->source, false, why)) {
        return true;
    }
    if (row->level != RIG_LEVEL_NOTE && row->level != RIG_LEVEL_WARNING && row->level != RIG_LEVEL_ERROR) {
        (void)snprintf(why, RIG_OWN_WRONG_SIZE, ".level %s RIG_LEVEL_NOTE, _WARNING or _ERROR",
                       row->level == RIG_LEVEL_OFF ? "is missing:" : "is none: it must be");
        return true;
    }
    return false;
}

/* ---- rules ---- */

const char *rig_own_shown(const struct rig_own_rule *rule, char text[RIG_OWN_SHOWN_SIZE])
{
    text[0] = '\0';
    if (rig_own_id_is_good(rule->id)) {
        (void)snprintf(text, RIG_OWN_SHOWN_SIZE, " (%s)", rule->id);
    }
    return text;
}

struct rig_rule rig_own_row(const struct rig_own_rule *rule)
{
    return (struct rig_rule){.id = rule->id,
                             .level = rule->level,
                             .off = rule->off,
                             .title = rule->title,
                             .armed_when = rule->armed_when,
                             .why = rule->why,
                             .mend = rule->mend,
                             .source = rule->source};
}

bool rig_own_rule_is_wrong(const struct rig_own_rule *rule, char why[RIG_OWN_WRONG_SIZE])
{
    const struct rig_rule row = rig_own_row(rule);
    const char *what = NULL;
    if (rig_own_row_is_wrong(&row, why)) {
        return true;
    }
    if (!rule->check) {
        what = ".check is missing";
    } else if (rule->hears == 0 || rule->hears >> RIG_OWN_MOMENTS != 0) {
        what = ".hears names no moment, or one that is none: RIG_OWN_HEARS(HEADER) | ...";
    } else if (rule->request_size > RIG_OWN_STATE_MAX || rule->client_size > RIG_OWN_STATE_MAX) {
        what = ".request_size or .client_size is more than 65536 bytes: allocate what is that large";
    } else {
        return false;
    }
    (void)snprintf(why, RIG_OWN_WRONG_SIZE, "%s", what);
    return true;
}
_Static_assert(RIG_OWN_STATE_MAX == 65536, "the message says so");

/* Where it goes among those before it. SIZE_MAX: its id is there. */
static size_t place_of(const char *id, const struct rig_own_rule *const *sorted, size_t count)
{
    size_t at = count;
    while (at > 0 && strcmp(id, sorted[at - 1]->id) < 0) {
        at--;
    }
    return at > 0 && strcmp(id, sorted[at - 1]->id) == 0 ? SIZE_MAX : at;
}

size_t rig_own_rules_sort(const struct rig_own_rule *const *rules, const struct rig_own_rule **sorted, size_t *wrong,
                          char why[RIG_OWN_WRONG_SIZE])
{
    size_t count = 0;
    for (; rules && rules[count]; count++) {
        *wrong = count;
        if (count == RIG_OWN_RULES_MAX) {
            (void)snprintf(why, RIG_OWN_WRONG_SIZE, "is one too many: at most %d, and NULL behind the last",
                           RIG_OWN_RULES_MAX);
            return SIZE_MAX;
        }
        if (rig_own_rule_is_wrong(rules[count], why)) {
            return SIZE_MAX;
        }
        size_t at = place_of(rules[count]->id, sorted, count);
        if (at == SIZE_MAX) {
            (void)snprintf(why, RIG_OWN_WRONG_SIZE, ".id is that of another, too: %.64s", rules[count]->id);
            return SIZE_MAX;
        }
        memmove(sorted + at + 1, sorted + at, (count - at) * sizeof *sorted);
        sorted[at] = rules[count];
    }
    return count;
}
