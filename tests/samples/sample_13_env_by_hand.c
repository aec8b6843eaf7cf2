/* The env built first, changed by hand, then called: for what no request can say. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <string.h>

struct session {
    const char *user;
};

static int whoami(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const struct session *session = rig_env_object(env, "app.session");
    return session ? rig_respond(res, .body = session->user) : rig_respond(res, .status = 401);
}

int main(void)
{
    struct rig_client *client = rig_client_new(RIG_APP(whoami), (struct rig_client_options){0});
    struct session session = {.user = "ada"};

    struct rig_env *env = rig_env_for(client, RIG_GET("/me?full=1", .headers = {{"Accept", "text/plain"}}));
    bool built = strcmp(rig_env_get(env, "PATH_INFO"), "/me") == 0 &&
                 strcmp(rig_env_get(env, "QUERY_STRING"), "full=1") == 0 &&
                 strcmp(rig_env_get(env, "HTTP_ACCEPT"), "text/plain") == 0;
    rig_env_set_object(env, "app.session", &session, NULL);
    rig_assert(rig_call(client, env), .status = 200, .body = "ada");

    rig_assert(rig_call(client, rig_env_for(client, RIG_GET("/me"))), .status = 401);

    rig_client_free(client);
    return built ? 0 : 1;
}
