/* What a request and settings hold that must not be printed, wherever a layer may have put it. */
#ifndef STACKRIG_REPORT_SECRETS_H
#define STACKRIG_REPORT_SECRETS_H

#include <stackrig/request.h>

#define RIG_SECRET_MIN 4 /* shorter ones would hide half of every message */

struct rig_secrets {
    char **values; /* the longest first */
    size_t count, capacity;
    bool starved; /* there was no memory for one: nothing can be shown */
};

void rig_secrets_collect(struct rig_secrets *secrets, const struct rig_request *request,
                         const struct rig_field *settings, size_t setting_count);
/* A copy with each of them as "****"; free() it. NULL: NULL, or out of memory. */
char *rig_secrets_hide(const struct rig_secrets *secrets, const char *text);
void rig_secrets_free(struct rig_secrets *secrets);

#endif
