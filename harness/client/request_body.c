/* The body of a mock request: bytes, a source, a form, or parts. */
#include "harness/client/client.h"
#include "harness/http/form.h"

#include <errno.h>

#include <stackrig/http/multipart.h>

bool rig_method_has_query_params(const char *method)
{
    static const char *const methods[] = {"GET", "HEAD", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (strcmp(method, methods[i]) == 0) {
            return true;
        }
    }
    return false;
}

static int set_bytes(struct rig_sent *sent, const void *bytes, uint64_t size)
{
    sent->bytes = bytes;
    sent->size = size;
    sent->size_known = true;
    sent->has_body = true;
    return 0;
}

static int form_body(struct rig_run *run, const struct rig_request *request, struct rig_sent *sent, const char **type)
{
    size_t count = 0;
    while (count < RIG_FIELDS_MAX && request->params[count].name) {
        count++;
    }
    size_t size = rig_form_build(request->params, count, NULL, 0);
    char *body = rig_arena_alloc(&run->arena, size + 1);
    if (!body) {
        return -ENOMEM;
    }
    (void)rig_form_build(request->params, count, body, size);
    *type = "application/x-www-form-urlencoded";
    return set_bytes(sent, body, size);
}

static int multipart_body(struct rig_run *run, const struct rig_request *request, struct rig_sent *sent,
                          const char **type)
{
    size_t at = 0;
    const char *refused = request->parts ? rig_multipart_refused(request->parts, request->part_count, &at)
                                         : "a .part_count without .parts";
    if (refused) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_BODY, run->site, ".parts[%zu]: %s", at, refused);
    }
    char boundary[RIG_BOUNDARY_SIZE];
    rig_multipart_boundary(request->parts, request->part_count, boundary);
    size_t size = rig_multipart_build(request->parts, request->part_count, boundary, NULL, 0);
    char *body = size < SIZE_MAX ? rig_arena_alloc(&run->arena, size) : NULL;
    *type = rig_arena_print(&run->arena, "multipart/form-data; boundary=%s", boundary);
    if (!body || !*type) {
        return -ENOMEM;
    }
    (void)rig_multipart_build(request->parts, request->part_count, boundary, body, size);
    return set_bytes(sent, body, size);
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

/* What the request means to send, as many as are given; the rig picks none of several by itself. */
static int check_bodies(struct rig_run *run, const struct rig_request *request, bool form)
{
    int bodies = (request->body != NULL) + (request->json != NULL) + (request->bytes.data != NULL) +
                 (request->part_count > 0) + (request->source.read != NULL) + form;
    if (bodies <= 1) {
        return 0;
    }
    return rig_misuse(run, RIG_MISUSE_REQUEST_BODIES, run->site, "the request has %d bodies:%s%s%s%s%s%s", bodies,
                      request->body ? " .body" : "", request->json ? " .json" : "",
                      request->bytes.data ? " .bytes" : "", request->part_count > 0 ? " .parts" : "",
                      request->source.read ? " .source" : "",
                      form ? " .params (with this method they are a body)" : "");
}

int rig_request_body(struct rig_run *run, const struct rig_request *request, struct rig_sent *sent, const char **type)
{
    bool form = request->params[0].name && !rig_method_has_query_params(request->method ? request->method : "GET");
    int error = check_bodies(run, request, form);
    if (error != 0) {
        return error;
    }
    if (!request->bytes.data && request->bytes.size > 0) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_BODY, run->site, ".bytes has a size of %zu but no data",
                          request->bytes.size);
    }
    if (!request->source.read && (request->source_size > 0 || request->source.close)) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_BODY, run->site, "the request's .source has no read function");
    }
    if (request->body) {
        return set_bytes(sent, request->body, strlen(request->body));
    }
    if (request->json) {
        *type = "application/json";
        return set_bytes(sent, request->json, strlen(request->json));
    }
    if (request->bytes.data) {
        return set_bytes(sent, request->bytes.data, request->bytes.size);
    }
    if (request->part_count > 0) {
        return multipart_body(run, request, sent, type);
    }
    if (request->source.read) {
        return source_body(run, request, sent);
    }
    return form ? form_body(run, request, sent, type) : 0;
}
