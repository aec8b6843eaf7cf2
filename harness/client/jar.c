#include "harness/client/jar.h"

#include "harness/http/chars.h"
#include <stackrig/http/percent.h>

#include <errno.h>

#define COOKIE_LIMIT 3000 /* RFC 6265 section 6.1 wants at least so many; browsers keep about as many */
#define DOMAIN_LIMIT 180  /* of browsers; the RFC wants at least 50 */
#define SIZE_LIMIT 4096   /* of name and value, as browsers count; the RFC wants at least 4096 */
#define PATH_LIMIT 1024   /* RFC 6265bis: a longer attribute is ignored */

struct rig_jar *rig_jar_new(struct rig_jar_options options)
{
    struct rig_memory memory;
    rig_memory_init(&memory, options.allocator, 0);
    struct rig_jar *jar = rig_memory_alloc(&memory, sizeof *jar);
    if (!jar) {
        return NULL;
    }
    options.cookie_limit = options.cookie_limit ? options.cookie_limit : COOKIE_LIMIT;
    options.domain_limit = options.domain_limit ? options.domain_limit : DOMAIN_LIMIT;
    options.size_limit = options.size_limit ? options.size_limit : SIZE_LIMIT;
    *jar = (struct rig_jar){.memory = memory, .options = options};
    return jar;
}

void rig_jar_clear(struct rig_jar *jar)
{
    while (jar && jar->all.first) {
        rig_jar_drop(jar, jar->all.first);
    }
}

void rig_jar_free(struct rig_jar *jar)
{
    if (jar) {
        rig_jar_clear(jar);
        struct rig_memory memory = jar->memory;
        rig_memory_release(&memory, jar, sizeof *jar);
    }
}

size_t rig_jar_count(const struct rig_jar *jar)
{
    return jar ? jar->all.count : 0;
}

const char *rig_jar_refused(const struct rig_jar *jar)
{
    return jar ? jar->refused : "there is no jar";
}

/* ---- copying ---- */

int rig_jar_restore(struct rig_jar *jar, const struct rig_jar *saved)
{
    if (!jar || !saved) {
        return -EINVAL;
    }
    struct rig_jar fresh = {.memory = jar->memory, .options = jar->options};
    int error = 0;
    for (const struct rig_jar_item *item = saved->all.first; item && error == 0;
         item = item->at[RIG_JAR_LIST_ALL].after) {
        error = rig_jar_store(&fresh, &item->cookie, INT64_MIN);
    }
    if (error != 0) {
        rig_jar_clear(&fresh);
        return error;
    }
    uint64_t held = jar->memory.held;
    rig_jar_clear(jar); /* saved may be jar itself: its cookies are copied by now */
    fresh.memory.held -= held - jar->memory.held;
    *jar = fresh;
    return 0;
}

struct rig_jar *rig_jar_copy(const struct rig_jar *jar)
{
    struct rig_jar *copy = jar ? rig_jar_new(jar->options) : NULL;
    if (copy && rig_jar_restore(copy, jar) != 0) {
        rig_jar_free(copy);
        return NULL;
    }
    return copy;
}

/* ---- setting ---- */

static int refuse(struct rig_jar *jar, const char *reason)
{
    jar->refused = reason;
    return -EINVAL;
}

/* A line with a cookie that is one word gets its "=", which the parser wants; *bare says so. Frees what line was. */
static int add_equals(struct rig_jar *jar, struct rig_slice *line, bool *bare)
{
    const char *end = line->size > 0 ? memchr(line->data, ';', line->size) : NULL;
    size_t pair = end ? (size_t)(end - line->data) : line->size;
    *bare = pair > 0 && !memchr(line->data, '=', pair);
    if (!*bare) {
        return 0;
    }
    char *copy = rig_memory_alloc(&jar->memory, line->size + 1);
    if (!copy) {
        return -ENOMEM;
    }
    memcpy(copy, line->data, pair);
    copy[pair] = '=';
    memcpy(copy + pair + 1, line->data + pair, line->size - pair);
    *line = (struct rig_slice){copy, line->size + 1};
    return 0;
}

/* The strings of a cookie, each with its zero byte, in one piece of memory. */
struct texts {
    char *memory, *at;
    size_t size;
};

static int start_texts(struct rig_jar *jar, struct texts *texts, size_t size)
{
    texts->size = size;
    texts->memory = texts->at = rig_memory_alloc(&jar->memory, size);
    return texts->memory ? 0 : -ENOMEM;
}

static const char *add_text(struct texts *texts, struct rig_slice text)
{
    char *begin = texts->at;
    memcpy(begin, text.data, text.size);
    begin[text.size] = '\0';
    texts->at += text.size + 1;
    return begin;
}

/* The Domain attribute in lower case, without its dot; empty: host only. */
static struct rig_slice domain_of(const struct rig_set_cookie *parsed, char lower[RIG_JAR_HOST_MAX + 1])
{
    struct rig_slice domain = parsed->domain;
    if (domain.size > 0 && domain.data[0] == '.') {
        domain = rig_slice_after(domain, 1);
    }
    for (size_t i = 0; i < domain.size && i <= RIG_JAR_HOST_MAX; i++) {
        lower[i] = rig_char_lower(domain.data[i]);
    }
    return (struct rig_slice){lower, domain.size};
}

