/* A trace as JSON: docs/trace.schema.json. The lines come from a process that runs code under test: what makes no sense is
 * left out. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cli/trace/trace.h"
#include "harness/cli/trace/trace_events.h"
#include "harness/client/error_names.h"
#include "harness/report/mask.h"

/* What the layers below a visit took of its time and its allocations. */
struct below {
    json_int_t wall, allocations;
};

struct build {
    const struct rig_trace_run *run;
    json_t *request, *hops, *steps, *findings; /* of the request that is read; all are in the trace */
    struct below *below;                       /* by hop */
    size_t below_capacity;
    bool failed;
};

/* ---- values ---- */

static void set(struct build *build, json_t *object, const char *key, json_t *value)
{
    build->failed = json_object_set_new(object, key, value) || build->failed;
}

static void append(struct build *build, json_t *array, json_t *value)
{
    build->failed = json_array_append_new(array, value) || build->failed;
}

/* Every field is printable ASCII. "": null. */
static json_t *text(const char *string)
{
    return *string ? json_string(string) : json_null();
}

static json_t *number(const char *string)
{
    char *end;
    long long value = strtoll(string, &end, 10);
    return end > string && !*end ? json_integer(value) : json_null();
}

static json_t *truth(const char *string)
{
    return json_boolean(*string == '1');
}

/* 0: null. */
static json_t *error_of(struct build *build, const char *string)
{
    int error = atoi(string);
    if (!error) {
        return json_null();
    }
    json_t *object = json_object();
    const char *name = rig_error_name(error);
    set(build, object, "number", json_integer(error));
    set(build, object, "name", name ? json_string(name) : json_null());
    return object;
}

/* SIZE is a number of bytes, or a word for what has none. */
static json_t *value_of(struct build *build, const char *shown, const char *size)
{
    if (!strcmp(size, "absent")) {
        return json_null();
    }
    json_t *object = json_object(), *bytes = number(size);
    bool is_object = !strcmp(size, "object");
    set(build, object, "text", is_object ? json_null() : json_string(shown));
    set(build, object, "object", json_boolean(is_object));
    set(build, object, "masked", json_boolean(!strcmp(size, "masked")));
    set(build, object, "bytes", bytes);
    return object;
}

/* ---- visits ---- */

static json_t *hop_of(const struct build *build, const char *name)
{
    char *end;
    unsigned long at = strtoul(name, &end, 10);
    return end > name && !*end ? json_array_get(build->hops, at) : NULL;
}

static json_t *hop_number(const struct build *build, const char *name)
{
    return hop_of(build, name) ? number(name) : json_null();
}

static void enter(struct build *build, const struct rig_alone_line *line)
{
    size_t at = json_array_size(build->hops);
    const char *parent = line->field[RIG_ENTER_PARENT];
    if (strtoull(line->field[RIG_V_HOP], NULL, 10) != at) {
        return;
    }
    json_t *hop = json_object(), *body = json_object();
    bool outermost = !hop_of(build, parent); /* its own number is not there yet */
    set(build, hop, "number", json_integer((json_int_t)at));
    set(build, hop, "parent", outermost ? json_null() : number(parent));
    set(build, hop, "layer", json_string(line->field[RIG_V_FIRST]));
    set(build, hop, "site", text(line->field[RIG_V_SITE]));
    set(build, hop, "entered_at", text(line->field[RIG_ENTER_FROM]));
    set(build, hop, "app", truth(line->field[RIG_ENTER_APP]));
    set(build, hop, "exchange", number(line->field[RIG_ENTER_EXCHANGE]));
    set(build, hop, "env", json_string(line->field[RIG_ENTER_ENV]));
    set(build, hop, "status_in", number(line->field[RIG_ENTER_STATUS]));
    set(build, hop, "clock_in_ns", number(line->field[RIG_ENTER_CLOCK]));
    set(build, hop, "left", json_false());
    set(build, body, "offered", number(line->field[RIG_ENTER_OFFERED]));
    set(build, hop, "body", body);
    append(build, build->hops, hop);
    build->below = rig_must_grow(build->below, at, &build->below_capacity, sizeof *build->below);
    build->below[at] = (struct below){0, 0};
}

