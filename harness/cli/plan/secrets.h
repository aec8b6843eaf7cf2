/* What a request and the settings hold that must not be printed, wherever a layer may have put it. */
#ifndef STACKRIG_CLI_SECRETS_H
#define STACKRIG_CLI_SECRETS_H

#include "harness/cli/plan/options.h"
#include "harness/cli/plan/plan.h"

#define RIG_SECRET_MIN 4 /* shorter ones would hide half of every message */

struct rig_secrets {
    char **values; /* the longest first */
    size_t count, capacity;
};

void rig_secrets_collect(struct rig_secrets *secrets, const struct rig_request *request,
                         const struct rig_check_options *options);
/* A copy with each of them as "****". NULL: NULL. */
char *rig_secrets_hide(const struct rig_secrets *secrets, const char *text);
void rig_secrets_free(struct rig_secrets *secrets);

#endif
