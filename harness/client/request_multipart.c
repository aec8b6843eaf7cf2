/* The multipart/form-data body of a mock request: its params and its parts, a part each. */
#include "harness/client/client.h"

#include <errno.h>

struct parts {
    struct rig_run *run;
    enum rig_query_style style;
    struct rig_part *list;
    size_t count, of_params;
};

/* ---- from params to parts ---- */

static size_t count_leaves(const struct rig_param *param)
{
    size_t count = param->kind == RIG_PARAM_VALUE;
    for (size_t i = 0; i < param->item_count; i++) {
        count += count_leaves(&param->items[i]);
    }
    return count;
}

/* The name of an item below one of that name: p[q], p[]; in the root, its own. */
static const char *name_below(const struct parts *parts, const char *above, const struct rig_param *item, bool in_list)
{
    size_t size = above ? strlen(above) : 0,
           own = in_list || item->name_size > 0 ? item->name_size : strlen(item->name);
    bool listed = size >= 2 && memcmp(above + size - 2, "[]", 2) == 0;
    if (in_list && (parts->style == RIG_QUERY_STYLE_FLAT || (parts->style == RIG_QUERY_STYLE_PLAIN && listed))) {
        return above;
    }
    char *name = rig_arena_alloc(&parts->run->arena, size + own + 3), *at = name;
    if (!name) {
        return NULL;
    }
    memcpy(at, above ? above : "", size);
    at += size;
    if (above) {
        *at++ = '[';
    }
    memcpy(at, in_list ? "" : item->name, in_list ? 0 : own);
    at += in_list ? 0 : own;
    if (above) {
        *at++ = ']';
    }
    *at = '\0';
    return name;
}

static void add_leaf(struct parts *parts, const struct rig_param *param, const char *name)
{
    struct rig_part *part = &parts->list[parts->count++];
    if (param->file) {
        *part = *param->file;
    } else if (param->value) {
        part->body = param->value;
    } else {
        part->bytes = param->bytes.data ? param->bytes : (struct rig_bytes){"", 0};
    }
    part->name = name;
}

static int add_items(struct parts *parts, const struct rig_param *param, const char *name)
{
    int error = 0;
    for (size_t i = 0; i < param->item_count && !error; i++) {
        const struct rig_param *item = &param->items[i];
        const char *below = name_below(parts, name, item, param->kind == RIG_PARAM_LIST);
        if (!below) {
            return -ENOMEM;
        }
        if (item->kind == RIG_PARAM_VALUE) {
            add_leaf(parts, item, below);
        } else {
            error = add_items(parts, item, below);
        }
    }
    return error;
}

/* All parts in one list, files read. */
static int collect(struct parts *parts, const struct rig_request *request, const struct rig_param *map)
{
    size_t leaves = count_leaves(map);
    bool fits = request->part_count < SIZE_MAX / sizeof *parts->list - leaves;
    parts->list =
        fits ? rig_arena_zeroed(&parts->run->arena, (leaves + request->part_count) * sizeof *parts->list) : NULL;
    if (!parts->list) {
        return -ENOMEM;
    }
    int error = add_items(parts, map, NULL);
    parts->of_params = parts->count;
    if (request->part_count > 0) {
        memcpy(parts->list + parts->count, request->parts, request->part_count * sizeof *parts->list);
        parts->count += request->part_count;
    }
    return error;
}

static int read_files(struct parts *parts)
{
    int error = 0;
    for (size_t i = 0; i < parts->count && !error; i++) {
        struct rig_part *part = &parts->list[i];
        error = part->path && !part->body && !part->bytes.data ? rig_request_file(parts->run, part) : 0;
    }
    return error;
}

static int refuse_part(const struct parts *parts, size_t at, const char *reason)
{
    static const char mend[] = "mend that part: see struct rig_part for what it takes";
    struct rig_run *run = parts->run;
    return at < parts->of_params ? rig_misuse_mended(run, RIG_MISUSE_REQUEST_BODY, run->site, mend,
                                                     "the part \"%.60s\": %s", parts->list[at].name, reason)
                                 : rig_misuse_mended(run, RIG_MISUSE_REQUEST_BODY, run->site, mend, ".parts[%zu]: %s",
                                                     at - parts->of_params, reason);
}

/* ---- the body ---- */

/* The request's own boundary, or one of ours. */
static int choose_boundary(const struct parts *parts, struct rig_slice own, char boundary[RIG_BOUNDARY_MAX + 1])
{
    struct rig_run *run = parts->run;
    if (!own.data) {
        rig_multipart_boundary(parts->list, parts->count, boundary);
        return 0;
    }
    const char *refused = rig_multipart_boundary_refused(own.data, own.size, parts->list, parts->count);
    if (refused) {
        return rig_misuse_mended(run, RIG_MISUSE_REQUEST_BODY, run->site, RIG_MEND_BOUNDARY,
                                 "the boundary \"%.*s\" of the Content-Type: %s", (int)(own.size < 80 ? own.size : 80),
                                 own.data, refused);
    }
    memcpy(boundary, own.data, own.size);
    boundary[own.size] = '\0';
    return 0;
}

int rig_request_multipart(struct rig_run *run, const struct rig_request *request, const struct rig_param *map,
                          struct rig_built_parts *built)
{
    struct parts parts = {.run = run, .style = request->param_style};
    size_t at = 0;
    if (request->part_count > 0 && !request->parts) {
        return rig_misuse_mended(run, RIG_MISUSE_REQUEST_BODY, run->site, "give both or neither",
                                 "a .part_count of %zu without .parts", request->part_count);
    }
    int error = rig_request_check_params(run, map, true);
    error = error ? error : collect(&parts, request, map);
    const char *refused = error ? NULL : rig_multipart_refused(parts.list, parts.count, &at);
    error = refused ? refuse_part(&parts, at, refused) : error;
    error = error ? error : read_files(&parts);
    error = error ? error : choose_boundary(&parts, built->own, built->boundary);
    if (error != 0) {
        return error;
    }
    size_t size = rig_multipart_build(parts.list, parts.count, built->boundary, NULL, 0);
    char *body = size < SIZE_MAX ? rig_arena_alloc(&run->arena, size) : NULL;
    if (!body) {
        return -ENOMEM;
    }
    (void)rig_multipart_build(parts.list, parts.count, built->boundary, body, size);
    built->body = (struct rig_bytes){body, size};
    return 0;
}
