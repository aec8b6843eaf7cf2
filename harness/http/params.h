/* Inside a tree of parameters. */
#ifndef RIG_HTTP_PARAMS_H
#define RIG_HTTP_PARAMS_H

#include <stackrig/http/query.h>

#include "harness/http/region.h"

#define RIG_QUERY_DEFAULT_PARAMS 4096
#define RIG_QUERY_DEFAULT_BYTES ((size_t)4 << 20)
#define RIG_QUERY_DEFAULT_DEPTH 32

struct rig_params {
    struct rig_region region;
    struct rig_query_limits limits; /* defaults filled in */
    size_t pairs;                   /* added so far */
    char *scratch;                  /* a decoded name */
    size_t scratch_size;
    struct rig_param root;
};

/* ---- items of a map or list: param_items.c ---- */

/* The item of a map with that key; NULL: there is none. */
struct rig_param *rig_param_find(const struct rig_param *map, struct rig_slice key);
/* A new last item, nothing in it; key.data NULL: of a list. NULL: out of memory. Moves the other items. */
struct rig_param *rig_param_append(struct rig_params *params, struct rig_param *parent, struct rig_slice key);
/* The same, or the one that there is already. */
struct rig_param *rig_param_ensure(struct rig_params *params, struct rig_param *map, struct rig_slice key);
struct rig_param *rig_param_last(const struct rig_param *list); /* NULL: empty */
/* A name without "=": neither value nor items. */
bool rig_param_is_nothing(const struct rig_param *param);
/* Keeps the name; all else is value's. */
void rig_param_set(struct rig_param *param, struct rig_param value);

/* ---- the brackets of a name: param_nest.c ---- */

int rig_param_nest(struct rig_params *params, struct rig_slice name, struct rig_param value);

#endif
