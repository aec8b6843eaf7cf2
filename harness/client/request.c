/* Reading a mock request: defaults, its fields, and what is wrong with it by mistake. */
#include "harness/client/client.h"
#include "harness/http/form.h"

#include <errno.h>

/* ---- fields ---- */

int rig_sent_grow(struct rig_run *run, struct rig_sent *sent)
{
    size_t capacity = sent->field_capacity ? sent->field_capacity * 2 : 32;
    struct rig_sent_field *grown = rig_arena_alloc(&run->arena, capacity * sizeof *grown);
    if (!grown) {
        return -ENOMEM;
    }
    if (sent->field_count > 0) {
        memcpy(grown, sent->fields, sent->field_count * sizeof *grown);
    }
    sent->fields = grown;
    sent->field_capacity = capacity;
    return 0;
}

static const struct rig_name *name_of(struct rig_run *run, struct rig_client *client, const char *header, int *error)
{
    const struct rig_name *name = rig_names_recent(&client->names, &run->arena, header, error);
    if (!name && *error == -EINVAL) {
        (void)rig_misuse(run, RIG_MISUSE_REQUEST_HEADER_NAME, run->site,
                         "\"%.60s\" is no header name: it is not a token", header);
    }
    return name;
}

static int add_field(struct rig_run *run, struct rig_client *client, struct rig_field field, struct rig_sent *sent)
{
    int error = 0;
    const struct rig_name *name = name_of(run, client, field.name, &error);
    if (!name) {
        return error;
    }
    struct rig_slice value = {field.value, field.value ? strlen(field.value) : 0};
    if (!rig_is_field_value(value.data, value.size)) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_HEADER_VALUE, run->site,
                          "the value of %.60s holds CR, LF or another control byte", field.name);
    }
    return rig_sent_add(run, sent, name, value);
}

static bool names_header(const struct rig_sent *sent, const struct rig_name *name)
{
    for (size_t i = 0; i < sent->field_count; i++) {
        if (sent->fields[i].name == name || strcmp(sent->fields[i].name->env, name->env) == 0) {
            return true;
        }
    }
    return false;
}

/* The client's own headers, where the request says nothing of them. */
static int add_defaults(struct rig_run *run, struct rig_client *client, struct rig_sent *sent)
{
    size_t own = sent->field_count;
    for (const struct rig_field *field = client->headers; field->name; field++) {
        int error = 0;
        const struct rig_name *name = name_of(run, client, field->name, &error);
        if (!name) {
            return error;
        }
        struct rig_sent said = *sent;
        said.field_count = own;
        if (!names_header(&said, name) && (error = add_field(run, client, *field, sent)) != 0) {
            return error;
        }
    }
    return 0;
}

static int add_fields(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                      struct rig_sent *sent)
{
    if (request->headers[RIG_FIELDS_MAX].name || request->params[RIG_FIELDS_MAX].name ||
        request->env[RIG_FIELDS_MAX].name) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_FIELDS, run->site,
                          "a request takes %d .headers, .params and .env: more headers go into .header_list",
                          RIG_FIELDS_MAX);
    }
    if ((request->header_count > 0 && !request->header_list) || request->header_count > RIG_SENT_FIELDS_MAX) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_FIELDS, run->site,
                          "a .header_count of %zu with %s .header_list: at most %d headers", request->header_count,
                          request->header_list ? "a" : "no", RIG_SENT_FIELDS_MAX);
    }
    for (const struct rig_field *field = request->headers; field->name; field++) {
        int error = add_field(run, client, *field, sent);
        if (error != 0) {
            return error;
        }
    }
    for (size_t i = 0; i < request->header_count; i++) {
        int error = request->header_list[i].name
                        ? add_field(run, client, request->header_list[i], sent)
                        : rig_misuse(run, RIG_MISUSE_REQUEST_FIELDS, run->site, ".header_list[%zu] has no name", i);
        if (error != 0) {
            return error;
        }
    }
    return client->headers[0].name ? add_defaults(run, client, sent) : 0;
}

/* ---- target and method ---- */

bool rig_method_has_query_params(const char *method)
{
    static const char *const methods[] = {"GET", "HEAD", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (strcmp(method, methods[i]) == 0) {
            return true;
        }
    }
    return false;
}

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

static int read_line(struct rig_run *run, const struct rig_request *request, struct rig_sent *sent)
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
    sent->method = (struct rig_slice){method, strlen(method)};
    sent->target = (struct rig_slice){target, strlen(target)};
    sent->minor = version && version[2] == '0' ? 0 : 1;
    sent->script_name = request->script_name;
    sent->remote_addr = request->remote_addr;
    return 0;
}

