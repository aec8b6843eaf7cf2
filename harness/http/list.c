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

/* Each quote is searched for its end once, or the whole text once: linear. */
static size_t element_size(struct rig_elements *list)
{
    struct rig_slice text = list->rest;
    size_t i = 0;
    while (i < text.size && !(text.data[i] && strchr(list->separators, text.data[i]))) {
        size_t quoted = list->unclosed ? 0 : rig_quoted_size((struct rig_slice){text.data + i, text.size - i});
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
        list->rest = (struct rig_slice){list->rest.data + size, list->rest.size - size};
        if (element->size > 0) {
            return true;
        }
    }
    return false;
}

struct rig_slice rig_list_cut(struct rig_slice *name)
{
    const char *equals = name->size > 0 ? memchr(name->data, '=', name->size) : NULL;
    if (!equals) {
        return (struct rig_slice){NULL, 0};
    }
    size_t size = (size_t)(equals - name->data);
    struct rig_slice value = rig_trimmed((struct rig_slice){equals + 1, name->size - size - 1});
    *name = rig_trimmed((struct rig_slice){name->data, size});
    return value;
}
