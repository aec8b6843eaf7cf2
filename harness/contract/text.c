#include <stackrig/contract.h>

#include "harness/report/builder.h"

static void say_property(struct rig_text *text, const struct rig_contract_property *property)
{
    static const char *const verdicts[] = {"passed", "FAILED", "not applicable"};
    rig_text_printf(text, "\n  %-20s %s: %s", property->name, verdicts[property->verdict],
                    property->verdict == RIG_CONTRACT_NOT_APPLICABLE ? property->why : property->title);
    for (size_t i = 0; i < property->found_count && i < RIG_CONTRACT_FOUND_MAX; i++) {
        const struct rig_contract_found *found = &property->found[i];
        rig_text_printf(text, "\n    %s: %s", found->site ? found->site : "?", found->message);
        if (found->rule) {
            rig_text_printf(text, " [%s]", found->rule);
        }
    }
    if (property->found_count > RIG_CONTRACT_FOUND_MAX) {
        rig_text_printf(text, "\n    and %zu more", property->found_count - RIG_CONTRACT_FOUND_MAX);
    }
}

int rig_contract_text(const struct rig_contract_report *report, char *buffer, size_t size)
{
    struct rig_text text;
    rig_text_start(&text, buffer, size);
    rig_text_printf(&text, "contract of %s: %u passed, %u failed, %u not applicable",
                    report->layer ? report->layer : "no layer", report->passed, report->failed, report->not_applicable);
    if (report->error) {
        rig_text_printf(&text, "\n  error %d: %s", report->error,
                        report->trouble[0] ? report->trouble : rig_error_text(report->error));
    }
    for (size_t i = 0; i < RIG_CONTRACT_PROPERTIES && !report->error; i++) {
        say_property(&text, &report->properties[i]);
    }
    return rig_text_end(&text);
}
