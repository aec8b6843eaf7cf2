/* stackrig: runs requests through a stack in a shared object, and explains what it finds. */
#define _POSIX_C_SOURCE 200809L

#include "harness/cli/plan/conf.h"
#include "harness/cli/ui/cli.h"
#include "harness/cli/ui/suggest.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const struct rig_verb *const verbs[] = {&rig_verb_check,   &rig_verb_explain, &rig_verb_rules,  &rig_verb_list,
                                               &rig_verb_servers, &rig_verb_parity,  &rig_verb_bisect, &rig_verb_trace,
                                               &rig_verb_fuzz,    &rig_verb_show,    &rig_verb_min,    &rig_verb_emit_c,
                                               &rig_verb_coverage};
#define VERB_COUNT (sizeof verbs / sizeof *verbs)
#define VERBS "check, explain, rules, list, servers, parity, bisect, trace, fuzz, show, min, emit-c or coverage"

static void print_help(void)
{
    printf("usage: stackrig VERB [argument...]\n\nverbs:\n");
    for (size_t i = 0; i < VERB_COUNT; i++) {
        printf("  %-8s  %s\n", verbs[i]->name, verbs[i]->summary);
    }
    printf("\n`stackrig VERB --help` tells more; so does --version.\n\n"
           "  stackrig check stack.so requests.http\n\n"
           "Exit status: 0 nothing found, 1 findings, 2 wrong usage or input, 130 Ctrl-C.\n");
}

static const char *verb_at(size_t i)
{
    return verbs[i]->name;
}

static const char *option_at(size_t i)
{
    return i == 0 ? "--help" : "--version";
}

static int complain_unknown(const char *word)
{
    char line[256];
    struct rig_text near;
    bool option = word[0] == '-';
    rig_text_start(&near, line, sizeof line);
    bool any = rig_text_suggest_of(&near, word, option ? option_at : verb_at, option ? 2 : VERB_COUNT);
    return rig_complain_usage(NULL, "unknown %s %s%s", option ? "option" : "verb", word,
                              any      ? line
                              : option ? "; there are --help and --version"
                                       : "; expected " VERBS);
}

static int run(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : NULL;
    if (!word) {
        return rig_complain_usage(NULL, "expected a verb: " VERBS);
    }
    if (!strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help")) {
        print_help();
        return RIG_STATUS_CLEAN;
    }
    if (!strcmp(word, "--version")) {
        unsigned version = rig_version();
        printf("stackrig %u.%u.%u (ABI %u)\n", version / 10000, version / 100 % 100, version % 100, RIG_ABI);
        return RIG_STATUS_CLEAN;
    }
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (!strcmp(word, verbs[i]->name)) {
            return rig_conf_masks(RIG_CONF_NAME) ? verbs[i]->run(verbs[i], argc - 1, argv + 1) : RIG_STATUS_USAGE;
        }
    }
    return complain_unknown(word);
}

/* A file or pipe must not get the number of a stream that was closed. Writing to one still fails. */
static void hold_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) == -1) {
            (void)open("/dev/null", O_RDONLY);
        }
    }
}

int main(int argc, char **argv)
{
    hold_streams();
    rig_complaints_keep();
    /* A closed pipe is an error of the write, with a message. */
    signal(SIGPIPE, SIG_IGN);
    int status = run(argc, argv);
    return rig_output_finish() ? status : RIG_STATUS_USAGE;
}
