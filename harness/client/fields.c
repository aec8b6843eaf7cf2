/* Header fields on their way into the env. Every field of every request comes through here, so the common case is one
 * function. */
#include "harness/client/client.h"
#include "harness/core/foreign.h"
#include "harness/http/rare.h"

#include <errno.h>

/* Whatever the env shows of them, all Connection fields count for the connection. */
static int extend_connection(struct rig_run *run, struct rig_sent *sent, struct rig_slice value)
{
    struct rig_slice *list = &sent->value[RIG_NAME_CONNECTION];
    struct rig_buffer all = {.arena = &run->arena};
    int error = rig_buffer_append(&all, list->data, list->size);
    error = error ? error : rig_buffer_append(&all, ",", 1);
    error = error ? error : rig_buffer_append(&all, value.data, value.size);
    *list = (struct rig_slice){(const char *)all.data, all.size};
    return error;
}

bool rig_sent_says_kept(const struct rig_sent *sent)
{
    struct rig_slice list = sent->value[RIG_NAME_CONNECTION];
    return !rig_list_has(list, "close") && (sent->minor > 0 || rig_list_has(list, "keep-alive"));
}

/* For who asks for each field by itself. before: the variable's value without it. */
static int keep_repeat(struct rig_run *run, const struct rig_name *name, struct rig_slice value,
                       struct rig_slice before, const struct rig_entry *entry)
{
    struct rig_repeat *repeat = rig_arena_zeroed(&run->arena, sizeof *repeat), *at = run->repeats;
    if (!repeat) {
        return -ENOMEM;
    }
    while (at && at->variable != entry->name) {
        at = at->next;
    }
    *repeat = (struct rig_repeat){.variable = entry->name,
                                  .name = name->header,
                                  .value = value,
                                  .first = at ? (struct rig_slice){NULL, 0} : before,
                                  .joined = entry->value,
                                  .after = run->env->count};
    if (run->repeats_last) {
        run->repeats_last->next = repeat;
    } else {
        run->repeats = repeat;
    }
    run->repeats_last = repeat;
    return 0;
}

/* Repeated fields are one variable: joined, or the last where the server does not join. */
static RIG_COLD int join(struct rig_run *run, struct rig_sent *sent, struct rig_entry *entry,
                         const struct rig_name *name, struct rig_slice value)
{
    const char *between = name->kind == RIG_NAME_COOKIE ? "; " : ", ";
    struct rig_buffer joined = {.arena = &run->arena};
    struct rig_slice before = {entry->value, entry->value_size};
    bool keeps = run->server->repeats_joined;
    int error = name->kind == RIG_NAME_CONNECTION ? extend_connection(run, sent, value) : 0;
    error = error || !keeps ? error : rig_buffer_append(&joined, entry->value, entry->value_size);
    error = error || !keeps ? error : rig_buffer_append(&joined, between, 2);
    error = error ? error : rig_buffer_append(&joined, value.data, value.size);
    if (error == 0) {
        entry->value = (const char *)joined.data;
        entry->value_size = (uint32_t)joined.size;
        error = keep_repeat(run, name, value, before, entry);
    }
    sent->two_hosts = sent->two_hosts || name->kind == RIG_NAME_HOST;
    if (name->kind == RIG_NAME_CONTENT_LENGTH || name->kind == RIG_NAME_TRANSFER_ENCODING) {
        sent->value[name->kind] = (struct rig_slice){entry->value, entry->value_size};
    }
    return error;
}

static inline int put(struct rig_run *run, struct rig_sent *sent, const struct rig_name *name, struct rig_slice value)
{
    if (name->special) {
        sent->minds |= name->gateway;
        if (name->kind != RIG_NAME_PLAIN && !sent->value[name->kind].data) {
            sent->named[name->kind] = true;
            sent->value[name->kind] = value;
        }
    }
    if (!value.data) {
        return 0;
    }
    if (RIG_RARE(!rig_env_lacks(run->env, name->env_hash))) {
        struct rig_entry *entry = rig_env_find(run->env, name->env, name->env_size, name->env_hash);
        if (entry) {
            return join(run, sent, entry, name, value);
        }
    }
    return rig_env_put(run->env, name->env, name->env_size, name->env_hash, value.data, value.size);
}

