#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cli/run/preload.h"
#include "harness/cli/run/rows.h"
#include "harness/cli/trace/trace.h"
#include "harness/cli/ui/outputs.h"

/* What is wanted beside check's options. */
struct wanted {
    const char *html;   /* the page's path; NULL: none */
    const char *beside; /* a second stack; NULL: none */
    bool text, json;
};

/* ---- arguments ---- */

enum { HTML = RIG_OWN_OPTION, BESIDE, TEXT, JSON };

static bool take_once(const char **place, const char *name, const char *value)
{
    if (!*value || *place) {
        rig_complain(*value ? "--%s is given twice" : "--%s needs a value", name);
        return false;
    }
    *place = value;
    return true;
}

static bool take_own(void *closure, int option, char *value)
{
    struct wanted *wanted = closure;
    switch (option) {
    case HTML:
        return take_once(&wanted->html, "html", value) && rig_output_allowed("html", value);
    case BESIDE:
        return take_once(&wanted->beside, "beside", value);
    case TEXT:
        return wanted->text = true;
    default:
        return wanted->json = true;
    }
}

/* ---- runs ---- */

/* Each profile's requests in a process of their own; what comes after a crash is not tried. */
static int trace_stack(const struct wanted *wanted, const struct rig_check_options *options,
                       const struct rig_plan *plan, json_t *json)
{
    int status = RIG_STATUS_CLEAN;
    struct rig_trace_run run = {.plan = plan, .so = options->stack, .two = wanted->beside != NULL};
    run.stack = rig_trace_json_stack(json, options->stack);
    while (run.job < plan->job_count && status == RIG_STATUS_CLEAN) {
        struct rig_alone_said said;
        unsigned server = plan->jobs[run.job].server;
        const struct rig_alone_job one = {
            .options = options, .plan = plan, .server = server, .last = SIZE_MAX, .trace = true};
        if (!rig_alone_run(&one, &said)) {
            return RIG_STATUS_USAGE;
        }
        run.said = &said;
        if (*said.trouble) {
            rig_complain("%s", said.trouble);
            status = RIG_STATUS_USAGE;
        } else {
            status = *said.how ? RIG_STATUS_FINDINGS : status;
            if (wanted->text) {
                rig_trace_text(&run);
            }
            if (run.stack == SIZE_MAX || !rig_trace_json_add(json, &run)) {
                rig_complain("out of memory");
                status = RIG_STATUS_USAGE;
            }
        }
        rig_alone_said_free(&said);
        while (run.job < plan->job_count && plan->jobs[run.job].server == server) {
            run.job++;
        }
    }
    return status;
}

static bool print_json(const json_t *json)
{
    bool good = json_dumpf(json, stdout, JSON_INDENT(1) | JSON_ENSURE_ASCII) == 0 && putchar('\n') != EOF;
    if (!good) {
        rig_complain("the trace could not be written");
    }
    return good;
}

/* The file's rules must be the other stack's, too. Said before anything is shown. */
static bool suits_other(const struct wanted *wanted, struct rig_check_options *options, const struct rig_plan *plan)
{
    const char *stack = options->stack;
    options->stack = wanted->beside;
    bool good = rig_rows_settle(options, plan, NULL);
    options->stack = stack;
    return good;
}

static int trace(const struct wanted *wanted, struct rig_check_options *options, const struct rig_plan *plan)
{
    if (wanted->beside && !suits_other(wanted, options, plan)) {
        return RIG_STATUS_USAGE;
    }
    json_t *json = rig_trace_json();
    if (!json) {
        rig_complain("out of memory");
        return RIG_STATUS_USAGE;
    }
    int status = trace_stack(wanted, options, plan, json);
    if (status != RIG_STATUS_USAGE && wanted->beside) {
        options->stack = wanted->beside;
        int other = trace_stack(wanted, options, plan, json);
        status = other > status ? other : status;
    }
    if (status != RIG_STATUS_USAGE &&
        ((wanted->json && !print_json(json)) || (wanted->html && !rig_trace_html(json, wanted->html)))) {
        status = RIG_STATUS_USAGE;
    }
    json_decref(json);
    return status;
}

static int run(const struct rig_verb *verb, int argc, char **argv)
{
    struct rig_check_options options = {0};
    struct wanted wanted = {0};
    struct rig_alone_plan inputs = {0};
    static const struct option names[] = {{"html", required_argument, NULL, HTML},
                                          {"beside", required_argument, NULL, BESIDE},
                                          {"text", no_argument, NULL, TEXT},
                                          {"json", no_argument, NULL, JSON},
                                          {0}};
    const struct rig_own_options own = {names, take_own, &wanted};
    int status = RIG_STATUS_USAGE;
    char **original = rig_preload_arguments(argc, argv);
    if (rig_own_options_parse(&options, verb, RIG_OPTIONS_TRACE, &own, argc, argv, &status)) {
        status = RIG_STATUS_USAGE;
        wanted.text = wanted.text || (!wanted.json && !wanted.html);
        if (wanted.text && wanted.json) {
            rig_complain_usage(verb, "--text and --json would both go to the output");
        } else if (wanted.html && rig_output_is_stdout(wanted.html) && (wanted.text || wanted.json)) {
            rig_complain_usage(verb, "--html - and --%s would both go to the output", wanted.text ? "text" : "json");
        } else if (wanted.html && !rig_page_apart(wanted.html, &options)) {
            status = RIG_STATUS_USAGE;
        } else if (rig_alone_prepare(&inputs, &options, true, original)) {
            status = trace(&wanted, &options, &inputs.plan);
        }
    }
    rig_alone_plan_free(&inputs, &options, original);
    return status;
}

static const char help[] = "Shows each request's way through the stack: who was entered, what each layer\n"
                           "changed in the env, read, answered, how long it took and how often it allocated,\n"
                           "with all below it; then what the checks found. Secrets are masked.\n\n"
                           "  --text             for a terminal (the default, if there is no other)\n"
                           "  --json             for programs, as docs/trace.schema.json has it\n"
                           "  --html FILE        a page for a browser, which needs nothing else\n"
                           "  --beside STACK.so  a second stack gets the same requests; the page shows both\n"
                           "  --server NAME      the server profile (http1)\n"
                           "  --set KEY=VALUE, --mask NAME, --filter NAME, --timeout SECONDS, --now TIME\n"
                           "                     as of `stackrig check`\n\n"
                           "  stackrig trace --html trace.html --beside mended.so broken.so requests.http\n\n"
                           "Exit status: 0 all requests were sent; 1 one ended in a crash or a hang;\n"
                           "2 wrong usage or input.\n";

const struct rig_verb rig_verb_trace = {"trace", "[option...] STACK.so FILE.http...",
                                        "shows what each layer does with a request", help, run};
