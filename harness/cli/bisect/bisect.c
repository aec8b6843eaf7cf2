#define _POSIX_C_SOURCE 200809L

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <stackrig/bisect.h>

#include "harness/cli/bisect/bisect_report.h"
#include "harness/cli/run/preload.h"
#include "harness/cli/run/unrun.h"
#include "harness/cli/ui/known.h"
#include "harness/cli/ui/suggest.h"
#include "harness/client/bisect_search.h"
#include "harness/core/wall.h"
#include "harness/cli/ui/outputs.h"

/* ---- what failing is ---- */

static bool want_env(struct rig_bisect_want *want, char *words)
{
    char *rest = NULL, *name = strtok_r(words, " ", &rest), *state = strtok_r(NULL, " ", &rest);
    char *when = strtok_r(NULL, " ", &rest);
    want->kind = RIG_WANT_ENV;
    want->name = rig_must_copy(name);
    want->present = state && !strcmp(state, "present");
    return name && state && (want->present || !strcmp(state, "absent")) && (!when || !strcmp(when, "after")) &&
           !strtok_r(NULL, " ", &rest);
}

static bool want_status(struct rig_bisect_want *want, const char *word)
{
    char *end;
    long status = strtol(word, &end, 10);
    want->kind = RIG_WANT_STATUS;
    want->status = (int)status;
    return end == word + 3 && !*end && status >= 100;
}

static bool take_expect(struct rig_bisect_want *want, const char *text)
{
    char *words = rig_must_copy(text);
    bool good = want->kind == RIG_WANT_ANY;
    if (!good) {
        rig_complain("one --expect or --finding is enough: the rest was not looked at");
    } else if (!strncmp(words, "status ", 7)) {
        good = want_status(want, words + 7);
    } else {
        good = !strncmp(words, "env ", 4) && want_env(want, words + 4);
    }
    if (!good && want->kind != RIG_WANT_FINDING) {
        rig_complain("--expect wants 'status 200', 'env NAME present after' or 'env NAME absent after', not '%s'",
                     text);
    }
    free(words);
    return good;
}

static bool take_finding(struct rig_bisect_want *want, const char *rule)
{
    if (want->kind != RIG_WANT_ANY) {
        rig_complain("one --expect or --finding is enough: the rest was not looked at");
        return false;
    }
    if (!rig_known_perhaps(rule)) {
        rig_complain_rule(rule);
        return false;
    }
    want->kind = RIG_WANT_FINDING;
    want->name = rig_must_copy(rule);
    return true;
}

enum { EXPECT = RIG_OWN_OPTION, FINDING, HTML };

static bool take_own(void *closure, int option, char *value)
{
    struct rig_bisect_case *one = closure;
    if (option == EXPECT) {
        return take_expect(&one->want, value);
    }
    if (option == FINDING) {
        return take_finding(&one->want, value);
    }
    if (one->html) {
        rig_complain("--html is given twice");
        return false;
    }
    one->html = value;
    if (rig_output_is_stdout(value)) {
        rig_complain("--html - : the output has what bisect says; a page wants a file");
        return false;
    }
    return rig_output_allowed("html", value);
}

/* ---- the runs ---- */

static bool has_rule(const char *rules, const char *rule)
{
    size_t size = strlen(rule);
    for (const char *at = strstr(rules, rule); at; at = strstr(at + 1, rule)) {
        if (at > rules && (at[-1] == ',' || at[-1] == '!') && at[size] == ',') {
            return true;
        }
    }
    return false;
}

/* Does the request's line R show what failing is? */
static bool shows(const struct rig_bisect_want *want, const struct rig_alone_line *line)
{
    int status = atoi(line->field[2]);
    bool there = *line->field[4] == '1';
    switch (want->kind) {
    case RIG_WANT_STATUS:
        return status != want->status;
    case RIG_WANT_ERROR:
        return strcmp(line->field[3], "0") != 0;
    case RIG_WANT_ENV:
        return there != want->present;
    case RIG_WANT_FINDING:
        return has_rule(line->field[5], want->name);
    default:
        return false;
    }
}

