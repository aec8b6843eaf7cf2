/* TAP 14 (testanything.org): a line for each test, what failed in YAML beneath it. */
#include "harness/reporters/tests.h"

#include <errno.h>
#include <inttypes.h>

#define NAME_SIZE 2048

/* # begins a directive, \ is what escapes it. */
static void print_description(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '#' || *text == '\\') {
            (void)fputc('\\', out);
        }
        if (*text >= ' ' && *text <= '~') {
            (void)fputc(*text, out);
        } else {
            (void)fprintf(out, "\\\\x%02x", (unsigned)(unsigned char)*text);
        }
    }
}

/* In double quotes YAML has C's escapes. */
static void print_quoted(FILE *out, const char *key, const char *text)
{
    (void)fprintf(out, "  %s: \"", key);
    for (; *text != '\0'; text++) {
        if (*text == '\n') {
            (void)fputs("\\n", out);
            continue;
        }
        if (*text == '"' || *text == '\\') {
            (void)fputc('\\', out);
        }
        if (*text >= ' ' && *text <= '~') {
            (void)fputc(*text, out);
        } else {
            (void)fprintf(out, "\\\\x%02x", (unsigned)(unsigned char)*text);
        }
    }
    (void)fputs("\"\n", out);
}

static void print_why(FILE *out, const struct rig_run_report *report, const struct rig_report_test *test)
{
    char path[RIG_REPORT_PATH];
    const struct rig_report_item *item = test->item;
    unsigned line = rig_report_place(item->site, path);
    print_quoted(out, "message", item->message);
    print_quoted(out, "rule", item->rule);
    print_quoted(out, "severity", rig_level_name(item->level));
    if (path[0] != '\0') {
        print_quoted(out, "file", path);
    }
    if (line > 0) {
        (void)fprintf(out, "  line: %u\n", line);
    }
    if (item->details) {
        print_quoted(out, "text", item->details);
    }
    size_t more = 0;
    for (size_t at = test->item_at; test->number != SIZE_MAX && at != SIZE_MAX; more++) {
        at = rig_report_failure(report, test->number, at);
    }
    if (more > 1) {
        (void)fprintf(out, "  more: %zu\n", more - 1);
    }
}

/* In YAML. */
static void print_diagnostics(FILE *out, const struct rig_run_report *report, const struct rig_report_test *test)
{
    if (test->took == 0 && !test->item) {
        return;
    }
    (void)fputs("  ---\n", out);
    if (test->took > 0) {
        (void)fprintf(out, "  duration_ms: %" PRIu64 ".%03" PRIu64 "\n", test->took / 1000000,
                      test->took % 1000000 / 1000);
    }
    if (test->item) {
        print_why(out, report, test);
    }
    (void)fputs("  ...\n", out);
}

static int write_tap(const struct rig_run_report *report, FILE *out)
{
    char name[NAME_SIZE];
    struct rig_report_test test;
    size_t count = 0;
    errno = 0;
    while (rig_report_test(report, count, &test)) {
        count++;
    }
    (void)fprintf(out, "TAP version 14\n1..%zu\n", count);
    for (size_t i = 0; rig_report_test(report, i, &test); i++) {
        (void)fprintf(out, "%sok %zu - ", test.item ? "not " : "", i + 1);
        print_description(out, test.number == SIZE_MAX ? report->stack : report->cases[test.number].path);
        (void)fputs(": ", out);
        rig_report_test_name(report, &test, name, sizeof name);
        print_description(out, name);
        (void)fputs(test.outcome == RIG_REPORT_NOT_RUN ? " # SKIP not run\n" : "\n", out);
        print_diagnostics(out, report, &test);
    }
    (void)fputs(report->interrupted ? "Bail out! interrupted\n" : "", out);
    return ferror(out) ? errno != 0 ? -errno : -EIO : 0;
}

const struct rig_reporter rig_reporter_tap = {
    .name = "tap", .summary = "TAP 14, a test for each request", .write = write_tap};
