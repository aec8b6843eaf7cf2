/* Days of the calendar, and how a date is written. */
#include "harness/http/date.h"

#include <errno.h>
#include <string.h>

#include "harness/http/chars.h"

#define SECONDS_A_DAY INT64_C(86400)
#define DAYS_BEFORE_1970 719468 /* from 0000-03-01 */
#define DAYS_A_CYCLE 146097     /* of 400 years */
#define YEARS_BEFORE_0 400      /* a cycle, so that nothing below is negative */

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char weekdays[] = "SunMonTueWedThuFriSat";

unsigned rig_date_month(const char *text)
{
    for (unsigned month = 0; month < 12; month++) {
        if (rig_name_equal(text, 3, months + (size_t)month * 3, 3)) {
            return month + 1;
        }
    }
    return 0;
}

static unsigned days_in_month(unsigned year, unsigned month)
{
    static const unsigned char days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

/* Years that begin in March have the leap day at their end. */
static int64_t days_since_1970(unsigned year, unsigned month, unsigned day)
{
    unsigned shifted = year + YEARS_BEFORE_0 - (month <= 2 ? 1 : 0);
    unsigned cycle = shifted / 400, of_cycle = shifted % 400;
    unsigned of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    unsigned of_days = of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + of_year;
    return ((int64_t)cycle - 1) * DAYS_A_CYCLE + of_days - DAYS_BEFORE_1970;
}

bool rig_date_seconds(const struct rig_date_parts *parts, int64_t *seconds)
{
    if (parts->year > 9999 || parts->month < 1 || parts->month > 12 || parts->day < 1 ||
        parts->day > days_in_month(parts->year, parts->month) || parts->hour > 23 || parts->minute > 59 ||
        parts->second > 60) {
        return false;
    }
    *seconds = days_since_1970(parts->year, parts->month, parts->day) * SECONDS_A_DAY +
               (int64_t)(parts->hour * 3600 + parts->minute * 60 + parts->second);
    return true;
}

/* days: counted from a year YEARS_BEFORE_0, its first of March. */
static struct rig_date_parts parts_of_days(unsigned days)
{
    unsigned cycle = days / DAYS_A_CYCLE, of_cycle = days % DAYS_A_CYCLE;
    unsigned year = (of_cycle - of_cycle / 1460 + of_cycle / 36524 - of_cycle / 146096) / 365;
    unsigned of_year = of_cycle - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * of_year + 2) / 153;
    struct rig_date_parts parts = {.day = of_year - (153 * month + 2) / 5 + 1,
                                   .month = month < 10 ? month + 3 : month - 9};
    parts.year = cycle * 400 + year - YEARS_BEFORE_0 + (parts.month <= 2 ? 1 : 0);
    return parts;
}

static char *put_number(char *out, unsigned number, unsigned digits)
{
    for (unsigned at = digits; at > 0; at--) {
        out[at - 1] = (char)('0' + number % 10);
        number /= 10;
    }
    return out + digits;
}

static char *put_text(char *out, const char *text, size_t size)
{
    memcpy(out, text, size);
    return out + size;
}

int rig_date_format(int64_t seconds, char out[RIG_DATE_SIZE])
{
    static const struct rig_date_parts last = {9999, 12, 31, 23, 59, 59};
    int64_t min = days_since_1970(0, 1, 1) * SECONDS_A_DAY, max = 0;
    out[0] = '\0';
    if (!rig_date_seconds(&last, &max) || seconds < min || seconds > max) {
        return -EINVAL;
    }
    /* from the cycle before the year 0, so that / and % see no negative number */
    uint64_t shifted = (uint64_t)(seconds + (DAYS_BEFORE_1970 + DAYS_A_CYCLE) * SECONDS_A_DAY);
    unsigned days = (unsigned)(shifted / SECONDS_A_DAY), of_day = (unsigned)(shifted % SECONDS_A_DAY);
    struct rig_date_parts parts = parts_of_days(days);
    out = put_text(out, weekdays + (size_t)((days + 3) % 7) * 3, 3); /* a cycle is a whole number of weeks */
    out = put_text(out, ", ", 2);
    out = put_number(out, parts.day, 2);
    out = put_text(out, " ", 1);
    out = put_text(out, months + (size_t)(parts.month - 1) * 3, 3);
    out = put_text(out, " ", 1);
    out = put_number(out, parts.year, 4);
    out = put_text(out, " ", 1);
    out = put_number(out, of_day / 3600, 2);
    out = put_text(out, ":", 1);
    out = put_number(out, of_day / 60 % 60, 2);
    out = put_text(out, ":", 1);
    out = put_number(out, of_day % 60, 2);
    memcpy(out, " GMT", 5);
    return 0;
}