static const struct rig_alone_line *result_line(const struct rig_alone_said *said, size_t job)
{
    for (size_t i = 0; i < said->count; i++) {
        if (*said->lines[i].field[0] == 'R' && (size_t)atoll(said->lines[i].field[1]) == job) {
            return &said->lines[i];
        }
    }
    return NULL;
}

/* The first error that the request does not expect. NULL: none. */
static char *unexpected_rule(const struct rig_scenario_request *request, const struct rig_alone_line *line)
{
    const char *rules = line->field[5];
    for (const char *at = strchr(rules, '!'); at; at = strchr(at + 1, '!')) {
        char *rule = rig_must_copy(at + 1);
        rule[strcspn(rule, ",")] = '\0';
        if (!rig_expects_rule(request, rule)) {
            return rule;
        }
        free(rule);
    }
    return NULL;
}

/* Without --expect and --finding: what `stackrig check` would say of this request. */
static bool choose(struct rig_bisect_want *want, const struct rig_scenario_request *request,
                   const struct rig_alone_line *line)
{
    int status = atoi(line->field[2]), error = atoi(line->field[3]);
    want->name = unexpected_rule(request, line);
    if (want->name) {
        want->kind = RIG_WANT_FINDING;
        return true;
    }
    for (size_t i = 0; i < request->expect_count; i++) {
        const struct rig_scenario_expect *expect = &request->expects[i];
        if (expect->kind == RIG_EXPECT_STATUS && expect->status != status) {
            want->kind = RIG_WANT_STATUS;
            want->status = expect->status;
            return true;
        }
    }
    if (error && !rig_expects_error(request, error)) {
        want->kind = RIG_WANT_ERROR;
        return true;
    }
    return false;
}

/* ---- in the same way ---- */

/* Of this job's findings the nth of that rule, as its line F. NULL: no more. */
static const struct rig_alone_line *finding_line(const struct rig_alone_said *said, size_t job, const char *rule,
                                                 size_t nth)
{
    bool mine = false;
    for (size_t i = 0; i < said->count; i++) {
        const struct rig_alone_line *line = &said->lines[i];
        if (*line->field[0] == 'R') {
            mine = (size_t)atoll(line->field[RIG_R_JOB]) == job;
        } else if (mine && *line->field[0] == 'F' && !strcmp(line->field[RIG_F_RULE], rule) && nth-- == 0) {
            return line;
        }
    }
    return NULL;
}

/* Has it a finding of the rule where the whole stack has one? The app, say, may break the same rule elsewhere. */
static bool same_finding(const struct rig_bisect_case *one, const struct rig_alone_said *said)
{
    const struct rig_alone_line *mine, *other;
    for (size_t i = 0; (mine = finding_line(said, one->target, one->want.name, i)); i++) {
        for (size_t k = 0; (other = finding_line(one->whole, one->target, one->want.name, k)); k++) {
            if (!strcmp(mine->field[RIG_F_LAYER], other->field[RIG_F_LAYER]) &&
                !strcmp(mine->field[RIG_F_SITE], other->field[RIG_F_SITE])) {
                return true;
            }
        }
    }
    return false;
}

/* Was it lost in that request, in that layer, and by a signal at that place in its code? */
static bool same_loss(const struct rig_bisect_case *one, const struct rig_alone_said *said)
{
    struct rig_place at = {.layer_number = 0};
    rig_place_take(&at, one->watch);
    for (size_t i = 0; i < one->target; i++) {
        if (one->plan->jobs[i].server == one->server && !result_line(said, i)) {
            return false;
        }
    }
    return !strcmp(said->how, one->how) && rig_place_is(&at, &one->lost);
}

/* What the whole stack does: finds the request in question. False: none fails, or the stack cannot be used. */
static bool look_at_whole(struct rig_bisect_case *one, const struct rig_alone_said *said)
{
    for (size_t i = 0; i < one->plan->job_count; i++) {
        const struct rig_alone_line *line = result_line(said, i);
        const struct rig_scenario_request *request = one->plan->cases[one->plan->jobs[i].number].request;
        one->target = i;
        if (!line && one->plan->jobs[i].server == one->server && *said->how) {
            one->want.kind = RIG_WANT_LOSS; /* whatever was asked for: it has no result */
            snprintf(one->how, sizeof one->how, "%s", said->how);
            rig_place_take(&one->lost, one->watch);
            return true;
        }
        if (line && (one->want.kind == RIG_WANT_ANY ? choose(&one->want, request, line) : shows(&one->want, line))) {
            one->status = atoi(line->field[2]);
            one->error = atoi(line->field[3]);
            return true;
        }
    }
    return false;
}

