/* Cookie headers read, Set-Cookie headers written. */
#include "tests/conformance/rack_cases/utils.h"

#include <stackrig/http/cookie.h>
#include <stackrig/http/percent.h>

#include <stdlib.h>
#include <string.h>

/* ---- reading ---- */

struct jar {
    struct rack_case *rack;
    json_t *pairs;
};

static bool has(const json_t *pairs, const json_t *name)
{
    for (size_t i = 0; i < json_array_size(pairs); i++) {
        if (json_equal(json_array_get(json_array_get(pairs, i), 0), name)) {
            return true;
        }
    }
    return false;
}

/* A map by name: of equal names the first counts. */
static int add_cookie(void *closure, struct rig_pair cookie)
{
    struct jar *jar = closure;
    json_t *name = rack_value(cookie.name.data, cookie.name.size), *value = json_null();
    if (has(jar->pairs, name)) {
        json_decref(name);
        return 0;
    }
    if (cookie.value.data) {
        char *decoded = rack_alloc(jar->rack, cookie.value.size + 1);
        value = rack_value(decoded, rig_cookie_decode(cookie.value.data, cookie.value.size, decoded));
    }
    return json_array_append_new(jar->pairs, json_pack("[o, o]", name, value));
}

static json_t *parse_cookies(struct rack_case *rack, const json_t *input)
{
    struct rig_bytes text = rack_bytes(rack, rack_arg(rack, input, 0, 1));
    struct jar jar = {rack, json_array()};
    (void)rig_cookie_each(text.data, text.size, add_cookie, &jar);
    return rack_ret(json_pack("{s: o}", "map", jar.pairs));
}

/* ---- writing ---- */

typedef int64_t write_fn(const struct rig_set_cookie_text *cookie, char *out, size_t out_size);

static bool read_max_age(const json_t *value, struct rig_set_cookie_text *cookie)
{
    const char *text = json_string_value(value);
    char *end = NULL;
    cookie->has_max_age = value && !json_is_null(value);
    cookie->max_age = text ? strtoll(text, &end, 10) : json_integer_value(value);
    return !cookie->has_max_age || json_is_integer(value) || (text && *text && *end == '\0');
}

/* true is strict, false is none at all. */
static bool read_same_site(struct rack_case *rack, const json_t *value, struct rig_set_cookie_text *cookie)
{
    if (!value || json_is_null(value) || json_is_false(value)) {
        return true;
    }
    struct rig_bytes word = json_is_true(value) ? (struct rig_bytes){"strict", 6} : rack_bytes(rack, value);
    return word.data && rig_same_site_parse(word.data, word.size, &cookie->same_site);
}

static bool read_attributes(struct rack_case *rack, const json_t *attrs, struct rig_set_cookie_text *cookie)
{
    const json_t *expires = json_object_get(attrs, "expires"), *http_only = json_object_get(attrs, "httponly");
    if (attrs) {
        rack_only(rack, attrs, "domain", "path", "max_age", "expires", "secure", "httponly", "http_only", "same_site",
                  "partitioned", NULL);
    }
    cookie->domain = rack_string(rack, json_object_get(attrs, "domain"));
    cookie->path = rack_string(rack, json_object_get(attrs, "path"));
    cookie->has_expires = json_is_integer(expires);
    cookie->expires = json_integer_value(expires);
    cookie->secure = json_is_true(json_object_get(attrs, "secure"));
    cookie->http_only = json_is_true(http_only ? http_only : json_object_get(attrs, "http_only"));
    cookie->partitioned = json_is_true(json_object_get(attrs, "partitioned"));
    return read_max_age(json_object_get(attrs, "max_age"), cookie) &&
           read_same_site(rack, json_object_get(attrs, "same_site"), cookie);
}

