/* What the compiler cannot guess. The path of a request is about as large as the cache of instructions: what hardly any
 * request does goes out of its function, out of the lines of that cache. Worth a word only on that path. */
#ifndef RIG_HTTP_RARE_H
#define RIG_HTTP_RARE_H

/* Does nothing. By the call gcc knows that what follows it is cold. */
__attribute__((noinline, cold)) void rig_rarely(void);

#define RIG_RARE(condition_) (__builtin_expect(!!(condition_), 0) && (rig_rarely(), 1))
#define RIG_USUAL(condition_) __builtin_expect(!!(condition_), 1)

#endif
