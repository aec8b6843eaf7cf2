#include <stackrig/http/range.h>

#include <errno.h>
#include <string.h>

#include "harness/http/chars.h"
#include "harness/http/list.h"

/* Digits alone; a number too large is the largest. */
static bool position(struct rig_slice text, uint64_t *number)
{
    if (!rig_is_digits(text.data, text.size)) {
        return false;
    }
    if (!rig_number(text, number)) {
        *number = UINT64_MAX;
    }
    return true;
}

/* false: not readable. range->first behind range->last: not satisfiable. */
static bool read_range(struct rig_slice text, uint64_t length, struct rig_range *range)
{
    const char *dash = memchr(text.data, '-', text.size);
    if (!dash) {
        return false;
    }
    struct rig_slice first = {text.data, (size_t)(dash - text.data)}, last = {dash + 1, text.size - first.size - 1};
    if (first.size == 0) { /* that many at the end */
        uint64_t count = 0;
        bool readable = position(last, &count);
        *range = (struct rig_range){count < length ? length - count : 0, length - 1};
        return readable;
    }
    range->last = UINT64_MAX;
    if (!position(first, &range->first) || (last.size > 0 && !position(last, &range->last)) ||
        range->last < range->first) {
        return false;
    }
    range->last = range->last < length ? range->last : length - 1;
    return true;
}

static bool cut_unit(struct rig_slice *text)
{
    static const char unit[] = "bytes=";
    size_t size = strlen(unit);
    *text = rig_trimmed(*text);
    if (text->size < size || !rig_name_equal(text->data, size, unit, size)) {
        return false;
    }
    *text = rig_slice_after(*text, size);
    return text->size > 0 && text->data[0] != ' ' && text->data[0] != '\t';
}

int64_t rig_byte_ranges(const char *text, size_t size, uint64_t length, struct rig_range *ranges, size_t max)
{
    struct rig_slice rest = {text, size}, element;
    struct rig_elements list = {.separators = ","};
    uint64_t asked = 0; /* at most length, or over */
    bool over = false;
    size_t seen = 0, kept = 0;
    if (!text || length == 0 || !cut_unit(&rest)) {
        return -EINVAL;
    }
    list.rest = rest;
    while (rig_elements_next(&list, &element)) {
        struct rig_range range;
        if (++seen > max) {
            return -E2BIG;
        }
        if (!read_range(element, length, &range)) {
            return -EINVAL;
        }
        if (range.first <= range.last) {
            over = over || range.last - range.first >= length - asked;
            asked += over ? 0 : range.last - range.first + 1;
            ranges[kept++] = range;
        }
    }
    if (seen == 0) {
        return -EINVAL;
    }
    return over ? 0 : (int64_t)kept;
}
