#include "harness/cli/ui/known.h"

#include <stdlib.h>
#include <string.h>

#include "harness/checks/own.h"
#include "harness/cli/ui/cli.h"

/* One for all of the process: what findings, plans and reports point to. */
static struct {
    struct rig_rule *rows;
    size_t count;
} brought;

size_t rig_known_count(void)
{
    size_t count;
    (void)rig_rules(&count);
    return count + brought.count;
}

const struct rig_rule *rig_known_rule(size_t number)
{
    size_t count;
    const struct rig_rule *rules = rig_rules(&count);
    return number < count ? &rules[number] : &brought.rows[number - count];
}

size_t rig_known_number(const char *id)
{
    size_t count;
    const struct rig_rule *rules = rig_rules(&count), *rule = rig_rule_find(id);
    for (size_t i = 0; i < brought.count && !rule; i++) {
        if (strcmp(brought.rows[i].id, id) == 0) {
            return count + i;
        }
    }
    return rule ? (size_t)(rule - rules) : SIZE_MAX;
}

const struct rig_rule *rig_known_find(const char *id)
{
    size_t number = rig_known_number(id);
    return number != SIZE_MAX ? rig_known_rule(number) : NULL;
}

bool rig_known_pattern(const char *pattern)
{
    bool known = rig_rule_pattern_known(pattern);
    for (size_t i = 0; i < brought.count && !known; i++) {
        known = rig_pattern_matches(pattern, brought.rows[i].id);
    }
    return known;
}

bool rig_known_perhaps(const char *id)
{
    return rig_known_find(id) || rig_own_id_is_good(id);
}

bool rig_known_pattern_perhaps(const char *pattern)
{
    return rig_known_pattern(pattern) || rig_own_pattern_is_good(pattern);
}

/* ---- what the stack brings ---- */

static void drop(void)
{
    for (size_t i = 0; i < brought.count; i++) {
        const struct rig_rule *row = &brought.rows[i];
        const char *const texts[] = {row->id, row->title, row->armed_when, row->why, row->mend, row->source};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
            free((void *)(uintptr_t)texts[k]);
        }
    }
    free(brought.rows);
}

void rig_known_take(const struct rig_rule *rows, size_t count)
{
    drop();
    brought.rows = rig_must_alloc(count, sizeof *brought.rows);
    brought.count = count;
    for (size_t i = 0; i < count; i++) {
        brought.rows[i] = (struct rig_rule){.id = rig_must_copy(rows[i].id),
                                            .level = rows[i].level,
                                            .off = rows[i].off,
                                            .title = rig_must_copy(rows[i].title),
                                            .armed_when = rig_must_copy(rows[i].armed_when),
                                            .why = rig_must_copy(rows[i].why),
                                            .mend = rig_must_copy(rows[i].mend),
                                            .source = rig_must_copy(rows[i].source)};
    }
}
