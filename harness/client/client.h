/* The insides of a client. */
#ifndef STACKRIG_CLIENT_CLIENT_H
#define STACKRIG_CLIENT_CLIENT_H

#include "harness/client/names.h"
#include "harness/core/fields.h"
#include "harness/core/run.h"
#include "harness/http/rare.h"
#include "harness/http/target.h"

#include <stackrig/client.h>
#include <stackrig/http/multipart.h>

#define RIG_DEFAULT_HOST "example.org" /* of a request that names none */
#define RIG_DEFAULT_ADDR "192.0.2.1"   /* the client's */
#define RIG_EXCHANGES_MAX 64           /* 63 smuggled requests on one connection is the most that was measured */
#define RIG_LEFTOVER_MAX 65536         /* bytes of a leftover body that are looked at */
#define RIG_SENT_FIELDS_MAX 4096       /* header fields of one request */

struct rig_client {
    struct rig_runner runner;
    struct rig_app app;
    struct rig_stack *stack; /* what app is; NULL: no stack */
    const struct rig_server *server;
    struct rig_names names;
    struct rig_env_shape shape;                   /* CGI's variables, which every env begins with */
    struct rig_field headers[RIG_FIELDS_MAX + 1]; /* its own copies */
    const char *ignore[RIG_IGNORE_MAX + 1], *enable[RIG_IGNORE_MAX + 1];
    struct rig_arena own;                   /* what lives as long as the client */
    struct rig_report *reports;             /* since the last reset, newest first */
    struct rig_report unsent;               /* what a send gives that gets no run: too many are open, or no memory */
    unsigned *no_rules;                     /* its armed counts: all zero */
    struct rig_mistakes mistakes;           /* in its options */
    bool inspected;                         /* the stack was frozen and found right */
    unsigned resets;                        /* how often its results were dropped */
    unsigned unasserted;                    /* error findings that a reset forgot */
    bool (*admit)(void *self, size_t size); /* of rig_client_admit */
    void *admit_self;
    char doubt[256];              /* the test's own mistake, for the next assertion: an unknown rule asked for */
    struct rig_link *connections; /* that are not closed */
    char forgotten[1024];         /* the first unasserted error finding that a reset forgot */
    struct rig_arena trials;      /* what lives as long as a sweep; .memory NULL: there was none */
};

/* A request as a server sees it, from a struct rig_request or off the wire. Its header fields go into the env at once. */
struct rig_sent {
    struct rig_slice method, target, authority; /* authority: the default for Host, in the run's memory */
    const char *script_name, *remote_addr;      /* NULL: the defaults */
    struct rig_slice protocol;                  /* SERVER_PROTOCOL; data NULL: by minor */
    unsigned minor;                             /* of HTTP/1.minor */
    bool named[RIG_NAME_KINDS];                 /* a field of that kind was given, */
    struct rig_slice value[RIG_NAME_KINDS];     /* with this value; data NULL: it takes a default away */
    bool chunked, keep_alive, two_hosts;
    bool framed;          /* the request itself has a Content-Length, or is HTTP/1.0: it cannot be chunked */
    unsigned minds;       /* what gateways may make of its fields: bits of enum rig_name_gateway */
    uint32_t first_field; /* in the env; CGI's variables stand before it */
    /* the body: bytes, or a source, not both */
    const void *bytes;
    uint64_t size;
    bool size_known, has_body;
    struct rig_source source;
    const size_t *pieces;
    size_t piece_count;
};

/* Is called once the answer is there, while the request's own memory still stands: 0 or -ENOMEM. */
typedef int rig_watch_fn(void *closure, const struct rig_result *result, const struct rig_sent *sent);
/* rig_send_at, watched. Not for a NULL client or request. */
const struct rig_result *rig_send_watched_at(const char *site, struct rig_client *client,
                                             const struct rig_request *request, rig_watch_fn *watch, void *closure);
/* The steps of rig_send_at, for what does more in between: for a connection, and for sweeps. rig_send_open takes the
 * request's .ignore and the like; call: the test's, for what is told of it. NULL: *refused is the result. */
struct rig_run *rig_send_open(const char *site, struct rig_client *client, const char *call,
                              const struct rig_request *request, const void *frame, const struct rig_result **refused);
/* ---- request_fault.c ---- */

/* Lets the body in run's env go wrong as the request's .fault says: 0, -EINVAL, -ENOMEM. */
int rig_request_spoil(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                      const struct rig_sent *sent);
/* Has a server that waits for all of a body got it, or does the request's .fault break it off in its first MiB? 0,
 * RIG_REQUEST_REFUSED, -ENOMEM. */
int rig_request_arrives(struct rig_run *run, const struct rig_request *request);

