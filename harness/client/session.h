/* The insides of a session. */
#ifndef STACKRIG_CLIENT_SESSION_H
#define STACKRIG_CLIENT_SESSION_H

#include "harness/client/client.h"
#include "harness/client/credentials.h"

#include <stackrig/http/status.h>
#include <stackrig/http/uri.h>
#include <stackrig/session.h>

#define RIG_SESSION_ORIGIN "http://" RIG_DEFAULT_HOST

/* A header or variable of every request, in one piece of memory. */
struct rig_session_field {
    struct rig_session_field *next;
    struct rig_field field;
    size_t size;
    char text[];
};

enum rig_session_turn_state { RIG_TURN_FREE, RIG_TURN_OPEN, RIG_TURN_LAST };

/* One request and what its session must know of it afterwards. All its strings lie in its arena. */
struct rig_session_turn {
    struct rig_session_turn *next;
    enum rig_session_turn_state state;
    const void *frame; /* of the send, to tell what a longjmp left */
    struct rig_arena arena;

    struct rig_request request;      /* with all that the session adds */
    struct rig_field *authorization; /* where in its header_list there is room for it; NULL: the request has its own */
    struct rig_field *headers;       /* the request's .header_list, with room for that one */
    bool authorized;                 /* by digest credentials */
    bool empty_form;                 /* a HEAD that is one: rig_session_options' forms */

    const char *base;        /* scheme, host and port of the URL */
    const char *script_name; /* "": none */
    const char *url, *fragment, *method;
    const char *referer; /* NULL: none */
    bool to_origin;      /* of the scheme, host and port of the origin: credentials may go there */

    int status;                               /* as the client saw it, a gateway's too; 0: none */
    const char *location, *leads_to, *no_url; /* the header; the URL it means; or why it means none. NULL: none */
    const struct rig_result *result;
    unsigned reset; /* the client's count of resets then */
    /* for a redirect that wants them again: */
    struct rig_bytes body;
    bool generated;            /* the body came from a source: it is gone */
    struct rig_field *content; /* the Content-* headers */
    size_t content_count;
};

struct rig_session {
    struct rig_client *client;
    struct rig_memory memory;
    struct rig_session_options options; /* its strings are the session's own; headers and env are below */
    struct rig_arena own;
    struct rig_session_field *headers, *env;
    struct rig_credentials credentials;
    struct rig_jar *jar;
    struct rig_session_turn *turns, *last; /* last: one of turns; NULL: nothing was sent */
    char *shown;                           /* what rig_session_cookie gave */
    size_t shown_size;
    const char *mistake;    /* in its options; NULL: none */
    const char *unanswered; /* why the last 401 was not; NULL: it was, or there was none */
    struct rig_session *root, *sibling;
    const char *name; /* of rig_session_named; NULL: none */
};

/* A list of fields as long as the session's. */
int rig_session_fields_set(struct rig_memory *memory, struct rig_session_field **list, const char *name,
                           const char *value);
const char *rig_session_fields_get(const struct rig_session_field *list, const char *name);

/* "HTTP://h" becomes "http://h". */
static inline void rig_session_lower_scheme(char *url)
{
    for (; *url && *url != ':'; url++) {
        *url = rig_char_lower(*url);
    }
}

/* The pieces as one string in arena; NULL: out of memory. */
char *rig_session_join(struct rig_arena *arena, const struct rig_slice *pieces, size_t count);
#define RIG_JOIN(arena_, ...)                                         \
    rig_session_join(arena_, (const struct rig_slice[]){__VA_ARGS__}, \
                     sizeof((const struct rig_slice[]){__VA_ARGS__}) / sizeof(struct rig_slice))

/* The clock, in seconds. */
int64_t rig_session_now(const struct rig_session *session);

/* ---- one request: session_turn.c, session_request.c, session_send.c ---- */

/* A turn for a send in that frame; NULL: out of memory. */
struct rig_session_turn *rig_session_turn(struct rig_session *session, const void *frame);
/* If it was sent it is the last one now. */
void rig_session_turn_end(struct rig_session *session, struct rig_session_turn *turn, bool sent);
/* What came of it: the cookies and the redirect of the answer. 0 or -ENOMEM. */
int rig_session_record(struct rig_session *session, struct rig_session_turn *turn, const struct rig_result *result);

/* turn's request: 0, -ENOMEM, or -EINVAL with *refused. */
int rig_session_prepare(struct rig_session *session, struct rig_session_turn *turn, const struct rig_request *request,
                        const char **refused);
/* With the credentials that go with it: 0 or -ENOMEM. */
int rig_session_authorize(struct rig_session *session, struct rig_session_turn *turn);
/* Sends request as turn, whose referer is set, and ends the turn. */
const struct rig_result *rig_session_exchange(struct rig_session *session, struct rig_session_turn *turn,
                                              const char *site, const struct rig_request *request);
/* Is the next request of that redirect one with the same method and body (RFC 9110 section 15.4)? */
bool rig_session_keeps_method(int status, const char *method);

#endif
