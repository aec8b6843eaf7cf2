#include <string.h>

#include <stackrig/http/percent.h>

#include "harness/http/params.h"
#include "harness/http/slice.h"

/* Where the next pair ends: at a separator, or at the end. */
static size_t pair_size(const char *text, size_t size, const char *separators, size_t count)
{
    if (count == 1) {
        const char *found = memchr(text, separators[0], size);
        return found ? (size_t)(found - text) : size;
    }
    size_t at = 0;
    while (at < size && !memchr(separators, text[at], count)) {
        at++;
    }
    return at;
}

/* Are there more pairs than that? Counted before any is visited: the answer comes quickly. */
static bool is_over(const char *text, size_t size, const char *separators, size_t count, size_t max)
{
    size_t pairs = 1;
    for (size_t at = pair_size(text, size, separators, count); at < size && pairs <= max;
         at += 1 + pair_size(text + at + 1, size - at - 1, separators, count)) {
        pairs++;
    }
    return pairs > max;
}

int rig_query_each(const char *query, size_t size, struct rig_query_options options, rig_pair_fn *visit, void *closure)
{
    const char *separators = options.separators ? options.separators : "&";
    size_t count = strlen(separators);
    if (size == 0) {
        return 0;
    }
    if (size > (options.limits.bytes ? options.limits.bytes : RIG_QUERY_DEFAULT_BYTES)) {
        return RIG_QUERY_TOO_LARGE;
    }
    if (is_over(query, size, separators, count,
                options.limits.params ? options.limits.params : RIG_QUERY_DEFAULT_PARAMS)) {
        return RIG_QUERY_TOO_MANY;
    }
    for (const char *end = query + size; query < end;) {
        size_t taken = pair_size(query, (size_t)(end - query), separators, count);
        if (taken > 0) {
            if (!rig_percent_is_valid(query, taken)) {
                return RIG_QUERY_INVALID;
            }
            struct rig_pair pair;
            pair.name = rig_slice_cut((struct rig_slice){query, taken}, '=', &pair.value);
            int result = visit(closure, pair);
            if (result != 0) {
                return result;
            }
        }
        query += taken;
        query += query < end;
        while (query < end && *query == ' ') {
            query++;
        }
    }
    return 0;
}

const char *rig_query_error_name(int error)
{
    switch (error) {
#define RIG_NAME_CASE_(name_, errno_, id_, text_) \
    case RIG_QUERY_##name_:                       \
        return id_;
        RIG_QUERY_ERROR_MAP(RIG_NAME_CASE_)
#undef RIG_NAME_CASE_
    default:
        return NULL;
    }
}

const char *rig_query_error_text(int error)
{
    switch (error) {
#define RIG_TEXT_CASE_(name_, errno_, id_, text_) \
    case RIG_QUERY_##name_:                       \
        return text_;
        RIG_QUERY_ERROR_MAP(RIG_TEXT_CASE_)
#undef RIG_TEXT_CASE_
    default:
        return NULL;
    }
}
