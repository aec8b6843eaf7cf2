#define _POSIX_C_SOURCE 200809L

#include "harness/cli/fuzz/fuzzed.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz/driver/here.h"
#include "fuzz/driver/text.h"
#include "fuzz/driver/version.h"
#include "harness/cli/plan/options.h"
#include "harness/cli/run/load.h"
#include "harness/cli/run/rows.h"
#include "harness/cli/ui/known.h"
#include "harness/cli/ui/suggest.h"

#define FILE_MAX ((size_t)1 << 20)

/* ---- options ---- */

bool rig_fuzzed_number(const char *option, const char *value, uint64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoull(value, &end, 10);
    if (errno != 0 || end == value || *end || value[0] == '-') {
        rig_complain("--%s wants a number, not %s", option, value);
        return false;
    }
    return true;
}

static bool take_word(const char **list, const char *option, const char *word)
{
    size_t count = 0;
    if (!*word) {
        rig_complain("--%s wants a name", option);
        return false;
    }
    while (list[count]) {
        count++;
    }
    if (count == RIG_IGNORE_MAX) {
        rig_complain("--%s is given more than %d times", option, RIG_IGNORE_MAX);
        return false;
    }
    list[count] = word;
    return true;
}

/* "key=value", which is cut in two; the value may be a secret: it is never shown. */
static bool take_setting(struct rig_field *settings, char *setting)
{
    char *equals = strchr(setting, '=');
    size_t count = 0;
    if (!equals || equals == setting) {
        rig_complain("--set wants key=value");
        return false;
    }
    *equals = '\0';
    while (settings[count].name && strcmp(settings[count].name, setting) != 0) {
        count++;
    }
    bool good = count < RIG_FIELDS_MAX && !settings[count].name;
    if (good) {
        settings[count] = (struct rig_field){setting, equals + 1};
    } else if (count == RIG_FIELDS_MAX) {
        rig_complain("--set is given more than %d times", RIG_FIELDS_MAX);
    } else {
        rig_complain("--set %s was given twice", setting);
    }
    return good;
}

static const struct {
    const char *place;
    size_t offset;
} places[] = {{"cookie", offsetof(struct rig_fuzz, credential_cookie)}, /* as struct rig_fuzz_names has them */
              {"header", offsetof(struct rig_fuzz, credential_header)},
              {"query", offsetof(struct rig_fuzz, credential_query)}};
#define PLACES (sizeof places / sizeof *places)

static const char **name_in(struct rig_fuzz *what, size_t place)
{
    return (const char **)(void *)((char *)what + places[place].offset);
}

/* "header=X-Auth-Token" */
static bool take_place(struct rig_fuzz *what, const char *value)
{
    const char *equals = strchr(value, '=');
    for (size_t i = 0; i < PLACES && equals; i++) {
        size_t size = strlen(places[i].place);
        if ((size_t)(equals - value) == size && strncmp(value, places[i].place, size) == 0 &&
            rig_fuzz_is_place_name(equals + 1)) {
            *name_in(what, i) = equals + 1;
            return true;
        }
    }
    rig_complain("--credential wants header=NAME, cookie=NAME or query=NAME, not %s", value);
    return false;
}

/* The command line's in the place of the stack's own. */
static void add_places(struct rig_fuzz *used, struct rig_fuzz *more)
{
    for (size_t i = 0; i < PLACES; i++) {
        const char *name = *name_in(more, i);
        *name_in(used, i) = name ? name : *name_in(used, i);
    }
}

/* The command line's beside those that the stack's own RIG_FUZZ names, in their place where they have one name. */
static bool add_settings(struct rig_field *settings, const struct rig_field *more)
{
    for (size_t i = 0; more[i].name; i++) {
        size_t at = 0;
        while (settings[at].name && strcmp(settings[at].name, more[i].name) != 0) {
            at++;
        }
        if (at == RIG_FIELDS_MAX) {
            rig_complain("the stack's RIG_FUZZ and --set make more than %d settings", RIG_FIELDS_MAX);
            return false;
        }
        settings[at] = more[i];
    }
    return true;
}

/* Without the path of "RULE /path". */
static bool ask_alone(bool (*knows)(const char *pattern), const char *value)
{
    char alone[128];
    size_t size = strcspn(value, " ");
    bool path = value[size] == '\0' || value[size + strspn(value + size, " ")] == '/';
    (void)snprintf(alone, sizeof alone, "%.*s", (int)(size < sizeof alone ? size : sizeof alone - 1), value);
    return path && knows(alone);
}

