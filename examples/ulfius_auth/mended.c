/* U_CALLBACK_UNAUTHORIZED ends the chain, and adds the challenge. */
#include "service.h"

int authenticate_mended(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)user_data;
    if (is_known(request)) {
        return U_CALLBACK_CONTINUE;
    }
    (void)ulfius_set_string_body_response(response, 401, "who are you?");
    return U_CALLBACK_UNAUTHORIZED;
}
