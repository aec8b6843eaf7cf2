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

/* ---- a kept connection: E7 ---- */

/* The cells of one front and transport, with the client that the front is, or a duplex one behind a gateway. */
struct group {
    const struct rig_front *front;
    bool tcp, chunked;
};

static const struct cell *cell_of(const struct cell *cells, size_t count, const struct group *group,
                                  const char *backend, uint64_t size)
{
    for (size_t i = 0; i < count; i++) {
        const struct rig_case *it = &cells[i].situation;
        if (it->front == group->front && it->transport->tcp == group->tcp && it->chunked == group->chunked &&
            cells[i].size == size && strcmp(cells[i].backend, backend) == 0 &&
            (it->front->client || strcmp(cells[i].client, "duplex") == 0)) {
            return &cells[i];
        }
    }
    return NULL;
}

static bool needs_share(const struct cell *cell)
{
    struct rig_fate fate = cell_predict(cell);
    return fate.desynchronised && !rig_fate_sure(&fate);
}

static int check_kept(const struct cell *cells, size_t count, const struct group *group, int *checked)
{
    static const uint64_t sizes[4] = {RIG_KIB, 64 * RIG_KIB, RIG_MIB, 16 * RIG_MIB};
    const struct rig_front *front = group->front;
    const char *said = (group->chunked ? front->share_kept_chunked : front->share_kept)[group->tcp];
    const struct cell *seen[4];
    bool needed = said != NULL && strncmp(said, "not measured", 12) != 0, all = true;
    for (size_t i = 0; i < 4; i++) {
        seen[i] = cell_of(cells, count, group, "E7", sizes[i]);
        all = all && seen[i] != NULL;
        needed = needed || (seen[i] && needs_share(seen[i]));
    }
    if (!needed) {
        return 0;
    }
    char text[128] = "not all of its sizes";
    if (all) {
        (void)snprintf(text, sizeof text, "%d of %d at 1 KiB, %d at 64 KiB, %d at 1 MiB, %d at 16 MiB", seen[0]->lost,
                       seen[0]->n, seen[1]->lost, seen[2]->lost, seen[3]->lost);
    }
    char own[160];
    (void)snprintf(own, sizeof own, "%.*s", said ? (int)strcspn(said, ";") : 0, said ? said : "");
    (*checked)++;
    return differs(front->title, own, text);
}

int check_kept_shares(const struct cell *cells, size_t count)
{
    int mistakes = 0, checked = 0;
    for (size_t i = 0; i < RIG_FRONT_COUNT; i++) {
        for (unsigned flags = 0; flags < 4; flags++) {
            struct group group = {&rig_front_table[i], (flags & 1) != 0, (flags & 2) != 0};
            mistakes += check_kept(cells, count, &group, &checked);
        }
    }
    printf("shares of kept connections: of %d, %d differ\n", checked, mistakes);
    return mistakes + (checked < 20);
}

/* ---- closed ---- */

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
