/* Which names hold secrets, and how such values are shown. */
#ifndef STACKRIG_REPORT_MASK_H
#define STACKRIG_REPORT_MASK_H

#include "harness/report/builder.h"

/* Authorization, Proxy-Authorization, Cookie, Set-Cookie, these as HTTP_ variables, and every name that holds
 * password, passwd, secret, token or api-key, and those that the environment's STACKRIG_MASK lists, with commas between
 * them. '-' and '_' are the same, case does not matter. */
bool rig_name_sensitive(const char *name, size_t size);
/* The value, escaped; of a sensitive name masked: "Basic ****", "sid=****; Path=/", "****"; of another one, what stands
 * in it after "token=" and the like is masked. NULL: nothing. */
void rig_text_value(struct rig_text *text, const char *name, const char *value);
void rig_text_value_bytes(struct rig_text *text, const char *name, const void *value, size_t size);
/* The same as a C string in its quotes; true: something was masked. */
bool rig_text_quote_value(struct rig_text *text, const char *name, const void *value, size_t size);
/* A request target, escaped, with the password before '@' and sensitive query values masked. NULL: nothing. */
void rig_text_target(struct rig_text *text, const char *target);
/* Free text, escaped: what stands after "Authorization: ", "password=" and the like is masked. NULL: nothing. */
void rig_text_prose(struct rig_text *text, const char *prose);
/* The same for any bytes, such as a body; true: something was masked. */
bool rig_text_free_bytes(struct rig_text *text, const void *data, size_t size);
bool rig_text_quote_free_bytes(struct rig_text *text, const void *data, size_t size);
/* Of a header's value or a variable's. */
bool rig_text_inner_bytes(struct rig_text *text, const void *data, size_t size, bool quoted);

#endif
