#include "harness/client/client.h"

#include <stdio.h>

const char *rig_result_header(const struct rig_result *result, const char *name)
{
    size_t size = name ? strlen(name) : 0;
    for (size_t i = 0; result && name && i < result->header_count; i++) {
        const struct rig_field *field = &result->headers[i];
        if (rig_name_equal(field->name, strlen(field->name), name, size)) {
            return field->value;
        }
    }
    return NULL;
}

/* The rule, or NULL: the test asked for none that is there, which its next assertion tells. */
static const struct rig_rule *known_rule(const struct rig_result *result, const char *id)
{
    const struct rig_rule *rule = id ? rig_rule_find(id) : NULL;
    struct rig_client *client = result ? rig_report_of(result)->client : NULL;
    if (!rule && client && client->doubt[0] == '\0') {
        (void)snprintf(client->doubt, sizeof client->doubt,
                       "the test asked for the rule \"%.80s\", which does not exist", id ? id : "(NULL)");
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