static int judge(const struct rig_bisect_case *one, const struct rig_alone_said *said)
{
    const struct rig_alone_line *line = result_line(said, one->target);
    if (line && !shows(&one->want, line)) {
        return RIG_BISECT_PASSES; /* that it came to its end, where the whole stack did not */
    }
    bool same = false;
    switch (one->want.kind) {
    case RIG_WANT_LOSS:
        same = same_loss(one, said);
        break;
    case RIG_WANT_FINDING:
        same = line && same_finding(one, said);
        break;
    case RIG_WANT_ERROR:
        same = line && atoi(line->field[RIG_R_ERROR]) == one->error;
        break;
    case RIG_WANT_ENV:
        same = line != NULL; /* whatever the status: other layers may change that */
        break;
    default:
        same = line && atoi(line->field[RIG_R_STATUS]) == one->status;
        break;
    }
    return same ? RIG_BISECT_FAILS : RIG_BISECT_OTHER;
}

static void tick(void *closure)
{
    char note[64];
    struct rig_bisect_case *one = closure;
    (void)snprintf(note, sizeof note, "%zu of %u layers under suspicion", one->left, one->layer_count);
    rig_progress_tick(&one->progress, one->runs, SIZE_MAX, one->layer_count > 0 ? note : NULL);
}

bool rig_bisect_try(struct rig_bisect_case *one, const unsigned *layers, size_t count, bool details,
                    struct rig_alone_said *said)
{
    const struct rig_alone_job job = {.options = one->options,
                                      .plan = one->plan,
                                      .server = one->server,
                                      .last = one->target,
                                      .env_name = one->want.kind == RIG_WANT_ENV ? one->want.name : NULL,
                                      .layers = layers,
                                      .layer_count = count,
                                      .watch = one->watch,
                                      .findings = true,
                                      .details = details,
                                      .quiet = layers != NULL,
                                      .tick = tick,
                                      .closure = one};
    bool ran = rig_alone_run(&job, said);
    one->runs++;
    return ran;
}

static int run_some(void *closure, const unsigned *layers, size_t count)
{
    static const unsigned none[1];
    if (rig_interrupted()) {
        return -ECANCELED;
    }
    struct rig_alone_said said;
    bool ran = rig_bisect_try(closure, layers ? layers : none, count, false, &said);
    int answer = !ran               ? -ECHILD
                 : said.interrupted ? -ECANCELED
                 : *said.trouble    ? RIG_BISECT_OTHER
                                    : judge(closure, &said);
    rig_alone_said_free(&said);
    return answer;
}

static void progress(void *closure, unsigned runs, size_t left)
{
    struct rig_bisect_case *one = closure;
    (void)runs;
    one->left = left;
    tick(one);
}

static int search(struct rig_bisect_case *one)
{
    static struct rig_bisection out;
    const struct rig_bisect_search search = {
        .layer_count = one->layer_count, .run = run_some, .progress = progress, .closure = one};
    one->left = one->layer_count;
    int error = rig_bisect_search(&search, &out);
    rig_progress_end(&one->progress);
    if (error && error != -ECANCELED) {
        rig_complain("the search could not go on: error %d", error);
        return RIG_STATUS_USAGE;
    }
    int status = rig_bisect_print(one, error ? NULL : &out);
    return error || !one->html || rig_bisect_page(one, &out) ? status : RIG_STATUS_USAGE;
}

