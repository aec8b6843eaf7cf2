#include "harness/cli/cli.h"

#include <stackrig/servers.h>

static int run(const struct rig_verb *verb, int argc, char **argv)
{
    int status;
    if (!rig_verb_operands(verb, argc, argv, 0, 0, &status)) {
        return status;
    }
    size_t count;
    const struct rig_server *const *servers = rig_servers(&count);
    for (size_t i = 0; i < count; i++) {
        printf("%-12s %s%s\n", servers[i]->name, servers[i]->title, i ? "" : " (the default)");
    }
    return RIG_STATUS_CLEAN;
}

const struct rig_verb rig_verb_servers = {"servers", "", "lists the server profiles", NULL, run};
