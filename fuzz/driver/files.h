/* What is in a folder. */
#ifndef STACKRIG_FUZZ_FILES_H
#define STACKRIG_FUZZ_FILES_H

#include <stdbool.h>

/* Of a folder it is called before what is in it; what is not there is a file. False: no further. */
typedef bool rig_fuzz_file_fn(void *closure, const char *path, bool is_folder);

/* The path, and of a folder all that is in it, by name, but for names that begin with a dot and links to folders. False:
 * fn said so, errno is 0; or a folder cannot be read, errno says why. */
bool rig_fuzz_each_file(const char *path, rig_fuzz_file_fn *fn, void *closure);

#endif
