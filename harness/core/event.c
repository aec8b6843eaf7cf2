#include "harness/core/run.h"

#include <errno.h>

static void tell(struct rig_run *run, unsigned check, const struct rig_event *event)
{
    const struct rig_runner *runner = run->runner;
    if (runner->checks.checks[check]->on_event(run->states + runner->state_offsets[check], run, event) != 0) {
        run->unchecked = true;
    }
}

void rig_emit(struct rig_run *run, struct rig_event *event)
{
    const struct rig_runner *runner = run->runner;
    const uint32_t *wants = runner->wants[event->kind];
    const uint8_t *hearers = runner->hearers[event->kind];
    event->hop = rig_run_hop(run);
    for (unsigned i = 0; i < runner->hearer_count[event->kind]; i++) {
        if ((wants[hearers[i]] & event->facts) != 0) {
            tell(run, hearers[i], event);
        }
    }
    for (unsigned i = 0; i < run->listening_count; i++) {
        const struct rig_listening heard = run->listening[i];
        if (heard.kind == event->kind && (heard.facts & event->facts) != 0 &&
            (wants[heard.check] & event->facts) == 0) {
            tell(run, heard.check, event);
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
