/* What a jar holds, in order: the header for a URL, and all of it. */
#include "harness/client/jar.h"
#include "harness/http/sink.h"

#include <errno.h>
#include <stdlib.h>

/* ---- order ---- */

static int compare_sizes(size_t one, size_t other)
{
    return one < other ? -1 : one > other;
}

static int compare_sent(const void *one, const void *other)
{
    const struct rig_jar_cookie *a = &(*(struct rig_jar_item *const *)one)->cookie;
    const struct rig_jar_cookie *b = &(*(struct rig_jar_item *const *)other)->cookie;
    int order = compare_sizes(strlen(b->path), strlen(a->path));
    order = order ? order : a->created < b->created ? -1 : a->created > b->created;
    order = order ? order : strcmp(a->name, b->name);
    return order ? order : compare_sizes(strlen(a->domain), strlen(b->domain));
}

static int compare_shown(const void *one, const void *other)
{
    const struct rig_jar_cookie *a = &(*(struct rig_jar_item *const *)one)->cookie;
    const struct rig_jar_cookie *b = &(*(struct rig_jar_item *const *)other)->cookie;
    int order = strcmp(a->name, b->name);
    order = order ? order : compare_sizes(strlen(b->path), strlen(a->path));
    order = order ? order : strcmp(a->path, b->path);
    order = order ? order : compare_sizes(strlen(b->domain), strlen(a->domain));
    return order ? order : strcmp(a->domain, b->domain);
}

/* ---- the header ---- */

static bool is_sent(const struct rig_jar_item *item, const struct rig_jar_place *place, int64_t now)
{
    const struct rig_jar_cookie *cookie = &item->cookie;
    return cookie->expires > now && (!cookie->secure || place->secure) &&
           (!cookie->host_only || item->domain->size == place->host_size) &&
           rig_jar_path_matches(place->path, cookie->path);
}

/* Those that go with a request: how many. items NULL: only counts. */
static size_t collect(const struct rig_jar *jar, const struct rig_jar_place *place, int64_t now,
                      struct rig_jar_item **items)
{
    size_t count = 0;
    for (const char *name = place->host, *dot; name; name = dot ? dot + 1 : NULL) {
        struct rig_jar_domain *domain = rig_jar_domain(jar, name, strlen(name));
        for (struct rig_jar_item *item = domain ? domain->list.first : NULL; item;
             item = item->at[RIG_JAR_LIST_DOMAIN].after) {
            if (is_sent(item, place, now)) {
                if (items) {
                    items[count] = item;
                }
                count++;
            }
        }
        dot = place->is_ip ? NULL : strchr(name, '.');
    }
    return count;
}

static size_t put_cookies(struct rig_jar_item *const *items, size_t count, char *out)
{
    struct rig_sink sink = {out, 0};
    for (size_t i = 0; i < count; i++) {
        const struct rig_jar_cookie *cookie = &items[i]->cookie;
        rig_sink_text(&sink, i > 0 ? "; " : "");
        rig_sink_text(&sink, cookie->name);
        rig_sink_text(&sink, cookie->value ? "=" : "");
        rig_sink_text(&sink, cookie->value ? cookie->value : "");
    }
    return sink.size;
}

int64_t rig_jar_header(struct rig_jar *jar, const char *url, int64_t now, char *out, size_t out_size)
{
    struct rig_jar_place place;
    if (!jar || rig_jar_place(url, &place) != NULL) {
        return -EINVAL;
    }
    size_t count = collect(jar, &place, now, NULL);
    if (count == 0) {
        return 0;
    }
    size_t room = count * sizeof(struct rig_jar_item *);
    struct rig_jar_item **items = rig_memory_alloc(&jar->memory, room);
    if (!items) {
        return -ENOMEM;
    }
    (void)collect(jar, &place, now, items);
    qsort(items, count, sizeof(struct rig_jar_item *), compare_sent);
    size_t size = put_cookies(items, count, NULL);
    if (out && size <= out_size) {
        (void)put_cookies(items, count, out);
    }
    for (size_t i = 0; i < count; i++) {
        rig_jar_touch(jar, items[i]);
    }
    rig_memory_release(&jar->memory, items, room);
    return (int64_t)size;
}

/* ---- all of it ---- */

const struct rig_jar_cookie *rig_jar_find(const struct rig_jar *jar, const char *name)
{
    const struct rig_jar_item *found = NULL;
    for (const struct rig_jar_item *item = jar && name ? jar->all.first : NULL; item;
         item = item->at[RIG_JAR_LIST_ALL].after) {
        if (strcmp(item->cookie.name, name) == 0 && (!found || compare_shown(&item, &found) < 0)) {
            found = item;
        }
    }
    return found ? &found->cookie : NULL;
}

int rig_jar_each(const struct rig_jar *jar, rig_jar_each_fn *each, void *closure)
{
    if (!jar || !each) {
        return -EINVAL;
    }
    size_t count = jar->all.count, at = 0;
    struct rig_memory memory = jar->memory;
    const struct rig_jar_item **items =
        count > 0 ? rig_memory_alloc(&memory, count * sizeof(struct rig_jar_item *)) : NULL;
    if (count > 0 && !items) {
        return -ENOMEM;
    }
    for (const struct rig_jar_item *item = jar->all.first; item; item = item->at[RIG_JAR_LIST_ALL].after) {
        items[at++] = item;
    }
    if (count > 0) {
        qsort(items, count, sizeof(struct rig_jar_item *), compare_shown);
    }
    int result = 0;
    for (size_t i = 0; i < count && result == 0; i++) {
        result = each(closure, &items[i]->cookie);
    }
    rig_memory_release(&memory, items, count * sizeof(struct rig_jar_item *));
    return result;
}
