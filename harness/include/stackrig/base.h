/* What every other header needs: version, sites, plain values, errors. */
#ifndef STACKRIG_BASE_H
#define STACKRIG_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RIG_VERSION 100 /* 0.1.0: major * 10000 + minor * 100 + patch */
#define RIG_ABI 1u      /* what RIG_EXPORT writes and the loader of a stack compares */

/* Only the public headers export symbols: everything else is built with -fvisibility=hidden. */
#ifdef __cplusplus
#define RIG_BEGIN_DECLS                                \
    _Pragma("GCC visibility push(default)") extern "C" \
    {
#define RIG_END_DECLS \
    }                 \
    _Pragma("GCC visibility pop")
#else
#define RIG_BEGIN_DECLS _Pragma("GCC visibility push(default)")
#define RIG_END_DECLS _Pragma("GCC visibility pop")
#endif

/* A value of a struct, and a pointer to one that lasts for the call it stands in. The macros with options need C++20;
 * g++ -Wextra warns of your own designated initializers: -Wno-missing-field-initializers. */
#ifdef __cplusplus
#include <stackrig/cxx.h>
#else
#define RIG_VALUE_(type_, ...) ((struct type_){__VA_ARGS__})
#define RIG_REF_(type_, ...) (&(struct type_){__VA_ARGS__})
#endif

#if defined(__GNUC__) || defined(__clang__)
#define RIG_PRINTF_(format_, first_) __attribute__((__format__(__printf__, format_, first_)))
#else
#define RIG_PRINTF_(format_, first_)
#endif

/* The place of a call, "file.c:42". Macros pass it on; a binding for another language passes its
 * own. A site must outlive the client and the stack that see it, as a literal does. */
#define RIG_STRING_2_(x) #x
#define RIG_STRING_(x) RIG_STRING_2_(x)
#define RIG_SITE __FILE__ ":" RIG_STRING_(__LINE__)

#define RIG_FIELDS_MAX 16 /* fields in an option struct; more go into a list with a count */
#define RIG_IGNORE_MAX 8  /* rule patterns in an option struct */
#define RIG_PENDING 1     /* reserved for answers that come later; nothing returns it today */

/* A header, a parameter, an env variable. value NULL: send nothing / must be absent. */
struct rig_field {
    const char *name, *value;
};

/* Bytes with their count. data NULL: none. size 0 with data: present, but empty. */
struct rig_bytes {
    const void *data;
    size_t size;
};

/* A piece of somebody else's text; not terminated. data NULL: absent. */
struct rig_slice {
    const char *data;
    size_t size;
};

/* Bytes that are produced on demand: a request body or a response body.
 * read: at most size bytes into buffer; returns their number, 0 at the end, -errno on failure.
 * rewind: back to the first byte, 0 or -errno; NULL: it cannot.
 * close: called once, when nobody will read any more; NULL: nothing to do. */
struct rig_source {
    int64_t (*read)(void *self, void *buffer, size_t size);
    int (*rewind)(void *self);
    void (*close)(void *self);
    void *self;
};

/* Where memory comes from. All zero: malloc and free.
 * admit, if given, is asked before every piece, also those cut from memory the rig already holds:
 * false makes that piece fail with -ENOMEM (for out-of-memory tests). */
struct rig_allocator {
    void *(*alloc)(void *self, size_t size); /* NULL when out of memory; aligned as malloc is */
    void (*release)(void *self, void *memory);
    bool (*admit)(void *self, size_t size);
    void *self;
};

/* Visits one name and value; size is strlen(value) unless the value holds zero bytes.
 * Return 0 to go on; anything else ends the walk and is returned by it. */
typedef int rig_each_fn(void *closure, const char *name, const char *value, size_t size);

enum rig_level { RIG_LEVEL_OFF, RIG_LEVEL_NOTE, RIG_LEVEL_WARNING, RIG_LEVEL_ERROR };

/* The errors that the rig returns (as negative numbers) and what each means here. Layers may return the same numbers for
 * reasons of their own. */
#define RIG_ERROR_MAP(X)                                                              \
    X(EINVAL, "wrong use of the interface")                                           \
    X(ENOMEM, "out of memory, or over the client's memory limit")                     \
    X(ESTALE, "the env, response, input or next belongs to a request that has ended") \
    X(ESPIPE, "this server's request body cannot be rewound")                         \
    X(EFBIG, "more body than the limit allows")                                       \
    X(EBADF, "the request body was closed")                                           \
    X(EBUSY, "too many requests of one client are open at once")                      \
    X(ECONNRESET, "the client went away while its body was being read")               \
    X(EPIPE, "the client has gone away: nobody reads the answer")                     \
    X(EIO, "the source of a body failed")

RIG_BEGIN_DECLS
const char *rig_error_text(int error);            /* of 0, -errno: never NULL */
const char *rig_level_name(enum rig_level level); /* "error", "warning", "note", "off" */
unsigned rig_version(void);                       /* RIG_VERSION of the library that runs */
RIG_END_DECLS

#endif
