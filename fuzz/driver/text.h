/* Which inputs are texts, and no bytes of a corpus. */
#ifndef STACKRIG_FUZZ_TEXT_H
#define STACKRIG_FUZZ_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Is it named FILE.http? */
bool rig_fuzz_names_text(const char *path);
/* Does it begin as each text that is saved does? No bytes of chance do that; those that did would be a scenario, too. */
bool rig_fuzz_begins_text(const void *data, size_t size);
/* Is it named as one, or does it begin so? A fuzzer keeps texts under names of its own. */
bool rig_fuzz_is_text(const char *path, const void *data, size_t size);
/* The same of a file that is not read yet. */
bool rig_fuzz_is_text_file(const char *path);

#endif
