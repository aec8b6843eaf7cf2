#define _POSIX_C_SOURCE 200809L

#include "harness/cli/check/baseline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cli/ui/formats.h"
#include "harness/cli/ui/outputs.h"
#include "harness/report/mask.h"
#include "harness/report/text.h"

#define FIRST_LINE "# stackrig baseline 1"
#define KEY_SIZE 16

static int order(const void *a, const void *b)
{
    const struct rig_known *one = a, *other = b;
    return (one->key > other->key) - (one->key < other->key);
}

/* ---- reading ---- */

static enum rig_level level_of(const char *word)
{
    size_t size = strcspn(word, " \n");
    for (enum rig_level level = RIG_LEVEL_NOTE; level <= RIG_LEVEL_ERROR; level++) {
        const char *name = rig_level_name(level);
        if (strlen(name) == size && memcmp(name, word, size) == 0) {
            return level;
        }
    }
    return RIG_LEVEL_OFF;
}

static bool take_line(struct rig_baseline *baseline, const char *line, size_t number)
{
    char *end;
    if (*line == '#' || *line == '\n' || *line == '\0') {
        return true;
    }
    uint64_t key = strtoull(line, &end, 16);
    if (end != line + KEY_SIZE || *end != ' ' || *line == '-' || *line == '+') {
        rig_complain("%s:%zu: expected the key of a finding, %d hexadecimal digits", baseline->path, number, KEY_SIZE);
        return false;
    }
    enum rig_level level = level_of(end + 1);
    if (level == RIG_LEVEL_OFF) {
        rig_complain("%s:%zu: expected error, warning or note behind the key", baseline->path, number);
        return false;
    }
    baseline->known = rig_must_grow(baseline->known, baseline->count, &baseline->capacity, sizeof *baseline->known);
    baseline->known[baseline->count++] = (struct rig_known){key, level, false};
    return true;
}

static bool read_lines(struct rig_baseline *baseline, FILE *file)
{
    char *line = NULL;
    size_t room = 0, number = 0;
    bool good = true;
    while (good && getline(&line, &room, file) > 0) {
        if (++number == 1 && strncmp(line, FIRST_LINE, sizeof FIRST_LINE - 1) != 0) {
            rig_complain("%s:1: is no baseline: its first line is not \"" FIRST_LINE "\"", baseline->path);
            good = false;
        } else {
            good = take_line(baseline, line, number);
        }
    }
    if (good && (ferror(file) || number == 0)) {
        rig_complain("cannot read %s: %s", baseline->path, number == 0 ? "it is empty, or no file" : strerror(errno));
        good = false;
    }
    free(line);
    return good;
}

bool rig_baseline_read(struct rig_baseline *baseline, const char *path)
{
    *baseline = (struct rig_baseline){.path = path};
    FILE *file = fopen(path, "re");
    if (!file) {
        rig_complain("cannot read %s: %s; --update-baseline writes it", path, strerror(errno));
        return false;
    }
    bool good = read_lines(baseline, file);
    (void)fclose(file);
    if (baseline->count > 0) {
        qsort(baseline->known, baseline->count, sizeof *baseline->known, order);
    }
    return good;
}

void rig_baseline_apply(struct rig_baseline *baseline, struct rig_fold *fold)
{
    for (size_t i = 0; i < fold->count && baseline->count > 0; i++) {
        struct rig_block *block = &fold->blocks[i];
        const struct rig_known wanted = {.key = block->lasting};
        struct rig_known *known = bsearch(&wanted, baseline->known, baseline->count, sizeof wanted, order);
        if (known && rig_block_is_new(block) && block->finding.level <= known->level) {
            known->seen = true;
            block->state = RIG_REPORT_KNOWN;
        }
    }
}

/* ---- writing ---- */

/* By rule, then by key, so that a change of the file shows what has changed; of one key the worst first. */
static int order_of_blocks(const void *a, const void *b)
{
    const struct rig_block *one = *(const struct rig_block *const *)a, *other = *(const struct rig_block *const *)b;
    int by_rule = strcmp(one->finding.rule, other->finding.rule);
    int by_key = (one->lasting > other->lasting) - (one->lasting < other->lasting);
    return by_rule != 0 ? by_rule : by_key != 0 ? by_key : (int)other->finding.level - (int)one->finding.level;
}

static void write_block(FILE *out, const struct rig_block *block)
{
    char line[RIG_LINE_SIZE], key[KEY_SIZE + 1];
    struct rig_text text;
    rig_report_key_text(block->lasting, key);
    rig_text_start(&text, line, sizeof line);
    rig_text_printf(&text, "%s %s ", key, rig_level_name(block->finding.level));
    rig_text_escape(&text, block->finding.rule);
    rig_text_add(&text, " ");
    rig_text_layer(&text, block->finding.layer ? block->finding.layer : "-", block->finding.layer_number);
    if (block->finding.subject && !block->apart) {
        rig_text_add(&text, " ");
        rig_text_escape(&text, block->finding.subject);
    }
    rig_text_end(&text);
    (void)fprintf(out, "%s\n", line);
}

static int write_all(const void *what, FILE *out)
{
    const struct rig_fold *fold = what;
    const struct rig_block **sorted = rig_must_alloc(fold->count, sizeof *sorted);
    size_t count = 0;
    for (size_t i = 0; i < fold->count; i++) {
        const struct rig_block *block = &fold->blocks[i];
        if (!block->expected && block->state != RIG_REPORT_SUPPRESSED) {
            sorted[count++] = block;
        }
    }
    qsort(sorted, count, sizeof *sorted, order_of_blocks);
    errno = 0;
    (void)fprintf(out, FIRST_LINE ": findings that are known, written by stackrig check --update-baseline\n");
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || sorted[i]->lasting != sorted[i - 1]->lasting) {
            write_block(out, sorted[i]);
        }
    }
    free(sorted);
    return !ferror(out) ? 0 : errno != 0 ? -errno : -EIO;
}

bool rig_baseline_write(const char *path, const struct rig_fold *fold)
{
    return rig_write_file(path, write_all, fold);
}

void rig_baseline_print(const struct rig_baseline *baseline, const struct rig_fold *fold)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    size_t known = 0, gone = 0;
    for (size_t i = 0; i < fold->count; i++) {
        known += fold->blocks[i].state == RIG_REPORT_KNOWN;
    }
    for (size_t i = 0; i < baseline->count; i++) {
        gone += !baseline->known[i].seen;
    }
    rig_text_start(&text, line, sizeof line);
    rig_text_printf(&text, "known, not shown: %zu (", known);
    rig_text_escape(&text, baseline->path);
    rig_text_add(&text, ")\n");
    if (gone > 0) {
        rig_text_printf(&text, "in the baseline and gone: %zu; --update-baseline drops them\n", gone);
    }
    rig_print(&text);
}

void rig_baseline_free(struct rig_baseline *baseline)
{
    free(baseline->known);
}
