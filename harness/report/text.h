/* Pieces of a finding's text, shared with the command's folded blocks. */
#ifndef STACKRIG_REPORT_TEXT_H
#define STACKRIG_REPORT_TEXT_H

#include <stackrig/result.h>

#include "harness/report/builder.h"

/* Is it the same thing as one of that rule, layer and line? */
bool rig_finding_is(const struct rig_finding *finding, const char *rule, const char *layer, unsigned layer_number,
                    const char *site);
bool rig_same_text(const char *a, const char *b); /* both NULL: the same */
/* What the first line begins with: never NULL. */
const char *rig_finding_place(const struct rig_finding *finding);
/* "name", or "name #2" for the second of that name. */
void rig_text_layer(struct rig_text *text, const char *layer, unsigned number);
/* "  site: layer name": where it was given to the stack. Nothing for a finding without a layer. */
void rig_text_layer_line(struct rig_text *text, const struct rig_finding *finding);
/* An indented line, "  site: text"; site NULL: only the text. */
void rig_text_evidence(struct rig_text *text, const char *site, const char *prose);

#endif
