/* A date by its parts: what the forms of a date share. */
#ifndef RIG_HTTP_DATE_PARTS_H
#define RIG_HTTP_DATE_PARTS_H

#include <stackrig/base.h>
#include <stackrig/http/date.h>

struct rig_date_parts {
    unsigned year, month, day; /* month: 1 to 12 */
    unsigned hour, minute, second;
};

/* False: there is no such date or time. A second of 60 there is. */
bool rig_date_seconds(const struct rig_date_parts *parts, int64_t *seconds);
/* 1 to 12 for "jan" to "dec" in any case; 0: neither. text: three bytes. */
unsigned rig_date_month(const char *text);

#endif
