/* Opening a target: its stack, its servers, its secrets, its words. */
#include "fuzz/target/target.h"

#include "harness/client/client.h"
#include "harness/core/stack.h"

#include <stackrig/servers.h>

#include <errno.h>
#include <stdio.h>

#define MEMORY_MAX ((uint64_t)1 << 30)

/* Has the stack a state that no reset puts back? What an app is given may be one, and apps have no reset. */
static bool has_state(const struct rig_stack *stack)
{
    const struct rig_stack *end = rig_fuzz_end_of(stack);
    bool state = stack->app.release || (stack->app.self && !end);
    for (size_t i = 0; i < stack->use_count; i++) {
        const struct rig_middleware *middleware = stack->uses[i]->middleware;
        state = state || (middleware->self_size > 0 && !middleware->reset);
    }
    for (const struct rig_stack *inner = stack->first_inner; inner && !state; inner = inner->next_inner) {
        state = has_state(inner);
    }
    return state || (end && end != stack && has_state(end));
}

/* With those that there are. */
static const char *refuse_profile(struct rig_fuzz_target *target, const char *name)
{
    size_t size = sizeof target->message;
    int used = snprintf(target->message, size, "there is no profile to fuzz named %.200s; there are %s", name,
                        rig_fuzz_server_names[0]);
    for (unsigned i = 1; i < RIG_FUZZ_SERVERS; i++) {
        used += snprintf(target->message + used, size - (size_t)used, "%s%s", i + 1 < RIG_FUZZ_SERVERS ? ", " : " and ",
                         rig_fuzz_server_names[i]);
    }
    return target->message;
}

static int find_servers(struct rig_fuzz_target *target, const char **why)
{
    target->table.servers = target->what->profiles[0] ? 0 : 1;
    for (size_t k = 0; k < RIG_FIELDS_MAX && target->what->profiles[k]; k++) {
        unsigned i = 0;
        while (i < RIG_FUZZ_SERVERS && strcmp(rig_fuzz_server_names[i], target->what->profiles[k]) != 0) {
            i++;
        }
        if (i == RIG_FUZZ_SERVERS) {
            *why = refuse_profile(target, target->what->profiles[k]);
            return -EINVAL;
        }
        target->table.servers |= 1u << i;
    }
    for (unsigned i = 0; i < RIG_FUZZ_SERVERS; i++) {
        target->servers[i] = rig_server_find(rig_fuzz_server_names[i]);
        if (!target->servers[i]) {
            int error = rig_server_compose(rig_fuzz_server_names[i], &target->composed[i]);
            if (error != 0) {
                return error;
            }
            target->servers[i] = &target->composed[i];
        }
    }
    return 0;
}

static int refuse_places(struct rig_fuzz_target *target, const char **why)
{
    const char *wrong = rig_fuzz_wrong_place(target->what);
    if (!wrong) {
        return 0;
    }
    (void)snprintf(target->message, sizeof target->message,
                   "credentials have a place named by a token of up to %d letters, not \"%.200s\"",
                   RIG_FUZZ_PLACE_NAME_MAX, wrong);
    *why = target->message;
    return -EINVAL;
}

void rig_fuzz_admit(struct rig_fuzz_table *table, struct rig_fuzz_scenario *scenario)
{
    if (scenario->server > 0) {
        table->servers |= 1u << scenario->server;
    }
    scenario->server = rig_fuzz_server_of(table, scenario->server);
    for (unsigned i = 0; i < RIG_FUZZ_NAMED; i++) {
        char *theirs = scenario->names.of[i], *ours = table->names.of[i];
        memcpy(*theirs ? ours : theirs, *theirs ? theirs : ours, sizeof scenario->names.of[i]);
    }
}

int rig_fuzz_begin(struct rig_fuzz_target *target)
{
    struct rig_fuzz_play play;
    int error = rig_fuzz_build(target, 0);
    if (error == 0) {
        target->anew = has_state(target->built[0].stack);
        error = rig_fuzz_learn(target);
    }
    target->knows_first = error == 0 && rig_fuzz_step(target, RIG_FUZZ_STEP_FIRST);
    error = target->knows_first ? rig_fuzz_play_first(target, &play, &target->first) : error;
    if (error == 0 && target->knows_first) {
        rig_fuzz_keep_first(&target->first_kept, play.results[0]);
    }
    const struct rig_client *client =
        error == 0 ? rig_fuzz_client(target, rig_fuzz_server_of(&target->table, 0)) : NULL;
    if (client) {
        rig_fuzz_armed_open(target, &client->runner);
    }
    rig_fuzz_forget(target);
    return error != 0 || client ? error : -ENOMEM;
}

int rig_fuzz_target_open(struct rig_fuzz_target *target, const struct rig_fuzz *what, uint64_t seed,
                         const struct rig_check_set *checks, void (*on_play)(void), const char **why)
{
    memset(target, 0, sizeof *target);
    target->what = what;
    target->checks = checks;
    target->on_play = on_play;
    *why = what->build ? NULL : "its RIG_FUZZ names no build function";
    if (!what->build) {
        return -EINVAL;
    }
    rig_memory_init(&target->memory, (struct rig_allocator){0}, MEMORY_MAX);
    rig_arena_init(&target->arena, &target->memory);
    rig_fuzz_credentials_make(&target->credentials, seed, what);
    rig_fuzz_names_of(what, &target->table.names);
    size_t settings = 0;
    while (settings < RIG_FIELDS_MAX && what->settings[settings].name) {
        settings++;
    }
    target->setup = (struct rig_setup){.seed = seed,
                                       .secrets = target->credentials.secrets,
                                       .secret_count = 2,
                                       .settings = what->settings,
                                       .setting_count = settings};
    int error = refuse_places(target, why);
    error = error ? error : find_servers(target, why);
    if (error == 0) {
        rig_fuzz_find_deadly(target);
        error = rig_fuzz_begin(target);
    }
    target->builds = target->build_ns = target->requests = 0;
    return error;
}

void rig_fuzz_target_close(struct rig_fuzz_target *target)
{
    for (unsigned i = 0; i < RIG_FUZZ_BUILT; i++) {
        rig_fuzz_tear_down(&target->built[i]);
    }
    rig_arena_free(&target->arena);
}
