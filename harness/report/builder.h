/* A bounded text builder over the caller's memory, for reports, the command and assertions. */
#ifndef STACKRIG_REPORT_BUILDER_H
#define STACKRIG_REPORT_BUILDER_H

#include <stackrig/base.h>

#define RIG_TEXT_VALUE_MAX 1024 /* bytes of one value that are shown */
#define RIG_TEXT_CUT "... ("    /* stands behind them when there are more */

/* data always ends in a zero byte, unless size is 0. length counts what did not fit, too, as snprintf does. */
struct rig_text {
    char *data;
    size_t size, length;
};

void rig_text_start(struct rig_text *text, char *buffer, size_t size); /* buffer NULL: only counts */
void rig_text_add(struct rig_text *text, const char *string);          /* as it is: for our own words; NULL: nothing */
void rig_text_add_bytes(struct rig_text *text, const void *data, size_t size); /* as they are */
void rig_text_printf(struct rig_text *text, const char *format, ...) RIG_PRINTF_(2, 3);
/* For everything that comes from elsewhere: all but printable ASCII as \xNN, at most RIG_TEXT_VALUE_MAX bytes, then
 * "... (N bytes)". */
void rig_text_escape(struct rig_text *text, const char *string); /* NULL: nothing */
void rig_text_escape_bytes(struct rig_text *text, const void *data, size_t size);
/* The same as a C string in its quotes: " and \ have a \ before them. */
void rig_text_quote(struct rig_text *text, const char *string);
void rig_text_quote_bytes(struct rig_text *text, const void *data, size_t size);
/* A piece of what stands in quotes. */
void rig_text_quote_part(struct rig_text *text, const void *data, size_t size);
bool rig_text_truncated(const struct rig_text *text);
/* What snprintf would return. */
int rig_text_length(const struct rig_text *text);
/* The same; text that did not fit ends in "...". */
int rig_text_end(struct rig_text *text);

#endif
