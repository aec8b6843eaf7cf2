/* Which findings are the same one: for folding and baselines. */
#ifndef STACKRIG_REPORT_KEY_H
#define STACKRIG_REPORT_KEY_H

#include <stackrig/result.h>

/* Hash of the trimmed source line at site ("file.c:42"). Where the file cannot be read: of the line number, so that
 * two places stay two. */
uint64_t rig_source_line_hash(const char *site);
/* Rule, layer (#k), base name of the site's file, source line, subject. Never line number, size or profile. */
uint64_t rig_finding_key(const struct rig_finding *finding, uint64_t source_line);

#endif
