#define _POSIX_C_SOURCE 200809L

/* What libFuzzer calls. All of it stands in one object: the mutators are weak there, and an archive's object is taken for
 * the one that is not. */
#include "fuzz/driver/corpus.h"
#include "fuzz/driver/ended.h"
#include "fuzz/driver/here.h"
#include "fuzz/driver/masked.h"
#include "fuzz/driver/mutate.h"
#include "fuzz/driver/report.h"
#include "fuzz/driver/text.h"
#include "fuzz/driver/version.h"
#include "harness/core/run.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <string.h>

extern const struct rig_fuzz rig_fuzz_target;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int rig_fuzz_try_text(const char *path, const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *two, size_t two_size, uint8_t *out,
                                 size_t max_size, unsigned seed);
/* libFuzzer's own; others have none. */
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

static struct rig_fuzz_target target;
static struct rig_fuzz_scenario scenario;
static char text[RIG_FUZZ_TEXT_MAX], shown[RIG_FUZZ_TEXT_MAX];
static bool all_oracles; /* RIG_FUZZ_ALL: with each scenario, not with an eighth */

static _Noreturn void give_up(const char *what, const char *why)
{
    fprintf(stderr, "stackrig: %s%s%s\n", what, why ? ": " : "", why ? why : "");
    exit(2);
}

