/* Reading HTTP/1.x requests off a buffer, as a strict server does: RFC 9112. Allocates nothing. */
#ifndef RIG_HTTP_WIRE_H
#define RIG_HTTP_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/http/chars.h"

/* ---- the head ---- */

#define RIG_WIRE_HEAD_MAX 65536 /* bytes of a head, when the caller sets no limit */

struct rig_wire_field {
    struct rig_slice name, value; /* value without the blanks around it; never NULL */
};

/* In: fields, field_limit, size_limit. The rest is filled. Slices point into the data. */
struct rig_wire_head {
    struct rig_wire_field *fields;
    size_t field_limit;
    size_t size_limit;  /* bytes of the head; 0: RIG_WIRE_HEAD_MAX */
    bool host_optional; /* in HTTP/1.1, too */

    struct rig_slice method, target; /* the target's grammar is not looked at: see rig_target_split */
    unsigned minor;                  /* of HTTP/1.minor */
    size_t field_count;
    const char *reason; /* what is wrong, when malformed */
    size_t at;          /* at which byte of the data */
    int status;         /* what a server answers to that: 400, 431, 505 */
};

/* The bytes of the head with its empty line; 0: it needs more (what is there is fine so far); -EINVAL: malformed, told
 * as soon as a byte shows it. Start over with all data when more has come. Empty lines before the request line are
 * skipped and counted. The fields of an unfinished or malformed head are those read so far. */
int64_t rig_wire_head(const void *data, size_t size, struct rig_wire_head *head);

/* ---- the body's framing ---- */

enum rig_framing_kind { RIG_FRAMING_NONE, RIG_FRAMING_LENGTH, RIG_FRAMING_CHUNKED };

struct rig_framing {
    enum rig_framing_kind kind;
    uint64_t length;    /* RIG_FRAMING_LENGTH; at most INT64_MAX */
    const char *reason; /* when refused; else NULL */
    size_t field;       /* index of the field at fault */
    int status;         /* what a server answers: 400, 501 */
};

/* Has an answer of that status no content, whatever its fields say (RFC 9110 sections 15.2, 15.3.5 and 15.4.5)? */
static inline bool rig_status_is_bodiless(int status)
{
    return status == 204 || status == 304 || (status >= 100 && status < 200);
}

/* 0, or -EINVAL with reason, field and status. minor: of HTTP/1.minor. RFC 9112 section 6; where it leaves a choice,
 * the strict one: both framing headers are refused. Equal repetitions of Content-Length count as one. */
int rig_wire_framing(const struct rig_wire_field *fields, size_t count, unsigned minor, struct rig_framing *framing);

/* ---- chunked ---- */

#define RIG_CHUNK_LINE_MAX 256     /* bytes of the line with a chunk's size, extensions included */
#define RIG_CHUNK_TRAILER_MAX 8192 /* bytes of all trailer fields */
#define RIG_CHUNK_OVERHEAD 20      /* what rig_chunk_encode adds to a piece, at most */

/* Begins zeroed. */
struct rig_chunked {
    int state;
    size_t line;        /* bytes of the size line or the trailers so far */
    uint64_t left;      /* of the chunk */
    uint64_t content;   /* bytes given out so far */
    bool done;          /* the body has ended; further bytes are not looked at */
    const char *reason; /* after -EINVAL, which then is the answer to every further call */
};

/* Takes bytes up to the end of one piece of content: how many, or -EINVAL. *piece is that content, in data; size 0:
 * none yet. Call again with the rest until all is taken or .done. Trailers are checked and skipped. */
int64_t rig_chunked_decode(struct rig_chunked *chunked, const void *data, size_t size, struct rig_slice *piece);
/* The size of piece as one chunk; of a piece of size 0 the last chunk with the end of the body. Writes only if it
 * fits. */
size_t rig_chunk_encode(const void *piece, size_t size, char *out, size_t out_size);

#endif
