/* A request on its way through the profile's gateway. What every gateway passes on as it is, is told at a glance; all
 * else is written down as bytes and read as the gateway reads it (mocks/servers). */
#include "harness/client/client.h"

#include "harness/core/hash.h"
#include "harness/http/wire.h"

#include <stackrig/http/base64.h>

#include <errno.h>

#define PLAIN_BYTES 3500 /* names, values and target together: less than the least limit of any gateway */
#define PLAIN_FIELDS 60

/* ---- what passes at a glance ---- */

static bool is_plain_target(struct rig_slice text)
{
    char before = '\0';
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        bool plain = rig_char_is(c, RIG_CHAR_UNRESERVED) || c == '/' || c == '?' || c == '=' || c == '&';
        if (!plain || (before == '/' && (c == '/' || c == '.'))) {
            return false;
        }
        before = c;
    }
    return true;
}

static bool is_plain_host(struct rig_slice host)
{
    char before = '.';
    for (size_t i = 0; i < host.size; i++) {
        char c = host.data[i];
        bool letter = (c >= 'a' && c <= 'z') || rig_char_is(c, RIG_CHAR_DIGIT);
        if (!letter && (before == '.' || (c != '.' && c != '-'))) {
            return false;
        }
        before = c;
    }
    return host.size > 0 && before != '.';
}

static bool is_same_host(struct rig_slice a, struct rig_slice b)
{
    return a.size == b.size && (memcmp(a.data, b.data, a.size) == 0 || rig_name_equal(a.data, a.size, b.data, b.size));
}

/* The usual methods with a body where they have one: some gateways want a length, some refuse one. */
static bool is_plain_body(const struct rig_sent *sent)
{
    static const char *const bodiless[] = {"GET", "HEAD"}, *const bodied[] = {"POST", "PUT", "PATCH"};
    const char *const *names = sent->has_body ? bodied : bodiless;
    size_t count = sent->has_body ? 3 : 2;
    bool usual = false;
    for (size_t i = 0; i < count && !usual; i++) {
        usual = rig_slice_is(sent->method, names[i]);
    }
    return usual && !sent->chunked && (!sent->has_body || sent->size_known);
}

/* The fields as they stand in the env: none is empty, or longer than every gateway takes, or ends in a blank. */
static bool are_plain_fields(const struct rig_run *run, const struct rig_sent *sent)
{
    size_t bytes = sent->target.size, count = run->env->count - sent->first_field;
    const struct rig_entry *fields = run->env->entries + sent->first_field;
    bool plain = count <= PLAIN_FIELDS;
    for (size_t i = 0; i < count && plain; i++) {
        const struct rig_entry *it = &fields[i];
        bytes += (size_t)it->name_size + it->value_size + 4;
        plain = it->value_size > 0 && it->value[0] > ' ' && it->value[it->value_size - 1] > ' ';
    }
    return plain && bytes < PLAIN_BYTES;
}

static bool is_plain(const struct rig_run *run, const struct rig_sent *sent, const struct rig_target *target)
{
    struct rig_slice host = sent->value[RIG_NAME_HOST], text = sent->target;
    bool absolute = target->kind == RIG_TARGET_ABSOLUTE, origin = target->kind == RIG_TARGET_ORIGIN;
    if (absolute) {
        bool inside = target->path.data >= text.data && target->path.data < text.data + text.size;
        bool http = rig_slice_is(target->scheme, "http");
        text =
            inside && http ? rig_slice_after(text, (size_t)(target->path.data - text.data)) : (struct rig_slice){"", 0};
    }
    bool same = !host.data || !absolute || is_same_host(host, target->authority);
    return (absolute || origin) && same && text.size > 0 && sent->minor > 0 && !sent->protocol.data && !run->repeats &&
           !(sent->minds & RIG_NAME_MINDED) && is_plain_body(sent) &&
           is_plain_host(host.data ? host : sent->authority) && is_plain_target(text) && are_plain_fields(run, sent);
}

/* ---- what the gateway adds to it ---- */

