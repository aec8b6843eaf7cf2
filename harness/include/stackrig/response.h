/* The response. EMPTY until a status, rig_respond, a write or a stream makes it ANSWERED (headers alone do
 * not: layers set them on the way down), OUT once the outermost layer has returned.
 *
 * Header names compare without case and keep the case and order they were set in. The status of a response
 * that was answered without one is 200. Errors are as in env.h. */
#ifndef STACKRIG_RESPONSE_H
#define STACKRIG_RESPONSE_H

#include <stackrig/base.h>

struct rig_response;

/* An answer as a value. Replaces the headers it names, keeps what else layers have set, replaces the body. A name that
 * .headers has twice is sent twice: {{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}}. */
struct rig_reply {
    struct rig_response *response;
    int status;                                   /* 0: 200 */
    struct rig_field headers[RIG_FIELDS_MAX + 1]; /* value NULL: remove; the last stays empty: a 17th is refused */
    const char *body;                             /* a C string; NULL: see bytes */
    struct rig_bytes bytes;                       /* any bytes; used when body is NULL */
    int end_;
};

/* rig_respond(res, .status = 401, .headers = {{"A", "b"}}, .body = "..."); rig_respond(res) is a 200 without a body */
#define rig_respond(...) rig_respond_at(RIG_SITE, RIG_REF_(rig_reply, .response = __VA_ARGS__, .end_ = 0))
#define rig_response_set_status(...) rig_response_set_status_at(RIG_SITE, __VA_ARGS__)
#define rig_response_set_header(...) rig_response_set_header_at(RIG_SITE, __VA_ARGS__)
#define rig_response_set_header_bytes(...) rig_response_set_header_bytes_at(RIG_SITE, __VA_ARGS__)
#define rig_response_add_header(...) rig_response_add_header_at(RIG_SITE, __VA_ARGS__)
#define rig_response_add_header_bytes(...) rig_response_add_header_bytes_at(RIG_SITE, __VA_ARGS__)
#define rig_response_remove_header(...) rig_response_remove_header_at(RIG_SITE, __VA_ARGS__)
#define rig_response_write(...) rig_response_write_at(RIG_SITE, __VA_ARGS__)
#define rig_response_stream(...) rig_response_stream_at(RIG_SITE, __VA_ARGS__)
#define rig_response_file(...) rig_response_file_at(RIG_SITE, __VA_ARGS__)
#define rig_response_take_body(...) rig_response_take_body_at(RIG_SITE, __VA_ARGS__)
#define rig_response_status(...) rig_response_status_at(RIG_SITE, __VA_ARGS__)
#define rig_response_header(...) rig_response_header_at(RIG_SITE, __VA_ARGS__)
#define rig_response_header_nth(...) rig_response_header_nth_at(RIG_SITE, __VA_ARGS__)
#define rig_response_each(...) rig_response_each_at(RIG_SITE, __VA_ARGS__)

RIG_BEGIN_DECLS
int rig_respond_at(const char *site, const struct rig_reply *reply); /* keeps nothing of *reply: all is copied */
int rig_response_status_at(const char *site, const struct rig_response *response); /* 0: not answered yet */
int rig_response_set_status_at(const char *site, struct rig_response *response, int status);
/* The first value of that name, NULL if absent; lasts as long as the request. */
const char *rig_response_header_at(const char *site, const struct rig_response *response, const char *name);
/* The value of that name that stands behind n others; NULL: there are not so many. */
const char *rig_response_header_nth_at(const char *site, const struct rig_response *response, const char *name,
                                       size_t n);
int rig_response_set_header_at(const char *site, struct rig_response *response, const char *name,
                               const char *value); /* replaces all of that name, in the place of the first */
/* The same with a value of any bytes: a zero byte is a finding, as it is in a server that takes a length. */
int rig_response_set_header_bytes_at(const char *site, struct rig_response *response, const char *name,
                                     const void *data, size_t size);
int rig_response_add_header_at(const char *site, struct rig_response *response, const char *name,
                               const char *value); /* one more */
int rig_response_add_header_bytes_at(const char *site, struct rig_response *response, const char *name,
                                     const void *data, size_t size);
int rig_response_remove_header_at(const char *site, struct rig_response *response, const char *name);
/* In the order they were set, repeated names too. */
int rig_response_each_at(const char *site, const struct rig_response *response, rig_each_fn *visit, void *closure);
/* Appends to the body. After rig_response_stream: -EINVAL. */
int rig_response_write_at(const char *site, struct rig_response *response, const void *data, size_t size);
/* The body is pulled piece by piece after the outermost layer returned, then closed. Closes the body it
 * replaces; on failure closes source itself. */
int rig_response_stream_at(const char *site, struct rig_response *response, struct rig_source source);
/* The file at path is the body: opened when the body is pulled, as a server that is handed a path does. One that cannot be
 * opened then is a finding (body.to_path.exists), and the body breaks off. Sets no header. */
int rig_response_file_at(const char *site, struct rig_response *response, const char *path);
/* The body set so far, to wrap, measure or compress it; the taker closes it. The response has none afterwards.
 * An answer without a body gives an empty source; .read NULL: failed (stale, NULL, out of memory). */
struct rig_source rig_response_take_body_at(const char *site, struct rig_response *response);
uint64_t rig_response_serial(const struct rig_response *response);
RIG_END_DECLS

#endif
