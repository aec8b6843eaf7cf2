/* The env: one request's environment. Names are CGI's (REQUEST_METHOD, PATH_INFO, HTTP_ACCEPT, ...);
 * a name with a dot is the user's own ("app.user"). Strings and objects share one name space.
 *
 * A NULL where it is not allowed is -EINVAL (or NULL) and a finding usage.*; an env whose request has
 * ended is -ESTALE (or NULL) and a finding env.lifetime.stale. */
#ifndef STACKRIG_ENV_H
#define STACKRIG_ENV_H

#include <stackrig/base.h>

struct rig_env;
struct rig_input;

#define RIG_REWINDABLE_MAX ((uint64_t)16 << 20) /* bytes that rig_env_rewindable buffers unless it is told a limit */

/* Visits one line with its newline (the last may have none); a zero byte follows its size bytes. Return 0 to go on;
 * anything else ends the walk and is returned by it. */
typedef int rig_line_fn(void *closure, const char *line, size_t size);

/* The value, or NULL if absent or an object. Lasts as long as the request. */
#define rig_env_get(...) rig_env_get_at(RIG_SITE, __VA_ARGS__)
/* The same with its length; .data NULL if absent. */
#define rig_env_bytes(...) rig_env_bytes_at(RIG_SITE, __VA_ARGS__)
/* Sets name to a copy of value. -ENOMEM leaves the old value. */
#define rig_env_set(...) rig_env_set_at(RIG_SITE, __VA_ARGS__)
#define rig_env_set_bytes(...) rig_env_set_bytes_at(RIG_SITE, __VA_ARGS__)
/* Removes name; removing what is absent is 0. */
#define rig_env_unset(...) rig_env_unset_at(RIG_SITE, __VA_ARGS__)
/* The object, or NULL if absent or a string. */
#define rig_env_object(...) rig_env_object_at(RIG_SITE, __VA_ARGS__)
/* Stores object; destroy (NULL: nothing to do) is called once, last in first out, when the request closes,
 * also when another object took its name. On failure the object stays the caller's. */
#define rig_env_set_object(...) rig_env_set_object_at(RIG_SITE, __VA_ARGS__)
/* Walks names in order of insertion; an object has value NULL and size 0. */
#define rig_env_each(...) rig_env_each_at(RIG_SITE, __VA_ARGS__)
/* A new env over the same input, log, clock and objects: for rig_subrequest, not for rig_next. NULL: out of memory. */
#define rig_env_copy(...) rig_env_copy_at(RIG_SITE, __VA_ARGS__)
/* size bytes from the request's memory, zeroed and aligned for any type; NULL: out of memory. */
#define rig_env_alloc(...) rig_env_alloc_at(RIG_SITE, __VA_ARGS__)
/* One entry of the error stream; a newline is added if missing. */
#define rig_env_log(...) rig_env_log_at(RIG_SITE, __VA_ARGS__)
/* Bytes for the error stream as they are, for an entry that is written in pieces. */
#define rig_env_log_write(...) rig_env_log_write_at(RIG_SITE, __VA_ARGS__)
/* The request body. Never NULL for a live env; a request without a body has an empty one. */
#define rig_env_input(...) rig_env_input_at(RIG_SITE, __VA_ARGS__)
/* Replaces the body, for a layer that decodes it; closes source when the request closes, also on failure. */
#define rig_env_set_input(...) rig_env_set_input_at(RIG_SITE, __VA_ARGS__)

/* Makes the body one that can be rewound, for all who then ask env for it: its first use takes what is left of the old
 * one into the request's memory, at most max bytes (0: RIG_REWINDABLE_MAX), and is -EFBIG past that, as is every later
 * one but rig_input_drain. -EBADF if the body is closed. As a layer: rig_rewindable_layer in stackrig/inputs.h. */
#define rig_env_rewindable(...) rig_env_rewindable_at(RIG_SITE, __VA_ARGS__)

/* A source over a copy of size bytes in the request's memory, which can be rewound: a body to set once more, for a
 * retry. .read NULL: failed (out of memory, stale, NULL data). */
#define rig_env_source(...) rig_env_source_at(RIG_SITE, __VA_ARGS__)

/* Each of these makes a ledger entry of the layer that calls it. */
#define rig_input_read(...) rig_input_read_at(RIG_SITE, __VA_ARGS__)
#define rig_input_line(...) rig_input_line_at(RIG_SITE, __VA_ARGS__)
#define rig_input_rewind(...) rig_input_rewind_at(RIG_SITE, __VA_ARGS__)
#define rig_input_drain(...) rig_input_drain_at(RIG_SITE, __VA_ARGS__)
#define rig_input_all(...) rig_input_all_at(RIG_SITE, __VA_ARGS__)
#define rig_input_each(...) rig_input_each_at(RIG_SITE, __VA_ARGS__)

