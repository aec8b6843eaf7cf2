/* Writing Cookie and Set-Cookie. */
#include <errno.h>
#include <string.h>

#include <stackrig/http/cookie.h>
#include <stackrig/http/date.h>

#include "harness/http/chars.h"
#include "harness/http/sink.h"

static bool fits_between_semicolons(const char *text, size_t size)
{
    return size == 0 || (rig_is_field_value(text, size) && !memchr(text, ';', size));
}

/* ---- Cookie ---- */

static bool has_blanks_around(struct rig_slice text)
{
    return rig_trimmed(text).size != text.size;
}

static bool can_be_sent(const struct rig_pair *cookie)
{
    struct rig_slice name = cookie->name, value = cookie->value;
    return (name.size > 0 || value.data) && (name.size == 0 || !memchr(name.data, '=', name.size)) &&
           fits_between_semicolons(name.data, name.size) && fits_between_semicolons(value.data, value.size) &&
           !has_blanks_around(name) && !has_blanks_around(value);
}

static void put_cookies(struct rig_sink *sink, const struct rig_pair *cookies, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        rig_sink_text(sink, i > 0 ? "; " : "");
        rig_sink_put(sink, cookies[i].name.data, cookies[i].name.size);
        rig_sink_text(sink, cookies[i].value.data ? "=" : "");
        rig_sink_put(sink, cookies[i].value.data, cookies[i].value.size);
    }
}

int64_t rig_cookie_build(const struct rig_pair *cookies, size_t count, char *out, size_t out_size)
{
    struct rig_sink measure = {NULL, 0}, sink = {out, 0};
    for (size_t i = 0; i < count; i++) {
        if (!can_be_sent(&cookies[i])) {
            return -EINVAL;
        }
    }
    put_cookies(&measure, cookies, count);
    if (out && measure.size <= out_size) {
        put_cookies(&sink, cookies, count);
    }
    return (int64_t)measure.size;
}

/* ---- Set-Cookie ---- */

static struct rig_bytes value_of(const struct rig_set_cookie_text *cookie)
{
    return cookie->value ? (struct rig_bytes){cookie->value, strlen(cookie->value)} : cookie->bytes;
}

static bool can_be_attribute(const char *text)
{
    return !text || fits_between_semicolons(text, strlen(text));
}

const char *rig_set_cookie_refused(const struct rig_set_cookie_text *cookie)
{
    char date[RIG_DATE_SIZE];
    struct rig_bytes value = value_of(cookie);
    if (!cookie->name || !rig_is_token(cookie->name, strlen(cookie->name))) {
        return "a name that is no token";
    }
    if (cookie->as_is && !fits_between_semicolons(value.data, value.size)) {
        return "a value with a control character or ';'";
    }
    if (!can_be_attribute(cookie->domain)) {
        return "a domain with a control character or ';'";
    }
    if (!can_be_attribute(cookie->path)) {
        return "a path with a control character or ';'";
    }
    if (cookie->has_expires && rig_date_format(cookie->expires, date) != 0) {
        return "a date outside of the years 0 to 9999";
    }
    return NULL;
}

static void put_attribute(struct rig_sink *sink, const char *name, const char *value)
{
    if (value) {
        rig_sink_text(sink, name);
        rig_sink_text(sink, value);
    }
}

static void put_set_cookie(struct rig_sink *sink, const struct rig_set_cookie_text *cookie)
{
    static const char *const same_site[] = {NULL, "none", "lax", "strict"};
    char expires[RIG_DATE_SIZE];
    struct rig_bytes value = value_of(cookie);
    rig_sink_text(sink, cookie->name);
    rig_sink_text(sink, "=");
    if (cookie->as_is) {
        rig_sink_put(sink, value.data, value.size);
    } else {
        rig_sink_encoded(sink, value.data, value.size);
    }
    put_attribute(sink, "; domain=", cookie->domain);
    put_attribute(sink, "; path=", cookie->path);
    if (cookie->has_max_age) {
        rig_sink_text(sink, cookie->max_age < 0 ? "; max-age=-" : "; max-age=");
        rig_sink_number(sink, cookie->max_age < 0 ? 0 - (uint64_t)cookie->max_age : (uint64_t)cookie->max_age);
    }
    if (cookie->has_expires && rig_date_format(cookie->expires, expires) == 0) {
        put_attribute(sink, "; expires=", expires);
    }
    rig_sink_text(sink, cookie->secure ? "; secure" : "");
    rig_sink_text(sink, cookie->http_only ? "; httponly" : "");
    put_attribute(sink, "; samesite=", same_site[cookie->same_site]);
    rig_sink_text(sink, cookie->partitioned ? "; partitioned" : "");
}

int64_t rig_set_cookie_build(const struct rig_set_cookie_text *cookie, char *out, size_t out_size)
{
    struct rig_sink measure = {NULL, 0}, sink = {out, 0};
    if (rig_set_cookie_refused(cookie)) {
        return -EINVAL;
    }
    put_set_cookie(&measure, cookie);
    if (out && measure.size <= out_size) {
        put_set_cookie(&sink, cookie);
    }
    return (int64_t)measure.size;
}

int64_t rig_set_cookie_delete(const struct rig_set_cookie_text *cookie, char *out, size_t out_size)
{
    struct rig_set_cookie_text gone = *cookie;
    gone.value = "";
    gone.has_max_age = gone.has_expires = true;
    gone.max_age = gone.expires = 0;
    return rig_set_cookie_build(&gone, out, out_size);
}
