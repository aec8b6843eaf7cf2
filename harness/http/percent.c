#include "harness/http/percent.h"

#include "harness/http/chars.h"

static bool kept(char c)
{
    return rig_char_is(c, RIG_CHAR_ALPHA | RIG_CHAR_DIGIT) || c == '*' || c == '-' || c == '.' || c == '_';
}

static size_t encoded_size(const char *text, size_t size)
{
    size_t need = 0;
    for (size_t i = 0; i < size; i++) {
        need += kept(text[i]) || text[i] == ' ' ? 1 : 3;
    }
    return need;
}

size_t rig_percent_encode(const char *text, size_t size, char *out, size_t out_size)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t need = encoded_size(text, size);
    if (need > out_size) {
        return need;
    }
    for (size_t i = 0; i < size; i++) {
        if (kept(text[i])) {
            *out++ = text[i];
        } else if (text[i] == ' ') {
            *out++ = '+';
        } else {
            unsigned byte = (unsigned char)text[i];
            *out++ = '%';
            *out++ = digits[byte >> 4];
            *out++ = digits[byte & 15u];
        }
    }
    return need;
}

size_t rig_percent_decode(const char *text, size_t size, bool plus, char *out)
{
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        int high = c == '%' && size - i > 2 ? rig_char_hex(text[i + 1]) : -1;
        int low = high >= 0 ? rig_char_hex(text[i + 2]) : -1;
        if (low >= 0) {
            c = (char)(high * 16 + low);
            i += 2;
        } else if (plus && c == '+') {
            c = ' ';
        }
        out[used++] = c;
    }
    return used;
}
