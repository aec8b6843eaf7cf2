/* Which bytes may stand where in a message, one table for all. Bytes, not locale: isalpha and its kin are not used. */
#ifndef RIG_HTTP_CHARS_H
#define RIG_HTTP_CHARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <stackrig/base.h>

#include "harness/http/slice.h"

enum {
    RIG_CHAR_TOKEN = 1, /* tchar, RFC 9110 section 5.6.2 */
    RIG_CHAR_VALUE = 2, /* in a field value, RFC 9110 section 5.5: VCHAR, obs-text, SP, HTAB */
    RIG_CHAR_DIGIT = 4,
    RIG_CHAR_HEX = 8,
    RIG_CHAR_UNRESERVED = 16, /* RFC 3986 section 2.3 */
    RIG_CHAR_SUBDELIM = 32,   /* RFC 3986 section 2.2 */
    RIG_CHAR_TARGET = 64,     /* in a path or query; all but '%' and '?', which need a look */
    RIG_CHAR_ALPHA = 128,
    RIG_CHAR_PATH = 256 /* pchar and '/', RFC 3986 section 3.3; all but '%', which needs a look */
};

extern const uint16_t rig_char_class[256];

static inline bool rig_char_is(char c, unsigned classes)
{
    return (rig_char_class[(unsigned char)c] & classes) != 0;
}

/* 'a'..'z' for 'A'..'Z', any other byte as it is. */
static inline char rig_char_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* 0..15, or -1. */
int rig_char_hex(char c);

bool rig_is_token(const char *name, size_t size); /* RFC 9110 section 5.6.2; empty is not one */
bool rig_is_field_value(const char *value,
                        size_t size); /* RFC 9110 section 5.5: no CR, LF, NUL, nor any CTL but HTAB; empty is one */
/* Copies size bytes of value to copy and tells, in the same pass, whether they are a field value. */
bool rig_copy_field_value(char *copy, const char *value, size_t size);
/* A number of digits alone; false: it is none, or more than UINT64_MAX, and *number stays as it was. */
bool rig_number(struct rig_slice text, uint64_t *number);
#define RIG_DECIMAL_MAX 20                                                       /* digits of UINT64_MAX */
size_t rig_decimal(uint64_t number, char digits[RIG_DECIMAL_MAX]);               /* how many; no zero byte after them */
bool rig_is_digits(const char *text, size_t size);                               /* empty is not */
bool rig_name_equal(const char *a, size_t a_size, const char *b, size_t b_size); /* any case of A-Z */
/* Without SP and HTAB at both ends. */
struct rig_slice rig_trimmed(struct rig_slice text);
/* Where part first stands in text; NULL: nowhere. Bytes; an empty one stands at the begin. As memmem, but no fuzzer sees what
 * is looked for: it may be a secret. */
const char *rig_search(const void *text, size_t size, const void *part, size_t part_size);
static inline bool rig_contains(const void *text, size_t size, const void *part, size_t part_size)
{
    return part_size == 0 || rig_search(text, size, part, part_size);
}
/* Does a field's value, a comma-separated list, have that token in any case (RFC 9110 section 5.6.1)? */
bool rig_list_has(struct rig_slice list, const char *token);

#endif
