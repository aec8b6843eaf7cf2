#include "harness/cli/plan/options.h"

#include <stdlib.h>
#include <string.h>

#include "harness/cli/ui/suggest.h"
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

/* ---- what is wrong with a name ---- */

static const char *engine_at(size_t i)
{
    return rig_engine_table[i].name;
}

/* A front stands there once for each of its protocols. */
static const char *front_at(size_t i)
{
    bool first = i == 0 || strcmp(rig_front_table[i - 1].name, rig_front_table[i].name) != 0;
    return first ? rig_front_table[i].name : "";
}

static const char *profile_at(size_t i)
{
    const char *name = rig_servers(NULL)[i]->name;
    return strpbrk(name, ":+") ? "" : name;
}

static void tell_words(struct rig_text *text, const struct rig_name_wrong *wrong)
{
    const char *front = wrong->front->name, *last = "";
    rig_text_printf(text, ": %s has no \"%s\"; there are ", front, wrong->word);
    for (size_t i = 0; i < RIG_FRONT_COUNT; i++) {
        const struct rig_front *it = &rig_front_table[i];
        if (strcmp(it->name, front) == 0) {
            rig_text_printf(text, "%s%s:%s%s%s", *last ? ", " : "", front, it->protocol, it->option ? ":" : "",
                            it->option ? it->option : "");
            last = front;
        }
    }
}

static void tell_pair(struct rig_text *text, const struct rig_name_wrong *wrong)
{
    const struct rig_front *front = wrong->front;
    const char *before = "";
    if (front->modelled) {
        rig_text_printf(text, ": %s starts its own handlers, not %s; behind it fit ", front->name, wrong->engine->name);
    } else {
        rig_text_printf(text, ": %s does not speak %s; behind %s:%s fit ", wrong->engine->name, front->protocol,
                        front->name, front->protocol);
    }
    for (size_t i = 0; i < RIG_ENGINE_COUNT; i++) {
        if (rig_parts_fit(front, &rig_engine_table[i])) {
            rig_text_printf(text, "%s%s", before, rig_engine_table[i].name);
            before = ", ";
        }
    }
}

static void tell_wrong(struct rig_text *text, const char *name)
{
    const struct rig_name_wrong wrong = rig_server_name_wrong(name);
    size_t profiles;
    (void)rig_servers(&profiles);
    switch (wrong.fault) {
    case RIG_NAME_PAIR:
        tell_pair(text, &wrong);
        return;
    case RIG_NAME_ENGINE:
        rig_text_printf(text, ": no engine is called %s", wrong.word);
        if (rig_text_suggest_of(text, wrong.word, engine_at, RIG_ENGINE_COUNT)) {
            return;
        }
        break;
    case RIG_NAME_FRONT:
        if (strpbrk(name, ":+")) {
            rig_text_printf(text, ": no front is called %s", wrong.word);
        }
        if (rig_text_suggest_of(text, wrong.word, front_at, RIG_FRONT_COUNT) ||
            (!strpbrk(name, ":+") && rig_text_suggest_of(text, wrong.word, profile_at, profiles))) {
            return;
        }
        break;
    default:
        tell_words(text, &wrong);
        break;
    }
    rig_text_add(text, "; `stackrig servers` lists them");
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
        char why[1024];
        struct rig_text text;
        rig_text_start(&text, why, sizeof why);
        tell_wrong(&text, name);
        rig_complain("%s%sno server profile is called %s%s", site, colon, name, why);
        return false;
    }
    servers[(*count)++] = server;
    return true;
}

bool rig_server_speaks(const struct rig_server *server, const char *protocol)
{
    unsigned wanted = strcmp(protocol, "FastCGI") == 0 ? RIG_SPEAKS_FASTCGI : RIG_SPEAKS_HTTP;
    return !server->front || rig_front_speaks(server->front) == wanted;
}

void rig_servers_default(struct rig_check_options *options, const char *const *names)
{
    for (bool none = options->server_count == 0; none && *names; names++) {
        (void)rig_servers_add(options->servers, &options->server_count, *names, NULL);
    }
}

void rig_servers_free(const struct rig_server **servers, size_t from, size_t count)
{
    for (size_t i = from; i < count; i++) {
        if (!rig_server_find(servers[i]->name)) {
            free((void *)servers[i]);
        }
    }
}

static const char *spoken(unsigned speaks)
{
    switch (speaks) {
    case RIG_SPEAKS_ANY:
        return "";
    case RIG_SPEAKS_HTTP:
        return " (http)";
    case RIG_SPEAKS_FASTCGI:
        return " (fastcgi)";
    case RIG_SPEAKS_HTTP | RIG_SPEAKS_PASSENGER:
        return " (http, passenger)";
    default:
        return " (http, fastcgi, scgi, uwsgi)";
    }
}

static void print_parts(void)
{
    printf("\nOthers are put together: FRONT[:PROTOCOL][:TRANSPORT][:OPTION][+ENGINE], the engine plain if not given. "
           "What\n"
           "was not measured together is worked out from its parts, and a report says so: (not measured).\n"
           "\nfronts, with protocol, option and usual transport\n");
    for (size_t i = 0; i < RIG_FRONT_COUNT; i++) {
        const struct rig_front *front = &rig_front_table[i];
        char name[80];
        (void)snprintf(name, sizeof name, "%s:%s%s%s", front->name, front->protocol, front->option ? ":" : "",
                       front->option ? front->option : "");
        printf("  %-28s %s (%s)%s%s\n", name, front->title, front->transport, front->engine ? ", +" : "",
               front->engine ? front->engine : "");
    }
    printf("\ntransports\n");
    for (size_t i = 0; i < RIG_TRANSPORT_COUNT; i++) {
        printf("  %-28s %s\n", rig_transport_table[i].name, rig_transport_table[i].title);
    }
    printf("\nengines, and of programs what they speak\n");
    for (size_t i = 0; i < RIG_ENGINE_COUNT; i++) {
        const struct rig_engine *engine = &rig_engine_table[i];
        printf("  %-28s %s%s\n", engine->name, engine->title, spoken(engine->speaks));
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

const struct rig_verb rig_verb_servers = {
    "servers", "", "lists the server profiles",
    "And the parts that others are put together of, for --server.\n\n"
    "  stackrig servers; stackrig check --server nginx+unicorn stack.so requests.http\n",
    run};
