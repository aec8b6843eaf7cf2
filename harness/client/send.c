/* Sending: a mock request or raw bytes through the client's app. */
#include "harness/client/client.h"

#include "harness/core/stack.h"
#include "harness/http/rare.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

/* ---- results ---- */

/* What a NULL client, and a NULL session, gets. */
static const struct rig_report nobody = {
    .result = {.body = "", .log = "", .error = -EINVAL, .delivery = {.outcome = RIG_NOT_SENT}},
    .message = "the client was NULL: nothing was sent"};
static const struct rig_report no_session = {
    .result = {.body = "", .log = "", .error = -EINVAL, .delivery = {.outcome = RIG_NOT_SENT}},
    .message = "the session was NULL: nothing was sent"};

/* In the run that this call stands in, if that is this client's; else its next result tells it, or its end. */
static void tell_too_many_open(struct rig_client *client, const char *site, const char *call)
{
    struct rig_run *here = rig_run_here();
    char text[sizeof client->mistakes.list[0].text];
    (void)snprintf(text, sizeof text, "%s: %d requests of this client are open already, nested or by rig_env_for", call,
                   RIG_RUNS);
    if (here && here->runner == &client->runner) {
        (void)rig_misuse(here, RIG_MISUSE_TOO_MANY_OPEN, site, "%s", text);
    } else {
        rig_mistake_keep(&client->runner.stray, RIG_EVENT_MISUSE, RIG_MISUSE_TOO_MANY_OPEN, site, text);
    }
}

/* The result of what got no run. */
const struct rig_result *rig_unsent_at(const char *site, struct rig_client *client, const char *call, int error)
{
    if (error == -EBUSY) {
        tell_too_many_open(client, site, call);
    }
    client->unsent.result = (struct rig_result){.body = "",
                                                .log = "",
                                                .error = error,
                                                .unchecked = error == -ENOMEM,
                                                .site = site,
                                                .delivery = {.outcome = RIG_NOT_SENT, .server = client->server->name}};
    client->unsent.asserted = false;
    client->unsent.answer = NULL;
    client->unsent.message = NULL;
    return &client->unsent.result;
}

const struct rig_result *rig_send_close(struct rig_client *client, struct rig_run *run)
{
    struct rig_report *report = rig_run_close(run);
    report->client = client;
    report->next = client->reports;
    client->reports = report;
    return &report->result;
}

struct rig_run *rig_send_run(struct rig_client *client, const void *frame, const char *site, int *error)
{
    struct rig_run *run = rig_run_open(&client->runner, frame, site, error);
    if (!run) {
        return NULL;
    }
    run->server = client->server;
    run->report->result.delivery.outcome = RIG_NOT_SENT; /* until it is; the report is zeroed */
    run->report->result.delivery.server = client->server->name;
    if (client->runner.stray.count > 0) {
        rig_mistakes_report(run, &client->runner.stray);
        client->runner.stray.count = client->runner.stray.more = 0;
    }
    return run;
}

static const struct rig_result *refuse(const char *site, struct rig_client *client, const char *call,
                                       enum rig_misuse what, const char *mend, const char *text)
{
    int error;
    struct rig_run *run = client ? rig_send_run(client, __builtin_frame_address(0), site, &error) : NULL;
    if (client && !run) {
        return rig_unsent_at(site, client, call, error);
    }
    error = rig_misuse_mended(run, what, site, mend, "%s", text);
    if (!run) {
        return strncmp(call, "rig_session_", 12) == 0 ? &no_session.result : &nobody.result;
    }
    run->report->result.error = error;
    return rig_send_close(client, run);
}

const struct rig_result *rig_refused_at(const char *site, struct rig_client *client, const char *call,
                                        enum rig_misuse what, const char *format, ...)
{
    char text[sizeof((struct rig_mistake *)0)->text];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return refuse(site, client, call, what, NULL, text);
}

const struct rig_result *rig_refused_mended_at(const char *site, struct rig_client *client, const char *call,
                                               enum rig_misuse what, const char *mend, const char *format, ...)
{
    char text[sizeof((struct rig_mistake *)0)->text];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return refuse(site, client, call, what, mend, text);
}

/* A NULL where the client's own call allows none. */
static const struct rig_result *refuse_null(const char *site, struct rig_client *client, const char *call,
                                            const char *what)
{
    return rig_refused_at(site, client, call, RIG_MISUSE_NULL_ARGUMENT, "%s was given %s", call, what);
}