/* Always false. */
static bool refuse_ignore(const char *value)
{
    rig_complain("--ignore wants a rule or \"area.*\", or \"RULE /path\", not %s", value);
    return false;
}

bool rig_fuzzed_rules(const struct rig_fuzzed *fuzzed)
{
    char line[RIG_LINE_SIZE];
    struct rig_text why;
    enum rig_rows rows;
    bool good = true;
    rig_text_start(&why, line, sizeof line);
    if (!rig_rows_read(fuzzed->stack, 0, &rows, &why)) {
        return false;
    }
    if (fuzzed->rule && rows == RIG_ROWS_READ && !rig_known_find(fuzzed->rule)) {
        rig_complain_rule(fuzzed->rule);
        return false;
    }
    for (size_t i = 0; fuzzed->what.ignore[i] && rows == RIG_ROWS_READ && good; i++) {
        good = ask_alone(rig_known_pattern, fuzzed->what.ignore[i]) || refuse_ignore(fuzzed->what.ignore[i]);
    }
    return good;
}

bool rig_fuzzed_option(struct rig_fuzzed *fuzzed, int answer, char *value)
{
    switch (answer) {
    case 's':
        return rig_fuzzed_number("seed", value, &fuzzed->seed);
    case 'p':
        return take_word(fuzzed->what.protect, "protect", value);
    case 'm':
        return rig_mask_add(value);
    case 'k':
        return take_setting(fuzzed->what.settings, value);
    case 'c':
        return take_place(&fuzzed->what, value);
    case 'v':
        return take_word(fuzzed->what.profiles, "server", value);
    default:
        return (ask_alone(rig_known_pattern_perhaps, value) || refuse_ignore(value)) &&
               take_word(fuzzed->what.ignore, "ignore", value);
    }
}

bool rig_fuzzed_operands(struct rig_fuzzed *fuzzed, const struct rig_verb *verb, int argc, char **argv,
                         const char **file, int *status)
{
    static const struct option names[] = {RIG_FUZZED_OPTIONS, {"rule", required_argument, NULL, 'r'}, {0}};
    opterr = 0;
    *status = RIG_STATUS_USAGE;
    for (int answer; (answer = getopt_long(argc, argv, ":h", names, NULL)) != -1;) {
        if (answer == 'h') {
            rig_verb_help(verb);
            *status = RIG_STATUS_CLEAN;
            return false;
        }
        if (answer == '?' || answer == ':') {
            *status = rig_complain_option(verb, answer, argv, names);
            return false;
        }
        if (answer == 'r') {
            fuzzed->rule = optarg;
        } else if (!rig_fuzzed_option(fuzzed, answer, optarg)) {
            return false;
        }
    }
    if (argc - optind != 2) {
        rig_complain_usage(verb, "expected STACK.so FILE");
        return false;
    }
    fuzzed->stack = argv[optind];
    *file = argv[optind + 1];
    return rig_fuzzed_rules(fuzzed) && rig_fuzzed_names(fuzzed, *file);
}

/* ---- a stack and a scenario ---- */

/* Behind those that the stack says itself. False: complained. */
static bool add_words(const char **list, const char *option, const char *const *more)
{
    bool good = true;
    for (size_t i = 0; more[i] && good; i++) {
        good = take_word(list, option, more[i]);
    }
    return good;
}

/* What the stack says, and the options: servers that are named take the place of its own. */
static bool merge(struct rig_fuzzed *fuzzed, const struct rig_fuzz *own)
{
    fuzzed->used = own ? *own : fuzzed->what;
    if (own && fuzzed->what.profiles[0]) {
        memcpy(fuzzed->used.profiles, fuzzed->what.profiles, sizeof fuzzed->used.profiles);
    }
    add_places(&fuzzed->used, &fuzzed->what);
    return !own || (add_words(fuzzed->used.protect, "protect", fuzzed->what.protect) &&
                    add_words(fuzzed->used.ignore, "ignore", fuzzed->what.ignore) &&
                    add_settings(fuzzed->used.settings, fuzzed->what.settings));
}

