/* The time that really passes: for deadlines and rates, never for what a stack is told. */
#ifndef HARNESS_CORE_WALL_H
#define HARNESS_CORE_WALL_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds and milliseconds of the monotonic clock. */
static inline int64_t rig_wall_ns(void)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int64_t rig_wall_ms(void)
{
    return rig_wall_ns() / 1000000;
}

#endif
