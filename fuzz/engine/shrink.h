/* An input as small as it can be: without operations, then without bytes of its literals. */
#ifndef STACKRIG_FUZZ_SHRINK_H
#define STACKRIG_FUZZ_SHRINK_H

#include <stddef.h>

#define RIG_FUZZ_INPUT_MAX 16384 /* of a seed */

struct rig_fuzz_input {
    size_t size;
    unsigned char bytes[RIG_FUZZ_INPUT_MAX];
};

void rig_fuzz_copy_input(struct rig_fuzz_input *to, const struct rig_fuzz_input *from);

/* Is it still what it was? 1 or 0; negative: no more is tried. */
typedef int rig_fuzz_keeps_fn(void *closure, const struct rig_fuzz_input *less);

/* In place: whole operations go while one can; then bytes of literals, of which at most so many smaller ones are tried.
 * 0, or what is negative of keeps. */
int rig_fuzz_shrink(struct rig_fuzz_input *input, unsigned tries, rig_fuzz_keeps_fn *keeps, void *closure);

#endif
