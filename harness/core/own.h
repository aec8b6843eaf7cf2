/* Memory that is the rig's though it does not come from a client's allocator: that of doubles. */
#ifndef STACKRIG_CORE_OWN_H
#define STACKRIG_CORE_OWN_H

#include <stdbool.h>

/* From now on, or no longer, this thread allocates for the rig. Returns what was so before. */
bool rig_memory_own(bool on);

#endif
