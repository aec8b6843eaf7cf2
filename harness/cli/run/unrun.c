#include "harness/cli/run/unrun.h"

#include "harness/cli/run/gather.h"

void rig_report_unrun(const struct rig_formats *formats, const char *verb, const char *stack, int status)
{
    struct rig_run_report report;
    if (status != RIG_STATUS_USAGE || !rig_formats_any(formats) || rig_formats_written()) {
        return;
    }
    rig_report_begin(&report, verb, stack ? stack : "");
    rig_report_add_incomplete(&report, rig_complained());
    rig_report_end(&report, status);
    (void)rig_formats_write(formats, &report);
    rig_report_free(&report);
}