static const struct rig_entry *find(const struct rig_run *run, const char *name)
{
    size_t size = strlen(name);
    return rig_env_find(run->env, name, size, rig_hash(name, size));
}

/* What an added field says. Both names and values that stand for others last as long as the env. */
static struct rig_slice added_value(struct rig_run *run, const struct rig_sent *sent, const char *value)
{
    if (strcmp(value, "@addr") == 0) {
        return rig_slice_of(sent->remote_addr ? rig_env_remote_addr(run->env) : RIG_DEFAULT_ADDR);
    }
    if (strcmp(value, "@host") != 0) {
        return rig_slice_of(value);
    }
    const struct rig_entry *host = sent->value[RIG_NAME_HOST].data ? NULL : find(run, "HTTP_HOST");
    return host ? (struct rig_slice){host->value, host->value_size} : sent->value[RIG_NAME_HOST];
}

/* None of them is in the env yet: a client's own would not have passed at a glance; a Content-Length comes with a body. */
static int add_fields(struct rig_run *run, struct rig_client *client, const struct rig_sent *sent)
{
    int error = 0;
    for (const struct rig_field *add = run->server->gateway->adds; add && add->name && !error; add++) {
        const struct rig_name *name = rig_names_recent(&client->names, &run->arena, add->name, &error);
        if (!name) {
            return error;
        }
        if (name->kind != RIG_NAME_CONTENT_LENGTH || !sent->has_body) {
            struct rig_slice value = added_value(run, sent, add->value);
            error = rig_env_put(run->env, name->env, name->env_size, name->env_hash, value.data, value.size);
        }
    }
    return error;
}

/* All of it is looked at, without a branch: a password is long enough for that to be faster. */
static bool is_base64(struct rig_slice text)
{
    unsigned wrong = 0;
    for (int i = 0; i < 2 && text.size > 0 && text.data[text.size - 1] == '='; i++) {
        text.size--;
    }
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        wrong |=
            (unsigned)!rig_char_is(c, RIG_CHAR_ALPHA | RIG_CHAR_DIGIT) & (unsigned)(c != '+') & (unsigned)(c != '/');
    }
    return wrong == 0;
}

/* REMOTE_USER of basic credentials, as nginx reads them: nobody has looked at the password, nor does this. */
static int name_user(struct rig_run *run, const struct rig_entry *entry)
{
    static const char name[] = "REMOTE_USER";
    struct rig_slice value = {entry->value, entry->value_size};
    bool basic = value.size > 6 && rig_name_equal(value.data, 6, "Basic ", 6);
    struct rig_slice text = basic ? rig_trimmed(rig_slice_after(value, 6)) : (struct rig_slice){"", 0};
    if (text.size % 4 != 0) {
        return 0;
    }
    char *user = rig_arena_alloc(&run->arena, text.size + 1), *colon = NULL;
    if (!user) {
        return -ENOMEM;
    }
    size_t size = 0, at = 0;
    for (int64_t got = 3; at < text.size && !colon; at += 4) {
        bool ended = got < 3; /* by a '=' */
        got = rig_base64_decode(text.data + at, 4, user + size, 3);
        if (ended || got < 0) {
            return 0;
        }
        colon = memchr(user + size, ':', (size_t)got);
        size += (size_t)got;
    }
    if (!colon || colon == user || !is_base64(rig_slice_after(text, at))) {
        return 0;
    }
    *colon = '\0';
    return rig_env_put(run->env, name, sizeof name - 1, rig_hash(name, sizeof name - 1), user, (size_t)(colon - user));
}

static int pass_authorization(struct rig_run *run)
{
    enum rig_authorization how = run->server->gateway->authorization;
    static const char name[] = "HTTP_AUTHORIZATION";
    struct rig_entry *entry = how == RIG_AUTHORIZATION_PASSES
                                  ? NULL
                                  : rig_env_find(run->env, name, sizeof name - 1, rig_hash(name, sizeof name - 1));
    if (entry && how == RIG_AUTHORIZATION_DROPPED) {
        rig_env_drop(run->env, entry);
    }
    return entry && how == RIG_AUTHORIZATION_NAMES_USER ? name_user(run, entry) : 0;
}

