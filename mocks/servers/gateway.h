/* What gateways let through, as it was measured (tests/conformance/gateways): a reader of request heads with a table of
 * facts for each of them. There is no table of requests. */
#ifndef STACKRIG_MOCKS_GATEWAY_H
#define STACKRIG_MOCKS_GATEWAY_H

#include "harness/http/chars.h"
#include "harness/http/slice.h"

#include <stackrig/server.h>

/* ---- facts ---- */

enum rig_gate_skips { RIG_SKIPS_NOTHING, RIG_SKIPS_CRLF, RIG_SKIPS_LF_TOO };
enum rig_gate_method { RIG_METHOD_UPPER /* A-Z, '_', '-' */, RIG_METHOD_TOKEN, RIG_METHOD_KNOWN };
enum rig_gate_blanks { RIG_BLANKS_ONE, RIG_BLANKS_SPACES, RIG_BLANKS_TABS_TOO };
enum rig_gate_fold { RIG_FOLD_REFUSED, RIG_FOLD_SPACE /* one in place of line end and blanks */, RIG_FOLD_BLANKS };
enum rig_gate_names {
    RIG_NAMES_TOKEN,        /* all others are refused */
    RIG_NAMES_ALNUM_HYPHEN, /* all others are dropped; those with controls are refused */
};
enum rig_gate_repeats { RIG_REPEATS_KEPT, RIG_REPEATS_JOINED, RIG_REPEATS_JOINED_COOKIE /* Cookie with "; " */ };
enum rig_gate_host {
    RIG_HOST_ANY,
    RIG_HOST_LOOSE,  /* no blanks, controls, '/', ".."; not empty in 1.1 */
    RIG_HOST_STRICT, /* letters, digits, '-', '.', '_'; a port of digits up to 65535 */
    RIG_HOST_DNS     /* as strict, without '_'; lower-cased, a last dot and port 80 taken off */
};
enum rig_gate_path {
    RIG_PATH_RAW,     /* passed on as it is, and not looked at */
    RIG_PATH_CHECKED, /* passed on as it is, refused where it cannot be resolved */
    RIG_PATH_ESCAPED, /* decoded, resolved, and encoded again */
    RIG_PATH_BURL     /* the same, what is encoded and reserved stays so; resolved last; the query too */
};
enum rig_gate_absolute {
    RIG_ABSOLUTE_MATCHES, /* passed on as it is, Host must be the same */
    RIG_ABSOLUTE_CUT,     /* the path is passed on; Host as the client sent it */
    RIG_ABSOLUTE_SETS,    /* the path is passed on, and the URI's host in place of Host */
    RIG_ABSOLUTE_PATHED   /* a path must be there, http or https, Host the same if there is one */
};
enum rig_gate_connect { RIG_CONNECT_REFUSED, RIG_CONNECT_ROOT /* becomes the path "/" */, RIG_CONNECT_MATCHES };
enum rig_gate_both { RIG_BOTH_REFUSED, RIG_BOTH_CODING /* Transfer-Encoding is believed */ };
enum rig_gate_lengths { RIG_LENGTHS_ONE, RIG_LENGTHS_EQUAL /* equal ones, in a list too, become one */ };

struct rig_gate_facts {
    const struct rig_field *adds; /* as in struct rig_gateway */
    const char *source;
    bool fastcgi;

    /* lines */
    bool lf_ends_line, lf_ends_head; /* LF alone; the last, empty line */
    bool crs_end_line;               /* several CR before it in a field */
    bool whole_head;                 /* nothing is judged before the head has come, but a control as its first byte */
    enum rig_gate_skips skips;       /* empty lines before the request line */

    /* sizes in bytes; 0: no limit. status: the answer */
    size_t first_buffer, buffer, buffers; /* a line must fit one buffer, all lines all of them */
    size_t line_max, field_max;           /* without the line's end */
    size_t value_max;                     /* joined */
    size_t name_max, fields_max;
    size_t head_max;
    size_t weight_max; /* request line, names and values, 8 for each of them and 9 */
    int line_status, size_status;

    /* request line */
    enum rig_gate_method method;
    enum rig_gate_blanks blanks;
    bool target_to_last_blank;   /* it may hold spaces */
    bool high_refused, hash_cut; /* bytes from 0x80 in a target; '#' and what follows */
    bool hash_refused;
    bool blanks_after_version, long_minor; /* "HTTP/1.10" */
    bool simple;                           /* "GET /" alone, HTTP/0.9 */
    unsigned version_least, version_most;  /* 10 is HTTP/1.0 */
    int version_low_status, version_high_status, method_status;
    bool trace_refused;
    int asterisk_status; /* its own answer to OPTIONS *; 0: passed on */
    bool asterisk_any;   /* with other methods too */

    /* fields */
    enum rig_gate_names names;
    bool no_colon;      /* a line without a colon is a name with an empty value */
    bool controls, nul; /* pass in values */
    bool tabs_stay;     /* at the ends of a value; spaces do not */
    enum rig_gate_fold fold;
    bool blank_fold_refused;
    bool empty_dropped;
    enum rig_gate_repeats repeats;
    const char *const *single; /* names that must not be there twice; up to NULL */
    const char *first_only;    /* of a repeated one the first; NULL: none */
    enum rig_gate_host host;
    bool host_optional;       /* in HTTP/1.1 */
    bool hosts_equal;         /* two equal ones become one */
    const char *default_host; /* of a request that has none; NULL: none */
    enum rig_gate_path path;
    int encoded_slash_status, encoded_nul_status;
    enum rig_gate_absolute absolute;
    enum rig_gate_connect connect;
    int connect_path_status; /* 0: passed on */

