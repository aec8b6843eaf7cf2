/* MD5, RFC 1321: for digest authentication and nothing that must be secure. */
#ifndef RIG_HTTP_MD5_H
#define RIG_HTTP_MD5_H

#include <stddef.h>
#include <stdint.h>

struct rig_md5 {
    uint32_t state[4];
    uint64_t size; /* bytes so far */
    unsigned char block[64];
};

#define RIG_MD5_HEX_SIZE 33 /* with its final zero byte */

void rig_md5_begin(struct rig_md5 *md5);
void rig_md5_add(struct rig_md5 *md5, const void *data, size_t size);
void rig_md5_end(struct rig_md5 *md5, char hex[RIG_MD5_HEX_SIZE]); /* lower case */

#endif
