/* Reading Cookie and Set-Cookie. */
#include <errno.h>
#include <string.h>

#include <stackrig/http/cookie.h>
#include <stackrig/http/date.h>
#include <stackrig/http/percent.h>

#include "harness/http/chars.h"
#include "harness/http/list.h"

/* The next pair, without blanks around it and its parts. */
static struct rig_pair next_pair(struct rig_slice *text)
{
    struct rig_pair pair = {.name = rig_trimmed(rig_slice_cut(*text, ';', text))};
    pair.value = rig_list_cut(&pair.name);
    return pair;
}

/* ---- Cookie ---- */

int rig_cookie_each(const char *text, size_t size, rig_pair_fn *visit, void *closure)
{
    struct rig_slice rest = {text, size};
    int result = 0;
    while (rest.size > 0 && result == 0) {
        struct rig_pair cookie = next_pair(&rest);
        bool empty = cookie.name.size == 0 && !cookie.value.data;
        result = empty ? 0 : visit(closure, cookie);
    }
    return result;
}

size_t rig_cookie_decode(const char *text, size_t size, char *out)
{
    if (size > 0 && !rig_percent_is_valid(text, size)) {
        memmove(out, text, size);
        return size;
    }
    return rig_percent_decode(text, size, true, out);
}

/* ---- Set-Cookie ---- */

bool rig_same_site_parse(const char *text, size_t size, enum rig_same_site *same_site)
{
    static const char *const names[] = {
        [RIG_SAME_SITE_NONE] = "none", [RIG_SAME_SITE_LAX] = "lax", [RIG_SAME_SITE_STRICT] = "strict"};
    for (size_t i = RIG_SAME_SITE_NONE; i < sizeof names / sizeof names[0]; i++) {
        if (rig_name_equal(text, size, names[i], strlen(names[i]))) {
            *same_site = (enum rig_same_site)i;
            return true;
        }
    }
    return false;
}

/* RFC 6265 section 5.2.2: a number that is too big ends at the end of the scale. */
static bool read_max_age(struct rig_slice value, int64_t *seconds)
{
    bool negative = value.size > 0 && value.data[0] == '-';
    struct rig_slice digits = {value.data + negative, value.size - negative};
    uint64_t number = 0;
    if (!rig_is_digits(digits.data, digits.size)) {
        return false;
    }
    if (!rig_number(digits, &number) || number > INT64_MAX) {
        number = INT64_MAX;
    }
    *seconds = negative ? -(int64_t)number : (int64_t)number;
    return true;
}

static void set_expires(struct rig_set_cookie *cookie, struct rig_slice value)
{
    int64_t seconds = 0;
    if (rig_cookie_date_parse(value.data, value.size, &seconds) == 0) {
        cookie->expires = seconds;
        cookie->has_expires = true;
    }
}

static void set_max_age(struct rig_set_cookie *cookie, struct rig_slice value)
{
    int64_t seconds = 0;
    if (value.data && read_max_age(value, &seconds)) {
        cookie->max_age = seconds;
        cookie->has_max_age = true;
    }
}

static void set_domain(struct rig_set_cookie *cookie, struct rig_slice value)
{
    if (value.size > 0 || !cookie->domain.data) {
        cookie->domain = value;
    }
}

static void set_path(struct rig_set_cookie *cookie, struct rig_slice value)
{
    cookie->path = value;
}

static void set_secure(struct rig_set_cookie *cookie, struct rig_slice value)
{
    (void)value;
    cookie->secure = true;
}

static void set_http_only(struct rig_set_cookie *cookie, struct rig_slice value)
{
    (void)value;
    cookie->http_only = true;
}

static void set_partitioned(struct rig_set_cookie *cookie, struct rig_slice value)
{
    (void)value;
    cookie->partitioned = true;
}

static void set_same_site(struct rig_set_cookie *cookie, struct rig_slice value)
{
    cookie->same_site = RIG_SAME_SITE_UNSET;
    (void)rig_same_site_parse(value.data, value.size, &cookie->same_site);
}

static void set_attribute(struct rig_set_cookie *cookie, struct rig_slice name, struct rig_slice value)
{
    static const struct {
        const char *name;
        void (*set)(struct rig_set_cookie *cookie, struct rig_slice value);
    } attributes[] = {{"expires", set_expires},    {"max-age", set_max_age},        {"domain", set_domain},
                      {"path", set_path},          {"secure", set_secure},          {"httponly", set_http_only},
                      {"samesite", set_same_site}, {"partitioned", set_partitioned}};
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        if (rig_name_equal(name.data, name.size, attributes[i].name, strlen(attributes[i].name))) {
            attributes[i].set(cookie, value);
        }
    }
}

int rig_set_cookie_parse(const char *text, size_t size, struct rig_set_cookie *cookie)
{
    memset(cookie, 0, sizeof *cookie);
    if (size == 0 || !rig_is_field_value(text, size)) {
        return -EINVAL;
    }
    struct rig_slice rest, pair = rig_slice_cut((struct rig_slice){text, size}, ';', &rest);
    cookie->key = rig_slice_cut(pair, '=', &cookie->value);
    cookie->name = rig_trimmed(cookie->key);
    cookie->value = rig_trimmed(cookie->value);
    if (!cookie->value.data || cookie->name.size == 0) {
        return -EINVAL;
    }
    while (rest.size > 0) {
        struct rig_pair attribute = next_pair(&rest);
        set_attribute(cookie, attribute.name, attribute.value);
    }
    return 0;
}
