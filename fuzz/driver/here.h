/* Paths mean what they meant when the program was started: a stack may go elsewhere by chdir(). */
#ifndef STACKRIG_FUZZ_HERE_H
#define STACKRIG_FUZZ_HERE_H

/* Before a stack is run: relative paths are meant from the folder where the process is now. */
void rig_fuzz_stay_here(void);
/* The path from there, which lasts until the next; as it is where nobody has asked to stay. */
const char *rig_fuzz_here(const char *path);
/* Makes a folder, and those above it, and tries to make a file in it: 0, or the errno that says why not. */
int rig_fuzz_make_folder(const char *path);

#endif
