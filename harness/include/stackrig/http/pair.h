/* A name and its value, as they stand in somebody else's text. */
#ifndef STACKRIG_HTTP_PAIR_H
#define STACKRIG_HTTP_PAIR_H

#include <stackrig/base.h>

/* Pieces of the text that was given, nothing decoded. value.data NULL: a name without "=". */
struct rig_pair {
    struct rig_slice name, value;
};

/* Return 0 to go on; anything else ends the walk and is returned by it. */
typedef int rig_pair_fn(void *closure, struct rig_pair pair);

#endif