bool rig_fuzzed_open(struct rig_fuzzed *fuzzed, struct rig_fuzz_target *target)
{
    char line[RIG_LINE_SIZE];
    struct rig_text why;
    const char *wrong = NULL;
    rig_text_start(&why, line, sizeof line);
    const struct rig_export *export = rig_stack_load(fuzzed->stack, &why);
    const struct rig_own_rule *const *rules = export ? rig_stack_rules(fuzzed->stack, &why) : NULL;
    if (why.length) {
        rig_text_end(&why);
        rig_complain("%s", line);
        return false;
    }
    const struct rig_fuzz *own = rig_stack_fuzz(fuzzed->stack);
    rig_stand_learn();
    fuzzed->what.build = export->build;
    fuzzed->own = own != NULL;
    if (!merge(fuzzed, own)) {
        return false;
    }
    fuzzed->used.rules = fuzzed->used.rules ? fuzzed->used.rules : rules;
    int error = rig_fuzz_target_open(target, &fuzzed->used, fuzzed->seed, rig_fuzzed_checks(), rig_fuzzed_turn, &wrong);
    if (error != 0) {
        rig_complain("%s: %s", fuzzed->stack, wrong ? wrong : rig_fuzz_trouble(target, error));
    }
    target->table.servers |= fuzzed->servers;
    return error == 0;
}

int rig_fuzzed_complain_unread(const struct rig_fuzzed *fuzzed, const struct rig_fuzzed_end *end)
{
    char line[RIG_LINE_SIZE];
    rig_complain("the stack %s: %s", end->built ? "was built, but no scenario is reached" : "cannot be built",
                 rig_fuzzed_end(end, fuzzed->stack, line));
    return RIG_STATUS_USAGE;
}

/* False: complained. A pipe would be waited for, and could be read but once. */
static bool is_regular(const char *path)
{
    struct stat about;
    int error = stat(rig_fuzz_here(path), &about) == 0 ? 0 : errno;
    bool regular = error == 0 && S_ISREG(about.st_mode);
    error = error == 0 && S_ISDIR(about.st_mode) ? EISDIR : error;
    if (!regular) {
        rig_complain("cannot read %s: %s", path, error ? strerror(error) : "Not a regular file");
    }
    return regular;
}

/* A whole file, which is not large. */
static bool read_all(const char *path, char *all, size_t *size)
{
    if (!is_regular(path)) {
        return false;
    }
    errno = 0;
    FILE *file = fopen(rig_fuzz_here(path), "rb");
    *size = file ? fread(all, 1, FILE_MAX, file) : 0;
    bool failed = !file || ferror(file);
    int error = errno;
    if (file) {
        (void)fclose(file);
    }
    if (failed) {
        rig_complain("cannot read %s: %s", path, strerror(error));
    } else if (*size == FILE_MAX) {
        rig_complain("%s is larger than a scenario can be", path);
    } else if (*size >= 4 && memcmp(all, "\177ELF", 4) == 0) {
        rig_complain("%s is a program or a shared object, not a scenario", path);
        failed = true;
    }
    return !failed && *size < FILE_MAX;
}

/* at NULL: all of it is one. */
static bool parse(const char *path, const char *all, size_t size, size_t *at, struct rig_fuzz_scenario *scenario)
{
    struct rig_scenario_error error;
    int status = at ? rig_fuzz_read_next(all, size, at, scenario, &error) : rig_fuzz_read(all, size, scenario, &error);
    if (status == -EINVAL) {
        rig_complain("%s:%zu:%zu: %s", path, error.line, error.column, error.message);
    } else if (status != 0) {
        rig_complain("%s: %s", path, rig_error_text(status));
    }
    return status == 0;
}

static bool read_from(const char *path, size_t *at, struct rig_fuzz_table *table, struct rig_fuzz_scenario *scenario)
{
    static char all[FILE_MAX];
    size_t size;
    if (!read_all(path, all, &size)) {
        return false;
    }
    if (rig_fuzz_is_text(path, all, size)) {
        bool good = parse(path, all, size, at, scenario);
        if (good && table) {
            rig_fuzz_admit(table, scenario);
        }
        return good;
    }
    char why[RIG_FUZZ_WHY_MAX];
    bool other = rig_fuzz_is_of_other(path, table, why);
    if (other) {
        rig_complain("%s", why);
    } else {
        rig_fuzz_decode(table, all, size, scenario);
    }
    return !other;
}

bool rig_fuzzed_read(const char *path, struct rig_fuzz_table *table, struct rig_fuzz_scenario *scenario)
{
    return read_from(path, NULL, table, scenario);
}