/* ---- framing ---- */

static const struct rig_sent_field *find_kind(const struct rig_sent *sent, enum rig_name_kind kind)
{
    return sent->first[kind] ? &sent->fields[sent->first[kind] - 1] : NULL;
}

static bool parse_length(struct rig_slice text, uint64_t *length)
{
    *length = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (*length > (UINT64_MAX - 9) / 10) {
            return false;
        }
        *length = *length * 10 + (uint64_t)(text.data[i] - '0');
    }
    return true;
}

static int check_length(struct rig_run *run, const struct rig_sent *sent, struct rig_slice text)
{
    uint64_t length = 0;
    if (!rig_is_digits(text.data, text.size) || !parse_length(text, &length)) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_LENGTH, run->site, "Content-Length \"%.*s\" is no number",
                          (int)(text.size < 40 ? text.size : 40), text.data);
    }
    if (sent->size_known && length != sent->size) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_LENGTH, run->site,
                          "Content-Length says %llu, the body has %llu bytes", (unsigned long long)length,
                          (unsigned long long)sent->size);
    }
    return 0;
}

/* The framing headers that the test gave must be right; those that it left out are added. */
static int frame(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                 struct rig_sent *sent)
{
    const struct rig_sent_field *length = find_kind(sent, RIG_NAME_CONTENT_LENGTH);
    const struct rig_sent_field *coding = find_kind(sent, RIG_NAME_TRANSFER_ENCODING);
    bool says_length = length && length->value.data, says_coding = coding && coding->value.data;
    sent->chunked = request->chunked || says_coding || (sent->has_body && !sent->size_known && !says_length);
    if (says_length && sent->chunked) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_FRAMING, run->site, "the request has both Content-Length and %s",
                          says_coding ? "Transfer-Encoding" : "a chunked body");
    }
    if (says_coding && !rig_name_equal(coding->value.data, coding->value.size, "chunked", 7)) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_FRAMING, run->site,
                          "the rig sends no other transfer coding than chunked");
    }
    if (says_length) {
        int error = check_length(run, sent, length->value);
        if (error == 0 && sent->has_body && !sent->size_known) {
            (void)parse_length(length->value, &sent->size);
            sent->size_known = true;
        }
        return error;
    }
    if (length || coding || (!sent->has_body && !sent->chunked)) {
        return 0;
    }
    int error = 0;
    const char *header = sent->chunked ? "Transfer-Encoding" : "Content-Length";
    const struct rig_name *name = name_of(run, client, header, &error);
    char *value = sent->chunked ? "chunked" : rig_arena_print(&run->arena, "%llu", (unsigned long long)sent->size);
    if (!name || !value) {
        return -ENOMEM;
    }
    return rig_sent_add(run, sent, name, (struct rig_slice){value, strlen(value)});
}

static int add_type(struct rig_run *run, struct rig_client *client, const char *type, struct rig_sent *sent)
{
    if (!type || find_kind(sent, RIG_NAME_CONTENT_TYPE)) {
        return 0;
    }
    int error = 0;
    const struct rig_name *name = name_of(run, client, "Content-Type", &error);
    return name ? rig_sent_add(run, sent, name, (struct rig_slice){type, strlen(type)}) : error;
}

static void settle_connection(struct rig_sent *sent)
{
    const struct rig_sent_field *field = find_kind(sent, RIG_NAME_CONNECTION);
    sent->keep_alive = sent->minor > 0;
    if (field && field->value.data) {
        if (rig_name_equal(field->value.data, field->value.size, "close", 5)) {
            sent->keep_alive = false;
        } else if (rig_name_equal(field->value.data, field->value.size, "keep-alive", 10)) {
            sent->keep_alive = true;
        }
    }
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
    return zero ? rig_misuse(run, RIG_MISUSE_REQUEST_LENGTH, run->site, "a body cannot arrive in .pieces of 0 bytes")
                : 0;
}

int rig_request_read(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                     struct rig_sent *sent)
{
    const char *type = NULL;
    int error = check_patterns(run, request);
    error = error ? error : check_pieces(run, request);
    error = error ? error : read_line(run, request, sent);
    error = error ? error : add_fields(run, client, request, sent);
    error = error ? error : rig_request_body(run, request, sent, &type);
    error = error ? error : add_type(run, client, type, sent);
    error = error ? error : frame(run, client, request, sent);
    settle_connection(sent);
    sent->pieces = request->pieces;
    sent->piece_count = request->piece_count;
    return error;
}
