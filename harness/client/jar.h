/* The insides of a jar. */
#ifndef STACKRIG_CLIENT_JAR_H
#define STACKRIG_CLIENT_JAR_H

#include "harness/core/arena.h"

#include <stackrig/jar.h>

#define HASH_NONFATAL_OOM 1
#define uthash_malloc(size_) rig_memory_alloc(memory, size_)
#define uthash_free(block_, size_) rig_memory_release(memory, block_, size_)
#include <uthash.h>

#define RIG_JAR_HOST_MAX 255 /* bytes of a host name: RFC 1035 section 2.3.4 */

/* A cookie stands in two lists at once, each from the one that was sent longest ago to the latest. */
enum rig_jar_list_of { RIG_JAR_LIST_ALL, RIG_JAR_LIST_DOMAIN, RIG_JAR_LISTS };

struct rig_jar_item {
    struct rig_jar_cookie cookie; /* its strings lie in text */
    struct rig_jar_domain *domain;
    struct {
        struct rig_jar_item *before, *after;
    } at[RIG_JAR_LISTS];
    size_t size, key_size; /* size: of the whole piece of memory; the key is path, a zero byte, name */
    UT_hash_handle hh;
    char text[];
};

struct rig_jar_list {
    struct rig_jar_item *first, *last;
    size_t count;
    int64_t soonest; /* nothing in it expires before that */
};

struct rig_jar_domain {
    struct rig_jar_item *items;
    struct rig_jar_list list;
    UT_hash_handle hh;
    size_t size; /* of the name */
    char name[];
};

struct rig_jar {
    struct rig_memory memory;
    struct rig_jar_options options; /* with its defaults filled in */
    struct rig_jar_domain *domains;
    struct rig_jar_list all;
    const char *refused;
};

/* What a jar wants to know of a URL. */
struct rig_jar_place {
    char host[RIG_JAR_HOST_MAX + 1]; /* in lower case */
    size_t host_size;
    bool is_ip, secure;
    struct rig_slice path; /* "/" where there is none */
};

/* NULL, or why a jar can do nothing with the URL. url NULL: RIG_JAR_URL. */
const char *rig_jar_place(const char *url, struct rig_jar_place *place);
/* RFC 6265 section 5.1.3; domain is in lower case. */
bool rig_jar_domain_matches(const struct rig_jar_place *place, const char *domain, size_t size);
/* RFC 6265 section 5.1.4. */
struct rig_slice rig_jar_default_path(struct rig_slice path);
bool rig_jar_path_matches(struct rig_slice path, const char *of_cookie);

struct rig_jar_domain *rig_jar_domain(const struct rig_jar *jar, const char *name, size_t size);
/* It was sent. */
void rig_jar_touch(struct rig_jar *jar, struct rig_jar_item *item);
/* Keeps a copy of cookie, in the place of one with that name, domain and path: 0 or -ENOMEM. */
int rig_jar_store(struct rig_jar *jar, const struct rig_jar_cookie *cookie, int64_t now);
void rig_jar_drop(struct rig_jar *jar, struct rig_jar_item *item);

#endif
