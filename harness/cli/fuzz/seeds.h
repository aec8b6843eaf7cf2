/* The files that stackrig fuzz begins with. */
#ifndef STACKRIG_CLI_SEEDS_H
#define STACKRIG_CLI_SEEDS_H

#include <stdbool.h>
#include <stddef.h>

struct rig_seeds {
    char **paths;
    size_t count, room;
};

/* What was named: files, and of folders each file in them, by name, as a replay takes them: none whose name begins with a
 * dot. False: complained; a folder without files is a mistake. Free it in any case. */
bool rig_seeds_gather(struct rig_seeds *seeds, char *const *operands, int count);
void rig_seeds_free(struct rig_seeds *seeds);

#endif
