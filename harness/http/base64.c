#include <stackrig/http/base64.h>

#include <errno.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t rig_base64_encode(const void *data, size_t size, char *out, size_t out_size)
{
    const unsigned char *bytes = data;
    size_t groups = size / 3 + (size % 3 > 0);
    if (groups > SIZE_MAX / 4 || groups * 4 > out_size || !out) {
        return groups > SIZE_MAX / 4 ? SIZE_MAX : groups * 4;
    }
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        unsigned bits = (unsigned)bytes[i] << 16 | (left > 1 ? (unsigned)bytes[i + 1] << 8 : 0) |
                        (left > 2 ? (unsigned)bytes[i + 2] : 0);
        *out++ = alphabet[bits >> 18];
        *out++ = alphabet[bits >> 12 & 63];
        *out++ = left > 1 ? alphabet[bits >> 6 & 63] : '=';
        *out++ = left > 2 ? alphabet[bits & 63] : '=';
    }
    return groups * 4;
}

/* 0..63, or -1 for what is not in the alphabet. */
static int value_of(char digit)
{
    return digit >= 'A' && digit <= 'Z'   ? digit - 'A'
           : digit >= 'a' && digit <= 'z' ? digit - 'a' + 26
           : digit >= '0' && digit <= '9' ? digit - '0' + 52
           : digit == '+'                 ? 62
           : digit == '/'                 ? 63
                                          : -1;
}

/* How many '=' end a text whose size is a multiple of 4; a third one is left to be refused as a digit. */
static size_t padding_of(const char *text, size_t size)
{
    if (size == 0 || text[size - 1] != '=') {
        return 0;
    }
    return text[size - 2] == '=' ? 2 : 1;
}

int64_t rig_base64_decode(const char *text, size_t size, void *out, size_t out_size)
{
    unsigned char *bytes = out;
    if (size % 4 != 0) {
        return -EINVAL;
    }
    size_t padding = padding_of(text, size);
    if (size / 4 * 3 - padding > out_size) {
        return -EFBIG;
    }
    unsigned bits = 0, held = 0; /* held: how many bits wait for a whole byte */
    int64_t written = 0;
    for (size_t i = 0; i < size - padding; i++) {
        int value = value_of(text[i]);
        if (value < 0) {
            return -EINVAL;
        }
        bits = bits << 6 | (unsigned)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes[written++] = (unsigned char)(bits >> held);
            bits &= (1u << held) - 1;
        }
    }
    return bits == 0 ? written : -EINVAL;
}
