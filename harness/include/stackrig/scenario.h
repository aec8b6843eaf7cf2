/* Requests as text: .http files as editors know them. See README, "Requests as text". */
#ifndef STACKRIG_SCENARIO_H
#define STACKRIG_SCENARIO_H

#include <stackrig/client.h>

#define RIG_CREDENTIAL_NAME_MAX 64

struct rig_scenario;

/* What is wrong with a text, and where: "a.http:3:1: expected ..." */
struct rig_scenario_error {
    size_t line, column; /* from 1 */
    char message[256];
};

enum rig_scenario_expect_kind { RIG_EXPECT_STATUS, RIG_EXPECT_FINDING, RIG_EXPECT_ERROR };

/* One `# @expect`. */
struct rig_scenario_expect {
    enum rig_scenario_expect_kind kind;
    int status;       /* RIG_EXPECT_STATUS */
    const char *rule; /* RIG_EXPECT_FINDING */
    int error;        /* RIG_EXPECT_ERROR: -errno, that no layer handles */
    size_t line;
};

/* An id of `# @expect finding`, `# @ignore` or `# @enable` (there "area.*", too) that is no rule of the rig's, but can be one
 * of a client's own (stackrig/rules.h): whoever has the client can tell. */
struct rig_scenario_own {
    const char *id;
    size_t line, column; /* from 1 */
};

/* One paragraph: one request, one test. */
struct rig_scenario_request {
    const char *name;   /* `# @name`, else "METHOD target" */
    const char *server; /* `# @server`, NULL: the command's */
    /* `# @connection`: requests of the same name are sent on one connection, each after the answer to the one before; the
     * connections of a file share what a gateway keeps to the server. NULL: one of its own. */
    const char *connection;
    /* `# @as CLASS PLACE`: whose credentials it carries ("valid", "wrong", ...) and where ("basic", "bearer", ...); both are
     * made for each run and stand in no file. NULL: none; place NULL: basic. */
    const char *credentials, *place;
    uint64_t disconnect_after; /* `# @disconnect N`, as struct rig_sending has it; 0: the client stays */
    size_t line;               /* of the request line */
    struct rig_request request;
    const struct rig_scenario_expect *expects;
    size_t expect_count;
    const struct rig_scenario_own *own;
    size_t own_count;
    /* `# @credential header=X-Auth-Token`, of this request or one before it: what the places of `# @as` are named, tokens of
     * up to RIG_CREDENTIAL_NAME_MAX letters. NULL: as the stack's RIG_FUZZ says, or as usual. */
    const char *credential_header, *credential_cookie, *credential_query;
};

RIG_BEGIN_DECLS
/* Parses size bytes; everything in the scenario is a copy. 0, -EINVAL with *error filled, or -ENOMEM. */
int rig_scenario_parse(const char *text, size_t size, struct rig_scenario **scenario, struct rig_scenario_error *error);
void rig_scenario_free(struct rig_scenario *scenario);
size_t rig_scenario_count(const struct rig_scenario *scenario);
const struct rig_scenario_request *rig_scenario_at(const struct rig_scenario *scenario, size_t index);
RIG_END_DECLS

#endif
