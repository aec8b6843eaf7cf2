/* Multipart bodies and their boundaries. */
#include "tests/conformance/rack_cases/utils.h"

#include <stackrig/http/multipart.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *error_of(struct rack_case *rack, int error)
{
    const char *name = rig_multipart_error_name(error);
    name = name ? name : rig_query_error_name(error);
    return name ? rack_error(name) : rack_wrong(rack, "error %d has no name", error);
}

/* ---- parse_boundary ---- */

static json_t *parse_boundary(struct rack_case *rack, const json_t *input)
{
    struct rig_bytes type = rack_bytes(rack, rack_arg(rack, input, 0, 1));
    struct rig_slice boundary;
    int error = rig_multipart_boundary_of(type.data, type.size, &boundary);
    return error ? error_of(rack, error) : rack_ret(rack_value(boundary.data, boundary.size));
}

/* ---- the body ---- */

static struct rig_bytes read_file(struct rack_case *rack, const char *path)
{
    FILE *file = fopen(path, "rb");
    struct rig_bytes bytes = {NULL, 0};
    if (!file) {
        return bytes;
    }
    if (fseek(file, 0, SEEK_END) == 0) {
        long size = ftell(file);
        rewind(file);
        if (size >= 0) {
            char *data = rack_alloc(rack, (size_t)size + 1);
            bytes = (struct rig_bytes){data, fread(data, 1, (size_t)size, file)};
        }
    }
    (void)fclose(file);
    return bytes;
}

static struct rig_bytes lf_to_crlf(struct rack_case *rack, struct rig_bytes bytes)
{
    const char *from = bytes.data;
    char *to = rack_alloc(rack, 2 * bytes.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < bytes.size; i++) {
        if (from[i] == '\n') {
            to[size++] = '\r';
        }
        to[size++] = from[i];
    }
    return (struct rig_bytes){to, size};
}

/* data NULL: rack says why. */
static struct rig_bytes body_of_file(struct rack_case *rack, const json_t *input, const char *name)
{
    const char *transform = rack_string(rack, json_object_get(input, "transform")), *folder = rack_files(rack);
    const char *base = strrchr(name, '/');
    struct rig_bytes bytes = {NULL, 0};
    if (transform && strcmp(transform, "lf_to_crlf") != 0) {
        rack_wrong(rack, "unknown transform %s", transform);
        return bytes;
    }
    if (folder) {
        bytes = read_file(rack, rack_print(rack, "%s/%s", folder, base ? base + 1 : name));
    }
    if (!bytes.data) {
        rack_skip(rack, RACK_ABSENT,
                  "its body is a file of Rack's tests that does not come with the project (--files)");
    } else if (!rack_digest_is(json_object_get(input, "file_bytes"), json_object_get(input, "file_sha256"), bytes)) {
        rack_wrong(rack, "%s is another file than the recorded one", name);
        bytes.data = NULL;
    } else if (transform) {
        bytes = lf_to_crlf(rack, bytes);
    }
    return bytes;
}

/* A body that comes in pieces. */
struct pieces {
    struct rig_bytes rest;
    size_t piece;
};

static int64_t read_piece(void *self, void *buffer, size_t size)
{
    struct pieces *pieces = self;
    size = size < pieces->piece ? size : pieces->piece;
    size = size < pieces->rest.size ? size : pieces->rest.size;
    if (size > 0) {
        memcpy(buffer, pieces->rest.data, size);
        pieces->rest = (struct rig_bytes){(const char *)pieces->rest.data + size, pieces->rest.size - size};
    }
    return (int64_t)size;
}

/* ---- the outcome ---- */

static json_t *value_of(struct rig_slice slice)
{
    return rack_value(slice.data, slice.size);
}

static json_t *part_json(const struct rig_multipart_part *part)
{
    const struct rig_multipart_head *head = &part->head;
    if (!head->filename.data) {
        return json_pack("[o, o]", value_of(head->name), value_of(part->content));
    }
    return json_pack("[o, {s: o, s: o, s: o, s: o, s: o}]", value_of(head->name), "filename", value_of(head->filename),
                     "type", value_of(head->content_type), "name", value_of(head->name), "head", value_of(head->lines),
                     "content", value_of(part->content));
}

