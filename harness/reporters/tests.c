#include "harness/reporters/tests.h"

#include <string.h>

/* What ends a request, not what a check found in it. */
static bool is_breakdown(const struct rig_report_item *item)
{
    static const char *const rules[] = {"crash", "hang", "unhandled", "incomplete"};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (strcmp(item->rule, rules[i]) == 0) {
            return true;
        }
    }
    return false;
}

static enum rig_report_outcome outcome_of(const struct rig_report_item *item, bool ran)
{
    return item  ? is_breakdown(item) ? RIG_REPORT_BROKEN : RIG_REPORT_FAILED
           : ran ? RIG_REPORT_PASSED
                 : RIG_REPORT_NOT_RUN;
}

bool rig_report_test(const struct rig_run_report *report, size_t index, struct rig_report_test *test)
{
    *test = (struct rig_report_test){.number = SIZE_MAX, .item_at = SIZE_MAX};
    if (index < report->case_count) {
        test->number = index;
        test->item_at = rig_report_failure(report, index, SIZE_MAX);
        test->item = test->item_at == SIZE_MAX ? NULL : &report->items[test->item_at];
        test->outcome = outcome_of(test->item, report->cases[index].ran);
        test->took = report->cases[index].took;
        return true;
    }
    size_t at = report->case_count;
    for (size_t i = 0; i < report->item_count; i++) {
        if (report->items[i].fails && report->items[i].case_count == 0 && at++ == index) {
            test->item_at = i;
            test->item = &report->items[i];
            test->outcome = outcome_of(test->item, true);
            return true;
        }
    }
    test->took = report->took;
    return at == 0 && index == 0;
}

static bool has_twin(const struct rig_run_report *report, size_t number)
{
    const struct rig_report_case *one = &report->cases[number];
    for (size_t i = 0; i < report->case_count; i++) {
        const struct rig_report_case *other = &report->cases[i];
        if (i != number && strcmp(one->name, other->name) == 0 && strcmp(one->path, other->path) == 0) {
            return true;
        }
    }
    return false;
}

void rig_report_test_name(const struct rig_run_report *report, const struct rig_report_test *test, char *name,
                          size_t size)
{
    char path[RIG_REPORT_PATH];
    if (test->number == SIZE_MAX) {
        (void)snprintf(name, size, "%s", test->item ? test->item->rule : report->verb);
    } else if (has_twin(report, test->number)) {
        const struct rig_report_case *one = &report->cases[test->number];
        (void)snprintf(name, size, "%s (line %u)", one->name, rig_report_place(one->site, path));
    } else {
        (void)snprintf(name, size, "%s", report->cases[test->number].name);
    }
}
