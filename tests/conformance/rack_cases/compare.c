/* Is an outcome what was expected? Bytes compare as bytes, in whatever form they are written. */
#include "harness/http/digest.h"
#include "tests/conformance/rack_cases/driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool equal(struct rack_case *rack, const char *path, const json_t *want, const json_t *got);

static bool differs(struct rack_case *rack, const char *path, const json_t *want, const json_t *got)
{
    char *wanted = json_dumps(want, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
    char *came = got ? json_dumps(got, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS) : NULL;
    (void)snprintf(rack->why, sizeof rack->why, "%s: expected %.180s, got %.180s", path[0] ? path : "outcome",
                   wanted ? wanted : "?", came ? came : "nothing");
    free(wanted);
    free(came);
    return false;
}

static bool is_bytes(const json_t *value)
{
    return json_is_string(value) || json_object_get(value, "b64") || json_object_get(value, "concat") ||
           json_object_get(value, "repeat");
}

static bool is_digest(const json_t *value)
{
    return json_object_size(value) == 2 && json_object_get(value, "bytes") && json_object_get(value, "sha256");
}

bool rack_digest_is(const json_t *size, const json_t *digest, struct rig_bytes bytes)
{
    const char *wanted = json_string_value(digest);
    struct rig_digest_state sha256;
    char hex[RIG_DIGEST_HEX_SIZE];
    rig_digest_begin(&sha256, &rig_sha256);
    rig_digest_add(&sha256, bytes.data, bytes.size);
    rig_digest_end(&sha256, hex);
    return (json_int_t)bytes.size == json_integer_value(size) && wanted && strcmp(hex, wanted) == 0;
}

static bool bytes_equal(struct rack_case *rack, const json_t *want, const json_t *got)
{
    struct rig_bytes a = rack_bytes(rack, want), b = rack_bytes(rack, got);
    return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

static bool error_equal(const json_t *want, const json_t *got)
{
    const char *kind = json_string_value(json_object_get(want, "kind"));
    const char *came = json_string_value(json_object_get(got, "kind"));
    return kind && came && strcmp(kind, came) == 0;
}

static bool array_equal(struct rack_case *rack, const char *path, const json_t *want, const json_t *got)
{
    size_t count = json_array_size(want);
    if (json_array_size(got) != count) {
        return differs(rack, path, want, got);
    }
    for (size_t i = 0; i < count; i++) {
        if (!equal(rack, rack_print(rack, "%s[%zu]", path, i), json_array_get(want, i), json_array_get(got, i))) {
            return false;
        }
    }
    return true;
}

static bool object_equal(struct rack_case *rack, const char *path, const json_t *want, const json_t *got)
{
    size_t length = strlen(path);
    bool env = length >= 3 && strcmp(path + length - 3, "env") == 0;
    void *at = json_object_iter((json_t *)(uintptr_t)want);
    for (; at; at = json_object_iter_next((json_t *)(uintptr_t)want, at)) {
        const char *key = json_object_iter_key(at);
        const char *below = rack_print(rack, "%s%s%s", path, path[0] ? "." : "", key);
        const json_t *value = json_object_iter_value(at), *came = json_object_get(got, key);
        if (strcmp(key, "error") == 0 && json_object_get(value, "kind")) {
            if (!error_equal(value, came)) {
                return differs(rack, below, value, came);
            }
        } else if (!equal(rack, below, value, came)) {
            return false;
        }
    }
    for (at = json_object_iter((json_t *)(uintptr_t)got); at;
         at = json_object_iter_next((json_t *)(uintptr_t)got, at)) {
        const char *key = json_object_iter_key(at);
        if (!json_object_get(want, key) && !(env && rack_env_extra(rack_env_ours(key)))) {
            return differs(rack, rack_print(rack, "%s.%s", path, key), json_null(), json_object_iter_value(at));
        }
    }
    return true;
}

static bool equal(struct rack_case *rack, const char *path, const json_t *want, const json_t *got)
{
    bool same;
    if (is_digest(want) && is_bytes(got)) {
        same = rack_digest_is(json_object_get(want, "bytes"), json_object_get(want, "sha256"), rack_bytes(rack, got));
    } else if (is_bytes(want) && is_bytes(got)) {
        same = bytes_equal(rack, want, got);
    } else if (json_is_array(want) && json_is_array(got)) {
        return array_equal(rack, path, want, got);
    } else if (json_is_object(want) && json_is_object(got)) {
        return object_equal(rack, path, want, got);
    } else {
        same = got && json_equal((json_t *)(uintptr_t)want, (json_t *)(uintptr_t)got);
    }
    return same || differs(rack, path, want, got);
}

bool rack_equal(struct rack_case *rack, const json_t *want, const json_t *got)
{
    return equal(rack, "", want, got);
}
