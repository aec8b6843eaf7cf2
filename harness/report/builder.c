#include "harness/report/builder.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void rig_text_start(struct rig_text *text, char *buffer, size_t size)
{
    text->data = buffer;
    text->size = buffer ? size : 0;
    text->length = 0;
    if (text->size) {
        buffer[0] = '\0';
    }
}

static size_t room(const struct rig_text *text)
{
    return text->length < text->size ? text->size - text->length : 0;
}

static void grow(struct rig_text *text, size_t size)
{
    text->length = size > SIZE_MAX - text->length ? SIZE_MAX : text->length + size;
}

void rig_text_add_bytes(struct rig_text *text, const void *data, size_t size)
{
    size_t left = room(text);
    if (left && size) {
        size_t fits = size < left ? size : left - 1;
        memcpy(text->data + text->length, data, fits);
        text->data[text->length + fits] = '\0';
    }
    grow(text, size);
}

void rig_text_add(struct rig_text *text, const char *string)
{
    if (string) {
        rig_text_add_bytes(text, string, strlen(string));
    }
}

void rig_text_printf(struct rig_text *text, const char *format, ...)
{
    va_list arguments;
    size_t left = room(text);
    va_start(arguments, format);
    int wanted = vsnprintf(left ? text->data + text->length : NULL, left, format, arguments);
    va_end(arguments);
    if (wanted > 0) {
        grow(text, (size_t)wanted);
    }
}

/* marks: bytes that get a backslash before them. */
static void escape(struct rig_text *text, const void *data, size_t size, const char *marks)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *byte = data;
    for (size_t i = 0; i < size; i++) {
        if (byte[i] >= 0x20 && byte[i] < 0x7f) {
            rig_text_add(text, strchr(marks, byte[i]) ? "\\" : NULL);
            rig_text_add_bytes(text, byte + i, 1);
        } else {
            char escaped[4] = {'\\', 'x', digits[byte[i] >> 4], digits[byte[i] & 15]};
            rig_text_add_bytes(text, escaped, sizeof escaped);
        }
    }
}

static size_t shown_of(size_t size)
{
    return size < RIG_TEXT_VALUE_MAX ? size : RIG_TEXT_VALUE_MAX;
}

static void tell_rest(struct rig_text *text, size_t size)
{
    if (shown_of(size) < size) {
        rig_text_printf(text, RIG_TEXT_CUT "%zu bytes)", size);
    }
}

void rig_text_escape_bytes(struct rig_text *text, const void *data, size_t size)
{
    escape(text, data, shown_of(size), "");
    tell_rest(text, size);
}

void rig_text_quote_part(struct rig_text *text, const void *data, size_t size)
{
    escape(text, data, size, "\"\\");
}

void rig_text_quote_bytes(struct rig_text *text, const void *data, size_t size)
{
    rig_text_add(text, "\"");
    escape(text, data, shown_of(size), "\"\\");
    rig_text_add(text, "\"");
    tell_rest(text, size);
}

void rig_text_quote(struct rig_text *text, const char *string)
{
    rig_text_quote_bytes(text, string, strlen(string));
}

void rig_text_escape(struct rig_text *text, const char *string)
{
    if (string) {
        rig_text_escape_bytes(text, string, strlen(string));
    }
}

bool rig_text_truncated(const struct rig_text *text)
{
    return text->length >= text->size;
}

int rig_text_length(const struct rig_text *text)
{
    return text->length > INT_MAX ? INT_MAX : (int)text->length;
}

int rig_text_end(struct rig_text *text)
{
    if (text->size > 3 && rig_text_truncated(text)) {
        memcpy(text->data + text->size - 4, "...", 4);
    }
    return rig_text_length(text);
}
