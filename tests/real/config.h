/* The kinds of server that there are: how each is found, configured and called. */
#ifndef STACKRIG_TESTS_REAL_CONFIG_H
#define STACKRIG_TESTS_REAL_CONFIG_H

#include "tests/real/servers.h"

#include <stdio.h>

struct rig_real_kind {
    const char *name;
    const char *program;                                             /* looked for in PATH and in sbin */
    void (*configure)(FILE *file, const struct rig_real_server *it); /* file: "config" in the server's folder */
    const char *arguments[8]; /* behind the program, @ is the server's folder; up to the first NULL */
    const char *log;          /* in its folder */
};

const struct rig_real_kind *rig_real_kind(const char *name); /* NULL: there is none */

#endif
