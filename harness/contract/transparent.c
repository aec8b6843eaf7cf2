/* What a layer does not own comes through as it was: variables on the way down, the answer on the way up. */
#include "harness/contract/bench.h"
#include "harness/report/mask.h"

#include <string.h>
#include <strings.h>

/* ---- the env ---- */

static void tell_variable(struct rig_bench *bench, const char *name, const char *did, const char *value)
{
    char text[200];
    struct rig_text line;
    rig_text_start(&line, text, sizeof text);
    rig_text_printf(&line, "it %s ", did);
    rig_text_escape(&line, name);
    if (value) {
        rig_text_add(&line, " to ");
        (void)rig_text_quote_value(&line, name, value, strlen(value));
    }
    rig_text_add(&line, ", which .env does not name");
    (void)rig_text_end(&line);
    rig_bench_fails(bench, rig_bench_wrote_at(bench, name), "%s", text);
}

static bool has(const struct rig_recorded *call, const char *name, const char **value)
{
    for (size_t i = 0; i < call->env_count; i++) {
        if (strcmp(call->env[i].name, name) == 0) {
            *value = call->env[i].value;
            return true;
        }
    }
    return false;
}

/* What the app was given against what the layer was. */
static void compare_env(struct rig_bench *bench, const struct rig_recorded *above, const struct rig_recorded *below)
{
    const char *was = NULL;
    for (size_t i = 0; i < below->env_count; i++) {
        const char *name = below->env[i].name, *is = below->env[i].value;
        bool there = has(above, name, &was);
        if ((!there || !is != !was || (is && was && strcmp(is, was) != 0)) && !rig_bench_owns_env(bench, name)) {
            tell_variable(bench, name, there ? "changed" : "set", is);
        }
    }
    for (size_t i = 0; i < above->env_count; i++) {
        if (!has(below, above->env[i].name, &was) && !rig_bench_owns_env(bench, above->env[i].name)) {
            tell_variable(bench, above->env[i].name, "took away", NULL);
        }
    }
}

/* What the layer made of the request itself: sub-requests come with a copy. */
static const struct rig_recorded *handed_on(const struct rig_bench *bench, const struct rig_recorded *above)
{
    size_t count = rig_recorder_count(bench->below);
    for (size_t i = 0; above && i < count; i++) {
        const struct rig_recorded *call = rig_recorder_call(bench->below, i);
        if (call->env_id == above->env_id) {
            return call;
        }
    }
    return count ? rig_recorder_call(bench->below, count - 1) : NULL;
}

static void try_env(struct rig_bench *bench, const struct rig_request *request)
{
    struct rig_client *client = rig_bench_client(bench, NULL);
    if (!client) {
        return;
    }
    const struct rig_result *result = rig_bench_send(bench, client, request);
    const struct rig_recorded *above = rig_recorder_call(bench->above, 0), *below = handed_on(bench, above);
    if (above && below) {
        compare_env(bench, above, below);
    }
    if (above && below && above->env_id == below->env_id && result->error == 0 && bench->lost) {
        rig_bench_fails(bench, bench->site, "contract.app, which the app set, is another value above it or not there");
    }
    rig_client_free(client);
}

void rig_env_transparent(struct rig_bench *bench)
{
    size_t at = 0;
    const struct rig_request *request = rig_bench_next(bench, &at, RIG_WAY_PASSES);
    if (!request) {
        rig_bench_none(bench, RIG_WAY_PASSES, false);
    }
    for (; request && rig_bench_open(bench, NULL); request = rig_bench_next(bench, &at, RIG_WAY_PASSES)) {
        try_env(bench, request);
    }
}

/* ---- the response ---- */

static const struct rig_scripted_reply replies[] = {
    {.status = 200,
     .headers = {{"Content-Type", "text/plain"},
                 {"X-Contract", "below"},
                 {"Set-Cookie", "contract=1"},
                 {"Set-Cookie", "other=2"},
                 {"Cache-Control", "no-store"}},
     .body = "the app's answer\n"},
    {.status = 201, .headers = {{"Location", "/contract/1"}, {"Content-Type", "application/json"}}, .body = "{}"},
    {.status = 204},
    {.status = 302, .headers = {{"Location", "/contract"}}},
    {.status = 404, .headers = {{"Content-Type", "text/html"}, {"X-Contract", "404"}}, .body = "<p>not there</p>"},
    {.status = 503, .headers = {{"Retry-After", "7"}}, .body = "later"},
};

