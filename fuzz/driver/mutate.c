#include "fuzz/driver/mutate.h"

#include "fuzz/driver/change.h"
#include "fuzz/driver/literal.h"
#include "fuzz/scenario/scenario.h"
#include "harness/core/dice.h"

#include <string.h>

#define OPS_MAX 4096

struct dice {
    uint64_t state;
};

static unsigned roll(struct dice *dice, size_t sides)
{
    return (unsigned)(rig_dice(&dice->state) % (sides > 0 ? sides : 1));
}

/* Where each operation begins, and where the last ends. */
static size_t find_ops(const uint8_t *data, size_t size, size_t starts[OPS_MAX + 1])
{
    size_t count = 0, at = 0;
    while (at < size && count < OPS_MAX) {
        starts[count++] = at;
        at += rig_fuzz_op_size(data + at, size - at);
    }
    starts[count] = at;
    return count;
}

static size_t insert(uint8_t *data, size_t size, size_t max_size, size_t at, const uint8_t *more, size_t more_size)
{
    if (more_size > max_size - size) {
        return size;
    }
    memmove(data + at + more_size, data + at, size - at);
    memcpy(data + at, more, more_size);
    return size + more_size;
}

/* Most words have no token of their own: as often as one that has, one of all. */
static unsigned roll_token(struct dice *dice)
{
    return roll(dice, 2) == 0 ? RIG_FUZZ_TOKEN_BYTE : roll(dice, RIG_FUZZ_TOKEN_BYTE);
}

/* A fresh operation: mostly of a word, for these build a request. */
static size_t make_op(struct dice *dice, uint8_t op[16])
{
    static const uint8_t likely[] = {RIG_FUZZ_OP_METHOD, RIG_FUZZ_OP_TARGET,    RIG_FUZZ_OP_TWIST, RIG_FUZZ_OP_QUERY,
                                     RIG_FUZZ_OP_HEADER, RIG_FUZZ_OP_VALUE,     RIG_FUZZ_OP_VALUE, RIG_FUZZ_OP_BODY,
                                     RIG_FUZZ_OP_AS,     RIG_FUZZ_OP_AS,        RIG_FUZZ_OP_NEXT,  RIG_FUZZ_OP_FRAME,
                                     RIG_FUZZ_OP_SPOIL,  RIG_FUZZ_OP_PIECES,    RIG_FUZZ_OP_FAULT, RIG_FUZZ_OP_GONE,
                                     RIG_FUZZ_OP_SET,    RIG_FUZZ_OP_CONNECTION};
    unsigned kind = likely[roll(dice, sizeof likely)];
    bool worded =
        kind <= RIG_FUZZ_OP_BODY && kind != RIG_FUZZ_OP_TWIST && kind != RIG_FUZZ_OP_SPOIL && kind != RIG_FUZZ_OP_AS;
    op[0] = (uint8_t)(kind << 4 | (worded ? roll_token(dice) : roll(dice, 15)));
    for (unsigned i = 1; i < 16; i++) {
        op[i] = (uint8_t)roll(dice, 256);
    }
    if (kind == RIG_FUZZ_OP_BODY && roll(dice, 8) == 0) { /* any bytes */
        op[0] |= RIG_FUZZ_TOKEN_LITERAL;
        op[1] = (uint8_t)(1 + roll(dice, 14));
    }
    if (kind == RIG_FUZZ_OP_FAULT && roll(dice, 2) == 0) { /* few bodies take more reads than that */
        op[1] &= 0x83;
    }
    return rig_fuzz_op_size(op, 16);
}

/* One that belongs to the operation before it, at its end; *at moves behind it. */
static size_t insert_behind(uint8_t *data, size_t size, size_t max_size, size_t *at, uint8_t op[2])
{
    size_t more = rig_fuzz_op_size(op, 2), grown = insert(data, size, max_size, *at, op, more);
    *at += grown - size;
    return grown;
}

