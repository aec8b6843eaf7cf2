/* Who a session says it is: basic, bearer and digest credentials. */
#ifndef STACKRIG_CLIENT_CREDENTIALS_H
#define STACKRIG_CLIENT_CREDENTIALS_H

#include "harness/core/arena.h"

#include <stackrig/result.h>

enum rig_credentials_kind {
    RIG_CREDENTIALS_NONE,
    RIG_CREDENTIALS_BASIC,
    RIG_CREDENTIALS_BEARER,
    RIG_CREDENTIALS_DIGEST
};

/* A challenge that was taken up: pieces of text, which is the credentials' own. */
struct rig_digest {
    char *text; /* NULL: none yet */
    size_t size;
    struct rig_slice realm, nonce, opaque; /* as they stood in their quotes; opaque.data NULL: none */
    bool sha256, sess, auth, names_algorithm, userhash;
    uint32_t count; /* requests with this nonce */
};

struct rig_credentials {
    enum rig_credentials_kind kind;
    char *user, *password; /* one piece of memory; of a bearer: the token, "" */
    size_t size;
    struct rig_digest digest;
    uint64_t seed; /* of the next cnonce */
};

void rig_credentials_clear(struct rig_memory *memory, struct rig_credentials *credentials);
/* NULL, or why they cannot be. */
const char *rig_credentials_refused(enum rig_credentials_kind kind, const char *user, const char *password);
/* 0, or -ENOMEM: credentials are as they were. The seed stays. */
int rig_credentials_set(struct rig_memory *memory, struct rig_credentials *credentials, enum rig_credentials_kind kind,
                        const char *user, const char *password);
int rig_credentials_copy(struct rig_memory *memory, struct rig_credentials *to, const struct rig_credentials *from);
/* The value of Authorization for a request, in arena's memory; NULL in *value: nothing is sent. uri: what stands in the
 * request line. 0 or -ENOMEM. */
int rig_credentials_header(struct rig_credentials *credentials, struct rig_arena *arena, const char *method,
                           const char *uri, const char **value);
/* The same for digest credentials that have a challenge. */
int rig_digest_header(struct rig_credentials *credentials, struct rig_arena *arena, const char *method, const char *uri,
                      const char **value);
/* Is a 401 to be answered with digest credentials? Takes up its challenge. answered: the request had some. 1, 0 or
 * -ENOMEM. *why: what makes it 0, else NULL. */
int rig_credentials_challenged(struct rig_memory *memory, struct rig_credentials *credentials,
                               const struct rig_result *result, bool answered, const char **why);

#endif
