/* Test doubles: an app that plays a script, and a recorder that keeps what it was called with. */
#ifndef STACKRIG_DOUBLES_H
#define STACKRIG_DOUBLES_H

#include <stackrig/base.h>
#include <stackrig/stack.h>

/* ---- the scripted app ---- */

/* One answer of a scripted app. Done in this order: read, drain, set env and object, log, answer. Strings and objects
 * must outlive the app. What reading the body fails with is returned instead. */
struct rig_scripted_reply {
    int status;                                   /* 0: 200, unless error is set: then no answer */
    struct rig_field headers[RIG_FIELDS_MAX + 1]; /* as rig_respond's: a name given twice is sent twice */
    const char *body;
    struct rig_bytes bytes;
    int error;                                /* returned at the end: 0 or -errno */
    int64_t read;                             /* bytes of the request body to read first; -1: all */
    bool leave_body;                          /* don't drain the rest: for tests of early answers */
    struct rig_field env[RIG_FIELDS_MAX + 1]; /* to set in the env; value NULL: unset */
    const char *object_name;                  /* with object: to set in the env */
    void *object;
    const char *log; /* to write to the error stream */
    bool no_answer;  /* returns without touching the response */
    int end_;
};

/* rig_scripted({.status = 201}, {.error = -EIO}): call 1, call 2, ...; the last repeats. In C only: in C++ use
 * rig_scripted_app with an array. The app's call is NULL, and rig_run then returns -EINVAL, when memory ran out, there
 * is no reply, or one cannot be played: 17 .headers or .env or a field without a name before their last, a positive .error, a .read
 * below -1, an .object without .object_name. */
#define rig_scripted(...)                                              \
    rig_scripted_app((const struct rig_scripted_reply[]){__VA_ARGS__}, \
                     sizeof((const struct rig_scripted_reply[]){__VA_ARGS__}) / sizeof(struct rig_scripted_reply))

/* ---- the recorder ---- */

struct rig_recorder;

/* What one call came with: copies that live as long as the recorder. */
struct rig_recorded {
    uint64_t env_id, response_id;
    const struct rig_field *env; /* in order of insertion; an object has value NULL */
    size_t env_count;
    struct rig_bytes
        body; /* what was left of the request body; read to its end by the recorder's app, never by its layer */
};

RIG_BEGIN_DECLS
struct rig_app rig_scripted_app(const struct rig_scripted_reply *replies, size_t count); /* copies the array */

struct rig_recorder *rig_recorder_new(void); /* NULL: out of memory */
void rig_recorder_free(struct rig_recorder *recorder);
/* An app that records, reads the body and answers 200 with no body, or what `then` answers. Borrows the recorder. */
struct rig_app rig_recorder_app(struct rig_recorder *recorder);
struct rig_app rig_recorder_before(struct rig_recorder *recorder, struct rig_app then);
/* A layer that records and passes on: rig_use(stack, &rig_recorder_layer, recorder) */
extern const struct rig_middleware rig_recorder_layer;
size_t rig_recorder_count(const struct rig_recorder *recorder);
/* Call number index, from 0; NULL past the last. */
const struct rig_recorded *rig_recorder_call(const struct rig_recorder *recorder, size_t index);
/* A value of that call's env, NULL if absent. */
const char *rig_recorded_env(const struct rig_recorded *call, const char *name);
RIG_END_DECLS

#endif
