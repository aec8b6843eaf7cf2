/* The runner that a client owns: its checks, its memory, and the runs that take turns in it. */
#include "harness/core/run.h"

#include <errno.h>

static void learn_wants(struct rig_runner *runner)
{
    size_t offset = 0;
    for (size_t i = 0; i < runner->checks.count; i++) {
        const struct rig_check *check = runner->checks.checks[i];
        for (const struct rig_want *want = check->wants; want->facts != 0; want++) {
            if (runner->wants[want->kind][i] == 0) {
                runner->hearers[want->kind][runner->hearer_count[want->kind]++] = (uint8_t)i;
            }
            runner->wants[want->kind][i] |= want->facts;
            runner->wanted[want->kind] |= want->facts & ~(uint32_t)RIG_FACT_CGI_CHANGED; /* wanted when there is one */
        }
        runner->state_offsets[i] = offset;
        offset += (check->state_size + 7u) & ~(size_t)7;
    }
    runner->states_size = offset;
}

void rig_runner_extend(struct rig_runner *runner, const struct rig_check_set *checks, const struct rig_rule *rules,
                       size_t rule_count)
{
    memset(runner->wants, 0, sizeof runner->wants);
    memset(runner->wanted, 0, sizeof runner->wanted);
    memset(runner->hearer_count, 0, sizeof runner->hearer_count);
    runner->checks = *checks;
    runner->rules = rules;
    runner->rule_count = rule_count;
    learn_wants(runner);
}

int rig_runner_init(struct rig_runner *runner, struct rig_allocator allocator, uint64_t limit,
                    const struct rig_check_set *checks, const struct rig_rule *rules, size_t rule_count)
{
    memset(runner, 0, sizeof *runner);
    rig_memory_init(&runner->memory, allocator, limit);
    if (checks->count > RIG_CHECKS_MAX) {
        return -EINVAL;
    }
    rig_arena_init(&runner->results, &runner->memory);
    rig_pool_init(&runner->envs, runner, RIG_HANDLE_ENV, sizeof(struct rig_env));
    rig_pool_init(&runner->responses, runner, RIG_HANDLE_RESPONSE, sizeof(struct rig_response));
    rig_pool_init(&runner->inputs, runner, RIG_HANDLE_INPUT, sizeof(struct rig_input));
    rig_pool_init(&runner->nexts, runner, RIG_HANDLE_NEXT, sizeof(struct rig_next));
    rig_pool_init(&runner->guards, runner, RIG_HANDLE_GUARD, sizeof(struct rig_guard));
    runner->checks = *checks;
    runner->rules = rules;
    runner->rule_count = runner->sorted_count = rule_count;
    learn_wants(runner);
    for (size_t i = 0; i < RIG_RUNS; i++) {
        runner->runs[i].runner = runner;
        rig_arena_init(&runner->runs[i].arena, &runner->memory);
    }
    for (size_t i = 0; i < RIG_RESTING; i++) {
        rig_arena_init(&runner->rested[i], &runner->memory);
    }
    return 0;
}

void rig_runner_end(struct rig_runner *runner)
{
    for (size_t i = 0; i < RIG_RUNS; i++) {
        if (runner->runs[i].state != RIG_RUN_FREE) {
            rig_run_abandon(&runner->runs[i]);
        }
    }
}

void rig_runner_free(struct rig_runner *runner)
{
    rig_runner_end(runner);
    for (size_t i = 0; i < RIG_RUNS; i++) {
        rig_arena_free(&runner->runs[i].arena);
    }
    for (size_t i = 0; i < RIG_RESTING; i++) {
        rig_arena_free(&runner->rested[i]);
    }
    rig_arena_free(&runner->results);
    rig_pool_free(&runner->envs);
    rig_pool_free(&runner->responses);
    rig_pool_free(&runner->inputs);
    rig_pool_free(&runner->nexts);
    rig_pool_free(&runner->guards);
}

/* The open run with the innermost frame at or below `frame`: the stack grows down, so that frame is gone. */
static struct rig_run *find_left_behind(struct rig_runner *runner, uintptr_t frame)
{
    struct rig_run *innermost = NULL;
    for (size_t i = 0; i < RIG_RUNS; i++) {
        struct rig_run *run = &runner->runs[i];
        if (run->state == RIG_RUN_OPEN && (uintptr_t)run->frame <= frame &&
            (!innermost || (uintptr_t)run->frame < (uintptr_t)innermost->frame)) {
            innermost = run;
        }
    }
    return innermost;
}

bool rig_runner_reclaim_open(struct rig_runner *runner, const void *frame)
{
    struct rig_run *run;
    while ((run = find_left_behind(runner, (uintptr_t)frame)) != NULL) {
        rig_run_abandon(run);
    }
    return runner->open == 0;
}
