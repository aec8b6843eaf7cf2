/* Which front, transport and engine stood together: the model's own list against the cells. */
#include "tests/conformance/early_response/check.h"

#include <string.h>

#define COUNT ((size_t)RIG_FRONT_COUNT * RIG_TRANSPORT_COUNT * RIG_ENGINE_COUNT)

static size_t place_of(const struct rig_case *it, const struct rig_engine *engine)
{
    return ((size_t)(it->front - rig_front_table) * RIG_TRANSPORT_COUNT +
            (size_t)(it->transport - rig_transport_table)) *
               RIG_ENGINE_COUNT +
           (size_t)(engine - rig_engine_table);
}

int check_together(const struct cell *cells, size_t count)
{
    static bool seen[COUNT];
    int mistakes = 0, together = 0;
    for (size_t i = 0; i < count; i++) {
        const struct rig_case *it = &cells[i].situation;
        seen[place_of(it, it->engine)] = true;
        /* the same on the wire: what reads nothing or all, and what has read all */
        if (it->engine == RIG_ENGINE(PLAIN) || it->engine == RIG_ENGINE(DRAINS)) {
            seen[place_of(it, it->engine == RIG_ENGINE(PLAIN) ? RIG_ENGINE(REWINDABLE) : RIG_ENGINE(BUFFERED))] = true;
        }
    }
    for (size_t i = 0; i < COUNT; i++) {
        const struct rig_engine *engine = &rig_engine_table[i % RIG_ENGINE_COUNT];
        const struct rig_transport *transport = &rig_transport_table[i / RIG_ENGINE_COUNT % RIG_TRANSPORT_COUNT];
        const struct rig_front *front = &rig_front_table[i / RIG_ENGINE_COUNT / RIG_TRANSPORT_COUNT];
        bool claimed = rig_parts_measured(front, transport, engine), fits = rig_parts_fit(front, engine);
        if (claimed != seen[i] || (claimed && !fits)) {
            printf("%s:%s%s%s:%s+%s: %s\n", front->name, front->protocol, front->option ? ":" : "",
                   front->option ? front->option : "", transport->name, engine->name,
                   !fits     ? "measured, and it does not fit"
                   : claimed ? "not measured, though the model says so"
                             : "measured, and the model does not know");
            mistakes++;
        }
        together += seen[i];
    }
    printf("fronts, transports and engines that stood together: %d\n", together);
    return mistakes;
}