static int64_t expiry(const struct rig_set_cookie *parsed, int64_t now)
{
    int64_t age = parsed->max_age;
    if (parsed->has_max_age) {
        return age <= 0 ? INT64_MIN : now > 0 && age > RIG_JAR_FOREVER - now ? RIG_JAR_FOREVER : now + age;
    }
    return parsed->has_expires ? parsed->expires : RIG_JAR_FOREVER;
}

/* RFC 6265 section 5.3 after step 3. */
static int take(struct rig_jar *jar, const struct rig_jar_place *place, const struct rig_set_cookie *parsed, bool bare,
                int64_t now)
{
    char lower[RIG_JAR_HOST_MAX + 1];
    struct rig_slice domain = domain_of(parsed, lower), path = parsed->path;
    if (path.size == 0 || path.data[0] != '/' || path.size > PATH_LIMIT) {
        path = rig_jar_default_path(place->path);
    }
    if (parsed->name.size > jar->options.size_limit ||
        parsed->value.size > jar->options.size_limit - parsed->name.size || path.size > PATH_LIMIT) {
        return refuse(jar, "it is larger than the jar's limit");
    }
    if (domain.size > 0 && !rig_jar_domain_matches(place, domain.data, domain.size)) {
        return refuse(jar, "its domain is not one of the host that sets it");
    }
    if (parsed->secure && !place->secure) {
        return refuse(jar, "it is secure, but was set over http");
    }
    struct rig_slice host = domain.size > 0 ? domain : (struct rig_slice){place->host, place->host_size};
    struct texts texts;
    if (start_texts(jar, &texts, parsed->name.size + parsed->value.size + host.size + path.size + 4) != 0) {
        return -ENOMEM;
    }
    struct rig_jar_cookie cookie = {.name = add_text(&texts, parsed->name),
                                    .value = bare ? NULL : add_text(&texts, parsed->value),
                                    .domain = add_text(&texts, host),
                                    .path = add_text(&texts, path),
                                    .expires = expiry(parsed, now),
                                    .created = now,
                                    .host_only = domain.size == 0,
                                    .secure = parsed->secure,
                                    .http_only = parsed->http_only,
                                    .same_site = parsed->same_site};
    int error = rig_jar_store(jar, &cookie, now);
    rig_memory_release(&jar->memory, texts.memory, texts.size);
    return error;
}

int rig_jar_set_cookie(struct rig_jar *jar, const char *url, const char *line, size_t size, int64_t now)
{
    if (!jar) {
        return -EINVAL;
    }
    if (!line) {
        return refuse(jar, "there is no line");
    }
    struct rig_jar_place place;
    struct rig_set_cookie parsed;
    struct rig_slice text = {line, size};
    bool bare = false;
    jar->refused = rig_jar_place(url, &place);
    if (jar->refused) {
        return -EINVAL;
    }
    int error = add_equals(jar, &text, &bare);
    if (error == 0 && rig_set_cookie_parse(text.data, text.size, &parsed) != 0) {
        error = refuse(jar, "it has no name, or a control character");
    }
    error = error ? error : take(jar, &place, &parsed, bare, now);
    if (text.data != line) {
        char *copy = (char *)(uintptr_t)text.data;
        rig_memory_release(&jar->memory, copy, text.size);
    }
    return error;
}

static bool is_cookie_name(const char *name)
{
    size_t size = strlen(name);
    return size > 0 && rig_is_field_value(name, size) && !strpbrk(name, "=;") && name[0] != ' ' && name[0] != '\t' &&
           name[size - 1] != ' ' && name[size - 1] != '\t';
}

int rig_jar_put_cookie(struct rig_jar *jar, const char *url, const char *name, const char *value, int64_t now)
{
    static const char rest[] = "; path=/";
    if (!jar) {
        return -EINVAL;
    }
    if (!name || !value || !is_cookie_name(name)) {
        return refuse(jar, name && value ? "that cannot be a cookie's name" : "its name or value is NULL");
    }
    size_t name_size = strlen(name), value_size = strlen(value);
    size_t coded = rig_percent_encode(value, value_size, NULL, 0);
    size_t size = name_size + 1 + coded + sizeof rest - 1;
    char *line = rig_memory_alloc(&jar->memory, size);
    if (!line) {
        return -ENOMEM;
    }
    memcpy(line, name, name_size);
    line[name_size] = '=';
    (void)rig_percent_encode(value, value_size, line + name_size + 1, coded);
    memcpy(line + name_size + 1 + coded, rest, sizeof rest - 1);
    int error = rig_jar_set_cookie(jar, url, line, size, now);
    rig_memory_release(&jar->memory, line, size);
    return error;
}

size_t rig_jar_delete(struct rig_jar *jar, const char *name)
{
    size_t count = 0;
    for (struct rig_jar_item *item = jar && name ? jar->all.first : NULL, *after; item; item = after) {
        after = item->at[RIG_JAR_LIST_ALL].after;
        if (strcmp(item->cookie.name, name) == 0) {
            rig_jar_drop(jar, item);
            count++;
        }
    }
    return count;
}
