/* A rule of one's own: what a member is answered is hers alone, so no cache may keep it. */
#include "no_store.h"

#include <string.h>

static int look(const struct rig_own_seen *seen)
{
    const char *user = rig_own_env(seen, "app.user"), *control = rig_own_header(seen, "Cache-Control");
    const struct rig_hop *answered_by = rig_own_answered_by(seen);
    if (!user || !answered_by) {
        return RIG_OWN_IDLE; /* the precondition does not hold */
    }
    if (control && strstr(control, "no-store")) {
        return RIG_OWN_LOOKED; /* it holds, and all is well */
    }
    const struct rig_own_detail detail = {.hop = answered_by, .site = answered_by->left_at, .subject = "Cache-Control"};
    return rig_own_find_with(seen, &detail, "%s answered %s with %s%s", answered_by->layer, user,
                             control ? "Cache-Control: " : "no Cache-Control", control ? control : "");
}

static const struct rig_own_rule no_store = {
    .id = "shop.member.no_store",
    .level = RIG_LEVEL_ERROR,
    .title = "an answer for a member may be cached",
    .armed_when = "somebody was logged in (app.user) and got an answer",
    .why = "a cache between us and the members hands one member's page to another",
    .mend = "Cache-Control: no-store on every answer for a member",
    .source = "RFC 9111 section 5.2.2.5; our incident of 12 May",
    .hears = RIG_OWN_HEARS(END),
    .check = look,
};

const struct rig_own_rule *const shop_rules[] = {&no_store, NULL};
