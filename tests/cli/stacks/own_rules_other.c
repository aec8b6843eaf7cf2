/* Rules that were made for another version: their rows have another size. */
#include <stackrig/rules.h>
#include <stackrig/stackrig.h>

static int answer(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .status = 200);
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(answer));
}

RIG_EXPORT(build);
__attribute__((visibility("default"))) extern const struct rig_export_rules rig_exported_rules;
const struct rig_export_rules rig_exported_rules = {RIG_ABI, 8, (const struct rig_own_rule *const *)8};
