#include "harness/http/chars.h"
#include "harness/http/copy.h"

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

/* Out of line: what calls it at its end then needs no registers of its own. */
static __attribute__((noinline)) bool all_in(const char *text, size_t size, unsigned classes)
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
typedef signed char sixteen_signed __attribute__((vector_size(16)));
typedef uint64_t two __attribute__((vector_size(16)));

static inline sixteen load_sixteen(const char *at)
{
    sixteen bytes;
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

static inline uint64_t load_eight(const char *at)
{
    uint64_t bytes;
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

/* All of 1 to 7 bytes, some of them more than once. */
static inline uint64_t load_less(const char *text, size_t size)
{
    if (size >= 4) {
        uint32_t first, last;
        memcpy(&first, text, 4);
        memcpy(&last, text + size - 4, 4);
        return (uint64_t)first << 32 | last;
    }
    const uint64_t ones = UINT64_MAX / 255;
    return (ones * (unsigned char)text[0] & ~UINT64_C(0xffff)) | (uint64_t)(unsigned char)text[size / 2] << 8 |
           (unsigned char)text[size - 1];
}

/* The same of 1 to 16. Put together in registers: sixteen bytes that are loaded from where eight and eight were just
 * stored wait for both. */
static inline sixteen load_few(const char *text, size_t size)
{
    if (size >= 8) {
        return (sixteen)(two){load_eight(text), load_eight(text + size - 8)};
    }
    uint64_t less = load_less(text, size);
    return (sixteen)(two){less, less};
}

static inline bool all(sixteen found)
{
    two halves = (two)found;
    return (halves[0] & halves[1]) == UINT64_MAX;
}

/* Which are 0x20 to 0x7e: one further and with a sign, they alone are above 0x20. */
static inline sixteen plain_of(sixteen bytes)
{
    return (sixteen)((sixteen_signed)(bytes + 1) > 0x20);
}

bool rig_is_field_value(const char *value, size_t size)
{
    if (size == 0) {
        return true;
    }
    sixteen plain = plain_of(size < 16 ? load_few(value, size) : load_sixteen(value + size - 16));
    for (size_t at = 0; at + 16 < size; at += 16) {
        plain &= plain_of(load_sixteen(value + at));
    }
    return all(plain) || all_in(value, size, RIG_CHAR_VALUE);
}

bool rig_copy_field_value(char *copy, const char *value, size_t size)
{
    if (size < 16) {
        rig_copy_few(copy, value, size);
        return size == 0 || all(plain_of(load_few(value, size))) || all_in(value, size, RIG_CHAR_VALUE);
    }
    sixteen last = load_sixteen(value + size - 16), plain = plain_of(last);
    memcpy(copy + size - 16, &last, sizeof last);
    for (size_t at = 0; at + 16 < size; at += 16) {
        sixteen bytes = load_sixteen(value + at);
        plain &= plain_of(bytes);
        memcpy(copy + at, &bytes, sizeof bytes);
    }
    return all(plain) || all_in(value, size, RIG_CHAR_VALUE);
}

/* Letters, digits and '-' are what nearly every header name is made of. A range that is moved up to where signed bytes
 * end takes one comparison. */
static inline bool is_plain_name(const char *name, size_t size)
{
    sixteen bytes = load_few(name, size), letters = (bytes | 0x20) + (0x7f - 'z'), digits = bytes + (0x7f - '9');
    return all((sixteen)((sixteen_signed)letters > 0x7f - 26) | (sixteen)((sixteen_signed)digits > 0x7f - 10) |
               (sixteen)(bytes == '-'));
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
    size_t count = 1;
    for (uint64_t rest = number; rest >= 10; rest /= 10) {
        count++;
    }
    for (size_t i = count; i > 0; number /= 10) {
        digits[--i] = (char)('0' + number % 10);
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

/* Not by memcmp or memmem: libFuzzer watches what these compare, tries it, and keeps it in inputs. */
static bool is_same(const char *a, const char *b, size_t size)
{
    size_t i = 0;
    while (i < size && a[i] == b[i]) {
        i++;
    }
    return i == size;
}

/* Looked for by its last byte: that of a secret is met less often than its first. */
const char *rig_search(const void *text, size_t size, const void *part, size_t part_size)
{
    const char *at = text, *wanted = part;
    while (part_size > 0 && size >= part_size) {
        const char *last = memchr(at + part_size - 1, wanted[part_size - 1], size - part_size + 1);
        if (!last) {
            return NULL;
        }
        const char *found = last - (part_size - 1);
        if (is_same(found, wanted, part_size)) {
            return found;
        }
        size -= (size_t)(found - at) + 1;
        at = found + 1;
    }
    return part_size > 0 ? NULL : at;
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
