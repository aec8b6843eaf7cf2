#include "harness/core/run.h"

#include <errno.h>

static bool listens(const struct rig_run *run, unsigned check, const struct rig_event *event)
{
    for (unsigned i = 0; i < run->listening_count; i++) {
        const struct rig_listening *entry = &run->listening[i];
        if (entry->check == check && entry->kind == event->kind && (entry->facts & event->facts) != 0) {
            return true;
        }
    }
    return false;
}

void rig_emit(struct rig_run *run, struct rig_event event)
{
    const struct rig_runner *runner = run->runner;
    event.hop = rig_run_hop(run);
    for (unsigned i = 0; i < runner->checks.count; i++) {
        if ((runner->wants[i][event.kind] & event.facts) == 0 &&
            (run->listening_count == 0 || !listens(run, i, &event))) {
            continue;
        }
        if (runner->checks.checks[i]->on_event(run->states + runner->state_offsets[i], run, &event) != 0) {
            run->unchecked = true;
        }
    }
}

void rig_listen(struct rig_run *run, const void *state, enum rig_event_kind kind, uint32_t facts)
{
    const struct rig_runner *runner = run->runner;
    size_t offset = (size_t)((const unsigned char *)state - run->states);
    for (unsigned i = 0; i < runner->checks.count; i++) {
        if (runner->state_offsets[i] == offset && runner->checks.checks[i]->state_size > 0 &&
            run->listening_count < sizeof run->listening / sizeof run->listening[0]) {
            run->listening[run->listening_count++] = (struct rig_listening){i, kind, facts};
            run->wanted[kind] |= facts;
            return;
        }
    }
    run->unchecked = true;
}
