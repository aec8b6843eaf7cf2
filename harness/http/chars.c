#include "harness/http/chars.h"

#include <stdint.h>
#include <string.h>

/* One row is sixteen bytes; the unit test spells every class out. */
const uint16_t rig_char_class[256] = {
    0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x002, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000,
    0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000, 0x000,
    0x002, 0x163, 0x002, 0x003, 0x163, 0x003, 0x163, 0x163, 0x162, 0x162, 0x163, 0x163, 0x162, 0x153, 0x153, 0x142,
    0x15f, 0x15f, 0x15f, 0x15f, 0x15f, 0x15f, 0x15f, 0x15f, 0x15f, 0x15f, 0x142, 0x162, 0x002, 0x162, 0x002, 0x002,
    0x142, 0x1db, 0x1db, 0x1db, 0x1db, 0x1db, 0x1db, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3,
    0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x042, 0x042, 0x042, 0x043, 0x153,
    0x043, 0x1db, 0x1db, 0x1db, 0x1db, 0x1db, 0x1db, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3,
    0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x1d3, 0x042, 0x043, 0x042, 0x153, 0x000,
    0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002,
    0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002,
    0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002,
    0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002,
    0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002,
    0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002,
    0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002,
    0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002, 0x002,
};

static bool all_in(const char *text, size_t size, unsigned classes)
{
    for (size_t i = 0; i < size; i++) {
        if (!rig_char_is(text[i], classes)) {
            return false;
        }
    }
    return true;
}

/* Header names and values are looked at sixteen bytes at once (the compiler makes of it what the machine has): every
 * field of every request comes this way, and byte by byte it was a tenth of a request. What looks odd is looked up. */
typedef unsigned char sixteen __attribute__((vector_size(16)));
typedef uint64_t two __attribute__((vector_size(16)));

