#include "harness/http/digest.h"

#include <string.h>

/* Where a byte of a number of that many bytes stands in it. */
static unsigned shift(const struct rig_digest_kind *kind, size_t byte, size_t size)
{
    return (unsigned)(8 * (kind->little_endian ? byte : size - 1 - byte));
}

static void mix_block(struct rig_digest_state *state)
{
    uint32_t words[16] = {0};
    for (size_t i = 0; i < sizeof state->block; i++) {
        words[i / 4] |= (uint32_t)state->block[i] << shift(state->kind, i % 4, 4);
    }
    state->kind->mix(state->words, words);
}

void rig_digest_begin(struct rig_digest_state *state, const struct rig_digest_kind *kind)
{
    *state = (struct rig_digest_state){.kind = kind};
    memcpy(state->words, kind->start, sizeof state->words);
}

void rig_digest_add(struct rig_digest_state *state, const void *data, size_t size)
{
    const unsigned char *at = data;
    for (size_t i = 0; i < size; i++) {
        state->block[state->size++ % sizeof state->block] = at[i];
        if (state->size % sizeof state->block == 0) {
            mix_block(state);
        }
    }
}

/* A 1 bit, zeros, and the count of bits as its eight bytes end the last block. */
static void pad(struct rig_digest_state *state)
{
    uint64_t bits = state->size << 3;
    unsigned char count[8];
    rig_digest_add(state, "\x80", 1);
    while (state->size % sizeof state->block != sizeof state->block - sizeof count) {
        rig_digest_add(state, "", 1);
    }
    for (size_t i = 0; i < sizeof count; i++) {
        count[i] = (unsigned char)(bits >> shift(state->kind, i, sizeof count));
    }
    rig_digest_add(state, count, sizeof count);
}

void rig_digest_end(struct rig_digest_state *state, char hex[RIG_DIGEST_HEX_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    pad(state);
    for (size_t i = 0; i < state->kind->word_count * 4; i++) {
        uint32_t byte = state->words[i / 4] >> shift(state->kind, i % 4, 4);
        *hex++ = digits[byte >> 4 & 15];
        *hex++ = digits[byte & 15];
    }
    *hex = '\0';
}
