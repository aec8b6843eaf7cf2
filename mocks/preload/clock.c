/* libstackrig-clock.so: in a request of a rig's client it is that client's time, and sleeping moves it. See
 * stackrig/preload.h. */
#define _GNU_SOURCE

#include "harness/core/gate.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/select.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define SECOND 1000000000
#define SOURCES 4

/* ---- whose clock ---- */

typedef int64_t *source_fn(void);
static _Atomic(source_fn *) sources[SOURCES]; /* a program may hold two copies of the rig: its own, and a stack's */

void rig_preload_clock_source(source_fn *clock)
{
    for (size_t i = 0; i < SOURCES; i++) {
        source_fn *there = NULL;
        if (atomic_compare_exchange_strong(&sources[i], &there, clock) || there == clock) {
            return;
        }
    }
}

/* NULL: the real one. */
static int64_t *clock_here(void)
{
    for (size_t i = 0; i < SOURCES; i++) {
        source_fn *source = atomic_load_explicit(&sources[i], memory_order_acquire);
        int64_t *now = source ? source() : NULL;
        if (now || !source) {
            return now;
        }
    }
    return NULL;
}

/* The function that stands behind, found once. */
static void *behind(_Atomic(void *) *function, const char *name)
{
    void *symbol = atomic_load_explicit(function, memory_order_acquire);
    if (!symbol) {
        symbol = dlsym(RTLD_NEXT, name);
        atomic_store_explicit(function, symbol, memory_order_release);
    }
    return symbol;
}

/* Calls the next definition of a function: PASS_ON(int, (struct timespec *, int), "timespec_get", (spec, base)). */
#define PASS_ON(type_, parameters_, name_, arguments_)    \
    do {                                                  \
        static _Atomic(void *) function_;                 \
        type_(*next_) parameters_;                        \
        void *symbol_ = behind(&function_, name_);        \
        memcpy((void *)&next_, &symbol_, sizeof symbol_); \
        return next_ arguments_;                          \
    } while (0)

/* libc calls them all __s.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

/* ---- reading it ---- */

static struct timespec in_seconds(int64_t ns)
{
    int64_t rest = ns % SECOND, seconds = ns / SECOND;
    if (rest < 0) {
        rest += SECOND;
        seconds--;
    }
    return (struct timespec){.tv_sec = (time_t)seconds, .tv_nsec = (long)rest};
}

static bool is_wall(clockid_t id)
{
    switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_REALTIME_ALARM:
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
    case CLOCK_BOOTTIME_ALARM:
    case CLOCK_TAI:
        return true;
    default: /* of a process, a thread, a device */
        return false;
    }
}

EXPORT time_t time(time_t *seconds)
{
    const int64_t *now = clock_here();
    if (!now) {
        PASS_ON(time_t, (time_t *), "time", (seconds));
    }
    time_t whole = in_seconds(*now).tv_sec;
    if (seconds) {
        *seconds = whole;
    }
    return whole;
}

EXPORT int gettimeofday(struct timeval *restrict value, void *restrict zone)
{
    const int64_t *now = clock_here();
    if (!now) {
        PASS_ON(int, (struct timeval *, void *), "gettimeofday", (value, zone));
    }
    struct timespec spec = in_seconds(*now);
    *value = (struct timeval){.tv_sec = spec.tv_sec, .tv_usec = spec.tv_nsec / 1000};
    if (zone) {
        memset(zone, 0, sizeof(struct timezone));
    }
    return 0;
}

EXPORT int clock_gettime(clockid_t id, struct timespec *spec)
{
    const int64_t *now = is_wall(id) ? clock_here() : NULL;
    if (!now) {
        PASS_ON(int, (clockid_t, struct timespec *), "clock_gettime", (id, spec));
    }
    *spec = in_seconds(*now);
    return 0;
}

EXPORT int timespec_get(struct timespec *spec, int base)
{
    const int64_t *now = base == TIME_UTC ? clock_here() : NULL;
    if (!now) {
        PASS_ON(int, (struct timespec *, int), "timespec_get", (spec, base));
    }
    *spec = in_seconds(*now);
    return base;
}