/* Closes the source of a request that is not sent. */
static inline void rig_request_drop_source(const struct rig_request *request)
{
    if (request->source.close) {
        request->source.close(request->source.self);
    }
}
/* A run for what is sent next; NULL: out of memory or all open, see *error. */
struct rig_run *rig_send_run(struct rig_client *client, const void *frame, const char *site, int *error);
/* From the request to the env: 0, RIG_REQUEST_REFUSED or -errno. Unless 0, the request's source is closed. */
int rig_send_build(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                   struct rig_sent *sent);
/* The body that it leaves on the connection is served as the next requests. */
void rig_send_serve(struct rig_run *run, struct rig_client *client, const struct rig_sent *sent);
const struct rig_result *rig_send_close(struct rig_client *client, struct rig_run *run);
/* The result of a call that sent nothing, which says why. client NULL: the one for that. */
const struct rig_result *rig_refused_at(const char *site, struct rig_client *client, const char *call,
                                        enum rig_misuse what, const char *format, ...) RIG_PRINTF_(5, 6);
/* "request: GET /, sent at FILE:LINE" */
struct rig_text;
void rig_text_request(struct rig_text *text, const struct rig_result *result);
/* rig_refused_at with a way to mend it; NULL: the rule's. */
const struct rig_result *rig_refused_mended_at(const char *site, struct rig_client *client, const char *call,
                                               enum rig_misuse what, const char *mend, const char *format, ...)
    RIG_PRINTF_(6, 7);
/* The result of what got no run, or no memory; lasts until the next of the kind. */
const struct rig_result *rig_unsent_at(const char *site, struct rig_client *client, const char *call, int error);

bool rig_sent_says_kept(const struct rig_sent *sent); /* by its Connection */
/* Does the client want the connection kept? Once all fields are there. */
static inline bool rig_sent_keeps_alive(const struct rig_sent *sent)
{
    return RIG_RARE(sent->value[RIG_NAME_CONNECTION].data != NULL) ? rig_sent_says_kept(sent) : sent->minor > 0;
}
/* The request line: 0, or -EINVAL after reporting it in run, or -ENOMEM. *reason is why the target cannot be sent; NULL:
 * it can, and target says where. */
int rig_request_line(struct rig_run *run, const struct rig_request *request, struct rig_sent *sent,
                     struct rig_target *target, const char **reason);
/* How to mend a target that was refused for that reason; NULL: as the rule says. */
const char *rig_target_mend(const char *target, const char *reason);
#define RIG_MEND_BOUNDARY "leave the boundary out: the rig picks one that stands in no part"
/* Has it params for the query; for a body? */
bool rig_request_has_query(const struct rig_request *request);
bool rig_request_has_form(const struct rig_request *request);
/* .params and .param_list as one map: 0 or -ENOMEM. */
int rig_request_params(struct rig_run *run, const struct rig_request *request, struct rig_param *map);
/* Can they be written, as parts or as a query? 0, or -EINVAL after reporting why not. */
int rig_request_check_params(struct rig_run *run, const struct rig_param *map, bool in_parts);
/* The map as a query or urlencoded body, with a zero byte after it: 0, -EINVAL, -ENOMEM. */
int rig_request_urlencoded(struct rig_run *run, const struct rig_param *map, enum rig_query_style style,
                           struct rig_slice *text);
/* *query with the params that belong into it: 0, -EINVAL, -ENOMEM. Without any it stays as it is. */
int rig_request_query(struct rig_run *run, const struct rig_request *request, struct rig_slice *query);
/* Is it a request at all, be it malformed on purpose? 0, or -EINVAL after reporting it in run. */
int rig_request_check(struct rig_run *run, const struct rig_request *request);
/* The fields, the body and its framing, into run->env and sent: 0, or -EINVAL after reporting it, or -ENOMEM. */
int rig_request_rest(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                     struct rig_sent *sent);
/* The file at part->path, into part->bytes: 0, -EINVAL after reporting why it cannot be read, -ENOMEM. */
int rig_request_file(struct rig_run *run, struct rig_part *part);

struct rig_built_parts {
    struct rig_slice own; /* the boundary that the request names; data NULL: none */
    char boundary[RIG_BOUNDARY_MAX + 1];
    struct rig_bytes body;
};

/* The params of map and the request's parts: 0, -EINVAL after reporting what cannot be sent, -ENOMEM. */
int rig_request_multipart(struct rig_run *run, const struct rig_request *request, const struct rig_param *map,
                          struct rig_built_parts *built);
/* The body of request, if it has one, with its Content-Type in *type; NULL: it has none, or the request's own, which
 * stands in sent. 0, -EINVAL, -ENOMEM. */
int rig_request_body(struct rig_run *run, const struct rig_request *request, struct rig_sent *sent, const char **type);
/* Of a client that is new: the variables that every env begins with. */
void rig_env_shape_cgi(struct rig_env_shape *shape);
/* text to at, with a zero byte after it. Apart: inlined for each variable it would be most of the code. */
RIG_APART void rig_put_text(char *at, struct rig_slice text);
/* CGI's variables into run->env: 0 or -ENOMEM. */
int rig_env_line(struct rig_run *run, struct rig_client *client, struct rig_sent *sent,
                 const struct rig_target *target);
