/* A rule whose title would colour a terminal. */
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

static int look(const struct rig_own_seen *seen)
{
    (void)seen;
    return RIG_OWN_LOOKED;
}

static const struct rig_own_rule wrong = {.id = "myteam.rule",
                                          .level = RIG_LEVEL_ERROR,
                                          .title = "a\033[31mb",
                                          .armed_when = "c",
                                          .why = "d",
                                          .mend = "e",
                                          .hears = RIG_OWN_HEARS(END),
                                          .check = look};
static const struct rig_own_rule *const rules[] = {&wrong, NULL};

RIG_EXPORT(build);
RIG_EXPORT_RULES(rules);
