#define _POSIX_C_SOURCE 200809L
#include "tests/conformance/rack_cases/requests.h"

#include <stackrig/http/multipart.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* ---- files on disk ---- */

static char paths[16][64];
static size_t path_count;

void rack_files_remove(void)
{
    while (path_count > 0) {
        (void)unlink(paths[--path_count]);
    }
}

static const char *on_disk(struct rack_case *rack, struct rig_bytes content)
{
    if (path_count == sizeof paths / sizeof paths[0]) {
        rack_wrong(rack, "more than 16 files on disk");
        return NULL;
    }
    char *path = paths[path_count];
    (void)snprintf(path, sizeof paths[0], "%s", "/tmp/rack-cases-XXXXXX");
    int file = mkstemp(path);
    ssize_t written = file >= 0 ? write(file, content.data, content.size) : -1;
    if (file >= 0) {
        path_count++;
        (void)close(file);
    }
    if (written != (ssize_t)content.size) {
        rack_wrong(rack, "a file on disk cannot be written");
    }
    return path;
}

/* ---- parameters ---- */

static struct rig_part *part_of(struct rack_case *rack, const json_t *file, bool length_header)
{
    struct rig_part *part = rack_alloc(rack, sizeof *part);
    struct rig_bytes content = rack_bytes(rack, json_object_get(file, "content"));
    const char *from = rack_string(rack, json_object_get(file, "from"));
    rack_only(rack, file, "filename", "content_type", "content", "from", NULL);
    part->filename = rack_string(rack, json_object_get(file, "filename"));
    part->content_type = rack_string(rack, json_object_get(file, "content_type"));
    part->length_header = length_header;
    if (from && strcmp(from, "path") == 0) {
        part->path = on_disk(rack, content);
        part->length_header = true;
    } else if (!from || strcmp(from, "memory") == 0) {
        part->bytes = content;
    } else {
        rack_wrong(rack, "a file from \"%.40s\"", from);
    }
    return part;
}

static void fill(struct rack_case *rack, struct rig_param *param, const json_t *entries, bool map, bool length_header)
{
    size_t count = json_array_size(entries);
    struct rig_param *items = rack_alloc(rack, count * sizeof *items);
    for (size_t i = 0; i < count; i++) {
        const json_t *entry = json_array_get(entries, i);
        items[i] = rack_param(rack, map ? json_array_get(entry, 1) : entry, length_header);
        if (map) {
            struct rig_bytes name = rack_bytes(rack, json_array_get(entry, 0));
            items[i].name = name.data;
            items[i].name_size = name.size;
        }
    }
    param->kind = map ? RIG_PARAM_MAP : RIG_PARAM_LIST;
    param->items = items;
    param->item_count = count;
}

struct rig_param rack_param(struct rack_case *rack, const json_t *value, bool length_header)
{
    struct rig_param param = {.kind = RIG_PARAM_VALUE};
    const json_t *map = json_object_get(value, "map"), *file = json_object_get(value, "file");
    if (map || file) {
        rack_only(rack, value, map ? "map" : "file", NULL);
    }
    if (map || json_is_array(value)) {
        fill(rack, &param, map ? map : value, map != NULL, length_header);
    } else if (file) {
        param.file = part_of(rack, file, length_header);
    } else {
        param.bytes = rack_bytes(rack, value);
    }
    return param;
}

bool rack_param_has_file(const struct rig_param *param)
{
    bool has = param->file != NULL;
    for (size_t i = 0; i < param->item_count && !has; i++) {
        has = rack_param_has_file(&param->items[i]);
    }
    return has;
}

static bool has_query(const char *method)
{
    return !method || strcasecmp(method, "GET") == 0 || strcasecmp(method, "HEAD") == 0;
}

bool rack_text_params(struct rig_request *request, struct rig_bytes text, struct rack_text_params *read)
{
    if (!has_query(request->method)) {
        bool becomes_body = !request->bytes.data && !request->source.read;
        request->bytes = becomes_body ? text : request->bytes;
        return becomes_body;
    }
    int error = rig_query_parse(text.data, text.size, (struct rig_query_options){0}, &read->params);
    read->error = error ? rig_query_error_name(error) : NULL;
    if (!error) {
        const struct rig_param *root = rig_params_root(read->params);
        request->param_list = root->item_count > 0 ? root->items : NULL;
        request->param_count = root->item_count;
    }
    return false;
}

/* ---- parts ---- */

static json_t *value_of(struct rig_slice slice)
{
    return rack_value(slice.data, slice.size);
}

static json_t *part_json(const struct rig_multipart_part *part)
{
    const struct rig_multipart_head *head = &part->head;
    if (!head->filename.data) {
        return json_pack("{s:o,s:o}", "name", value_of(head->name), "content", value_of(part->content));
    }
    return json_pack("{s:o,s:o,s:o,s:o,s:o}", "name", value_of(head->name), "filename", value_of(head->filename),
                     "type", value_of(head->content_type), "content", value_of(part->content), "length_header",
                     value_of(rig_multipart_header(head->lines, "Content-Length")));
}

json_t *rack_parts(struct rack_case *rack, const char *content_type, struct rig_bytes body)
{
    struct rig_slice boundary = {NULL, 0};
    struct rig_multipart_form *form = NULL;
    (void)rack;
    if (!content_type || rig_multipart_boundary_of(content_type, strlen(content_type), &boundary) != 0 ||
        !boundary.data || rig_multipart_form_open(boundary, (struct rig_multipart_options){0}, &form) != 0) {
        return NULL;
    }
    json_t *list = NULL;
    if (rig_multipart_form_add(form, body.data, body.size) == 0 && rig_multipart_form_end(form) == 0) {
        size_t count;
        const struct rig_multipart_part *parts = rig_multipart_form_parts(form, &count);
        list = json_array();
        for (size_t i = 0; i < count; i++) {
            (void)json_array_append_new(list, part_json(&parts[i]));
        }
    }
    rig_multipart_form_free(form);
    return list;
}

void rack_forget_boundary(json_t *outcome)
{
    json_t *env = json_object_get(outcome, "env");
    const char *type = json_string_value(json_object_get(env, "CONTENT_TYPE"));
    (void)json_object_del(outcome, "body");
    (void)json_object_del(env, "CONTENT_LENGTH");
    if (type) {
        (void)json_object_set_new(env, "CONTENT_TYPE", json_stringn(type, strcspn(type, ";")));
    }
}
