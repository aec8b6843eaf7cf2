/* Complaints and help. */
#define _GNU_SOURCE /* MAP_ANONYMOUS */

#include "harness/cli/ui/cli.h"
#include "harness/cli/ui/suggest.h"

#include <getopt.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>

static const char *within; /* what complaints are about; NULL: the command line */
static char *last;         /* RIG_LINE_SIZE bytes that children share; NULL: none are kept */

void rig_complaints_keep(void)
{
    void *memory = mmap(NULL, RIG_LINE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    last = memory == MAP_FAILED ? NULL : memory;
}

const char *rig_complained(void)
{
    return last && *last ? last : "see standard error";
}

void rig_complain_within(const char *where)
{
    within = where;
}

const char *rig_complaining_within(void)
{
    return within;
}

/* Arguments may hold anything: what goes to a terminal is escaped. */
static void complain(const char *format, va_list arguments)
{
    char raw[4096], line[RIG_LINE_SIZE];
    struct rig_text text;
    vsnprintf(raw, sizeof raw, format, arguments);
    /* "stackrig.conf:3: jobs: --jobs wants a number": there it is no option */
    const char *said = raw, *wants = within && !strncmp(raw, "--", 2) ? strchr(raw, ' ') : NULL;
    if (wants && !strncmp(wants, " wants ", 7)) {
        said = wants + 1;
    }
    rig_text_start(&text, line, sizeof line);
    rig_text_escape(&text, within);
    rig_text_add(&text, within ? ": " : NULL);
    rig_text_escape(&text, said);
    fprintf(stderr, "stackrig: %s\n", line);
    if (last) {
        (void)snprintf(last, RIG_LINE_SIZE, "%s", line);
    }
}

void rig_complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    complain(format, arguments);
    va_end(arguments);
}

int rig_complain_usage(const struct rig_verb *verb, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    complain(format, arguments);
    va_end(arguments);
    fprintf(stderr, "Try `stackrig %s%s--help`.\n", verb ? verb->name : "", verb ? " " : "");
    return RIG_STATUS_USAGE;
}

static const struct option *named; /* by option_at, which is given no closure */

static const char *option_at(size_t i)
{
    static char word[64];
    (void)snprintf(word, sizeof word, "--%s", named[i].name);
    return word;
}

/* size: of the word, without the value behind it. */
static int complain_unknown(const struct rig_verb *verb, const char *word, int size, const struct option *names)
{
    char wanted[64], line[256];
    struct rig_text near;
    size_t count = 0;
    while (names[count].name) {
        count++;
    }
    named = names;
    (void)snprintf(wanted, sizeof wanted, "%.*s", size, word);
    rig_text_start(&near, line, sizeof line);
    (void)rig_text_suggest_of(&near, wanted, option_at, count);
    return rig_complain_usage(verb, "unknown option %.*s%s", size, word, line);
}

int rig_complain_option(const struct rig_verb *verb, int answer, char *const *argv, const struct option *names)
{
    const char *word = argv[optind - 1], *equals = strchr(word, '=');
    int size = equals ? (int)(equals - word) : (int)strlen(word); /* its value may be a secret */
    if (answer == ':') {
        return rig_complain_usage(verb, "%.*s needs a value", size, word);
    }
    if (optopt && equals) {
        return rig_complain_usage(verb, "%.*s takes no value", size, word);
    }
    if (optopt) {
        return rig_complain_usage(verb, "unknown option -%c", optopt);
    }
    return complain_unknown(verb, word, size, names);
}

void rig_verb_help(const struct rig_verb *verb)
{
    printf("usage: stackrig %s%s%s\n\n%s\n", verb->name, *verb->arguments ? " " : "", verb->arguments, verb->summary);
    if (verb->help) {
        printf("\n%s", verb->help);
    }
}

bool rig_verb_operands(const struct rig_verb *verb, int argc, char **argv, int min, int max, int *status)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {0}};
    int answer;
    opterr = 0;
    while ((answer = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        if (answer == 'h') {
            rig_verb_help(verb);
            *status = RIG_STATUS_CLEAN;
        } else {
            *status = rig_complain_option(verb, answer, argv, options);
        }
        return false;
    }
    int count = argc - optind;
    if (count < min || count > max) {
        *status = count < min ? rig_complain_usage(verb, "%s: expected %s", verb->name, verb->arguments)
                              : rig_complain_usage(verb, "%s: '%s' is too much", verb->name, argv[optind + max]);
        return false;
    }
    return true;
}
