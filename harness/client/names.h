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
    RIG_NAME_COOKIE
};

struct rig_name {
    const char *env; /* "HTTP_USER_AGENT" */
    uint32_t env_size, env_hash;
    enum rig_name_kind kind;
    const char *header; /* "User-Agent", as it was written */
    uint32_t header_size;
};

struct rig_names {
    struct rig_arena *arena; /* as long as the client */
    struct rig_name_item *items;
    unsigned count;
};

/* The CGI variables that every env begins with. */
#define RIG_CGI_MAP(X)                                                                                             \
    X(REQUEST_METHOD)                                                                                              \
    X(SCRIPT_NAME)                                                                                                 \
    X(PATH_INFO) X(QUERY_STRING) X(REQUEST_URI) X(SERVER_NAME) X(SERVER_PORT) X(SERVER_PROTOCOL) X(REQUEST_SCHEME) \
        X(HTTPS) X(REMOTE_ADDR)

/* NULL: out of memory, or not a token (*error is -ENOMEM or -EINVAL). scratch: for what no longer fits the table. */
const struct rig_name *rig_names_get(struct rig_names *names, struct rig_arena *scratch, const char *header,
                                     size_t size, int *error);

#endif
