#include "fuzz/engine/shrink.h"

#include "fuzz/driver/literal.h"
#include "fuzz/scenario/scenario.h"

struct shrinking {
    struct rig_fuzz_input *input, less;
    rig_fuzz_keeps_fn *keeps;
    void *closure;
    unsigned tries; /* of bytes, that are left */
    bool changed;
    int error;
};

/* Without the room behind it. */
void rig_fuzz_copy_input(struct rig_fuzz_input *to, const struct rig_fuzz_input *from)
{
    to->size = from->size;
    memcpy(to->bytes, from->bytes, from->size);
}

/* The input with other bytes in the place of [begin, end): is it kept? */
static bool try_other(struct shrinking *it, size_t begin, size_t end, const void *with, size_t size)
{
    const struct rig_fuzz_input *input = it->input;
    memcpy(it->less.bytes, input->bytes, begin);
    memcpy(it->less.bytes + begin, with, size);
    memcpy(it->less.bytes + begin + size, input->bytes + end, input->size - end);
    it->less.size = input->size - (end - begin) + size;
    int kept = it->keeps(it->closure, &it->less);
    it->error = kept < 0 ? kept : 0;
    if (kept > 0) {
        rig_fuzz_copy_input(it->input, &it->less);
        it->changed = true;
    }
    return kept > 0;
}

/* Where an operation begins. */
static size_t begin_of(const struct rig_fuzz_input *input, size_t op)
{
    size_t at = 0;
    while (op-- > 0 && at < input->size) {
        at += rig_fuzz_op_size(input->bytes + at, input->size - at);
    }
    return at;
}

static size_t count_ops(const struct rig_fuzz_input *input)
{
    size_t ops = 0;
    for (size_t at = 0; at < input->size; ops++) {
        at += rig_fuzz_op_size(input->bytes + at, input->size - at);
    }
    return ops;
}

/* Until none can go, the last first. */
static void without_ops(struct shrinking *it)
{
    for (it->changed = true; it->changed && it->error == 0;) {
        it->changed = false;
        for (size_t op = count_ops(it->input); op-- > 0 && it->error == 0;) {
            size_t begin = begin_of(it->input, op), rest = it->input->size - begin;
            (void)try_other(it, begin, begin + rig_fuzz_op_size(it->input->bytes + begin, rest), "", 0);
        }
    }
}

/* Without one piece of its bytes. */
static bool try_literal(struct shrinking *it, size_t begin, size_t size, size_t from, size_t piece)
{
    uint8_t bytes[RIG_FUZZ_LITERAL_MAX], op[RIG_FUZZ_LITERAL_OP_MAX] = {it->input->bytes[begin]};
    size_t count = rig_fuzz_read_literal(it->input->bytes + begin, size, bytes);
    memmove(bytes + from, bytes + from + piece, count - from - piece);
    it->tries--;
    return try_other(it, begin, begin + size, op, rig_fuzz_write_literal(op, bytes, count - piece));
}

/* Halves, quarters, and so on to single bytes. */
static void shrink_literal(struct shrinking *it, size_t begin)
{
    size_t size = rig_fuzz_op_size(it->input->bytes + begin, it->input->size - begin);
    if (!rig_fuzz_op_is_literal(it->input->bytes[begin]) || size > RIG_FUZZ_LITERAL_MAX) {
        return;
    }
    uint8_t bytes[RIG_FUZZ_LITERAL_MAX];
    size_t count = rig_fuzz_read_literal(it->input->bytes + begin, size, bytes);
    for (size_t piece = count; piece > 0; piece /= 2) {
        for (size_t from = 0; from + piece <= count && it->tries > 0 && it->error == 0;) {
            if (try_literal(it, begin, size, from, piece)) {
                count -= piece;
                size = rig_fuzz_op_size(it->input->bytes + begin, it->input->size - begin);
            } else {
                from += piece;
            }
        }
    }
}

int rig_fuzz_shrink(struct rig_fuzz_input *input, unsigned tries, rig_fuzz_keeps_fn *keeps, void *closure)
{
    struct shrinking it = {.input = input, .keeps = keeps, .closure = closure, .tries = tries};
    without_ops(&it);
    it.changed = false;
    for (size_t op = count_ops(input); op-- > 0;) {
        shrink_literal(&it, begin_of(input, op));
    }
    if (it.changed) { /* what was needed for those bytes alone */
        without_ops(&it);
    }
    return it.error;
}
