/* stackrig show: a scenario of the fuzzer's as text, and what a stack makes of it. */
#define _POSIX_C_SOURCE 200809L

#include <string.h>
#include <unistd.h>

#include "harness/cli/fuzz/fuzzed.h"
#include "fuzz/driver/masked.h"
#include "harness/cli/run/preload.h"

struct show {
    struct rig_fuzzed fuzzed;
    const char *file;
    FILE *out;
    struct lost *lost;
};

/* For the parent, where the stack ends the child. */
struct lost {
    bool read, played;            /* the scenario was; played: it is printed, with its answers */
    char text[RIG_FUZZ_TEXT_MAX]; /* once it is read, masked */
};

static struct rig_fuzz_target target;
static struct rig_fuzz_scenario scenario, one;
static char text[RIG_FUZZ_TEXT_MAX];

static void print_hop(FILE *out, const struct rig_hop *hop)
{
    char line[RIG_LINE_SIZE];
    struct rig_text shown;
    rig_text_start(&shown, line, sizeof line);
    rig_text_printf(&shown, "%*s> ", (int)(hop->depth < 24 ? hop->depth : 24) * 2 + 2, "");
    rig_text_escape(&shown, hop->layer);
    if (hop->body.read > 0) {
        rig_text_printf(&shown, ", read %llu bytes", (unsigned long long)hop->body.read);
    }
    if (hop->body.drained > 0) {
        rig_text_printf(&shown, ", drained %llu bytes", (unsigned long long)hop->body.drained);
    }
    if (hop->answered) {
        rig_text_printf(&shown, ", answered %d", hop->status_out);
    }
    if (hop->returned != 0) {
        rig_text_add(&shown, ", returned ");
        rig_text_error(&shown, hop->returned);
    }
    fprintf(out, "%s\n", line);
}

static void print_result(FILE *out, const struct rig_result *result)
{
    static const char *const outcomes[] = {[RIG_DELIVERED] = "delivered",
                                           [RIG_TRUNCATED] = "cut off",
                                           [RIG_REPLACED] = "replaced by a gateway's",
                                           [RIG_CLOSED] = "the connection was closed",
                                           [RIG_RESET] = "the connection was reset",
                                           [RIG_REFUSED] = "refused",
                                           [RIG_MISDIRECTED] = "the client got another's answer",
                                           [RIG_GONE] = "the client went away",
                                           [RIG_NOT_SENT] = "not sent"};
    for (size_t i = 0; i < result->hop_count; i++) {
        print_hop(out, &result->hops[i]);
    }
    if (result->refused) {
        fprintf(out, "= refused: %s\n", result->refused);
        return;
    }
    fprintf(out, "= %d, %zu body bytes; %s", result->status, (size_t)result->body_size,
            outcomes[result->delivery.outcome]);
    if (result->error != 0) {
        fprintf(out, "; an error that no layer handled: %s", rig_error_text(result->error));
    }
    fputs(result->delivery.connection == RIG_CONNECTION_DESYNCHRONISED ? "; the connection is out of step\n" : "\n",
          out);
}

static void on_play(void *closure, const struct rig_fuzz_play *play)
{
    struct show *show = closure;
    for (uint32_t i = 0; i < play->scenario->count; i++) {
        one.count = 1;
        one.server = play->scenario->server;
        one.names = play->scenario->names;
        one.requests[0] = play->scenario->requests[i];
        (void)rig_masked_write(&one, text, sizeof text);
        fprintf(show->out, "%s### %u of %u\n%s", i > 0 ? "\n" : "", (unsigned)i + 1, (unsigned)play->scenario->count,
                text);
        print_result(show->out, play->results[i]);
        const struct rig_fuzz_further further = rig_fuzz_further_of(play, i);
        for (size_t k = 0; k < further.count; k++) {
            fprintf(show->out, "### behind it, in its bytes\n");
            print_result(show->out, further.results[k]);
        }
    }
    fputc('\n', show->out);
    (void)fflush(show->out); /* a play beside it may end the process */
    show->lost->played = true;
}

static void on_violation(void *closure, const struct rig_fuzz_violation *violation)
{
    const struct show *show = closure;
    rig_masked_print(show->out, &target, &scenario, violation, NULL);
}

