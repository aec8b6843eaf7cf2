/* multipart/form-data (RFC 7578): reading bodies, as they come, and building them, as browsers do (WHATWG HTML,
 * "multipart form data"). */
#ifndef STACKRIG_HTTP_MULTIPART_H
#define STACKRIG_HTTP_MULTIPART_H

#include <errno.h>
#include <stddef.h>

#include <stackrig/http/query.h>
#include <stackrig/request.h>

/* What can be wrong with a body, as errors of the functions below (negative). ENOMEM comes beside them. */
#define RIG_MULTIPART_ERROR_MAP(X)                                                                 \
    X(ENDED_EARLY, ENODATA, "multipart_ended_early", "the body ends before its last boundary")     \
    X(LENGTH_MISMATCH, EBADMSG, "multipart_content_length_mismatch",                               \
      "the body ends before its Content-Length is over")                                           \
    X(BAD_BOUNDARY, EPROTO, "multipart_bad_boundary", "a boundary that cannot be, or two of them") \
    X(LIMIT, EMSGSIZE, "multipart_limit", "more bytes than a limit allows")                        \
    X(TOO_MANY_PARTS, EOVERFLOW, "multipart_too_many_parts", "more parts than the limit")          \
    X(TOO_MANY_FILES, EMFILE, "multipart_too_many_files", "more files than the limit")             \
    X(NO_INPUT, ENXIO, "missing_input", "there is no body to read")

enum rig_multipart_error {
#define RIG_MULTIPART_ERROR_(name_, errno_, id_, text_) RIG_MULTIPART_##name_ = -(errno_),
    RIG_MULTIPART_ERROR_MAP(RIG_MULTIPART_ERROR_)
#undef RIG_MULTIPART_ERROR_
};

/* 0 means the default. */
struct rig_multipart_limits {
    uint64_t bytes;    /* of the body, up to its last boundary; 10 GiB */
    size_t parts;      /* 4095 */
    size_t files;      /* parts with a filename; 127 */
    size_t head;       /* bytes of a part's header lines, which are kept until it ends; 1 MiB */
    size_t escapes;    /* backslashes in the dispositions of all parts; 8192 */
    size_t kept;       /* of a form: bytes of all header lines and of all that is no file; 16 MiB */
    size_t kept_files; /* of a form: bytes of all files; 256 MiB */
};

struct rig_multipart_options {
    struct rig_multipart_limits limits;
    bool has_content_length;
    uint64_t content_length;        /* bytes after these are not looked at */
    struct rig_allocator allocator; /* all zero: malloc and free */
};

/* Of a part. Where the RFCs leave a choice, or senders took it: lines end with CR LF, nothing stands behind a boundary on
 * its line; a part may have no header lines; parameter names are in any case, the last of two counts; filename* is not
 * looked at (RFC 7578 section 4.2); filenames are percent-decoded, as browsers encode them, names are not. */
struct rig_multipart_head {
    struct rig_slice name; /* else the filename, or of a part without a disposition the Content-ID; else "TYPE[]" */
    /* Its last segment, percent-decoded if all of it can be; data NULL: a plain field; size 0: a file input without a
     * file. */
    struct rig_slice filename;
    struct rig_slice content_type; /* data NULL: none */
    struct rig_slice lines;        /* the header lines as they came, each with its CR LF */
    bool named;                    /* by its disposition or Content-ID */
};

/* ---- piece by piece ---- */

enum rig_multipart_event_kind {
    RIG_MULTIPART_NOTHING,  /* all was taken, more is needed */
    RIG_MULTIPART_HEAD,     /* a part begins: .head */
    RIG_MULTIPART_DATA,     /* a piece of its content: .data */
    RIG_MULTIPART_PART_END, /* it is whole */
    RIG_MULTIPART_END       /* so is the body; what follows is not looked at */
};

/* What it points to is good until the next call. */
struct rig_multipart_event {
    enum rig_multipart_event_kind kind;
    const struct rig_multipart_head *head;
    struct rig_slice data; /* in the caller's data, or in the parser; never empty */
};

struct rig_multipart; /* a parser; its size is bounded by limits.head */

/* ---- in memory ---- */

struct rig_multipart_form;

/* A zero byte stands after each slice that is there. */
struct rig_multipart_part {
    struct rig_multipart_head head;
    struct rig_slice content;
    struct rig_part part; /* the same as bytes, and C strings, which a zero byte would end */
};

/* ---- building ---- */

#define RIG_BOUNDARY_SIZE 41 /* of ours, with its final zero byte */
#define RIG_BOUNDARY_MAX 70  /* of any, without (RFC 2046 section 5.1.1) */

