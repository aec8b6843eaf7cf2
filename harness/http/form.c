#include "harness/http/form.h"

#include <string.h>

#include <stackrig/http/percent.h>

/* out NULL: only measures. */
static size_t put(const char *text, char *out)
{
    return rig_percent_encode(text, strlen(text), out, out ? SIZE_MAX : 0);
}

static size_t build(const struct rig_field *fields, size_t count, char *out)
{
    size_t used = 0;
    for (size_t i = 0; i < count && fields[i].name; i++) {
        if (!fields[i].value) {
            continue;
        }
        if (used > 0) {
            if (out) {
                out[used] = '&';
            }
            used++;
        }
        used += put(fields[i].name, out ? out + used : NULL);
        if (out) {
            out[used] = '=';
        }
        used++;
        used += put(fields[i].value, out ? out + used : NULL);
    }
    return used;
}

size_t rig_form_build(const struct rig_field *fields, size_t count, char *out, size_t out_size)
{
    size_t need = build(fields, count, NULL);
    if (out && need <= out_size) {
        build(fields, count, out);
    }
    return need;
}
