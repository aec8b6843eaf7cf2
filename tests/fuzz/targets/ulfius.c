/* The adapter of Ulfius, under two endpoints: one that looks at all, one behind it that answers. */
#include <stackrig/fuzz.h>
#include <stackrig/stackrig.h>
#include <stackrig/ulfius.h>

#include <errno.h>
#include <stdio.h>
#include <ulfius.h>

static struct _u_instance instance;
static bool started;

static int look(const struct _u_request *request, struct _u_response *response, void *data)
{
    (void)data;
    (void)u_map_count(request->map_header);
    (void)u_map_get(request->map_url, "a");
    (void)u_map_get(request->map_cookie, "session");
    if (request->auth_basic_user && !request->auth_basic_password) {
        ulfius_set_empty_body_response(response, 400);
        return U_CALLBACK_COMPLETE;
    }
    return U_CALLBACK_CONTINUE;
}

static int tell(const struct _u_request *request, struct _u_response *response, void *data)
{
    char text[64];
    (void)data;
    (void)snprintf(text, sizeof text, "%d, %zu bytes\n", u_map_count(request->map_post_body),
                   request->binary_body_length);
    ulfius_set_string_body_response(response, 200, text);
    return U_CALLBACK_CONTINUE;
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    if (!started) { /* it keeps nothing of a request */
        if (ulfius_init_instance(&instance, 8080, NULL, NULL) != U_OK ||
            ulfius_add_endpoint_by_val(&instance, "*", NULL, "/*", 1, look, NULL) != U_OK ||
            ulfius_add_endpoint_by_val(&instance, "*", NULL, "/*", 2, tell, NULL) != U_OK) {
            return -EIO;
        }
        /* Its check of UTF-8 has two mistakes that are found each time: a form's Content-Type behind one that is not UTF-8 ends
         * the connection, and of a value that comes in pieces each is looked at alone (tests/conformance/ulfius shows both
         * of the real one). */
        instance.check_utf8 = 0;
        started = true;
    }
    return rig_run(stack, stackrig_ulfius_app(&instance));
}

RIG_FUZZ(build, .headers = {"Cookie", "Authorization"});
