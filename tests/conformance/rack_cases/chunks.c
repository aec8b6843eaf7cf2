#include "tests/conformance/rack_cases/chunks.h"

#include <string.h>

int64_t rack_chunks_read(void *self, void *buffer, size_t size)
{
    struct rack_chunks *chunks = self;
    while (chunks->index < json_array_size(chunks->list)) {
        struct rig_bytes chunk = rack_bytes(chunks->rack, json_array_get(chunks->list, chunks->index));
        size_t left = chunk.size - chunks->at;
        if (left > 0) {
            size = size < left ? size : left;
            memcpy(buffer, (const char *)chunk.data + chunks->at, size);
            chunks->at += size;
            return (int64_t)size;
        }
        chunks->index++;
        chunks->at = 0;
    }
    return 0;
}
