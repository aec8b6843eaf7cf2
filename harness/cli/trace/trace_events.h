/* All that happens in a request, written down as lines "V KIND HOP SITE ...", fields escaped and secrets masked. */
#ifndef STACKRIG_CLI_TRACE_EVENTS_H
#define STACKRIG_CLI_TRACE_EVENTS_H

#include "harness/core/event.h"

#include <stdio.h>

/* HOP: number of the visit, "-" outside of any. SITE of enter and leave: the layer's place in the stack.
 *
 * enter LAYER ENV APP PARENT EXCHANGE STATUS OFFERED CLOCK FROM   serial numbers of envs are "env#1"; APP 1: it is one;
 *     PARENT: the visit that called; OFFERED: bytes of the body, "-" unknown; CLOCK: the rig's, ns; FROM: the call of next
 * leave LAYER RETURNED STATUS ANSWERED NEXT READ DRAINED READS REWINDS WALL CLOCK ALLOCATIONS AT   NEXT: calls of it;
 *     READ and the three behind it are of the body and its own; WALL, ns, and ALLOCATIONS with all that it called,
 *     without what this writing takes; "-" unknown; AT: its last touch of the response
 * next ENV                        what it passes on
 * set NAME BEFORE AFTER SIZE SIZE ENV, unset likewise, copy ENV   SIZE: bytes, or "absent", "object", "masked"
 * read BYTES, drain BYTES, rewind RESULT
 * status NUMBER, write BYTES, stream, log TEXT
 * replace NAME BEFORE AFTER SIZE SIZE   a header of the response that had a value; AFTER "absent": it was removed
 * header NAME VALUE SIZE LAYER    it goes out; who set it */
extern const struct rig_check rig_check_trace;

/* The fields of such a line. */
enum {
    RIG_V_KIND = 1,
    RIG_V_HOP,
    RIG_V_SITE,
    RIG_V_FIRST, /* LAYER, NAME, or what the line has in its place */
    RIG_ENTER_ENV,
    RIG_ENTER_APP,
    RIG_ENTER_PARENT,
    RIG_ENTER_EXCHANGE,
    RIG_ENTER_STATUS,
    RIG_ENTER_OFFERED,
    RIG_ENTER_CLOCK,
    RIG_ENTER_FROM,
    RIG_LEAVE_RETURNED = RIG_V_FIRST + 1,
    RIG_LEAVE_STATUS,
    RIG_LEAVE_ANSWERED,
    RIG_LEAVE_NEXT,
    RIG_LEAVE_READ,
    RIG_LEAVE_DRAINED,
    RIG_LEAVE_READS,
    RIG_LEAVE_REWINDS,
    RIG_LEAVE_WALL,
    RIG_LEAVE_CLOCK,
    RIG_LEAVE_ALLOCATIONS,
    RIG_LEAVE_AT,
    RIG_SET_BEFORE = RIG_V_FIRST + 1,
    RIG_SET_AFTER,
    RIG_SET_BEFORE_SIZE,
    RIG_SET_AFTER_SIZE,
    RIG_SET_ENV,
    RIG_HEADER_VALUE = RIG_V_FIRST + 1,
    RIG_HEADER_SIZE,
    RIG_HEADER_LAYER
};

/* Where to; NULL: nowhere. Before each request. */
void rig_trace_write(FILE *file);

#endif
