#include "harness/http/list.h"

#include <string.h>

#include "harness/http/chars.h"

size_t rig_quoted_size(struct rig_slice text)
{
    if (text.size == 0 || text.data[0] != '"') {
        return 0;
    }
    for (size_t i = 1; i < text.size; i++) {
        if (text.data[i] == '"') {
            return i + 1;
        }
        i += text.data[i] == '\\';
    }
    return 0;
}

size_t rig_without_backslashes(struct rig_slice text, char *out)
{
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        i += text.data[i] == '\\' && i + 1 < text.size;
        if (out) {
            out[size] = text.data[i];
        }
        size++;
    }
    return size;
}

/* Each quote is searched for its end once, or the whole text once: linear. */
static size_t element_size(struct rig_elements *list)
{
    struct rig_slice text = list->rest;
    size_t i = 0;
    while (i < text.size && !(text.data[i] && strchr(list->separators, text.data[i]))) {
        size_t quoted = list->unclosed ? 0 : rig_quoted_size(rig_slice_after(text, i));
        list->unclosed = list->unclosed || (text.data[i] == '"' && quoted == 0);
        i += quoted > 0 ? quoted : 1;
    }
    return i;
}

bool rig_elements_next(struct rig_elements *list, struct rig_slice *element)
{
    while (list->rest.size > 0) {
        size_t size = element_size(list);
        *element = rig_trimmed((struct rig_slice){list->rest.data, size});
        size += size < list->rest.size;
        list->rest = rig_slice_after(list->rest, size);
        if (element->size > 0) {
            return true;
        }
    }
    return false;
}

struct rig_slice rig_list_cut(struct rig_slice *name)
{
    struct rig_slice value;
    *name = rig_slice_cut(*name, '=', &value);
    *name = value.data ? rig_trimmed(*name) : *name;
    return rig_trimmed(value);
}