/* A list of values is one value: each encoded, "&" between them. */
static struct rig_bytes joined(struct rack_case *rack, const json_t *list)
{
    size_t room = 1, used = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        room += 1 + 3 * rack_bytes(rack, json_array_get(list, i)).size;
    }
    char *text = rack_alloc(rack, room);
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct rig_bytes value = rack_bytes(rack, json_array_get(list, i));
        if (i > 0) {
            text[used++] = '&';
        }
        used += rig_percent_encode(value.data, value.size, text + used, room - used);
    }
    return (struct rig_bytes){text, used};
}

/* NULL: it cannot be written. */
static json_t *written(struct rack_case *rack, write_fn *write, const json_t *name, const json_t *value,
                       const json_t *attrs)
{
    struct rig_bytes name_bytes = rack_bytes(rack, name);
    bool is_list = json_is_array(value);
    struct rig_set_cookie_text cookie = {.name = name_bytes.data, .as_is = is_list};
    cookie.bytes = is_list ? joined(rack, value) : rack_bytes(rack, value);
    if (!read_attributes(rack, attrs, &cookie) || !name_bytes.data || strlen(cookie.name) != name_bytes.size) {
        return NULL;
    }
    int64_t size = write(&cookie, NULL, 0);
    if (size < 0) {
        return NULL;
    }
    char *text = rack_alloc(rack, (size_t)size + 1);
    return rack_value(text, (size_t)write(&cookie, text, (size_t)size));
}

static json_t *header(struct rack_case *rack, const json_t *input, write_fn *write)
{
    rack_only(rack, input, "fn", "name", "value", "attrs", NULL);
    json_t *text = written(rack, write, json_object_get(input, "name"), json_object_get(input, "value"),
                           json_object_get(input, "attrs"));
    return text ? rack_ret(text) : rack_error("invalid_argument");
}

static json_t *set_cookie_header(struct rack_case *rack, const json_t *input)
{
    return header(rack, input, rig_set_cookie_build);
}

static json_t *delete_cookie_header(struct rack_case *rack, const json_t *input)
{
    return header(rack, input, rig_set_cookie_delete);
}

/* ["set", name, value, attrs] or ["delete", name, attrs] */
static json_t *append_one(struct rack_case *rack, const json_t *op)
{
    const char *verb = json_string_value(json_array_get(op, 0));
    const json_t *name = json_array_get(op, 1);
    if (verb && strcmp(verb, "set") == 0) {
        return written(rack, rig_set_cookie_build, name, json_array_get(op, 2), json_array_get(op, 3));
    }
    if (verb && strcmp(verb, "delete") == 0) {
        return written(rack, rig_set_cookie_delete, name, NULL, json_array_get(op, 2));
    }
    return rack_wrong(rack, "an op that is neither set nor delete");
}

static json_t *set_cookie_append(struct rack_case *rack, const json_t *input)
{
    const json_t *existing = json_object_get(input, "existing"), *ops = json_object_get(input, "ops");
    json_t *lines = json_is_array(existing) ? json_copy((json_t *)existing) : json_array();
    rack_only(rack, input, "fn", "existing", "ops", NULL);
    if (existing && !json_is_null(existing) && !json_is_array(existing)) {
        (void)json_array_append(lines, (json_t *)existing);
    }
    for (size_t i = 0; i < json_array_size(ops); i++) {
        json_t *line = append_one(rack, json_array_get(ops, i));
        if (!line) {
            json_decref(lines);
            return rack_error("invalid_argument");
        }
        (void)json_array_append_new(lines, line);
    }
    if (json_array_size(lines) == 1 && !json_is_array(existing)) {
        json_t *only = json_incref(json_array_get(lines, 0));
        json_decref(lines);
        return rack_ret(only);
    }
    return rack_ret(lines);
}

const struct rack_util rack_utils_cookies[] = {
    {"parse_cookies", parse_cookies},
    {"set_cookie_header", set_cookie_header},
    {"set_cookie_append", set_cookie_append},
    {"delete_cookie_header", delete_cookie_header},
    {NULL, NULL},
};
