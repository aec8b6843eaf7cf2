#ifndef IN_HOUSE_ADAPTER_H
#define IN_HOUSE_ADAPTER_H

#include "chain.h"

#include <stackrig/stack.h>

/* The chain as an app of the rig; it must outlive it. */
struct rig_app in_house_app(const struct entry *chain);

#endif