    /* body */
    enum rig_gate_both both;
    enum rig_gate_lengths lengths;
    bool length_stays;       /* leading zeros */
    int coding_status;       /* of another transfer coding than chunked */
    bool coding_1_0;         /* Transfer-Encoding in HTTP/1.0 */
    bool coding_lists;       /* "chunked, chunked" */
    int coding_list_status;  /* of "x, chunked"; 0: as coding_status */
    bool coding_last_counts; /* a list that ends with chunked is chunked */
    bool chunk_lf;           /* ends lines of a chunked body */
    bool body_ruled;         /* none in GET and HEAD (400), a length or chunks in POST and PUT (411) */
    bool streams;            /* what there is of a body is passed on before it is whole */

    /* what is passed on */
    bool lower_names;
    bool keeps_minor;        /* HTTP/1.0 stays so, and gets Connection: keep-alive */
    bool needs_host_for_1_1; /* without a Host it is HTTP/1.0 */
    bool host_first, length_first, length_last;
    bool length_0;            /* for other methods than GET and HEAD, without a body */
    bool named_dropped;       /* what Connection names */
    bool connection_filtered; /* Connection stays, without close and keep-alive */
    bool te_trailers;         /* of TE only that stays */
    bool upgrade_with_body_dropped, upgrade_needs_connection;
    bool trailers;
    bool expect_checked;      /* other than 100-continue: 417 */
    bool counts_forwards;     /* Max-Forwards goes down by one; 0 is refused */
    const char *const *drops; /* names; up to NULL */
    bool drops_expect_with_body;
    bool appends_forwarded; /* what it adds is joined to what is there, not set in its place */
    bool connection_te;     /* "Connection: close, te" */
    /* FastCGI */
    bool cgi_drops_odd;                     /* names with other than letters, digits and '-' have no variable */
    bool cgi_upgrades;                      /* h2c is taken up */
    bool cgi_type_alone, cgi_content_alone; /* Content-Type, and Content-Length too, have no HTTP_ variable */
    bool cgi_length_0;                      /* CONTENT_LENGTH is a number always */
    bool cgi_splits_path;                   /* SCRIPT_NAME is the first segment */
    bool cgi_uri_host;                      /* the host of an absolute target is HTTP_HOST */
    bool cgi_uri_whole;                     /* REQUEST_URI is the target as it was sent */
    const char *simple_protocol;            /* of HTTP/0.9; NULL: empty */
    /* In their order; "*" stands for the fields, values that begin with '@' for what the request says. */
    const struct rig_field *variables;
};

/* ---- a request in work ---- */

struct rig_gate_field {
    struct rig_slice name, value;
    bool gone;
};

enum rig_gate_target { RIG_GATE_ORIGIN, RIG_GATE_ABSOLUTE, RIG_GATE_ASTERISK, RIG_GATE_AUTHORITY };

struct rig_gate {
    const struct rig_gate_facts *facts;
    const struct rig_passing *in;
    struct rig_passed *out;
    int error;
    char *head; /* a copy, to be worked in */
    size_t size, at;
    struct rig_slice method, target, protocol; /* protocol: "HTTP/1.1", as written; empty: HTTP/0.9 */
    unsigned version;                          /* 11 is HTTP/1.1 */
    size_t target_room, buffer_room, buffers_used;
    struct rig_gate_field *fields;
    size_t count, seen;    /* seen: lines, dropped ones too */
    struct rig_slice host; /* data NULL: none */
    struct rig_slice uri_host;
    struct rig_slice forwarded_host; /* for the fields that it adds */
    enum rig_gate_target kind;
    struct rig_slice raw_path, path, query,
        uri; /* path: decoded and resolved; uri: the request's own, for REQUEST_URI */
    bool chunked, has_length, has_query;
    bool unchunked; /* a chunked body goes on with a length */
    struct rig_slice length;
    uint64_t body_size;
};

/* All: false after the verdict is in out, or error is set. */
bool rig_gate_refuse(struct rig_gate *gate, int status, const char *reason);
bool rig_gate_wait(struct rig_gate *gate);
void *rig_gate_alloc(struct rig_gate *gate, size_t size); /* NULL: error is set */
bool rig_gate_read_line(struct rig_gate *gate);
bool rig_gate_read_fields(struct rig_gate *gate);
bool rig_gate_check_fields(struct rig_gate *gate);
bool rig_gate_read_target(struct rig_gate *gate);
bool rig_gate_resolve(struct rig_gate *gate);
bool rig_gate_read_body(struct rig_gate *gate);
bool rig_gate_write_http(struct rig_gate *gate);
bool rig_gate_write_fastcgi(struct rig_gate *gate);

/* Cuts the line at gate->at, its end taken off: 1; 0: there is no end yet; -1: refused. head: it may be the last. */
int rig_gate_line(struct rig_gate *gate, bool field, struct rig_slice *line);
struct rig_gate_field *rig_gate_find(struct rig_gate *gate, const char *name); /* NULL: none */
bool rig_gate_named(const char *const *names, struct rig_slice name);
static inline bool rig_gate_is(struct rig_slice text, const char *other)
{
    return rig_name_equal(text.data, text.size, other, strlen(other));
}
/* Of a path in its place, without the end of it: "." and "..", and empty segments. *out: it left the root. */
size_t rig_gate_dots(char *path, size_t size, bool *outside);
size_t rig_gate_encode(char *to, struct rig_slice text, const char *plain);

#endif