/* ---- moving it ---- */

/* What does not fit is for ever. */
static int64_t in_ns(int64_t seconds, int64_t ns)
{
    int64_t total;
    return __builtin_mul_overflow(seconds, (int64_t)SECOND, &total) || __builtin_add_overflow(total, ns, &total)
               ? INT64_MAX
               : total;
}

static void move(int64_t *now, int64_t ns)
{
    if (__builtin_add_overflow(*now, ns, now)) {
        *now = INT64_MAX;
    }
}

static bool is_span(const struct timespec *spec)
{
    return spec->tv_sec >= 0 && spec->tv_nsec >= 0 && spec->tv_nsec < SECOND;
}

EXPORT int nanosleep(const struct timespec *span, struct timespec *left)
{
    int64_t *now = clock_here();
    if (!now) {
        PASS_ON(int, (const struct timespec *, struct timespec *), "nanosleep", (span, left));
    }
    if (!is_span(span)) {
        errno = EINVAL;
        return -1;
    }
    move(now, in_ns(span->tv_sec, span->tv_nsec));
    return 0;
}

/* The clocks that one can sleep by. */
static bool is_for_sleep(clockid_t id)
{
    return id == CLOCK_REALTIME || id == CLOCK_MONOTONIC || id == CLOCK_BOOTTIME || id == CLOCK_TAI;
}

EXPORT int clock_nanosleep(clockid_t id, int flags, const struct timespec *span, struct timespec *left)
{
    int64_t *now = is_for_sleep(id) ? clock_here() : NULL;
    if (!now) {
        PASS_ON(int, (clockid_t, int, const struct timespec *, struct timespec *), "clock_nanosleep",
                (id, flags, span, left));
    }
    if (!is_span(span)) {
        return EINVAL;
    }
    int64_t ns = in_ns(span->tv_sec, span->tv_nsec);
    if (!(flags & TIMER_ABSTIME)) {
        move(now, ns);
    } else if (ns > *now) {
        *now = ns;
    }
    return 0;
}

EXPORT int usleep(useconds_t microseconds)
{
    int64_t *now = clock_here();
    if (!now) {
        PASS_ON(int, (useconds_t), "usleep", (microseconds));
    }
    move(now, (int64_t)microseconds * 1000);
    return 0;
}

EXPORT unsigned sleep(unsigned seconds)
{
    int64_t *now = clock_here();
    if (!now) {
        PASS_ON(unsigned, (unsigned), "sleep", (seconds));
    }
    move(now, in_ns(seconds, 0));
    return 0;
}

EXPORT int thrd_sleep(const struct timespec *span, struct timespec *left)
{
    int64_t *now = clock_here();
    if (!now) {
        PASS_ON(int, (const struct timespec *, struct timespec *), "thrd_sleep", (span, left));
    }
    if (!is_span(span)) {
        return -2;
    }
    move(now, in_ns(span->tv_sec, span->tv_nsec));
    return 0;
}

/* With nothing to wait for they only sleep. */
EXPORT int poll(struct pollfd *descriptors, nfds_t count, int milliseconds)
{
    int64_t *now = count == 0 && milliseconds >= 0 ? clock_here() : NULL;
    if (!now) {
        PASS_ON(int, (struct pollfd *, nfds_t, int), "poll", (descriptors, count, milliseconds));
    }
    move(now, (int64_t)milliseconds * 1000000);
    return 0;
}

EXPORT int select(int count, fd_set *restrict in, fd_set *restrict out, fd_set *restrict except,
                  struct timeval *restrict span)
{
    int64_t *now = count == 0 && span && span->tv_sec >= 0 && span->tv_usec >= 0 ? clock_here() : NULL;
    if (!now) {
        PASS_ON(int, (int, fd_set *, fd_set *, fd_set *, struct timeval *), "select", (count, in, out, except, span));
    }
    move(now, in_ns(span->tv_sec, span->tv_usec * 1000));
    *span = (struct timeval){0}; /* as Linux does it */
    return 0;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