/* Time and allocations: with what it called, and its own. */
static void set_costs(struct build *build, json_t *hop, const struct rig_alone_line *line)
{
    size_t at = (size_t)json_integer_value(json_object_get(hop, "number"));
    json_t *above = json_object_get(hop, "parent");
    json_int_t wall = atoll(line->field[RIG_LEAVE_WALL]), allocations = atoll(line->field[RIG_LEAVE_ALLOCATIONS]);
    bool counted = *line->field[RIG_LEAVE_ALLOCATIONS] != '-';
    if (json_is_integer(above)) {
        struct below *upper = &build->below[json_integer_value(above)];
        upper->wall += wall;
        upper->allocations += allocations;
    }
    set(build, hop, "clock_out_ns", number(line->field[RIG_LEAVE_CLOCK]));
    set(build, hop, "wall_ns", json_integer(wall));
    set(build, hop, "own_wall_ns", json_integer(wall - build->below[at].wall));
    set(build, hop, "allocations", counted ? json_integer(allocations) : json_null());
    set(build, hop, "own_allocations",
        counted ? json_integer(allocations - build->below[at].allocations) : json_null());
}

static void leave(struct build *build, const struct rig_alone_line *line)
{
    json_t *hop = hop_of(build, line->field[RIG_V_HOP]);
    if (!hop || json_is_true(json_object_get(hop, "left"))) {
        return;
    }
    json_t *body = json_object_get(hop, "body");
    set(build, hop, "left", json_true());
    set(build, hop, "returned", error_of(build, line->field[RIG_LEAVE_RETURNED]));
    set(build, hop, "status_out", number(line->field[RIG_LEAVE_STATUS]));
    set(build, hop, "answered", truth(line->field[RIG_LEAVE_ANSWERED]));
    set(build, hop, "next_calls", number(line->field[RIG_LEAVE_NEXT]));
    set(build, hop, "left_at", text(line->field[RIG_LEAVE_AT]));
    set(build, body, "read", number(line->field[RIG_LEAVE_READ]));
    set(build, body, "drained", number(line->field[RIG_LEAVE_DRAINED]));
    set(build, body, "reads", number(line->field[RIG_LEAVE_READS]));
    set(build, body, "rewinds", number(line->field[RIG_LEAVE_REWINDS]));
    set_costs(build, hop, line);
    bool first = json_integer_value(json_object_get(hop, "exchange")) == 0;
    if (first && *line->field[RIG_LEAVE_ANSWERED] == '1') {
        set(build, build->request, "answered_by", number(line->field[RIG_V_HOP]));
    }
}

/* ---- steps ---- */

/* What a read, a drain, a write gave: bytes, or an error. */
static void set_given(struct build *build, json_t *step, const char *key, const char *given)
{
    bool wrong = *given == '-';
    set(build, step, key, wrong ? json_null() : number(given));
    set(build, step, "error", wrong ? error_of(build, given) : json_null());
}

static void set_particulars(struct build *build, json_t *step, const struct rig_alone_line *line)
{
    const char *kind = line->field[RIG_V_KIND], *first = line->field[RIG_V_FIRST];
    if (!strcmp(kind, "set") || !strcmp(kind, "unset")) {
        set(build, step, "key", json_string(first));
        set(build, step, "before", value_of(build, line->field[RIG_SET_BEFORE], line->field[RIG_SET_BEFORE_SIZE]));
        set(build, step, "after", value_of(build, line->field[RIG_SET_AFTER], line->field[RIG_SET_AFTER_SIZE]));
        set(build, step, "env", json_string(line->field[RIG_SET_ENV]));
    } else if (!strcmp(kind, "replace")) {
        set(build, step, "name", json_string(first));
        set(build, step, "before", value_of(build, line->field[RIG_SET_BEFORE], line->field[RIG_SET_BEFORE_SIZE]));
        set(build, step, "after", value_of(build, line->field[RIG_SET_AFTER], line->field[RIG_SET_AFTER_SIZE]));
    } else if (!strcmp(kind, "header")) {
        set(build, step, "name", json_string(first));
        set(build, step, "value", value_of(build, line->field[RIG_HEADER_VALUE], line->field[RIG_HEADER_SIZE]));
    } else if (!strcmp(kind, "next") || !strcmp(kind, "copy")) {
        set(build, step, "env", json_string(first));
    } else if (!strcmp(kind, "log")) {
        set(build, step, "text", json_string(first));
    } else if (!strcmp(kind, "status")) {
        set(build, step, "status", number(first));
    } else if (!strcmp(kind, "rewind")) {
        set(build, step, "error", error_of(build, first));
    } else if (!strcmp(kind, "read") || !strcmp(kind, "drain") || !strcmp(kind, "write")) {
        set_given(build, step, "bytes", first);
    }
}

