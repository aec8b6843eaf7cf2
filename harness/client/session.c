#include "harness/client/session.h"

#include <errno.h>
#include <stdio.h>

char *rig_session_join(struct rig_arena *arena, const struct rig_slice *pieces, size_t count)
{
    size_t size = 1;
    for (size_t i = 0; i < count; i++) {
        size += pieces[i].size;
    }
    char *begin = rig_arena_alloc(arena, size), *at = begin;
    for (size_t i = 0; begin && i < count; i++) {
        if (pieces[i].size > 0) {
            memcpy(at, pieces[i].data, pieces[i].size);
        }
        at += pieces[i].size;
    }
    if (begin) {
        *at = '\0';
    }
    return begin;
}

/* ---- lists of fields ---- */

static struct rig_session_field **find_field(struct rig_session_field **list, const char *name)
{
    while (*list && !rig_name_equal((*list)->field.name, strlen((*list)->field.name), name, strlen(name))) {
        list = &(*list)->next;
    }
    return list;
}

const char *rig_session_fields_get(const struct rig_session_field *list, const char *name)
{
    while (list && strcmp(list->field.name, name) != 0) {
        list = list->next;
    }
    return list ? list->field.value : NULL;
}

int rig_session_fields_set(struct rig_memory *memory, struct rig_session_field **list, const char *name,
                           const char *value)
{
    struct rig_session_field **at = find_field(list, name), *old = *at, *fresh = NULL;
    size_t name_size = strlen(name) + 1, value_size = value ? strlen(value) + 1 : 0;
    if (value) {
        fresh = rig_memory_alloc(memory, sizeof *fresh + name_size + value_size);
        if (!fresh) {
            return -ENOMEM;
        }
        memcpy(fresh->text, name, name_size);
        memcpy(fresh->text + name_size, value, value_size);
        fresh->size = sizeof *fresh + name_size + value_size;
        fresh->field = (struct rig_field){fresh->text, fresh->text + name_size};
        fresh->next = old ? old->next : NULL;
        *at = fresh;
    } else if (old) {
        *at = old->next;
    }
    if (old) {
        rig_memory_release(memory, old, old->size);
    }
    return 0;
}

static void free_fields(struct rig_memory *memory, struct rig_session_field **list)
{
    while (*list) {
        struct rig_session_field *field = *list;
        *list = field->next;
        rig_memory_release(memory, field, field->size);
    }
}

static int copy_fields(struct rig_memory *memory, struct rig_session_field **to, const struct rig_session_field *from)
{
    int error = 0;
    for (; from && !error; from = from->next) {
        error = rig_session_fields_set(memory, to, from->field.name, from->field.value);
    }
    return error;
}

/* ---- making ---- */

static const char *options_refused(const struct rig_session_options *options)
{
    struct rig_uri origin;
    const char *reason = NULL, *text = options->origin;
    if (options->headers[RIG_FIELDS_MAX].name || options->env[RIG_FIELDS_MAX].name) {
        return options->headers[RIG_FIELDS_MAX].name ? ".headers holds more than 16 fields: see rig_session_header"
                                                     : ".env holds more than 16 fields: see rig_session_env";
    }
    if (rig_fields_cut(options->headers) || rig_fields_cut(options->env)) {
        return "a field without a name in .headers or .env ends the list before its last";
    }
    if (text && rig_uri_split(text, strlen(text), &origin, &reason) != 0) {
        return reason;
    }
    bool http = !text || rig_name_equal(origin.scheme.data, origin.scheme.size, "http", 4) ||
                rig_name_equal(origin.scheme.data, origin.scheme.size, "https", 5);
    bool bare = !text || (origin.host.size > 0 && !origin.userinfo.data && origin.path.size == 0 &&
                          !origin.query.data && !origin.fragment.data);
    return http && bare ? NULL : "an .origin is http:// or https:// and a host, without a path";
}

static char *copy_origin(struct rig_arena *arena, const char *origin)
{
    char *copy = rig_arena_string(arena, origin ? origin : RIG_SESSION_ORIGIN);
    if (copy) {
        rig_session_lower_scheme(copy);
    }
    return copy;
}

