/* What the broken and the mended stack share: who asks, and the shop's two pages. */
#ifndef OWN_RULES_SHOP_H
#define OWN_RULES_SHOP_H

#include <stackrig/stackrig.h>

extern const struct rig_middleware shop_login; /* sets app.user */
int shop(void *self, struct rig_env *env, struct rig_response *res);

#endif
