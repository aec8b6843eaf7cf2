/* The params of a mock request: which there are, and where they go. */
#include "harness/client/client.h"

#include <errno.h>

static const char *last_method(const struct rig_field *fields, size_t count, const char *method)
{
    for (size_t i = 0; fields && i < count && fields[i].name; i++) {
        method = strcmp(fields[i].name, "REQUEST_METHOD") == 0 && fields[i].value ? fields[i].value : method;
    }
    return method;
}

/* By the method that the app sees. */
static bool params_in_query(const struct rig_request *request)
{
    const char *method = request->method ? request->method : "GET";
    method = last_method(request->env, RIG_FIELDS_MAX, method);
    method = last_method(request->env_list, request->env_count, method);
    size_t size = strlen(method);
    return rig_name_equal(method, size, "GET", 3) || rig_name_equal(method, size, "HEAD", 4);
}

static bool has_params(const struct rig_request *request)
{
    return request->params[0].name || request->param_list;
}

bool rig_request_has_query(const struct rig_request *request)
{
    return request->query_list || (has_params(request) && params_in_query(request));
}

bool rig_request_has_form(const struct rig_request *request)
{
    return (request->form || has_params(request)) && !params_in_query(request);
}

/* Why it cannot be written; NULL: it can. */
static const char *refused(const struct rig_param *param, bool in_map, bool in_parts, unsigned depth)
{
    if (depth > RIG_QUERY_BUILD_DEPTH) {
        return "nested deeper than 256";
    }
    if (in_map && !param->name) {
        return "an item of a map has no name";
    }
    if (param->file && !in_parts) {
        return "a file is sent in a body alone, with a method that has one";
    }
    if (in_parts && param->name && param->name_size > 0 && memchr(param->name, 0, param->name_size)) {
        return "a zero byte in the name of a part";
    }
    if ((unsigned)param->kind > RIG_PARAM_LIST) {
        return "its .kind is none";
    }
    if (param->kind == RIG_PARAM_VALUE) {
        return !param->value && !param->bytes.data && param->bytes.size > 0 ? "bytes with a size but no data" : NULL;
    }
    const char *reason = param->item_count > 0 && !param->items ? "an item_count without items" : NULL;
    for (size_t i = 0; i < param->item_count && !reason; i++) {
        reason = refused(&param->items[i], param->kind == RIG_PARAM_MAP, in_parts, depth + 1);
    }
    return reason;
}

int rig_request_check_params(struct rig_run *run, const struct rig_param *map, bool in_parts)
{
    const char *reason = refused(map, false, in_parts, 0);
    return reason ? rig_misuse(run, RIG_MISUSE_REQUEST_PARAMS, run->site, "the params cannot be sent: %s", reason) : 0;
}

int rig_request_params(struct rig_run *run, const struct rig_request *request, struct rig_param *map)
{
    struct rig_param *items = NULL;
    size_t flat = 0, count = 0, listed = request->param_list ? request->param_count : 0;
    while (flat < RIG_FIELDS_MAX && request->params[flat].name) {
        flat++;
    }
    *map = (struct rig_param){.kind = RIG_PARAM_MAP, .items = request->param_list, .item_count = listed};
    if (flat > 0) {
        bool fits = listed < SIZE_MAX / sizeof *items - flat;
        items = fits ? rig_arena_zeroed(&run->arena, (flat + listed) * sizeof *items) : NULL;
        if (!items) {
            return -ENOMEM;
        }
        for (size_t i = 0; i < flat; i++) {
            if (request->params[i].value) {
                items[count++] = (struct rig_param){.name = request->params[i].name, .value = request->params[i].value};
            }
        }
        if (listed > 0) {
            memcpy(items + count, request->param_list, listed * sizeof *items);
        }
        map->items = items;
        map->item_count = count + listed;
    }
    return 0;
}

int rig_request_urlencoded(struct rig_run *run, const struct rig_param *map, enum rig_query_style style,
                           struct rig_slice *text)
{
    int error = rig_request_check_params(run, map, false);
    size_t size = error ? 0 : rig_query_build(map, style, NULL, 0);
    if (error != 0) {
        return error;
    }
    if (size == SIZE_MAX) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_PARAMS, run->site,
                          "the params cannot be sent: a map in a map, where .param_style is flat");
    }
    char *out = rig_arena_alloc(&run->arena, size + 1);
    if (!out) {
        return -ENOMEM;
    }
    (void)rig_query_build(map, style, out, size);
    out[size] = '\0';
    *text = (struct rig_slice){out, size};
    return 0;
}

static int join(struct rig_run *run, const struct rig_slice *pieces, size_t count, struct rig_slice *query)
{
    struct rig_buffer all = {.arena = &run->arena};
    int error = 0;
    for (size_t i = 0; i < count && !error; i++) {
        if (pieces[i].size > 0) {
            error = all.size > 0 ? rig_buffer_append(&all, "&", 1) : 0;
            error = error ? error : rig_buffer_append(&all, pieces[i].data, pieces[i].size);
        }
    }
    if (error == 0 && all.size > 0) {
        *query = (struct rig_slice){(const char *)all.data, all.size};
    }
    return error;
}

int rig_request_query(struct rig_run *run, const struct rig_request *request, struct rig_slice *query)
{
    struct rig_slice params = {NULL, 0}, list = {NULL, 0};
    struct rig_param map;
    int error = 0;
    if (has_params(request) && params_in_query(request)) {
        error = rig_request_params(run, request, &map);
        error = error ? error : rig_request_urlencoded(run, &map, request->param_style, &params);
    }
    if (error == 0 && request->query_list) {
        map =
            (struct rig_param){.kind = RIG_PARAM_MAP, .items = request->query_list, .item_count = request->query_count};
        error = rig_request_urlencoded(run, &map, request->param_style, &list);
    }
    const struct rig_slice pieces[] = {request->params_first ? params : *query, request->params_first ? *query : params,
                                       list};
    return error ? error : join(run, pieces, sizeof pieces / sizeof pieces[0], query);
}
