/* What a fuzz target's program does besides fuzzing: its dictionary, and corpora between their two forms. Text outlives a
 * change of the table; bytes mean the same under tables of the same hash alone. */
#ifndef STACKRIG_FUZZ_CORPUS_H
#define STACKRIG_FUZZ_CORPUS_H

#include "fuzz/target/target.h"

/* Before libFuzzer takes them for bytes: FILE.http among the arguments that is no such text ends the program, which says
 * so. */
void rig_fuzz_look_at_texts(int argc, char *const *argv);
/* Arguments:
 *     --table                     the table's hash
 *     --dict                      a dictionary, as libFuzzer and AFL++ read it
 *     --encode FOLDER FILE.http   to bytes, FILE each; of one with more than a scenario can hold each request, FILE-N
 *     --decode FOLDER FILE        to text, FILE.http each; what is one already as it is
 * True: one of them was asked for, *status is the program's. */
bool rig_fuzz_corpus(const struct rig_fuzz_target *target, int argc, char *const *argv, int *status);

#endif
