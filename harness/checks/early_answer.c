/* The request had a body, and the outermost layer has returned: what is left of it on the connection, and what the
 * server makes of that. Draining after the answer is still in time. */
#include "harness/checks/checks.h"

#include <stdio.h>

#define LINE 1024

/* "http1", "passenger3 (modelled)", "nginx:fastcgi+uwsgi (not measured)" */
static void server_name(const struct rig_delivery *delivery, char *buffer, size_t size)
{
    (void)snprintf(buffer, size, "%s%s", delivery->server ? delivery->server : "server",
                   delivery->modelled     ? " (modelled)"
                   : delivery->worked_out ? " (not measured)"
                                          : "");
}

static void add(char *buffer, size_t size, const char *before, const char *text, const char *after)
{
    size_t used = strlen(buffer);
    (void)snprintf(buffer + used, size - used, "%s%s%s", before, text, after);
}

static const char *certainty(const struct rig_delivery *delivery)
{
    return delivery->worked_out ? "worked out from its parts, which were not measured together"
           : !delivery->race    ? "sure"
           : delivery->share    ? delivery->share
                                : "it goes either way";
}

/* What follows, how sure that is, and what the server logs. NULL: nothing to say. */
static const char *describe_consequence(const struct rig_delivery *delivery, char *buffer, size_t size)
{
    if (!delivery->follows) {
        return NULL;
    }
    buffer[0] = '\0';
    add(buffer, size, delivery->follows, "", "");
    if (delivery->not_measured) {
        return buffer;
    }
    add(buffer, size, delivery->race ? " (a race: " : " (", certainty(delivery), "");
    if (delivery->timing != RIG_TIMING_ANY) {
        add(buffer, size, delivery->race ? "; " : ", ",
            delivery->timing == RIG_TIMING_WORST ? "when the server closes at once"
                                                 : "when all is sent before it closes",
            "");
    }
    add(buffer, size, ")", "", "");
    for (size_t i = 0; i < RIG_DELIVERY_LOG_MAX && delivery->log[i]; i++) {
        add(buffer, size, i == 0 ? "; it logs \"" : " and \"", delivery->log[i], "\"");
    }
    return buffer;
}

/* The request line without its query, which may hold secrets, and how its body was framed. */
static void describe_request(const struct rig_run *run, char *buffer, size_t size)
{
    const struct rig_exchange *exchange = &run->exchanges[run->exchange];
    const char *method = exchange->method ? exchange->method : "?", *target = exchange->target ? exchange->target : "?";
    int path = (int)strcspn(target, "?#");
    if (run->wire.chunked) {
        (void)snprintf(buffer, size, "%s %.*s, Transfer-Encoding: chunked", method, path, target);
    } else {
        (void)snprintf(buffer, size, "%s %.*s, Content-Length: %llu", method, path, target,
                       (unsigned long long)run->wire.body_size);
    }
}

/* "9 of 9 body bytes unread" */
static void describe_rest(const struct rig_run *run, char *buffer, size_t size)
{
    const struct rig_wire *wire = &run->wire;
    unsigned long long left = wire->body_size > wire->body_taken ? wire->body_size - wire->body_taken : 0;
    if (left > 0) {
        (void)snprintf(buffer, size, "%llu of %llu body bytes unread", left, (unsigned long long)wire->body_size);
    } else {
        (void)snprintf(buffer, size,
                       wire->body_taken > 0 ? "the rest of its chunked body unread" : "its chunked body unread");
    }
}

static enum rig_level judge(const struct rig_delivery *delivery)
{
    if (delivery->outcome == RIG_GONE) {
        return RIG_LEVEL_OFF;
    }
    if (delivery->outcome != RIG_DELIVERED || delivery->connection == RIG_CONNECTION_DESYNCHRONISED) {
        return RIG_LEVEL_ERROR;
    }
    return delivery->log[0] ? RIG_LEVEL_WARNING : delivery->follows ? RIG_LEVEL_NOTE : RIG_LEVEL_OFF;
}

static int report_unread(struct rig_run *run, enum rig_level level)
{
    char request[LINE], server[80], consequence[LINE], rest[80];
    const struct rig_evidence evidence = {request, NULL};
    const struct rig_response *response = run->response;
    bool answered = response->answered && run->returned == 0;
    unsigned hop = answered ? response->answered_by : rig_check_silent_hop(run);
    const char *layer = rig_check_layer(run, hop);
    describe_request(run, request, sizeof request);
    server_name(run->delivery, server, sizeof server);
    describe_rest(run, rest, sizeof rest);
    struct rig_find find = {.rule = RIG_RULE_INPUT_EARLY_ANSWER_UNREAD,
                            .level = level,
                            .hop = hop,
                            .follows = describe_consequence(run->delivery, consequence, sizeof consequence),
                            .server = run->delivery->follows ? server : NULL,
                            .evidence = &evidence,
                            .evidence_count = 1};
    if (hop < run->hop_count && run->hops[hop].body.drained > 0) {
        find.mend =
            "it drained up to its LIMIT: give it more, or answer with Connection: close, so that the rest is not "
            "taken for a request";
    }
    if (answered) {
        find.site = response->answered_at;
        return rig_find(run, &find, "%s answered %d and left %s", layer, run->wire.status, rest);
    }
    find.site = hop < run->hop_count ? run->hops[hop].left_at : NULL;
    if (run->returned < 0) {
        return rig_find(run, &find, "%s returned %d and left %s", layer, run->returned, rest);
    }
    return rig_find(run, &find, "%s returned without an answer and left %s", layer, rest);
}

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    (void)state;
    (void)event;
    const struct rig_wire *wire = &run->wire;
    if (run->hop_count == run->first_hop) {
        return 0;
    }
    enum rig_level level = judge(run->delivery);
    if (level != RIG_LEVEL_OFF) {
        return report_unread(run, level);
    }
    if (wire->body_taken > 0) {
        return 0;
    }
    char server[80];
    bool answered = run->response->answered && run->returned == 0;
    struct rig_find find = {.rule = RIG_RULE_INPUT_BODY_UNREAD,
                            .hop = answered ? run->response->answered_by : RIG_NO_HOP,
                            .site = answered ? run->response->answered_at : NULL};
    if (run->delivery->worked_out) {
        server_name(run->delivery, server, sizeof server);
        find.server = server;
        find.follows = "by what its parts do nothing goes wrong; they were not measured together";
    }
    if (wire->chunked && wire->body_size == 0) { /* empty, or of a size that nobody knows */
        return rig_find(run, &find, "nobody read its chunked body");
    }
    return rig_find(run, &find, "nobody read the %llu bytes of the request body", (unsigned long long)wire->body_size);
}

const struct rig_check rig_check_early_answer = {
    .name = "early_answer", .wants = {{RIG_EVENT_OUT, RIG_FACT_UNREAD}}, .on_event = on_event};
