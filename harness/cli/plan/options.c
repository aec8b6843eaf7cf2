#define _GNU_SOURCE

#include "harness/cli/plan/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <stackrig/result.h>

#include "harness/cli/plan/conf.h"
#include "harness/cli/ui/known.h"
#include "harness/cli/ui/outputs.h"
#include "harness/cli/ui/suggest.h"

#define TIMEOUT_DEFAULT 10000
#define TIMEOUT_MAX 86400
#define NOW_MAX INT64_C(9000000000) /* the year 2255: ns since 1970 still fit */

/* The value may be a secret: it is never shown. */
bool rig_setting_add(struct rig_check_options *options, char *setting)
{
    char *equals = strchr(setting, '=');
    if (!equals || equals == setting) {
        rig_complain("--set wants key=value");
        return false;
    }
    *equals = '\0';
    for (size_t i = 0; i < options->setting_count; i++) {
        if (!strcmp(options->settings[i].name, setting)) {
            rig_complain("--set %s was given twice", setting);
            return false;
        }
    }
    options->settings[options->setting_count++] = (struct rig_field){setting, equals + 1};
    return true;
}

static bool add_armed(struct rig_check_options *options, const char *id)
{
    if (!rig_known_perhaps(id)) {
        rig_complain_rule(id);
        return false;
    }
    options->armed[options->armed_count++] = (struct rig_required){id, rig_must_copy(rig_complaining_within())};
    return true;
}

bool rig_check_options_rules(const struct rig_check_options *options)
{
    bool good = true;
    for (size_t i = 0; i < options->armed_count && good; i++) {
        const struct rig_required *one = &options->armed[i];
        good = rig_known_find(one->rule) != NULL;
        if (!good) {
            rig_complain_within(one->where ? one->where : "--require-armed");
            rig_complain_rule(one->rule);
            rig_complain_within(NULL);
        }
    }
    return good;
}

static bool set_level(struct rig_check_options *options, const char *name)
{
    for (int level = RIG_LEVEL_NOTE; level <= RIG_LEVEL_ERROR; level++) {
        if (!strcmp(name, rig_level_name((enum rig_level)level))) {
            options->fail_on = (enum rig_level)level;
            return true;
        }
    }
    rig_complain("--fail-on wants note, warning or error, not %s", name);
    return false;
}

static bool set_timeout(struct rig_check_options *options, const char *seconds)
{
    char *end;
    double value = strtod(seconds, &end);
    if (end == seconds || *end || !(value >= 0.001 && value <= TIMEOUT_MAX)) {
        rig_complain("--timeout wants seconds, 0.001 to %d, not %s", TIMEOUT_MAX, seconds);
        return false;
    }
    options->timeout = (int)(value * 1000);
    return true;
}

static bool set_filter(struct rig_check_options *options, const char *filter)
{
    if (!*filter) {
        rig_complain("--filter wants a part of a request's name");
        return false;
    }
    if (options->filter) {
        rig_complain("--filter is given twice: a run has one");
        return false;
    }
    options->filter = filter;
    return true;
}

/* Seconds since the epoch, or 2025-06-15T15:06:40Z. */
static bool set_now(struct rig_check_options *options, const char *text)
{
    struct tm tm = {0};
    char *end = NULL;
    long long seconds = strtoll(text, &end, 10);
    if (*end != '\0') {
        end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
        seconds = end ? (long long)timegm(&tm) : 0;
    }
    if (!end || *end != '\0' || seconds <= 0 || seconds > NOW_MAX) {
        rig_complain("--now wants seconds since 1970 or a time as 2025-06-15T15:06:40Z, not %s", text);
        return false;
    }
    options->now = (int64_t)seconds * 1000000000;
    return true;
}

/* In the environment, where the library that the stack is linked to looks for it, too. */
bool rig_mask_add(const char *name)
{
    char list[4096];
    const char *before = getenv("STACKRIG_MASK");
    int size = snprintf(list, sizeof list, "%s%s%s", before ? before : "", before && *before ? "," : "", name);
    if (!*name || strpbrk(name, ", :=") || size >= (int)sizeof list || setenv("STACKRIG_MASK", list, 1)) {
        rig_complain("--mask wants the name of a header or a variable, not %s", name);
        return false;
    }
    return true;
}

