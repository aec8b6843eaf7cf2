#define _DEFAULT_SOURCE

#include "harness/cli/plan/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "harness/cli/plan/options.h"
#include "harness/cli/ui/suggest.h"

#define SINGLE_MAX 64 /* more than there are */
#define SIZE_OF_ALL ((size_t)1 << 20)

enum section { NOWHERE, PROJECT, THRESHOLDS, MASKS, SUPPRESSION };
static const char *const sections[] = {"", "project", "thresholds", "masks", "suppression"};

struct reader {
    struct rig_conf *conf;
    struct rig_check_options *options;
    enum section section;
    size_t line;
    bool files_given; /* by the command line */
    struct {
        const char *key;
        size_t line;
    } single[SINGLE_MAX]; /* keys that may stand once, and where they do */
    size_t single_count;
};

/* ---- what the keys are ---- */

static const char *const suppression_keys[] = {"rule", "layer", "file", "key", "reason", "until"};
static const char *const other_keys[][4] = {[PROJECT] = {"stack", "file", "files", "servers"}, [MASKS] = {"name"}};
static const char *const thresholds[] = {"fail-on", "require-armed", "max-warnings", "max-notes"};
static enum section asked; /* by key_at, which is given no closure */

static bool is_threshold(const char *name)
{
    for (size_t i = 0; i < sizeof thresholds / sizeof *thresholds; i++) {
        if (strcmp(thresholds[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static const char *key_at(size_t i)
{
    if (asked == SUPPRESSION) {
        return i < sizeof suppression_keys / sizeof *suppression_keys ? suppression_keys[i] : NULL;
    }
    if (asked == THRESHOLDS) {
        return i < sizeof thresholds / sizeof *thresholds ? thresholds[i] : NULL;
    }
    if (i < 4 && other_keys[asked][i]) {
        return other_keys[asked][i];
    }
    size_t skipped = 0;
    for (size_t k = 0; asked == PROJECT && rig_check_option_name(k); k++) {
        const char *name = rig_check_option_name(k);
        if (is_threshold(name) || !rig_check_option_known(name)) {
            skipped++; /* the command line's alone, or of another section */
        } else if (k - skipped == i - 4) {
            return name;
        }
    }
    return NULL;
}

static const char *section_at(size_t i)
{
    return sections[i + 1];
}

/* Whose key it is; NOWHERE: nobody's. */
static enum section section_of(const char *key)
{
    for (asked = PROJECT; asked <= SUPPRESSION; asked++) {
        for (size_t i = 0; key_at(i); i++) {
            if (strcmp(key_at(i), key) == 0) {
                return asked;
            }
        }
    }
    return NOWHERE;
}

static bool is_option(const char *key)
{
    static const char *const options[] = {"watch", "update-baseline", "conf", "help"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (strcmp(options[i], key) == 0) {
            return true;
        }
    }
    return false;
}

/* The second of a key that has one value is refused: which of them counts is no matter of chance. */
static bool is_first(struct reader *reader, const char *key)
{
    static const char *const many[] = {"file", "files", "server", "servers", "set", "arg", "mask", "require-armed"};
    for (size_t i = 0; i < sizeof many / sizeof *many; i++) {
        if (strcmp(many[i], key) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < reader->single_count; i++) {
        if (strcmp(reader->single[i].key, key) == 0) {
            rig_complain("%s:%zu: %s: line %zu has one already", reader->conf->path, reader->line, key,
                         reader->single[i].line);
            return false;
        }
    }
    if (reader->single_count < SINGLE_MAX) {
        reader->single[reader->single_count].key = key;
        reader->single[reader->single_count++].line = reader->line;
    }
    return true;
}

static bool refuse_key(const struct reader *reader, const char *key)
{
    char line[512];
    struct rig_text text;
    size_t count = 0;
    asked = reader->section;
    while (key_at(count)) {
        count++;
    }
    rig_text_start(&text, line, sizeof line);
    enum section home = section_of(key);
    asked = reader->section;
    if (home != NOWHERE) {
        rig_text_printf(&text, "; [%s] has it", sections[home]);
    } else if (reader->section == PROJECT && is_option(key)) {
        rig_text_printf(&text, "; it is an option of the command line alone, --%s", key);
    } else {
        (void)rig_text_suggest_of(&text, key, key_at, count);
    }
    rig_text_end(&text);
    rig_complain("%s:%zu: [%s] has no key %s%s", reader->conf->path, reader->line, sections[reader->section], key,
                 line);
    return false;
}

/* ---- values ---- */

static void add_file(struct rig_conf *conf, const char *path)
{
    conf->files = rig_must_grow(conf->files, conf->file_count, &conf->file_capacity, sizeof *conf->files);
    conf->files[conf->file_count++] = rig_must_copy(path);
}

/* Words, each a path or a pattern of the shell's. */
static bool add_files(const struct reader *reader, char *words)
{
    bool good = true;
    char *rest = NULL;
    for (char *word = strtok_r(words, " \t", &rest); word; word = strtok_r(NULL, " \t", &rest)) {
        glob_t found = {0};
        int error = glob(word, GLOB_ERR, NULL, &found);
        for (size_t i = 0; error == 0 && i < found.gl_pathc; i++) {
            add_file(reader->conf, found.gl_pathv[i]);
        }
        if (error != 0) {
            rig_complain("%s:%zu: files: there is no file %s", reader->conf->path, reader->line, word);
            good = false;
        }
        globfree(&found);
    }
    return good;
}

/* An option of the command, by its name; those with a list of profiles take several in one line. */
static bool set_option(const struct reader *reader, const char *key, char *value)
{
    char where[RIG_LINE_SIZE];
    struct rig_text text;
    char *rest = NULL;
    rig_text_start(&text, where, sizeof where);
    rig_text_printf(&text, "%s:%zu: %s", reader->conf->path, reader->line, key);
    rig_text_end(&text);
    rig_complain_within(where);
    bool good = true;
    if (strcmp(key, "server") == 0) {
        for (char *word = strtok_r(value, " \t", &rest); good && word; word = strtok_r(NULL, " \t", &rest)) {
            good = rig_check_option_set(reader->options, key, word);
        }
    } else {
        good = rig_check_option_set(reader->options, key, value);
    }
    rig_complain_within(NULL);
    return good;
}

static bool set_project(struct reader *reader, const char *key, char *value)
{
    if (!is_first(reader, key)) {
        return false;
    }
    if (strcmp(key, "stack") == 0) {
        reader->options->stack = reader->options->stack ? reader->options->stack : value;
        return true;
    }
    if (strcmp(key, "file") == 0) {
        add_file(reader->conf, value);
        return true;
    }
    if (strcmp(key, "files") == 0) {
        return reader->files_given || add_files(reader, value);
    }
    key = strcmp(key, "servers") == 0 ? "server" : key;
    return !is_threshold(key) && rig_check_option_known(key) ? set_option(reader, key, value) : refuse_key(reader, key);
}

static bool set_suppression(struct reader *reader, const char *key, const char *value)
{
    struct rig_conf *conf = reader->conf;
    struct rig_suppression *one = &conf->suppressions[conf->suppression_count - 1];
    const char **const fields[] = {&one->rule, &one->layer, &one->file, &one->key, &one->reason, &one->until};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (strcmp(suppression_keys[i], key) == 0) {
            if (*fields[i]) {
                rig_complain("%s:%zu: %s: this suppression has one already", conf->path, reader->line, key);
                return false;
            }
            *fields[i] = value;
            one->rule_line = fields[i] == &one->rule ? reader->line : one->rule_line;
            one->until_line = fields[i] == &one->until ? reader->line : one->until_line;
            return true;
        }
    }
    return refuse_key(reader, key);
}

/* ---- lines ---- */

static char *trim(char *text)
{
    text += strspn(text, " \t\r");
    for (size_t size = strlen(text); size > 0 && strchr(" \t\r", text[size - 1]); size--) {
        text[size - 1] = '\0';
    }
    return text;
}

static bool begin_section(struct reader *reader, const char *name)
{
    struct rig_conf *conf = reader->conf;
    for (enum section i = PROJECT; i <= SUPPRESSION; i++) {
        if (strcmp(sections[i], name) == 0) {
            reader->section = i;
        }
    }
    if (reader->section == NOWHERE) {
        char line[256];
        struct rig_text text;
        rig_text_start(&text, line, sizeof line);
        (void)rig_text_suggest_of(&text, name, section_at, SUPPRESSION);
        rig_complain("%s:%zu: there is no section [%s]%s", conf->path, reader->line, name, line);
        return false;
    }
    if (reader->section == SUPPRESSION) {
        conf->suppressions = rig_must_grow(conf->suppressions, conf->suppression_count, &conf->suppression_capacity,
                                           sizeof *conf->suppressions);
        conf->suppressions[conf->suppression_count++] = (struct rig_suppression){.line = reader->line};
    }
    return true;
}

static bool take_line(struct reader *reader, char *line)
{
    const char *path = reader->conf->path;
    char *equals = strchr(line, '='), *end = line + strlen(line);
    if (*line == '\0' || *line == '#' || *line == ';') {
        return true;
    }
    if (*line == '[' && end[-1] == ']') {
        end[-1] = '\0';
        reader->section = NOWHERE;
        return begin_section(reader, trim(line + 1));
    }
    if (!equals || equals == line) {
        rig_complain("%s:%zu: expected [section] or key = value", path, reader->line);
        return false;
    }
    *equals = '\0';
    char *key = trim(line), *value = trim(equals + 1);
    if (reader->section == NOWHERE) {
        rig_complain("%s:%zu: %s: no section has begun; [project] is the first", path, reader->line, key);
        return false;
    }
    if (*value == '\0') {
        rig_complain("%s:%zu: %s: has no value", path, reader->line, key);
        return false;
    }
    switch (reader->section) {
    case PROJECT:
        return set_project(reader, key, value);
    case THRESHOLDS:
        return !is_threshold(key) ? refuse_key(reader, key) : is_first(reader, key) && set_option(reader, key, value);
    case MASKS:
        return strcmp(key, "name") == 0 ? set_option(reader, "mask", value) : refuse_key(reader, key);
    default:
        return set_suppression(reader, key, value);
    }
}

/* ---- the file ---- */

/* NULL: complained. A regular file without zero bytes. */
static char *read_text(const char *path)
{
    struct stat about;
    char *text = rig_must_alloc(SIZE_OF_ALL + 1, 1);
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), error = fd < 0 ? errno : 0;
    ssize_t got = 0;
    size_t size = 0;
    if (error == 0 && (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))) {
        error = EINVAL;
    }
    while (error == 0 && size < SIZE_OF_ALL && (got = read(fd, text + size, SIZE_OF_ALL - size)) > 0) {
        size += (size_t)got;
    }
    error = error == 0 && got < 0 ? errno : error;
    if (fd >= 0) {
        (void)close(fd);
    }
    if (error != 0) {
        rig_complain("cannot read %s: %s", path, error == EINVAL ? "it is no file" : strerror(error));
    } else if (size == SIZE_OF_ALL || strlen(text) != size) {
        rig_complain("%s: %s", path, size == SIZE_OF_ALL ? "is too large" : "holds a zero byte: it is no text");
        error = EINVAL;
    }
    if (error != 0) {
        free(text);
        return NULL;
    }
    return text;
}

static size_t lines_of(const char *text)
{
    size_t count = 1;
    for (; *text != '\0'; text++) {
        count += *text == '\n';
    }
    return count;
}

static bool take_lines(struct reader *reader, char *text)
{
    bool good = true;
    for (char *line = text; line;) {
        char *end = strchr(line, '\n');
        if (end) {
            *end = '\0';
        }
        reader->line++;
        good = take_line(reader, trim(line)) && good;
        line = end ? end + 1 : NULL;
    }
    for (size_t i = 0; i < reader->conf->suppression_count; i++) {
        good = rig_suppression_check(reader->conf, &reader->conf->suppressions[i]) && good;
    }
    return good;
}

bool rig_conf_read(struct rig_conf *conf, const char *path, struct rig_check_options *options)
{
    time_t now = time(NULL);
    struct tm tm;
    struct reader reader = {.conf = conf, .options = options, .files_given = options->file_count > 0};
    *conf = (struct rig_conf){.path = path, .text = read_text(path)};
    if (!conf->text) {
        return false;
    }
    (void)strftime(conf->today, sizeof conf->today, "%Y-%m-%d", gmtime_r(&now, &tm));
    rig_check_options_reserve(options, lines_of(conf->text));
    bool good = take_lines(&reader, conf->text);
    if (options->file_count == 0) {
        options->files = conf->files;
        options->file_count = conf->file_count;
    }
    if (good && (!options->stack || options->file_count == 0)) {
        rig_complain("%s: [project] has no %s", path, options->stack ? "files" : "stack");
        good = false;
    }
    return good && rig_formats_apart(&options->formats, options->stack, options->files, options->file_count);
}

/* What is wrong elsewhere in the file is told where that is read. */
static bool take_mask(const char *path, size_t number, char *line)
{
    char where[RIG_LINE_SIZE];
    struct rig_text text;
    char *equals = strchr(line, '=');
    if (!equals || *line == '#' || *line == ';') {
        return true;
    }
    *equals = '\0';
    rig_text_start(&text, where, sizeof where);
    rig_text_printf(&text, "%s:%zu: name", path, number);
    rig_text_end(&text);
    rig_complain_within(where);
    bool good = strcmp(trim(line), "name") != 0 || rig_mask_add(trim(equals + 1));
    rig_complain_within(NULL);
    return good;
}

bool rig_conf_masks(const char *path)
{
    bool there = access(path, F_OK) == 0, masks = false;
    char *text = there ? read_text(path) : NULL, *rest = text;
    bool good = text || !there;
    for (size_t number = 1; rest; number++) {
        char *line = trim(strsep(&rest, "\n")), *end = line + strlen(line);
        if (*line == '[' && end[-1] == ']') {
            end[-1] = '\0';
            masks = strcmp(trim(line + 1), "masks") == 0;
        } else if (masks) {
            good = take_mask(path, number, line) && good;
        }
    }
    free(text);
    return good;
}

void rig_conf_free(struct rig_conf *conf)
{
    for (size_t i = 0; i < conf->file_count; i++) {
        free(conf->files[i]);
    }
    free(conf->files);
    free(conf->suppressions);
    free(conf->text);
    *conf = (struct rig_conf){.path = NULL};
}
