/* What a jar holds: domains by name, in each its cookies by path and name, and which of them goes first. */
#include "harness/client/jar.h"

#include <errno.h>

/* ---- the lists ---- */

static void list_append(struct rig_jar_list *list, enum rig_jar_list_of which, struct rig_jar_item *item)
{
    item->at[which].before = list->last;
    item->at[which].after = NULL;
    *(list->last ? &list->last->at[which].after : &list->first) = item;
    list->last = item;
    list->soonest = list->count++ == 0 || item->cookie.expires < list->soonest ? item->cookie.expires : list->soonest;
}

static void list_remove(struct rig_jar_list *list, enum rig_jar_list_of which, struct rig_jar_item *item)
{
    struct rig_jar_item *before = item->at[which].before, *after = item->at[which].after;
    *(before ? &before->at[which].after : &list->first) = after;
    *(after ? &after->at[which].before : &list->last) = before;
    list->count--;
}

static void enlist(struct rig_jar *jar, struct rig_jar_item *item)
{
    list_append(&jar->all, RIG_JAR_LIST_ALL, item);
    list_append(&item->domain->list, RIG_JAR_LIST_DOMAIN, item);
}

static void unlist(struct rig_jar *jar, struct rig_jar_item *item)
{
    list_remove(&jar->all, RIG_JAR_LIST_ALL, item);
    list_remove(&item->domain->list, RIG_JAR_LIST_DOMAIN, item);
}

void rig_jar_touch(struct rig_jar *jar, struct rig_jar_item *item)
{
    unlist(jar, item);
    enlist(jar, item);
}

/* ---- domains ---- */

struct rig_jar_domain *rig_jar_domain(const struct rig_jar *jar, const char *name, size_t size)
{
    struct rig_jar_domain *domain;
    HASH_FIND(hh, jar->domains, name, size, domain);
    return domain;
}

static struct rig_jar_domain *add_domain(struct rig_jar *jar, const char *name, size_t size)
{
    struct rig_memory *memory = &jar->memory;
    struct rig_jar_domain *domain = rig_memory_alloc(memory, sizeof *domain + size + 1);
    if (!domain) {
        return NULL;
    }
    memset(domain, 0, sizeof *domain);
    memcpy(domain->name, name, size + 1);
    domain->size = size;
    HASH_ADD_KEYPTR(hh, jar->domains, domain->name, size, domain);
    if (!domain->hh.tbl) {
        rig_memory_release(memory, domain, sizeof *domain + size + 1);
        return NULL;
    }
    return domain;
}

static void drop_if_empty(struct rig_jar *jar, struct rig_jar_domain *domain)
{
    struct rig_memory *memory = &jar->memory;
    if (domain->list.count == 0) {
        HASH_DEL(jar->domains, domain);
        rig_memory_release(memory, domain, sizeof *domain + domain->size + 1);
    }
}

/* ---- cookies ---- */

void rig_jar_drop(struct rig_jar *jar, struct rig_jar_item *item)
{
    struct rig_memory *memory = &jar->memory;
    struct rig_jar_domain *domain = item->domain;
    unlist(jar, item);
    HASH_DEL(domain->items, item);
    rig_memory_release(memory, item, item->size);
    drop_if_empty(jar, domain);
}

static char *add_text(char **at, const char *text, size_t size)
{
    char *begin = *at;
    memcpy(begin, text, size + 1);
    *at += size + 1;
    return begin;
}

static struct rig_jar_item *new_item(struct rig_jar *jar, const struct rig_jar_cookie *cookie,
                                     struct rig_jar_domain *domain)
{
    size_t path = strlen(cookie->path), name = strlen(cookie->name), value = cookie->value ? strlen(cookie->value) : 0;
    size_t size = sizeof(struct rig_jar_item) + path + name + value + 3;
    struct rig_jar_item *item = rig_memory_alloc(&jar->memory, size);
    if (!item) {
        return NULL;
    }
    memset(item, 0, sizeof *item);
    char *at = item->text;
    item->cookie = *cookie;
    item->cookie.path = add_text(&at, cookie->path, path);
    item->cookie.name = add_text(&at, cookie->name, name);
    item->cookie.value = cookie->value ? add_text(&at, cookie->value, value) : NULL;
    item->cookie.domain = domain->name;
    item->domain = domain;
    item->size = size;
    item->key_size = path + 1 + name;
    return item;
}

/* ---- limits ---- */

static bool is_full(const struct rig_jar *jar, const struct rig_jar_domain *domain)
{
    return jar->all.count >= jar->options.cookie_limit || domain->list.count >= jar->options.domain_limit;
}

static void drop_expired(struct rig_jar *jar, struct rig_jar_list *list, enum rig_jar_list_of which, int64_t now)
{
    int64_t soonest = RIG_JAR_FOREVER;
    for (struct rig_jar_item *item = list->first, *after; item; item = after) {
        after = item->at[which].after;
        if (item->cookie.expires <= now && list->count > 1) {
            rig_jar_drop(jar, item); /* not the last one: the domain it stands in is still needed */
        } else if (item->cookie.expires < soonest) {
            soonest = item->cookie.expires;
        }
    }
    list->soonest = soonest;
}

/* Until the list is within its limit again: a walk over all of it only when something in it has expired. */
static void keep_within(struct rig_jar *jar, struct rig_jar_list *list, enum rig_jar_list_of which, size_t limit,
                        int64_t now)
{
    if (list->count > limit && list->soonest <= now) {
        drop_expired(jar, list, which, now);
    }
    while (list->count > limit) {
        rig_jar_drop(jar, list->first);
    }
}

/* ---- storing ---- */

static struct rig_jar_item *find_item(const struct rig_jar_domain *domain, const struct rig_jar_item *like)
{
    struct rig_jar_item *item;
    HASH_FIND(hh, domain->items, like->text, like->key_size, item);
    return item;
}

/* In the place of the old one, which is dropped only once the new one stands. */
static int put(struct rig_jar *jar, struct rig_jar_item *item, struct rig_jar_item *old)
{
    struct rig_memory *memory = &jar->memory;
    struct rig_jar_domain *domain = item->domain;
    HASH_ADD_KEYPTR(hh, domain->items, item->text, item->key_size, item);
    if (!item->hh.tbl) {
        return -ENOMEM;
    }
    enlist(jar, item);
    if (old) {
        item->cookie.created = old->cookie.created;
        rig_jar_drop(jar, old);
    }
    return 0;
}

int rig_jar_store(struct rig_jar *jar, const struct rig_jar_cookie *cookie, int64_t now)
{
    size_t size = strlen(cookie->domain);
    struct rig_jar_domain *domain = rig_jar_domain(jar, cookie->domain, size);
    domain = domain ? domain : add_domain(jar, cookie->domain, size);
    struct rig_jar_item *item = domain ? new_item(jar, cookie, domain) : NULL;
    struct rig_jar_item *old = item ? find_item(domain, item) : NULL;
    int error = item ? 0 : -ENOMEM;
    /* One that is to delete what is not there pushes nothing else out. */
    bool needless = item && !old && cookie->expires <= now && is_full(jar, domain);
    if (item && !needless) {
        error = put(jar, item, old);
    }
    if (item && (needless || error != 0)) {
        rig_memory_release(&jar->memory, item, item->size);
    } else if (item) {
        keep_within(jar, &domain->list, RIG_JAR_LIST_DOMAIN, jar->options.domain_limit, now);
        keep_within(jar, &jar->all, RIG_JAR_LIST_ALL, jar->options.cookie_limit, now);
        return 0;
    }
    if (domain) {
        drop_if_empty(jar, domain);
    }
    return error;
}
