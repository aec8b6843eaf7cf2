/* What the compiler cannot guess. The path of a request is about as large as the cache of instructions: what hardly any
 * request does goes out of its function, out of the lines of that cache. Worth a word only on that path. */
#ifndef RIG_HTTP_RARE_H
#define RIG_HTTP_RARE_H

/* Kept out of line, so that the path itself saves no registers for it, and what leads to it with it. */
#define RIG_COLD __attribute__((noinline, cold))
/* The same for what is not so rare: a cold function is made small, its memset and memcpy slow (`rep stos`). */
#define RIG_APART __attribute__((noinline))

#define RIG_LIKELY(condition_) __builtin_expect(!!(condition_), 1)
#define RIG_UNLIKELY(condition_) __builtin_expect(!!(condition_), 0)

/* Does nothing. By the call gcc knows that what follows it is cold. */
RIG_COLD void rig_rarely(void);
/* Unlikely, and what follows is cold: it goes to the function's end. */
#ifdef __clang__ /* it lays code out by what is expected alone, and a call would be one more place of its coverage */
#define RIG_RARE(condition_) RIG_UNLIKELY(condition_)
#else
#define RIG_RARE(condition_) (RIG_UNLIKELY(condition_) && (rig_rarely(), 1))
#endif

#endif