bool rig_fuzzed_names(struct rig_fuzzed *fuzzed, const char *path)
{
    static struct rig_fuzz_scenario scenario;
    if (!rig_fuzz_is_text_file(path)) {
        return true;
    }
    bool good = rig_fuzzed_read(path, NULL, &scenario);
    fuzzed->names = scenario.names;
    for (size_t i = 0; i < PLACES && good; i++) {
        if (fuzzed->names.of[i][0]) {
            *name_in(&fuzzed->what, i) = fuzzed->names.of[i];
        }
    }
    return good;
}

bool rig_fuzzed_input(const char *path, struct rig_fuzz_table *table, struct rig_fuzz_input *input)
{
    return rig_fuzzed_input_next(path, NULL, table, input);
}

bool rig_fuzzed_input_next(const char *path, size_t *at, struct rig_fuzz_table *table, struct rig_fuzz_input *input)
{
    static struct rig_fuzz_scenario scenario;
    if (!read_from(path, at, table, &scenario)) {
        return false;
    }
    input->size = rig_fuzz_encode(table, &scenario, input->bytes, sizeof input->bytes);
    if (input->size > sizeof input->bytes) {
        rig_complain("%s: takes %zu bytes of the %zu that the fuzzer keeps: its end is left out", path, input->size,
                     sizeof input->bytes);
        input->size = sizeof input->bytes;
    }
    return true;
}

/* The rule that is meant: of --rule, or the file's name; NULL: none is named. */
static const char *rule_meant(const struct rig_fuzzed *fuzzed, const char *file)
{
    static char rule[RIG_FUZZ_RULE_MAX];
    if (fuzzed->rule) {
        return fuzzed->rule;
    }
    return rig_fuzz_rule_of_file(file, rule) && rig_known_find(rule) ? rule : NULL;
}

/* Where the scenario has credentials under a usual name, and the stack may look for them under another; "": nowhere. */
static const char *hint_of_places(const struct rig_fuzz_engine *engine, char line[RIG_LINE_SIZE])
{
    const struct rig_fuzz_scenario *scenario = &engine->scenario;
    line[0] = '\0';
    for (uint32_t i = 0; i < scenario->count && !line[0]; i++) {
        const struct rig_fuzz_request *one = &scenario->requests[i];
        bool can_be_named = one->credentials != RIG_FUZZ_CLASS_NONE && one->place >= RIG_FUZZ_PLACE_COOKIE;
        if (can_be_named && !scenario->names.of[one->place - RIG_FUZZ_PLACE_COOKIE][0]) {
            const char *place = rig_fuzz_places[one->place];
            (void)snprintf(line, RIG_LINE_SIZE, "; it has credentials in the %s %s: --credential %s=NAME names another",
                           place, engine->target->credentials.names[one->place], place);
        }
    }
    return line;
}

bool rig_fuzzed_is_unasked(const struct rig_fuzz_target *target, const char *rule)
{
    return !target->what->protect[0] && !target->what->authorize &&
           strcmp(rule, rig_fuzz_rule_ids[RIG_FUZZ_APP_ENTERED]) == 0;
}

void rig_fuzzed_complain_nothing(const struct rig_fuzzed *fuzzed, const struct rig_fuzz_engine *engine,
                                 const char *file)
{
    const char *rule = rule_meant(fuzzed, file), *other = engine->found_count > 0 ? engine->found[0].rule : NULL;
    bool unasked = rule && rig_fuzzed_is_unasked(engine->target, rule);
    char line[RIG_LINE_SIZE];
    rig_complain("%s: %s is %sfound with %s%s%s%s%s", file, rule ? rule : "nothing", rule ? "not " : "", fuzzed->stack,
                 other ? "; what is found is " : "", other ? other : "", other ? " (--rule takes it)" : "",
                 unasked ? "; no app is protected: --protect APP names one"
                 : other ? ""
                         : hint_of_places(engine, line));
}

struct rig_fuzz_found *rig_fuzzed_meant(const struct rig_fuzzed *fuzzed, struct rig_fuzz_engine *engine,
                                        const char *file)
{
    const char *rule = rule_meant(fuzzed, file);
    for (size_t i = 0; i < engine->found_count; i++) {
        if (!rule || strcmp(rule, engine->found[i].rule) == 0) {
            return &engine->found[i];
        }
    }
    return NULL;
}
