/* Reading a mock request: defaults, its fields, and what is wrong with it by mistake. */
#include "harness/client/client.h"
#include "harness/http/form.h"
#include "harness/http/target.h"

#include <errno.h>

/* ---- target and method ---- */

const char *rig_request_target(struct rig_run *run, const struct rig_request *request)
{
    const char *method = request->method ? request->method : "GET";
    const char *target = request->target && request->target[0] ? request->target : "/";
    if (!request->params[0].name || !rig_method_has_query_params(method)) {
        return target;
    }
    size_t size = strlen(target), count = 0;
    while (count < RIG_FIELDS_MAX && request->params[count].name) {
        count++;
    }
    size_t query = rig_form_build(request->params, count, NULL, 0);
    char *joined = rig_arena_alloc(&run->arena, size + query + 2);
    if (!joined) {
        return NULL;
    }
    memcpy(joined, target, size);
    joined[size++] = strchr(target, '?') ? '&' : '?';
    (void)rig_form_build(request->params, count, joined + size, query);
    joined[size + query] = '\0';
    return joined;
}

/* Why no server has it as SCRIPT_NAME; NULL: it may. */
static const char *script_name_refused(const char *name)
{
    struct rig_target target;
    struct rig_target_error wrong = {NULL, 0};
    size_t size = name ? strlen(name) : 0;
    if (size == 0) {
        return NULL;
    }
    if (name[0] != '/' || name[size - 1] == '/') {
        return "it begins with '/' and does not end with one";
    }
    return rig_target_split(name, size, &target, &wrong) != 0 ? wrong.reason
           : target.query.data                                ? "it has no query"
                                                              : NULL;
}

int rig_request_line(struct rig_run *run, const struct rig_request *request, struct rig_sent *sent)
{
    const char *method = request->method ? request->method : "GET";
    const char *version = request->http_version;
    if (!rig_is_token(method, strlen(method))) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_METHOD, run->site, "\"%.60s\" is no method: it is not a token",
                          method);
    }
    if (version && strcmp(version, "1.0") != 0 && strcmp(version, "1.1") != 0) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_VERSION, run->site, "http_version \"%.20s\" is neither 1.0 nor 1.1",
                          version);
    }
    const char *target = rig_request_target(run, request);
    if (!target) {
        return -ENOMEM;
    }
    const char *refused = script_name_refused(request->script_name);
    if (refused) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_TARGET, run->site, "the script_name \"%.60s\" cannot be: %s",
                          request->script_name, refused);
    }
    sent->method = (struct rig_slice){method, strlen(method)};
    sent->target = (struct rig_slice){target, strlen(target)};
    sent->minor = version && version[2] == '0' ? 0 : 1;
    sent->script_name = request->script_name;
    sent->remote_addr = request->remote_addr;
    return 0;
}

/* ---- framing ---- */

static int check_length(struct rig_run *run, const struct rig_sent *sent, struct rig_slice text)
{
    uint64_t length = 0;
    if (!rig_number(text, &length)) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_LENGTH, run->site, "Content-Length \"%.*s\" is no number",
                          (int)(text.size < 40 ? text.size : 40), text.data);
    }
    if ((sent->size_known || !sent->has_body) && length != sent->size) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_LENGTH, run->site,
                          "Content-Length says %llu, the body has %llu bytes", (unsigned long long)length,
                          (unsigned long long)sent->size);
    }
    return 0;
}

/* A header that the rig adds itself. */
static int add_own(struct rig_run *run, struct rig_client *client, const char *header, const char *value,
                   struct rig_sent *sent)
{
    return value ? rig_request_field(run, client, (struct rig_field){header, value}, sent) : -ENOMEM;
}

static int add_framing(struct rig_run *run, struct rig_client *client, struct rig_sent *sent)
{
    if (sent->chunked) {
        return add_own(run, client, "Transfer-Encoding", "chunked", sent);
    }
    return add_own(run, client, "Content-Length", rig_arena_print(&run->arena, "%llu", (unsigned long long)sent->size),
                   sent);
}

/* The framing headers that the test gave must be right; those that it left out are added. */
static int frame(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                 struct rig_sent *sent)
{
    struct rig_slice length = sent->value[RIG_NAME_CONTENT_LENGTH], coding = sent->value[RIG_NAME_TRANSFER_ENCODING];
    sent->chunked = request->chunked || coding.data || (sent->has_body && !sent->size_known && !length.data);
    if (sent->chunked && sent->minor == 0) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_FRAMING, run->site,
                          "HTTP/1.0 has no chunked body: give the body's size");
    }
    if (length.data && sent->chunked) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_FRAMING, run->site, "the request has both Content-Length and %s",
                          coding.data ? "Transfer-Encoding" : "a chunked body");
    }
    if (coding.data && !rig_name_equal(coding.data, coding.size, "chunked", 7)) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_BODY, run->site,
                          "Transfer-Encoding \"%.*s\": the rig sends no other transfer coding than chunked",
                          (int)(coding.size < 40 ? coding.size : 40), coding.data);
    }
    if (length.data) {
        int error = check_length(run, sent, length);
        if (error == 0 && sent->has_body && !sent->size_known) {
            (void)rig_number(length, &sent->size);
            sent->size_known = true;
        }
        return error;
    }
    bool taken_away = sent->named[RIG_NAME_CONTENT_LENGTH] || sent->named[RIG_NAME_TRANSFER_ENCODING];
    bool nothing = !sent->has_body && !sent->chunked;
    return taken_away || coding.data || nothing ? 0 : add_framing(run, client, sent);
}

