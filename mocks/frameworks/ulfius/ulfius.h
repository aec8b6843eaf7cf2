/* The insides of the adapter of Ulfius. */
#ifndef STACKRIG_FRAMEWORKS_ULFIUS_H
#define STACKRIG_FRAMEWORKS_ULFIUS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include "mocks/frameworks/microhttpd/above.h"
#include "mocks/frameworks/sites.h"

#pragma GCC visibility push(default) /* what libulfius calls is what this library exports */
#include <ulfius.h>
/* Exported by libulfius, and not in its header. */
struct _u_endpoint **ulfius_endpoint_match(const char *method, const char *url, struct _u_endpoint *endpoints);
int ulfius_set_response_header(struct MHD_Response *response, const struct _u_map *headers);
int ulfius_set_response_cookie(struct MHD_Response *response, const struct _u_response *from);
#pragma GCC visibility pop

#include <stackrig/stackrig.h>
#include <stackrig/ulfius.h>

typedef int callback_fn(const struct _u_request *request, struct _u_response *response, void *user_data);

#define HEADERS_KNOWN 32
#define FREED_KNOWN 8

/* A call of a callback. */
struct by {
    struct rig_visit *visit;
    const char *name, *site;
};

struct freed {
    void *memory;
    const char *site, *name; /* who did it */
};

/* One request, from the match of its endpoints until its answer is out. */
struct watch {
    struct rig_env *env;
    struct watch *outer; /* of this thread: a callback may send a request of its own */
    const struct _u_instance *instance;
    const struct _u_request *request;
    struct _u_response *response; /* NULL: there is none yet, or no more */
    struct by now;                /* the callback that is on, or was last */

    struct by refused_by; /* answered 401 or 403 and lets the next one run */
    const char *refused_at;
    long refusal, status;    /* status: before this callback */
    const char *answered_at; /* by this callback */

    struct by headers_by[HEADERS_KNOWN]; /* who put the headers of map_header */
    const char *header_texts[HEADERS_KNOWN];

    struct by shared_by; /* set shared_data */
    void *shared;
    void (*release)(void *shared); /* its free_shared_data */
    struct freed freed[FREED_KNOWN];
    unsigned freed_count;
    bool deferred; /* those are freed when the request is over: until then nothing else can lie there */
};

/* Of this thread; NULL: none. free looks at it: it must not allocate. */
extern _Thread_local struct watch *rig_ulfius_current __attribute__((tls_model("initial-exec")));
static inline struct watch *rig_ulfius_watching(void)
{
    return rig_ulfius_current;
}
/* Begins, for the request that the thread is in; NULL: out of memory. */
struct watch *rig_ulfius_watch(const struct rig_mhd_now *now);
/* by: the callback at fault; NULL: the one that is on. */
void rig_ulfius_find(const struct watch *watch, const struct by *by, const struct rig_foreign_finding *find,
                     const char *format, ...) RIG_PRINTF_(4, 5);

/* The function of that name behind this library's, into *real once. */
#define REAL(pointer_, name_) (pointer_ ? (void)0 : (void)(*(void **)&pointer_ = rig_ulfius_real(name_)))
void *rig_ulfius_real(const char *name);
/* "show_item (GET /items/:id, priority 1)"; lasts as long as the process. */
const char *rig_ulfius_name(callback_fn *function, const struct _u_endpoint *endpoint);

/* Before and after each callback. */
void rig_ulfius_url_begin(struct watch *watch);
void rig_ulfius_url_end(struct watch *watch); /* at the end of the request too */
void rig_ulfius_shared_end(struct watch *watch);
void rig_ulfius_answer_begin(struct watch *watch);
void rig_ulfius_answer_end(struct watch *watch, int returned);
/* What the callback returned, or what it returns in place of an upgrade. */
int rig_ulfius_refuse_upgrade(struct watch *watch, int returned);

/* memory is to be freed. true: it is not, for what was found, or not yet. */
bool rig_ulfius_keeps(void *memory, const char *site);
/* The instance was stopped: what is left by another start of it is another's. */
void rig_ulfius_forget_left(const struct _u_instance *instance);
/* The request is over. */
void rig_ulfius_shared_out(struct watch *watch);

#endif
