/* JUnit's XML, as CI servers read it: a suite for each request file, and one for what belongs to no request. */
#include "harness/reporters/tests.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <libxml/xmlwriter.h>

#define NAME_SIZE 2048

struct counts {
    unsigned tests, failures, errors, skipped;
    uint64_t took;
};

/* The file of a test; of the last suite: the stack. */
static const char *file_of(const struct rig_run_report *report, const struct rig_report_test *test)
{
    return test->number == SIZE_MAX ? report->stack : report->cases[test->number].path;
}

static bool is_of(const struct rig_run_report *report, const struct rig_report_test *test, const char *file, bool cases)
{
    return (test->number != SIZE_MAX) == cases && strcmp(file_of(report, test), file) == 0;
}

/* file NULL: all of them. */
static struct counts count(const struct rig_run_report *report, const char *file, bool cases)
{
    struct counts counts = {0};
    struct rig_report_test test;
    for (size_t i = 0; rig_report_test(report, i, &test); i++) {
        if (!file || is_of(report, &test, file, cases)) {
            counts.tests++;
            counts.failures += test.outcome == RIG_REPORT_FAILED;
            counts.errors += test.outcome == RIG_REPORT_BROKEN;
            counts.skipped += test.outcome == RIG_REPORT_NOT_RUN;
            counts.took += test.took;
        }
    }
    bool apart = (!file || !cases) && counts.took == 0; /* findings of a verb without cases */
    counts.took += apart ? report->took : 0;
    return counts;
}

/* Attributes and text must be characters of XML: a path may hold any byte. */
static void escape(const char *path, char *text, size_t size)
{
    size_t at = 0;
    for (; *path != '\0' && at + 5 < size; path++) {
        bool plain = *path >= ' ' && *path <= '~';
        at += (size_t)snprintf(text + at, size - at, plain ? "%c" : "\\x%02x", (unsigned)(unsigned char)*path);
    }
    text[at] = '\0';
}

static int attribute(xmlTextWriterPtr xml, const char *name, const char *value)
{
    return xmlTextWriterWriteAttribute(xml, BAD_CAST name, BAD_CAST value);
}

/* In seconds. */
static int write_time(xmlTextWriterPtr xml, uint64_t took)
{
    return xmlTextWriterWriteFormatAttribute(xml, BAD_CAST "time", "%" PRIu64 ".%06" PRIu64, took / 1000000000,
                                             took % 1000000000 / 1000);
}

static int write_counts(xmlTextWriterPtr xml, struct counts counts)
{
    int written = xmlTextWriterWriteFormatAttribute(xml, BAD_CAST "tests", "%u", counts.tests);
    written = written < 0 ? -1 : xmlTextWriterWriteFormatAttribute(xml, BAD_CAST "failures", "%u", counts.failures);
    written = written < 0 ? -1 : xmlTextWriterWriteFormatAttribute(xml, BAD_CAST "errors", "%u", counts.errors);
    written = written < 0 ? -1 : xmlTextWriterWriteFormatAttribute(xml, BAD_CAST "skipped", "%u", counts.skipped);
    return written < 0 ? -1 : write_time(xml, counts.took);
}

/* A case has one failure at most: further findings stand in its text. */
static int write_failure(xmlTextWriterPtr xml, const struct rig_run_report *report, const struct rig_report_test *test)
{
    const char *element = test->outcome == RIG_REPORT_BROKEN ? "error" : "failure";
    int written = xmlTextWriterStartElement(xml, BAD_CAST element);
    written = written < 0 ? -1 : attribute(xml, "message", test->item->message);
    written = written < 0 ? -1 : attribute(xml, "type", test->item->rule);
    for (size_t at = test->item_at; at != SIZE_MAX && written >= 0;
         at = test->number == SIZE_MAX ? SIZE_MAX : rig_report_failure(report, test->number, at)) {
        const struct rig_report_item *item = &report->items[at];
        written = xmlTextWriterWriteString(xml, BAD_CAST(item->details ? item->details : item->message));
    }
    return written < 0 ? -1 : xmlTextWriterEndElement(xml);
}

