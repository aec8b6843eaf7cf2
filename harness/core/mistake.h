/* Wrong use of the rig: reported in a run, or kept until a run can report it. */
#ifndef STACKRIG_CORE_MISTAKE_H
#define STACKRIG_CORE_MISTAKE_H

#include "harness/core/event.h"
#include "harness/http/rare.h"

#define RIG_MISTAKES 4

struct rig_mistake {
    enum rig_event_kind kind; /* MISUSE or STALE */
    int64_t number;
    const char *site;
    const char *mend; /* NULL: the rule's; a literal */
    char text[224];
};

struct rig_mistakes {
    struct rig_mistake list[RIG_MISTAKES];
    unsigned count, more; /* more: not kept */
};

/* Reports wrong use in run, or in the run this thread is in, or in none: always -EINVAL. */
RIG_COLD int rig_misuse(struct rig_run *run, enum rig_misuse what, const char *site, const char *format, ...)
    RIG_PRINTF_(4, 5);
/* Reports in run the use of a handle that is none any more: always -ESTALE. */
RIG_COLD int rig_stale(struct rig_run *run, enum rig_handle_kind kind, const char *site, const char *format, ...)
    RIG_PRINTF_(4, 5);
/* With a way to mend it in the place of the rule's, which must serve all of its cases; NULL: the rule's. */
RIG_COLD int rig_misuse_mended(struct rig_run *run, enum rig_misuse what, const char *site, const char *mend,
                               const char *format, ...) RIG_PRINTF_(5, 6);
void rig_mistake_keep(struct rig_mistakes *mistakes, enum rig_event_kind kind, int64_t number, const char *site,
                      const char *text);
void rig_mistake_keep_mended(struct rig_mistakes *mistakes, enum rig_misuse what, const char *site, const char *mend,
                             const char *text); /* mend: a literal */
void rig_mistakes_report(struct rig_run *run, const struct rig_mistakes *mistakes);

#endif