/* A source that reads the rest of the body, for what takes one (rig_multipart_form_read): its reads are entries of this
 * line. Rewinds as the body does, closes nothing. Lasts as long as the request. .read NULL: failed (NULL, stale, out of
 * memory). */
#define rig_input_source(...) rig_input_source_at(RIG_SITE, __VA_ARGS__)

/* These do not move it. */
#define rig_input_size(...) rig_input_size_at(RIG_SITE, __VA_ARGS__)
#define rig_input_close(...) rig_input_close_at(RIG_SITE, __VA_ARGS__)

RIG_BEGIN_DECLS
const char *rig_env_get_at(const char *site, const struct rig_env *env, const char *name);
struct rig_bytes rig_env_bytes_at(const char *site, const struct rig_env *env, const char *name);
int rig_env_set_at(const char *site, struct rig_env *env, const char *name, const char *value);
int rig_env_set_bytes_at(const char *site, struct rig_env *env, const char *name, const void *data, size_t size);
int rig_env_unset_at(const char *site, struct rig_env *env, const char *name);
void *rig_env_object_at(const char *site, const struct rig_env *env, const char *name);
int rig_env_set_object_at(const char *site, struct rig_env *env, const char *name, void *object,
                          void (*destroy)(void *object));
int rig_env_each_at(const char *site, const struct rig_env *env, rig_each_fn *visit, void *closure);
struct rig_env *rig_env_copy_at(const char *site, const struct rig_env *env);
void *rig_env_alloc_at(const char *site, struct rig_env *env, size_t size);
int rig_env_log_at(const char *site, struct rig_env *env, const char *format, ...) RIG_PRINTF_(3, 4);
int rig_env_log_write_at(const char *site, struct rig_env *env, const void *data, size_t size);
struct rig_input *rig_env_input_at(const char *site, struct rig_env *env);
int rig_env_set_input_at(const char *site, struct rig_env *env, struct rig_source source);
int rig_env_rewindable_at(const char *site, struct rig_env *env, uint64_t max);
struct rig_source rig_env_source_at(const char *site, struct rig_env *env, const void *data, size_t size);
int64_t rig_env_now(const struct rig_env *env);     /* ns since the epoch, the rig's clock; 0 if stale */
uint64_t rig_env_serial(const struct rig_env *env); /* the 7 of env#7; unique within a client; 0 for NULL */

/* Bytes read (fewer than asked is not the end), 0 at the end, -errno from the source. */
int64_t rig_input_read_at(const char *site, struct rig_input *input, void *buffer, size_t size);
/* One line with its newline, at most size - 1 bytes, always terminated; the number of bytes, 0 at the end. */
int64_t rig_input_line_at(const char *site, struct rig_input *input, char *buffer, size_t size);
/* Back to the first byte. -ESPIPE where the server cannot. */
int rig_input_rewind_at(const char *site, struct rig_input *input);
/* Reads and drops the rest: the number of bytes; -EFBIG once more than max came (then answer and close). */
int64_t rig_input_drain_at(const char *site, struct rig_input *input, uint64_t max);
/* The rest of the body in the request's memory, with a zero byte after its end: 0 and *all; -EFBIG once more than max
 * came, -ENOMEM, or what a read failed with, and *all has .data NULL. A server that ends early gives less than
 * CONTENT_LENGTH says and no error: who acts on the whole body compares them (input.truncated.accepted). */
int rig_input_all_at(const char *site, struct rig_input *input, uint64_t max, struct rig_bytes *all);
/* Line by line to the end: 0; -EFBIG for a line of more than max bytes, -ENOMEM, what a read failed with, or what visit
 * returned. */
int rig_input_each_at(const char *site, struct rig_input *input, uint64_t max, rig_line_fn *visit, void *closure);
struct rig_source rig_input_source_at(const char *site, struct rig_input *input);
/* Bytes of the whole body, read or not. -ESPIPE where it cannot be rewound: a plain body does not know its size, what
 * the client announced is CONTENT_LENGTH. One whose size is not known is taken into the request's memory. */
int64_t rig_input_size_at(const char *site, struct rig_input *input);
/* Nobody will read any more: from then on every use of it but a further close is -EBADF and a finding
 * input.used_after_close. Closes a source of rig_env_set_input at once, not the body that a rewindable one is over,
 * and takes nothing off the connection. */
int rig_input_close_at(const char *site, struct rig_input *input);
RIG_END_DECLS

#endif
