/* GitHub's workflow commands: annotations at lines of the source. It shows ten of a kind; all else is in the step's summary. */
#define _POSIX_C_SOURCE 200809L

#include "harness/reporters/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OF_A_KIND 10  /* annotations that GitHub shows of each kind and step */
#define ROWS_MAX 1000 /* a summary has room for 1 MiB */

/* Of a command: % and line ends, and in what stands before its :: also what ends a property. */
static void print_escaped(FILE *out, const char *text, bool property)
{
    for (; *text != '\0'; text++) {
        unsigned byte = (unsigned char)*text;
        if (byte == '%' || byte == '\r' || byte == '\n' || (property && (byte == ':' || byte == ','))) {
            (void)fprintf(out, "%%%02X", byte);
        } else if (byte < ' ' || byte > '~') {
            (void)fprintf(out, "\\x%02x", byte);
        } else {
            (void)fputc((int)byte, out);
        }
    }
}

static const char *word_of(enum rig_level level)
{
    return level == RIG_LEVEL_ERROR ? "error" : level == RIG_LEVEL_WARNING ? "warning" : "notice";
}

static void annotate(FILE *out, const struct rig_report_item *item)
{
    char path[RIG_REPORT_PATH];
    unsigned line = rig_report_place(item->site, path);
    (void)fprintf(out, "::%s title=", word_of(item->level));
    print_escaped(out, item->rule, true);
    if (path[0] != '\0') {
        (void)fputs(",file=", out);
        print_escaped(out, path, true);
    }
    if (line > 0) {
        (void)fprintf(out, ",line=%u", line);
    }
    (void)fputs("::", out);
    print_escaped(out, item->details ? item->details : item->message, false);
    (void)fputc('\n', out);
}

static bool has_summary(void)
{
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    return path && *path;
}

static int write_github(const struct rig_run_report *report, FILE *out)
{
    errno = 0;
    (void)fprintf(out, "::group::stackrig %s ", report->verb);
    print_escaped(out, report->stack, false);
    (void)fputc('\n', out);
    for (int level = RIG_LEVEL_ERROR; level >= RIG_LEVEL_NOTE; level--) {
        size_t count = 0;
        for (size_t i = 0; i < report->item_count; i++) {
            const struct rig_report_item *item = &report->items[i];
            if (item->level == (enum rig_level)level && item->state == RIG_REPORT_NEW && count++ < OF_A_KIND) {
                annotate(out, item);
            }
        }
        if (count > OF_A_KIND) {
            (void)fprintf(out, "%zu more of the level %s: %s\n", count - OF_A_KIND,
                          rig_level_name((enum rig_level)level),
                          has_summary() ? "in the step's summary" : "not shown, GITHUB_STEP_SUMMARY names no file");
        }
    }
    (void)fputs("::endgroup::\n", out);
    return ferror(out) ? errno != 0 ? -errno : -EIO : 0;
}

/* ---- the step's summary: Markdown ---- */

/* As text of a table's cell, whatever it holds. */
static void print_cell(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text < ' ' || *text > '~') {
            (void)fprintf(out, "\\\\x%02x", (unsigned)(unsigned char)*text);
        } else if (strchr("<>&\"'", *text)) {
            (void)fprintf(out, "&#%d;", *text);
        } else {
            (void)fprintf(out, "%s%c", strchr("\\`*_{}[]()#+-.!|~@:/", *text) ? "\\" : "", *text);
        }
    }
}

static void print_row(FILE *out, const struct rig_report_item *item)
{
    char path[RIG_REPORT_PATH];
    unsigned line = rig_report_place(item->site, path);
    (void)fprintf(out, "| %s | ", rig_level_name(item->level));
    print_cell(out, item->rule);
    (void)fputs(" | ", out);
    print_cell(out, path);
    if (line > 0) {
        (void)fprintf(out, "\\:%u", line);
    }
    (void)fputs(" | ", out);
    print_cell(out, item->message);
    (void)fprintf(out, " | %s |\n", rig_report_state_name(item->state));
}

static int append_summary(const struct rig_run_report *report, const char **path)
{
    if (!has_summary()) {
        return 0;
    }
    *path = getenv("GITHUB_STEP_SUMMARY");
    errno = 0;
    FILE *out = fopen(*path, "a");
    if (!out) {
        return -errno;
    }
    (void)fprintf(out, "### stackrig %s ", report->verb);
    print_cell(out, report->stack);
    (void)fprintf(out, "\n\n%zu finding%s%s\n", report->item_count, report->item_count == 1 ? "" : "s",
                  report->interrupted ? " when it was interrupted" : "");
    (void)fputs(report->item_count > 0 ? "\n| level | rule | where | what | state |\n|---|---|---|---|---|\n" : "",
                out);
    for (size_t i = 0; i < report->item_count && i < ROWS_MAX; i++) {
        print_row(out, &report->items[i]);
    }
    if (report->item_count > ROWS_MAX) {
        (void)fprintf(out, "\n%zu more\n", report->item_count - ROWS_MAX);
    }
    (void)fputc('\n', out);
    bool failed = ferror(out) != 0;
    failed = fclose(out) != 0 || failed;
    return !failed ? 0 : errno != 0 ? -errno : -EIO;
}

const struct rig_reporter rig_reporter_github = {.name = "github",
                                                 .summary = "GitHub's annotations, and the step's summary",
                                                 .write = write_github,
                                                 .also = append_summary};
