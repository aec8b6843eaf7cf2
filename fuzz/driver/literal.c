#include "fuzz/driver/literal.h"

#include <string.h>

size_t rig_fuzz_read_literal(const uint8_t *op, size_t size, uint8_t *bytes)
{
    size_t count = 0;
    for (size_t at = 1, segment = UINT8_MAX; at < size && segment == UINT8_MAX; at += segment) {
        segment = op[at++];
        segment = segment < size - at ? segment : size - at;
        memcpy(bytes + count, op + at, segment);
        count += segment;
    }
    return count;
}

size_t rig_fuzz_write_literal(uint8_t *op, const uint8_t *bytes, size_t count)
{
    size_t at = 1, segment = UINT8_MAX;
    for (; segment == UINT8_MAX; count -= segment) {
        segment = count < UINT8_MAX ? count : UINT8_MAX;
        op[at++] = (uint8_t)segment;
        memcpy(op + at, bytes, segment);
        at += segment;
        bytes += segment;
    }
    return at;
}
