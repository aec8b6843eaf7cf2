#include <stackrig/http/negotiate.h>

#include <string.h>

#include <stackrig/http/media_type.h>

#include "harness/http/chars.h"
#include "harness/http/list.h"

/* ---- q ---- */

/* Digits with at most one point; what is no number is -1. */
static double number(struct rig_slice text)
{
    double value = 0, unit = 1;
    bool point = false, any = false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '.' && !point) {
            point = true;
        } else if (rig_char_is(text.data[i], RIG_CHAR_DIGIT)) {
            any = true;
            if (unit < 1e15) { /* a double holds no more */
                value = value * 10 + (text.data[i] - '0');
                unit *= point ? 10 : 1;
            }
        } else {
            break;
        }
    }
    return any ? value / unit : -1;
}

/* The q among an element's parameters. */
static double quality_of(struct rig_elements params)
{
    struct rig_slice param;
    while (rig_elements_next(&params, &param)) {
        if (param.size >= 2 && rig_char_lower(param.data[0]) == 'q' && param.data[1] == '=') {
            double quality = number(rig_slice_after(param, 2));
            return quality < 0 || quality > 1 ? 1 : quality;
        }
    }
    return 1;
}

int rig_quality_each(const char *text, size_t size, rig_quality_fn *visit, void *closure)
{
    struct rig_elements list = {.rest = {text, size}, .separators = ","};
    struct rig_slice element, value;
    int result = 0;
    while (result == 0 && rig_elements_next(&list, &element)) {
        struct rig_elements parts = {.rest = element, .separators = ";"};
        if (rig_elements_next(&parts, &value)) {
            result = visit(closure, value, quality_of(parts));
        }
    }
    return result;
}

/* ---- the best type ---- */

struct candidate {
    const char *name;
    int specific; /* of the best match so far; 0: none */
    double quality;
    unsigned seen, place; /* elements of the list; of the best match among them */
};

/* How closely a range says what it means: a type 3, all of its kind 2, anything 1. */
static int specific(struct rig_slice range)
{
    const char *star = memchr(range.data, '*', range.size), *slash = memchr(range.data, '/', range.size);
    return star == range.data ? 1 : star || !slash ? 2 : 3;
}

static int match_type(void *closure, struct rig_slice range, double quality)
{
    struct candidate *candidate = closure;
    int how = specific(range);
    bool matches = rig_media_type_matches(candidate->name, strlen(candidate->name), range.data, range.size);
    candidate->seen++;
    if (matches && how > candidate->specific) {
        candidate->specific = how;
        candidate->place = candidate->seen;
        candidate->quality = quality;
    }
    return 0;
}

int rig_best_media_type(const char *accept, size_t size, const char *const *types, size_t count)
{
    struct candidate best = {.quality = 0};
    int index = -1;
    for (size_t i = 0; i < count; i++) {
        struct candidate candidate = {.name = types[i]};
        rig_quality_each(accept, size, match_type, &candidate);
        bool as_good = candidate.quality > 0 && candidate.quality >= best.quality;
        if (as_good && (candidate.quality > best.quality || candidate.place > best.place)) {
            best = candidate;
            index = (int)i;
        }
    }
    return index;
}

/* ---- the best coding ---- */

enum { ANY = 1, NAMED, REFUSED }; /* how a coding is accepted */

static int match_encoding(void *closure, struct rig_slice value, double quality)
{
    struct candidate *candidate = closure;
    bool any = value.size == 1 && value.data[0] == '*';
    int how = any ? ANY : NAMED;
    if (++candidate->seen > RIG_ENCODINGS_MAX) {
        return 1;
    }
    if (!any && !rig_name_equal(candidate->name, strlen(candidate->name), value.data, value.size)) {
        return 0;
    }
    if (how > candidate->specific || (how == candidate->specific && quality > candidate->quality)) {
        candidate->specific = how;
        candidate->quality = quality;
    }
    if (!any && quality <= 0) {
        candidate->specific = REFUSED;
    }
    return 0;
}

static bool is_better(struct candidate a, struct candidate b)
{
    return a.quality > b.quality || (a.quality >= b.quality && a.specific > b.specific);
}

int rig_best_encoding(const char *accept_encoding, size_t size, const char *const *encodings, size_t count)
{
    struct candidate best = {.quality = 0};
    int index = -1;
    for (size_t i = 0; i < count; i++) {
        struct candidate candidate = {.name = encodings[i]};
        bool identity = rig_name_equal(encodings[i], strlen(encodings[i]), "identity", strlen("identity"));
        rig_quality_each(accept_encoding, size, match_encoding, &candidate);
        if (candidate.specific == 0 && identity) {
            if (index < 0) {
                index = (int)i;
            }
        } else if (candidate.specific != REFUSED && candidate.quality > 0 && is_better(candidate, best)) {
            best = candidate;
            index = (int)i;
        }
    }
    return index;
}
