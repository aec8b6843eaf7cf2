/* What a fuzz target's program does besides fuzzing: its dictionary, and corpora between their two forms. Text outlives a
 * change of the table; bytes mean the same under tables of the same hash alone. */
#ifndef STACKRIG_FUZZ_CORPUS_H
#define STACKRIG_FUZZ_CORPUS_H

#include "fuzz/target/target.h"

/* Arguments:
 *     --table                     the table's hash
 *     --dict                      a dictionary, as libFuzzer and AFL++ read it
 *     --encode FOLDER FILE.http   to bytes, a file each; of one with more than a scenario can hold each request
 *     --decode FOLDER FILE        to text, FILE.http each
 * True: one of them was asked for, *status is the program's. */
bool rig_fuzz_corpus(const struct rig_fuzz_target *target, int argc, char *const *argv, int *status);

#endif
