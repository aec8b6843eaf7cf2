/* Changes a scenario's bytes: half the time by whole operations, a quarter by the fuzzer's own change of one literal, a
 * quarter by that of any of them. Without such a one a quarter is ours (change.h), of a literal that is there. A bonus:
 * fuzzers that do not call it change bytes. */
#ifndef STACKRIG_FUZZ_MUTATE_H
#define STACKRIG_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/* The fuzzer's own, for bytes; NULL: there is none. */
typedef size_t rig_fuzz_bytes_fn(uint8_t *data, size_t size, size_t max_size);

/* In place: the new size, at most max_size. The same seed makes the same of the same, if bytes does. */
size_t rig_fuzz_mutate(uint8_t *data, size_t size, size_t max_size, uint64_t seed, rig_fuzz_bytes_fn *bytes);
/* Operations of the one, and behind them operations of the other: the size of out. */
size_t rig_fuzz_cross(const uint8_t *one, size_t one_size, const uint8_t *two, size_t two_size, uint8_t *out,
                      size_t max_size, uint64_t seed);

#endif
