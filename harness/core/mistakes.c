/* A list of wrong use, until a run can report it. By itself: the command and the fuzzer keep one, too, and must not have a
 * second copy of the runs that threads are in. */
#include "harness/core/mistake.h"

#include <stdio.h>

void rig_mistake_keep(struct rig_mistakes *mistakes, enum rig_event_kind kind, int64_t number, const char *site,
                      const char *text)
{
    if (mistakes->count == RIG_MISTAKES) {
        mistakes->more++;
        return;
    }
    struct rig_mistake *mistake = &mistakes->list[mistakes->count++];
    *mistake = (struct rig_mistake){.kind = kind, .number = number, .site = site};
    (void)snprintf(mistake->text, sizeof mistake->text, "%s", text);
}

void rig_mistake_keep_mended(struct rig_mistakes *mistakes, enum rig_misuse what, const char *site, const char *mend,
                             const char *text)
{
    bool kept = mistakes->count < RIG_MISTAKES;
    rig_mistake_keep(mistakes, RIG_EVENT_MISUSE, what, site, text);
    if (kept) {
        mistakes->list[mistakes->count - 1].mend = mend;
    }
}