static const char *value_of(const struct rig_field *headers, size_t count, const char *name, unsigned nth)
{
    for (size_t i = 0; i < count && headers[i].name; i++) {
        if (strcasecmp(headers[i].name, name) == 0 && nth-- == 0) {
            return headers[i].value;
        }
    }
    return NULL;
}

static unsigned nth_of(const struct rig_field *headers, size_t at)
{
    unsigned nth = 0;
    for (size_t i = 0; i < at; i++) {
        nth += strcasecmp(headers[i].name, headers[at].name) == 0;
    }
    return nth;
}

static void tell_header(struct rig_bench *bench, const struct rig_hop *layer, const struct rig_field *header,
                        const char *was)
{
    char text[240];
    struct rig_text line;
    rig_text_start(&line, text, sizeof text);
    rig_text_add(&line,
                 header->value ? was ? "it changed the header " : "it added the header " : "it took away the header ");
    rig_text_escape(&line, header->name);
    if (header->value) {
        rig_text_add(&line, ": ");
        (void)rig_text_quote_value(&line, header->name, header->value, strlen(header->value));
    }
    rig_text_add(&line, ", which .headers does not name");
    (void)rig_text_end(&line);
    rig_bench_fails(bench, layer->left_at ? layer->left_at : layer->layer_site, "%s", text);
}

static void compare_headers(struct rig_bench *bench, const struct rig_result *result, const struct rig_hop *layer,
                            const struct rig_scripted_reply *reply)
{
    for (size_t i = 0; i < result->header_count; i++) {
        const struct rig_field *is = &result->headers[i];
        const char *was = value_of(reply->headers, RIG_FIELDS_MAX, is->name, nth_of(result->headers, i));
        if ((!was || strcmp(was, is->value) != 0) && !rig_bench_owns_header(bench, is->name)) {
            tell_header(bench, layer, is, was);
        }
    }
    for (size_t i = 0; reply->headers[i].name; i++) {
        const struct rig_field gone = {reply->headers[i].name, NULL};
        if (!value_of(result->headers, result->header_count, gone.name, nth_of(reply->headers, i)) &&
            !rig_bench_owns_header(bench, gone.name)) {
            tell_header(bench, layer, &gone, reply->headers[i].value);
        }
    }
}

static void compare_answer(struct rig_bench *bench, const struct rig_result *result, const struct rig_hop *layer,
                           const struct rig_scripted_reply *reply)
{
    bool bodiless = strcmp(result->method, "HEAD") == 0; /* nobody sees one */
    const char *site = layer->left_at ? layer->left_at : layer->layer_site, *body = reply->body ? reply->body : "";
    unsigned owns = bench->contract->owns;
    if (result->status != reply->status && !(owns & RIG_CONTRACT_STATUS)) {
        rig_bench_fails(bench, site, "the app answered %d and it made that %d, which RIG_CONTRACT_STATUS would allow",
                        reply->status, result->status);
    }
    if (!bodiless && (result->body_size != strlen(body) || memcmp(result->body, body, result->body_size) != 0) &&
        !(owns & RIG_CONTRACT_BODY)) {
        rig_bench_fails(bench, site,
                        "it changed the body of a %d: %zu bytes of the app's became %zu, which RIG_CONTRACT_BODY "
                        "would allow",
                        reply->status, strlen(body), result->body_size);
    }
    compare_headers(bench, result, layer, reply);
}

static void try_reply(struct rig_bench *bench, const struct rig_request *request,
                      const struct rig_scripted_reply *reply)
{
    struct rig_client *client = rig_bench_open(bench, reply) ? rig_bench_client(bench, NULL) : NULL;
    if (client) {
        const struct rig_result *result = rig_bench_send(bench, client, request);
        const struct rig_hop *layer = rig_bench_hop(result);
        if (layer && bench->calls > 0 && result->error == 0) {
            compare_answer(bench, result, layer, reply);
        }
        rig_client_free(client);
    }
}

void rig_response_transparent(struct rig_bench *bench)
{
    size_t at = 0;
    const struct rig_request *request = rig_bench_next(bench, &at, RIG_WAY_PASSES);
    if (!request) {
        rig_bench_none(bench, RIG_WAY_PASSES, false);
    }
    for (; request; request = rig_bench_next(bench, &at, RIG_WAY_PASSES)) {
        for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
            try_reply(bench, request, &replies[i]);
        }
    }
}
