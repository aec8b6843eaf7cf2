#include <stackrig/http/html.h>

#include "harness/http/sink.h"

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

static size_t escape(const char *text, size_t size, char *out)
{
    struct rig_sink sink = {out, 0};
    for (size_t i = 0; i < size; i++) {
        const char *instead = entity(text[i]);
        rig_sink_put(&sink, instead ? instead : &text[i], instead ? strlen(instead) : 1);
    }
    return sink.size;
}

size_t rig_html_escape(const char *text, size_t size, char *out, size_t out_size)
{
    size_t need = escape(text, size, NULL);
    if (out && need <= out_size) {
        escape(text, size, out);
    }
    return need;
}
