/* What the adapter of a framework on top of libmicrohttpd asks for. */
#include "mocks/frameworks/microhttpd/microhttpd.h"

void rig_mhd_above(struct MHD_Daemon *daemon, const char *name, const char *site)
{
    if (daemon) {
        daemon->above = name;
        daemon->site = site ? site : daemon->site;
    }
}

bool rig_mhd_above_now(struct rig_mhd_now *now)
{
    const struct MHD_Connection *here = rig_mhd_here();
    if (!here || !here->daemon->above || here->state == STATE_OVER) {
        return false;
    }
    *now = (struct rig_mhd_now){here->env, here->res, here->daemon->handler_cls, here->req_cls, here->refused_why};
    return true;
}

struct rig_visit *rig_mhd_above_enter(const struct rig_foreign *layer)
{
    struct MHD_Connection *here = rig_mhd_here();
    if (!here) {
        return NULL;
    }
    (void)rig_foreign_leave(here->visit, 0);
    here->visit = rig_foreign_enter(here->env, here->res, layer);
    return here->visit;
}

void *rig_mhd_above_newest(void)
{
    const struct MHD_Daemon *daemon = stackrig_microhttpd_daemon();
    while (daemon && !daemon->above) {
        daemon = daemon->older;
    }
    return daemon ? daemon->handler_cls : NULL;
}

void rig_mhd_above_answered(const char *site)
{
    struct MHD_Connection *here = rig_mhd_here();
    if (here) {
        here->answered_at = site;
    }
}
