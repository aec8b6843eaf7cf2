/* Basic authentication: the layer of examples/basic_auth in a stack. */
#include "tests/conformance/rack_cases/driver.h"

#include <stackrig/stackrig.h>

#include <string.h>

#include "examples/basic_auth/basic_auth.h"

/* What the layer asks, and what the app below it sees. */
struct auth {
    struct rack_case *rack;
    json_t *users; /* [[user, password], ...] */
    json_t *asked, *remote_user;
};

static bool same(struct rig_bytes a, struct rig_bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* The last of a name counts, as in a map. */
static bool check(void *self, struct rig_bytes user, struct rig_bytes password)
{
    struct auth *auth = self;
    bool known = false;
    size_t i;
    json_t *pair;
    json_decref(auth->asked);
    auth->asked = json_pack("[o, o]", rack_value(user.size ? user.data : "", user.size),
                            rack_value(password.size ? password.data : "", password.size));
    json_array_foreach(auth->users, i, pair)
    {
        if (same(rack_bytes(auth->rack, json_array_get(pair, 0)), user)) {
            known = same(rack_bytes(auth->rack, json_array_get(pair, 1)), password);
        }
    }
    return known;
}

static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    struct auth *auth = self;
    struct rig_bytes user = rig_env_bytes(env, "REMOTE_USER");
    json_decref(auth->remote_user);
    auth->remote_user = rack_value(user.data, user.size);
    return rig_respond(res, .headers = {{"content-type", "text/plain"}}, .body = "in");
}

/* ---- the request ---- */

static const struct rig_result *send(struct rack_case *rack, struct rig_client *client)
{
    const json_t *headers = json_object_get(rack->input, "headers");
    const char *method = rack_string(rack, json_object_get(rack->input, "method"));
    struct rig_request request = {.method = method ? method : "GET",
                                  .pieces = rack->piece ? &rack->piece : NULL,
                                  .piece_count = rack->piece ? 1 : 0};
    struct rig_env *env = rig_env_for(client, request);
    size_t i;
    json_t *pair;
    json_array_foreach(headers, i, pair)
    {
        const char *name = rack_string(rack, json_array_get(pair, 0));
        struct rig_bytes value = rack_bytes(rack, json_array_get(pair, 1));
        if (name && value.data) {
            (void)rig_env_set_bytes(env, rack_env_ours(name), value.data, value.size);
        }
    }
    return rig_call(client, env);
}

static json_t *outcome(const struct auth *auth, const struct rig_result *result)
{
    return json_pack("{s:i, s:O, s:O, s:o, s:o, s:o, s:o}", "status", result->status, "remote_user", auth->remote_user,
                     "asked", auth->asked, "www_authenticate", rack_text(rig_result_header(result, "www-authenticate")),
                     "content_type", rack_text(rig_result_header(result, "content-type")), "content_length",
                     rack_text(rig_result_header(result, "content-length")), "body",
                     rack_value(result->body, result->body_size));
}

static json_t *play(struct rack_case *rack, struct auth *auth)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    struct basic_auth_problem problem;
    const char *realm = rack_string(rack, json_object_get(rack->input, "realm"));
    struct basic_auth_options options = {
        .realm = realm, .lenient = true, .check = check, .check_self = auth, .problem = &problem};
    json_t *got = NULL;
    int error = rig_use(stack, &basic_auth, &options, .auth = true);
    if (error == 0) {
        (void)rig_run(stack, ((struct rig_app){.name = "app", .call = app, .self = auth}));
        struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
        got = outcome(auth, send(rack, client));
        rig_client_free(client);
    } else {
        got = rack_error("invalid_argument");
    }
    rig_stack_free(stack);
    return got;
}

static json_t *run(struct rack_case *rack)
{
    struct auth auth = {.rack = rack,
                        .users = json_object_get(json_object_get(rack->input, "users"), "map"),
                        .asked = json_null(),
                        .remote_user = json_null()};
    rack_only(rack, rack->input, "realm", "users", "headers", "method", NULL);
    rack_only(rack, rack->expect, "status", "remote_user", "asked", "www_authenticate", "content_type",
              "content_length", "body", NULL);
    json_t *got = play(rack, &auth);
    json_decref(auth.asked);
    json_decref(auth.remote_user);
    return got;
}

const struct rack_area rack_auth_basic = {.name = "auth_basic", .run = run};