static json_t *parts_json(const struct rig_multipart_form *form)
{
    size_t count = 0;
    const struct rig_multipart_part *parts = rig_multipart_form_parts(form, &count);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        (void)json_array_append_new(list, part_json(&parts[i]));
    }
    return list;
}

static json_t *upload_json(const struct rig_multipart_form *form, const struct rig_part *file)
{
    size_t count = 0;
    const struct rig_multipart_part *parts = rig_multipart_form_parts(form, &count);
    for (size_t i = 0; i < count; i++) {
        if (&parts[i].part == file) {
            return json_pack("{s: o}", "upload", value_of(parts[i].head.filename));
        }
    }
    return json_null();
}

static json_t *param_json(const struct rig_multipart_form *form, const struct rig_param *param)
{
    if (param->file) {
        return upload_json(form, param->file);
    }
    if (param->kind == RIG_PARAM_VALUE) {
        return rack_value(param->bytes.data, param->bytes.size);
    }
    bool is_map = param->kind == RIG_PARAM_MAP;
    json_t *list = json_array();
    for (size_t i = 0; i < param->item_count; i++) {
        const struct rig_param *item = &param->items[i];
        json_t *value = param_json(form, item);
        (void)json_array_append_new(list, is_map ? json_pack("[o, o]", rack_value(item->name, item->name_size), value)
                                                 : value);
    }
    return is_map ? json_pack("{s: o}", "map", list) : list;
}

static json_t *form_json(struct rack_case *rack, const struct rig_multipart_form *form)
{
    struct rig_params *params = NULL;
    size_t count = 0;
    int error = rig_multipart_form_params(form, (struct rig_query_options){0}, &params);
    if (error) {
        return error_of(rack, error);
    }
    (void)rig_multipart_form_parts(form, &count);
    /* a long list of parts is told by its number */
    json_t *outcome =
        json_object_get(rack->expect, "part_count")
            ? json_pack("{s: I}", "part_count", (json_int_t)count)
            : json_pack("{s: o, s: o}", "parts", parts_json(form), "params", param_json(form, rig_params_root(params)));
    rig_params_free(params);
    return outcome;
}

static json_t *parse(struct rack_case *rack, const json_t *input, struct rig_bytes body, size_t piece)
{
    struct rig_bytes type = rack_bytes(rack, json_object_get(input, "content_type"));
    const char *length = rack_string(rack, json_object_get(input, "content_length"));
    struct rig_multipart_options options = {.has_content_length = length != NULL};
    struct rig_multipart_form *form = NULL;
    struct pieces pieces = {body, piece > 0 ? piece : body.size + 1};
    if (length) {
        /* what is no number counts as far as it is one */
        options.content_length = strchr(length, '-') ? 0 : strtoull(length, NULL, 10);
    }
    int error = rig_multipart_form_read((struct rig_source){.read = body.data ? read_piece : NULL, .self = &pieces},
                                        type.data, type.size, options, &form);
    if (error) {
        return error_of(rack, error);
    }
    json_t *outcome = form ? form_json(rack, form) : json_pack("{s: n, s: n}", "parts", "params");
    rig_multipart_form_free(form);
    return outcome;
}

static json_t *multipart(struct rack_case *rack, const json_t *input)
{
    const json_t *buffer_size = json_object_get(input, "buffer_size");
    const char *file = rack_string(rack, json_object_get(input, "file"));
    rack_only(rack, input, "fn", "content_type", "content_length", "buffer_size", "body", "file", "file_bytes",
              "file_sha256", "transform", NULL);
    struct rig_bytes body = file ? body_of_file(rack, input, file) : rack_bytes(rack, json_object_get(input, "body"));
    if (file && !body.data) {
        return NULL;
    }
    return parse(rack, input, body, rack->piece > 0 ? rack->piece : (size_t)json_integer_value(buffer_size));
}

const struct rack_util rack_utils_multipart[] = {
    {"multipart", multipart},
    {"parse_boundary", parse_boundary},
    {NULL, NULL},
};