static void add_step(struct build *build, const struct rig_alone_line *line)
{
    const char *kind = line->field[RIG_V_KIND];
    if (!strcmp(kind, "enter")) {
        enter(build, line);
    } else if (!strcmp(kind, "leave")) {
        leave(build, line);
    }
    json_t *step = json_object();
    bool place = strcmp(kind, "enter") != 0 && strcmp(kind, "leave") != 0;
    set(build, step, "kind", json_string(kind));
    set(build, step, "hop", hop_number(build, line->field[RIG_V_HOP]));
    if (place) {
        set(build, step, "site", text(line->field[RIG_V_SITE]));
        set_particulars(build, step, line);
    }
    append(build, build->steps, step);
}

/* ---- findings ---- */

static bool is_there(const struct build *build, json_t *hop, const char *site)
{
    size_t at;
    json_t *step, *number_of = json_object_get(hop, "number");
    json_array_foreach(build->steps, at, step)
    {
        const char *place = json_string_value(json_object_get(step, "site"));
        if (place && !strcmp(place, site) && json_equal(json_object_get(step, "hop"), number_of)) {
            return true;
        }
    }
    return false;
}

/* The visit of that layer in which its line came up; else the first. */
static json_t *visit_of(const struct build *build, const struct rig_alone_line *line)
{
    size_t at;
    json_t *hop, *found = NULL;
    json_array_foreach(build->hops, at, hop)
    {
        const char *layer = json_string_value(json_object_get(hop, "layer"));
        bool its = layer && !strcmp(layer, line->field[RIG_F_LAYER]) &&
                   json_integer_value(json_object_get(hop, "exchange")) == atoll(line->field[RIG_F_EXCHANGE]);
        if (its && is_there(build, hop, line->field[RIG_F_SITE])) {
            found = hop;
            break;
        }
        found = its && !found ? hop : found;
    }
    return found ? json_incref(json_object_get(found, "number")) : json_null();
}

static void add_finding(struct build *build, const struct rig_alone_line *line)
{
    json_t *finding = json_object();
    set(build, finding, "rule", json_string(line->field[RIG_F_RULE]));
    set(build, finding, "level", json_string(line->field[RIG_F_LEVEL]));
    set(build, finding, "layer", text(line->field[RIG_F_LAYER]));
    set(build, finding, "hop", visit_of(build, line));
    set(build, finding, "site", text(line->field[RIG_F_SITE]));
    set(build, finding, "subject", text(line->field[RIG_F_SUBJECT]));
    set(build, finding, "message", json_string(line->field[RIG_F_MESSAGE]));
    set(build, finding, "text", json_array());
    append(build, build->findings, finding);
}

/* ---- requests ---- */

static json_t *masked_target(const char *name)
{
    char line[RIG_LINE_SIZE];
    struct rig_text shown;
    rig_text_start(&shown, line, sizeof line);
    rig_text_target(&shown, name);
    return json_string(line);
}

static json_t *escaped(const char *name)
{
    char line[RIG_LINE_SIZE];
    struct rig_text shown;
    rig_text_start(&shown, line, sizeof line);
    rig_text_escape(&shown, name);
    return json_string(line);
}

