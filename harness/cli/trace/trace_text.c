/* A trace for a terminal. */
#include <stdlib.h>
#include <string.h>

#include "harness/cli/trace/trace.h"
#include "harness/cli/trace/trace_events.h"
#include "harness/report/mask.h"

#define PLACE_COLUMN 72 /* where a line's site stands */
#define DEPTH_SHOWN 24

struct trace {
    const struct rig_trace_run *run;
    size_t depth;
    long long entered[DEPTH_SHOWN]; /* by the rig's clock, ns; of a deeper one it is not told */
};

/* ---- one line a kind ---- */

static void indent(const struct trace *trace, struct rig_text *text)
{
    for (size_t i = 0; i < trace->depth && i < DEPTH_SHOWN; i++) {
        rig_text_add(text, "| ");
    }
}

static void finish(struct rig_text *text, const char *site)
{
    if (*site) {
        size_t gap = text->length < PLACE_COLUMN ? PLACE_COLUMN - text->length : 2;
        rig_text_printf(text, "%*s%s", (int)gap, "", site);
    }
    rig_text_add(text, "\n");
    rig_print(text);
}

static void tell_leave(const struct trace *trace, struct rig_text *text, const struct rig_alone_line *line)
{
    unsigned long long took =
        strtoull(line->field[RIG_LEAVE_READ], NULL, 10) + strtoull(line->field[RIG_LEAVE_DRAINED], NULL, 10);
    rig_text_printf(text, "< %s", line->field[RIG_V_FIRST]);
    if (strcmp(line->field[RIG_LEAVE_RETURNED], "0") != 0) {
        rig_text_add(text, " returned ");
        rig_text_error(text, atoi(line->field[RIG_LEAVE_RETURNED]));
    }
    if (strcmp(line->field[RIG_LEAVE_STATUS], "0") != 0) {
        rig_text_printf(text, "%s status %s", *line->field[RIG_LEAVE_ANSWERED] == '1' ? ", answered:" : ",",
                        line->field[RIG_LEAVE_STATUS]);
    }
    if (took) {
        rig_text_printf(text, ", took %llu bytes of the body", took);
    }
    if (atoi(line->field[RIG_LEAVE_NEXT]) > 1) {
        rig_text_printf(text, ", called next %s times", line->field[RIG_LEAVE_NEXT]);
    }
    rig_text_printf(text, ", %.1f us", (double)atoll(line->field[RIG_LEAVE_WALL]) / 1000);
    if (trace->depth < DEPTH_SHOWN && atoll(line->field[RIG_LEAVE_CLOCK]) != trace->entered[trace->depth]) {
        rig_text_printf(text, " (by the rig's clock %.1f us)",
                        (double)(atoll(line->field[RIG_LEAVE_CLOCK]) - trace->entered[trace->depth]) / 1000);
    }
    if (atoll(line->field[RIG_LEAVE_ALLOCATIONS]) > 0) {
        const char *count = line->field[RIG_LEAVE_ALLOCATIONS];
        rig_text_printf(text, ", %s allocation%s", count, strcmp(count, "1") == 0 ? "" : "s");
    }
}

/* "read 12", "drain -5": what a call gave. */
static void tell_number(struct rig_text *text, const char *what, const char *number, const char *unit)
{
    if (*number == '-') {
        rig_text_printf(text, "%s failed: ", what);
        rig_text_error(text, atoi(number));
    } else {
        rig_text_printf(text, "%s %s%s", what, number, unit);
    }
}

static void tell_call(struct rig_text *text, const struct rig_alone_line *line)
{
    const char *kind = line->field[RIG_V_KIND], *first = line->field[RIG_V_FIRST];
    if (!strcmp(kind, "set") || !strcmp(kind, "unset")) {
        rig_text_printf(text, "  env %s: %s -> %s", first, line->field[RIG_SET_BEFORE], line->field[RIG_SET_AFTER]);
    } else if (!strcmp(kind, "replace")) {
        rig_text_printf(text, "  header %s: %s -> %s", first, line->field[RIG_SET_BEFORE], line->field[RIG_SET_AFTER]);
    } else if (!strcmp(kind, "copy")) {
        rig_text_printf(text, "  copies the env: %s", first);
    } else if (!strcmp(kind, "next")) {
        rig_text_printf(text, "  next, with %s", first);
    } else if (!strcmp(kind, "header")) {
        const char *layer = line->field[RIG_HEADER_LAYER];
        rig_text_printf(text, "%s: %s%s%s", first, line->field[RIG_HEADER_VALUE], *layer ? "  by " : "", layer);
    } else if (!strcmp(kind, "log")) {
        rig_text_printf(text, "  logs: %s", first);
    } else if (!strcmp(kind, "stream")) {
        rig_text_add(text, "  answers with a stream");
    } else {
        bool bytes = strcmp(kind, "status") != 0 && strcmp(kind, "rewind") != 0;
        rig_text_add(text, "  ");
        tell_number(text, kind, first, bytes ? " bytes" : "");
    }
}