/* An environment's variable; NULL: it is not set, or empty. */
static const char *setting(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static uint64_t seed_of_run(void)
{
    char *end = NULL;
    const char *seed = setting("RIG_FUZZ_SEED");
    errno = 0;
    uint64_t number = seed ? strtoull(seed, &end, 10) : rig_fuzz_unknown();
    if (seed && (errno != 0 || *end || strspn(seed, "0123456789") == 0)) {
        give_up("RIG_FUZZ_SEED is no number", seed);
    }
    return number;
}

/* Before anything is tried. */
static void look_at_folder(void)
{
    const char *folder = setting("RIG_FUZZ_SAVE");
    int error = folder ? rig_fuzz_make_folder(folder) : 0;
    if (error != 0) {
        fprintf(stderr, "stackrig: RIG_FUZZ_SAVE: cannot write to the folder %s: %s\n", folder, strerror(error));
        exit(2);
    }
}

/* RIG_FUZZ_SAVE: the folder for reproducers. masked: what is printed is not what was sent. */
static void save(const char *rule, bool masked)
{
    const char *folder = setting("RIG_FUZZ_SAVE");
    char path[RIG_FUZZ_PATH_MAX];
    if (folder && !rig_fuzz_save(folder, rule, text, path)) {
        fprintf(stderr, "stackrig: cannot write %s: %s\n", path, strerror(errno));
    } else if (masked && folder) {
        fprintf(stderr, "  as it was sent, with its secrets: %s\n", path);
    } else if (masked) {
        fputs("  its secrets are masked: RIG_FUZZ_SAVE=FOLDER keeps it as it was sent\n", stderr);
    }
}

static void die(void *closure, const struct rig_fuzz_violation *violation)
{
    (void)closure;
    bool known = violation->request != RIG_FUZZ_NO_REQUEST;
    (void)rig_fuzz_write(&scenario, text, sizeof text);
    (void)rig_masked_write(&scenario, shown, sizeof shown);
    rig_masked_print(stderr, &target, &scenario, violation, known ? shown : NULL);
    if (known) {
        save(violation->rule, strcmp(shown, text) != 0);
    } else {
        fputs("  RIG_FUZZ_ALL=1 asks this after each scenario, and so names the one\n", stderr);
    }
    rig_fuzz_die(violation->rule, target.what->rules);
}

static void print_summary(void)
{
    rig_fuzz_count(&target);
    if (target.scenarios > 0) {
        rig_fuzz_print_summary(stderr, &target);
    }
}

/* ---- texts ---- */

/* A layer that ends the process would end the run as if nothing was found. */
static void end_of_play(int status)
{
    char message[128];
    struct rig_run *run = rig_run_here();
    const struct rig_hop *hop = run ? rig_run_hop(run) : NULL;
    (void)snprintf(message, sizeof message, "the process ended itself with exit status %d%s", status,
                   target.plays > 1 ? ", in a play that an oracle makes beside this" : "");
    die(NULL, &(struct rig_fuzz_violation){.rule = "crash",
                                           .layer = hop ? hop->layer : NULL,
                                           .site = hop ? hop->layer_site : NULL,
                                           .message = message,
                                           .request = target.sent});
}

static void end_of_build(int status)
{
    fprintf(stderr, "stackrig: the stack cannot be built: the process ended itself with exit status %d\n", status);
    _exit(2);
}

static void judge(uint32_t hash)
{
    rig_fuzz_when_ended(end_of_play);
    int error = rig_fuzz_judge(&target, &scenario, hash);
    rig_fuzz_when_ended(NULL);
    if (error != 0) {
        give_up("the stack cannot be built anew", rig_fuzz_trouble(&target, error));
    }
}

/* Each of its scenarios, with all oracles: what was saved is to be found again. False: it is none. */
static bool try_text(const uint8_t *data, size_t size, struct rig_scenario_error *error)
{
    size_t at = 0;
    do {
        struct rig_fuzz_table table = target.table; /* what it says of servers counts for it alone */
        int status = rig_fuzz_read_next((const char *)data, size, &at, &scenario, error);
        if (status == -ENOMEM) {
            give_up("a scenario", rig_error_text(status));
        } else if (status != 0) {
            return false;
        }
        rig_fuzz_admit(&table, &scenario);
        judge(RIG_FUZZ_ALL);
    } while (at > 0);
    return true;
}

/* Before it is played, for there is no behind. A fuzzer's own artifact will be the input that it began with, which is another.
 * True: path is where. */
static bool keep_deadly(char path[RIG_FUZZ_PATH_MAX])
{
    const char *folder = setting("RIG_FUZZ_SAVE");
    bool kept = folder && rig_fuzz_save(folder, "crash", text, path);
    if (kept) {
        fprintf(stderr, "  kept as %s\n", path);
    } else if (folder) {
        fprintf(stderr, "stackrig: cannot write %s: %s\n", path, strerror(errno));
    } else {
        fprintf(stderr, "  RIG_FUZZ_SAVE=FOLDER keeps it%s\n",
                LLVMFuzzerMutate ? "; libFuzzer keeps another input, an empty one" : "");
    }
    return kept;
}

/* What the stack was asked as it was opened, and did not survive: once more, now that it can be told. */
static void try_deadly(void)
{
    char path[RIG_FUZZ_PATH_MAX] = "";
    for (unsigned i = 0; i < target.deadly.count; i++) {
        rig_fuzz_deadly_scenario(&target, i, &scenario);
        (void)rig_fuzz_write(&scenario, text, sizeof text);
        (void)rig_masked_write(&scenario, shown, sizeof shown);
        fprintf(stderr,
                "stackrig: this plain request has ended a copy of this process, or did not end; once more "
                "[crash]:\n\n%s\n",
                shown);
        bool kept = keep_deadly(path);
        judge(RIG_FUZZ_ALL);
        fprintf(stderr, "stackrig: this time it did not\n");
        if (kept) {
            (void)unlink(rig_fuzz_here(path));
        }
    }
    target.deadly.count = 0;
}

/* For the replay, of FILE.http, however it begins: 0: it has another name. */
int rig_fuzz_try_text(const char *path, const uint8_t *data, size_t size)
{
    struct rig_scenario_error error;
    bool named = rig_fuzz_names_text(path);
    try_deadly();
    if (named && !try_text(data, size, &error)) {
        fprintf(stderr, "stackrig: %s:%zu:%zu: %s\n", path, error.line, error.column, error.message);
        exit(2);
    }
    return named;
}

/* A text is changed as the bytes of its scenario: those, in out, or what is none as it is. What has no room is cut off. */
static const uint8_t *bytes_of(const uint8_t *data, size_t *size, uint8_t *out, size_t room)
{
    if (!rig_fuzz_begins_text(data, *size) || rig_fuzz_read((const char *)data, *size, &scenario, NULL) != 0) {
        return data;
    }
    size_t encoded = rig_fuzz_encode(&target.table, &scenario, out, room);
    *size = encoded < room ? encoded : room;
    return out;
}

/* Played again, bytes of another table show nothing; to a fuzzer they are inputs like any. */
static void look_at_tables(int argc, char *const *argv)
{
    char why[RIG_FUZZ_WHY_MAX];
    bool other = rig_fuzz_names_other(argc, argv, &target.table, why);
    if (other && !LLVMFuzzerMutate) {
        give_up(why, NULL);
    }
    if (other) {
        fprintf(stderr, "stackrig: %s; taken as they are\n", why);
    }
    const char *corpus = LLVMFuzzerMutate ? rig_fuzz_new_corpus(argc, argv) : NULL;
    if (corpus) {
        rig_fuzz_record(corpus, &target.table);
    }
}

/* What layers print as they are asked for words is no part of a dictionary. */
static int open_target(const char **why)
{
    int out = dup(STDOUT_FILENO);
    bool apart = out >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0;
    uint64_t seed = seed_of_run();
    rig_fuzz_when_ended(end_of_build);
    int error = rig_fuzz_target_open(&target, &rig_fuzz_target, seed, NULL, NULL, why);
    rig_fuzz_when_ended(NULL);
    (void)fflush(stdout);
    if (apart) {
        (void)dup2(out, STDOUT_FILENO);
    }
    if (out >= 0) {
        (void)close(out);
    }
    return error;
}

/* ---- what the fuzzer calls ---- */

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *why = NULL, *all = setting("RIG_FUZZ_ALL");
    int status;
    rig_fuzz_stay_here();
    int error = open_target(&why);
    if (error != 0) {
        give_up(why ? why : rig_fuzz_trouble(&target, error), NULL);
    }
    if (rig_fuzz_corpus(&target, *argc, *argv, &status)) {
        exit(fflush(stdout) == 0 ? status : 2);
    }
    if (LLVMFuzzerMutate) {
        rig_fuzz_look_at_texts(*argc, *argv);
    }
    look_at_tables(*argc, *argv);
    look_at_folder();
    target.tell = die;
    all_oracles = all && strcmp(all, "0") != 0;
    atexit(print_summary);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rig_scenario_error unused;
    try_deadly();
    if (!rig_fuzz_begins_text(data, size) || !try_text(data, size, &unused)) {
        rig_fuzz_decode(&target.table, data, size, &scenario);
        judge(all_oracles ? RIG_FUZZ_ALL : rig_fuzz_hash(data, size));
    }
    return 0;
}

/* A guard's own strcmp gives libFuzzer the secret: it goes no further, or corpora would have it. */
static size_t without_secrets(uint8_t *data, size_t size)
{
    rig_fuzz_withhold(&target.credentials, data, size);
    return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    (void)bytes_of(data, &size, data, max_size);
    return without_secrets(data, rig_fuzz_mutate(data, size, max_size, seed, LLVMFuzzerMutate));
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *two, size_t two_size, uint8_t *out,
                                 size_t max_size, unsigned seed)
{
    static uint8_t room[2][2 * RIG_FUZZ_STRINGS_MAX];
    one = bytes_of(one, &one_size, room[0], sizeof room[0]);
    two = bytes_of(two, &two_size, room[1], sizeof room[1]);
    return without_secrets(out, rig_fuzz_cross(one, one_size, two, two_size, out, max_size, seed));
}
