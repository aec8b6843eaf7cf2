#include "harness/cli/options.h"

bool rig_servers_add(const struct rig_server **servers, size_t *count, const char *name, const char *site)
{
    const struct rig_server *server = rig_server_find(name);
    const char *colon = site ? ": " : "";
    site = site ? site : "";
    if (!server) {
        rig_complain("%s%sno server profile is called %s; `stackrig servers` lists them", site, colon, name);
        return false;
    }
    for (size_t i = 0; i < *count; i++) {
        if (servers[i] == server) {
            return true;
        }
    }
    if (*count == RIG_SERVERS_MAX) {
        rig_complain("%s%smore than %d server profiles", site, colon, RIG_SERVERS_MAX);
        return false;
    }
    servers[(*count)++] = server;
    return true;
}

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
