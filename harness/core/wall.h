/* The time that really passes: for deadlines and rates, never for what a stack is told. */
#ifndef HARNESS_CORE_WALL_H
#define HARNESS_CORE_WALL_H

#include <stdint.h>

/* Nanoseconds and milliseconds of the monotonic clock, whatever libstackrig-clock.so shows. */
int64_t rig_wall_ns(void);
int64_t rig_wall_ms(void);

#endif
