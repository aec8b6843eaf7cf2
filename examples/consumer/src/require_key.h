/* A layer that lets pass who sends the key in X-Api-Key. Others get 401, their body drained first. */
#ifndef REQUIRE_KEY_H
#define REQUIRE_KEY_H

#include <stackrig/stackrig.h>

struct require_key_options {
    const char *key; /* outlives the stack; not empty */
};

extern const struct rig_middleware require_key;

/* The whole stack: require_key before an app that answers 200 with the number of body bytes. 0, or -errno. */
int build_items(struct rig_stack *stack, const char *key);

#endif
