/* The change of a literal's bytes where there is no fuzzer's own: by stackrig fuzz and AFL++'s mutator. */
#ifndef STACKRIG_FUZZ_CHANGE_H
#define STACKRIG_FUZZ_CHANGE_H

#include <stddef.h>
#include <stdint.h>

/* In place: half the time a value between delimiters, as of a query, a form, JSON or a cookie, becomes one that its
 * reader may take amiss; else bytes change, go or come again. The new size, at most max_size; dice: rig_dice's. */
size_t rig_fuzz_change_bytes(uint8_t *bytes, size_t size, size_t max_size, uint64_t *dice);

#endif
