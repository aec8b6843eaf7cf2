/* Where operations begin: for who cuts, moves and copies them. */
#include "fuzz/scenario/scenario.h"

static size_t literal_size(const unsigned char *bytes, size_t size)
{
    size_t at = 1;
    while (at < size) {
        size_t segment = bytes[at++];
        bool more = segment == UINT8_MAX && size - at > segment;
        at = segment < size - at ? at + segment : size;
        if (!more) {
            return at;
        }
    }
    return size;
}

size_t rig_fuzz_op_size(const unsigned char *bytes, size_t size)
{
    unsigned op = size > 0 ? bytes[0] >> 4 : 0, token = size > 0 ? bytes[0] & 15 : 0;
    bool worded = op == RIG_FUZZ_OP_METHOD || op == RIG_FUZZ_OP_TARGET || op == RIG_FUZZ_OP_QUERY ||
                  op == RIG_FUZZ_OP_HEADER || op == RIG_FUZZ_OP_VALUE || op == RIG_FUZZ_OP_BODY;
    size_t taken = 1;
    if (token == RIG_FUZZ_TOKEN_LITERAL && (worded || op == RIG_FUZZ_OP_TWIST || op == RIG_FUZZ_OP_SET)) {
        return literal_size(bytes, size);
    }
    if (op == RIG_FUZZ_OP_PIECES && token >= RIG_FUZZ_TOKEN_BYTE) {
        taken = 2 + 2 * (1 + (size > 1 ? bytes[1] : 0u) % RIG_FUZZ_PIECES_MAX);
    } else if (op == RIG_FUZZ_OP_GONE) {
        taken = token == RIG_FUZZ_TOKEN_LITERAL ? 3 : 2;
    } else if (op == RIG_FUZZ_OP_FAULT || (worded && token == RIG_FUZZ_TOKEN_BYTE)) {
        taken = 2;
    }
    return taken < size ? taken : size;
}
