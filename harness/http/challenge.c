#include "harness/http/challenge.h"

#include <string.h>

static struct rig_slice past_any(struct rig_slice text, const char *set)
{
    while (text.size > 0 && text.data[0] && strchr(set, text.data[0])) {
        text = rig_slice_after(text, 1);
    }
    return text;
}

/* The token that text begins with; empty: none. */
static struct rig_slice token_of(struct rig_slice text)
{
    size_t size = 0;
    while (size < text.size && rig_char_is(text.data[size], RIG_CHAR_TOKEN)) {
        size++;
    }
    return (struct rig_slice){text.data, size};
}

/* The value that text begins with: what stands between quotes, or all up to the next comma or blank. *rest follows. */
static struct rig_slice value_of(struct rig_slice text, struct rig_slice *rest)
{
    size_t size = 0;
    if (text.size > 0 && text.data[0] == '"') {
        text = rig_slice_after(text, 1);
        while (size < text.size && text.data[size] != '"') {
            size += text.data[size] == '\\' && size + 1 < text.size ? 2 : 1;
        }
        *rest = rig_slice_after(text, size < text.size ? size + 1 : size);
        return (struct rig_slice){text.data, size};
    }
    while (size < text.size && text.data[size] && !strchr(", \t", text.data[size])) {
        size++;
    }
    *rest = rig_slice_after(text, size);
    return (struct rig_slice){text.data, size};
}

/* Takes one parameter off *text; false: what stands there is none. */
static bool next_param(struct rig_slice *text, struct rig_slice *name, struct rig_slice *value)
{
    struct rig_slice at = past_any(*text, ", \t");
    *name = token_of(at);
    at = past_any(rig_slice_after(at, name->size), " \t");
    if (name->size == 0 || at.size == 0 || at.data[0] != '=') {
        return false;
    }
    *value = value_of(past_any(rig_slice_after(at, 1), " \t"), text);
    return true;
}

bool rig_challenge_next(struct rig_slice *text, struct rig_challenge *challenge)
{
    struct rig_slice at = past_any(*text, ", \t"), name, value;
    challenge->scheme = token_of(at);
    if (challenge->scheme.size == 0) {
        return false;
    }
    at = past_any(rig_slice_after(at, challenge->scheme.size), " \t");
    struct rig_slice begin = at;
    while (next_param(&at, &name, &value)) {
    }
    challenge->params = (struct rig_slice){begin.data, (size_t)(at.data - begin.data)};
    /* A token68 that is no parameter: "Negotiate abc/+" */
    struct rig_slice rest = at;
    if (at.data == begin.data && at.size > 0 && at.data[0] != ',') {
        challenge->params = value_of(at, &rest);
    }
    *text = rest;
    return true;
}

struct rig_slice rig_challenge_param(struct rig_slice params, const char *name)
{
    struct rig_slice found, value;
    while (next_param(&params, &found, &value)) {
        if (rig_name_equal(found.data, found.size, name, strlen(name))) {
            return value;
        }
    }
    return (struct rig_slice){NULL, 0};
}
