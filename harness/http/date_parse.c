/* The three forms of a header's date. */
#include <errno.h>
#include <string.h>

#include "harness/http/chars.h"
#include "harness/http/date.h"

/* What is left of the text, and what was found. */
struct reader {
    const char *at, *end;
    struct rig_date_parts parts;
    bool short_year;
};

static bool read_number(struct reader *reader, unsigned digits, unsigned *number)
{
    *number = 0;
    for (; digits > 0; digits--) {
        if (reader->at == reader->end || !rig_char_is(*reader->at, RIG_CHAR_DIGIT)) {
            return false;
        }
        *number = *number * 10 + (unsigned)(*reader->at++ - '0');
    }
    return true;
}

static bool read_text(struct reader *reader, const char *text)
{
    size_t size = strlen(text);
    if ((size_t)(reader->end - reader->at) < size || memcmp(reader->at, text, size) != 0) {
        return false;
    }
    reader->at += size;
    return true;
}

static bool read_weekday(struct reader *reader, bool whole)
{
    static const char *const names[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t size = whole ? strlen(names[i]) : 3;
        if ((size_t)(reader->end - reader->at) >= size && memcmp(reader->at, names[i], size) == 0) {
            reader->at += size;
            return true;
        }
    }
    return false;
}

/* Exactly as written in the RFC: rig_date_month takes any case. */
static bool read_month(struct reader *reader, unsigned *month)
{
    if (reader->end - reader->at < 3 || reader->at[0] > 'Z' || reader->at[1] < 'a' || reader->at[2] < 'a') {
        return false;
    }
    *month = rig_date_month(reader->at);
    reader->at += 3;
    return *month > 0;
}

static bool read_padded_day(struct reader *reader, unsigned *day)
{
    return read_text(reader, " ") ? read_number(reader, 1, day) : read_number(reader, 2, day);
}

static bool read_time(struct reader *reader, struct rig_date_parts *parts)
{
    return read_number(reader, 2, &parts->hour) && read_text(reader, ":") && read_number(reader, 2, &parts->minute) &&
           read_text(reader, ":") && read_number(reader, 2, &parts->second);
}

/* a A: weekday, short and whole; d e: day, with 0 or space; b: month; Y y: year; T: time; others: themselves. */
static bool read_form(struct reader *reader, const char *form)
{
    bool fine = true;
    for (; *form && fine; form++) {
        const char literal[2] = {*form, '\0'};
        switch (*form) {
        case 'a':
        case 'A':
            fine = read_weekday(reader, *form == 'A');
            break;
        case 'd':
            fine = read_number(reader, 2, &reader->parts.day);
            break;
        case 'e':
            fine = read_padded_day(reader, &reader->parts.day);
            break;
        case 'b':
            fine = read_month(reader, &reader->parts.month);
            break;
        case 'Y':
        case 'y':
            reader->short_year = *form == 'y';
            fine = read_number(reader, *form == 'Y' ? 4 : 2, &reader->parts.year);
            break;
        case 'T':
            fine = read_time(reader, &reader->parts);
            break;
        case 'G':
            fine = read_text(reader, "GMT");
            break;
        default:
            fine = read_text(reader, literal);
        }
    }
    return fine && reader->at == reader->end;
}

static unsigned year_of(int64_t seconds)
{
    char date[RIG_DATE_SIZE];
    unsigned year = 0;
    struct reader reader = {.at = date + 12, .end = date + 16};
    return rig_date_format(seconds, date) == 0 && read_number(&reader, 4, &year) ? year : 0;
}

/* RFC 9110 section 5.6.7: what appears to be more than fifty years ahead is meant for the past. */
static unsigned with_century(unsigned digits, int64_t now)
{
    unsigned last = now == 0 ? 2069 : year_of(now) + 50;
    unsigned year = last - last % 100 + digits;
    return year > last ? year - 100 : year;
}

int rig_date_parse(const char *text, size_t size, int64_t now, int64_t *seconds)
{
    static const char *const forms[] = {"a, d b Y T G", "A, d-b-y T G", "a b e T Y"};
    for (size_t i = 0; size > 0 && i < sizeof forms / sizeof forms[0]; i++) {
        struct reader reader = {.at = text, .end = text + size};
        if (read_form(&reader, forms[i])) {
            if (reader.short_year) {
                reader.parts.year = with_century(reader.parts.year, now);
            }
            return rig_date_seconds(&reader.parts, seconds) ? 0 : -EINVAL;
        }
    }
    return -EINVAL;
}
