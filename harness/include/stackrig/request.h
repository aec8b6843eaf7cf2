/* A mock request: a plain value. All zero is GET / of example.org without a body. Nothing in it is kept after the
 * call it is given to, unless that is rig_env_for: its source must then last until the env's request closes. */
#ifndef STACKRIG_REQUEST_H
#define STACKRIG_REQUEST_H

#include <stackrig/base.h>

struct rig_guard_; /* no such type: a body given where `.body =` was forgotten draws a warning */

/* One part of a multipart/form-data body. */
struct rig_part {
    const char *name;         /* form field */
    const char *filename;     /* NULL: a plain field */
    const char *content_type; /* NULL: none for a field, application/octet-stream for a file */
    const char *body;         /* a C string; NULL: see bytes */
    struct rig_bytes bytes;
};

struct rig_request {
    const char *method; /* NULL: GET */
    const char *target; /* a path with query ("/a?b=1"), an absolute URI, "*", or host:port for CONNECT; NULL: "/" */
    struct rig_guard_ *guard_;
    const char *body;       /* a C string; NULL: see bytes, parts, source, params */
    struct rig_bytes bytes; /* any bytes */
    /* 16 each; the last stays empty, so that a 17th is seen and refused. A header with value NULL takes a default away:
     * not Host, which HTTP/1.1 must have. */
    struct rig_field headers[RIG_FIELDS_MAX + 1];
    struct rig_field
        params[RIG_FIELDS_MAX + 1]; /* into the query for GET, HEAD, DELETE and OPTIONS, else an urlencoded body: then
                                     * it is the only one */
    struct rig_field env[RIG_FIELDS_MAX + 1]; /* set last; value NULL: removed */
    const struct rig_field *header_list;      /* after headers, for more than 16; at most 4096 */
    size_t header_count;
    const struct rig_part *parts; /* a multipart/form-data body */
    size_t part_count;
    struct rig_source source; /* a body that is generated; read == NULL: none. The rig closes it. */
    uint64_t source_size;     /* its bytes; 0: unknown, sent as chunked */
    const size_t *pieces;     /* the sizes in which the body arrives, the last repeats; NULL: as asked for */
    size_t piece_count;
    bool chunked;             /* Transfer-Encoding: chunked though the size is known; not in HTTP/1.0 */
    const char *http_version; /* "1.0" or "1.1"; NULL: 1.1 */
    const char
        *script_name; /* where the stack is mounted, "" or "/app"; the target is below it: "/x" asks for "/app/x" */
    const char *remote_addr; /* NULL: 192.0.2.1 */
    bool malformed;          /* it is wrong on purpose: goes on the wire as it is, the server judges it */
    bool discard_body;       /* count the response body's bytes, don't keep them */
    const char *ignore[RIG_IGNORE_MAX + 1]; /* rules ("id" or "area.*") that are not findings in this request */
    const char *enable[RIG_IGNORE_MAX + 1]; /* rules that are off by default */
    int end_;
};

#define RIG_REQUEST_(method_, ...) RIG_VALUE_(rig_request, .method = method_, .target = __VA_ARGS__, .end_ = 0)
/* The request as a value: RIG_POST("/login", .body = "a=b") */
#define RIG_GET(...) RIG_REQUEST_("GET", __VA_ARGS__)
#define RIG_HEAD(...) RIG_REQUEST_("HEAD", __VA_ARGS__)
#define RIG_POST(...) RIG_REQUEST_("POST", __VA_ARGS__)
#define RIG_PUT(...) RIG_REQUEST_("PUT", __VA_ARGS__)
#define RIG_PATCH(...) RIG_REQUEST_("PATCH", __VA_ARGS__)
#define RIG_DELETE(...) RIG_REQUEST_("DELETE", __VA_ARGS__)
#define RIG_OPTIONS(...) RIG_REQUEST_("OPTIONS", __VA_ARGS__)

#endif
