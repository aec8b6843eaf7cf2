/* A mock request: a plain value. All zero is GET / of example.org without a body. Nothing in it is kept after the
 * call it is given to, unless that is rig_env_for: its source must then last until the env's request closes. */
#ifndef STACKRIG_REQUEST_H
#define STACKRIG_REQUEST_H

#include <stackrig/base.h>
#include <stackrig/http/query.h>

struct rig_write_dot_body_equals_; /* no such type: the warning that a forgotten `.body =` draws names it */

/* One part of a multipart/form-data body. */
struct rig_part {
    const char *name;         /* form field */
    const char *filename;     /* NULL: a plain field */
    const char *content_type; /* NULL: none for a field, application/octet-stream for a file */
    const char *body;         /* a C string; NULL: see bytes, path */
    struct rig_bytes bytes;
    const char *path;   /* a file on disk, read when the request is built; its last segment is the filename of one
                         * without */
    bool length_header; /* the part has a Content-Length of its own, as Rack writes it; RFC 7578 section 4.8 has none */
};

/* .target is a URI reference as a person writes it (RFC 3986 section 4.1) and becomes what a client sends:
 *
 *     ""  "?a=1"  "foo/bar"          /  /?a=1  /foo/bar
 *     "/a?b#c"                       /a?b: a fragment is not sent
 *     "http://user@host:81/a"        http://host:81/a: nor is a user name (RFC 9110 section 4.2.4)
 *     "//host:81/a"                  /a with Host: host:81 (a path that begins with // is written http://host//a)
 *     "http:///a"                    http://example.org/a
 *
 * A path has the characters of RFC 3986, a query also [ and ]. All others must come percent-encoded: a space, a byte
 * beyond ASCII, | or " is request.target.invalid. So is a host that is no name of letters, digits, - . and _ nor an IP
 * address, and a scheme other than http, https, ws and wss; any port will do. With .malformed the target is sent byte
 * by byte.
 *
 * The target's host is both Host and SERVER_NAME. A Host in .headers is HTTP_HOST alone, as behind a proxy: SERVER_NAME
 * stays that of the target, example.org where it names none. */
struct rig_faulty;

struct rig_request {
    const char *method; /* a token, sent in upper case; NULL: GET */
    const char *target; /* see above; "*" for OPTIONS; host:port for CONNECT; NULL: "/" */
    struct rig_write_dot_body_equals_ *guard_;
    const char *body;       /* a C string; NULL: see bytes, parts, source, params */
    struct rig_bytes bytes; /* any bytes */
    const char *json; /* a body of JSON text, with Content-Type: application/json unless the request names another */
    /* 16 each; the last stays empty, so that a 17th is seen and refused. A header with value NULL takes a default away:
     * not Host, which HTTP/1.1 must have. */
    struct rig_field headers[RIG_FIELDS_MAX + 1];
    /* With GET and HEAD they are appended to the query. Else they are the body: urlencoded, or multipart/form-data
     * where one is a file, beside .parts (before them), with .multipart and with a Content-Type of multipart/ that the
     * request names. A .body, .json, .bytes or .source is sent in their place. value NULL: not sent. */
    struct rig_field params[RIG_FIELDS_MAX + 1];
    struct rig_field env[RIG_FIELDS_MAX + 1]; /* set last; value NULL: removed */
    const struct rig_field *header_list;      /* after headers, for more than 16; at most 4096 */
    size_t header_count;
    const struct rig_part *parts; /* a multipart/form-data body */
    size_t part_count;
    struct rig_source source; /* a body that is generated; read == NULL: none. The rig closes it. */
    uint64_t source_size;     /* its bytes; 0: unknown, sent as chunked (known to be none: Content-Length: 0) */
    const size_t *pieces;     /* the sizes in which the body arrives, the last repeats; NULL: as asked for */
    size_t piece_count;
    const struct rig_faulty *fault; /* what goes wrong with the body, of stackrig/faults.h: .kind of a read, .chance or
                                     * .offset, .always and the like; .under and .client are the rig's. NULL: nothing */
    bool chunked;                   /* Transfer-Encoding: chunked though the size is known; not in HTTP/1.0 */
    const char *http_version; /* "1.0" or "1.1"; NULL: 1.1. "HTTP/2" and the like as a gateway names it to its backend:
                               * only SERVER_PROTOCOL tells the difference */
    const char
        *script_name; /* where the stack is mounted, "" or "/app"; the target is below it: "/x" asks for "/app/x" */
    const char *remote_addr;            /* NULL: 192.0.2.1 */
    bool secure;                        /* over TLS: https, though the target does not say so */
    bool xhr;                           /* X-Requested-With: XMLHttpRequest, unless the request names it */
    bool malformed;                     /* it is wrong on purpose: goes on the wire as it is, the server judges it */
    bool discard_body;                  /* count the response body's bytes, don't keep them */
    bool multipart;                     /* params that are a body are multipart/form-data without a file too */
    bool form;                          /* a body that is a form even without params */
    bool params_first;                  /* the params stand before the target's own query, not behind it */
    enum rig_query_style param_style;   /* how nested names are written; 0: a%5Bb%5D=1 */
    const struct rig_param *param_list; /* after params: nested ones, files, and more than 16 */
    size_t param_count;
    const struct rig_param *query_list; /* appended to the query with any method, last */
    size_t query_count;
    const struct rig_field *env_list; /* after env */
    size_t env_count;
    /* Whose credentials it carries, for coverage of auth paths: "none", "wrong_scheme", "malformed", "wrong_secret",
     * "expired", "other_user", "valid". NULL: by what it carries and what came of it; expired ones and another user's
     * cannot be told so. Must last as long as the request is open. */
    const char *credentials;
    const char *ignore[RIG_IGNORE_MAX + 1]; /* rules ("id" or "area.*") that are not findings in this request */
    const char *enable[RIG_IGNORE_MAX + 1]; /* rules that are off by default */
    int end_;
};

/* In C, a list of the request with its count: rig_post(client, "/", RIG_PARAMS(RIG_PARAM("a", "1"), RIG_PARAM("b", "2"))).
 * A list without its count is request.fields.too_many. */
#define RIG_HEADERS(...) RIG_COUNTED_(header_list, header_count, struct rig_field, __VA_ARGS__)
#define RIG_PARAMS(...) RIG_COUNTED_(param_list, param_count, struct rig_param, __VA_ARGS__)
#define RIG_QUERY(...) RIG_COUNTED_(query_list, query_count, struct rig_param, __VA_ARGS__)
#define RIG_ENV(...) RIG_COUNTED_(env_list, env_count, struct rig_field, __VA_ARGS__)
#define RIG_PARTS(...) RIG_COUNTED_(parts, part_count, struct rig_part, __VA_ARGS__)
#define RIG_PIECES(...) RIG_COUNTED_(pieces, piece_count, size_t, __VA_ARGS__)
#define RIG_COUNTED_(list_, count_, type_, ...) \
    .list_ = (const type_[]){__VA_ARGS__}, .count_ = sizeof((const type_[]){__VA_ARGS__}) / sizeof(type_)

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
