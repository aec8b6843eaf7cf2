#include "harness/client/answer.h"

size_t rig_result_rule(const struct rig_result *result, const char *id)
{
    const struct rig_client *client = result ? rig_report_of(result)->client : NULL;
    const struct rig_rule *rule = id ? rig_rule_find(id) : NULL;
    if (rule || !id || !client) {
        return rule ? (size_t)(rule - rig_rules(NULL)) : SIZE_MAX;
    }
    const struct rig_runner *runner = &client->runner;
    for (size_t i = runner->sorted_count; i < runner->rule_count; i++) {
        if (strcmp(runner->rules[i].id, id) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

/* The rule's number. SIZE_MAX: the test asked for none that is there, which its next assertion tells. */
static size_t known_rule(const struct rig_result *result, const char *id)
{
    size_t number = rig_result_rule(result, id);
    if (number == SIZE_MAX) {
        rig_result_doubt(result, "the test asked for the rule \"%.80s\", which does not exist", id ? id : "(NULL)");
    }
    return number;
}

bool rig_result_found(const struct rig_result *result, const char *rule)
{
    bool known = known_rule(result, rule) != SIZE_MAX, found = false;
    for (size_t i = 0; known && result && i < result->finding_count && !found; i++) {
        found = strcmp(result->findings[i].rule, rule) == 0;
    }
    return found;
}

unsigned rig_result_armed(const struct rig_result *result, const char *rule)
{
    size_t number = known_rule(result, rule);
    const unsigned *armed = number != SIZE_MAX && result ? rig_report_of(result)->armed : NULL;
    return armed ? armed[number] : 0;
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
