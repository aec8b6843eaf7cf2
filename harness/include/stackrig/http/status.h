/* Status codes: RFC 9110 section 15 and IANA's registry of them. */
#ifndef STACKRIG_HTTP_STATUS_H
#define STACKRIG_HTTP_STATUS_H

#include <stackrig/base.h>

RIG_BEGIN_DECLS
/* "Not Found"; NULL: not registered. */
const char *rig_status_reason(int status);
/* Of a reason's name in lower case with '_' for what is no letter or digit ("not_found", "im_used"; older names too:
 * "payload_too_large", "unprocessable_entity", "bandwidth_limit_exceeded", "not_extended"); -EINVAL: none. */
int rig_status_code(const char *name, size_t size);

/* By range. */
bool rig_status_is_invalid(int status); /* below 100 or above 599 */
bool rig_status_is_informational(int status);
bool rig_status_is_successful(int status);
bool rig_status_is_redirection(int status); /* any 3xx */
bool rig_status_is_client_error(int status);
bool rig_status_is_server_error(int status);
/* One that sends the client elsewhere: 301, 302, 303, 307, 308. */
bool rig_status_is_redirect(int status);
RIG_END_DECLS

#endif
