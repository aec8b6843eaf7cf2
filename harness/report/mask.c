#include "harness/report/mask.h"

#include <stdlib.h>
#include <string.h>

#define MASK "****"
#define MORE_NAMES "STACKRIG_MASK" /* the user's: names with commas between them */

static char folded(char c)
{
    if (c == '_') {
        return '-';
    }
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool starts_with(const char *text, size_t size, const char *word)
{
    size_t length = strlen(word);
    if (size < length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (folded(text[i]) != word[i]) {
            return false;
        }
    }
    return true;
}

static bool is_word(const char *text, size_t size, const char *word)
{
    return size == strlen(word) && starts_with(text, size, word);
}

static void without_http(const char **name, size_t *size)
{
    if (starts_with(*name, *size, "http-")) {
        *name += 5;
        *size -= 5;
    }
}

static bool is_authorization(const char *name, size_t size)
{
    without_http(&name, &size);
    return is_word(name, size, "authorization") || is_word(name, size, "proxy-authorization");
}

static bool is_cookie(const char *name, size_t size)
{
    without_http(&name, &size);
    return is_word(name, size, "cookie") || is_word(name, size, "set-cookie");
}

/* Is it one of the user's? These are asked for each time: the command and the library it loads are to agree. */
static bool is_masked_too(const char *name, size_t size)
{
    const char *list = getenv(MORE_NAMES);
    without_http(&name, &size);
    while (list && *list) {
        size_t length = strcspn(list, ","), i = 0;
        const char *word = list;
        list += length + (list[length] == ',');
        without_http(&word, &length);
        while (length == size && i < size && folded(name[i]) == folded(word[i])) {
            i++;
        }
        if (length == size && i == size && size > 0) {
            return true;
        }
    }
    return false;
}

bool rig_name_sensitive(const char *name, size_t size)
{
    static const char *const words[] = {"password", "passwd", "secret", "token", "api-key", "apikey"};
    if (!name) {
        return false;
    }
    if (is_authorization(name, size) || is_cookie(name, size)) {
        return true;
    }
    for (size_t at = 0; at < size; at++) {
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            if (starts_with(name + at, size - at, words[i])) {
                return true;
            }
        }
    }
    return is_masked_too(name, size);
}

/* Only schemes that are registered: the first word of anything else may be the secret. */
static size_t scheme_size(const char *value, size_t size)
{
    static const char *const schemes[] = {"basic",     "bearer", "digest",       "dpop",          "hoba", "mutual",
                                          "negotiate", "oauth",  "privatetoken", "scram-sha-256", "vapid"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t length = strlen(schemes[i]);
        if (starts_with(value, size, schemes[i]) && length < size && value[length] == ' ') {
            return length + 1;
        }
    }
    return 0;
}

/* Each cookie keeps its name; Set-Cookie keeps its attributes. */
static void mask_cookies(struct rig_text *text, const char *value, size_t size, bool attributes)
{
    bool first = true;
    while (size) {
        const char *semicolon = memchr(value, ';', size);
        size_t pair = semicolon ? (size_t)(semicolon - value) : size;
        const char *equals = memchr(value, '=', pair);
        if (attributes && !first) {
            rig_text_escape_bytes(text, value, pair);
        } else if (equals) {
            rig_text_escape_bytes(text, value, (size_t)(equals - value) + 1);
            rig_text_add(text, MASK);
        } else {
            rig_text_add(text, MASK);
        }
        first = false;
        value += pair;
        size -= pair;
        if (size) {
            rig_text_add(text, ";");
            value++;
            size--;
        }
    }
}

void rig_text_value_bytes(struct rig_text *text, const char *name, const void *value, size_t size)
{
    size_t name_size = name ? strlen(name) : 0;
    if (!value || !size) {
        return;
    }
    if (!rig_name_sensitive(name, name_size)) {
        (void)rig_text_inner_bytes(text, value, size, false);
    } else if (is_cookie(name, name_size)) {
        size_t shown = size < RIG_TEXT_VALUE_MAX ? size : RIG_TEXT_VALUE_MAX;
        without_http(&name, &name_size);
        mask_cookies(text, value, shown, is_word(name, name_size, "set-cookie"));
    } else {
        rig_text_escape_bytes(text, value, is_authorization(name, name_size) ? scheme_size(value, size) : 0);
        rig_text_add(text, MASK);
    }
}

void rig_text_value(struct rig_text *text, const char *name, const char *value)
{
    rig_text_value_bytes(text, name, value, value ? strlen(value) : 0);
}

bool rig_text_quote_value(struct rig_text *text, const char *name, const void *value, size_t size)
{
    bool masked = rig_name_sensitive(name, strlen(name));
    rig_text_add(text, "\"");
    if (masked) {
        rig_text_value_bytes(text, name, value, size);
    } else {
        masked = rig_text_inner_bytes(text, value, size, true);
    }
    rig_text_add(text, "\"");
    return masked;
}