/* The strings that the session was given, as its own. */
static int own_options(struct rig_session *session)
{
    struct rig_session_options *options = &session->options;
    struct rig_arena *own = &session->own;
    const struct rig_session_options given = *options;
    options->origin = copy_origin(own, session->mistake ? NULL : given.origin);
    options->script_name = rig_arena_string(own, given.script_name);
    options->remote_addr = rig_arena_string(own, given.remote_addr);
    bool lost = !options->origin || (given.script_name && !options->script_name) ||
                (given.remote_addr && !options->remote_addr);
    for (size_t i = 0; i < 2 * RIG_FIELDS_MAX && !lost && !session->mistake; i++) {
        const struct rig_field *field = i < RIG_FIELDS_MAX ? &given.headers[i] : &given.env[i - RIG_FIELDS_MAX];
        struct rig_session_field **list = i < RIG_FIELDS_MAX ? &session->headers : &session->env;
        struct rig_field *kept = i < RIG_FIELDS_MAX ? &options->headers[i] : &options->env[i - RIG_FIELDS_MAX];
        if (field->name) {
            kept->name = rig_arena_string(own, field->name);
            kept->value = rig_arena_string(own, field->value);
            lost = !kept->name || (field->value && !kept->value) ||
                   rig_session_fields_set(&session->memory, list, field->name, field->value) != 0;
        }
    }
    return lost ? -ENOMEM : 0;
}

struct rig_session *rig_session_new(struct rig_client *client, struct rig_session_options options)
{
    if (!client) {
        return NULL;
    }
    if (!options.allocator.alloc && !options.allocator.admit) {
        options.allocator = client->runner.memory.allocator;
    }
    if (!options.jar.allocator.alloc && !options.jar.allocator.admit) {
        options.jar.allocator = options.allocator;
    }
    struct rig_memory memory;
    rig_memory_init(&memory, options.allocator, 0);
    struct rig_session *session = rig_memory_alloc(&memory, sizeof *session);
    if (!session) {
        return NULL;
    }
    memset(session, 0, sizeof *session);
    session->client = client;
    session->memory = memory;
    session->options = options;
    session->root = session;
    session->credentials.seed = options.seed;
    rig_arena_init(&session->own, &session->memory);
    session->mistake = options_refused(&options);
    session->jar = rig_jar_new(options.jar);
    if (!session->jar || own_options(session) != 0) {
        rig_session_free(session);
        return NULL;
    }
    return session;
}

static void free_one(struct rig_session *session)
{
    for (struct rig_session_turn *turn = session->turns, *next; turn; turn = next) {
        next = turn->next;
        rig_arena_free(&turn->arena);
        rig_memory_release(&session->memory, turn, sizeof *turn);
    }
    free_fields(&session->memory, &session->headers);
    free_fields(&session->memory, &session->env);
    rig_credentials_clear(&session->memory, &session->credentials);
    rig_memory_release(&session->memory, session->shown, session->shown_size);
    rig_jar_free(session->jar);
    rig_arena_free(&session->own);
    struct rig_memory memory = session->memory;
    rig_memory_release(&memory, session, sizeof *session);
}

/* Takes it out of the list of those that its root named. */
static void part(struct rig_session *session)
{
    struct rig_session **link = &session->root->sibling;
    while (*link && *link != session) {
        link = &(*link)->sibling;
    }
    if (*link) {
        *link = session->sibling;
    }
}

void rig_session_free(struct rig_session *session)
{
    if (!session) {
        return;
    }
    if (session->root != session) {
        part(session);
        session->sibling = NULL;
    }
    while (session) {
        struct rig_session *next = session->sibling;
        free_one(session);
        session = next;
    }
}

struct rig_session *rig_session_copy(const struct rig_session *session)
{
    struct rig_session *copy = session ? rig_session_new(session->client, session->options) : NULL;
    if (!copy) {
        return NULL;
    }
    copy->mistake = session->mistake;
    free_fields(&copy->memory, &copy->headers);
    free_fields(&copy->memory, &copy->env);
    int error = copy_fields(&copy->memory, &copy->headers, session->headers);
    error = error ? error : copy_fields(&copy->memory, &copy->env, session->env);
    error = error ? error : rig_credentials_copy(&copy->memory, &copy->credentials, &session->credentials);
    error = error ? error : rig_jar_restore(copy->jar, session->jar);
    if (error != 0) {
        rig_session_free(copy);
        return NULL;
    }
    return copy;
}

struct rig_session *rig_session_named(struct rig_session *session, const char *name)
{
    if (!session || !name) {
        return NULL;
    }
    struct rig_session *root = session->root, *found = root->sibling;
    while (found && strcmp(found->name, name) != 0) {
        found = found->sibling;
    }
    if (found) {
        return found;
    }
    struct rig_session *fresh = rig_session_new(root->client, root->options);
    if (fresh) {
        fresh->mistake = root->mistake;
        fresh->name = rig_arena_string(&fresh->own, name);
    }
    if (!fresh || !fresh->name) {
        rig_session_free(fresh);
        return NULL;
    }
    fresh->root = root;
    fresh->sibling = root->sibling;
    root->sibling = fresh;
    return fresh;
}