static int pass_plain(struct rig_run *run, struct rig_client *client, const struct rig_sent *sent,
                      const struct rig_target *target)
{
    if (target->kind == RIG_TARGET_ABSOLUTE && run->server->gateway->origin_form) {
        rig_env_cut_uri(run->env, (size_t)(target->path.data - sent->target.data));
    }
    int error = sent->minds & RIG_NAME_AUTHORIZATION ? pass_authorization(run) : 0;
    return error ? error : add_fields(run, client, sent);
}

/* ---- the head as the client sends it ---- */

static int put(struct rig_buffer *head, struct rig_slice text)
{
    return rig_buffer_append(head, text.data, text.size);
}

static int put_field(struct rig_buffer *head, const char *name, struct rig_slice value)
{
    int error = put(head, rig_slice_of(name));
    error = error ? error : rig_buffer_append(head, ": ", 2);
    error = error ? error : put(head, value);
    return error ? error : rig_buffer_append(head, "\r\n", 2);
}

static bool is_name(const char *name, const char *other)
{
    return rig_name_equal(name, strlen(name), other, strlen(other));
}

static int put_given(struct rig_run *run, struct rig_buffer *head, const struct rig_field *field)
{
    const struct rig_entry *type = is_name(field->name, "Content-Type") ? find(run, "CONTENT_TYPE") : NULL;
    return !field->value
               ? 0
               : put_field(head, field->name,
                           type ? (struct rig_slice){type->value, type->value_size} : rig_slice_of(field->value));
}

/* What the rig added itself. */
static int put_own(struct rig_run *run, const struct rig_client *client, const struct rig_request *request,
                   struct rig_buffer *head)
{
    static const struct {
        const char *header, *variable;
    } own[] = {{"Content-Type", "CONTENT_TYPE"},
               {"Content-Length", "CONTENT_LENGTH"},
               {"Transfer-Encoding", "HTTP_TRANSFER_ENCODING"},
               {RIG_XHR_NAME, "HTTP_X_REQUESTED_WITH"}};
    int error = 0;
    for (size_t i = 0; i < sizeof own / sizeof own[0] && !error; i++) {
        const struct rig_entry *entry = find(run, own[i].variable);
        bool added = entry && !rig_headers_name(client, request, own[i].header);
        error = added ? put_field(head, own[i].header, (struct rig_slice){entry->value, entry->value_size}) : 0;
    }
    return error;
}

static int put_fields(struct rig_run *run, const struct rig_client *client, const struct rig_request *request,
                      struct rig_buffer *head)
{
    const struct rig_entry *host = find(run, "HTTP_HOST");
    int error = 0;
    if (host && !rig_headers_name(client, request, "Host")) {
        error = put_field(head, "Host", (struct rig_slice){host->value, host->value_size});
    }
    for (const struct rig_field *field = request->headers; field->name && !error; field++) {
        error = put_given(run, head, field);
    }
    for (size_t i = 0; i < request->header_count && !error; i++) {
        error = put_given(run, head, &request->header_list[i]);
    }
    for (const struct rig_field *field = client->headers; field->name && !error; field++) {
        error = rig_request_names(request, field->name) ? 0 : put_given(run, head, field);
    }
    return error ? error : put_own(run, client, request, head);
}

static int write_head(struct rig_run *run, const struct rig_client *client, const struct rig_request *request,
                      const struct rig_sent *sent, struct rig_buffer *head)
{
    const struct rig_entry *protocol = find(run, "SERVER_PROTOCOL");
    int error = put(head, sent->method);
    error = error ? error : rig_buffer_append(head, " ", 1);
    error = error ? error : put(head, sent->target);
    error = error ? error : rig_buffer_append(head, " ", 1);
    error = error ? error : put(head, (struct rig_slice){protocol->value, protocol->value_size});
    error = error ? error : rig_buffer_append(head, "\r\n", 2);
    error = error ? error : put_fields(run, client, request, head);
    return error ? error : rig_buffer_append(head, "\r\n", 2);
}

