/* For targets of bytes: input in memory of just its size, so that a byte too far is seen, and claims that must hold. */
#ifndef TESTS_FUZZ_TARGETS_BYTES_H
#define TESTS_FUZZ_TARGETS_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CLAIM(holds_)                                                                   \
    do {                                                                                \
        if (!(holds_)) {                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #holds_); \
            __builtin_trap();                                                           \
        }                                                                               \
    } while (0)

static inline void *room(size_t size)
{
    void *memory = malloc(size > 0 ? size : 1);
    if (!memory) {
        exit(2);
    }
    return memory;
}

#endif
