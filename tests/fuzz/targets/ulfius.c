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
        /* That check looks at each piece of a value alone, so that an answer depends on how a body is cut (tests/conformance/ulfius
         * shows it of the real one). */
        instance.check_utf8 = 0;
        started = true;
    }
    return rig_run(stack, stackrig_ulfius_app(&instance));
}

/* 500: Ulfius answers nothing where libmicrohttpd makes no post processor of what it takes for a form, as for multipart
 * without a boundary. The real one does so (tests/conformance/ulfius: "multipart without a boundary"). */
RIG_FUZZ(build, .headers = {"Cookie", "Authorization"}, .declared = {500});
