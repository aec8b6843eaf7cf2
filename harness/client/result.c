#include "harness/client/answer.h"

/* The rule, or NULL: the test asked for none that is there, which its next assertion tells. */
static const struct rig_rule *known_rule(const struct rig_result *result, const char *id)
{
    const struct rig_rule *rule = id ? rig_rule_find(id) : NULL;
    if (!rule) {
        rig_result_doubt(result, "the test asked for the rule \"%.80s\", which does not exist", id ? id : "(NULL)");
    }
    return rule;
}

bool rig_result_found(const struct rig_result *result, const char *rule)
{
    const struct rig_rule *known = known_rule(result, rule);
    for (size_t i = 0; known && result && i < result->finding_count; i++) {
        if (strcmp(result->findings[i].rule, known->id) == 0) {
            return true;
        }
    }
    return false;
}

unsigned rig_result_armed(const struct rig_result *result, const char *rule)
{
    const struct rig_rule *known = known_rule(result, rule);
    const unsigned *armed = known && result ? rig_report_of(result)->armed : NULL;
    size_t count;
    return armed ? armed[known - rig_rules(&count)] : 0;
}

const char *rig_setup_get(const struct rig_setup *setup, const char *key)
{
    for (size_t i = 0; setup && key && i < setup->setting_count; i++) {
        if (strcmp(setup->settings[i].name, key) == 0) {
            return setup->settings[i].value;
        }
    }
    return NULL;
}

const struct rig_secret *rig_setup_secret(const struct rig_setup *setup, const char *credential_class)
{
    for (size_t i = 0; setup && credential_class && i < setup->secret_count; i++) {
        if (strcmp(setup->secrets[i].credential_class, credential_class) == 0) {
            return &setup->secrets[i];
        }
    }
    return NULL;
}
