/* make speed: no profile costs more than LIMIT_PROFILE times what `memory` does. All take turns in every round, so that
 * a busy machine meets all of them; of each the lowest tenth, since whatever else runs can only add. Who is over the
 * limit gets another chance: noise passes. */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <string.h>

#define TURNS 500
#define ROUNDS 101
#define TRIES 3
#define PROFILES_MAX 32

struct profile {
    const char *name;
    struct rig_client *client;
    double ns[ROUNDS];
    double low;
};

static double one_run(struct rig_client *client)
{
    double start = now_ns();
    for (size_t turn = 0; turn < TURNS; turn++) {
        send_prepared(client);
    }
    return (now_ns() - start) / TURNS;
}

/* The most that any costs, times memory. */
static double measure(struct profile *profiles, size_t count)
{
    double memory = 0, most = 0;
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < count; i++) {
            profiles[i].ns[round] = one_run(profiles[i].client);
        }
    }
    for (size_t i = 0; i < count; i++) {
        sort(profiles[i].ns, ROUNDS);
        profiles[i].low = profiles[i].ns[ROUNDS / 10];
        memory = strcmp(profiles[i].name, "memory") == 0 ? profiles[i].low : memory;
    }
    for (size_t i = 0; i < count; i++) {
        double ratio = profiles[i].low / memory;
        printf("%-28s %6.0f ns %6.2f x memory%s\n", profiles[i].name, profiles[i].low, ratio,
               ratio > LIMIT_PROFILE ? "  OVER" : "");
        most = ratio > most ? ratio : most;
    }
    return most;
}

bool speed_of_profiles(void)
{
    static struct profile profiles[PROFILES_MAX];
    size_t count;
    const struct rig_server *const *servers = rig_servers(&count);
    struct rig_stack *stack = standard_stack(5, RIG_APP(standard_app));
    bool within = false;
    if (count > PROFILES_MAX) {
        give_up("more than %d profiles", PROFILES_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        profiles[i] = (struct profile){.name = servers[i]->name, .client = client_of(stack, servers[i], NULL)};
    }
    for (int attempt = 1; attempt <= TRIES && !within; attempt++) {
        printf("%zu profiles, the standard work, try %d of at most %d:\n", count, attempt, TRIES);
        double most = measure(profiles, count);
        within = most <= LIMIT_PROFILE;
        printf("at most %.2f x memory; the limit is %.2f\n", most, LIMIT_PROFILE);
    }
    for (size_t i = 0; i < count; i++) {
        rig_client_free(profiles[i].client);
    }
    rig_stack_free(stack);
    return within;
}
