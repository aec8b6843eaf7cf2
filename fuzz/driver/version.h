/* Which table the bytes of a corpus are of: FOLDER/.stackrig/table has its hash, as --table prints it. It stands in a folder
 * whose name begins with a dot, for libFuzzer and AFL++ take each file beside the inputs for one, but none from there. */
#ifndef STACKRIG_FUZZ_VERSION_H
#define STACKRIG_FUZZ_VERSION_H

#include "fuzz/scenario/table.h"

#include <stdbool.h>

#define RIG_FUZZ_WHY_MAX 9000 /* two paths */

/* Is it recorded that the bytes there are of another table? Then why says so, and what helps. A folder that is not there yet
 * has none. */
bool rig_fuzz_is_folder_of_other(const char *folder, const struct rig_fuzz_table *table, char why[RIG_FUZZ_WHY_MAX]);
/* The same of the folder that a file stands in. */
bool rig_fuzz_is_of_other(const char *file, const struct rig_fuzz_table *table, char why[RIG_FUZZ_WHY_MAX]);
/* The same of the first that is, among a program's arguments; folders with those in them. */
bool rig_fuzz_names_other(int argc, char *const *argv, const struct rig_fuzz_table *table, char why[RIG_FUZZ_WHY_MAX]);
/* Has it no file yet, nor a record? Then all that comes is of one table. A folder that is not there has none. */
bool rig_fuzz_is_new(const char *folder);
/* Of a folder that was new. One that cannot be written to has no record. */
void rig_fuzz_record(const char *folder, const struct rig_fuzz_table *table);
/* Where libFuzzer writes: the first folder among its arguments, if it is there and new. NULL: there is none. */
const char *rig_fuzz_new_corpus(int argc, char *const *argv);

#endif