/* ---- the gateway's verdict ---- */

static void *take(void *arena, size_t size)
{
    return rig_arena_alloc(arena, size);
}

int rig_gateway_judge(struct rig_run *run, struct rig_passing *in, struct rig_passed *passed)
{
    in->alloc = take;
    in->arena = &run->arena;
    return run->server->gateway->pass(run->server, in, passed);
}

const char *rig_gateway_reason(struct rig_run *run, const struct rig_passed *passed)
{
    const char *by = run->server->gateway->name;
    const char *told = rig_arena_print(run->results, "refused by %s (%d): %s", by, passed->status, passed->reason);
    if (run->exchange == 0) {
        run->report->result.refused_by = by;
    }
    return told ? told : passed->reason;
}

/* ---- the env of what came through ---- */

static bool is_slice(struct rig_bytes bytes, const char *text)
{
    return bytes.size == strlen(text) && memcmp(bytes.data, text, bytes.size) == 0;
}

/* The request's path and query where its URI is none that the rig takes: a FastCGI program looks at neither. */
static void split_loosely(struct rig_slice uri, struct rig_target *target)
{
    struct rig_slice query;
    rig_target_clear(target);
    target->path = rig_slice_cut(uri, '?', &query);
    target->query = query.data ? query : (struct rig_slice){"", 0};
    if (target->path.size == 0) {
        target->path = rig_slice_of("/");
    }
}

static void begin_again(struct rig_run *run)
{
    run->env->index = NULL;
    run->repeats = run->repeats_last = NULL;
}

static const struct rig_variable *variable(const struct rig_passed *passed, const char *name)
{
    for (size_t i = 0; i < passed->variable_count; i++) {
        if (is_slice(passed->variables[i].name, name)) {
            return &passed->variables[i];
        }
    }
    return NULL;
}

static struct rig_slice variable_text(const struct rig_passed *passed, const char *name)
{
    const struct rig_variable *found = variable(passed, name);
    return found ? (struct rig_slice){found->value.data, found->value.size} : (struct rig_slice){"", 0};
}

/* Beside HTTP_ variables: those that say what the request is stand in the env already. The HTTP_ names of the two
 * content headers are no variables of an env, and an empty one of theirs is none. */
static bool is_kept(const struct rig_variable *it)
{
    bool content = is_slice(it->name, "CONTENT_TYPE") || is_slice(it->name, "CONTENT_LENGTH");
    bool doubled = is_slice(it->name, "HTTP_CONTENT_TYPE") || is_slice(it->name, "HTTP_CONTENT_LENGTH");
    bool http = it->name.size > 5 && memcmp(it->name.data, "HTTP_", 5) == 0;
    return (http && !doubled) || ((content || is_slice(it->name, "REMOTE_USER")) && it->value.size > 0);
}

/* A name that stands there twice has its first value: libfcgi looks no further. */
static int put_variables(struct rig_run *run, const struct rig_passed *passed)
{
    int error = 0;
    for (size_t i = 0; i < passed->variable_count && !error; i++) {
        const struct rig_variable *it = &passed->variables[i];
        uint32_t hash = rig_hash(it->name.data, it->name.size);
        bool there = rig_env_find(run->env, it->name.data, it->name.size, hash) != NULL;
        error = there || !is_kept(it) || it->name.size > UINT16_MAX
                    ? 0
                    : rig_env_put(run->env, it->name.data, it->name.size, hash, it->value.data, it->value.size);
    }
    return error;
}

static int build_fastcgi(struct rig_run *run, struct rig_client *client, const struct rig_passed *passed,
                         const struct rig_sent *sent)
{
    struct rig_sent seen = *sent;
    struct rig_target target;
    struct rig_target_error wrong = {NULL, 0};
    seen.method = variable_text(passed, "REQUEST_METHOD");
    seen.target = variable_text(passed, "REQUEST_URI");
    seen.protocol = variable_text(passed, "SERVER_PROTOCOL");
    if (rig_target_received(seen.target.data, seen.target.size, &target, &wrong) != 0) {
        split_loosely(seen.target, &target);
    }
    target.query = variable_text(passed, "QUERY_STRING");
    begin_again(run);
    int error = rig_env_line(run, client, &seen, &target);
    return error ? error : put_variables(run, passed);
}

