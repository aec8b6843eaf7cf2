#define _GNU_SOURCE

#include "harness/cli/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <stackrig/result.h>

#include "harness/cli/program.h"
#include "harness/cli/suggest.h"

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
    const struct rig_rule *rule = rig_rule_find(id);
    if (!rule) {
        rig_complain_rule(id);
        return false;
    }
    options->armed[options->armed_count++] = rule;
    return true;
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

enum { SERVER = 256, SET, ARMED, FAIL_ON, FILTER, TIMEOUT, NOW, EACH_MALLOC, FAULTS, FRAMEWORK, ARGUMENT, MASK };

static const struct option table[] = {{"server", required_argument, NULL, SERVER},
                                      {"set", required_argument, NULL, SET},
                                      {"require-armed", required_argument, NULL, ARMED},
                                      {"fail-on", required_argument, NULL, FAIL_ON},
                                      {"filter", required_argument, NULL, FILTER},
                                      {"timeout", required_argument, NULL, TIMEOUT},
                                      {"now", required_argument, NULL, NOW},
                                      {"each-malloc", no_argument, NULL, EACH_MALLOC},
                                      {"faults", no_argument, NULL, FAULTS},
                                      {"framework", required_argument, NULL, FRAMEWORK},
                                      {"arg", required_argument, NULL, ARGUMENT},
                                      {"mask", required_argument, NULL, MASK},
                                      {"help", no_argument, NULL, 'h'},
                                      {0}};

static bool take(struct rig_check_options *options, int answer)
{
    switch (answer) {
    case SERVER:
        return rig_servers_add(options->servers, &options->server_count, optarg, NULL);
    case SET:
        return rig_setting_add(options, optarg);
    case ARMED:
        return add_armed(options, optarg);
    case FAIL_ON:
        return set_level(options, optarg);
    case FILTER:
        return set_filter(options, optarg);
    case NOW:
        return set_now(options, optarg);
    case EACH_MALLOC:
        return options->each_malloc = true;
    case FAULTS:
        return options->faults = true;
    case FRAMEWORK:
        options->framework = optarg;
        return true;
    case MASK:
        return rig_mask_add(optarg);
    case ARGUMENT:
        options->arguments[options->argument_count++] = optarg;
        return true;
    default:
        return set_timeout(options, optarg);
    }
}

static bool take_operands(struct rig_check_options *options, const struct rig_verb *verb, int argc, char **argv)
{
    if (argc - optind < 2) {
        rig_complain_usage(
            verb, argc == optind ? "%s: a stack's shared object is missing" : "%s: a file with requests is missing",
            verb->name);
        return false;
    }
    options->stack = argv[optind];
    options->files = argv + optind + 1;
    options->file_count = (size_t)(argc - optind - 1);
    return true;
}

bool rig_check_options_parse(struct rig_check_options *options, const struct rig_verb *verb, int argc, char **argv,
                             int *status)
{
    int answer;
    *options = (struct rig_check_options){.fail_on = RIG_LEVEL_ERROR, .timeout = TIMEOUT_DEFAULT};
    options->settings = rig_must_alloc((size_t)argc, sizeof *options->settings);
    options->armed = rig_must_alloc((size_t)argc, sizeof *options->armed);
    options->arguments = rig_must_alloc((size_t)argc, sizeof *options->arguments);
    *status = RIG_STATUS_USAGE;
    opterr = 0;
    while ((answer = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
        if (answer == 'h') {
            rig_verb_help(verb);
            *status = RIG_STATUS_CLEAN;
            return false;
        }
        if (answer == '?' || answer == ':') {
            rig_complain_option(verb, answer, argv);
            return false;
        }
        if (!take(options, answer)) {
            return false;
        }
    }
    return take_operands(options, verb, argc, argv);
}

void rig_check_options_free(struct rig_check_options *options)
{
    rig_servers_free(options->servers, 0, options->server_count);
    free(options->settings);
    free(options->armed);
    free(options->arguments);
    rig_program_free(options->program);
}
