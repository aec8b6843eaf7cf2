/* Requests off a buffer: heads, framing and chunks. However the bytes come, the same is read. */
#include "tests/fuzz/targets/bytes.h"

#include "harness/http/wire.h"

#define FIELDS 32

struct read {
    uint64_t hash, content;
    bool done, refused;
};

static void feed(struct rig_chunked *chunked, struct read *read, const char *data, size_t size)
{
    for (size_t at = 0; at < size && !chunked->done && !read->refused;) {
        struct rig_slice piece = {NULL, 0};
        int64_t taken = rig_chunked_decode(chunked, data + at, size - at, &piece);
        read->refused = taken < 0;
        CLAIM(taken < 0 || ((size_t)taken <= size - at && (taken > 0 || chunked->done)));
        for (size_t i = 0; taken >= 0 && i < piece.size; i++) {
            read->hash = (read->hash ^ (unsigned char)piece.data[i]) * 0x100000001b3u;
        }
        at += taken > 0 ? (size_t)taken : 0;
    }
    read->content = chunked->content;
    read->done = chunked->done;
}

static void try_chunks(const char *data, size_t size, size_t piece)
{
    struct rig_chunked one = {0}, two = {0};
    struct read whole = {0}, cut = {0};
    feed(&one, &whole, data, size);
    for (size_t at = 0; at < size; at += piece) {
        feed(&two, &cut, data + at, size - at < piece ? size - at : piece);
    }
    CLAIM(whole.hash == cut.hash && whole.done == cut.done && whole.refused == cut.refused);
    CLAIM(whole.refused || whole.content == cut.content);
}

/* A head is told as soon as it is whole, and not before. */
static void try_prefixes(const char *data, size_t head)
{
    struct rig_wire_field fields[FIELDS];
    for (size_t size = head > 64 ? head - 64 : 0; size < head; size++) {
        struct rig_wire_head prefix = {.fields = fields, .field_limit = FIELDS};
        char *copy = room(size);
        memcpy(copy, data, size);
        CLAIM(rig_wire_head(copy, size, &prefix) == 0);
        free(copy);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rig_wire_field fields[FIELDS];
    struct rig_wire_head head = {.fields = fields, .field_limit = FIELDS};
    struct rig_framing framing;
    char *copy = room(size);
    memcpy(copy, data, size);
    int64_t taken = rig_wire_head(copy, size, &head);
    CLAIM(taken <= (int64_t)size && (taken >= 0 || (head.reason && head.at <= size && head.status >= 400)));
    if (taken > 0) {
        try_prefixes(copy, (size_t)taken);
        int refused = rig_wire_framing(fields, head.field_count, head.minor, &framing);
        CLAIM(refused == 0 || (framing.reason && framing.status >= 400));
        try_chunks(copy + taken, size - (size_t)taken, 1);
    }
    try_chunks(copy, size, 1);
    try_chunks(copy, size, 7);
    free(copy);
    return 0;
}
