/* All that happens in a request, written down as lines "V KIND SITE ...", fields escaped and secrets masked. */
#ifndef STACKRIG_CLI_TRACE_EVENTS_H
#define STACKRIG_CLI_TRACE_EVENTS_H

#include "harness/core/event.h"

#include <stdio.h>

/* enter SITE LAYER ENV            the layer's place in the stack; serial numbers of envs are "env#1"
 * leave SITE LAYER RETURNED STATUS READ/NEXT/ANSWERED WALL   bytes of the body, calls of next, 1; nanoseconds, with all
 *                                 that it called
 * next SITE ENV                   what it passes on
 * set SITE NAME BEFORE AFTER, unset SITE NAME BEFORE, copy SITE ENV
 * read SITE BYTES, drain SITE BYTES, rewind SITE RESULT
 * status SITE NUMBER, write SITE BYTES, stream SITE, log SITE TEXT
 * header SITE NAME VALUE LAYER    it goes out; who set it */
extern const struct rig_check rig_check_trace;

/* Where to; NULL: nowhere. Before each request. */
void rig_trace_write(FILE *file);

#endif
