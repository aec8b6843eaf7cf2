/* For the tests: whether the line that a finding names carries a marker comment, so that no test holds line numbers. */
#ifndef EXAMPLES_MARKER_H
#define EXAMPLES_MARKER_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stackrig/contract.h>
#include <stackrig/result.h>

/* Opens the file of a site, "file.c:42", as the compiler saw it: run the tests where they were compiled. */
static inline bool marker_at(const char *site, const char *marker)
{
    char path[512], line[512];
    const char *colon = site ? strrchr(site, ':') : NULL;
    if (!colon || (size_t)snprintf(path, sizeof path, "%.*s", (int)(colon - site), site) >= sizeof path) {
        return false;
    }
    FILE *file = fopen(path, "r");
    if (!file) {
        return false;
    }
    bool found = false;
    long wanted = strtol(colon + 1, NULL, 10);
    for (long number = 1; number <= wanted && fgets(line, sizeof line, file); number++) {
        found = number == wanted && strstr(line, marker);
    }
    fclose(file);
    return found;
}

/* The first finding of that rule, NULL if there is none. */
static inline const struct rig_finding *finding_of(const struct rig_result *result, const char *rule)
{
    for (size_t i = 0; i < result->finding_count; i++) {
        if (strcmp(result->findings[i].rule, rule) == 0) {
            return &result->findings[i];
        }
    }
    return NULL;
}

/* Does any finding of that rule name a line with that marker, first of all or in its evidence? */
static inline bool finding_names(const struct rig_result *result, const char *rule, const char *marker)
{
    for (size_t i = 0; i < result->finding_count; i++) {
        const struct rig_finding *finding = &result->findings[i];
        if (strcmp(finding->rule, rule) != 0) {
            continue;
        }
        bool named = marker_at(finding->site, marker);
        for (size_t k = 0; k < finding->evidence_count && !named; k++) {
            named = marker_at(finding->evidence[k].site, marker);
        }
        if (named) {
            return true;
        }
    }
    return false;
}

/* The one property that failed; NULL: none, or more than one. */
static inline const struct rig_contract_property *only_failure(const struct rig_contract_report *report)
{
    const struct rig_contract_property *failed = NULL;
    for (size_t i = 0; i < RIG_CONTRACT_PROPERTIES; i++) {
        failed = report->properties[i].verdict == RIG_CONTRACT_FAILED ? &report->properties[i] : failed;
    }
    return report->failed == 1 ? failed : NULL;
}

#endif