int rig_env_field(struct rig_run *run, struct rig_sent *sent, const struct rig_name *name, struct rig_slice value)
{
    return put(run, sent, name, value);
}

static RIG_COLD int refuse_name(struct rig_run *run, const char *header, int error)
{
    return error == -EINVAL ? rig_misuse(run, RIG_MISUSE_REQUEST_HEADER_NAME, run->site,
                                         "\"%.60s\" is no header name: it is not a token", header)
                            : error;
}

static RIG_COLD int refuse_value(struct rig_run *run, const char *header)
{
    return rig_misuse(run, RIG_MISUSE_REQUEST_HEADER_VALUE, run->site,
                      "the value of %.60s holds CR, LF or another control byte", header);
}

static inline int add_field(struct rig_run *run, struct rig_client *client, struct rig_field field,
                            struct rig_sent *sent)
{
    int error;
    const struct rig_name *name = rig_names_recent(&client->names, &run->arena, field.name, &error);
    if (RIG_RARE(!name)) {
        return refuse_name(run, field.name, error);
    }
    if (RIG_RARE(!field.value)) {
        sent->minds |= RIG_NAME_MINDED; /* what it takes away no gateway gets */
        return put(run, sent, name, (struct rig_slice){NULL, 0});
    }
    size_t size = strlen(field.value);
    char *copy = rig_arena_alloc(&run->arena, size + 1);
    if (!copy) {
        return -ENOMEM;
    }
    copy[size] = '\0';
    if (!rig_copy_field_value(copy, field.value, size)) {
        return refuse_value(run, field.name);
    }
    return put(run, sent, name, (struct rig_slice){copy, size});
}

int rig_request_field(struct rig_run *run, struct rig_client *client, struct rig_field field, struct rig_sent *sent)
{
    return add_field(run, client, field, sent);
}

bool rig_request_names(const struct rig_request *request, const char *name)
{
    size_t size = strlen(name), own = 0;
    for (; request->headers[own].name; own++) {
        if (rig_name_equal(request->headers[own].name, strlen(request->headers[own].name), name, size)) {
            return true;
        }
    }
    for (size_t i = 0; i < request->header_count; i++) {
        if (rig_name_equal(request->header_list[i].name, strlen(request->header_list[i].name), name, size)) {
            return true;
        }
    }
    return false;
}

bool rig_headers_name(const struct rig_client *client, const struct rig_request *request, const char *name)
{
    bool named = rig_request_names(request, name);
    for (const struct rig_field *field = client->headers; field->name && !named; field++) {
        named = rig_name_equal(field->name, strlen(field->name), name, strlen(name));
    }
    return named;
}

/* The client's own headers, where the request says nothing of them. */
static int add_defaults(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                        struct rig_sent *sent)
{
    int error = 0;
    for (const struct rig_field *field = client->headers; field->name && !error; field++) {
        error = rig_request_names(request, field->name) ? 0 : rig_request_field(run, client, *field, sent);
    }
    return error;
}

/* What stands in no list of the request itself. */
static RIG_APART int add_others(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                                struct rig_sent *sent)
{
    int error = 0;
    for (size_t i = 0; i < request->header_count && !error; i++) {
        error = rig_request_field(run, client, request->header_list[i], sent);
    }
    if (error == 0 && request->xhr && !rig_headers_name(client, request, RIG_XHR_NAME)) {
        static const struct rig_field xhr = {RIG_XHR_NAME, RIG_XHR_VALUE};
        error = rig_request_field(run, client, xhr, sent);
    }
    return error ? error : add_defaults(run, client, request, sent);
}

int rig_request_fields(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                       struct rig_sent *sent)
{
    sent->first_field = run->env->count;
    for (const struct rig_field *field = request->headers; field->name; field++) {
        int error = add_field(run, client, *field, sent);
        if (RIG_RARE(error != 0)) {
            return error;
        }
    }
    bool others = request->header_count > 0 || request->xhr || client->headers[0].name;
    return RIG_RARE(others) ? add_others(run, client, request, sent) : 0;
}