static int bisect(struct rig_bisect_case *one)
{
    static struct rig_alone_said said;
    int status = RIG_STATUS_USAGE;
    one->target = SIZE_MAX;
    one->begun = rig_wall_ns();
    one->server = one->plan->jobs[0].server;
    rig_progress_start(&one->progress, "runs", 0, one->options->quiet);
    bool ran = rig_bisect_try(one, NULL, 0, false, &said);
    rig_progress_end(&one->progress);
    if (!ran || said.interrupted) {
        rig_alone_said_free(&said);
        return ran ? rig_bisect_print_early(one) : status;
    }
    for (size_t i = 0; i < said.count; i++) {
        one->layer_count += *said.lines[i].field[0] == 'L';
    }
    if (*said.trouble) {
        rig_complain("%s", said.trouble);
    } else if (one->layer_count > RIG_BISECT_LAYERS_MAX) {
        rig_complain("the stack has %u layers; bisect can take %d", one->layer_count, RIG_BISECT_LAYERS_MAX);
    } else if (!look_at_whole(one, &said)) {
        status = rig_bisect_print_nothing(one);
    } else {
        one->whole = &said;
        status = search(one);
    }
    rig_alone_said_free(&said);
    return status;
}

/* Now that the stack's rules are. */
static bool finding_is_known(const struct rig_bisect_want *want)
{
    bool good = want->kind != RIG_WANT_FINDING || rig_known_find(want->name);
    if (!good) {
        rig_complain_rule(want->name);
    }
    return good;
}

static int watch_and_bisect(struct rig_bisect_case *one)
{
    int status = RIG_STATUS_USAGE;
    one->watch = rig_watch_new();
    rig_interrupt_listen();
    if (one->watch) {
        status = bisect(one);
    } else {
        rig_complain("cannot share memory with a process: %s", strerror(errno));
    }
    rig_watch_free(one->watch);
    return status;
}

static int run(const struct rig_verb *verb, int argc, char **argv)
{
    struct rig_bisect_case one = {0};
    struct rig_check_options options = {0};
    struct rig_alone_plan inputs = {0};
    static const struct option names[] = {{"expect", required_argument, NULL, EXPECT},
                                          {"finding", required_argument, NULL, FINDING},
                                          {"html", required_argument, NULL, HTML},
                                          {0}};
    const struct rig_own_options own = {names, take_own, &one};
    int status = RIG_STATUS_USAGE;
    char **original = rig_preload_arguments(argc, argv);
    if (rig_own_options_parse(&options, verb, RIG_OPTIONS_BISECT, &own, argc, argv, &status)) {
        status = RIG_STATUS_USAGE;
        if (rig_page_apart(one.html, &options)) {
            one.options = &options;
            one.plan = &inputs.plan;
            bool good = rig_alone_prepare(&inputs, &options, false, original) && finding_is_known(&one.want);
            status = good ? watch_and_bisect(&one) : status;
            rig_report_unrun(&options.formats, "bisect", options.stack, status);
        }
    }
    rig_alone_plan_free(&inputs, &options, original);
    free(one.want.name);
    return status;
}

static const char help[] =
    "Leaves layers out, again and again, until the fewest are found whose presence\n"
    "makes a request fail, or, where the app needs others of them, without which it\n"
    "passes; then tries another order. Says which, where the stack got them, and\n"
    "where the runs with and without them first differ.\n\n"
    "  --expect 'status N'                another status fails\n"
    "  --expect 'env NAME present after'  a NAME fails that is not in the outermost\n"
    "                                     layer's env when that returns; or 'absent'\n"
    "  --finding RULE  that finding fails (default: all that `stackrig check` tells)\n"
    "  --html FILE     a page (see trace): the run that fails beside one that passes\n"
    "  --server NAME   the server profile (http1)\n"
    "  --set KEY=VALUE, --mask NAME, --filter NAME, --timeout SECONDS, --now TIME\n"
    "                  as of `stackrig check`\n" RIG_FORMATS_HELP "  --quiet         no progress\n\n"
    "  stackrig bisect --expect 'env app.user present after' stack.so requests.http\n\n"
    "Exit status: 0 no request fails; 1 one does; 2 wrong usage or input; 130 Ctrl-C.\n";

const struct rig_verb rig_verb_bisect = {"bisect", "[option...] STACK.so FILE.http...",
                                         "finds the layers that make a request fail", help, run};
