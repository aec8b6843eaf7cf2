/* Header fields on their way into the env. Every field of every request comes through here, so the common case is one
 * function. */
#include "harness/client/client.h"

#include <errno.h>

/* Repeated fields are one variable: joined, or the last where the server does not join. */
static RIG_COLD int join(struct rig_run *run, struct rig_entry *entry, const struct rig_name *name,
                         struct rig_slice value)
{
    const char *between = name->kind == RIG_NAME_COOKIE ? "; " : ", ";
    struct rig_buffer joined = {.arena = &run->arena};
    bool keeps = run->server->repeats_joined;
    int error = keeps ? rig_buffer_append(&joined, entry->value, entry->value_size) : 0;
    error = error || !keeps ? error : rig_buffer_append(&joined, between, 2);
    error = error ? error : rig_buffer_append(&joined, value.data, value.size);
    if (error == 0) {
        entry->value = (const char *)joined.data;
        entry->value_size = (uint32_t)joined.size;
    }
    return error;
}

static inline int put(struct rig_run *run, struct rig_sent *sent, const struct rig_name *name, struct rig_slice value)
{
    if (name->kind != RIG_NAME_PLAIN && !sent->value[name->kind].data) {
        sent->named[name->kind] = true;
        sent->value[name->kind] = value;
    }
    if (!value.data) {
        return 0;
    }
    struct rig_entry *entry = rig_env_lacks(run->env, name->env_hash)
                                  ? NULL
                                  : rig_env_find(run->env, name->env, name->env_size, name->env_hash);
    if (entry) {
        return join(run, entry, name, value);
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

int rig_request_field(struct rig_run *run, struct rig_client *client, struct rig_field field, struct rig_sent *sent)
{
    int error = 0;
    const struct rig_name *name = rig_names_recent(&client->names, &run->arena, field.name, &error);
    if (!name) {
        return refuse_name(run, field.name, error);
    }
    if (!field.value) {
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
