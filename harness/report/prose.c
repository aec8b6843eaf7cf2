/* Secrets in free text: messages, log lines, request targets. */
#include "harness/report/mask.h"

#include <string.h>

#define NAME_MAX_ 128

struct scan {
    const char *at, *end;
    bool headers; /* "Name: value" masks to the end */
};

static bool name_byte(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || strchr("_-.%", c);
}

static int hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A query may spell "token" as "%74oken". */
static size_t decode_name(char *out, const char *name, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < size && used < NAME_MAX_ - 1; i++) {
        if (name[i] == '%' && i + 2 < size && hex(name[i + 1]) >= 0 && hex(name[i + 2]) >= 0) {
            out[used++] = (char)(hex(name[i + 1]) * 16 + hex(name[i + 2]));
            i += 2;
        } else {
            out[used++] = name[i];
        }
    }
    out[used] = '\0';
    return used;
}

static const char *past_spaces(const char *at, const char *end)
{
    while (at < end && *at == ' ') {
        at++;
    }
    return at;
}

/* The end of a value that starts at `at`: the closing quote, or what ends a bare word. */
static const char *value_end(const char *at, const char *end)
{
    bool quoted = at < end && *at == '"';
    at += quoted;
    for (; at < end; at++) {
        if (quoted && *at == '\\' && at + 1 < end) {
            at++;
        } else if (quoted ? *at == '"' : strchr(" &;,)\"'\r\n\t", *at) != NULL) {
            return at;
        }
    }
    return end;
}

/* After a name: "=", "\": " and ": " announce a value. Returns where it starts; NULL: there is none. */
static const char *value_start(const struct scan *scan, const char *name, const char *name_end)
{
    const char *at = name_end;
    bool quoted_name = at < scan->end && *at == '"';
    at = past_spaces(at + quoted_name, scan->end);
    if (at == scan->end || (*at != '=' && *at != ':')) {
        return NULL;
    }
    if (*at == ':' && !quoted_name) {
        /* With a dot it is an env name or a file name, and what follows is our own remark. */
        if (!scan->headers || at != name_end || memchr(name, '.', (size_t)(name_end - name))) {
            return NULL;
        }
    }
    return past_spaces(at + 1, scan->end);
}

static void mask_name(struct rig_text *text, struct scan *scan)
{
    char name[NAME_MAX_];
    const char *start = scan->at;
    while (scan->at < scan->end && name_byte(*scan->at)) {
        scan->at++;
    }
    size_t name_size = decode_name(name, start, (size_t)(scan->at - start));
    const char *value = rig_name_sensitive(name, name_size) ? value_start(scan, start, scan->at) : NULL;
    if (!value || value == scan->end) {
        rig_text_escape_bytes(text, start, (size_t)(scan->at - start));
        return;
    }
    bool quoted = *value == '"';
    bool rest = !quoted && memchr(scan->at, ':', (size_t)(value - scan->at));
    const char *end = rest ? scan->end : value_end(value, scan->end);
    value += quoted;
    rig_text_escape_bytes(text, start, (size_t)(value - start));
    rig_text_value_bytes(text, name, value, (size_t)(end - value));
    scan->at = end;
}

/* "://user:password@host" */
static void mask_user(struct rig_text *text, struct scan *scan)
{
    const char *at = scan->at + 3, *last = NULL;
    for (; at < scan->end && !strchr("/?# \"", *at); at++) {
        last = *at == '@' ? at : last;
    }
    rig_text_add(text, "://");
    scan->at += 3;
    if (last) {
        rig_text_add(text, "****");
        scan->at = last;
    }
}

static void scan_text(struct rig_text *text, const char *string, bool headers)
{
    size_t size = strlen(string), shown = size < RIG_TEXT_VALUE_MAX ? size : RIG_TEXT_VALUE_MAX;
    struct scan scan = {.at = string, .end = string + shown, .headers = headers};
    while (scan.at < scan.end) {
        if (name_byte(*scan.at)) {
            mask_name(text, &scan);
        } else if (scan.end - scan.at > 3 && !memcmp(scan.at, "://", 3)) {
            mask_user(text, &scan);
        } else {
            rig_text_escape_bytes(text, scan.at++, 1);
        }
    }
    if (shown < size) {
        rig_text_printf(text, "... (%zu bytes)", size);
    }
}

void rig_text_target(struct rig_text *text, const char *target)
{
    if (target) {
        scan_text(text, target, false);
    }
}

void rig_text_prose(struct rig_text *text, const char *prose)
{
    if (prose) {
        scan_text(text, prose, true);
    }
}