static bool set_jobs(struct rig_check_options *options, const char *text)
{
    char *end;
    unsigned long count = strtoul(text, &end, 10);
    if (end == text || *end || count < 1 || count > RIG_SERVERS_MAX || *text == '-') {
        rig_complain("--jobs wants a number from 1 to %d, not %s", RIG_SERVERS_MAX, text);
        return false;
    }
    options->jobs = (unsigned)count;
    return true;
}

static bool set_most(struct rig_check_options *options, enum rig_level level, const char *text)
{
    char *end;
    unsigned long long count = strtoull(text, &end, 10);
    if (end == text || *end || *text == '-') {
        rig_complain("--max-%ss wants a number, not %s", rig_level_name(level), text);
        return false;
    }
    options->most[level] = (size_t)count;
    return true;
}

enum {
    SERVER = 256,
    SET,
    ARMED,
    FAIL_ON,
    FILTER,
    TIMEOUT,
    NOW,
    EACH_MALLOC,
    FAULTS,
    FRAMEWORK,
    ARGUMENT,
    MASK,
    HELP,
    QUIET,
    JOBS,
    BASELINE,
    UPDATE_BASELINE,
    CONF,
    MAX_WARNINGS,
    MAX_NOTES,
    WATCH,
    ONCE,
    FIRST,
    EACH_FILE
};

#define CHECK RIG_OPTIONS_CHECK
#define RUNS (RIG_OPTIONS_CHECK | RIG_OPTIONS_BISECT | RIG_OPTIONS_TRACE)

static const struct {
    struct option option;
    unsigned verbs; /* that have it */
} table[] = {{{"server", required_argument, NULL, SERVER}, RUNS},
             {{"set", required_argument, NULL, SET}, RUNS},
             {{"require-armed", required_argument, NULL, ARMED}, CHECK},
             {{"fail-on", required_argument, NULL, FAIL_ON}, CHECK},
             {{"filter", required_argument, NULL, FILTER}, RUNS},
             {{"timeout", required_argument, NULL, TIMEOUT}, RUNS},
             {{"now", required_argument, NULL, NOW}, RUNS},
             {{"each-malloc", no_argument, NULL, EACH_MALLOC}, CHECK},
             {{"faults", no_argument, NULL, FAULTS}, CHECK},
             {{"framework", required_argument, NULL, FRAMEWORK}, CHECK},
             {{"arg", required_argument, NULL, ARGUMENT}, CHECK},
             {{"mask", required_argument, NULL, MASK}, RUNS},
             {{"help", no_argument, NULL, HELP}, RUNS},
             {{"quiet", no_argument, NULL, QUIET}, CHECK | RIG_OPTIONS_BISECT},
             {{"jobs", required_argument, NULL, JOBS}, CHECK},
             {{"baseline", required_argument, NULL, BASELINE}, CHECK},
             {{"update-baseline", no_argument, NULL, UPDATE_BASELINE}, CHECK},
             {{"conf", required_argument, NULL, CONF}, CHECK},
             {{"max-warnings", required_argument, NULL, MAX_WARNINGS}, CHECK},
             {{"max-notes", required_argument, NULL, MAX_NOTES}, CHECK},
             {{"watch", no_argument, NULL, WATCH}, CHECK},
             {{"once", no_argument, NULL, ONCE}, CHECK}, /* what --watch starts */
             {{"first", required_argument, NULL, FIRST}, CHECK},
             {{"each-file", no_argument, NULL, EACH_FILE}, CHECK}};

#define ROWS (sizeof table / sizeof *table)

/* Those of a verb, its own, and those of reports where it writes some; free() them. */
static struct option *names_of(enum rig_options_verb verb, const struct rig_own_options *own)
{
    struct option names[ROWS + RIG_OWN_OPTIONS_MAX + 1] = {{0}};
    size_t count = 0;
    for (size_t i = 0; i < ROWS; i++) {
        if (table[i].verbs & verb) {
            names[count++] = table[i].option;
        }
    }
    for (size_t i = 0; own && own->names[i].name && i < RIG_OWN_OPTIONS_MAX; i++) {
        names[count++] = own->names[i];
    }
    if (verb != RIG_OPTIONS_TRACE) {
        return rig_formats_options(names);
    }
    struct option *copy = rig_must_alloc(count + 1, sizeof *copy);
    memcpy(copy, names, count * sizeof *copy);
    return copy;
}

