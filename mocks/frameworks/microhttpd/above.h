/* For the adapter of a framework that stands on libmicrohttpd: the daemon's handler is its dispatcher, whose calls are no
 * hops; the callbacks that the dispatcher calls are. */
#ifndef STACKRIG_FRAMEWORKS_MICROHTTPD_ABOVE_H
#define STACKRIG_FRAMEWORKS_MICROHTTPD_ABOVE_H

#include <stackrig/foreign.h>

struct MHD_Daemon;

/* The request that this thread is in. */
struct rig_mhd_now {
    struct rig_env *env;
    struct rig_response *res;
    void *handler_cls, *req_cls;
    const char *refused_why; /* the last response header that was refused; NULL: none */
};

#pragma GCC visibility push(default)
/* name: the framework's, a literal. site: where it was started; NULL: unknown. */
void rig_mhd_above(struct MHD_Daemon *daemon, const char *name, const char *site);
/* false: this thread is in none whose daemon has a framework above. */
bool rig_mhd_above_now(struct rig_mhd_now *now);
/* The handler_cls of the daemon that was started last and has a framework above; NULL: none. */
void *rig_mhd_above_newest(void);
/* A callback begins: the one before is left. This one is left when the dispatcher returns, so that what that makes of the
 * callback's answer is the callback's doing. NULL: as rig_foreign_enter. */
struct rig_visit *rig_mhd_above_enter(const struct rig_foreign *layer);
/* The line at which a callback gave the answer that the dispatcher will queue; NULL: unknown. */
void rig_mhd_above_answered(const char *site);
#pragma GCC visibility pop

#endif
