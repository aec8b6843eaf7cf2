/* An app that plays a script: call 1 gets the first reply, call 2 the second, ...; the last repeats. */
#include "mocks/apps/doubles.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

struct scripted {
    struct rig_allocator allocator;
    atomic_size_t calls; /* clients of several threads may share it */
    size_t count;
    struct rig_scripted_reply replies[];
};

/* size bytes of the body, or all of it for -1. */
static int read_body(struct rig_env *env, int64_t size)
{
    struct rig_input *input = rig_env_input(env);
    char buffer[4096];
    while (size != 0) {
        size_t piece = size > 0 && size < (int64_t)sizeof buffer ? (size_t)size : sizeof buffer;
        int64_t got = rig_input_read(input, buffer, piece);
        if (got <= 0) {
            return (int)got;
        }
        if (size > 0) {
            size -= got;
        }
    }
    return 0;
}

/* What is left of it, as a good app does before it answers. */
static int drain(struct rig_env *env)
{
    int64_t dropped = rig_input_drain(rig_env_input(env), UINT64_MAX);
    return dropped < 0 ? (int)dropped : 0;
}

static int change_env(struct rig_env *env, const struct rig_scripted_reply *reply)
{
    for (const struct rig_field *field = reply->env; field->name; field++) {
        int error = field->value ? rig_env_set(env, field->name, field->value) : rig_env_unset(env, field->name);
        if (error) {
            return error;
        }
    }
    return reply->object_name ? rig_env_set_object(env, reply->object_name, reply->object, NULL) : 0;
}

static int answer(struct rig_response *res, const struct rig_scripted_reply *reply)
{
    struct rig_reply given = {.response = res, .status = reply->status, .body = reply->body, .bytes = reply->bytes};
    if (reply->no_answer || (reply->error && reply->status == 0)) {
        return 0;
    }
    memcpy(given.headers, reply->headers, sizeof given.headers);
    return rig_respond_at(RIG_SITE, &given);
}

static int play(void *self, struct rig_env *env, struct rig_response *res)
{
    struct scripted *app = self;
    size_t call = atomic_fetch_add_explicit(&app->calls, 1, memory_order_relaxed);
    const struct rig_scripted_reply *reply = &app->replies[call < app->count ? call : app->count - 1];
    int error = read_body(env, reply->read);
    if (!error && !reply->leave_body) {
        error = drain(env);
    }
    if (!error) {
        error = change_env(env, reply);
    }
    if (!error && reply->log) {
        error = rig_env_log(env, "%s", reply->log);
    }
    if (!error) {
        error = answer(res, reply);
    }
    return error ? error : reply->error;
}

static void release(void *self)
{
    struct scripted *app = self;
    rig_double_release(&app->allocator, app);
}

/* Something behind the end of its list. */
static bool is_cut(const struct rig_field *list)
{
    size_t at = 0;
    while (list[at].name) {
        at++;
    }
    bool cut = list[at].value != NULL;
    while (at < RIG_FIELDS_MAX) {
        cut = list[++at].name || cut;
    }
    return cut;
}

/* A reply that could not be played as it reads. */
static bool is_wrong(const struct rig_scripted_reply *reply)
{
    return reply->headers[RIG_FIELDS_MAX].name || reply->env[RIG_FIELDS_MAX].name || reply->error > 0 ||
           is_cut(reply->headers) || is_cut(reply->env) || reply->read < -1 || (reply->object && !reply->object_name);
}

struct rig_app rig_scripted_app_from(struct rig_allocator allocator, const struct rig_scripted_reply *replies,
                                     size_t count)
{
    struct rig_app none = {.name = "scripted"};
    struct scripted *app;
    if (!replies || count == 0 || count > (SIZE_MAX - sizeof *app) / sizeof *replies) {
        return none;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_wrong(&replies[i])) {
            return none;
        }
    }
    app = rig_double_alloc(&allocator, sizeof *app + count * sizeof *replies);
    if (!app) {
        return none;
    }
    app->allocator = allocator;
    atomic_init(&app->calls, 0);
    app->count = count;
    memcpy(app->replies, replies, count * sizeof *replies);
    return (struct rig_app){.name = "scripted", .call = play, .self = app, .release = release};
}

struct rig_app rig_scripted_app(const struct rig_scripted_reply *replies, size_t count)
{
    return rig_scripted_app_from((struct rig_allocator){.alloc = NULL}, replies, count);
}
