/* Queries and urlencoded forms (WHATWG URL, "application/x-www-form-urlencoded"): parameters read and built, flat or
 * nested by the bracket convention: a[b]=1 is a map a with b, a[]=1 a list a, a[][b]=1 a list of maps. */
#ifndef STACKRIG_HTTP_QUERY_H
#define STACKRIG_HTTP_QUERY_H

#include <errno.h>

#include <stackrig/base.h>
#include <stackrig/http/pair.h>

struct rig_part; /* a file; stackrig/request.h */

enum rig_param_kind { RIG_PARAM_VALUE, RIG_PARAM_MAP, RIG_PARAM_LIST };

/* One parameter, or a tree of them; the same type for what is built and for what was parsed. */
struct rig_param {
    const char *name;            /* its key in a map; NULL: an element of a list */
    const char *value;           /* a C string; NULL: see bytes, file, items. All empty: a name without "=" */
    struct rig_bytes bytes;      /* any bytes */
    const struct rig_part *file; /* an upload; its .name is not used */
    enum rig_param_kind kind;
    const struct rig_param *items; /* of a map or list */
    size_t item_count;
    size_t name_size; /* 0: strlen(name) */
};

/* Items: RIG_PARAM_MAP_OF("user", RIG_PARAM("name", "ada"), RIG_PARAM_LIST_OF("tags", {.value = "a"}, {.value = "b"})).
 * What they point to lasts for the block that they stand in. */
#define RIG_PARAM(name_, value_)           \
    {                                      \
        .name = (name_), .value = (value_) \
    }
#ifndef __cplusplus /* which has no array literals: there give .items and .item_count by hand */
#define RIG_PARAM_MAP_OF(name_, ...) RIG_PARAM_OF_(RIG_PARAM_MAP, name_, __VA_ARGS__)
#define RIG_PARAM_LIST_OF(name_, ...) RIG_PARAM_OF_(RIG_PARAM_LIST, name_, __VA_ARGS__)
#define RIG_PARAM_OF_(kind_, name_, ...)                                                         \
    {                                                                                            \
        .name = name_, .kind = kind_, .items = (const struct rig_param[]){__VA_ARGS__},          \
        .item_count = sizeof((const struct rig_param[]){__VA_ARGS__}) / sizeof(struct rig_param) \
    }
#endif

/* What can be wrong with parameters, as errors of the functions below (negative). ENOMEM comes beside them. */
#define RIG_QUERY_ERROR_MAP(X)                                                                                         \
    X(TYPE_CONFLICT, EEXIST, "param_type_conflict", "a parameter is used as a map, a list or a value, and as another") \
    X(INVALID, EILSEQ, "param_invalid", "a '%' without two hex digits behind it")                                      \
    X(TOO_DEEP, ELOOP, "query_too_deep", "a parameter is nested deeper than the limit")                                \
    X(TOO_MANY, E2BIG, "query_too_many_params", "more parameters than the limit")                                      \
    X(TOO_LARGE, EFBIG, "query_too_large", "more bytes than the limit")

enum rig_query_error {
#define RIG_QUERY_ERROR_(name_, errno_, id_, text_) RIG_QUERY_##name_ = -(errno_),
    RIG_QUERY_ERROR_MAP(RIG_QUERY_ERROR_)
#undef RIG_QUERY_ERROR_
};

/* 0 means the default. */
struct rig_query_limits {
    size_t params; /* pairs, empty ones included; 4096 */
    size_t bytes;  /* of the text; 4 MiB */
    size_t depth;  /* of nested maps and lists: a is 1, a[b] is 2; 32 */
};

enum rig_query_shape {
    RIG_QUERY_NESTED, /* by the names' brackets; of a repeated value the last counts */
    RIG_QUERY_FLAT,   /* names as they are; a repeated one becomes a list, in the place of the first */
    RIG_QUERY_PAIRS   /* names as they are; every pair an item of its own */
};

struct rig_query_options {
    enum rig_query_shape shape;
    const char *separators; /* each of these bytes ends a pair; spaces after one are skipped; NULL: "&" */
    struct rig_query_limits limits;
    struct rig_allocator allocator; /* all zero: malloc and free */
};

enum rig_query_style {
    RIG_QUERY_STYLE_NESTED, /* a%5Bb%5D=1, as Rack: brackets escaped, nothing for an empty list or map */
    RIG_QUERY_STYLE_PLAIN,  /* a[b]=1, as rack-test: brackets stand, a[]= for an empty list, a list in a list is one */
    RIG_QUERY_STYLE_FLAT    /* a=1&a=2: a list is its name repeated; a map in the map is refused */
};

/* A tree of parameters that owns its memory. */
struct rig_params;

RIG_BEGIN_DECLS
/* ---- reading ---- */

/* Visits each pair, as it stands, its escapes checked: decode with rig_percent_decode(..., true, ...). Needs no memory.
 * Empty pairs are skipped. RIG_QUERY_INVALID, _TOO_MANY, _TOO_LARGE, or what visit returned. */
int rig_query_each(const char *query, size_t size, struct rig_query_options options, rig_pair_fn *visit, void *closure);
/* *params: for the caller to free. Any enum rig_query_error or -ENOMEM; *params is then NULL. Takes time in proportion
 * to the text (and to the depth limit), whatever the names. */
int rig_query_parse(const char *query, size_t size, struct rig_query_options options, struct rig_params **params);

/* An empty tree, to which parameters are added; NULL: out of memory. Only .limits and .allocator count. */
struct rig_params *rig_params_new(struct rig_query_options options);
/* Puts value (its .value, .bytes or .file) where the brackets of name say; an empty name is dropped. Copies the name; what
 * value points to must outlast the tree. RIG_QUERY_TYPE_CONFLICT, _TOO_DEEP, _TOO_MANY or -ENOMEM; the tree is then as
 * far as it got, and still to be freed. */
int rig_params_add(struct rig_params *params, const char *name, size_t name_size, struct rig_param value);
/* The map of all, its items in order of first appearance; valid until the next rig_params_add. Of a parsed value .bytes
 * is always set (data NULL: there was no "="), a zero byte after it; .value too unless it holds a zero byte. */
const struct rig_param *rig_params_root(const struct rig_params *params);
void rig_params_free(struct rig_params *params); /* NULL: nothing */
/* An item of a map by its name, the first; NULL: there is none. */
const struct rig_param *rig_param_get(const struct rig_param *map, const char *name);

/* ---- building ---- */

/* The size of the query of a map (or list). Writes it only if it fits out_size; out NULL with 0 measures; no final zero
 * byte. SIZE_MAX: it cannot be: a file, a name missing in a map, a root that is a value, a map in a flat one, nested deeper
 * than RIG_QUERY_BUILD_DEPTH, or no memory could hold it. */
size_t rig_query_build(const struct rig_param *root, enum rig_query_style style, char *out, size_t out_size);
#define RIG_QUERY_BUILD_DEPTH 256

/* "param_type_conflict" and so on, and a sentence; NULL for what is no enum rig_query_error. */
const char *rig_query_error_name(int error);
const char *rig_query_error_text(int error);
RIG_END_DECLS

#endif