/* A header's value: a word, or one of its kind. */
static size_t insert_value(uint8_t *data, size_t size, size_t max_size, size_t *at, struct dice *dice)
{
    uint8_t op[2] = {(uint8_t)(RIG_FUZZ_OP_VALUE << 4 | roll_token(dice)), (uint8_t)roll(dice, 256)};
    if (roll(dice, 2) == 0) {
        op[0] = (uint8_t)(RIG_FUZZ_OP_SPOIL << 4 | (RIG_FUZZ_SPOIL_TYPICAL + roll(dice, RIG_FUZZ_TYPICAL_VALUES)));
    }
    return insert_behind(data, size, max_size, at, op);
}

/* A header comes with a value, and now and then with the next one of the table: those of a kind stand together there. A
 * body half the time comes with a Content-Type, or is cut off. */
static size_t insert_fresh(uint8_t *data, size_t size, size_t max_size, size_t at, struct dice *dice)
{
    static const uint8_t bodies[] = {RIG_FUZZ_SET_KIND, RIG_FUZZ_SET_KIND + 1, RIG_FUZZ_SET_KIND + 2,
                                     RIG_FUZZ_SET_BODY_CUT, RIG_FUZZ_SET_BODY_HALF};
    uint8_t op[16];
    size_t fresh = make_op(dice, op), old = size;
    unsigned kind = op[0] >> 4;
    size = insert(data, size, max_size, at, op, fresh);
    if (size == old) {
        return size;
    }
    at += fresh;
    if (kind == RIG_FUZZ_OP_BODY && roll(dice, 2) == 0) {
        op[0] = (uint8_t)(RIG_FUZZ_OP_SET << 4 | bodies[roll(dice, sizeof bodies)]);
        size = insert_behind(data, size, max_size, &at, op);
    }
    if (kind == RIG_FUZZ_OP_HEADER) {
        uint8_t next[2] = {(uint8_t)(op[0] + ((op[0] & 15) < RIG_FUZZ_TOKEN_BYTE - 1)), (uint8_t)(op[1] + 1)};
        size = insert_value(data, size, max_size, &at, dice);
        if (roll(dice, 4) == 0) {
            size = insert_behind(data, size, max_size, &at, next);
            size = insert_value(data, size, max_size, &at, dice);
        }
    }
    return size;
}

static size_t change_ops(uint8_t *data, size_t size, size_t max_size, struct dice *dice)
{
    size_t starts[OPS_MAX + 1], count = find_ops(data, size, starts);
    size_t one = roll(dice, count + 1), begin = starts[one], end = one < count ? starts[one + 1] : begin;
    uint8_t copy[256];
    switch (count > 0 ? roll(dice, 8) : 0) {
    case 1: /* without one */
        memmove(data + begin, data + end, size - end);
        return size - (end - begin);
    case 2: /* one again, elsewhere */
        if (end - begin > sizeof copy) {
            return size;
        }
        memcpy(copy, data + begin, end - begin);
        return insert(data, size, max_size, starts[roll(dice, count + 1)], copy, end - begin);
    case 3: /* another word */
        if (one < count) {
            data[begin] = (uint8_t)((data[begin] & 0xf0) | roll(dice, 15));
        }
        return size;
    case 4: /* the request again, another's credentials */
        copy[0] = (uint8_t)(RIG_FUZZ_OP_NEXT << 4 | (1 + roll(dice, 2)));
        copy[1] = (uint8_t)(RIG_FUZZ_OP_AS << 4 | roll(dice, RIG_FUZZ_CLASSES));
        return insert(data, size, max_size, size, copy, 1 + roll(dice, 2));
    case 5: /* one into the place of another */
        if (one < count && count > 1) {
            size_t two = roll(dice, count), two_size = starts[two + 1] - starts[two];
            if (two_size == end - begin && two_size <= sizeof copy) {
                memcpy(copy, data + begin, two_size);
                memmove(data + begin, data + starts[two], two_size);
                memcpy(data + starts[two], copy, two_size);
            }
        }
        return size;
    default:
        return insert_fresh(data, size, max_size, begin, dice);
    }
}

/* ---- the bytes of one literal ---- */

