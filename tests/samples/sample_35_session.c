/* A session: a login whose cookie is kept, its redirect followed, and what is there only for who is logged in. */
#include <stackrig/expect.h>
#include <stackrig/session.h>
#include <stackrig/stackrig.h>

#include <string.h>

#define FORM_MAX 1024

static int login(struct rig_env *env, struct rig_response *res)
{
    struct rig_bytes form;
    int error = rig_input_all(rig_env_input(env), FORM_MAX, &form);
    if (error) {
        return error;
    }
    if (strcmp(form.data, "user=ada&password=lace") != 0) {
        return rig_respond(res, .status = 403);
    }
    return rig_respond(res, .status = 303,
                       .headers = {{"Location", "../home"}, {"Set-Cookie", "sid=4f2a; Path=/; Max-Age=600; HttpOnly"}});
}

static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    if (strcmp(rig_env_get(env, "PATH_INFO"), "/session/new") == 0) {
        return login(env, res);
    }
    const char *cookie = rig_env_get(env, "HTTP_COOKIE");
    return cookie && strcmp(cookie, "sid=4f2a") == 0 ? rig_respond(res, .status = 200, .body = "hello, ada")
                                                     : rig_respond(res, .status = 401);
}

int main(void)
{
    struct rig_client *client = rig_client_new(RIG_APP(app), (struct rig_client_options){0});
    struct rig_session *session = rig_session_new(client, (struct rig_session_options){0});
    struct rig_session *stranger = rig_session_named(session, "stranger");

    rig_assert(rig_session_post(session, "/session/new", .params = {{"user", "ada"}, {"password", "lace"}}),
               .status = 303);
    rig_assert(rig_session_follow(session), .status = 200, .body = "hello, ada");
    rig_assert(rig_session_get(session, "/home"), .status = 200);
    rig_assert(rig_session_get(stranger, "/home"), .status = 401); /* each has a jar of its own */

    rig_client_set_now(client, rig_client_now(client) + (int64_t)600 * 1000000000); /* ten minutes later */
    rig_assert(rig_session_get(session, "/home"), .status = 401);

    rig_session_free(session);
    rig_client_free(client);
    return 0;
}
