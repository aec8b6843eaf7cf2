/* The body of a mock request: bytes, a source, a form, or parts. */
#include "harness/client/client.h"
#include "harness/http/rare.h"

#include <errno.h>

static int set_bytes(struct rig_sent *sent, const void *bytes, uint64_t size)
{
    sent->bytes = bytes;
    sent->size = size;
    sent->size_known = true;
    sent->has_body = true;
    return 0;
}

static int form_body(struct rig_run *run, const struct rig_request *request, const struct rig_param *map,
                     struct rig_sent *sent, const char **type)
{
    struct rig_slice text = {NULL, 0};
    int error = rig_request_urlencoded(run, map, request->param_style, &text);
    *type = sent->value[RIG_NAME_CONTENT_TYPE].data ? NULL : "application/x-www-form-urlencoded";
    return error ? error : set_bytes(sent, text.data, text.size);
}

/* ---- multipart ---- */

/* Deeper than it can be written it is not looked for. */
static bool has_file(const struct rig_param *param, unsigned depth)
{
    bool found = param->file != NULL;
    for (size_t i = 0; param->items && i < param->item_count && depth > 0 && !found; i++) {
        found = has_file(&param->items[i], depth - 1);
    }
    return found;
}

static bool is_multipart(struct rig_slice type)
{
    return type.size > 10 && rig_name_equal(type.data, 10, "multipart/", 10);
}

static int multipart_body(struct rig_run *run, const struct rig_request *request, const struct rig_param *map,
                          struct rig_sent *sent, const char **type)
{
    struct rig_slice given = sent->value[RIG_NAME_CONTENT_TYPE];
    bool own = is_multipart(given);
    struct rig_built_parts built = {.own = {NULL, 0}};
    if (own && rig_multipart_boundary_of(given.data, given.size, &built.own) != 0) {
        return rig_misuse_mended(run, RIG_MISUSE_REQUEST_BODY, run->site, RIG_MEND_BOUNDARY,
                                 "the Content-Type names no boundary that can be: \"%.*s\"",
                                 (int)(given.size < 80 ? given.size : 80), given.data);
    }
    int error = rig_request_multipart(run, request, map, &built);
    if (error != 0) {
        return error;
    }
    if (!built.own.data) {
        static const char ours[] = "multipart/form-data";
        struct rig_slice base = own ? given : (struct rig_slice){ours, sizeof ours - 1};
        *type = rig_arena_print(&run->arena, "%.*s; boundary=%s", (int)base.size, base.data, built.boundary);
        error = *type ? 0 : -ENOMEM;
    }
    return error ? error : set_bytes(sent, built.body.data, built.body.size);
}

/* What the params are a body of. */
static int params_body(struct rig_run *run, const struct rig_request *request, struct rig_sent *sent, const char **type)
{
    struct rig_param map = {.kind = RIG_PARAM_MAP};
    bool form = rig_request_has_form(request);
    int error = form ? rig_request_params(run, request, &map) : 0;
    if (error != 0) {
        return error;
    }
    bool multipart = request->part_count > 0 || request->multipart ||
                     is_multipart(sent->value[RIG_NAME_CONTENT_TYPE]) || has_file(&map, RIG_QUERY_BUILD_DEPTH);
    return multipart ? multipart_body(run, request, &map, sent, type) : form_body(run, request, &map, sent, type);
}

static int source_body(struct rig_run *run, const struct rig_request *request, struct rig_sent *sent)
{
    (void)run;
    sent->source = request->source;
    sent->size = request->source_size;
    sent->size_known = request->source_size > 0;
    sent->has_body = true;
    return 0;
}

/* The rig picks none of several bodies by itself. */
static int check_bodies(struct rig_run *run, const struct rig_request *request)
{
    int bodies = (request->body != NULL) + (request->json != NULL) + (request->bytes.data != NULL) +
                 (request->part_count > 0) + (request->source.read != NULL);
    if (bodies <= 1) {
        return 0;
    }
    return rig_misuse(run, RIG_MISUSE_REQUEST_BODIES, run->site, "the request has %d bodies:%s%s%s%s%s", bodies,
                      request->body ? " .body" : "", request->json ? " .json" : "",
                      request->bytes.data ? " .bytes" : "", request->part_count > 0 ? " .parts" : "",
                      request->source.read ? " .source" : "");
}

static RIG_APART int any_body(struct rig_run *run, const struct rig_request *request, struct rig_sent *sent,
                              const char **type)
{
    int error = check_bodies(run, request);
    if (error != 0) {
        return error;
    }
    if (!request->bytes.data && request->bytes.size > 0) {
        return rig_misuse_mended(run, RIG_MISUSE_REQUEST_BODY, run->site, "give the data, or a size of 0",
                                 ".bytes has a size of %zu but no data", request->bytes.size);
    }
    if (!request->source.read && (request->source_size > 0 || request->source.close)) {
        return rig_misuse_mended(run, RIG_MISUSE_REQUEST_BODY, run->site, "set .source.read, or leave .source out",
                                 "the request's .source has no read function");
    }
    if (request->body) {
        return set_bytes(sent, request->body, strlen(request->body));
    }
    if (request->json) {
        *type = sent->value[RIG_NAME_CONTENT_TYPE].data ? NULL : "application/json";
        return set_bytes(sent, request->json, strlen(request->json));
    }
    if (request->source.read) {
        return source_body(run, request, sent);
    }
    bool params = request->part_count > 0 || rig_request_has_form(request);
    return params ? params_body(run, request, sent, type) : 0;
}

int rig_request_body(struct rig_run *run, const struct rig_request *request, struct rig_sent *sent, const char **type)
{
    /* Or'ed: of those that have a body most have .bytes alone. */
    uintptr_t others = (uintptr_t)request->body | (uintptr_t)request->json | (uintptr_t)request->source.read |
                       (uintptr_t)request->source.close | request->source_size | request->part_count;
    bool bytes = others == 0 && request->bytes.data;
    return bytes ? set_bytes(sent, request->bytes.data, request->bytes.size) : any_body(run, request, sent, type);
}
