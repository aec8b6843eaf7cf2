/* Chance that a seed decides: splitmix64. */
#ifndef HARNESS_CORE_DICE_H
#define HARNESS_CORE_DICE_H

#include <stdint.h>

/* Any seed will do; the same one gives the same numbers, none twice in 2^64. */
static inline uint64_t rig_dice(uint64_t *seed)
{
    uint64_t mixed = *seed += UINT64_C(0x9E3779B97F4A7C15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ mixed >> 31;
}

#endif
