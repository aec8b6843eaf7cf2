#include "harness/http/percent.h"

#include "harness/http/chars.h"

static bool kept(enum rig_percent_set set, char c)
{
    switch (set) {
    case RIG_PERCENT_PATH:
        return rig_char_is(c, RIG_CHAR_UNRESERVED | RIG_CHAR_SUBDELIM) || c == '/' || c == ':' || c == '@';
    case RIG_PERCENT_FORM:
        return rig_char_is(c, RIG_CHAR_ALPHA | RIG_CHAR_DIGIT) || c == '*' || c == '-' || c == '.' || c == '_';
    case RIG_PERCENT_COMPONENT:
        break;
    }
    return rig_char_is(c, RIG_CHAR_UNRESERVED);
}

static size_t encoded_size(enum rig_percent_set set, const char *text, size_t size)
{
    size_t need = 0;
    for (size_t i = 0; i < size; i++) {
        bool one = kept(set, text[i]) || (set == RIG_PERCENT_FORM && text[i] == ' ');
        need += one ? 1 : 3;
    }
    return need;
}

size_t rig_percent_encode(enum rig_percent_set set, const char *text, size_t size, char *out, size_t out_size)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t need = encoded_size(set, text, size);
    if (need > out_size) {
        return need;
    }
    for (size_t i = 0; i < size; i++) {
        if (kept(set, text[i])) {
            *out++ = text[i];
        } else if (set == RIG_PERCENT_FORM && text[i] == ' ') {
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
        if (c == '%') {
            int high = size - i > 2 ? rig_char_hex(text[i + 1]) : -1;
            int low = high >= 0 ? rig_char_hex(text[i + 2]) : -1;
            if (low < 0) {
                return RIG_PERCENT_BAD;
            }
            c = (char)(high * 16 + low);
            i += 2;
        } else if (plus && c == '+') {
            c = ' ';
        }
        out[used++] = c;
    }
    return used;
}
