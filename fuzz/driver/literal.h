/* The bytes of an operation that has them itself: behind its first byte, a number before each 255 of them. */
#ifndef STACKRIG_FUZZ_LITERAL_H
#define STACKRIG_FUZZ_LITERAL_H

#include <stddef.h>
#include <stdint.h>

#define RIG_FUZZ_LITERAL_MAX 4096 /* longer ones are left alone */
#define RIG_FUZZ_LITERAL_OP_MAX (1 + RIG_FUZZ_LITERAL_MAX + RIG_FUZZ_LITERAL_MAX / UINT8_MAX + 1)

/* Of an operation of that size, the bytes without their numbers: how many. */
size_t rig_fuzz_read_literal(const uint8_t *op, size_t size, uint8_t *bytes);
/* Behind the operation's first byte: its size. */
size_t rig_fuzz_write_literal(uint8_t *op, const uint8_t *bytes, size_t count);

#endif