static bool take(struct rig_check_options *options, int answer, char *value)
{
    if (rig_formats_is(answer)) {
        return rig_formats_take(&options->formats, answer, value);
    }
    switch (answer) {
    case SERVER:
        return rig_servers_add(options->servers, &options->server_count, value, NULL);
    case SET:
        return rig_setting_add(options, value);
    case ARMED:
        return add_armed(options, value);
    case FAIL_ON:
        return set_level(options, value);
    case FILTER:
        return set_filter(options, value);
    case NOW:
        return set_now(options, value);
    case EACH_MALLOC:
        return options->each_malloc = true;
    case FAULTS:
        return options->faults = true;
    case FRAMEWORK:
        options->framework = value;
        return true;
    case MASK:
        return rig_mask_add(value);
    case ARGUMENT:
        options->arguments[options->argument_count++] = value;
        return true;
    case QUIET:
        return options->quiet = true;
    case JOBS:
    case 'j':
        return set_jobs(options, value);
    case BASELINE:
        options->baseline = value;
        return true;
    case UPDATE_BASELINE:
        return options->update_baseline = true;
    case CONF:
        options->conf = value;
        return true;
    case WATCH:
        return options->watch = true;
    case ONCE:
        return options->once = true;
    case EACH_FILE:
        return options->each_file = true;
    case FIRST:
        options->first = value;
        return true;
    case MAX_WARNINGS:
        return set_most(options, RIG_LEVEL_WARNING, value);
    case MAX_NOTES:
        return set_most(options, RIG_LEVEL_NOTE, value);
    default:
        return set_timeout(options, value);
    }
}

bool rig_page_apart(const char *html, const struct rig_check_options *options)
{
    return !html || (rig_output_apart("html", html, &options->stack, 1) &&
                     rig_output_apart("html", html, (const char *const *)options->files, options->file_count));
}

/* operand: the only one; NULL: there is none. */
static void complain_operands(const struct rig_verb *verb, const char *operand, bool full)
{
    size_t size = operand ? strlen(operand) : 0;
    if (size > 5 && strcmp(operand + size - 5, ".http") == 0) {
        rig_complain_usage(verb, "%s: a stack's shared object is missing before %s", verb->name, operand);
    } else if (operand) {
        rig_complain_usage(verb, "%s: a file with requests is missing", verb->name);
    } else {
        bool check = full && strcmp(verb->name, "check") == 0;
        rig_complain_usage(verb, "%s: a stack's shared object is missing%s", verb->name,
                           check ? ", and there is no " RIG_CONF_NAME " here that would say what to check" : "");
    }
}

/* With the project's file one operand is missing where it has that. */
static bool take_operands(struct rig_check_options *options, const struct rig_verb *verb, int argc, char **argv,
                          bool full)
{
    if (full && !options->conf && optind == argc && access(RIG_CONF_NAME, F_OK) == 0) {
        options->conf = RIG_CONF_NAME;
    }
    if (argc - optind < 2 && !options->conf) {
        complain_operands(verb, argc == optind ? NULL : argv[optind], full);
        return false;
    }
    if (argc > optind) {
        options->stack = argv[optind];
        options->files = argv + optind + 1;
        options->file_count = (size_t)(argc - optind - 1);
    }
    return rig_formats_apart(&options->formats, options->stack, options->files, options->file_count);
}

static uint64_t bit_of(int answer)
{
    return UINT64_C(1) << (rig_formats_is(answer) ? 32 + answer - RIG_OPTION_FORMAT
                           : answer == 'j'        ? JOBS - SERVER
                                                  : answer - SERVER);
}

/* One that is another verb's is told so. */
static void complain(const struct rig_verb *verb, int answer, char **argv, const struct option *names)
{
    const char *word = argv[optind - 1];
    size_t size = strcspn(word, "=");
    for (size_t i = 0; answer == '?' && !optopt && i < ROWS; i++) {
        if (size > 2 && strlen(table[i].option.name) == size - 2 &&
            !strncmp(word + 2, table[i].option.name, size - 2)) {
            rig_complain_usage(verb, "%s has no --%s", verb->name, table[i].option.name);
            return;
        }
    }
    rig_complain_option(verb, answer, argv, names);
}

