#include "harness/cli/run/connections.h"

#include <stdlib.h>
#include <string.h>

#include "harness/cli/run/load.h"
#include "harness/cli/ui/cli.h"

struct rig_named_connection {
    const char *name, *path; /* of the file */
    struct rig_link *link;
};

static struct rig_named_connection *find(const struct rig_connections *connections, const char *path, const char *name)
{
    for (size_t i = 0; i < connections->count; i++) {
        struct rig_named_connection *it = &connections->list[i];
        if (strcmp(it->path, path) == 0 && (!name || strcmp(it->name, name) == 0)) {
            return it;
        }
    }
    return NULL;
}

/* A new connection in the place of one that has ended, as clients do it. */
static struct rig_link *link_of(struct rig_connections *connections, const struct rig_case *one)
{
    const char *name = one->request->connection;
    struct rig_named_connection *it = find(connections, one->path, name), *first = find(connections, one->path, NULL);
    if (it && rig_connection_state(it->link).open) {
        return it->link;
    }
    struct rig_link *fresh = rig_connection_open(connections->client, .shared = first ? first->link : NULL);
    if (it) {
        rig_connection_close(it->link);
    } else {
        connections->list =
            rig_must_grow(connections->list, connections->count, &connections->capacity, sizeof *connections->list);
        it = &connections->list[connections->count++];
    }
    *it = (struct rig_named_connection){.name = name, .path = one->path, .link = fresh};
    return fresh;
}

#define SEED 1

static struct rig_fuzz_credentials *credentials_of_run(void)
{
    static struct rig_fuzz_credentials credentials;
    static const struct rig_fuzz *made_for; /* a parent may have made them before the stack was loaded */
    const struct rig_fuzz *fuzz = rig_loaded_fuzz();
    if (!credentials.secrets[0].value || made_for != fuzz) {
        rig_fuzz_credentials_make(&credentials, SEED, fuzz);
        made_for = fuzz;
    }
    return &credentials;
}

const struct rig_fuzz_credentials *rig_run_credentials(void)
{
    return credentials_of_run();
}

/* With its places named as the request's file does. */
static const struct rig_fuzz_credentials *credentials_for(const struct rig_scenario_request *request)
{
    struct rig_fuzz_credentials *credentials = credentials_of_run();
    const struct rig_fuzz named = {.credential_header = request->credential_header,
                                   .credential_cookie = request->credential_cookie,
                                   .credential_query = request->credential_query};
    struct rig_fuzz_names names;
    rig_fuzz_names_of(&named, &names);
    rig_fuzz_credentials_name(credentials, rig_loaded_fuzz(), &names);
    return credentials;
}

struct rig_request rig_request_carrying(const struct rig_case *one, char room[RIG_TARGET_ROOM])
{
    struct rig_request request = one->request->request;
    unsigned class = 0, place = 0;
    const char *as = one->request->credentials;
    /* that there is room was seen when the plan was made */
    if (as && rig_fuzz_as(as, one->request->place, &class, &place) && class != RIG_FUZZ_CLASS_NONE) {
        request.credentials = as;
        (void)rig_fuzz_carry(credentials_for(one->request), class, place, &request, room, RIG_TARGET_ROOM);
    }
    return request;
}

size_t rig_run_secret_count(const struct rig_plan *plan, const char *stack)
{
    return plan->carries || rig_stack_fuzz(stack) ? 2 : 0;
}

void rig_case_secrets(struct rig_secrets *secrets, const struct rig_case *one, const struct rig_check_options *options)
{
    static char room[RIG_TARGET_ROOM];
    const struct rig_request request = rig_request_carrying(one, room);
    rig_secrets_collect(secrets, &request, options->settings, options->setting_count);
}

const struct rig_result *rig_connections_send(struct rig_connections *connections, const struct rig_case *one)
{
    static char room[RIG_TARGET_ROOM];
    const struct rig_sending sending = {.request = rig_request_carrying(one, room),
                                        .disconnect_after = one->request->disconnect_after};
    if (one->request->connection) {
        return rig_connection_send_at(one->site, link_of(connections, one), &sending);
    }
    if (!sending.disconnect_after) {
        return rig_send_request_at(one->site, connections->client, sending.request);
    }
    struct rig_link *link = rig_connection_open(connections->client);
    const struct rig_result *result = rig_connection_send_at(one->site, link, &sending);
    rig_connection_close(link);
    return result;
}

void rig_connections_free(struct rig_connections *connections)
{
    for (size_t i = 0; i < connections->count; i++) {
        rig_connection_close(connections->list[i].link);
    }
    free(connections->list);
}
