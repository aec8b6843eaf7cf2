#include "harness/client/bisect_search.h"

#include <stackrig/bisect.h>
#include <stackrig/rules.h>

#include <errno.h>
#include <string.h>

struct bisect {
    const struct rig_bisect_options *options;
    int first_status; /* the whole stack's; 0: it has not run */
};

static enum rig_bisect_answer judge_status(struct bisect *bisect, const struct rig_result *result)
{
    if (result->status == bisect->options->status) {
        return RIG_BISECT_PASSES;
    }
    if (bisect->first_status == 0) {
        bisect->first_status = result->status;
    }
    return result->status == bisect->first_status ? RIG_BISECT_FAILS : RIG_BISECT_OTHER;
}

static enum rig_bisect_answer judge(struct bisect *bisect, const struct rig_result *result)
{
    const struct rig_bisect_options *options = bisect->options;
    if (options->judge) {
        return options->judge(options->closure, result);
    }
    if (options->finding) {
        return rig_result_found(result, options->finding) ? RIG_BISECT_FAILS : RIG_BISECT_PASSES;
    }
    return judge_status(bisect, result);
}

/* A stack of the user's, built for one run. NULL: *error says why. */
static struct rig_stack *build(const struct rig_bisect_options *options, int *error)
{
    static const struct rig_setup none = {0};
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){.allocator = options->client.allocator});
    *error = stack ? options->build(stack, options->setup ? options->setup : &none) : -ENOMEM;
    if (*error) {
        rig_stack_free(stack);
        return NULL;
    }
    return stack;
}

static int run(void *closure, const unsigned *layers, size_t count)
{
    struct bisect *bisect = closure;
    int error;
    struct rig_stack *stack = build(bisect->options, &error);
    if (!stack) {
        return error < 0 ? error : -EINVAL;
    }
    (void)rig_stack_arrange(stack, layers, count);
    struct rig_client *client = rig_client_new(rig_stack_app(stack), bisect->options->client);
    if (!client) {
        rig_stack_free(stack);
        return -ENOMEM;
    }
    enum rig_bisect_answer answer = judge(bisect, rig_send_request_at(NULL, client, bisect->options->request));
    rig_client_free(client);
    rig_stack_free(stack);
    return (int)answer;
}

static bool is_rule(const struct rig_bisect_options *options)
{
    const struct rig_own_rule *const *own = options->client.rules;
    while (own && *own && (!(*own)->id || strcmp((*own)->id, options->finding) != 0)) {
        own++;
    }
    return (own && *own) || rig_rule_find(options->finding);
}

int rig_bisect(const struct rig_bisect_options *options, struct rig_bisection *bisection)
{
    struct bisect bisect = {.options = options};
    int error;
    if (!options->build || (!options->judge && !options->finding && !options->status) ||
        (options->finding && !is_rule(options))) {
        return -EINVAL;
    }
    struct rig_stack *stack = build(options, &error);
    if (!stack) {
        return error < 0 ? error : -EINVAL;
    }
    size_t count = rig_stack_layer_count(stack);
    rig_stack_free(stack);
    if (count > RIG_BISECT_LAYERS_MAX) {
        return -E2BIG;
    }
    const struct rig_bisect_search search = {
        .layer_count = (unsigned)count, .max_runs = options->max_runs, .run = run, .closure = &bisect};
    return rig_bisect_search(&search, bisection);
}
