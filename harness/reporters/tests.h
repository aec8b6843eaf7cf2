/* A report as a list of tests, for formats that know nothing else: each request is one; so is each finding that fails and
 * names no request; where there are neither, the verb itself. */
#ifndef STACKRIG_REPORTERS_TESTS_H
#define STACKRIG_REPORTERS_TESTS_H

#include "harness/reporters/report.h"

enum rig_report_outcome { RIG_REPORT_PASSED, RIG_REPORT_FAILED, RIG_REPORT_BROKEN, RIG_REPORT_NOT_RUN };

struct rig_report_test {
    size_t number;                      /* of the case; SIZE_MAX: none */
    const struct rig_report_item *item; /* the first that makes it fail; NULL: it did not */
    size_t item_at;                     /* its index */
    enum rig_report_outcome outcome;    /* BROKEN: it came to no end */
    uint64_t took;                      /* ns; 0: not measured */
};

/* The test of that index; false: there are no more. */
bool rig_report_test(const struct rig_run_report *report, size_t index, struct rig_report_test *test);
/* "parity", the finding's rule, or the request's name, with its line if another of its file has the same name. */
void rig_report_test_name(const struct rig_run_report *report, const struct rig_report_test *test, char *name,
                          size_t size);

#endif