static int play(void *closure, FILE *out)
{
    struct show *show = closure;
    show->out = out;
    if (!rig_fuzzed_open(&show->fuzzed, &target) || !rig_fuzzed_read(show->file, &target.table, &scenario)) {
        return RIG_STATUS_USAGE;
    }
    (void)rig_masked_write(&scenario, show->lost->text, sizeof show->lost->text);
    show->lost->read = true;
    target.watch = on_play;
    target.tell = on_violation;
    target.closure = show;
    int error = rig_fuzz_judge(&target, &scenario, RIG_FUZZ_ALL);
    if (error != 0) {
        rig_complain("the stack cannot be built anew: %s", rig_fuzz_trouble(&target, error));
        return RIG_STATUS_USAGE;
    }
    return target.violations > 0 ? RIG_STATUS_FINDINGS : RIG_STATUS_CLEAN;
}

static int print_text(const char *file)
{
    if (!rig_fuzzed_read(file, NULL, &scenario)) {
        return RIG_STATUS_USAGE;
    }
    (void)rig_masked_write(&scenario, text, sizeof text);
    fputs(text, stdout);
    return RIG_STATUS_CLEAN;
}

/* The scenario, unless it was printed, then what ended it. */
static void print_lost(const struct show *show, const struct rig_fuzzed_end *end)
{
    char line[RIG_LINE_SIZE];
    if (!show->lost->played) {
        printf("%s\n", show->lost->text);
    }
    printf("! %s\n", rig_fuzzed_end(end, show->fuzzed.stack, line));
}

static int run(const struct rig_verb *verb, int argc, char **argv)
{
    struct show show = {.fuzzed = {.seed = 1}};
    struct rig_fuzzed_end end;
    static const struct option names[] = {RIG_FUZZED_OPTIONS, {0}};
    rig_preload_clock(argc, argv);
    opterr = 0;
    for (int answer; (answer = getopt_long(argc, argv, ":h", names, NULL)) != -1;) {
        if (answer == 'h') {
            rig_verb_help(verb);
            return RIG_STATUS_CLEAN;
        }
        if (answer == '?' || answer == ':') {
            return rig_complain_option(verb, answer, argv, names);
        }
        if (!rig_fuzzed_option(&show.fuzzed, answer, optarg)) {
            return RIG_STATUS_USAGE;
        }
    }
    if (argc - optind != 1 && argc - optind != 2) {
        return rig_complain_usage(verb, "expected [STACK.so] FILE");
    }
    show.file = argv[argc - 1];
    if (argc - optind == 1) {
        return print_text(show.file);
    }
    show.fuzzed.stack = argv[optind];
    if (!rig_fuzzed_rules(&show.fuzzed) || !rig_fuzzed_names(&show.fuzzed, show.file)) {
        return RIG_STATUS_USAGE;
    }
    show.lost = rig_fuzzed_shared(sizeof *show.lost);
    int status = rig_fuzzed_child(play, &show, NULL, &end);
    if (status == RIG_FUZZED_LOST && !show.lost->read) {
        return rig_fuzzed_complain_unread(&show.fuzzed, &end);
    }
    if (status == RIG_FUZZED_LOST) {
        print_lost(&show, &end);
        return RIG_STATUS_FINDINGS;
    }
    return status;
}

const struct rig_verb rig_verb_show = {
    "show", "[option...] [STACK.so] FILE", "prints a scenario of the fuzzer, and what a stack makes of it",
    "FILE.http is a text, and so is what begins with `# @escapes on`, any other file\n"
    "the bytes of a corpus. Without a stack the words of bytes are those that all\n"
    "stacks share: for bytes of a stack that has words of its own name it. Secrets\n"
    "are masked: to be run again a scenario is what min prints, or fuzz --save wrote.\n\n"
    "  --seed S       of the secrets (1)\n" RIG_FUZZED_HELP "\n"
    "  stackrig show stack.so found/fuzz.app.entered-0123abcd.http\n\n"
    "Exit status: 0 nothing found; 1 findings or a crash; 2 wrong usage or input.\n",
    run};
