#define _GNU_SOURCE

#include "harness/cli/ui/formats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/cli/ui/outputs.h"
#include "harness/cli/ui/suggest.h"

/* ---- options ---- */

struct option *rig_formats_options(const struct option *own)
{
    size_t count = 0, formats;
    const struct rig_reporter *const *table = rig_reporters(&formats);
    while (own[count].name) {
        count++;
    }
    struct option *all = rig_must_alloc(count + formats + 2, sizeof *all);
    memcpy(all, own, count * sizeof *all);
    all[count++] = (struct option){"format", required_argument, NULL, RIG_OPTION_FORMAT};
    for (size_t i = 0; i < formats && i < RIG_FORMATS_MAX; i++) {
        if (table[i]->write) {
            all[count++] = (struct option){table[i]->name, required_argument, NULL, RIG_OPTION_FORMAT + 1 + (int)i};
        }
    }
    return all;
}

bool rig_formats_is(int option)
{
    return option >= RIG_OPTION_FORMAT && option <= RIG_OPTION_FORMAT + RIG_FORMATS_MAX;
}

static const char *name_at(size_t i)
{
    size_t count;
    return rig_reporters(&count)[i]->name;
}

static bool take_format(struct rig_formats *formats, const char *name)
{
    const struct rig_reporter *reporter = rig_reporter_find(name);
    if (!reporter) {
        char line[256];
        struct rig_text text;
        size_t count;
        (void)rig_reporters(&count);
        rig_text_start(&text, line, sizeof line);
        if (!rig_text_suggest_of(&text, name, name_at, count)) {
            for (size_t i = 0; i < count; i++) {
                rig_text_printf(&text, "%s%s", i == 0 ? "; there are " : i + 1 < count ? ", " : " and ", name_at(i));
            }
        }
        rig_text_end(&text);
        rig_complain("there is no format %s%s", name, line);
        return false;
    }
    if (reporter->write && formats->to_stdout && formats->to_stdout != reporter) {
        rig_complain("--format %s and --format %s: the output can be one of them; the other goes to a file, --%s FILE",
                     formats->to_stdout->name, name, name);
        return false;
    }
    formats->text = formats->text || !reporter->write;
    formats->to_stdout = reporter->write ? reporter : formats->to_stdout;
    if (formats->text && formats->to_stdout && formats->to_stdout->document) {
        rig_complain("--format text and --format %s: the output can be one of them; --%s FILE writes a file",
                     formats->to_stdout->name, formats->to_stdout->name);
        return false;
    }
    return true;
}

bool rig_formats_take(struct rig_formats *formats, int option, const char *value)
{
    size_t count;
    const struct rig_reporter *const *table = rig_reporters(&count);
    if (option == RIG_OPTION_FORMAT) {
        return take_format(formats, value);
    }
    if (formats->count == RIG_FORMATS_MAX) {
        rig_complain("more than %d reports", RIG_FORMATS_MAX);
        return false;
    }
    for (size_t i = 0; i < formats->count; i++) {
        if (strcmp(formats->files[i].path, value) == 0 && strncmp(value, "/dev/", 5) != 0) {
            rig_complain("two reports cannot go to one file, %s", value);
            return false;
        }
    }
    const struct rig_reporter *reporter = table[option - RIG_OPTION_FORMAT - 1];
    if (rig_output_is_stdout(value)) {
        return take_format(formats, reporter->name);
    }
    if (!rig_output_allowed(reporter->name, value)) {
        return false;
    }
    formats->files[formats->count].reporter = reporter;
    formats->files[formats->count].path = value;
    formats->count++;
    return true;
}

bool rig_formats_apart(const struct rig_formats *formats, const char *stack, char *const *files, size_t count)
{
    bool good = true;
    for (size_t i = 0; good && i < formats->count; i++) {
        const char *name = formats->files[i].reporter->name, *path = formats->files[i].path;
        good =
            rig_output_apart(name, path, &stack, 1) && rig_output_apart(name, path, (const char *const *)files, count);
    }
    return good;
}

bool rig_formats_text(const struct rig_formats *formats)
{
    return formats->text || !formats->to_stdout;
}

bool rig_formats_any(const struct rig_formats *formats)
{
    return formats->to_stdout || formats->count > 0;
}

/* ---- reports ---- */

struct job {
    const struct rig_reporter *reporter;
    const struct rig_run_report *report;
};

static int write_report(const void *what, FILE *out)
{
    const struct job *job = what;
    return job->reporter->write(job->report, out);
}

/* Once, however often the format was asked for. */
static bool write_also(const struct rig_formats *formats, const struct rig_run_report *report)
{
    size_t count;
    const struct rig_reporter *const *table = rig_reporters(&count);
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        bool wanted = formats->to_stdout == table[i];
        for (size_t k = 0; k < formats->count; k++) {
            wanted = wanted || formats->files[k].reporter == table[i];
        }
        const char *path = "";
        int error = wanted && table[i]->also ? table[i]->also(report, &path) : 0;
        if (error != 0) {
            rig_complain("cannot write %s: %s", path, strerror(-error));
        }
        good = good && error == 0;
    }
    return good;
}

static bool written;

bool rig_formats_written(void)
{
    return written;
}

bool rig_formats_write(const struct rig_formats *formats, const struct rig_run_report *report)
{
    bool good = true;
    written = true;
    if (formats->to_stdout) {
        int error = formats->to_stdout->write(report, stdout);
        if (error != 0 && !ferror(stdout)) { /* else the end of the command tells it */
            rig_complain("cannot write the report: %s", strerror(-error));
        }
        good = error == 0;
    }
    for (size_t i = 0; i < formats->count; i++) {
        const struct job job = {formats->files[i].reporter, report};
        good = rig_write_file(formats->files[i].path, write_report, &job) && good;
    }
    return write_also(formats, report) && good;
}
