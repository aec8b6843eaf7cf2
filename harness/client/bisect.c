#include "harness/client/bisect_search.h"

#include <stackrig/bisect.h>
#include <stackrig/rules.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A finding of the whole stack's run: the rule alone may be broken elsewhere, too. */
struct place {
    char *layer, *site; /* NULL: none */
    unsigned number;
};

struct bisect {
    const struct rig_bisect_options *options;
    int first_status;     /* the whole stack's; 0: it has not run */
    struct place *places; /* of the wanted finding in it */
    size_t place_count;
    bool seen, starved;
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

static char *copy(struct bisect *bisect, const char *string)
{
    char *made = string ? malloc(strlen(string) + 1) : NULL;
    if (made) {
        memcpy(made, string, strlen(string) + 1);
    }
    bisect->starved = bisect->starved || (string && !made);
    return made;
}

static void note_places(struct bisect *bisect, const struct rig_result *result)
{
    bisect->seen = true;
    bisect->places = calloc(result->finding_count + 1, sizeof *bisect->places);
    bisect->starved = !bisect->places;
    for (size_t i = 0; bisect->places && i < result->finding_count; i++) {
        const struct rig_finding *finding = &result->findings[i];
        if (strcmp(finding->rule, bisect->options->finding) == 0) {
            bisect->places[bisect->place_count++] =
                (struct place){copy(bisect, finding->layer), copy(bisect, finding->site), finding->layer_number};
        }
    }
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_place(const struct bisect *bisect, const struct rig_finding *finding)
{
    for (size_t i = 0; i < bisect->place_count; i++) {
        const struct place *place = &bisect->places[i];
        if (place->number == finding->layer_number && same(place->layer, finding->layer) &&
            same(place->site, finding->site)) {
            return true;
        }
    }
    return false;
}

static enum rig_bisect_answer judge_finding(struct bisect *bisect, const struct rig_result *result)
{
    enum rig_bisect_answer answer = RIG_BISECT_PASSES;
    if (!bisect->seen) {
        note_places(bisect, result);
    }
    for (size_t i = 0; i < result->finding_count && answer != RIG_BISECT_FAILS; i++) {
        if (strcmp(result->findings[i].rule, bisect->options->finding) == 0) {
            answer = is_place(bisect, &result->findings[i]) ? RIG_BISECT_FAILS : RIG_BISECT_OTHER;
        }
    }
    return answer;
}

static enum rig_bisect_answer judge(struct bisect *bisect, const struct rig_result *result)
{
    const struct rig_bisect_options *options = bisect->options;
    if (options->judge) {
        return options->judge(options->closure, result);
    }
    if (options->finding) {
        return judge_finding(bisect, result);
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
    return bisect->starved ? -ENOMEM : (int)answer;
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
    error = rig_bisect_search(&search, bisection);
    for (size_t i = 0; i < bisect.place_count; i++) {
        free(bisect.places[i].layer);
        free(bisect.places[i].site);
    }
    free(bisect.places);
    return error;
}
