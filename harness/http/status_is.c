/* What a status says of its answer: one question a function. */
#include <stackrig/http/status.h>

bool rig_status_is_invalid(int status)
{
    return status < 100 || status > 599;
}

bool rig_status_is_informational(int status)
{
    return status / 100 == 1;
}

bool rig_status_is_successful(int status)
{
    return status / 100 == 2;
}

bool rig_status_is_redirection(int status)
{
    return status / 100 == 3;
}

bool rig_status_is_client_error(int status)
{
    return status / 100 == 4;
}

bool rig_status_is_server_error(int status)
{
    return status / 100 == 5;
}

bool rig_status_is_ok(int status)
{
    return status == 200;
}

bool rig_status_is_created(int status)
{
    return status == 201;
}

bool rig_status_is_accepted(int status)
{
    return status == 202;
}

bool rig_status_is_no_content(int status)
{
    return status == 204;
}

bool rig_status_is_moved_permanently(int status)
{
    return status == 301;
}

bool rig_status_is_bad_request(int status)
{
    return status == 400;
}

bool rig_status_is_unauthorized(int status)
{
    return status == 401;
}

bool rig_status_is_forbidden(int status)
{
    return status == 403;
}

bool rig_status_is_not_found(int status)
{
    return status == 404;
}

bool rig_status_is_method_not_allowed(int status)
{
    return status == 405;
}

bool rig_status_is_not_acceptable(int status)
{
    return status == 406;
}

bool rig_status_is_request_timeout(int status)
{
    return status == 408;
}

bool rig_status_is_precondition_failed(int status)
{
    return status == 412;
}

bool rig_status_is_unprocessable(int status)
{
    return status == 422;
}

bool rig_status_is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}
