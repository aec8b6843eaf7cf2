/* The boundary in a Content-Type, RFC 2046 section 5.1.1. */
#include <string.h>

#include <stackrig/http/multipart.h>

#include "harness/http/chars.h"

static bool starts_with(struct rig_slice text, const char *start)
{
    size_t size = strlen(start);
    return text.size >= size && rig_name_equal(text.data, size, start, size);
}

/* Up to one of two bytes, or the end. */
static size_t span(struct rig_slice text, char one, char other)
{
    size_t size = 0;
    while (size < text.size && text.data[size] != one && text.data[size] != other) {
        size++;
    }
    return size;
}

/* A value in quotes without them; the quote that closes may be missing. *taken: with the quotes. */
static struct rig_slice value_of(struct rig_slice text, size_t *taken)
{
    const char *close = text.size > 0 && text.data[0] == '"' ? memchr(text.data + 1, '"', text.size - 1) : NULL;
    if (close) {
        *taken = (size_t)(close - text.data) + 1;
        return (struct rig_slice){text.data + 1, *taken - 2};
    }
    *taken = span(text, ';', ',');
    struct rig_slice value = rig_trimmed((struct rig_slice){text.data, *taken});
    return value.size > 0 && value.data[0] == '"' ? rig_slice_after(value, 1) : value;
}

struct parameter {
    struct rig_slice name, value;
    bool blank; /* between name and "=" */
};

/* The next one behind a ';'; one without "=" is skipped. False: there is none. */
static bool next_parameter(struct rig_slice *text, struct parameter *parameter)
{
    while (text->size > 0) {
        *text = rig_slice_after(*text, span(*text, ';', ';'));
        while (text->size > 0 && (text->data[0] == ';' || text->data[0] == ' ' || text->data[0] == '\t')) {
            *text = rig_slice_after(*text, 1);
        }
        size_t size = span(*text, '=', ';'), taken = 0;
        if (size < text->size && text->data[size] == '=') {
            parameter->name = rig_trimmed((struct rig_slice){text->data, size});
            parameter->blank = parameter->name.size != size;
            *text = rig_slice_after(*text, size + 1);
            parameter->value = value_of(*text, &taken);
            *text = rig_slice_after(*text, taken);
            return true;
        }
    }
    return false;
}

int rig_multipart_boundary_of(const char *content_type, size_t size, struct rig_slice *boundary)
{
    struct rig_slice text = rig_trimmed((struct rig_slice){content_type, size});
    struct parameter parameter;
    *boundary = (struct rig_slice){NULL, 0};
    if (!starts_with(text, "multipart/")) {
        return 0;
    }
    while (next_parameter(&text, &parameter)) {
        if (!rig_name_equal(parameter.name.data, parameter.name.size, "boundary", 8)) {
            continue;
        }
        if (parameter.blank || boundary->data) {
            *boundary = (struct rig_slice){NULL, 0};
            return RIG_MULTIPART_BAD_BOUNDARY;
        }
        if (parameter.value.size > 0) {
            *boundary = parameter.value;
        }
    }
    return 0;
}
