#include <stackrig/http/media_type.h>

#include <string.h>

#include "harness/http/chars.h"
#include "harness/http/list.h"

/* Cuts the type off text: what stands before the first separator. */
static struct rig_slice cut_type(struct rig_slice *text)
{
    size_t size = 0;
    while (size < text->size && text->data[size] != ';' && text->data[size] != ',') {
        size++;
    }
    struct rig_slice type = rig_trimmed((struct rig_slice){text->data, size});
    *text = rig_slice_after(*text, size);
    return type;
}

size_t rig_media_type(const char *text, size_t size, char *out, size_t out_size)
{
    struct rig_slice rest = {text, size}, type = cut_type(&rest);
    if (out && type.size <= out_size) {
        for (size_t i = 0; i < type.size; i++) {
            out[i] = rig_char_lower(type.data[i]);
        }
    }
    return type.size;
}

int rig_media_type_each(const char *text, size_t size, rig_pair_fn *visit, void *closure)
{
    struct rig_slice rest = {text, size}, name;
    int result = 0;
    cut_type(&rest);
    struct rig_elements list = {.rest = rest, .separators = ";,"};
    while (result == 0 && rig_elements_next(&list, &name)) {
        struct rig_slice value = rig_list_cut(&name);
        if (name.size > 0) {
            result = visit(closure, (struct rig_pair){name, value});
        }
    }
    return result;
}

struct search {
    const char *name;
    struct rig_slice value;
};

static int is_wanted(void *closure, struct rig_pair pair)
{
    struct search *search = closure;
    search->value = pair.value.data ? pair.value : (struct rig_slice){"", 0};
    return rig_name_equal(pair.name.data, pair.name.size, search->name, strlen(search->name));
}

size_t rig_media_type_param(const char *text, size_t size, const char *name, char *out, size_t out_size)
{
    struct search search = {.name = name};
    if (rig_media_type_each(text, size, is_wanted, &search) == 0) {
        return SIZE_MAX;
    }
    size_t need = rig_unquote(search.value.data, search.value.size, NULL);
    if (out && need <= out_size) {
        rig_unquote(search.value.data, search.value.size, out);
    }
    return need;
}

size_t rig_unquote(const char *text, size_t size, char *out)
{
    if (size > 0 && text[0] == '"' && text[size - 1] == '"') {
        return rig_without_backslashes((struct rig_slice){text + 1, size > 1 ? size - 2 : 0}, out);
    }
    if (out && size > 0) {
        memmove(out, text, size);
    }
    return size;
}

/* ---- ranges ---- */

static bool part_matches(struct rig_slice part, struct rig_slice range)
{
    return (range.size == 1 && range.data[0] == '*') || rig_name_equal(part.data, part.size, range.data, range.size);
}

bool rig_media_type_matches(const char *type, size_t size, const char *range, size_t range_size)
{
    struct rig_slice sub, sub_range;
    struct rig_slice main = rig_slice_cut((struct rig_slice){type, size}, '/', &sub);
    struct rig_slice main_range = rig_slice_cut((struct rig_slice){range, range_size}, '/', &sub_range);
    return part_matches(main, main_range) && (!sub_range.data || part_matches(sub, sub_range));
}
