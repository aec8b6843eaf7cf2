#define _POSIX_C_SOURCE 200809L

#include "harness/cli/fuzz/fuzz_report.h"

#include <stdlib.h>

#include "harness/report/key.h"

static char *details_of(const struct rig_fuzz_violation *violation, const char *text)
{
    char *raw = NULL, *lines = NULL;
    size_t size;
    FILE *out = open_memstream(&raw, &size);
    if (out) {
        rig_fuzz_print(out, violation, text);
        (void)fclose(out);
        lines = rig_report_lines(raw);
    }
    free(raw);
    return lines;
}

void rig_fuzz_gather(struct rig_run_report *report, const struct rig_fuzz_violation *violation, const char *text,
                     const char *place)
{
    const struct rig_finding finding = {.rule = violation->rule,
                                        .level = RIG_LEVEL_ERROR,
                                        .layer = violation->layer,
                                        .layer_number = violation->layer != NULL,
                                        .site = violation->site,
                                        .subject = place,
                                        .message = violation->message};
    struct rig_report_item *item = rig_report_add_finding(report, &finding);
    item->key = rig_finding_key(&finding, rig_source_line_hash(violation->site));
    item->fails = true;
    item->scenario = text ? rig_report_lines(text) : NULL;
    item->details = details_of(violation, text);
}

void rig_fuzz_gather_oracles(struct rig_run_report *report, const struct rig_fuzz_target *target)
{
    static const char *const states[] = {[RIG_FUZZ_ORACLE] = "on",
                                         [RIG_FUZZ_IGNORED] = "ignored",
                                         [RIG_FUZZ_OFF] = "off",
                                         [RIG_FUZZ_OF_SWEEPS] = "sweeps"};
    struct rig_fuzz_oracle oracle;
    for (size_t i = 0; rig_fuzz_oracle(target, i, &oracle); i++) {
        if (oracle.kind != RIG_FUZZ_NO_ORACLE) {
            rig_report_add_oracle(report, oracle.id, states[oracle.kind], oracle.armed);
        }
    }
}
