/* The libraries that a program is run with: its loader is asked, without running it. */
#ifndef STACKRIG_CLI_NEEDED_H
#define STACKRIG_CLI_NEEDED_H

#include <stdbool.h>
#include <stddef.h>

/* Lines as ldd prints them; free() them. NULL: complained. */
char *rig_needed_read(const char *loader, const char *path);
/* Is one there whose name begins so? Then, if path is given, where it lies ("": nowhere). */
bool rig_needed_has(const char *lines, const char *name, char *path, size_t size);

#endif
