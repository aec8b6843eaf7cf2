/* Pieces of a finding's text, shared with the command's folded blocks. */
#ifndef STACKRIG_REPORT_TEXT_H
#define STACKRIG_REPORT_TEXT_H

#include <stackrig/result.h>

#include "harness/report/builder.h"

/* What the first line begins with: never NULL. */
const char *rig_finding_place(const struct rig_finding *finding);
/* "name", or "name #2" for the second of that name. */
void rig_text_layer(struct rig_text *text, const char *layer, unsigned number);
/* "  site: layer name": where it was given to the stack. Nothing for a finding without a layer. */
void rig_text_layer_line(struct rig_text *text, const struct rig_finding *finding);
/* An indented line, "  site: text"; site NULL: only the text. */
void rig_text_evidence(struct rig_text *text, const char *site, const char *prose);

#endif
