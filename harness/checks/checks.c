#include "harness/checks/checks.h"

#include <stackrig/client.h> /* what it exports */

#include <stdio.h>

static const struct rig_check *const all[] = {
    &rig_check_answer,       &rig_check_arm,         &rig_check_body,        &rig_check_cgi,
    &rig_check_early_answer, &rig_check_eaten,       &rig_check_foreign,     &rig_check_framing,
    &rig_check_head,         &rig_check_identity,    &rig_check_input_error, &rig_check_lifetime,
    &rig_check_log,          &rig_check_misdirected, &rig_check_next,        &rig_check_usage,
};
_Static_assert(sizeof all / sizeof *all <= RIG_CHECKS_MAX, "more checks than a run holds");

static const struct rig_check *const none[] = {&rig_check_usage};

const struct rig_check_set rig_checks_all = {all, sizeof all / sizeof *all};
const struct rig_check_set rig_checks_none = {none, sizeof none / sizeof *none};

const char *rig_check_printable(const char *text, size_t text_size, char *buffer, size_t size)
{
    size_t at = 0;
    for (size_t i = 0; i < text_size && at + 5 < size; i++) {
        unsigned char byte = (unsigned char)text[i];
        at += (size_t)snprintf(buffer + at, size - at, byte > 0x1f && byte < 0x7f ? "%c" : "\\x%02x", byte);
    }
    buffer[at] = '\0';
    return buffer;
}

const char *rig_check_layer(const struct rig_run *run, unsigned hop)
{
    return hop < run->hop_count && run->hops[hop].layer ? run->hops[hop].layer : "somebody";
}

bool rig_check_is_below(const struct rig_run *run, unsigned hop, unsigned above)
{
    while (hop != above && hop < run->hop_count && run->hops[hop].parent != hop) {
        hop = run->hops[hop].parent;
    }
    return hop == above;
}

bool rig_check_was_turned(const struct rig_run *run, const struct rig_header *header)
{
    unsigned by = run->response->status_by;
    return by != header->hop && rig_check_is_below(run, header->hop, by);
}

/* The last layer that hop passed the same response on to; hop itself: none. */
static unsigned last_below(const struct rig_run *run, unsigned hop)
{
    for (unsigned i = run->hop_count; i-- > hop + 1;) {
        if (run->hops[i].parent == hop && run->hops[i].response_id == run->hops[hop].response_id) {
            return i;
        }
    }
    return hop;
}

unsigned rig_check_silent_hop(const struct rig_run *run)
{
    unsigned hop = run->first_hop;
    bool failed = run->hops[hop].returned < 0;
    for (;;) {
        unsigned below = last_below(run, hop);
        if (below == hop || (run->hops[below].returned < 0) != failed) {
            return hop;
        }
        hop = below;
    }
}
