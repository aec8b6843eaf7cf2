/* Rules that count over all requests of a client: one path comes twice, more requests come than a scenario has. */
#include <stackrig/rules.h>
#include <stackrig/stackrig.h>

#include <string.h>

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    rig_input_drain(rig_env_input(env), 1 << 20);
    return rig_respond(res, .status = 200);
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(answer));
}

static int count_visits(const struct rig_own_seen *seen)
{
    unsigned *count = seen->client_state;
    *count += seen->target && strcmp(seen->target, "/once") == 0;
    return *count > 1 ? rig_own_find(seen, "/once came %u times", *count) : RIG_OWN_LOOKED;
}

/* The one before it must have been sent. */
static int want_first(const struct rig_own_seen *seen)
{
    bool *was = seen->client_state;
    if (seen->target && strcmp(seen->target, "/then") == 0 && !*was) {
        return rig_own_find(seen, "/then came first");
    }
    *was = *was || (seen->target && strcmp(seen->target, "/once") == 0);
    return RIG_OWN_LOOKED;
}

static int count_requests(const struct rig_own_seen *seen)
{
    unsigned *count = seen->client_state;
    return ++*count > 20 ? rig_own_find(seen, "request %u of the client", *count) : RIG_OWN_LOOKED;
}

#define TEXTS .level = RIG_LEVEL_ERROR, .title = "a", .armed_when = "b", .why = "c", .mend = "d"
static const struct rig_own_rule once = {
    .id = "count.once", TEXTS, .hears = RIG_OWN_HEARS(BEGIN), .check = count_visits, .client_size = sizeof(unsigned)};
static const struct rig_own_rule first = {
    .id = "count.first", TEXTS, .hears = RIG_OWN_HEARS(BEGIN), .check = want_first, .client_size = sizeof(bool)};
static const struct rig_own_rule many = {
    .id = "count.many", TEXTS, .hears = RIG_OWN_HEARS(BEGIN), .check = count_requests, .client_size = sizeof(unsigned)};
static const struct rig_own_rule *const rules[] = {&once, &first, &many, NULL};

RIG_EXPORT(build);
RIG_EXPORT_RULES(rules);
