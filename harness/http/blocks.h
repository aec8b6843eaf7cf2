/* What digests over blocks of 64 bytes share: filling a block, the padding, the hexadecimal text. */
#ifndef RIG_HTTP_BLOCKS_H
#define RIG_HTTP_BLOCKS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define RIG_BLOCK_SIZE 64

typedef void rig_block_fn(uint32_t *state, const unsigned char *block);

/* size: bytes before these. */
static inline void rig_blocks_add(uint32_t *state, uint64_t size, unsigned char *block, const unsigned char *data,
                                  size_t data_size, rig_block_fn *digest)
{
    size_t used = (size_t)(size % RIG_BLOCK_SIZE);
    while (data_size > 0) {
        size_t take = RIG_BLOCK_SIZE - used < data_size ? RIG_BLOCK_SIZE - used : data_size;
        memcpy(block + used, data, take);
        data += take;
        data_size -= take;
        used += take;
        if (used == RIG_BLOCK_SIZE) {
            digest(state, block);
            used = 0;
        }
    }
}

/* A 1 bit, zeros, and the count of bits as its eight bytes. */
static inline void rig_blocks_end(uint32_t *state, uint64_t size, unsigned char *block, const unsigned char bits[8],
                                  rig_block_fn *digest)
{
    static const unsigned char padding[RIG_BLOCK_SIZE] = {0x80};
    size_t used = (size_t)(size % RIG_BLOCK_SIZE);
    size_t fill = (used < 56 ? 56 : 56 + RIG_BLOCK_SIZE) - used;
    rig_blocks_add(state, size, block, padding, fill, digest);
    rig_blocks_add(state, size + fill, block, bits, 8, digest);
}

static inline char *rig_hex_byte(char *out, unsigned byte)
{
    static const char digits[] = "0123456789abcdef";
    *out++ = digits[byte >> 4 & 15];
    *out++ = digits[byte & 15];
    return out;
}

#endif
