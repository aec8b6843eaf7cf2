/* RFC 6265 section 5.1.1: the date of a cookie, however it is written. */
#include <errno.h>
#include <string.h>

#include "harness/http/chars.h"
#include "harness/http/date.h"

/* Each is taken from the first token that looks like it. */
struct found {
    struct rig_date_parts parts;
    bool time, day, month, year;
};

static bool is_delimiter(char c)
{
    unsigned byte = (unsigned char)c;
    return byte == '\t' || (byte >= 0x20 && byte <= 0x2f) || (byte >= 0x3b && byte <= 0x40) ||
           (byte >= 0x5b && byte <= 0x60) || (byte >= 0x7b && byte <= 0x7e);
}

/* min to max digits, behind which no further digit stands. The number of digits, or 0. */
static size_t number(struct rig_slice text, size_t min, size_t max, unsigned *value)
{
    size_t size = 0;
    *value = 0;
    while (size < text.size && rig_char_is(text.data[size], RIG_CHAR_DIGIT)) {
        if (++size > max) {
            return 0;
        }
        *value = *value * 10 + (unsigned)(text.data[size - 1] - '0');
    }
    return size >= min ? size : 0;
}

static bool is_time(struct rig_slice token, struct rig_date_parts *parts)
{
    unsigned *const fields[] = {&parts->hour, &parts->minute, &parts->second};
    struct rig_date_parts before = *parts;
    for (size_t i = 0; i < 3; i++) {
        size_t size = number(token, 1, 2, fields[i]);
        bool colon = size > 0 && size < token.size && token.data[size] == ':';
        if (size == 0 || (i < 2 && !colon)) {
            *parts = before;
            return false;
        }
        size += i < 2;
        token = rig_slice_after(token, size);
    }
    return true;
}

static void look_at(struct rig_slice token, struct found *found)
{
    unsigned value = 0;
    if (!found->time && is_time(token, &found->parts)) {
        found->time = true;
    } else if (!found->day && number(token, 1, 2, &value) > 0) {
        found->day = true;
        found->parts.day = value;
    } else if (!found->month && token.size >= 3 && (value = rig_date_month(token.data)) > 0) {
        found->month = true;
        found->parts.month = value;
    } else if (!found->year && number(token, 2, 4, &value) > 0) {
        found->year = true;
        found->parts.year = value;
    }
}

int rig_cookie_date_parse(const char *text, size_t size, int64_t *seconds)
{
    struct found found = {.time = false};
    for (size_t at = 0; at < size;) {
        size_t start = at;
        while (at < size && !is_delimiter(text[at])) {
            at++;
        }
        if (at > start) {
            look_at((struct rig_slice){text + start, at - start}, &found);
        }
        at += at < size;
    }
    struct rig_date_parts *parts = &found.parts;
    if (!found.time || !found.day || !found.month || !found.year) {
        return -EINVAL;
    }
    parts->year += parts->year < 70 ? 2000 : parts->year < 100 ? 1900 : 0;
    if (parts->year < 1601 || parts->second > 59) {
        return -EINVAL;
    }
    return rig_date_seconds(parts, seconds) ? 0 : -EINVAL;
}
