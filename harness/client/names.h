/* Header names and the env names they become: made once, then found by hash. */
#ifndef STACKRIG_CLIENT_NAMES_H
#define STACKRIG_CLIENT_NAMES_H

#include "harness/core/arena.h"

enum rig_name_kind {
    RIG_NAME_PLAIN,
    RIG_NAME_HOST,
    RIG_NAME_CONTENT_LENGTH,
    RIG_NAME_CONTENT_TYPE,
    RIG_NAME_TRANSFER_ENCODING,
    RIG_NAME_CONNECTION,
    RIG_NAME_COOKIE,
    RIG_NAME_KINDS
};

/* Names that some gateway drops, changes or judges by themselves, and the one that some make a variable of. */
enum rig_name_gateway { RIG_NAME_PASSES, RIG_NAME_MINDED = 1, RIG_NAME_AUTHORIZATION = 2 };

struct rig_name {
    const char *env; /* "HTTP_USER_AGENT" */
    uint32_t env_size, env_hash;
    const char *header; /* "User-Agent", as it was written */
    uint32_t header_size;
    uint8_t kind;    /* enum rig_name_kind */
    uint8_t gateway; /* what a gateway may make of it: of enum rig_name_gateway */
    bool special;    /* of a kind, or not just passed by gateways */
};

#define RIG_NAMES_RECENT 256

struct rig_names {
    struct rig_arena *arena; /* as long as the client */
    struct rig_name_item *items;
    unsigned count;
    /* Tests write names as literals: the same address is most likely the same name again. One that stood there before
     * stands in the slot beside it, so that two of a request do not drive each other out. */
    struct rig_name_seen {
        const char *at;
        const struct rig_name *name;
    } recent[RIG_NAMES_RECENT];
};

static inline size_t rig_names_slot(const char *header)
{
    return (uintptr_t)header / 4 % RIG_NAMES_RECENT;
}

/* NULL: out of memory, or not a token (*error is -ENOMEM or -EINVAL). scratch: for what no longer fits the table. */
const struct rig_name *rig_names_get(struct rig_names *names, struct rig_arena *scratch, const char *header,
                                     size_t size, int *error);
/* The same for a C string, by its address if it was seen there before. */
const struct rig_name *rig_names_learn(struct rig_names *names, struct rig_arena *scratch, const char *header,
                                       int *error);
static inline const struct rig_name *rig_names_recent(struct rig_names *names, struct rig_arena *scratch,
                                                      const char *header, int *error)
{
    size_t slot = rig_names_slot(header);
    const struct rig_name *name = names->recent[slot].name;
    return names->recent[slot].at == header && strcmp(name->header, header) == 0
               ? name
               : rig_names_learn(names, scratch, header, error);
}
/* How a header was written whose variable has its name at that address; NULL: it is none of these. Takes a walk. */
const char *rig_names_spelling(const void *names, const char *env_name);

#endif
