/* Scenario files. */
#ifndef STACKRIG_CLI_FILES_H
#define STACKRIG_CLI_FILES_H

#include <stackrig/scenario.h>

struct rig_file {
    const char *path;
    char *text;
    size_t size; /* of the text */
    struct rig_scenario *scenario;
};

/* Reads and parses all of them; complaints go to stderr, then it returns false. Free them in either case. */
bool rig_files_read(char *const *paths, size_t count, struct rig_file **files);
/* The same of a text that was read elsewhere, which is taken. */
bool rig_file_take(struct rig_file *file, const char *path, char *text, size_t size);
void rig_files_free(struct rig_file *files, size_t count);

#endif
