/* The command starts itself again with the libraries that stand before libc. */
#ifndef STACKRIG_CLI_PRELOAD_H
#define STACKRIG_CLI_PRELOAD_H

#include <stdbool.h>

#include "harness/report/builder.h"

/* A copy of a verb's arguments, which reading them changes, behind the program's name. */
char **rig_preload_arguments(int count, char **arguments);
void rig_preload_arguments_free(char **arguments);
/* Are they there, libstackrig-clock.so and libstackrig-malloc.so where they are wanted? If not, becomes the command with
 * them, called with these arguments. leaks: libstackrig-malloc.so if it can be had. False: complained. */
bool rig_preload(bool clock, bool malloc, bool leaks, char **arguments);
/* libstackrig-clock.so, if it can be had: becomes the command with it, called with these arguments of a verb, or goes on. */
void rig_preload_clock(int count, char **arguments);
/* lib/NAME, beside the folder that the command is in. False: complained. */
bool rig_library_path(char *path, size_t size, const char *name);
/* Adds lib/NAME, beside the folder that the command is in, and a colon. False: complained. */
bool rig_preload_add(struct rig_text *list, const char *name);

#endif
