/* SHA-256, FIPS 180-4. */
#ifndef RIG_HTTP_SHA256_H
#define RIG_HTTP_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct rig_sha256 {
    uint32_t state[8];
    uint64_t size; /* bytes so far */
    unsigned char block[64];
};

#define RIG_SHA256_HEX_SIZE 65 /* with its final zero byte */

void rig_sha256_begin(struct rig_sha256 *sha256);
void rig_sha256_add(struct rig_sha256 *sha256, const void *data, size_t size);
void rig_sha256_end(struct rig_sha256 *sha256, char hex[RIG_SHA256_HEX_SIZE]); /* lower case */

#endif
