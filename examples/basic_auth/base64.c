#include "base64.h"

#include <errno.h>
#include <string.h>

/* 0..63, or -1 for what is not in the alphabet. */
static int value_of(char digit)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = memchr(alphabet, digit, 64);
    return found ? (int)(found - alphabet) : -1;
}

/* How many '=' end a text whose size is a multiple of 4; a third one is left to be refused as a digit. */
static size_t padding_of(const char *text, size_t size)
{
    if (size == 0 || text[size - 1] != '=') {
        return 0;
    }
    return text[size - 2] == '=' ? 2 : 1;
}

long base64_decode(const char *text, size_t size, char *out, size_t max)
{
    if (size % 4 != 0) {
        return -EINVAL;
    }
    size_t padding = padding_of(text, size);
    if (size / 4 * 3 - padding > max) {
        return -EFBIG;
    }
    unsigned bits = 0, held = 0; /* held: how many bits wait for a whole byte */
    long written = 0;
    for (size_t i = 0; i < size - padding; i++) {
        int value = value_of(text[i]);
        if (value < 0) {
            return -EINVAL;
        }
        bits = bits << 6 | (unsigned)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[written++] = (char)(bits >> held);
            bits &= (1u << held) - 1;
        }
    }
    return bits == 0 ? written : -EINVAL;
}