/* The server behind the gateway reads as strictly as ours. */
static int refuse_behind(struct rig_run *run, struct rig_exchange *exchange, int status, const char *reason)
{
    const char *by = run->server->gateway->name;
    const char *told = rig_arena_print(run->results, "refused by the server behind %s (%d): %s", by, status, reason);
    rig_result_refuse(run, exchange, status, told ? told : reason);
    return RIG_REQUEST_REFUSED;
}

static int build_http(struct rig_run *run, struct rig_client *client, const struct rig_passed *passed,
                      const struct rig_sent *sent, struct rig_exchange *exchange)
{
    struct rig_wire_head head = {.field_limit = RIG_SENT_FIELDS_MAX,
                                 .size_limit = passed->head.size + 1,
                                 .host_optional = run->server->host_optional};
    struct rig_sent seen = *sent;
    struct rig_target target;
    struct rig_target_error wrong = {NULL, 0};
    for (size_t i = 0; i < passed->head.size; i++) {
        head.field_limit = i == 0 ? 1 : head.field_limit + (((const char *)passed->head.data)[i] == '\n');
    }
    head.fields = rig_arena_alloc(&run->arena, head.field_limit * sizeof *head.fields);
    if (!head.fields) {
        return -ENOMEM;
    }
    if (rig_wire_head(passed->head.data, passed->head.size, &head) <= 0) {
        return refuse_behind(run, exchange, head.status, head.reason);
    }
    if (rig_target_received(head.target.data, head.target.size, &target, &wrong) != 0) {
        return refuse_behind(run, exchange, 400, wrong.reason);
    }
    seen.method = head.method;
    seen.target = head.target;
    seen.minor = head.minor;
    seen.protocol = (struct rig_slice){NULL, 0};
    const char *reason = rig_target_mismatch(target.kind, seen.method.data, seen.method.size);
    if (reason) {
        return refuse_behind(run, exchange, 400, reason);
    }
    memset(seen.named, 0, sizeof seen.named);
    memset(seen.value, 0, sizeof seen.value);
    begin_again(run);
    int error = rig_env_line(run, client, &seen, &target);
    return error ? error : rig_env_wire_fields(run, client, &seen, head.fields, head.field_count);
}

int rig_gateway_env(struct rig_run *run, struct rig_client *client, const struct rig_passed *passed,
                    const struct rig_sent *sent, struct rig_exchange *exchange)
{
    return passed->head.data ? build_http(run, client, passed, sent, exchange)
                             : build_fastcgi(run, client, passed, sent);
}

static int pass_other(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                      const struct rig_sent *sent)
{
    struct rig_buffer head = {.arena = &run->arena};
    struct rig_passed passed;
    bool known = sent->size_known || !sent->has_body;
    int error = write_head(run, client, request, sent, &head);
    if (error != 0) {
        return error;
    }
    struct rig_passing in = {.wire = {head.data, head.size},
                             .head_only = true,
                             .body_size = known ? sent->size : UINT64_MAX,
                             .remote_addr = find(run, "REMOTE_ADDR")->value};
    error = rig_gateway_judge(run, &in, &passed);
    if (error == 0 && passed.pass != RIG_PASS_DELIVERS) {
        rig_result_refuse(run, &run->exchanges[0], passed.status, rig_gateway_reason(run, &passed));
        run->report->result.delivery.client_connection = RIG_CONNECTION_CLOSED;
        return RIG_REQUEST_REFUSED;
    }
    return error ? error : rig_gateway_env(run, client, &passed, sent, &run->exchanges[0]);
}

int rig_gateway_request(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                        const struct rig_sent *sent, const struct rig_target *target)
{
    return is_plain(run, sent, target) ? pass_plain(run, client, sent, target) : pass_other(run, client, request, sent);
}