static inline sixteen load_sixteen(const char *at)
{
    sixteen bytes;
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

/* All of 1 to 16 bytes, some of them more than once. Put together in registers: sixteen bytes that are loaded from where
 * eight and eight were just stored wait for both. */
static inline sixteen load_few(const char *text, size_t size)
{
    two halves;
    if (size >= 8) {
        uint64_t first, last;
        memcpy(&first, text, 8);
        memcpy(&last, text + size - 8, 8);
        halves = (two){first, last};
    } else if (size >= 4) {
        uint32_t first, last;
        memcpy(&first, text, 4);
        memcpy(&last, text + size - 4, 4);
        halves = (two){(uint64_t)first << 32 | last, (uint64_t)first << 32 | last};
    } else {
        const uint64_t ones = UINT64_MAX / 255;
        uint64_t first = ones * (unsigned char)text[0];
        halves = (two){first, (first & ~UINT64_C(0xffff)) | (uint64_t)(unsigned char)text[size / 2] << 8 |
                                  (unsigned char)text[size - 1]};
    }
    return (sixteen)halves;
}

static inline bool any(sixteen found)
{
    two halves = (two)found;
    return (halves[0] | halves[1]) != 0;
}

static inline sixteen controls_of(sixteen bytes)
{
    return (sixteen)(bytes < 0x20) | (sixteen)(bytes == 0x7f);
}

bool rig_is_field_value(const char *value, size_t size)
{
    if (size == 0) {
        return true;
    }
    sixteen found = controls_of(size > 16 ? load_sixteen(value + size - 16) : load_few(value, size));
    for (size_t at = 0; at + 16 < size; at += 16) {
        found |= controls_of(load_sixteen(value + at));
    }
    return !any(found) || all_in(value, size, RIG_CHAR_VALUE);
}

static bool copy_few(char *copy, const char *value, size_t size)
{
    uint64_t first, last;
    if (size < 8) {
        memcpy(copy, value, size);
        return rig_is_field_value(value, size);
    }
    memcpy(&first, value, 8);
    memcpy(&last, value + size - 8, 8);
    memcpy(copy, &first, 8);
    memcpy(copy + size - 8, &last, 8);
    return !any(controls_of(load_few(value, size))) || all_in(value, size, RIG_CHAR_VALUE);
}

bool rig_copy_field_value(char *copy, const char *value, size_t size)
{
    if (size < 16) {
        return copy_few(copy, value, size);
    }
    sixteen last = load_sixteen(value + size - 16);
    sixteen found = controls_of(last);
    memcpy(copy + size - 16, &last, sizeof last);
    for (size_t at = 0; at + 16 < size; at += 16) {
        sixteen bytes = load_sixteen(value + at);
        found |= controls_of(bytes);
        memcpy(copy + at, &bytes, sizeof bytes);
    }
    return !any(found) || all_in(value, size, RIG_CHAR_VALUE);
}

/* Letters, digits and '-' are what nearly every header name is made of. */
static inline bool is_plain_name(const char *name, size_t size)
{
    sixteen bytes = load_few(name, size), lower = bytes | 0x20;
    sixteen plain = ((sixteen)(lower >= 'a') & (sixteen)(lower <= 'z')) |
                    ((sixteen)(bytes >= '0') & (sixteen)(bytes <= '9')) | (sixteen)(bytes == '-');
    return !any(~plain);
}

bool rig_is_token(const char *name, size_t size)
{
    return size > 0 && ((size <= 16 && is_plain_name(name, size)) || all_in(name, size, RIG_CHAR_TOKEN));
}

bool rig_is_digits(const char *text, size_t size)
{
    return size > 0 && all_in(text, size, RIG_CHAR_DIGIT);
}

bool rig_number(struct rig_slice text, uint64_t *number)
{
    uint64_t value = 0;
    for (size_t i = 0; i < text.size; i++) {
        unsigned digit = (unsigned)(unsigned char)text.data[i] - '0';
        if (digit > 9 || (i >= 19 && value > (UINT64_MAX - digit) / 10)) { /* 19 digits always fit */
            return false;
        }
        value = value * 10 + digit;
    }
    if (text.size == 0) {
        return false;
    }
    *number = value;
    return true;
}

size_t rig_decimal(uint64_t number, char digits[RIG_DECIMAL_MAX])
{
    size_t count = 0;
    char reversed[RIG_DECIMAL_MAX];
    do {
        reversed[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    for (size_t i = 0; i < count; i++) {
        digits[i] = reversed[count - 1 - i];
    }
    return count;
}

bool rig_name_equal(const char *a, size_t a_size, const char *b, size_t b_size)
{
    if (a_size != b_size) {
        return false;
    }
    for (size_t i = 0; i < a_size; i++) {
        if (a[i] != b[i] && rig_char_lower(a[i]) != rig_char_lower(b[i])) {
            return false;
        }
    }
    return true;
}

int rig_char_hex(char c)
{
    if (!rig_char_is(c, RIG_CHAR_HEX)) {
        return -1;
    }
    return rig_char_is(c, RIG_CHAR_DIGIT) ? c - '0' : rig_char_lower(c) - 'a' + 10;
}

struct rig_slice rig_trimmed(struct rig_slice text)
{
    while (text.size > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t')) {
        text.size--;
    }
    return text;
}

/* Looked for by its last byte: that of a secret is met less often than its first. */
bool rig_contains(const void *text, size_t size, const void *part, size_t part_size)
{
    const char *at = text, *wanted = part;
    if (part_size == 0) {
        return true;
    }
    while (size >= part_size) {
        const char *last = memchr(at + part_size - 1, wanted[part_size - 1], size - part_size + 1);
        if (!last) {
            return false;
        }
        const char *found = last - (part_size - 1);
        if (*found == *wanted && memcmp(found, wanted, part_size) == 0) {
            return true;
        }
        size -= (size_t)(found - at) + 1;
        at = found + 1;
    }
    return false;
}

bool rig_list_has(struct rig_slice list, const char *token)
{
    bool found = false;
    while (list.size > 0 && !found) {
        struct rig_slice element = rig_trimmed(rig_slice_cut(list, ',', &list));
        found = rig_name_equal(element.data, element.size, token, strlen(token));
    }
    return found;
}
