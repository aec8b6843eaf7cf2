/* --format, --json FILE, --sarif FILE and so on: where reports go. */
#ifndef STACKRIG_CLI_FORMATS_H
#define STACKRIG_CLI_FORMATS_H

#include <getopt.h>

#include "harness/cli/ui/cli.h"
#include "harness/reporters/report.h"

#define RIG_FORMATS_MAX 16
#define RIG_OPTION_FORMAT 1000 /* and RIG_FORMATS_MAX + 1 numbers behind it are those of these options */

struct rig_formats {
    bool text;                            /* --format text */
    const struct rig_reporter *to_stdout; /* in its place, or behind it; NULL: none */
    struct {
        const struct rig_reporter *reporter;
        const char *path;
    } files[RIG_FORMATS_MAX];
    size_t count;
};

/* A verb's own options and these; free() them. */
struct option *rig_formats_options(const struct option *own);
bool rig_formats_is(int option);
/* False: complained. The value must last; "-" is the output, as --format has it. */
bool rig_formats_take(struct rig_formats *formats, int option, const char *value);
/* Once these are known, too: does no report take the place of what is read? False: complained. */
bool rig_formats_apart(const struct rig_formats *formats, const char *stack, char *const *files, size_t count);
/* Is text to be printed? */
bool rig_formats_text(const struct rig_formats *formats);
/* Is there a report to be made? */
bool rig_formats_any(const struct rig_formats *formats);
/* Writes all of them: each file whole or not at all. False: complained. */
bool rig_formats_write(const struct rig_formats *formats, const struct rig_run_report *report);
bool rig_formats_written(void); /* was that done, be it in vain? */
/* Their lines of a verb's help. */
#define RIG_FORMATS_HELP                                                              \
    "  --format FORMAT       text, github, json, junit, sarif or tap to the output\n" \
    "  --json FILE, --sarif FILE, --junit FILE, --tap FILE, --github FILE\n"

#endif
