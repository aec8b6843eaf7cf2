/* What kind of file the command was given, read off its head. */
#ifndef STACKRIG_CLI_ELF_H
#define STACKRIG_CLI_ELF_H

#include <limits.h>

enum rig_elf_kind {
    RIG_ELF_NONE,    /* none of these, or it cannot be read */
    RIG_ELF_SHARED,  /* a shared object */
    RIG_ELF_PROGRAM, /* its loader is in .loader */
    RIG_ELF_STATIC,  /* a program without a loader */
    RIG_ELF_FOREIGN, /* for another machine than this one */
    RIG_ELF_SCRIPT   /* begins with #! */
};

struct rig_elf {
    enum rig_elf_kind kind;
    char loader[PATH_MAX];
};

void rig_elf_read(const char *path, struct rig_elf *elf);

#endif
