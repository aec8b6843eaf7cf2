/* The values of the format, both ways: bytes of a case, and bytes of an outcome. */
#include "tests/conformance/rack_cases/driver.h"

#include <stackrig/http/base64.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory of a case ---- */

struct rack_block {
    struct rack_block *next;
    max_align_t data[];
};

void *rack_alloc(struct rack_case *rack, size_t size)
{
    struct rack_block *block = calloc(1, sizeof *block + size + 1);
    if (!block) {
        perror("rack-cases");
        exit(2);
    }
    block->next = rack->blocks;
    rack->blocks = block;
    return block->data;
}

void rack_forget(struct rack_case *rack)
{
    while (rack->blocks) {
        struct rack_block *next = rack->blocks->next;
        free(rack->blocks);
        rack->blocks = next;
    }
}

char *rack_print(struct rack_case *rack, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = rack_alloc(rack, (size_t)size + 1);
    va_start(arguments, format);
    (void)vsnprintf(text, (size_t)size + 1, format, arguments);
    va_end(arguments);
    return text;
}

json_t *rack_skip(struct rack_case *rack, enum rack_skip_kind kind, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(rack->why, sizeof rack->why, format, arguments);
    va_end(arguments);
    rack->skip = kind;
    return NULL;
}

json_t *rack_wrong(struct rack_case *rack, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (rack->wrong[0] == '\0') {
        (void)vsnprintf(rack->wrong, sizeof rack->wrong, format, arguments);
    }
    va_end(arguments);
    return NULL;
}

void rack_only(struct rack_case *rack, const json_t *object, ...)
{
    void *at = json_object_iter((json_t *)(uintptr_t)object);
    for (; at; at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
        const char *key = json_object_iter_key(at), *name;
        va_list names;
        va_start(names, object);
        while ((name = va_arg(names, const char *)) && strcmp(name, key) != 0) {
        }
        va_end(names);
        if (!name) {
            rack_wrong(rack, "an unknown field \"%s\"", key);
        }
    }
}

bool rack_has_role(const json_t *value)
{
    if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            if (rack_has_role(json_array_get(value, i))) {
                return true;
            }
        }
    }
    if (!json_is_object(value)) {
        return false;
    }
    void *at = json_object_iter((json_t *)(uintptr_t)value);
    for (; at; at = json_object_iter_next((json_t *)(uintptr_t)value, at)) {
        if (strcmp(json_object_iter_key(at), "is") == 0 || rack_has_role(json_object_iter_value(at))) {
            return true;
        }
    }
    return false;
}

/* ---- bytes ---- */

static struct rig_bytes from_base64(struct rack_case *rack, const char *text)
{
    size_t size = strlen(text);
    char *out = rack_alloc(rack, size);
    int64_t got = rig_base64_decode(text, size, out, size);
    if (got < 0) {
        rack_wrong(rack, "a b64 value that is not base64");
    }
    return (struct rig_bytes){out, got < 0 ? 0 : (size_t)got};
}

static struct rig_bytes joined(struct rack_case *rack, const json_t *list)
{
    size_t size = 0, count = json_array_size(list);
    struct rig_bytes *pieces = rack_alloc(rack, count * sizeof *pieces);
    for (size_t i = 0; i < count; i++) {
        pieces[i] = rack_bytes(rack, json_array_get(list, i));
        size += pieces[i].size;
    }
    char *out = rack_alloc(rack, size), *at = out;
    for (size_t i = 0; i < count; i++) {
        memcpy(at, pieces[i].data ? pieces[i].data : "", pieces[i].size);
        at += pieces[i].size;
    }
    return (struct rig_bytes){out, size};
}

static struct rig_bytes repeated(struct rack_case *rack, const json_t *pair)
{
    struct rig_bytes piece = rack_bytes(rack, json_array_get(pair, 0));
    json_int_t times = json_integer_value(json_array_get(pair, 1));
    if (json_array_size(pair) != 2 || times < 0 || times > (1 << 28)) {
        rack_wrong(rack, "a repeat that is not [value, times]");
        return (struct rig_bytes){"", 0};
    }
    char *out = rack_alloc(rack, piece.size * (size_t)times);
    for (size_t i = 0; i < (size_t)times; i++) {
        memcpy(out + i * piece.size, piece.data ? piece.data : "", piece.size);
    }
    return (struct rig_bytes){out, piece.size * (size_t)times};
}

struct rig_bytes rack_bytes(struct rack_case *rack, const json_t *value)
{
    if (!value || json_is_null(value)) {
        return (struct rig_bytes){NULL, 0};
    }
    if (json_is_string(value)) {
        return (struct rig_bytes){json_string_value(value), json_string_length(value)};
    }
    const json_t *b64 = json_object_get(value, "b64"), *concat = json_object_get(value, "concat"),
                 *repeat = json_object_get(value, "repeat");
    rack_only(rack, value, "b64", "concat", "repeat", NULL);
    if (json_is_string(b64)) {
        return from_base64(rack, json_string_value(b64));
    }
    if (json_is_array(concat)) {
        return joined(rack, concat);
    }
    if (json_is_array(repeat)) {
        return repeated(rack, repeat);
    }
    rack_wrong(rack, "a value that is no string, b64, concat or repeat");
    return (struct rig_bytes){"", 0};
}

const char *rack_string(struct rack_case *rack, const json_t *value)
{
    struct rig_bytes bytes = rack_bytes(rack, value);
    if (bytes.data && memchr(bytes.data, 0, bytes.size)) {
        rack_wrong(rack, "a zero byte where the interface takes a C string");
    }
    return bytes.data;
}

/* ---- outcomes ---- */

static json_t *to_base64(const void *data, size_t size)
{
    size_t text_size = rig_base64_encode(data, size, NULL, 0);
    char *text = malloc(text_size);
    if (!text) {
        perror("rack-cases");
        exit(2);
    }
    (void)rig_base64_encode(data, size, text, text_size);
    json_t *value = json_pack("{s:s#}", "b64", text, (int)text_size);
    free(text);
    return value;
}

json_t *rack_value(const void *data, size_t size)
{
    const unsigned char *bytes = data;
    if (!data) {
        return json_null();
    }
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == 0 || bytes[i] > 0x7f) {
            return to_base64(bytes, size);
        }
    }
    return json_stringn(data, size);
}

json_t *rack_text(const char *text)
{
    return rack_value(text, text ? strlen(text) : 0);
}

json_t *rack_error(const char *kind)
{
    return json_pack("{s:{s:s}}", "error", "kind", kind);
}
