/* Files that the command writes: none takes the place of what is no report. "-" is the output. */
#ifndef STACKRIG_CLI_OUTPUTS_H
#define STACKRIG_CLI_OUTPUTS_H

#include <stdbool.h>
#include <stdio.h>

/* Before anything is run. option: "json". False: complained: it cannot be written, or is no report, as requests, sources and
 * programs are none. */
bool rig_output_allowed(const char *option, const char *path);
/* Is it none of what the command reads, by whatever name? False: complained. */
bool rig_output_apart(const char *option, const char *path, const char *const *inputs, size_t count);
bool rig_output_is_stdout(const char *path);

/* Writes a file whole or not at all: write is called with a stream, and returns 0 or -errno. False: complained. */
typedef int rig_write_fn(const void *what, FILE *out);
bool rig_write_file(const char *path, rig_write_fn *write, const void *what);

#endif
