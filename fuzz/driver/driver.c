/* What libFuzzer calls. All of it stands in one object: the mutators are weak there, and an archive's object is taken for
 * the one that is not. */
#include "fuzz/driver/corpus.h"
#include "fuzz/driver/masked.h"
#include "fuzz/driver/mutate.h"
#include "fuzz/driver/report.h"

#include <stdlib.h>
#include <string.h>

extern const struct rig_fuzz rig_fuzz_target;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *two, size_t two_size, uint8_t *out,
                                 size_t max_size, unsigned seed);
/* libFuzzer's own; others have none. */
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

static struct rig_fuzz_target target;
static struct rig_fuzz_scenario scenario;
static char text[RIG_FUZZ_TEXT_MAX], shown[RIG_FUZZ_TEXT_MAX];
static bool all_oracles; /* RIG_FUZZ_ALL: with each scenario, not with an eighth */

static _Noreturn void give_up(const char *what, int error)
{
    fprintf(stderr, "stackrig: %s: %s\n", what, error < 0 ? rig_error_text(error) : "");
    exit(2);
}

/* RIG_FUZZ_SAVE: the folder for reproducers. masked: what is printed is not what was sent. */
static void save(const char *rule, bool masked)
{
    const char *folder = getenv("RIG_FUZZ_SAVE");
    char path[RIG_FUZZ_PATH_MAX];
    if (folder && !rig_fuzz_save(folder, rule, text, path)) {
        fprintf(stderr, "stackrig: cannot write %s\n", path);
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
    rig_fuzz_print_summary(stderr, &target);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *why = NULL, *seed = getenv("RIG_FUZZ_SEED");
    int status;
    int error = rig_fuzz_target_open(&target, &rig_fuzz_target, seed ? strtoull(seed, NULL, 10) : rig_fuzz_unknown(),
                                     NULL, &why);
    if (error != 0) {
        give_up(why ? why : "the stack cannot be built", error);
    }
    if (rig_fuzz_corpus(&target, *argc, *argv, &status)) {
        exit(fflush(stdout) == 0 ? status : 2);
    }
    target.tell = die;
    all_oracles = getenv("RIG_FUZZ_ALL") != NULL;
    atexit(print_summary);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int error = 0;
    if (all_oracles) {
        rig_fuzz_decode(&target.table, data, size, &scenario);
        error = rig_fuzz_judge(&target, &scenario, RIG_FUZZ_ALL);
    } else {
        error = rig_fuzz_try(&target, &scenario, data, size);
    }
    if (error != 0) {
        give_up("the stack cannot be built anew", error);
    }
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return rig_fuzz_mutate(data, size, max_size, seed, LLVMFuzzerMutate);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *two, size_t two_size, uint8_t *out,
                                 size_t max_size, unsigned seed)
{
    return rig_fuzz_cross(one, one_size, two, two_size, out, max_size, seed);
}
