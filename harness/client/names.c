#include "harness/client/names.h"

#include "harness/core/hash.h"
#include "harness/http/chars.h"

#include <errno.h>
#include <stddef.h>

#define HASH_NONFATAL_OOM 1
#define uthash_malloc(size_) rig_arena_alloc(arena, size_)
#define uthash_free(memory_, size_) ((void)(memory_))
#include <uthash.h>

static const char prefix[] = "HTTP_";
#define ENV_PREFIX (sizeof prefix - 1)
#define HEADER_MAX (UINT16_MAX - ENV_PREFIX) /* bytes of a header's name: what an env's name takes */
#define LINE 64                              /* bytes of the cache's lines */
#define NAMES_MAX 1024                       /* names of a client that are remembered; a fuzzer makes more */

struct rig_name_item {
    UT_hash_handle hh;
    struct rig_name name; /* with its header behind it in a line of the cache: a request looks at no other */
};

/* By the header's own name: Content_Length is another header, with another env name. */
static enum rig_name_kind kind_of(const char *header, size_t size)
{
    static const struct {
        const char *header;
        enum rig_name_kind kind;
    } kinds[] = {
        {"Host", RIG_NAME_HOST},
        {"Content-Length", RIG_NAME_CONTENT_LENGTH},
        {"Content-Type", RIG_NAME_CONTENT_TYPE},
        {"Transfer-Encoding", RIG_NAME_TRANSFER_ENCODING},
        {"Connection", RIG_NAME_CONNECTION},
        {"Cookie", RIG_NAME_COOKIE},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (rig_name_equal(header, size, kinds[i].header, strlen(kinds[i].header))) {
            return kinds[i].kind;
        }
    }
    return RIG_NAME_PLAIN;
}

/* Every gateway passes on letters, digits and '-', up to 200 of them; of such names it minds those of its own hop and
 * those that it adds. */
static enum rig_name_gateway gateway_of(const char *header, size_t size)
{
    static const char *const minded[] = {"Connection",
                                         "Keep-Alive",
                                         "Proxy-Connection",
                                         "TE",
                                         "Trailer",
                                         "Transfer-Encoding",
                                         "Upgrade",
                                         "Expect",
                                         "Proxy",
                                         "Proxy-Authorization",
                                         "Max-Forwards",
                                         "HTTP2-Settings",
                                         "X-Forwarded-For",
                                         "X-Forwarded-Host",
                                         "X-Forwarded-Server",
                                         "X-Forwarded-Proto",
                                         "X-Host"};
    if (rig_name_equal(header, size, "Authorization", 13)) {
        return RIG_NAME_AUTHORIZATION;
    }
    enum rig_name_gateway found = size > 200 ? RIG_NAME_MINDED : RIG_NAME_PASSES;
    for (size_t i = 0; i < sizeof minded / sizeof minded[0]; i++) {
        found = rig_name_equal(header, size, minded[i], strlen(minded[i])) ? RIG_NAME_MINDED : found;
    }
    for (size_t i = 0; i < size; i++) {
        bool passes = rig_char_is(header[i], RIG_CHAR_ALPHA | RIG_CHAR_DIGIT) || header[i] == '-';
        found = passes ? found : RIG_NAME_MINDED;
    }
    return found;
}

/* bare: without HTTP_ before it. Its size. */
static size_t env_name(char *env, const char *header, size_t size, bool bare)
{
    size_t skip = bare ? 0 : ENV_PREFIX;
    memcpy(env, prefix, skip);
    for (size_t i = 0; i < size; i++) {
        char c = header[i];
        env[skip + i] = (char)(c == '-' ? '_' : c >= 'a' && c <= 'z' ? c - ('a' - 'A') : c);
    }
    env[skip + size] = '\0';
    return skip + size;
}

/* NULL: out of memory. */
static struct rig_name_item *make(struct rig_arena *arena, const char *header, size_t size)
{
    char *room = rig_arena_zeroed(arena, sizeof(struct rig_name_item) + size + 1 + ENV_PREFIX + size + 1 + LINE);
    if (!room) {
        return NULL;
    }
    size_t into = ((uintptr_t)room + offsetof(struct rig_name_item, name)) % LINE;
    struct rig_name_item *item = (struct rig_name_item *)(void *)(room + (LINE - into));
    struct rig_name *name = &item->name;
    char *text = (char *)(item + 1), *env = text + size + 1;
    memcpy(text, header, size);
    name->header = text;
    name->header_size = (uint32_t)size;
    name->kind = (uint8_t)kind_of(header, size);
    name->gateway = (uint8_t)gateway_of(header, size);
    name->special = name->kind != RIG_NAME_PLAIN || name->gateway != RIG_NAME_PASSES;
    /* Content-Type and Content-Length alone have no HTTP_ before them: RFC 3875 section 4.1. */
    bool bare = name->kind == RIG_NAME_CONTENT_TYPE || name->kind == RIG_NAME_CONTENT_LENGTH;
    name->env = env;
    name->env_size = (uint32_t)env_name(env, header, size, bare);
    name->env_hash = rig_hash(name->env, name->env_size);
    return item;
}

const struct rig_name *rig_names_get(struct rig_names *names, struct rig_arena *scratch, const char *header,
                                     size_t size, int *error)
{
    uint32_t hash = rig_hash(header, size);
    struct rig_name_item *item = NULL;
    HASH_FIND_BYHASHVALUE(hh, names->items, header, size, hash, item);
    if (item) {
        return &item->name;
    }
    if (!rig_is_token(header, size) || size > HEADER_MAX) {
        *error = -EINVAL;
        return NULL;
    }
    struct rig_arena *arena = names->count < NAMES_MAX ? names->arena : scratch;
    item = make(arena, header, size);
    if (!item) {
        *error = -ENOMEM;
        return NULL;
    }
    if (arena == names->arena) {
        HASH_ADD_KEYPTR_BYHASHVALUE(hh, names->items, item->name.header, size, hash, item);
        if (!item->hh.tbl) {
            *error = -ENOMEM;
            return NULL;
        }
        names->count++;
    }
    return &item->name;
}

const struct rig_name *rig_names_learn(struct rig_names *names, struct rig_arena *scratch, const char *header,
                                       int *error)
{
    size_t slot = rig_names_slot(header);
    struct rig_name_seen *seen = &names->recent[slot], *beside = &names->recent[slot ^ 1];
    if (beside->at == header && strcmp(beside->name->header, header) == 0) {
        return beside->name;
    }
    unsigned count = names->count;
    const struct rig_name *name = rig_names_get(names, scratch, header, strlen(header), error);
    if (name && (names->count > count || names->count < NAMES_MAX)) { /* not one that goes with the request */
        *beside = *seen;
        *seen = (struct rig_name_seen){header, name};
    }
    return name;
}

const char *rig_names_spelling(const void *names, const char *env_name)
{
    const struct rig_names *all = names;
    const struct rig_name_item *item = all->items;
    while (item && item->name.env != env_name) {
        item = item->hh.next;
    }
    return item ? item->name.header : NULL;
}
