#include "harness/cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "mocks/servers/model.h"

/* The early answer shows itself in one of the three: on the connection, as a 502, as nothing at all. */
const char *const rig_servers_by_default[] = {"http1", "nginx+plain", "haproxy+plain", NULL};

static bool by_default(const char *name)
{
    size_t i = 0;
    while (rig_servers_by_default[i] && strcmp(rig_servers_by_default[i], name) != 0) {
        i++;
    }
    return rig_servers_by_default[i] != NULL;
}

/* From the table, or composed; NULL: neither. */
static const struct rig_server *named(const char *name)
{
    const struct rig_server *found = rig_server_find(name);
    struct rig_server composed;
    if (found || rig_server_compose(name, &composed) != 0) {
        return found;
    }
    struct rig_server *kept = rig_must_alloc(1, sizeof *kept);
    *kept = composed;
    return kept;
}

bool rig_servers_add(const struct rig_server **servers, size_t *count, const char *name, const char *site)
{
    const char *colon = site ? ": " : "";
    site = site ? site : "";
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(servers[i]->name, name) == 0) {
            return true;
        }
    }
    if (*count == RIG_SERVERS_MAX) {
        rig_complain("%s%smore than %d server profiles", site, colon, RIG_SERVERS_MAX);
        return false;
    }
    const struct rig_server *server = named(name);
    if (!server) {
        rig_complain("%s%sno server profile is called %s; `stackrig servers` lists them", site, colon, name);
        return false;
    }
    servers[(*count)++] = server;
    return true;
}

void rig_servers_free(const struct rig_server **servers, size_t from, size_t count)
{
    for (size_t i = from; i < count; i++) {
        if (!rig_server_find(servers[i]->name)) {
            free((void *)servers[i]);
        }
    }
}

static void print_parts(void)
{
    printf("\nOthers are put together: FRONT[:PROTOCOL][:TRANSPORT][:OPTION][+ENGINE], the engine plain if not given.\n"
           "\nfronts, with protocol, option and usual transport\n");
    for (size_t i = 0; i < RIG_FRONT_COUNT; i++) {
        const struct rig_front *front = &rig_front_table[i];
        char name[80];
        (void)snprintf(name, sizeof name, "%s:%s%s%s", front->name, front->protocol, front->option ? ":" : "",
                       front->option ? front->option : "");
        printf("  %-28s %s (%s)\n", name, front->title, front->transport);
    }
    printf("\ntransports\n");
    for (size_t i = 0; i < RIG_TRANSPORT_COUNT; i++) {
        printf("  %-28s %s\n", rig_transport_table[i].name, rig_transport_table[i].title);
    }
    printf("\nengines\n");
    for (size_t i = 0; i < RIG_ENGINE_COUNT; i++) {
        printf("  %-28s %s\n", rig_engine_table[i].name, rig_engine_table[i].title);
    }
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
        printf("%-28s %s%s\n", servers[i]->name, servers[i]->title,
               i == 0                         ? " (the default)"
               : by_default(servers[i]->name) ? " (`check`: by default too)"
                                              : "");
    }
    print_parts();
    return RIG_STATUS_CLEAN;
}

const struct rig_verb rig_verb_servers = {"servers", "", "lists the server profiles", NULL, run};
