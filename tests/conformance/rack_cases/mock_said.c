#include "tests/conformance/rack_cases/mock_said.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* ---- header lists: names in lower case, the values of one name together ---- */

static json_t *lower(const char *name)
{
    char copy[256];
    size_t size = strlen(name) < sizeof copy ? strlen(name) : sizeof copy;
    for (size_t i = 0; i < size; i++) {
        copy[i] = (char)tolower((unsigned char)name[i]);
    }
    return rack_value(copy, size);
}

json_t *mock_with_value(json_t *values, json_t *value)
{
    if (json_is_null(values)) {
        return value;
    }
    if (!json_is_array(values)) {
        values = json_pack("[o]", values);
    }
    json_array_append_new(values, value);
    return values;
}

static int add_to_list(void *closure, const char *name, const char *value, size_t size)
{
    json_t *list = closure, *key = lower(name), *pair;
    size_t i;
    json_array_foreach(list, i, pair)
    {
        if (json_equal(json_array_get(pair, 0), key)) {
            json_t *values = json_incref(json_array_get(pair, 1));
            json_array_set_new(pair, 1, json_null());
            json_array_set_new(pair, 1, mock_with_value(values, rack_value(value, size)));
            json_decref(key);
            return 0;
        }
    }
    json_array_append_new(list, json_pack("[o, o]", key, rack_value(value, size)));
    return 0;
}

json_t *mock_headers(const struct rig_field *fields, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        (void)add_to_list(list, fields[i].name, fields[i].value, strlen(fields[i].value));
    }
    return list;
}

/* A value, or each of a list of them. */
/* ---- what is said of it ---- */

static json_t *predicates_of(const struct rig_result *result)
{
    const struct {
        const char *name;
        bool holds;
    } all[] = {
        {"invalid", rig_result_is_invalid(result)},
        {"informational", rig_result_is_informational(result)},
        {"successful", rig_result_is_successful(result)},
        {"redirection", rig_result_is_redirection(result)},
        {"client_error", rig_result_is_client_error(result)},
        {"server_error", rig_result_is_server_error(result)},
        {"ok", rig_result_is_ok(result)},
        {"created", rig_result_is_created(result)},
        {"accepted", rig_result_is_accepted(result)},
        {"no_content", rig_result_is_no_content(result)},
        {"moved_permanently", rig_result_is_moved_permanently(result)},
        {"bad_request", rig_result_is_bad_request(result)},
        {"unauthorized", rig_result_is_unauthorized(result)},
        {"forbidden", rig_result_is_forbidden(result)},
        {"not_found", rig_result_is_not_found(result)},
        {"method_not_allowed", rig_result_is_method_not_allowed(result)},
        {"not_acceptable", rig_result_is_not_acceptable(result)},
        {"request_timeout", rig_result_is_request_timeout(result)},
        {"precondition_failed", rig_result_is_precondition_failed(result)},
        {"unprocessable", rig_result_is_unprocessable(result)},
        {"redirect", rig_result_is_redirect(result)},
    };
    json_t *list = json_array();
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i].holds) {
            json_array_append_new(list, json_string(all[i].name));
        }
    }
    return list;
}

static json_t *length_of(const struct rig_result *result)
{
    int64_t length = rig_result_content_length(result);
    return length >= 0 ? json_integer(length) : length == -ENOENT ? json_null() : rack_error("invalid_argument");
}

json_t *mock_slice(struct rig_slice slice)
{
    return rack_value(slice.data, slice.size);
}

static json_t *cookie_of(const struct rig_set_cookie *cookie)
{
    json_t *expires = cookie->has_max_age   ? json_pack("{s:I}", "now_plus", (json_int_t)cookie->max_age)
                      : cookie->has_expires ? json_pack("{s:I}", "unix", (json_int_t)cookie->expires)
                                            : json_null();
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:b, s:o}", "key", mock_slice(cookie->key), "name",
                     mock_slice(cookie->name), "value", mock_slice(cookie->value), "path", mock_slice(cookie->path),
                     "domain", mock_slice(cookie->domain), "secure", cookie->secure, "expires", expires);
}

/* By name, as Rack has them: the last of a name in the place of the first. */
static json_t *cookies_of(const struct rig_result *result)
{
    json_t *list = json_array();
    size_t count;
    const struct rig_set_cookie *cookies = rig_result_cookies(result, &count);
    for (size_t i = 0; i < count; i++) {
        json_t *cookie = cookie_of(&cookies[i]);
        size_t at = 0;
        while (at < json_array_size(list) &&
               !json_equal(json_object_get(json_array_get(list, at), "key"), json_object_get(cookie, "key"))) {
            at++;
        }
        if (at < json_array_size(list)) {
            json_array_set_new(list, at, cookie);
        } else {
            json_array_append_new(list, cookie);
        }
    }
    return list;
}

static json_t *finish_of(const struct rig_result *result)
{
    const struct rig_finished *finished = rig_result_finish(result);
    json_t *body = finished->stream ? json_null() : json_array();
    for (size_t i = 0; i < finished->chunk_count && !finished->stream; i++) {
        json_array_append_new(body, rack_value(finished->chunks[i].data, finished->chunks[i].size));
    }
    return json_pack("{s:i, s:o, s:o}", "status", finished->status, "headers",
                     mock_headers(finished->headers, finished->header_count), "body", body);
}

static json_t *media_type_params(const struct rig_result *result)
{
    size_t count;
    const struct rig_field *params = rig_result_media_type_params(result, &count);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *pair = json_pack("[o, o]", rack_text(params[i].name), rack_text(params[i].value));
        size_t at = 0; /* here too the last of a name stands in the place of the first */
        while (at < json_array_size(list) &&
               !json_equal(json_array_get(json_array_get(list, at), 0), json_array_get(pair, 0))) {
            at++;
        }
        if (at < json_array_size(list)) {
            json_array_set_new(list, at, pair);
        } else {
            json_array_append_new(list, pair);
        }
    }
    return json_pack("{s:o}", "map", list);
}

json_t *mock_describe(const struct rig_result *result)
{
    json_t *said =
        json_pack("{s:i, s:o, s:b, s:o, s:o, s:o, s:o}", "status", result->status, "predicates", predicates_of(result),
                  "empty", rig_result_is_empty(result), "body", rack_value(result->body, result->body_size), "headers",
                  mock_headers(result->headers, result->header_count), "errors",
                  rack_value(result->log, result->log_size), "finish", finish_of(result));
    json_t *more = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o}", "content_type", rack_text(rig_result_content_type(result)),
        "media_type", rack_text(rig_result_media_type(result)), "media_type_params", media_type_params(result),
        "content_length", length_of(result), "location", rack_text(rig_result_location(result)), "etag",
        rack_text(rig_result_etag(result)), "cache_control", rack_text(rig_result_cache_control(result)), "chunked",
        rig_result_is_chunked(result), "cookies", cookies_of(result));
    json_object_update(said, more);
    json_decref(more);
    return said;
}
