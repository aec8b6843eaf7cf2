/* MD5 (RFC 1321: for digest authentication and nothing that must be secure) and SHA-256 (FIPS 180-4). */
#ifndef RIG_HTTP_DIGEST_H
#define RIG_HTTP_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rig_digest_kind {
    uint32_t start[8];
    size_t word_count; /* of start, and of the digest */
    bool little_endian;
    void (*mix)(uint32_t *state, const uint32_t words[16]); /* in the words of a block */
};
extern const struct rig_digest_kind rig_md5, rig_sha256;

struct rig_digest_state {
    const struct rig_digest_kind *kind;
    uint32_t words[8];
    uint64_t size; /* bytes so far */
    unsigned char block[64];
};

#define RIG_DIGEST_HEX_SIZE 65 /* of the longest, with its final zero byte */

void rig_digest_begin(struct rig_digest_state *state, const struct rig_digest_kind *kind);
void rig_digest_add(struct rig_digest_state *state, const void *data, size_t size);
void rig_digest_end(struct rig_digest_state *state, char hex[RIG_DIGEST_HEX_SIZE]); /* lower case */

#endif
