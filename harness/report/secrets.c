#define _POSIX_C_SOURCE 200809L

#include "harness/report/secrets.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <stackrig/http/percent.h>
#include "harness/report/mask.h"

#define SHOWN_SIZE 16384 /* of RIG_TEXT_VALUE_MAX bytes, each escaped */

static bool has_room(struct rig_secrets *secrets)
{
    if (secrets->count < secrets->capacity) {
        return true;
    }
    size_t capacity = 2 * secrets->capacity + 8;
    char **values = realloc(secrets->values, capacity * sizeof *values);
    if (!values) {
        return false;
    }
    secrets->values = values;
    secrets->capacity = capacity;
    return true;
}

static void add_one(struct rig_secrets *secrets, const char *value, size_t size)
{
    char *copy = has_room(secrets) ? strndup(value, size) : NULL;
    if (!copy) {
        secrets->starved = true;
        return;
    }
    size_t at = secrets->count++;
    for (; at > 0 && strlen(secrets->values[at - 1]) < strlen(copy); at--) {
        secrets->values[at] = secrets->values[at - 1];
    }
    secrets->values[at] = copy;
}

/* As it is, and as a report has it, which shows odd bytes as \xNN. */
static void add(struct rig_secrets *secrets, const char *value, size_t size)
{
    char shown[SHOWN_SIZE];
    struct rig_text text;
    if (size < RIG_SECRET_MIN) {
        return;
    }
    add_one(secrets, value, size);
    rig_text_start(&text, shown, sizeof shown);
    rig_text_escape_bytes(&text, value, size);
    if (!rig_text_truncated(&text) && (text.length != size || memcmp(shown, value, size) != 0)) {
        add_one(secrets, shown, text.length);
    }
}

