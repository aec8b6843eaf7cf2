/* What was found, as the page of a trace: the run that fails beside the one that passes. */
#include "harness/cli/bisect/bisect_report.h"
#include "harness/cli/trace/trace.h"

/* "stack.so, only a and b", "stack.so without a" */
static void name_run(struct rig_text *text, const struct rig_bisect_case *one, const struct rig_culprits *culprits,
                     bool fails)
{
    rig_text_add(text, one->options->stack);
    if (!culprits) {
        return;
    }
    bool only = !culprits->enough && !culprits->left_out;
    for (size_t i = 0; only && i < culprits->count; i++) {
        rig_text_printf(text, "%s %s", i > 0 ? " and" : ", only", rig_bisect_layer(one, culprits->layers[i]));
    }
    for (size_t i = 0; !fails && culprits->left_out && i < culprits->count; i++) {
        rig_text_printf(text, "%s %s", i > 0 ? " and" : " without", rig_bisect_layer(one, culprits->layers[i]));
    }
    if (!fails && !culprits->left_out) {
        rig_text_printf(text, " without %s", rig_bisect_layer(one, culprits->key));
    }
}

/* False: no process or no memory; complained. */
static bool add_run(const struct rig_bisect_case *one, json_t *trace, const struct rig_bisection *bisection, bool fails)
{
    const struct rig_culprits *culprits = bisection->set_count ? &bisection->sets[0] : NULL;
    char name[1024];
    struct rig_text text;
    struct rig_alone_said said;
    struct rig_bisect_pair pair = {.count = 0};
    if (culprits) {
        rig_bisect_pair(one, bisection, 0, &pair);
    }
    const struct rig_alone_job job = {.options = one->options,
                                      .plan = one->plan,
                                      .server = one->server,
                                      .last = one->target,
                                      .layers = !culprits ? NULL
                                                : fails   ? pair.all
                                                          : pair.rest,
                                      .layer_count = fails ? pair.count : pair.rest_count,
                                      .trace = true,
                                      .quiet = true};
    rig_text_start(&text, name, sizeof name);
    name_run(&text, one, culprits, fails);
    (void)rig_text_end(&text);
    const struct rig_trace_run run = {
        .plan = one->plan, .said = &said, .so = name, .stack = rig_trace_json_stack(trace, name)};
    if (!rig_alone_run(&job, &said)) {
        return false;
    }
    bool good = run.stack != SIZE_MAX && rig_trace_json_add(trace, &run);
    if (!good) {
        rig_complain("out of memory");
    }
    rig_alone_said_free(&said);
    return good;
}

bool rig_bisect_page(const struct rig_bisect_case *one, const struct rig_bisection *bisection)
{
    json_t *trace = rig_trace_json();
    if (!trace) {
        rig_complain("out of memory");
        return false;
    }
    bool good = add_run(one, trace, bisection, true) && rig_trace_json_open(trace) &&
                (!bisection->set_count || add_run(one, trace, bisection, false)) && rig_trace_html(trace, one->html);
    json_decref(trace);
    return good;
}
