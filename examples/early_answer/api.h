/* What the broken and the mended stack share: who may pass, and the app behind. */
#ifndef EARLY_ANSWER_API_H
#define EARLY_ANSWER_API_H

#include <stackrig/stackrig.h>

/* Does the request carry the demo's token? (A real layer compares secrets in constant time: see basic_auth.) */
bool has_token(const struct rig_env *env);

/* The app: stores an item, 201. */
int items(void *self, struct rig_env *env, struct rig_response *res);

#endif
