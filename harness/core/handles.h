/* The insides of the handles that layers see: an env, its input, a response, and what a layer's next is. */
#ifndef STACKRIG_CORE_HANDLES_H
#define STACKRIG_CORE_HANDLES_H

#include "harness/core/arena.h"
#include "harness/core/pool.h"

#include <stackrig/server.h>
#include <stackrig/stack.h>

#define RIG_ENV_HEADS 64 /* power of two */
#define RIG_ENV_SMALL 32 /* entries found through the chain index; more go to uthash */

/* ---- env ---- */

struct rig_entry {
    const char *name, *value; /* value NULL: an object, or gone */
    void *object;
    const char *site; /* of the last write */
    uint32_t value_size;
    uint32_t hash;
    uint32_t hop; /* that wrote it last; RIG_NO_HOP: the server */
    uint16_t name_size;
    uint8_t index; /* the next entry of its chain + 1; 0: the last */
    uint8_t state; /* enum rig_entry_state */
};

enum rig_entry_state { RIG_ENTRY_GONE, RIG_ENTRY_STRING, RIG_ENTRY_OBJECT };

struct rig_env {
    struct rig_handle handle;
    struct rig_input *input;
    struct rig_entry *entries; /* in order of insertion, gone ones too */
    uint32_t count, capacity;
    struct rig_env_index *index; /* NULL while small */
    uint32_t cgi_written;        /* by 1u << enum rig_cgi: since it was handed on last */
    /* of a copy: */
    uint64_t copied_from; /* serial; 0: not a copy */
    const char *copied_at;
    uint32_t copied_by; /* hop */
    uint64_t copied_bytes;
    bool subrequest;              /* was given to rig_subrequest: nobody above expects to see what is set in it */
    uint8_t heads[RIG_ENV_HEADS]; /* entry index + 1 */
};

/* The names that every env of a client begins with, with what they mostly are, linked once: a fresh env is a copy of it. */
struct rig_env_shape {
    struct rig_entry entries[RIG_ENV_SMALL / 2];
    uint32_t count;
    uint8_t heads[RIG_ENV_HEADS];
};

/* No name of that hash: told by the chain's head alone. */
static inline bool rig_env_lacks(const struct rig_env *env, uint32_t hash)
{
    return !env->index && env->heads[hash & (RIG_ENV_HEADS - 1)] == 0;
}

static inline void rig_entry_fill(struct rig_entry *entry, const char *name, size_t name_size, uint32_t hash,
                                  const char *value, size_t value_size, uint32_t hop)
{
    entry->name = name;
    entry->value = value;
    entry->object = NULL;
    entry->site = NULL;
    entry->value_size = (uint32_t)value_size;
    entry->hash = hash;
    entry->hop = hop;
    entry->name_size = (uint16_t)name_size;
    entry->state = RIG_ENTRY_STRING;
}

/* An object's destructor, run last in first out. */
struct rig_destructor {
    void (*destroy)(void *object);
    void *object;
    const char *site; /* where it was set, by hop */
    uint32_t hop;
    struct rig_destructor *next;
};

/* ---- input ---- */

struct rig_input {
    struct rig_handle handle;
    const unsigned char *bytes; /* a body in memory; NULL: from source */
    uint64_t size;              /* of the body, if known */
    uint64_t at;                /* the next byte's offset */
    uint64_t furthest;          /* the highest at so far: what was taken off the connection */
    uint64_t ahead;             /* bytes beyond at that a foreign server's buffer holds */
    bool size_known, ended;     /* ended: a read found the end */
    bool rewindable, buffers_all;
    bool replaced; /* set by a layer */
    bool sized;    /* the test said how much its source gives */
    bool closed;   /* by a layer, before anything failed */
    bool cut;      /* its source ended before the bytes of CONTENT_LENGTH: size is not known */
    int failed;    /* -errno of the source, sticky; -EBADF once closed */
    struct rig_source source;
    struct rig_input *under; /* the input that this one reads through (sub-request) */
    const size_t *pieces;    /* sizes in which it arrives */
    size_t piece_count, piece;
    uint64_t piece_left;
    struct rig_input *sibling; /* the run's list */
    const char *closed_at;
};

/* The source failed, or the client broke off: to close a body is neither. */
static inline bool rig_input_broke(const struct rig_input *input)
{
    return input->failed != 0 && !input->closed;
}

/* The body itself: a sub-request's input stands for its upper one, so that both are at the same byte. */
static inline struct rig_input *rig_input_body(struct rig_input *input)
{
    while (input->under) {
        input = input->under;
    }
    return input;
}

/* ---- response ---- */

struct rig_header {
    const char *name, *value;
    uint32_t name_size, value_size;
    const char *site;
    uint32_t hop;
};

/* A file that a response has for its body. */
struct rig_body_file {
    const char *path;
    int descriptor; /* -1: not open */
    int missing;    /* -errno: it could not be opened */
};

/* A body source that the rig watches: pulled by it, or taken by a layer. */
struct rig_guard {
    struct rig_handle handle;
    struct rig_source source; /* what it guards; read NULL: the bytes */
    const unsigned char *bytes;
    size_t size, at;
    const size_t *starts; /* of the chunks of bytes, when there are several: a read ends where one does */
    uint32_t start_count, start;
    const char *site; /* of the stream or take that made it */
    uint32_t hop;
    const struct rig_body_file *file; /* NULL: none */
    bool ended;                       /* a read found the end */
    bool taken;                       /* a layer closes it, else the rig */
    const char *taken_at;             /* where it took it */
    uint32_t taken_by;
    unsigned closes;
    struct rig_guard *sibling; /* the run's list */
};

struct rig_response {
    struct rig_handle handle;
    int status; /* 0: none set */
    int error;  /* of a sub-request's chain */
    bool answered, out;
    bool starved;               /* its body lacks something for want of memory, and no other was given since */
    struct rig_header *headers; /* in the result's memory, as its strings are: a result is made without copying */
    uint32_t header_count, header_capacity;
    struct rig_buffer body; /* used when stream is NULL */
    struct rig_guard *stream;
    size_t *starts; /* of each chunk in body, when there are several */
    uint32_t chunk_count, start_capacity;
    bool bodied;      /* a body was given, be it empty */
    bool zero;        /* the status was set, to 0 */
    bool status_last; /* and became what it is after the body did */
    /* hops, RIG_NO_HOP: none */
    uint32_t lost_by;            /* the outermost that lost a header for want of memory, and did not answer anew */
    uint32_t answered_by;        /* made it ANSWERED */
    uint32_t status_by, body_by; /* made status and body something else since */
    const char *answered_at, *status_at, *body_at;
    struct rig_handle *sibling;
};

static inline bool rig_response_is_starved(const struct rig_response *response)
{
    return response->starved || response->lost_by != RIG_NO_HOP;
}

/* ---- one visit of a layer: what its `next` is ---- */

/* Rules that are switched for what a layer does: lists of patterns that end with NULL; NULL: none. */
struct rig_switches {
    const char *const *ignore, *const *enable;
};

struct rig_next {
    struct rig_handle handle;
    const struct rig_stack *stack;
    size_t position;     /* in the stack's chain */
    struct rig_env *env; /* what the layer was given */
    struct rig_response *response;
    const struct rig_switches *switches; /* the layer's; NULL: none */
    struct rig_next *above;              /* the visit it stands in; NULL: the outermost */
    uint32_t hop, depth;                 /* depth: of the hop */
    bool open;                           /* the layer has not returned */
};

#endif