RIG_BEGIN_DECLS
/* The boundary of a Content-Type, in it: 0, data NULL: it is not multipart, or names none; RIG_MULTIPART_BAD_BOUNDARY: two
 * of them, blanks before its "=". In quotes it may hold all but a quote; else it ends at ';' or ','. */
int rig_multipart_boundary_of(const char *content_type, size_t size, struct rig_slice *boundary);
/* *parser: for the caller to free, NULL after an error. RIG_MULTIPART_BAD_BOUNDARY: empty or with a control character;
 * _LIMIT: over 70 bytes, or content_length is over its limit; -ENOMEM. Copies the boundary. */
int rig_multipart_open(struct rig_slice boundary, struct rig_multipart_options options, struct rig_multipart **parser);
/* Takes bytes off the front of *data, up to the next event: 0, or an error, which is then the answer to every further
 * call. Call again until the event is RIG_MULTIPART_NOTHING: then all is taken. However the body is cut, the same comes of
 * it (but for where the pieces of content are cut). Takes time in proportion to the bytes. */
int rig_multipart_next(struct rig_multipart *parser, struct rig_slice *data, struct rig_multipart_event *event);
/* There is no more: 0; RIG_MULTIPART_ENDED_EARLY; _LENGTH_MISMATCH: so, and before content_length; _LIMIT: so, more than 16
 * KiB before the first boundary or 64 KiB into a part's header lines. A body that ends right behind the boundary of a part
 * without content passes: Unity leaves out the last one. So does one that is nothing but the last boundary. */
int rig_multipart_finish(struct rig_multipart *parser);
void rig_multipart_free(struct rig_multipart *parser); /* NULL: nothing */
/* The value of a header line, any case of name; data NULL: none. A folded one still has its line ends. */
struct rig_slice rig_multipart_header(struct rig_slice lines, const char *name);
/* "multipart_ended_early" and so on, and a sentence; NULL for what is no enum rig_multipart_error. */
const char *rig_multipart_error_name(int error);
const char *rig_multipart_error_text(int error);

/* Reads a body to its end, all parts into memory. *form: for the caller to free; NULL with 0: there is nothing to read, as
 * content_type is not multipart or names no boundary, or content_length is 0. RIG_MULTIPART_NO_INPUT: body.read is NULL. Else
 * as below, or what body.read returned. The caller closes body. */
int rig_multipart_form_read(struct rig_source body, const char *content_type, size_t size,
                            struct rig_multipart_options options, struct rig_multipart_form **form);
/* All parts in memory, as the body comes. *form: for the caller to free, NULL after an error; the errors of rig_multipart_open. */
int rig_multipart_form_open(struct rig_slice boundary, struct rig_multipart_options options,
                            struct rig_multipart_form **form);
int rig_multipart_form_add(struct rig_multipart_form *form, const void *data, size_t size); /* 0 or as next */
int rig_multipart_form_end(struct rig_multipart_form *form);                                /* as finish */
/* In order, without file inputs that have no file. Good until the form is freed. */
const struct rig_multipart_part *rig_multipart_form_parts(const struct rig_multipart_form *form, size_t *count);
/* The parts as nested parameters, by their names' brackets; .file is the .part of one of the parts, .bytes the content of
 * one that is none. *params: for the caller to free before the form; errors as of rig_params_add. */
int rig_multipart_form_params(const struct rig_multipart_form *form, struct rig_query_options options,
                              struct rig_params **params);
void rig_multipart_form_free(struct rig_multipart_form *form); /* NULL: nothing */

/* Why the parts cannot be built: a part without a name, a body twice, a content type that is no field value; NULL: they
 * can. *index (may be NULL): of that part. */
const char *rig_multipart_refused(const struct rig_part *parts, size_t count, size_t *index);
/* The same parts give the same boundary. It occurs in none of them. */
void rig_multipart_boundary(const struct rig_part *parts, size_t count, char boundary[RIG_BOUNDARY_SIZE]);
/* Why no body of these parts can have that boundary: it is none, or stands in a part; NULL: it can. */
const char *rig_multipart_boundary_refused(const char *boundary, size_t size, const struct rig_part *parts,
                                           size_t count);
/* The size of the body; SIZE_MAX: no memory could hold it. Writes only if it fits out_size; out NULL with 0 measures.
 * In names and filenames " \ CR LF become %22 %5C %0D %0A, and in a filename % becomes %25 where it would be read as such
 * an escape. A .path is not read. For parts that rig_multipart_refused lets pass. */
size_t rig_multipart_build(const struct rig_part *parts, size_t count, const char *boundary, char *out,
                           size_t out_size);
RIG_END_DECLS

#endif