static int write_test(xmlTextWriterPtr xml, const struct rig_run_report *report, const struct rig_report_test *test)
{
    char name[NAME_SIZE], class[NAME_SIZE];
    rig_report_test_name(report, test, name, sizeof name);
    escape(file_of(report, test), class, sizeof class);
    size_t size = strlen(class);
    if (size > 5 && strcmp(class + size - 5, ".http") == 0) {
        class[size - 5] = '\0';
    }
    for (char *at = class; *at != '\0'; at++) {
        *at = *at == '/' ? '.' : *at; /* as a package: readers make a tree of it */
    }
    int written = xmlTextWriterStartElement(xml, BAD_CAST "testcase");
    written = written < 0 ? -1 : attribute(xml, "name", name);
    written = written < 0 ? -1 : attribute(xml, "classname", class);
    if (test->took > 0) {
        written = written < 0 ? -1 : write_time(xml, test->took);
    }
    if (test->outcome == RIG_REPORT_NOT_RUN) {
        written = written < 0 ? -1 : xmlTextWriterWriteElement(xml, BAD_CAST "skipped", NULL);
    } else if (test->item) {
        written = written < 0 ? -1 : write_failure(xml, report, test);
    }
    return written < 0 ? -1 : xmlTextWriterEndElement(xml);
}

static int write_suite(xmlTextWriterPtr xml, const struct rig_run_report *report, const char *file, bool cases)
{
    char name[NAME_SIZE];
    struct rig_report_test test;
    escape(file, name, sizeof name);
    int written = xmlTextWriterStartElement(xml, BAD_CAST "testsuite");
    written = written < 0 ? -1 : attribute(xml, "name", name);
    written = written < 0 ? -1 : write_counts(xml, count(report, file, cases));
    for (size_t i = 0; written >= 0 && rig_report_test(report, i, &test); i++) {
        written = is_of(report, &test, file, cases) ? write_test(xml, report, &test) : written;
    }
    return written < 0 ? -1 : xmlTextWriterEndElement(xml);
}

/* Has a test before it the same file? */
static bool is_begun(const struct rig_run_report *report, size_t index, const char *file, bool cases)
{
    struct rig_report_test test;
    for (size_t i = 0; i < index && rig_report_test(report, i, &test); i++) {
        if (is_of(report, &test, file, cases)) {
            return true;
        }
    }
    return false;
}

static int write_all(xmlTextWriterPtr xml, const struct rig_run_report *report)
{
    char name[64];
    struct rig_report_test test;
    (void)snprintf(name, sizeof name, "stackrig %s", report->verb);
    int written = xmlTextWriterSetIndent(xml, 1);
    written = written < 0 ? -1 : xmlTextWriterStartDocument(xml, NULL, "UTF-8", NULL);
    written = written < 0 ? -1 : xmlTextWriterStartElement(xml, BAD_CAST "testsuites");
    written = written < 0 ? -1 : attribute(xml, "name", name);
    written = written < 0 ? -1 : write_counts(xml, count(report, NULL, false));
    for (size_t i = 0; written >= 0 && rig_report_test(report, i, &test); i++) {
        const char *file = file_of(report, &test);
        bool cases = test.number != SIZE_MAX;
        written = is_begun(report, i, file, cases) ? written : write_suite(xml, report, file, cases);
    }
    return written < 0 ? -1 : xmlTextWriterEndDocument(xml);
}

static int write_junit(const struct rig_run_report *report, FILE *out)
{
    xmlBufferPtr buffer = xmlBufferCreate();
    xmlTextWriterPtr xml = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL;
    int error = xml && write_all(xml, report) >= 0 ? 0 : -ENOMEM;
    if (xml) {
        xmlFreeTextWriter(xml); /* only then all is in the buffer */
    }
    if (error == 0) {
        size_t size = (size_t)xmlBufferLength(buffer);
        errno = 0;
        error = fwrite(xmlBufferContent(buffer), 1, size, out) == size ? 0 : errno != 0 ? -errno : -EIO;
    }
    if (buffer) {
        xmlBufferFree(buffer);
    }
    return error;
}

const struct rig_reporter rig_reporter_junit = {
    .name = "junit", .summary = "JUnit's XML, for CI servers", .document = true, .write = write_junit};
