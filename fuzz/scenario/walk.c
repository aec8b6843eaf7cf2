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

static bool is_worded(unsigned op)
{
    return op == RIG_FUZZ_OP_METHOD || op == RIG_FUZZ_OP_TARGET || op == RIG_FUZZ_OP_QUERY ||
           op == RIG_FUZZ_OP_HEADER || op == RIG_FUZZ_OP_VALUE || op == RIG_FUZZ_OP_BODY;
}

bool rig_fuzz_op_is_literal(unsigned char byte)
{
    unsigned op = byte >> 4;
    return (byte & 15) == RIG_FUZZ_TOKEN_LITERAL && (is_worded(op) || op == RIG_FUZZ_OP_TWIST || op == RIG_FUZZ_OP_SET);
}

size_t rig_fuzz_op_size(const unsigned char *bytes, size_t size)
{
    unsigned op = size > 0 ? bytes[0] >> 4 : 0, token = size > 0 ? bytes[0] & 15 : 0;
    size_t taken = 1;
    if (size > 0 && rig_fuzz_op_is_literal(bytes[0])) {
        return literal_size(bytes, size);
    }
    if (op == RIG_FUZZ_OP_PIECES && token >= RIG_FUZZ_TOKEN_BYTE) {
        taken = 2 + 2 * (1 + (size > 1 ? bytes[1] : 0u) % RIG_FUZZ_PIECES_MAX);
    } else if (op == RIG_FUZZ_OP_GONE) {
        taken = token == RIG_FUZZ_TOKEN_LITERAL ? 3 : 2;
    } else if (op == RIG_FUZZ_OP_FAULT || (is_worded(op) && token == RIG_FUZZ_TOKEN_BYTE)) {
        taken = 2;
    }
    return taken < size ? taken : size;
}
