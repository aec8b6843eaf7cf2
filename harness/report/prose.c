/* Secrets in free text: messages, log lines, request targets. */
#include <stackrig/http/percent.h>
#include "harness/report/mask.h"

#include <string.h>

#define NAME_MAX_ 128

struct scan {
    const char *begin, *at, *end;
    bool headers; /* "Name: value" masks to the end of the line */
    bool target;  /* all of it is a target: a value ends where the next one begins */
    bool quotes;  /* what is shown stands in quotes */
    bool inside;  /* between two quotes of the text */
    bool path;    /* and what stands there is a target */
    bool masked;
};

static bool name_byte(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c && strchr("_-.%", c));
}

/* A query may spell "token" as "%74oken". */
static size_t decode_name(char *out, const char *name, size_t size)
{
    size_t used = rig_percent_decode(name, size < NAME_MAX_ ? size : NAME_MAX_ - 1, false, out);
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

static bool is_one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

/* The quote that ends what a message quotes; one within it has more text right after it. */
static bool closes(const struct scan *scan, const char *at)
{
    return scan->inside && *at == '"' && (at + 1 == scan->end || is_one_of(at[1], " ,.:)\r\n"));
}

/* Of a value that may hold spaces: the line's, the message's own quote, or one of stops. */
static const char *long_end(const struct scan *scan, const char *at, const char *stops)
{
    while (at < scan->end && !is_one_of(*at, "\r\n") && !is_one_of(*at, stops) && !closes(scan, at)) {
        at++;
    }
    return at;
}

/* The end of a value that starts at `at`: the closing quote, or what ends a bare word. */
static const char *value_end(const struct scan *scan, const char *at)
{
    bool quoted = at < scan->end && *at == '"';
    if (!quoted && (scan->target || scan->path)) {
        return long_end(scan, at, "&;");
    }
    at += quoted;
    for (; at < scan->end; at++) {
        if (quoted && *at == '\\' && at + 1 < scan->end) {
            at++;
        } else if (quoted ? *at == '"' : is_one_of(*at, " &;,)\"'\r\n\t")) {
            return at;
        }
    }
    return scan->end;
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
        bool begins_line = name > scan->begin && is_one_of(name[-1], "\r\n");
        if ((!scan->headers && !begins_line) || at != name_end || memchr(name, '.', (size_t)(name_end - name))) {
            return NULL;
        }
    }
    return past_spaces(at + 1, scan->end);
}

static void show(struct rig_text *text, const struct scan *scan, const char *data, size_t size)
{
    if (scan->quotes) {
        rig_text_quote_part(text, data, size);
    } else {
        rig_text_escape_bytes(text, data, size);
    }
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
        show(text, scan, start, (size_t)(scan->at - start));
        return;
    }
    bool quoted = *value == '"' && !closes(scan, value);
    bool rest = !quoted && memchr(scan->at, ':', (size_t)(value - scan->at));
    const char *end = rest ? long_end(scan, value, "") : value_end(scan, value);
    value += quoted;
    show(text, scan, start, (size_t)(value - start));
    rig_text_value_bytes(text, name, value, (size_t)(end - value));
    scan->masked = scan->masked || end > value;
    scan->at = end;
}

/* "://user:password@host" */
static void mask_user(struct rig_text *text, struct scan *scan)
{
    const char *at = scan->at + 3, *last = NULL;
    for (; at < scan->end && !is_one_of(*at, "/?# \""); at++) {
        last = *at == '@' ? at : last;
    }
    rig_text_add(text, "://");
    scan->at += 3;
    if (last) {
        rig_text_add(text, "****");
        scan->masked = true;
        scan->at = last;
    }
}

static void note_quote(struct scan *scan)
{
    scan->inside = !scan->inside;
    scan->path = scan->inside && scan->at + 1 < scan->end && scan->at[1] == '/';
}

static bool scan_text(struct rig_text *text, const char *string, size_t size, struct scan scan)
{
    size_t shown = size < RIG_TEXT_VALUE_MAX ? size : RIG_TEXT_VALUE_MAX;
    scan.begin = scan.at = string;
    scan.end = string + shown;
    while (scan.at < scan.end) {
        if (name_byte(*scan.at)) {
            mask_name(text, &scan);
        } else if (scan.end - scan.at > 3 && !memcmp(scan.at, "://", 3)) {
            mask_user(text, &scan);
        } else {
            if (*scan.at == '"') {
                note_quote(&scan);
            }
            show(text, &scan, scan.at++, 1);
        }
    }
    if (shown < size) {
        rig_text_printf(text, RIG_TEXT_CUT "%zu bytes)", size);
    }
    return scan.masked;
}

void rig_text_target(struct rig_text *text, const char *target)
{
    if (target) {
        (void)scan_text(text, target, strlen(target), (struct scan){.target = true});
    }
}

void rig_text_prose(struct rig_text *text, const char *prose)
{
    if (prose) {
        (void)scan_text(text, prose, strlen(prose), (struct scan){.headers = true});
    }
}

bool rig_text_free_bytes(struct rig_text *text, const void *data, size_t size)
{
    return scan_text(text, data, size, (struct scan){.headers = true});
}

bool rig_text_quote_free_bytes(struct rig_text *text, const void *data, size_t size)
{
    rig_text_add(text, "\"");
    bool masked = scan_text(text, data, size, (struct scan){.headers = true, .quotes = true});
    rig_text_add(text, "\"");
    return masked;
}

/* A Location is a target, and so is a Referer. */
static bool is_target(const char *value, size_t size)
{
    for (size_t i = 0; i + 2 < size; i++) {
        if (memcmp(value + i, "://", 3) == 0) {
            return true;
        }
    }
    return size > 0 && value[0] == '/';
}

bool rig_text_inner_bytes(struct rig_text *text, const void *data, size_t size, bool quoted)
{
    return scan_text(text, data, size, (struct scan){.target = is_target(data, size), .quotes = quoted});
}
