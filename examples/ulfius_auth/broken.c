/* The mistake: the refusal stands in the response, and the chain goes on as if it did not. */
#include "service.h"

int authenticate_broken(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)user_data;
    if (!is_known(request)) {
        (void)ulfius_set_string_body_response(response, 401, "who are you?");
    }
    return U_CALLBACK_CONTINUE;
}
