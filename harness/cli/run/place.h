/* Where a process was lost: a layer, or the check of a rule, and the place in the code. */
#ifndef STACKRIG_CLI_PLACE_H
#define STACKRIG_CLI_PLACE_H

#include "harness/cli/run/watch.h"
#include "harness/report/builder.h"

struct rig_place {
    char layer[RIG_WATCH_TEXT], layer_site[RIG_WATCH_TEXT]; /* "": in none */
    unsigned layer_number;                                  /* the k of #k */
    char last_site[RIG_WATCH_TEXT];                         /* the last call of the rig from there; "": none yet */
    char rule[RIG_WATCH_TEXT];                              /* in the check of that one; "": of none */
    struct rig_stand stand;                                 /* of a signal: its code */
};

/* What the watch of a process that may have been out of its mind says. */
void rig_place_take(struct rig_place *place, const struct rig_watch *watch);
/* The same layer or rule, and, of a signal, the same code. */
bool rig_place_is(const struct rig_place *one, const struct rig_place *other);
/* " in the check of your rule NAME" or " in layer NAME #2"; nothing where it was in none. */
void rig_place_tell(struct rig_text *text, const struct rig_place *place);
/* "in stack.so(+0x1a2b): addr2line -fe PATH/stack.so 0x1a2b names the line". Of the stack's own file the path is known. */
void rig_place_tell_code(struct rig_text *text, const struct rig_stand *stand, const char *stack);

#endif
