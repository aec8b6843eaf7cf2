#include <stackrig/http/forwarded.h>

#include <errno.h>
#include <string.h>

#include "harness/http/chars.h"
#include "harness/http/list.h"

static struct rig_slice without_separators(struct rig_slice text)
{
    while (text.size > 0 && strchr(" \t\r\n;,", text.data[0]) && text.data[0]) {
        text = rig_slice_after(text, 1);
    }
    return text;
}

/* One of those that there are, or NULL. */
static const char *known(struct rig_slice name)
{
    static const char *const names[] = {"by", "for", "host", "proto"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (rig_name_equal(name.data, name.size, names[i], strlen(names[i]))) {
            return names[i];
        }
    }
    return NULL;
}

/* A newline stands where lines of the header were joined. */
static bool ends_value(char c)
{
    return c == ';' || c == ',' || c == '\n';
}

/* Behind a quote that nothing closes there is no value. */
static struct rig_slice cut_value(struct rig_slice *rest)
{
    if (rest->size > 0 && rest->data[0] == '"') {
        struct rig_slice quoted = {rest->data, rig_quoted_size(*rest)};
        *rest = rig_slice_after(*rest, quoted.size > 0 ? quoted.size : 1);
        return quoted;
    }
    size_t size = 0;
    while (size < rest->size && !ends_value(rest->data[size])) {
        size++;
    }
    struct rig_slice value = rig_trimmed((struct rig_slice){rest->data, size});
    *rest = rig_slice_after(*rest, size);
    return value;
}

static size_t escapes_in(struct rig_slice value)
{
    size_t count = 0;
    for (size_t i = 0; i < value.size && value.data[0] == '"'; i++) {
        if (value.data[i] == '\\') {
            count++;
            i++;
        }
    }
    return count;
}

int rig_forwarded_each(const char *text, size_t size, rig_pair_fn *visit, void *closure)
{
    struct rig_slice rest = without_separators((struct rig_slice){text, size});
    const char *equals;
    size_t escapes = 0;
    for (size_t count = 1; rest.size > 0 && (equals = memchr(rest.data, '=', rest.size)); count++) {
        size_t name_size = (size_t)(equals - rest.data);
        const char *name = known(rig_trimmed((struct rig_slice){rest.data, name_size}));
        rest = rig_slice_after(rest, name_size + 1);
        if (count > RIG_FORWARDED_MAX) {
            return -E2BIG;
        }
        if (!name) {
            return -EINVAL;
        }
        struct rig_slice value = cut_value(&rest);
        escapes += escapes_in(value);
        if (escapes > RIG_FORWARDED_MAX) {
            return -E2BIG;
        }
        int result = visit(closure, (struct rig_pair){{name, strlen(name)}, value});
        if (result != 0) {
            return result;
        }
        rest = without_separators(rest);
    }
    return 0;
}