static int check_host(struct rig_run *run, const struct rig_sent *sent)
{
    struct rig_slice host = sent->value[RIG_NAME_HOST];
    if (sent->two_hosts) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_HOST, run->site, "the request has more than one Host");
    }
    if (!host.data) {
        return sent->named[RIG_NAME_HOST] && sent->minor > 0
                   ? rig_misuse(run, RIG_MISUSE_REQUEST_HOST, run->site, "an HTTP/1.1 request without Host")
                   : 0;
    }
    struct rig_slice known = sent->authority; /* the target's was looked at with the target */
    bool same = host.size == known.size && memcmp(host.data, known.data, host.size) == 0;
    const char *refused = same ? NULL : rig_host_refused(host.data, host.size);
    return refused ? rig_misuse(run, RIG_MISUSE_REQUEST_HOST, run->site, "\"%.60s\" cannot be the Host: %s", host.data,
                                refused)
                   : 0;
}

static int check_counts(struct rig_run *run, const struct rig_request *request)
{
    if (request->headers[RIG_FIELDS_MAX].name || request->params[RIG_FIELDS_MAX].name ||
        request->env[RIG_FIELDS_MAX].name) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_FIELDS, run->site,
                          "a request takes %d .headers, .params and .env: more headers go into .header_list",
                          RIG_FIELDS_MAX);
    }
    if (rig_fields_cut(request->headers) || rig_fields_cut(request->params) || rig_fields_cut(request->env)) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_FIELDS, run->site,
                          "a value without a name in the request's .headers, .params or .env ends the list");
    }
    if (request->header_count > 0 && !request->header_list) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_FIELDS, run->site, "a .header_count of %zu with no .header_list",
                          request->header_count);
    }
    if (request->header_count > RIG_SENT_FIELDS_MAX) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_FIELDS, run->site,
                          "a .header_list of %zu headers: the rig sends at most %d", request->header_count,
                          RIG_SENT_FIELDS_MAX);
    }
    for (size_t i = 0; i < request->header_count; i++) {
        if (!request->header_list[i].name) {
            return rig_misuse(run, RIG_MISUSE_REQUEST_FIELDS, run->site, ".header_list[%zu] has no name", i);
        }
    }
    return 0;
}

static int check_patterns(struct rig_run *run, const struct rig_request *request)
{
    if (request->ignore[RIG_IGNORE_MAX] || request->enable[RIG_IGNORE_MAX]) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_FIELDS, run->site,
                          "a request takes %d patterns in .ignore and .enable", RIG_IGNORE_MAX);
    }
    bool any = request->ignore[0] || request->enable[0];
    for (size_t i = 0; any && i < RIG_IGNORE_MAX * 2; i++) {
        const char *pattern = i < RIG_IGNORE_MAX ? request->ignore[i] : request->enable[i - RIG_IGNORE_MAX];
        if (pattern && !rig_pattern_known(run->runner, pattern)) {
            return rig_misuse(run, RIG_MISUSE_RULE_UNKNOWN, run->site,
                              "the request's .%s names \"%.60s\", which is no rule",
                              i < RIG_IGNORE_MAX ? "ignore" : "enable", pattern);
        }
    }
    return 0;
}

static int check_pieces(struct rig_run *run, const struct rig_request *request)
{
    bool zero = request->piece_count > 0 && !request->pieces;
    for (size_t i = 0; i < request->piece_count && !zero; i++) {
        zero = request->pieces[i] == 0;
    }
    return zero ? rig_misuse(run, RIG_MISUSE_REQUEST_BODY, run->site, "a body cannot arrive in .pieces of 0 bytes") : 0;
}

int rig_request_check(struct rig_run *run, const struct rig_request *request)
{
    int error = check_counts(run, request);
    error = error ? error : check_patterns(run, request);
    return error ? error : check_pieces(run, request);
}

int rig_request_rest(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                     struct rig_sent *sent)
{
    const char *type = NULL;
    int error = rig_request_check(run, request);
    error = error ? error : rig_request_fields(run, client, request, sent);
    error = error ? error : check_host(run, sent);
    error = error ? error : rig_request_body(run, request, sent, &type);
    if (error == 0 && type && !sent->named[RIG_NAME_CONTENT_TYPE]) {
        error = add_own(run, client, "Content-Type", type, sent);
    }
    error = error ? error : frame(run, client, request, sent);
    sent->keep_alive = rig_sent_keeps_alive(sent);
    sent->pieces = request->pieces;
    sent->piece_count = request->piece_count;
    return error;
}
