#include "harness/cli/plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz/driver/report.h"
#include "fuzz/target/credentials.h"
#include "harness/cli/ui/cli.h"
#include "harness/cli/ui/suggest.h"
#include "harness/cli/ui/known.h"
#include "harness/cli/ui/suggest.h"

static const char *class_at(size_t i)
{
    return rig_fuzz_classes[i];
}

static const char *place_at(size_t i)
{
    return rig_fuzz_places[i];
}

/* Those that are near, or else all. */
static void add_known(struct rig_text *text, const char *wanted, const char *const *all,
                      const char *(*name_at)(size_t i), size_t count)
{
    bool any = rig_text_suggest_of(text, wanted, name_at, count);
    for (size_t i = 0; !any && i < count; i++) {
        rig_text_printf(text, "%s%s", i == 0 ? "; there are " : i + 1 < count ? ", " : " and ", all[i]);
    }
}

/* Is there such a class of credentials, and room for it? */
static bool can_carry(const struct rig_case *one)
{
    const struct rig_scenario_request *request = one->request;
    unsigned class, place;
    if (!request->credentials) {
        return true;
    }
    if (!rig_fuzz_as(request->credentials, request->place, &class, &place)) {
        char line[256];
        struct rig_text near;
        rig_text_start(&near, line, sizeof line);
        if (class == RIG_FUZZ_CLASSES) {
            add_known(&near, request->credentials, rig_fuzz_classes, class_at, RIG_FUZZ_CLASSES);
        } else {
            add_known(&near, request->place, rig_fuzz_places, place_at, RIG_FUZZ_PLACES);
        }
        rig_text_end(&near);
        rig_complain("%s: there are no credentials \"%s%s%s\"%s", one->site, request->credentials,
                     request->place ? " " : "", request->place ? request->place : "", line);
        return false;
    }
    if (request->request.headers[RIG_FIELDS_MAX - 1].name) {
        rig_complain("%s: beside credentials a request has fewer than %d headers", one->site, RIG_FIELDS_MAX);
        return false;
    }
    return true;
}

static bool add_case(struct rig_plan *plan, size_t *capacity, const char *path,
                     const struct rig_scenario_request *request)
{
    size_t size = strlen(path) + 24;
    plan->cases = rig_must_grow(plan->cases, plan->case_count, capacity, sizeof *plan->cases);
    struct rig_case *one = &plan->cases[plan->case_count++];
    *one = (struct rig_case){.request = request, .path = path, .site = rig_must_alloc(size, 1)};
    snprintf(one->site, size, "%s:%zu", path, request->line);
    plan->carries = plan->carries || request->credentials;
    return can_carry(one) &&
           (!request->server || rig_servers_add(plan->servers, &plan->server_count, request->server, one->site));
}

/* A request's own `# @server` takes the place of the command's. */
static bool runs_under(const struct rig_plan *plan, size_t number, unsigned server, size_t given)
{
    const char *own = plan->cases[number].request->server;
    return own ? strcmp(plan->servers[server]->name, own) == 0 : server < given;
}

static void add_server_jobs(struct rig_plan *plan, size_t *capacity, unsigned server, size_t given, bool faults)
{
    for (size_t i = 0; i < plan->case_count; i++) {
        if (runs_under(plan, i, server, given)) {
            plan->jobs = rig_must_grow(plan->jobs, plan->job_count, capacity, sizeof *plan->jobs);
            plan->jobs[plan->job_count++] = (struct rig_job){i, server, faults};
        }
    }
}

/* With faults come those of a profile when all that it was asked for is answered: they leave their traces in a stack. */
static void add_jobs(struct rig_plan *plan, size_t given, bool faults)
{
    size_t capacity = 0;
    for (unsigned server = 0; server < plan->server_count; server++) {
        add_server_jobs(plan, &capacity, server, given, false);
        if (faults) {
            add_server_jobs(plan, &capacity, server, given, true);
        }
    }
}

/* It was found in a stack that had secrets, be there a request that carries one or not. */
static bool is_saved_finding(const char *path)
{
    char rule[RIG_FUZZ_RULE_MAX];
    return rig_fuzz_rule_of_file(path, rule);
}

bool rig_plan_make(struct rig_plan *plan, const struct rig_check_options *options, const struct rig_file *files)
{
    size_t capacity = 0;
    bool good = true;
    *plan = (struct rig_plan){.files = files, .server_count = options->server_count, .given = options->server_count};
    memcpy(plan->servers, options->servers, sizeof plan->servers);
    for (size_t i = 0; i < options->file_count; i++) {
        plan->carries = plan->carries || is_saved_finding(files[i].path);
        for (size_t k = 0; k < rig_scenario_count(files[i].scenario); k++) {
            const struct rig_scenario_request *request = rig_scenario_at(files[i].scenario, k);
            if (!options->filter || strstr(request->name, options->filter)) {
                good = add_case(plan, &capacity, files[i].path, request) && good;
            }
        }
    }
    if (!plan->case_count) {
        rig_complain("no request's name holds %s", options->filter);
        return false;
    }
    add_jobs(plan, options->server_count, options->faults);
    return good;
}

/* As the parser says it of one that cannot be anybody's. */
static void complain_own(const struct rig_case *one, const struct rig_scenario_own *own, bool pattern)
{
    char line[512];
    struct rig_text hint;
    rig_text_start(&hint, line, sizeof line);
    rig_text_suggest(&hint, own->id, pattern);
    rig_complain(pattern ? "%s:%zu:%zu: expected a rule or area.*, '%s' matches none%s"
                         : "%s:%zu:%zu: expected the id of a rule, '%s' is none%s",
                 one->path, own->line, own->column, own->id, line);
}

static bool is_expected(const struct rig_scenario_request *request, const struct rig_scenario_own *own)
{
    for (size_t i = 0; i < request->expect_count; i++) {
        if (request->expects[i].kind == RIG_EXPECT_FINDING && request->expects[i].rule == own->id) {
            return true;
        }
    }
    return false;
}

bool rig_plan_rules(const struct rig_plan *plan)
{
    bool good = true;
    for (size_t i = 0; i < plan->case_count; i++) {
        const struct rig_case *one = &plan->cases[i];
        for (size_t k = 0; k < one->request->own_count; k++) {
            const struct rig_scenario_own *own = &one->request->own[k];
            bool pattern = !is_expected(one->request, own);
            if (pattern ? !rig_known_pattern(own->id) : !rig_known_find(own->id)) {
                complain_own(one, own, pattern);
                good = false;
            }
        }
    }
    return good;
}

void rig_plan_free(struct rig_plan *plan)
{
    for (size_t i = 0; i < plan->case_count; i++) {
        free(plan->cases[i].site);
    }
    rig_servers_free(plan->servers, plan->given, plan->server_count);
    free(plan->cases);
    free(plan->jobs);
}

void rig_text_servers(struct rig_text *text, const struct rig_plan *plan, uint32_t servers)
{
    bool first = true;
    for (unsigned i = 0; i < plan->server_count; i++) {
        if (servers & (UINT32_C(1) << i)) {
            rig_text_printf(text, "%s%s", first ? "" : ", ", plan->servers[i]->name);
            first = false;
        }
    }
}
