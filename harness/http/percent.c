#include <stackrig/http/percent.h>

#include "harness/http/chars.h"

typedef bool kept_fn(char c);

static bool kept_in_form(char c)
{
    return rig_char_is(c, RIG_CHAR_ALPHA | RIG_CHAR_DIGIT) || c == '*' || c == '-' || c == '.' || c == '_';
}

static bool kept_in_path(char c)
{
    return rig_char_is(c, RIG_CHAR_UNRESERVED | RIG_CHAR_SUBDELIM) || c == '/' || c == ':' || c == '?' || c == '@' ||
           c == '[' || c == ']';
}

static size_t encoded_size(const char *text, size_t size, kept_fn *kept, bool plus)
{
    size_t need = 0;
    if (size > SIZE_MAX / 3) {
        return SIZE_MAX;
    }
    for (size_t i = 0; i < size; i++) {
        need += kept(text[i]) || (plus && text[i] == ' ') ? 1 : 3;
    }
    return need;
}

static size_t encode(const char *text, size_t size, char *out, size_t out_size, kept_fn *kept, bool plus)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t need = encoded_size(text, size, kept, plus);
    if (!out || need > out_size) {
        return need;
    }
    for (size_t i = 0; i < size; i++) {
        if (kept(text[i])) {
            *out++ = text[i];
        } else if (plus && text[i] == ' ') {
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

size_t rig_percent_encode(const char *text, size_t size, char *out, size_t out_size)
{
    return encode(text, size, out, out_size, kept_in_form, true);
}

size_t rig_percent_encode_path(const char *text, size_t size, char *out, size_t out_size)
{
    return encode(text, size, out, out_size, kept_in_path, false);
}

bool rig_percent_is_valid(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '%' && (size - i < 3 || rig_char_hex(text[i + 1]) < 0 || rig_char_hex(text[i + 2]) < 0)) {
            return false;
        }
    }
    return true;
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
