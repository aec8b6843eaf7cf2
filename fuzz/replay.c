/* A fuzz target without a fuzzer: tries each file, or each of a folder, once, with all oracles. Linked in the place of
 * libFuzzer; any compiler will do. */
#define _DEFAULT_SOURCE

#include "fuzz/driver/files.h"
#include "fuzz/driver/here.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);
/* Of a file that is named as a text: 1, its scenarios were tried; else 0. Not every target knows scenarios. */
__attribute__((weak)) int rig_fuzz_try_text(const char *path, const uint8_t *data, size_t size);

#define FILE_MAX ((size_t)1 << 20)

static unsigned long tried;

static _Noreturn void give_up(const char *path)
{
    fprintf(stderr, "cannot read %s, or it has %zu bytes or more\n", path, FILE_MAX);
    exit(2);
}

static void try_file(const char *path)
{
    static uint8_t room[FILE_MAX];
    FILE *file = fopen(rig_fuzz_here(path), "rb");
    size_t size = file ? fread(room, 1, sizeof room, file) : 0;
    uint8_t *data = malloc(size > 0 ? size : 1);                 /* just as large: a byte too far is seen */
    if (!file || ferror(file) || !data || size == sizeof room) { /* a part of it would be another input */
        give_up(path);
    }
    (void)fclose(file);
    memcpy(data, room, size);
    fprintf(stderr, "%s\n", path); /* the last one is the one that ended it */
    if (!rig_fuzz_try_text || !rig_fuzz_try_text(path, data, size)) {
        (void)LLVMFuzzerTestOneInput(data, size);
    }
    free(data);
    tried++;
}

static void print_usage(FILE *out, const char *program)
{
    fprintf(out, "usage: %s FILE|FOLDER...\ntries each file, and each of a folder, once, with all oracles\n", program);
    if (rig_fuzz_try_text) {
        fprintf(out,
                "or: %s --table | --dict | --encode FOLDER FILE.http... | --decode FOLDER FILE...\n"
                "in the environment: RIG_FUZZ_SAVE=FOLDER keeps what is found, RIG_FUZZ_SEED=N makes the secrets\n",
                program);
    }
}

/* Whatever is wrong with them is said before any is tried. */
static bool are_files(int argc, char *const *argv)
{
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-') {
            fprintf(stderr, "%s: unknown option %s\n", argv[0], argv[i]);
            print_usage(stderr, argv[0]);
            return false;
        }
        if (access(rig_fuzz_here(argv[i]), R_OK) != 0) {
            fprintf(stderr, "cannot read %s: %s\n", argv[i], strerror(errno));
            return false;
        }
    }
    return true;
}

static bool try_each(void *closure, const char *path, bool is_folder)
{
    (void)closure;
    if (!is_folder) {
        try_file(path);
    }
    return true;
}

int main(int argc, char **argv)
{
    bool helped = argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
    if (argc < 2 || helped) {
        print_usage(helped ? stdout : stderr, argv[0]);
        return helped ? 0 : 2;
    }
    if (setenv("RIG_FUZZ_ALL", "1", 1) != 0 || (LLVMFuzzerInitialize && LLVMFuzzerInitialize(&argc, &argv) != 0)) {
        return 2;
    }
    if (!are_files(argc, argv)) {
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        if (!rig_fuzz_each_file(argv[i], try_each, NULL)) {
            give_up(argv[i]);
        }
    }
    fprintf(stderr, "%lu inputs\n", tried);
    return tried > 0 ? 0 : 1; /* nothing tried is no success */
}