static RIG_COLD int first_look(struct rig_run *run, struct rig_client *client)
{
    rig_mistakes_report(run, &client->mistakes);
    int error = client->mistakes.count > 0 ? -EINVAL : 0;
    error = rig_app_inspect(run, &client->app) != 0 ? -EINVAL : error;
    client->inspected = error == 0;
    return error;
}

/* Is the client's app fit to be run? Told in every result until it is. */
static inline int inspect(struct rig_run *run, struct rig_client *client)
{
    if (RIG_RARE(!client->inspected)) {
        return first_look(run, client);
    }
    rig_app_tell_late(run, &client->app);
    return 0;
}

/* ---- a mock request ---- */

/* A copy: a jump out of the send leaves the run open longer than the request's frame. NULL when out of memory: the run
 * says that its findings are not what was asked for. */
static const char *const *keep_patterns(struct rig_run *run, const char *const *patterns)
{
    const char **copies = rig_arena_zeroed(&run->arena, (RIG_IGNORE_MAX + 1) * sizeof *copies);
    bool kept = copies != NULL;
    for (size_t i = 0; kept && i < RIG_IGNORE_MAX && patterns[i]; i++) {
        copies[i] = rig_arena_string(&run->arena, patterns[i]);
        kept = copies[i] != NULL;
    }
    run->unchecked = run->unchecked || !kept;
    return kept ? copies : NULL;
}

static RIG_COLD void take_patterns(struct rig_run *run, const struct rig_request *request)
{
    run->ignore = request->ignore[0] ? keep_patterns(run, request->ignore) : NULL;
    run->enable = request->enable[0] ? keep_patterns(run, request->enable) : NULL;
}

/* Into a run that was opened just now. */
static inline void take_options(struct rig_run *run, const struct rig_request *request)
{
    if (RIG_RARE(request->ignore[0] || request->enable[0])) {
        take_patterns(run, request);
    }
    run->credentials = request->credentials;
    run->discard_body = request->discard_body;
    run->report->discarded = request->discard_body;
}

static int name_request(struct rig_run *run, const struct rig_sent *sent)
{
    struct rig_result *result = &run->report->result;
    struct rig_exchange *exchange = rig_run_add_exchange(run);
    char *strings = rig_arena_alloc(run->results, sent->method.size + sent->target.size + 2);
    if (!exchange || !strings) {
        return -ENOMEM;
    }
    char *target = strings + sent->method.size + 1;
    result->method = exchange->method = strings;
    result->target = exchange->target = target;
    rig_put_text(strings, sent->method);
    rig_put_text(target, sent->target);
    return 0;
}

/* A target that cannot be sent, for that reason. */
static RIG_COLD int refuse_target(struct rig_run *run, const char *reason)
{
    const char *text = run->report->result.target;
    char shown[RIG_URL_SHOWN];
    return rig_misuse_mended(run, RIG_MISUSE_REQUEST_TARGET, run->site, rig_target_mend(text, reason),
                             "the target \"%s\" cannot be sent: %s", rig_url_shown(text, strlen(text), shown), reason);
}

static inline int build_env(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                            struct rig_sent *sent)
{
    const char *reason = NULL;
    struct rig_target target;
    int error = rig_request_line(run, request, sent, &target, &reason);
    error = error ? error : name_request(run, sent);
    error = error || !reason ? error : refuse_target(run, reason);
    error = error ? error : rig_run_begin(run);
    error = error ? error : rig_env_line(run, client, sent, &target);
    error = error ? error : rig_request_rest(run, client, request, sent);
    if (error != 0) {
        return error;
    }
    if (RIG_RARE(rig_has_gateway(run))) {
        error = rig_gateway_request(run, client, request, sent, &target);
    }
    if (error == 0) {
        rig_env_body(run, sent);
    }
    return error;
}

static RIG_APART int mend_env(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                              const struct rig_sent *sent)
{
    int error = request->fault ? rig_request_spoil(run, client, request, sent) : 0;
    return error ? error : rig_env_override(run, request);
}

int rig_send_build(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                   struct rig_sent *sent)
{
    int error = build_env(run, client, request, sent);
    if (error != 0) {
        rig_request_drop_source(request);
        return error;
    }
    uintptr_t more = (uintptr_t)request->fault | (uintptr_t)request->env[0].name | request->env_count;
    return RIG_RARE(more != 0) ? mend_env(run, client, request, sent) : 0;
}

