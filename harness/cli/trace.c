#include <stdlib.h>
#include <string.h>

#include "harness/cli/alone.h"
#include "harness/cli/preload.h"
#include "harness/report/mask.h"

#define PLACE_COLUMN 72 /* where a line's site stands */
#define DEPTH_SHOWN 24

struct trace {
    const struct rig_plan *plan;
    size_t depth;
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

static void tell_leave(struct rig_text *text, const struct rig_alone_line *line)
{
    unsigned long long read = 0;
    unsigned calls = 0;
    int answered = 0;
    (void)sscanf(line->field[6], "%llu/%u/%d", &read, &calls, &answered);
    rig_text_printf(text, "< %s", line->field[3]);
    if (strcmp(line->field[4], "0") != 0) {
        rig_text_add(text, " returned ");
        rig_text_error(text, atoi(line->field[4]));
    }
    if (strcmp(line->field[5], "0") != 0) {
        rig_text_printf(text, "%s status %s", answered ? ", answered:" : ",", line->field[5]);
    }
    if (read) {
        rig_text_printf(text, ", took %llu bytes of the body", read);
    }
    if (calls > 1) {
        rig_text_printf(text, ", called next %u times", calls);
    }
    rig_text_printf(text, ", %.1f us", (double)atoll(line->field[7]) / 1000);
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
    const char *kind = line->field[1], *first = line->field[3];
    if (!strcmp(kind, "set") || !strcmp(kind, "unset")) {
        rig_text_printf(text, "  env %s: %s -> %s", first, line->field[4], line->field[5]);
    } else if (!strcmp(kind, "copy")) {
        rig_text_printf(text, "  copies the env: %s", first);
    } else if (!strcmp(kind, "next")) {
        rig_text_printf(text, "  next, with %s", first);
    } else if (!strcmp(kind, "header")) {
        rig_text_printf(text, "%s: %s%s%s", first, line->field[4], *line->field[5] ? "  by " : "", line->field[5]);
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
    const char *kind = line->field[1];
    if (!strcmp(kind, "enter")) {
        indent(trace, text);
        rig_text_printf(text, "> %s, %s", line->field[3], line->field[4]);
        trace->depth++;
    } else if (!strcmp(kind, "leave")) {
        trace->depth -= trace->depth > 0;
        indent(trace, text);
        tell_leave(text, line);
    } else {
        indent(trace, text);
        tell_call(text, line);
    }
    finish(text, strcmp(kind, "leave") != 0 ? line->field[2] : "");
}

/* ---- requests ---- */

static void tell_request(const struct trace *trace, struct rig_text *text, size_t job)
{
    const struct rig_case *one = &trace->plan->cases[trace->plan->jobs[job].number];
    rig_text_escape(text, one->site);
    rig_text_add(text, ": ");
    rig_text_target(text, one->request->name);
    rig_text_printf(text, " under %s\n", trace->plan->servers[trace->plan->jobs[job].server]->name);
    rig_print(text);
}

static void tell_result(struct rig_text *text, const struct rig_alone_line *line)
{
    rig_text_printf(text, "= %s", line->field[2]);
    if (strcmp(line->field[3], "0") != 0) {
        rig_text_add(text, ", and an error that no layer handled: ");
        rig_text_error(text, atoi(line->field[3]));
    }
    rig_text_add(text, "\n");
    rig_print(text);
}

/* The lines of a run; the job of a request is known when its result comes, so its first line waits for the next job. */
static size_t tell_lines(struct trace *trace, const struct rig_alone_said *said, size_t job)
{
    char buffer[RIG_LINE_SIZE];
    struct rig_text text;
    bool begun = false;
    rig_text_start(&text, buffer, sizeof buffer);
    for (size_t i = 0; i < said->count; i++) {
        const struct rig_alone_line *line = &said->lines[i];
        char kind = *line->field[0];
        if ((kind == 'V' || kind == 'R') && !begun) {
            tell_request(trace, &text, job);
            trace->depth = 0;
            begun = true;
        }
        if (kind == 'V') {
            tell_event(trace, &text, line);
        } else if (kind == 'R') {
            tell_result(&text, line);
            begun = false;
            job++;
        } else if (kind == 'f') {
            rig_text_printf(&text, "  %s\n", line->field[1]);
            rig_print(&text);
        }
    }
    return job;
}

/* Each profile's requests in a process of their own; what comes after a crash is not tried. */
static int trace_all(struct trace *trace, const struct rig_check_options *options)
{
    int status = RIG_STATUS_CLEAN;
    for (size_t job = 0; job < trace->plan->job_count && status == RIG_STATUS_CLEAN;) {
        struct rig_alone_said said;
        unsigned server = trace->plan->jobs[job].server;
        const struct rig_alone_job one = {
            .options = options, .plan = trace->plan, .server = server, .last = SIZE_MAX, .trace = true};
        if (!rig_alone_run(&one, &said)) {
            return RIG_STATUS_USAGE;
        }
        (void)tell_lines(trace, &said, job);
        while (job < trace->plan->job_count && trace->plan->jobs[job].server == server) {
            job++;
        }
        if (*said.trouble) {
            rig_complain("%s", said.trouble);
            status = RIG_STATUS_USAGE;
        } else if (*said.how) {
            printf("! %s: the requests after it were not sent\n", said.how);
            status = RIG_STATUS_FINDINGS;
        }
        rig_alone_said_free(&said);
    }
    return status;
}

static int run(const struct rig_verb *verb, int argc, char **argv)
{
    struct rig_check_options options = {0};
    struct rig_plan plan = {0};
    struct rig_file *files = NULL;
    int status = RIG_STATUS_USAGE;
    char **original = rig_preload_arguments(argc, argv);
    if (rig_check_options_parse(&options, verb, argc, argv, &status)) {
        status = RIG_STATUS_USAGE;
        if (options.server_count == 0) {
            (void)rig_servers_add(options.servers, &options.server_count, rig_servers_by_default[0], NULL);
        }
        rig_servers_free(options.servers, 1, options.server_count);
        options.server_count = 1; /* of check's profiles by default, and of several that are given, the first */
        if (options.faults || options.each_malloc || options.armed_count) {
            rig_complain_usage(verb, "trace has no --faults, --each-malloc and --require-armed");
        } else if (rig_preload(options.now != 0, false, false, original) &&
                   rig_files_read(options.files, options.file_count, &files) && rig_plan_make(&plan, &options, files)) {
            struct trace trace = {.plan = &plan};
            status = trace_all(&trace, &options);
        }
    }
    rig_preload_arguments_free(original);
    rig_plan_free(&plan);
    rig_files_free(files, options.file_count);
    rig_check_options_free(&options);
    return status;
}

static const char help[] =
    "Shows each request's way through the stack: who was entered, what each layer changed in the env, read, answered,\n"
    "and how long it took with all below it; then what the checks found. Secrets are masked.\n\n"
    "  --server NAME                       the server profile (default: http1)\n"
    "  --set KEY=VALUE, --filter NAME, --timeout SECONDS, --now TIME    as for `stackrig check`\n"
    "  --help\n\n"
    "  stackrig trace --filter login stack.so requests.http\n\n"
    "Exit status: 0 all requests were sent; 1 one ended in a crash or a hang; 2 wrong usage or input.\n";

const struct rig_verb rig_verb_trace = {"trace", "[option...] STACK.so FILE.http...",
                                        "shows what each layer does with a request", help, run};
