/* What is to be run: each request under each of its profiles. */
#ifndef STACKRIG_CLI_PLAN_H
#define STACKRIG_CLI_PLAN_H

#include "harness/cli/plan/files.h"
#include "harness/cli/plan/options.h"

/* One request of a file. */
struct rig_case {
    const struct rig_scenario_request *request;
    const char *path;
    char *site; /* "file:line" */
};

struct rig_job {
    size_t number;   /* of the case */
    unsigned server; /* in servers */
    bool faults;     /* not as it is, but with each fault */
};

struct rig_plan {
    const struct rig_file *files;
    struct rig_case *cases;
    size_t case_count;
    struct rig_job *jobs; /* by server, then in the order of the files: state of a stack builds up as in a session */
    size_t job_count;
    bool
        carries; /* a request says whose credentials it carries, or is a saved finding: the stack gets secrets of this run */
    const struct rig_server *servers[RIG_SERVERS_MAX]; /* the command's, then those of `# @server` */
    size_t server_count, given;                        /* given: the command's, which are its options' */
};

/* False: complained. Free the plan in either case. */
bool rig_plan_make(struct rig_plan *plan, const struct rig_check_options *options, const struct rig_file *files);
/* Are the rules that its requests name known, now that the stack's are? False: complained. */
bool rig_plan_rules(const struct rig_plan *plan);
void rig_plan_free(struct rig_plan *plan);
/* The names of the profiles whose bits are set, separated by ", ". */
void rig_text_servers(struct rig_text *text, const struct rig_plan *plan, uint32_t servers);

#endif
