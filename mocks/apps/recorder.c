/* Keeps what every call came with. All of it is copied: what the test reads later must not hang on a request that has
 * ended. A call that could not be recorded whole for want of memory fails with -ENOMEM and leaves no trace. */
#include "mocks/apps/doubles.h"

#include <errno.h>
#include <string.h>

struct recorded {
    struct rig_recorded shown;
    struct rig_field *fields;
    char *text, *body; /* text: names and values, each with its zero byte */
};

struct rig_recorder {
    struct rig_allocator allocator;
    size_t body_max;
    struct recorded **calls; /* pointers, so that a call stays where it is while the list grows */
    size_t count, capacity;
};

/* ---- one call ---- */

static void recorded_free(const struct rig_recorder *recorder, struct recorded *call)
{
    if (call) {
        rig_double_release(&recorder->allocator, call->fields);
        rig_double_release(&recorder->allocator, call->text);
        rig_double_release(&recorder->allocator, call->body);
        rig_double_release(&recorder->allocator, call);
    }
}

struct measure {
    size_t fields, text;
};

static int measure_one(void *closure, const char *name, const char *value, size_t size)
{
    struct measure *measure = closure;
    measure->fields++;
    measure->text += strlen(name) + 1 + (value ? size + 1 : 0);
    return 0;
}

struct copying {
    struct rig_field *field;
    char *text;
};

static const char *copy_text(struct copying *copying, const char *text, size_t size)
{
    char *copy = copying->text;
    memcpy(copy, text, size);
    copy[size] = '\0';
    copying->text += size + 1;
    return copy;
}

static int copy_one(void *closure, const char *name, const char *value, size_t size)
{
    struct copying *copying = closure;
    copying->field->name = copy_text(copying, name, strlen(name));
    copying->field->value = value ? copy_text(copying, value, size) : NULL;
    copying->field++;
    return 0;
}

static int copy_env(const struct rig_recorder *recorder, struct recorded *call, const struct rig_env *env)
{
    struct measure measure = {0, 0};
    struct copying copying;
    int error = rig_env_each(env, measure_one, &measure);
    if (error) {
        return error;
    }
    call->fields = rig_double_alloc(&recorder->allocator, (measure.fields + 1) * sizeof *call->fields);
    call->text = rig_double_alloc(&recorder->allocator, measure.text + 1);
    if (!call->fields || !call->text) {
        return -ENOMEM;
    }
    copying.field = call->fields;
    copying.text = call->text;
    call->shown.env = call->fields;
    call->shown.env_count = measure.fields;
    return rig_env_each(env, copy_one, &copying);
}

static int grow_body(const struct rig_recorder *recorder, struct recorded *call, size_t size, size_t *capacity)
{
    size_t wanted = *capacity ? *capacity * 2 : 1024;
    char *body = rig_double_alloc(&recorder->allocator, wanted + 1); /* and a zero byte */
    if (!body) {
        return -ENOMEM;
    }
    if (size) {
        memcpy(body, call->body, size);
    }
    rig_double_release(&recorder->allocator, call->body);
    call->body = body;
    *capacity = wanted;
    return 0;
}

/* The rest of the body; what came before an error of its source is kept. */
static int copy_body(const struct rig_recorder *recorder, struct recorded *call, struct rig_env *env)
{
    struct rig_input *input = rig_env_input(env);
    size_t size = 0, capacity = 0;
    int64_t got = 0;
    do {
        size += (size_t)got;
        if (size > recorder->body_max) {
            got = -EFBIG;
        } else if (size == capacity) {
            got = grow_body(recorder, call, size, &capacity);
        }
        if (got >= 0) {
            got = rig_input_read(input, call->body + size, capacity - size);
        }
    } while (got > 0);
    if (call->body) {
        call->body[size] = '\0';
        call->shown.body = (struct rig_bytes){call->body, size};
    }
    return (int)got;
}

/* ---- the list ---- */

/* Room for one more, so that adding it cannot fail. */
static int make_room(struct rig_recorder *recorder)
{
    size_t capacity = recorder->capacity ? recorder->capacity * 2 : 8;
    struct recorded **calls;
    if (recorder->count < recorder->capacity) {
        return 0;
    }
    calls = rig_double_alloc(&recorder->allocator, capacity * sizeof *calls);
    if (!calls) {
        return -ENOMEM;
    }
    if (recorder->count) {
        memcpy(calls, recorder->calls, recorder->count * sizeof *calls);
    }
    rig_double_release(&recorder->allocator, recorder->calls);
    recorder->calls = calls;
    recorder->capacity = capacity;
    return 0;
}

/* *kept: the call as recorded; NULL when nothing was. A body that failed is recorded as far as it came. */
static int record(struct rig_recorder *recorder, struct rig_env *env, const struct rig_response *res, bool with_body,
                  const struct rig_recorded **kept)
{
    struct recorded *call = NULL;
    int error = make_room(recorder);
    *kept = NULL;
    if (!error) {
        call = rig_double_alloc(&recorder->allocator, sizeof *call);
        error = call ? 0 : -ENOMEM;
    }
    if (!error) {
        *call = (struct recorded){.shown = {.env_id = rig_env_serial(env), .response_id = rig_response_serial(res)}};
        error = copy_env(recorder, call, env);
    }
    if (!error && with_body) {
        error = copy_body(recorder, call, env);
        if (error && error != -ENOMEM) {
            recorder->calls[recorder->count++] = call;
            return error;
        }
    }
    if (error) {
        recorded_free(recorder, call);
        return error;
    }
    recorder->calls[recorder->count++] = call;
    *kept = &call->shown;
    return 0;
}