/* One header field into run->env, which borrows value from the request's memory: 0 or -ENOMEM. */
int rig_env_field(struct rig_run *run, struct rig_sent *sent, const struct rig_name *name, struct rig_slice value);
/* The same for a field of a struct rig_request: -EINVAL after reporting a wrong one. */
int rig_request_field(struct rig_run *run, struct rig_client *client, struct rig_field field, struct rig_sent *sent);
/* Does the request say anything of that header, be it that it is not sent? */
bool rig_request_names(const struct rig_request *request, const char *name);
/* Does it, or else the client? */
bool rig_headers_name(const struct rig_client *client, const struct rig_request *request, const char *name);
#define RIG_XHR_NAME "X-Requested-With"
#define RIG_XHR_VALUE "XMLHttpRequest"
/* All of them, and the client's own where the request says nothing of these. */
int rig_request_fields(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                       struct rig_sent *sent);
/* After all fields: the Host of a request that has none, where its version asks for one. 0 or -ENOMEM. */
int rig_env_host(struct rig_run *run, const struct rig_sent *sent);
/* The Content-Length of a body whose size is known, for a request that has none. 0 or -ENOMEM. */
int rig_env_length(struct rig_run *run, struct rig_sent *sent);
/* The body into run's input, which from then on closes its source. */
void rig_env_body(struct rig_run *run, const struct rig_sent *sent);
/* The request's own env fields, set last. */
int rig_env_override(struct rig_run *run, const struct rig_request *request);

/* The fields of a head that was read off the wire, and Host: 0 or -ENOMEM. */
struct rig_wire_field;
int rig_env_wire_fields(struct rig_run *run, struct rig_client *client, struct rig_sent *sent,
                        const struct rig_wire_field *fields, size_t count);
/* REQUEST_URI without its first bytes. */
void rig_env_cut_uri(struct rig_env *env, size_t bytes);
const char *rig_env_remote_addr(const struct rig_env *env); /* of one whose CGI's variables are as they were built */

#define RIG_REQUEST_REFUSED 1 /* in place of 0 or -errno: the result says why the stack does not get the request */
/* run's request, whose env is built, through the gateway of its profile, which has one: the env is then what the gateway
 * passes on. 0, RIG_REQUEST_REFUSED, -ENOMEM. */
int rig_gateway_request(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                        const struct rig_sent *sent, const struct rig_target *target);
/* The same step by step, for bytes: in->alloc is set here. */
int rig_gateway_judge(struct rig_run *run, struct rig_passing *in, struct rig_passed *passed);
int rig_gateway_env(struct rig_run *run, struct rig_client *client, const struct rig_passed *passed,
                    const struct rig_sent *sent, struct rig_exchange *exchange);
/* A request in wire as the gateway finds it: 1, with what it sends into sent; 0: it is not whole; -EINVAL: refused;
 * -ENOMEM. */
int rig_gateway_find(struct rig_run *run, struct rig_bytes wire, struct rig_passed *passed, struct rig_sent *sent);
/* "refused by nginx (400): ...", of a request that the gateway refuses. */
const char *rig_gateway_reason(struct rig_run *run, const struct rig_passed *passed);
static inline bool rig_has_gateway(const struct rig_run *run)
{
    return run->server->gateway && run->server->gateway->pass;
}

/* request as bytes on the wire, right or wrong: 0, -EINVAL after reporting what bytes cannot carry, -ENOMEM or the
 * error of its source. */
int rig_request_write(struct rig_run *run, const struct rig_client *client, const struct rig_request *request,
                      struct rig_bytes *wire);
/* What a request's body left on the connection. */
struct rig_leftover {
    struct rig_bytes wire;
    const char *cut; /* there is more than that, or its client broke off: what is said of a request that is cut; else
                      * NULL */
};

struct rig_upstream;
struct rig_travel;

/* Requests that are read off a connection, one behind the other. */
struct rig_serving {
    struct rig_run *run;
    struct rig_client *client;
    struct rig_upstream *upstream; /* the connection, if it is kept; NULL: it is rig_send's own */
    const char *cut;               /* see struct rig_leftover */
    bool phantom;                  /* what comes now stands in a body */
    bool drops;                    /* whose answers reach nobody: struct rig_server, phantoms_most */
    bool joined;                   /* it begins with what was left of one, and goes on with another request */
    struct rig_travel *travel;     /* how the first comes; NULL: all at once */
    enum rig_client_kind kind;     /* of the first's client */
    struct rig_result further;     /* of an exchange that is not the run's first */
};

/* Serves the requests that stand on the connection. */
void rig_connection_serve(struct rig_serving *serving, struct rig_bytes wire);
/* Before the exchange ends. */
struct rig_leftover rig_connection_leftover(struct rig_run *run, const struct rig_sent *sent);
/* Serves it as the next requests. */
void rig_connection_serve_leftover(struct rig_serving *serving, const struct rig_leftover *left);
/* Marks the result as that of a request that never reached the stack. */
void rig_result_refuse(struct rig_run *run, struct rig_exchange *exchange, int status, const char *reason);

/* Any struct rig_result that a client gave is the first member of its report. */
static inline struct rig_report *rig_report_of(const struct rig_result *result)
{
    return (struct rig_report *)(uintptr_t)result;
}

#endif