/* The rest of the body is the next requests. */
static RIG_APART void serve_leftover(struct rig_run *run, struct rig_client *client, const struct rig_sent *sent)
{
    struct rig_leftover left = rig_connection_leftover(run, sent);
    rig_run_end_exchange(run);
    if (left.wire.size > 0) {
        struct rig_serving serving = {.run = run, .client = client};
        rig_connection_serve_leftover(&serving, &left);
    }
}

void rig_send_serve(struct rig_run *run, struct rig_client *client, const struct rig_sent *sent)
{
    enum rig_connection connection = rig_run_exchange(run, &client->app);
    if (RIG_RARE(connection == RIG_CONNECTION_DESYNCHRONISED) && run->server->keeps_alive) {
        serve_leftover(run, client, sent);
    } else {
        rig_run_end_exchange(run);
    }
}

static RIG_APART void send_malformed(struct rig_run *run, struct rig_client *client, const struct rig_request *request)
{
    struct rig_bytes wire = {NULL, 0};
    int error = rig_request_check(run, request);
    error = error ? error : rig_request_write(run, client, request, &wire);
    rig_request_drop_source(request);
    if (error != 0) {
        run->report->result.error = error;
        return;
    }
    struct rig_serving serving = {.run = run, .client = client};
    rig_connection_serve(&serving, wire);
}

static inline const struct rig_result *send_in(const char *site, struct rig_client *client,
                                               const struct rig_request *request, rig_watch_fn *watch, void *closure,
                                               const void *frame)
{
    int busy;
    struct rig_run *run = rig_send_run(client, frame, site, &busy);
    if (RIG_RARE(!run)) {
        rig_request_drop_source(request);
        return rig_unsent_at(site, client, "rig_send", busy);
    }
    take_options(run, request);
    int error = inspect(run, client);
    if (RIG_RARE(error != 0)) {
        rig_request_drop_source(request);
    } else if (RIG_RARE(request->malformed)) {
        send_malformed(run, client, request);
    } else {
        struct rig_sent sent;
        rig_zero(&sent, sizeof sent);
        error = rig_send_build(run, client, request, &sent);
        if (RIG_RARE(run->server->reads_first) && error == 0 && run->wire_input->source.read) {
            error = rig_request_arrives(run, request);
        }
        if (error == 0) {
            rig_send_serve(run, client, &sent);
            error = watch ? watch(closure, &run->report->result, &sent) : 0;
        }
    }
    if (error < 0) {
        run->report->result.error = error;
    }
    return rig_send_close(client, run);
}

const struct rig_result *rig_send_at(const char *site, struct rig_client *client, const struct rig_request *request)
{
    if (!client || !request) {
        if (request) {
            rig_request_drop_source(request);
        }
        return refuse_null(site, client, "rig_send", client ? "a NULL request" : "a NULL client");
    }
    return send_in(site, client, request, NULL, NULL, __builtin_frame_address(0));
}

const struct rig_result *rig_send_watched_at(const char *site, struct rig_client *client,
                                             const struct rig_request *request, rig_watch_fn *watch, void *closure)
{
    return send_in(site, client, request, watch, closure, __builtin_frame_address(0));
}

const struct rig_result *rig_send_request_at(const char *site, struct rig_client *client, struct rig_request request)
{
    return rig_send_at(site, client, &request);
}

const struct rig_result *rig_send_raw_at(const char *site, struct rig_client *client, const void *bytes, size_t size)
{
    if (!client || (!bytes && size > 0)) {
        return refuse_null(site, client, "rig_send_raw", client ? "NULL bytes" : "a NULL client");
    }
    int error;
    struct rig_run *run = rig_send_run(client, __builtin_frame_address(0), site, &error);
    if (!run) {
        return rig_unsent_at(site, client, "rig_send_raw", error);
    }
    error = inspect(run, client);
    if (error == 0) {
        struct rig_serving serving = {.run = run, .client = client};
        rig_connection_serve(&serving, (struct rig_bytes){bytes, size});
    } else {
        run->report->result.error = error;
    }
    return rig_send_close(client, run);
}

/* ---- step by step ---- */

struct rig_run *rig_send_open(const char *site, struct rig_client *client, const char *call,
                              const struct rig_request *request, const void *frame, const struct rig_result **refused)
{
    int error;
    struct rig_run *run = rig_send_run(client, frame, site, &error);
    if (!run) {
        rig_request_drop_source(request);
        *refused = rig_unsent_at(site, client, call, error);
        return NULL;
    }
    take_options(run, request);
    error = inspect(run, client);
    if (error != 0) {
        rig_request_drop_source(request);
        run->report->result.error = error;
        *refused = rig_send_close(client, run);
        return NULL;
    }
    return run;
}
