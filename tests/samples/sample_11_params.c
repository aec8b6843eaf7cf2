/* Parameters: the query of a GET, the urlencoded body of a POST. The rig escapes them. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <string.h>

static int echo(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char body[128];
    rig_input_line(rig_env_input(env), body, sizeof body);
    return rig_respond(
        res, .body = body,
        .headers = {{"X-Query", rig_env_get(env, "QUERY_STRING")}, {"X-Type", rig_env_get(env, "CONTENT_TYPE")}});
}

int main(void)
{
    struct rig_client *client = rig_client_new(RIG_APP(echo), (struct rig_client_options){0});

    rig_assert(rig_get(client, "/find", .params = {{"q", "50% & more"}, {"page", "2"}}),
               .headers = {{"X-Query", "q=50%25+%26+more&page=2"}}, .body = "");
    rig_assert(rig_get(client, "/find?a=1", .params = {{"q", "x"}}), .headers = {{"X-Query", "a=1&q=x"}});
    rig_assert(rig_post(client, "/login", .params = {{"user", "ada"}, {"password", "a=b"}}),
               .headers = {{"X-Query", ""}, {"X-Type", "application/x-www-form-urlencoded"}},
               .body = "user=ada&password=a%3Db");

    rig_client_free(client);
    return 0;
}