static void tell_event(struct trace *trace, struct rig_text *text, const struct rig_alone_line *line)
{
    const char *kind = line->field[RIG_V_KIND];
    if (!strcmp(kind, "enter")) {
        bool leftover = strcmp(line->field[RIG_ENTER_EXCHANGE], "0") != 0;
        if (leftover && !strcmp(line->field[RIG_ENTER_PARENT], line->field[RIG_V_HOP])) { /* its outermost */
            rig_text_add(text, "+ what was left of the body, taken for a request\n");
            trace->depth = 0;
        }
        indent(trace, text);
        rig_text_printf(text, "> %s, %s", line->field[RIG_V_FIRST], line->field[RIG_ENTER_ENV]);
        if (trace->depth < DEPTH_SHOWN) {
            trace->entered[trace->depth] = atoll(line->field[RIG_ENTER_CLOCK]);
        }
        trace->depth++;
    } else if (!strcmp(kind, "leave")) {
        trace->depth -= trace->depth > 0;
        indent(trace, text);
        tell_leave(trace, text, line);
    } else {
        indent(trace, text);
        tell_call(text, line);
    }
    finish(text, strcmp(kind, "leave") != 0 ? line->field[RIG_V_SITE] : "");
}

/* ---- requests ---- */

/* Of a request with a name of its own what it asks for: ", POST /items". */
static void tell_line(struct rig_text *text, const struct rig_scenario_request *one)
{
    const char *method = one->request.method ? one->request.method : "GET";
    const char *target = one->request.target ? one->request.target : "/";
    size_t size = strlen(method);
    if (strncmp(one->name, method, size) != 0 || one->name[size] != ' ' || strcmp(one->name + size + 1, target) != 0) {
        rig_text_add(text, ", ");
        rig_text_escape(text, method);
        rig_text_add(text, " ");
        rig_text_target(text, target);
    }
}

static void tell_request(const struct trace *trace, struct rig_text *text, size_t number)
{
    const struct rig_plan *plan = trace->run->plan;
    const struct rig_job *job = &plan->jobs[number];
    const struct rig_case *one = &plan->cases[job->number];
    rig_text_escape(text, one->site);
    rig_text_add(text, ": ");
    rig_text_target(text, one->request->name);
    tell_line(text, one->request);
    rig_text_printf(text, " under %s", plan->servers[job->server]->name);
    if (trace->run->two) {
        rig_text_add(text, ", ");
        rig_text_escape(text, trace->run->so);
    }
    rig_text_add(text, "\n");
    rig_print(text);
}

static void tell_result(struct rig_text *text, const struct rig_alone_line *line)
{
    rig_text_printf(text, "= %s", line->field[RIG_R_STATUS]);
    if (strcmp(line->field[RIG_R_ERROR], "0") != 0) {
        rig_text_add(text, ", and an error that no layer handled: ");
        rig_text_error(text, atoi(line->field[RIG_R_ERROR]));
    }
    rig_text_add(text, "\n");
    rig_print(text);
}

/* The job of a request is known when its result comes, so its first line waits for the next job. */
void rig_trace_text(const struct rig_trace_run *run)
{
    char buffer[RIG_LINE_SIZE];
    struct rig_text text;
    struct trace trace = {.run = run};
    size_t job = run->job;
    bool begun = false;
    rig_text_start(&text, buffer, sizeof buffer);
    for (size_t i = 0; i < run->said->count; i++) {
        const struct rig_alone_line *line = &run->said->lines[i];
        char kind = *line->field[0];
        if ((kind == 'V' || kind == 'R') && !begun && job < run->plan->job_count) {
            tell_request(&trace, &text, job);
            trace.depth = 0;
            begun = true;
        }
        if (kind == 'V') {
            tell_event(&trace, &text, line);
        } else if (kind == 'R') {
            tell_result(&text, line);
            begun = false;
            job++;
        } else if (kind == 'f') {
            rig_text_printf(&text, "  %s\n", line->field[1]);
            rig_print(&text);
        }
    }
    if (*run->said->how) {
        printf("! %s: the requests after it were not sent\n", run->said->how);
    }
}