struct rig_recorder *rig_recorder_new_from(struct rig_allocator allocator, size_t body_max)
{
    struct rig_recorder *recorder = rig_double_alloc(&allocator, sizeof *recorder);
    if (recorder) {
        *recorder = (struct rig_recorder){.allocator = allocator, .body_max = body_max};
    }
    return recorder;
}

struct rig_recorder *rig_recorder_new(void)
{
    return rig_recorder_new_from((struct rig_allocator){.alloc = NULL}, RIG_RECORDED_BODY_MAX);
}

void rig_recorder_free(struct rig_recorder *recorder)
{
    struct rig_allocator allocator;
    if (!recorder) {
        return;
    }
    for (size_t i = 0; i < recorder->count; i++) {
        recorded_free(recorder, recorder->calls[i]);
    }
    allocator = recorder->allocator;
    rig_double_release(&allocator, recorder->calls);
    rig_double_release(&allocator, recorder);
}

size_t rig_recorder_count(const struct rig_recorder *recorder)
{
    return recorder ? recorder->count : 0;
}

const struct rig_recorded *rig_recorder_call(const struct rig_recorder *recorder, size_t index)
{
    return recorder && index < recorder->count ? &recorder->calls[index]->shown : NULL;
}

const char *rig_recorded_env(const struct rig_recorded *call, const char *name)
{
    for (size_t i = 0; call && name && i < call->env_count; i++) {
        if (strcmp(call->env[i].name, name) == 0) {
            return call->env[i].value;
        }
    }
    return NULL;
}

/* ---- as the app ---- */

static int record_and_answer(void *self, struct rig_env *env, struct rig_response *res)
{
    const struct rig_recorded *kept;
    int error = record(self, env, res, true, &kept);
    return error ? error : rig_respond(res, .status = 200);
}

struct rig_app rig_recorder_app(struct rig_recorder *recorder)
{
    return (struct rig_app){.name = "recorder", .call = recorder ? record_and_answer : NULL, .self = recorder};
}

/* ---- in front of another app, which reads the body from the recorded copy ---- */

struct before {
    struct rig_allocator allocator; /* a copy: the recorder may be freed first */
    struct rig_recorder *recorder;
    struct rig_app then;
};

struct replay {
    struct rig_bytes body;
    size_t at;
};

static int64_t replay_read(void *self, void *buffer, size_t size)
{
    struct replay *replay = self;
    size_t left = replay->body.size - replay->at;
    size_t piece = size < left ? size : left;
    memcpy(buffer, (const char *)replay->body.data + replay->at, piece);
    replay->at += piece;
    return (int64_t)piece;
}

static int replay_rewind(void *self)
{
    struct replay *replay = self;
    replay->at = 0;
    return 0;
}

static int record_and_pass(void *self, struct rig_env *env, struct rig_response *res)
{
    struct before *before = self;
    const struct rig_recorded *kept;
    struct replay *replay;
    int error = record(before->recorder, env, res, true, &kept);
    if (!error && kept->body.size) {
        replay = rig_env_alloc(env, sizeof *replay);
        if (!replay) {
            return -ENOMEM;
        }
        replay->body = kept->body;
        error =
            rig_env_set_input(env, (struct rig_source){.read = replay_read, .rewind = replay_rewind, .self = replay});
    }
    return error ? error : before->then.call(before->then.self, env, res);
}

static void release_before(void *self)
{
    struct before *before = self;
    struct rig_allocator allocator = before->allocator;
    if (before->then.release) {
        before->then.release(before->then.self);
    }
    rig_double_release(&allocator, before);
}

struct rig_app rig_recorder_before(struct rig_recorder *recorder, struct rig_app then)
{
    struct before *before = recorder && then.call ? rig_double_alloc(&recorder->allocator, sizeof *before) : NULL;
    if (!before) {
        if (then.release) {
            then.release(then.self);
        }
        return (struct rig_app){.name = "recorder"};
    }
    *before = (struct before){recorder->allocator, recorder, then};
    return (struct rig_app){.name = "recorder", .call = record_and_pass, .self = before, .release = release_before};
}

/* ---- as a layer ---- */

struct layer {
    struct rig_recorder *recorder;
};

static int layer_init(void *self, const void *options)
{
    struct layer *layer = self;
    layer->recorder = (struct rig_recorder *)options; /* options are const in general, this one is written to */
    return options ? 0 : -EINVAL;
}

static int layer_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct layer *layer = self;
    const struct rig_recorded *kept;
    int error = record(layer->recorder, env, res, false, &kept);
    return error ? error : rig_next(next, env, res);
}

const struct rig_middleware rig_recorder_layer = {
    .name = "recorder",
    .call = layer_call,
    .self_size = sizeof(struct layer),
    .init = layer_init,
};
