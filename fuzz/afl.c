/* The mutator for AFL++: AFL_CUSTOM_MUTATOR_LIBRARY=libstackrig-afl.so. AFL++ has mutations of bytes itself; this one changes
 * whole operations. */
#include "fuzz/driver/mutate.h"

#include <stdlib.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))

struct state {
    uint64_t turns, seed;
    size_t room;
    uint8_t *out;
};

EXPORTED void *afl_custom_init(void *afl, unsigned seed);
EXPORTED void afl_custom_deinit(void *data);
EXPORTED size_t afl_custom_fuzz(void *data, uint8_t *buffer, size_t size, uint8_t **out, uint8_t *other,
                                size_t other_size, size_t max_size);

void *afl_custom_init(void *afl, unsigned seed)
{
    struct state *state = calloc(1, sizeof *state);
    (void)afl;
    if (state) {
        state->seed = seed;
    }
    return state;
}

void afl_custom_deinit(void *data)
{
    struct state *state = data;
    free(state->out);
    free(state);
}

/* 0: AFL++ goes on without it. */
size_t afl_custom_fuzz(void *data, uint8_t *buffer, size_t size, uint8_t **out, uint8_t *other, size_t other_size,
                       size_t max_size)
{
    struct state *state = data;
    if (state->room < max_size) {
        free(state->out);
        state->out = malloc(max_size);
        state->room = state->out ? max_size : 0;
    }
    if (!state->out) {
        return 0;
    }
    uint64_t seed = state->seed + state->turns++ * 0x9E3779B97F4A7C15u;
    size = size < max_size ? size : max_size;
    if (state->turns % 8 == 0 && other) {
        size = rig_fuzz_cross(buffer, size, other, other_size, state->out, max_size, seed);
    } else {
        memcpy(state->out, buffer, size);
    }
    *out = state->out;
    return rig_fuzz_mutate(state->out, size, max_size, seed, NULL);
}