static int digit_of(const char *digits, char c)
{
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* As it is, and as a layer sees it that decodes forms. */
static void add_form_value(struct rig_secrets *secrets, const char *value, size_t size)
{
    char *decoded = calloc(size + 1, 1);
    size_t used = decoded ? rig_percent_decode(value, size, true, decoded) : size;
    secrets->starved = secrets->starved || !decoded;
    add(secrets, value, size);
    if (decoded && (used != size || memcmp(decoded, value, size))) {
        add(secrets, decoded, strlen(decoded));
    }
    free(decoded);
}

/* Of "a=b&c=d" or "a=b; c=d" the values; all: whatever their names. */
static void add_pairs(struct rig_secrets *secrets, const char *text, size_t size, const char *separators, bool all)
{
    const char *end = text + size;
    while (text < end) {
        const char *stop = text;
        while (stop < end && !strchr(separators, *stop)) {
            stop++;
        }
        const char *equals = memchr(text, '=', (size_t)(stop - text));
        if (equals && (all || rig_name_sensitive(text, (size_t)(equals - text)))) {
            add_form_value(secrets, equals + 1, (size_t)(stop - equals - 1));
        }
        text = stop + 1;
    }
}

/* The password of "user:password" in base64. */
static void add_basic(struct rig_secrets *secrets, const char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *plain = calloc(strlen(text) + 1, 1);
    size_t used = 0;
    unsigned bits = 0, count = 0;
    secrets->starved = secrets->starved || !plain;
    for (; plain && digit_of(digits, *text) >= 0; text++) {
        bits = (bits << 6 | (unsigned)digit_of(digits, *text)) & 0xffff;
        count += 6;
        if (count >= 8) {
            count -= 8;
            plain[used++] = (char)(bits >> count & 0xff);
        }
    }
    const char *colon = plain ? memchr(plain, ':', used) : NULL;
    if (colon) {
        add(secrets, colon + 1, strnlen(colon + 1, used - (size_t)(colon + 1 - plain)));
    }
    free(plain);
}

/* ---- forms of parts ---- */

struct span {
    const char *at, *end;
};

/* Takes a line off the front, without its LF or CR LF. False: there is none. */
static bool next_line(struct span *rest, struct span *line)
{
    if (rest->at == rest->end) {
        return false;
    }
    const char *newline = memchr(rest->at, '\n', (size_t)(rest->end - rest->at));
    *line = (struct span){rest->at, newline ? newline : rest->end};
    rest->at = newline ? newline + 1 : rest->end;
    line->end -= newline && line->end > line->at && line->end[-1] == '\r';
    return true;
}

static bool begins(struct span line, const char *word)
{
    size_t size = strlen(word);
    return (size_t)(line.end - line.at) >= size && !strncasecmp(line.at, word, size);
}

/* name="x" or name=x of a Content-Disposition; filename= is none. */
static struct span name_of(struct span line)
{
    for (const char *at = line.at + 1; at + 5 < line.end; at++) {
        if (strchr(" \t;", at[-1]) && !strncasecmp(at, "name=", 5)) {
            bool quoted = at[5] == '"';
            struct span name = {at + 5 + quoted, at + 5 + quoted};
            while (name.end < line.end && !strchr(quoted ? "\"" : " \t;", *name.end)) {
                name.end++;
            }
            return name;
        }
    }
    return (struct span){line.end, line.end};
}

/* Of a part whose lines begin behind a boundary: what stands behind its empty line, up to the next boundary. */
static void add_part(struct rig_secrets *secrets, struct span *rest, struct span boundary)
{
    struct span line, name = {NULL, NULL};
    while (next_line(rest, &line) && line.at < line.end) {
        if (begins(line, "--")) { /* what was taken for a boundary stands before the first */
            boundary = line;
        } else if (begins(line, "Content-Disposition:")) {
            name = name_of(line);
        }
    }
    size_t size = (size_t)(boundary.end - boundary.at);
    const char *content = rest->at, *end = content;
    for (struct span at = *rest; next_line(&at, &line); *rest = at) {
        if ((size_t)(line.end - line.at) >= size && !memcmp(line.at, boundary.at, size)) {
            break;
        }
        end = line.end;
    }
    if (name.at && rig_name_sensitive(name.at, (size_t)(name.end - name.at))) {
        add_form_value(secrets, content, (size_t)(end - content));
    }
}

/* Whatever Content-Type says: layers take for a form what looks like one, with LF for its CR LF, too. */
static void add_parts(struct rig_secrets *secrets, const char *text, size_t size)
{
    struct span rest = {text, text + size}, line;
    while (next_line(&rest, &line)) {
        if (line.end - line.at > 2 && begins(line, "--")) {
            add_part(secrets, &rest, line);
        }
    }
}

static void add_body(struct rig_secrets *secrets, const char *text, size_t size)
{
    add_pairs(secrets, text, size, "&;\r\n", false);
    add_parts(secrets, text, size);
}

static void add_field(struct rig_secrets *secrets, const char *name, const char *value)
{
    if (!name || !value || !rig_name_sensitive(name, strlen(name))) {
        return;
    }
    if (!strcasecmp(name, "Cookie") || !strcasecmp(name, "HTTP_COOKIE")) {
        add_pairs(secrets, value, strlen(value), "; ", true);
        return;
    }
    bool authorization = !strcasecmp(name, "Authorization") || !strcasecmp(name, "Proxy-Authorization") ||
                         !strcasecmp(name, "HTTP_AUTHORIZATION") || !strcasecmp(name, "HTTP_PROXY_AUTHORIZATION");
    const char *space = authorization ? strchr(value, ' ') : NULL;
    if (space && !strncasecmp(value, "Basic ", 6)) {
        add_basic(secrets, space + 1);
    }
    value = space ? space + 1 : value; /* the scheme is no secret */
    add(secrets, value, strlen(value));
}

static void add_fields(struct rig_secrets *secrets, const struct rig_field *fields, size_t count)
{
    for (size_t i = 0; fields && i < count; i++) {
        add_field(secrets, fields[i].name, fields[i].value);
    }
}

void rig_secrets_collect(struct rig_secrets *secrets, const struct rig_request *request,
                         const struct rig_field *settings, size_t setting_count)
{
    add_fields(secrets, request->headers, RIG_FIELDS_MAX);
    add_fields(secrets, request->header_list, request->header_count);
    add_fields(secrets, request->params, RIG_FIELDS_MAX);
    add_fields(secrets, request->env, RIG_FIELDS_MAX);
    add_fields(secrets, settings, setting_count);
    const char *query = request->target ? strchr(request->target, '?') : NULL;
    if (query) {
        add_pairs(secrets, query + 1, strlen(query + 1), "&;#", false);
    }
    if (request->body) {
        add_body(secrets, request->body, strlen(request->body));
    } else if (request->bytes.data) {
        add_body(secrets, request->bytes.data, request->bytes.size);
    }
}

/* Of a secret that stands in a long value, which was cut within it, there is a beginning. 0: it does not stand there. */
static size_t length_of(const char *secret, const char *text)
{
    size_t same = 0;
    while (secret[same] && secret[same] == text[same]) {
        same++;
    }
    const char *behind = text + same + (text[same] == '"');
    bool cut = same >= RIG_SECRET_MIN && !strncmp(behind, RIG_TEXT_CUT, strlen(RIG_TEXT_CUT));
    return !secret[same] || cut ? same : 0;
}

/* How much of the text a secret takes up at its beginning. */
static size_t match(const struct rig_secrets *secrets, const char *text)
{
    for (size_t i = 0; i < secrets->count; i++) {
        size_t length = length_of(secrets->values[i], text);
        if (length) {
            return length;
        }
    }
    return 0;
}

char *rig_secrets_hide(const struct rig_secrets *secrets, const char *text)
{
    /* A secret is never shorter than its mask. */
    char *hidden = text && !secrets->starved ? calloc(strlen(text) + 1, 1) : NULL, *out = hidden;
    while (hidden && *text) {
        size_t secret = match(secrets, text);
        if (secret) {
            memcpy(out, "****", 4);
            out += 4;
            text += secret;
        } else {
            *out++ = *text++;
        }
    }
    return hidden;
}

void rig_secrets_free(struct rig_secrets *secrets)
{
    for (size_t i = 0; i < secrets->count; i++) {
        free(secrets->values[i]);
    }
    free(secrets->values);
    *secrets = (struct rig_secrets){0};
}
