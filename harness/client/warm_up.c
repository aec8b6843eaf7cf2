/* The request that warms a stack up. */
#include "harness/client/client.h"

#include "harness/checks/own.h"
#include "harness/core/stack.h"

#include <errno.h>
#include <stdio.h>

struct warm_up {
    struct rig_warm_up base;
    struct rig_request request;
    const char *site;
};

static const struct rig_finding *first_error(const struct rig_result *result)
{
    for (size_t i = 0; i < result->finding_count; i++) {
        if (result->findings[i].level == RIG_LEVEL_ERROR) {
            return &result->findings[i];
        }
    }
    return NULL;
}

/* What went wrong, in the run that is about to be the first. */
static void tell(struct rig_run *run, const struct warm_up *warm_up, const struct rig_stack *stack,
                 const struct rig_result *result)
{
    const char *target = warm_up->request.target ? warm_up->request.target : "/";
    const struct rig_finding *finding = first_error(result);
    if (finding) {
        (void)rig_misuse(run, RIG_MISUSE_STACK_WARM_UP, warm_up->site, "warm-up of \"%.20s\" with %.30s: [%s] %s",
                         stack->name, target, finding->rule, finding->message);
    } else if (result->refused) {
        (void)rig_misuse(run, RIG_MISUSE_STACK_WARM_UP, warm_up->site, "warm-up of \"%.20s\" with %.30s: refused: %s",
                         stack->name, target, result->refused);
    } else if (result->error != 0) {
        (void)rig_misuse(run, RIG_MISUSE_STACK_WARM_UP, warm_up->site, "warm-up of \"%.20s\" with %.30s: %d (%s)",
                         stack->name, target, result->error, rig_error_text(result->error));
    }
}

/* As the client of run would send it, but for its headers. */
static struct rig_client *client_like(const struct rig_run *run, struct rig_stack *stack)
{
    const struct rig_runner *runner = run->runner;
    struct rig_client_options options = {.server = run->server,
                                         .checks = rig_own_checks_before(runner),
                                         .rules = runner->own ? runner->own->given : NULL,
                                         .now = runner->now,
                                         .memory_limit = runner->memory.limit,
                                         .allocator = stack->memory.allocator};
    for (size_t i = 0; i < RIG_IGNORE_MAX; i++) { /* every runner that comes here is a client's */
        options.ignore[i] = runner->ignore[i];
        options.enable[i] = runner->enable[i];
    }
    return rig_client_new(rig_stack_app(stack), options);
}

static void send_warm_up(struct rig_warm_up *base, struct rig_stack *stack, struct rig_run *run)
{
    struct warm_up *warm_up = (struct warm_up *)(void *)base;
    struct rig_client *client = client_like(run, stack);
    if (!client) {
        static const struct rig_result unsent = {.error = -ENOMEM};
        tell(run, warm_up, stack, &unsent);
        return;
    }
    base->source.close = NULL; /* the send takes it */
    tell(run, warm_up, stack, rig_send_at(warm_up->site, client, &warm_up->request));
    rig_client_free(client);
}

int rig_warm_up_at(const char *site, struct rig_stack *stack, struct rig_request request)
{
    int error = 0;
    struct warm_up *warm_up = NULL;
    if (!stack) {
        error = rig_mistake_build(NULL, RIG_MISUSE_NULL_ARGUMENT, site, "rig_warm_up was given a NULL stack");
    } else if (rig_stack_is_frozen(stack, site, "rig_warm_up")) {
        error = -EINVAL;
    } else {
        warm_up = rig_memory_alloc(&stack->memory, sizeof *warm_up);
    }
    if (error == 0 && !warm_up) {
        (void)rig_mistake_build(stack, RIG_MISUSE_STACK_WARM_UP, site, "out of memory while noting a warm-up request");
        error = -ENOMEM;
    }
    if (error != 0) {
        rig_request_drop_source(&request);
        return error;
    }
    *warm_up = (struct warm_up){.base = {.send = send_warm_up, .source = request.source, .size = sizeof *warm_up},
                                .request = request,
                                .site = site};
    rig_warm_up_drop(stack);
    stack->warm_up = &warm_up->base;
    return 0;
}
