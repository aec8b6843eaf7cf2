/* The table of formats, and what they share. */
#define _POSIX_C_SOURCE 200809L

#include "harness/reporters/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct rig_reporter text = {.name = "text", .summary = "what a person reads (the default)"};

/* By name. */
static const struct rig_reporter *const table[] = {&rig_reporter_github, &rig_reporter_json, &rig_reporter_junit,
                                                   &rig_reporter_sarif,  &rig_reporter_tap,  &text};

const struct rig_reporter *const *rig_reporters(size_t *count)
{
    *count = sizeof table / sizeof *table;
    return table;
}

const struct rig_reporter *rig_reporter_find(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strcmp(table[i]->name, name) == 0) {
            return table[i];
        }
    }
    return NULL;
}

/* ---- for the formats ---- */

static const char *without_folder(const char *path)
{
    static char here[RIG_REPORT_PATH];
    size_t size = getcwd(here, sizeof here) ? strlen(here) : 0;
    if (size > 1 && strncmp(path, here, size) == 0 && path[size] == '/') {
        path += size + 1;
    }
    while (strncmp(path, "./", 2) == 0) {
        path += 2;
    }
    return path;
}

unsigned rig_report_place(const char *site, char *path)
{
    const char *colon = site ? strrchr(site, ':') : NULL;
    char *end = NULL;
    unsigned long line = colon ? strtoul(colon + 1, &end, 10) : 0;
    bool numbered = colon && end != colon + 1 && *end == '\0';
    path[0] = '\0';
    if (site) {
        (void)snprintf(path, RIG_REPORT_PATH, "%.*s", numbered ? (int)(colon - site) : (int)strlen(site), site);
        const char *shorter = without_folder(path);
        memmove(path, shorter, strlen(shorter) + 1);
    }
    return numbered ? (unsigned)line : 0;
}

void rig_report_print_path(FILE *out, const char *path)
{
    for (; *path != '\0'; path++) {
        if (*path < ' ' || *path > '~') {
            (void)fprintf(out, "\\x%02x", (unsigned)(unsigned char)*path);
        } else {
            (void)fputc(*path, out);
        }
    }
}

size_t rig_report_rule_at(const struct rig_run_report *report, const char *id)
{
    for (size_t i = 0; i < report->rule_count; i++) {
        if (strcmp(report->rules[i].id, id) == 0) {
            return i;
        }
    }
    return SIZE_MAX;
}

static bool names(const struct rig_report_item *item, size_t number)
{
    for (size_t i = 0; i < item->case_count; i++) {
        if (item->cases[i] == number) {
            return true;
        }
    }
    return false;
}

size_t rig_report_failure(const struct rig_run_report *report, size_t number, size_t from)
{
    if (from == SIZE_MAX) {
        return report->cases[number].failure;
    }
    for (size_t i = from + 1; i < report->item_count; i++) {
        if (report->items[i].fails && names(&report->items[i], number)) {
            return i;
        }
    }
    return SIZE_MAX;
}

const char *rig_report_state_name(enum rig_report_state state)
{
    static const char *const names_of[] = {"new", "expected", "known", "suppressed"};
    return names_of[state];
}

void rig_report_key_text(uint64_t key, char text_of[17])
{
    (void)snprintf(text_of, 17, "%016" PRIx64, key);
}

void rig_report_version_text(char text_of[32])
{
    (void)snprintf(text_of, 32, "%d.%d.%d", RIG_VERSION / 10000, RIG_VERSION / 100 % 100, RIG_VERSION % 100);
}