static void begin(struct build *build, json_t *requests, size_t number_of)
{
    const struct rig_plan *plan = build->run->plan;
    const struct rig_job *job = &plan->jobs[number_of];
    const struct rig_case *one = &plan->cases[job->number];
    build->request = json_object();
    build->hops = json_array();
    build->steps = json_array();
    build->findings = json_array();
    set(build, build->request, "stack", json_integer((json_int_t)build->run->stack));
    set(build, build->request, "case", json_integer((json_int_t)job->number));
    set(build, build->request, "site", escaped(one->site));
    set(build, build->request, "name", masked_target(one->request->name));
    set(build, build->request, "server", escaped(plan->servers[job->server]->name));
    set(build, build->request, "answered_by", json_null());
    set(build, build->request, "result", json_null());
    set(build, build->request, "lost", json_null());
    set(build, build->request, "hops", build->hops);
    set(build, build->request, "steps", build->steps);
    set(build, build->request, "findings", build->findings);
    append(build, requests, build->request);
}

static void add_result(struct build *build, const struct rig_alone_line *line)
{
    json_t *result = json_object();
    set(build, result, "status", number(line->field[RIG_R_STATUS]));
    set(build, result, "error", error_of(build, line->field[RIG_R_ERROR]));
    set(build, result, "outcome", json_string(line->field[RIG_R_OUTCOME]));
    set(build, result, "client_status", number(line->field[RIG_R_CLIENT_STATUS]));
    set(build, result, "body_bytes", number(line->field[RIG_R_BODY]));
    set(build, result, "unread", number(line->field[RIG_R_UNREAD]));
    set(build, result, "offered", number(line->field[RIG_R_OFFERED]));
    set(build, result, "connection", json_string(line->field[RIG_R_CONNECTION]));
    set(build, result, "method", text(line->field[RIG_R_METHOD]));
    set(build, result, "target", text(line->field[RIG_R_TARGET]));
    set(build, result, "refused", text(line->field[RIG_R_REFUSED]));
    set(build, result, "follows", text(line->field[RIG_R_FOLLOWS]));
    set(build, build->request, "result", result);
}

/* The job of a request is known when its result comes. What is found stands behind that. */
bool rig_trace_json_add(json_t *trace, const struct rig_trace_run *run)
{
    struct build build = {.run = run};
    json_t *requests = json_object_get(trace, "requests");
    size_t job = run->job;
    bool open = false;
    for (size_t i = 0; i < run->said->count && !build.failed; i++) {
        const struct rig_alone_line *line = &run->said->lines[i];
        char kind = *line->field[0];
        size_t found = json_array_size(build.findings);
        if ((kind == 'V' || kind == 'R') && !open && job < run->plan->job_count) {
            begin(&build, requests, job);
            open = true;
        }
        if (kind == 'V' && open) {
            add_step(&build, line);
        } else if (kind == 'R' && open) {
            add_result(&build, line);
            open = false;
            job++;
        } else if (kind == 'F' && build.findings) {
            add_finding(&build, line);
        } else if (kind == 'f' && found) {
            append(&build, json_object_get(json_array_get(build.findings, found - 1), "text"),
                   json_string(line->field[1]));
        }
    }
    if (*run->said->how && !open && job < run->plan->job_count) { /* lost before its first layer */
        begin(&build, requests, job);
        open = true;
    }
    if (open) {
        set(&build, build.request, "lost", text(run->said->how));
    }
    free(build.below);
    return !build.failed;
}

size_t rig_trace_json_stack(json_t *trace, const char *so)
{
    json_t *stacks = json_object_get(trace, "stacks"), *path = escaped(so);
    size_t count = json_array_size(stacks);
    return json_array_append_new(stacks, path) ? SIZE_MAX : count;
}

bool rig_trace_json_open(json_t *trace)
{
    size_t count = json_array_size(json_object_get(trace, "requests"));
    return !json_object_set_new(trace, "opens_with", count ? json_integer((json_int_t)count - 1) : json_null());
}

json_t *rig_trace_json(void)
{
    unsigned version = rig_version();
    char release[40];
    snprintf(release, sizeof release, "%u.%u.%u", version / 10000, version / 100 % 100, version % 100);
    return json_pack("{s:s, s:i, s:s, s:n, s:[], s:[]}", "format", "stackrig-trace", "version", RIG_TRACE_VERSION,
                     "stackrig", release, "opens_with", "stacks", "requests");
}
