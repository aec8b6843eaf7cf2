#include <stackrig/http/html.h>

#include <string.h>

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static size_t escaped_size(const char *text, size_t size)
{
    size_t need = 0;
    for (size_t i = 0; i < size; i++) {
        const char *instead = entity(text[i]);
        size_t more = instead ? strlen(instead) : 1;
        if (more > SIZE_MAX - need) {
            return SIZE_MAX;
        }
        need += more;
    }
    return need;
}

size_t rig_html_escape(const char *text, size_t size, char *out, size_t out_size)
{
    size_t need = escaped_size(text, size);
    if (!out || need > out_size) {
        return need;
    }
    for (size_t i = 0; i < size; i++) {
        const char *instead = entity(text[i]);
        size_t count = instead ? strlen(instead) : 1;
        memcpy(out, instead ? instead : &text[i], count);
        out += count;
    }
    return need;
}
