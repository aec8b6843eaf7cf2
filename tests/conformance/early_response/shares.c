/* "up to 19 of 20 at 64 KiB, ...": what the fronts say against the most that was lost in any run. */
#include "tests/conformance/early_response/check.h"

#include <string.h>

typedef int worst_fn(const char *front, const char *backend, uint64_t size);

static int worst_of(worst_fn *worst, const char *front, const char *const *backends, uint64_t size)
{
    int most = 0;
    for (; *backends; backends++) {
        int lost = worst(front, *backends, size);
        most = lost > most ? lost : most;
    }
    return most;
}

static int differs(const char *front, const char *said, const char *seen)
{
    if (said && strcmp(said, seen) == 0) {
        return 0;
    }
    printf("shares: %s says \"%s\", seen: %s\n", front, said ? said : "nothing", seen);
    return 1;
}

/* Where a body that fits the first flight can be lost: over either transport, and settled too. */
static int small_worst(worst_fn *worst, const struct rig_front *front)
{
    static const char *const backends[] = {"E3", "E3d", "E3s", "E4", NULL};
    static const uint64_t sizes[] = {0, 1, RIG_KIB};
    const struct rig_front *other;
    const struct rig_transport *transport;
    const char *recorded;
    int most = 0;
    for (size_t i = 0; (recorded = cell_front(i, &other, &transport)) != NULL; i++) {
        for (size_t k = 0; other == front && k < 3; k++) {
            int lost = worst_of(worst, recorded, backends, sizes[k]);
            most = lost > most ? lost : most;
        }
    }
    return most;
}

int check_shares(worst_fn *worst)
{
    static const char *const backends[] = {"E3", "E3s", "E4", NULL};
    const struct rig_front *front;
    const struct rig_transport *transport;
    const char *recorded;
    char seen[96];
    int mistakes = 0, checked = 0;
    for (size_t i = 0; (recorded = cell_front(i, &front, &transport)) != NULL; i++) {
        int k64 = worst_of(worst, recorded, backends, 64 * RIG_KIB), m1 = worst_of(worst, recorded, backends, RIG_MIB);
        if (m1 == 0) { /* never lost, or not among the rows */
            continue;
        }
        checked++;
        (void)snprintf(seen, sizeof seen, "up to %d of 20 at 64 KiB, %d at 1 MiB, %d at 16 MiB", k64, m1,
                       worst_of(worst, recorded, backends, 16 * RIG_MIB));
        mistakes += differs(recorded, front->share[transport->tcp], seen);
        if (front->share_small && strncmp(front->share_small, "up to", 5) == 0) {
            (void)snprintf(seen, sizeof seen, "up to %d of 20", small_worst(worst, front));
            mistakes += differs(recorded, front->share_small, seen);
        }
    }
    printf("shares: of %d fronts, %d differ\n", checked, mistakes);
    return mistakes + (checked < 15);
}
