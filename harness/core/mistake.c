/* Wrong use of the interface: reported in the run it happened in, or kept until a run can report it. */
#include "harness/core/own.h"
#include "harness/core/run.h"

#include <stackrig/foreign.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

/* A NULL handle names no client: the run that this thread is in then says where the call was made. */
static _Thread_local struct rig_run *here;

/* The run in which this thread went to another stack, where it is no deeper and no less deep. */
static _Thread_local struct rig_run *elsewhere;

/* A run that a longjmp left behind may still be linked: its frame is gone, for the stack grows down. */
struct rig_run *rig_run_here(void)
{
    struct rig_run *run = here;
    while (run && run != elsewhere && (uintptr_t)run->frame <= (uintptr_t)__builtin_frame_address(0)) {
        run = run->outer;
    }
    return run;
}

void *rig_foreign_switch(void)
{
    struct rig_run *before = elsewhere;
    elsewhere = rig_run_here();
    return before;
}

void rig_foreign_switched_back(void *before)
{
    elsewhere = before;
}

/* An assertion in a check of the user's has jumped out of it: this thread allocates for the rig no longer. */
static void stop_looking(struct rig_run *run)
{
    if (run->looks) {
        run->looks = false;
        (void)rig_memory_own(run->owned);
    }
}

void rig_run_enter(struct rig_run *run)
{
    for (struct rig_run *left = here; left && (uintptr_t)left->frame <= (uintptr_t)run->frame; left = left->outer) {
        stop_looking(left);
    }
    run->outer = here;
    here = run;
}

/* Whether or not it is the innermost: what a longjmp left is ended in any order. */
void rig_run_leave(struct rig_run *run)
{
    struct rig_run **link = &here;
    stop_looking(run);
    while (*link && *link != run) {
        link = &(*link)->outer;
    }
    if (*link) {
        *link = run->outer;
    }
}

static void report(struct rig_run *run, enum rig_event_kind kind, int64_t number, const char *site, const char *mend,
                   const char *text)
{
    if (rig_is_wanted(run, kind, RIG_FACT_ALWAYS)) {
        rig_emit(run, &(struct rig_event){.kind = kind,
                                          .facts = RIG_FACT_ALWAYS,
                                          .site = site,
                                          .number = number,
                                          .name = mend,
                                          .value = text,
                                          .size = strlen(text)});
    }
}

void rig_mistakes_report(struct rig_run *run, const struct rig_mistakes *mistakes)
{
    for (unsigned i = 0; i < mistakes->count; i++) {
        const struct rig_mistake *mistake = &mistakes->list[i];
        report(run, mistake->kind, mistake->number, mistake->site ? mistake->site : run->site, mistake->mend,
               mistake->text);
    }
    if (mistakes->more > 0) {
        char text[80];
        (void)snprintf(text, sizeof text, "and %u more of the kind before this request, not kept", mistakes->more);
        const struct rig_mistake *last = &mistakes->list[RIG_MISTAKES - 1];
        report(run, last->kind, last->number, run->site, NULL, text);
    }
}

static void misuse(struct rig_run *run, enum rig_misuse what, const char *site, const char *mend, const char *format,
                   va_list arguments) RIG_PRINTF_(5, 0);

static void misuse(struct rig_run *run, enum rig_misuse what, const char *site, const char *mend, const char *format,
                   va_list arguments)
{
    run = run ? run : rig_run_here();
    if (run) {
        char text[sizeof(((struct rig_mistake *)0)->text)];
        (void)vsnprintf(text, sizeof text, format, arguments);
        report(run, RIG_EVENT_MISUSE, what, site, mend, text);
    }
}

int rig_misuse(struct rig_run *run, enum rig_misuse what, const char *site, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    misuse(run, what, site, NULL, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

int rig_misuse_mended(struct rig_run *run, enum rig_misuse what, const char *site, const char *mend, const char *format,
                      ...)
{
    va_list arguments;
    va_start(arguments, format);
    misuse(run, what, site, mend, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

int rig_stale(struct rig_run *run, enum rig_handle_kind kind, const char *site, const char *format, ...)
{
    char text[sizeof(((struct rig_mistake *)0)->text)];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    report(run, RIG_EVENT_STALE, (int64_t)kind, site, NULL, text);
    return -ESTALE;
}

static const char *const handle_names[] = {"env", "response", "input", "next", "body"};

struct rig_run *rig_live(const char *site, const struct rig_handle *handle, enum rig_handle_kind kind, const char *call)
{
    if (!handle) {
        (void)rig_misuse(NULL, RIG_MISUSE_NULL_ARGUMENT, site, "%s was given a NULL %s", call, handle_names[kind]);
        return NULL;
    }
    if (handle->run) {
        return handle->run;
    }
    char text[sizeof(((struct rig_mistake *)0)->text)];
    (void)snprintf(text, sizeof text, "%s used %s#%llu, whose request has ended", call, handle_names[kind],
                   (unsigned long long)handle->serial);
    struct rig_run *run = rig_run_here();
    struct rig_runner *runner = handle->pool->runner; /* NULL: the client was freed */
    if (run && (!runner || run->runner == runner)) {
        report(run, RIG_EVENT_STALE, (int64_t)kind, site, NULL, text);
    } else if (runner) {
        rig_mistake_keep(&runner->stray, RIG_EVENT_STALE, (int64_t)kind, site, text);
    }
    return NULL;
}

int rig_live_error(const struct rig_handle *handle)
{
    return handle ? -ESTALE : -EINVAL;
}
