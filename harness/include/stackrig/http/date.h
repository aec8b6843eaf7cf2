/* Dates of HTTP and of cookies. No locale, no time zone, no clock: seconds since 1970-01-01 00:00:00 UTC, without leap
 * seconds, for the years 0 to 9999 of the Gregorian calendar. */
#ifndef STACKRIG_HTTP_DATE_H
#define STACKRIG_HTTP_DATE_H

#include <stackrig/base.h>

#define RIG_DATE_SIZE 30 /* of "Sun, 06 Nov 1994 08:49:37 GMT" with its final zero byte */

RIG_BEGIN_DECLS
/* As IMF-fixdate, what senders write (RFC 9110 section 5.6.7). 0; -EINVAL: no year of four digits, out is "". */
int rig_date_format(int64_t seconds, char out[RIG_DATE_SIZE]);
/* A header's date in any of the three forms of RFC 9110 section 5.6.7: IMF-fixdate, RFC 850, asctime; exactly so, but
 * that the name of the day need not be the right one. RFC 850's year of two digits is at most fifty years after now's; with
 * now 0, one of 1970 to 2069. 0, or -EINVAL: another form, or a date or time that does not exist. A
 * second of 60 is the next minute's first. */
int rig_date_parse(const char *text, size_t size, int64_t now, int64_t *seconds);
/* A cookie's Expires as RFC 6265 section 5.1.1 reads it: time, day, month and year in nearly any order and form, a year
 * of two digits is one of 1970 to 2069. 0, or -EINVAL. */
int rig_cookie_date_parse(const char *text, size_t size, int64_t *seconds);
RIG_END_DECLS

#endif
