/* The mended stack: what a member gets is never stored. */
#include "no_store.h"
#include "shop.h"

static int cache(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    const char *control = rig_env_get(env, "app.user") ? "no-store" : "max-age=60";
    return error ? error : rig_response_set_header(res, "Cache-Control", control);
}

static const struct rig_middleware caching = {.name = "caching", .call = cache};

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &shop_login); /* what goes wrong here sticks: the first request reports it */
    rig_use(stack, &caching);
    return rig_run(stack, RIG_APP(shop));
}

RIG_EXPORT(build);
RIG_EXPORT_RULES(shop_rules);
