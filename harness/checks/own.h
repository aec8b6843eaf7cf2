/* The rules that a client brings itself (stackrig/rules.h). In the rule table they stand behind the rig's own, sorted by
 * id; one check of the runner hears what any of theirs wants. */
#ifndef STACKRIG_CHECKS_OWN_H
#define STACKRIG_CHECKS_OWN_H

#include "harness/core/run.h"

#include <stackrig/rules.h>

#define RIG_OWN_WRONG_SIZE 128

/* ---- own_rows.c: what is a good row ---- */

/* "myteam.word", of which no rule of the rig's can have the area; with a pattern "myteam.*", too. */
bool rig_own_id_is_good(const char *id);
bool rig_own_pattern_is_good(const char *pattern);
/* What is wrong with a row in a sentence without its subject: ".why is missing". False: nothing. */
bool rig_own_row_is_wrong(const struct rig_rule *row, char why[RIG_OWN_WRONG_SIZE]);
/* The same of a rule, with its check. */
bool rig_own_rule_is_wrong(const struct rig_own_rule *rule, char why[RIG_OWN_WRONG_SIZE]);
/* Sorts them by id into sorted, room for RIG_OWN_RULES_MAX; returns how many. SIZE_MAX: *wrong (its index) is as why
 * says. rules NULL: none. */
size_t rig_own_rules_sort(const struct rig_own_rule *const *rules, const struct rig_own_rule **sorted, size_t *wrong,
                          char why[RIG_OWN_WRONG_SIZE]);
/* Behind its number: " (myteam.rule)", or "", if its id is none. */
#define RIG_OWN_SHOWN_SIZE (RIG_OWN_ID_MAX + 4)
const char *rig_own_shown(const struct rig_own_rule *rule, char text[RIG_OWN_SHOWN_SIZE]);
struct rig_rule rig_own_row(const struct rig_own_rule *rule);

/* ---- own.c: a client's ---- */

struct rig_own {
    const struct rig_own_rule *const *given; /* as the client got them */
    struct rig_check_set before;             /* the runner's checks without this one */
    const struct rig_own_rule **rules;       /* sorted */
    size_t count;
    unsigned first;               /* number of the first in the rule table */
    size_t *request_offsets;      /* of each one's state in the check's, which begins with a byte for each */
    void **client_states;         /* in states; NULL: it has none */
    unsigned char *states, *kept; /* of all rules, and as they were when they were kept; NULL: none */
    size_t states_size;
    bool found;                        /* in the check that looks just now */
    void (*on_look)(const char *rule); /* of a check before; NULL: none hears */
    struct rig_check check;
    const struct rig_check *checks[RIG_CHECKS_MAX];
};

/* Adds them to a runner that has sent nothing yet: 0, -ENOMEM, or -EINVAL: there is no room for one more check. */
int rig_own_add(struct rig_runner *runner, struct rig_arena *arena, const struct rig_own_rule *const *given,
                const struct rig_own_rule *const *sorted, size_t count);
/* The checks of the runner but for that one. */
const struct rig_check_set *rig_own_checks_before(const struct rig_runner *runner);

/* What the client's rules keep over all of its requests, as bytes; size 0: nothing. Inline: the command has no core of its
 * own, which own.c would bring. */
static inline size_t rig_own_states_size(const struct rig_runner *runner)
{
    return runner->own ? runner->own->states_size : 0;
}

static inline void rig_own_states_take(const struct rig_runner *runner, void *to)
{
    if (rig_own_states_size(runner) > 0) {
        memcpy(to, runner->own->states, runner->own->states_size);
    }
}

/* from NULL: as it began. */
static inline void rig_own_states_put(struct rig_runner *runner, const void *from)
{
    size_t size = rig_own_states_size(runner);
    if (size > 0 && from) {
        memcpy(runner->own->states, from, size);
    } else if (size > 0) {
        memset(runner->own->states, 0, size);
    }
}

/* What is sent on trial leaves nothing there: keep before, put back after each. */
void rig_own_keep(struct rig_runner *runner);
void rig_own_put_back(struct rig_runner *runner);

#endif