static bool parse(struct rig_check_options *options, const struct rig_verb *verb, int argc, char **argv, int *status,
                  const struct option *names, const struct rig_own_options *own)
{
    int answer;
    bool full = !own;
    opterr = 0;
    while ((answer = getopt_long(argc, argv, full ? ":hj:" : ":h", names, NULL)) != -1) {
        if (answer == 'h' || answer == HELP) {
            rig_verb_help(verb);
            *status = RIG_STATUS_CLEAN;
            return false;
        }
        if (answer == '?' || answer == ':') {
            complain(verb, answer, argv, names);
            return false;
        }
        bool is_own = answer >= RIG_OWN_OPTION;
        if (is_own ? !own->take(own->closure, answer, optarg) : !take(options, answer, optarg)) {
            return false;
        }
        options->given |= is_own ? 0 : bit_of(answer);
    }
    return take_operands(options, verb, argc, argv, full);
}

static void begin(struct rig_check_options *options, int argc, int *status)
{
    *options = (struct rig_check_options){.fail_on = RIG_LEVEL_ERROR, .timeout = TIMEOUT_DEFAULT, .jobs = 1};
    for (size_t i = 0; i <= RIG_LEVEL_ERROR; i++) {
        options->most[i] = SIZE_MAX;
    }
    rig_check_options_reserve(options, (size_t)argc);
    *status = RIG_STATUS_USAGE;
}

bool rig_check_options_parse(struct rig_check_options *options, const struct rig_verb *verb, int argc, char **argv,
                             int *status)
{
    struct option *names = names_of(RIG_OPTIONS_CHECK, NULL);
    begin(options, argc, status);
    bool good = parse(options, verb, argc, argv, status, names, NULL);
    free(names);
    return good;
}

bool rig_own_options_parse(struct rig_check_options *options, const struct rig_verb *verb, enum rig_options_verb which,
                           const struct rig_own_options *own, int argc, char **argv, int *status)
{
    struct option *names = names_of(which, own);
    begin(options, argc, status);
    bool good = parse(options, verb, argc, argv, status, names, own);
    free(names);
    return good;
}

/* ---- for the project's file ---- */

static const struct option *option_at(size_t i)
{
    static struct option *names; /* one for all of the process */
    names = names ? names : names_of(RIG_OPTIONS_CHECK, NULL);
    return &names[i];
}

const char *rig_check_option_name(size_t i)
{
    return option_at(i)->name;
}

static const struct option *find_option(const char *name)
{
    size_t i = 0;
    while (option_at(i)->name && strcmp(option_at(i)->name, name) != 0) {
        i++;
    }
    int option = option_at(i)->val;
    return option_at(i)->name && option != HELP && option != CONF && option != UPDATE_BASELINE && option != WATCH &&
                   option != FIRST && option != ONCE
               ? option_at(i)
               : NULL;
}

bool rig_check_option_known(const char *name)
{
    return find_option(name) != NULL;
}

bool rig_check_option_set(struct rig_check_options *options, const char *name, char *value)
{
    const struct option *option = find_option(name);
    bool given = option && (options->given & bit_of(option->val)) && option->val != MASK; /* masks add up */
    if (!option || given) {
        return option != NULL;
    }
    if (option->has_arg == no_argument && strcmp(value, "yes") != 0) {
        bool good = strcmp(value, "no") == 0;
        if (!good) {
            rig_complain("wants yes or no, not %s", value);
        }
        return good;
    }
    return take(options, option->val, value);
}

void rig_check_options_reserve(struct rig_check_options *options, size_t count)
{
    struct rig_field *settings = rig_must_alloc(options->setting_count + count, sizeof *settings);
    struct rig_required *armed = rig_must_alloc(options->armed_count + count, sizeof *armed);
    const char **arguments = rig_must_alloc(options->argument_count + count, sizeof *arguments);
    for (size_t i = 0; i < options->setting_count; i++) {
        settings[i] = options->settings[i];
    }
    for (size_t i = 0; i < options->armed_count; i++) {
        armed[i] = options->armed[i];
    }
    for (size_t i = 0; i < options->argument_count; i++) {
        arguments[i] = options->arguments[i];
    }
    free(options->settings);
    free(options->armed);
    free(options->arguments);
    options->settings = settings;
    options->armed = armed;
    options->arguments = arguments;
}

void rig_check_options_free(struct rig_check_options *options)
{
    rig_servers_free(options->servers, 0, options->server_count);
    free(options->settings);
    for (size_t i = 0; i < options->armed_count; i++) {
        free(options->armed[i].where);
    }
    free(options->armed);
    free(options->arguments);
    free(options->ordered);
}