/* Where a literal begins that was picked, of all with the same chance; size: there is none. */
static size_t pick_literal(const uint8_t *data, size_t size, struct dice *dice)
{
    size_t found = size;
    unsigned count = 0;
    for (size_t at = 0, taken; at < size; at += taken) {
        taken = rig_fuzz_op_size(data + at, size - at);
        found = rig_fuzz_op_is_literal(data[at]) && roll(dice, ++count) == 0 ? at : found;
    }
    return found;
}

/* The fuzzer's own change of it, or ours; where there is no literal, of a fresh one. */
static size_t change_literal(uint8_t *data, size_t size, size_t max_size, struct dice *dice, rig_fuzz_bytes_fn *change)
{
    static const uint8_t fresh[] = {RIG_FUZZ_OP_TARGET, RIG_FUZZ_OP_QUERY, RIG_FUZZ_OP_VALUE, RIG_FUZZ_OP_BODY};
    uint8_t bytes[RIG_FUZZ_LITERAL_MAX], op[RIG_FUZZ_LITERAL_OP_MAX];
    size_t begin = pick_literal(data, size, dice), taken = 0, count = 0;
    op[0] = (uint8_t)(fresh[roll(dice, sizeof fresh)] << 4 | RIG_FUZZ_TOKEN_LITERAL);
    if (begin < size) {
        taken = rig_fuzz_op_size(data + begin, size - begin);
        op[0] = data[begin];
    } else {
        size_t starts[OPS_MAX + 1], ops = find_ops(data, size, starts);
        begin = starts[roll(dice, ops + 1)];
    }
    size_t room = max_size - (size - taken); /* for all of the operation, */
    if (taken > RIG_FUZZ_LITERAL_MAX || room < 3) {
        return size;
    }
    room -= 2 + room / UINT8_MAX; /* for its bytes, with a number before each 255 of them */
    room = room < RIG_FUZZ_LITERAL_MAX ? room : RIG_FUZZ_LITERAL_MAX;
    count = taken > 0 ? rig_fuzz_read_literal(data + begin, taken, bytes) : 0;
    count = count < room ? count : room;
    count = change ? change(bytes, count, room) : rig_fuzz_change_bytes(bytes, count, room, &dice->state);
    size_t grown = rig_fuzz_write_literal(op, bytes, count);
    memmove(data + begin + grown, data + begin + taken, size - begin - taken);
    memcpy(data + begin, op, grown);
    return size - taken + grown;
}

static bool has_literal(const uint8_t *data, size_t size)
{
    size_t at = 0;
    while (at < size && !rig_fuzz_op_is_literal(data[at])) {
        at += rig_fuzz_op_size(data + at, size - at);
    }
    return at < size;
}

size_t rig_fuzz_mutate(uint8_t *data, size_t size, size_t max_size, uint64_t seed, rig_fuzz_bytes_fn *bytes)
{
    struct dice dice = {seed};
    unsigned way = bytes || has_literal(data, size) ? roll(&dice, 4) : 4;
    if (bytes && way == 0) { /* what stands in no literal, too: which word, which read of a body fails */
        return bytes(data, size, max_size);
    }
    if (way == 1) {
        return change_literal(data, size, max_size, &dice, bytes);
    }
    for (unsigned i = 0, times = 1 + roll(&dice, 4); i < times; i++) {
        size = change_ops(data, size, max_size, &dice);
    }
    return size;
}

size_t rig_fuzz_cross(const uint8_t *one, size_t one_size, const uint8_t *two, size_t two_size, uint8_t *out,
                      size_t max_size, uint64_t seed)
{
    static _Thread_local size_t starts[OPS_MAX + 1];
    struct dice dice = {seed};
    size_t count = find_ops(one, one_size, starts), head = starts[roll(&dice, count + 1)];
    head = head < max_size ? head : max_size;
    memcpy(out, one, head);
    count = find_ops(two, two_size, starts);
    size_t begin = starts[roll(&dice, count + 1)], tail = two_size - begin;
    tail = tail < max_size - head ? tail : max_size - head;
    memcpy(out + head, two + begin, tail);
    return head + tail;
}
