// C++20: the macros, as in C. A failed assertion throws.
#include <stdexcept>
#include <string>
#define RIG_FAIL(site, message) throw std::runtime_error(std::string(site) + ": " + message)

#include <stackrig/contract.h>
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace
{

struct Realm {
    char name[32];
};

int realm_init(void *self, const void *options)
{
    std::snprintf(static_cast<Realm *>(self)->name, sizeof(Realm::name), "%s", static_cast<const char *>(options));
    return 0;
}

int guard(void *self, rig_env *env, rig_response *res, rig_next *next)
{
    if (rig_env_get(env, "HTTP_AUTHORIZATION")) {
        rig_env_set(env, "app.user", "ada");
        return rig_next(next, env, res);
    }
    rig_input_drain(rig_env_input(env), 1024);
    return rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", static_cast<Realm *>(self)->name}},
                       .body = "who are you?");
}
const rig_middleware guard_layer = {.name = "guard",
                                    .call = guard,
                                    .self_size = sizeof(Realm),
                                    .init = realm_init,
                                    .reset = nullptr,
                                    .destroy = nullptr};

int broken(void *, rig_env *, rig_response *res, rig_next *)
{
    return rig_respond(res, .status = 401);
}
const rig_middleware broken_layer = {
    .name = "broken", .call = broken, .self_size = 0, .init = nullptr, .reset = nullptr, .destroy = nullptr};

int app(void *, rig_env *env, rig_response *res)
{
    char body[64];
    if (rig_env_get(env, "app.bare")) {
        return rig_respond(res);
    }
    rig_input_line(rig_env_input(env), body, sizeof body);
    rig_response_set_header(res, "X-User", rig_env_get(env, "app.user"));
    return rig_respond(res, .body = body);
}

void check(bool holds, const char *what)
{
    if (!holds) {
        throw std::runtime_error(what);
    }
}

void test_guard()
{
    rig_stack *stack = rig_stack_new({});
    rig_use(stack, &guard_layer, .options = "Basic realm=\"App\"", .auth = true);
    rig_run(stack, RIG_APP(app));
    rig_client_options options = {}; // filled by member: g++ -Wextra warns of the members an initializer leaves out
    options.headers[0] = {"X-Every", "time"};
    rig_client *client = rig_client_new(rig_stack_app(stack), options);

    rig_assert(rig_post(client, "/", .body = "hi"), .status = 401, .body = "who are you?",
               .headers = {{"WWW-Authenticate", "Basic realm=\"App\""}, {"X-User", nullptr}});
    rig_assert(rig_post(client, "/", .body = "hi", .headers = {{"Authorization", "Basic eDp5"}}), .status = 200,
               .body = "hi", .headers = {{"X-User", "ada"}});
    rig_assert(rig_send(client, RIG_GET("/", .params = {{"q", "1"}})), .status = 401);

    rig_env *env = rig_env_for(client, RIG_GET("/", .headers = {{"Authorization", "x"}}));
    check(std::strcmp(rig_env_get(env, "HTTP_X_EVERY"), "time") == 0, "default header");
    rig_assert(rig_call(client, env), .status = 200);

    rig_client_free(client);
    rig_stack_free(stack);
}

void test_session()
{
    rig_client *client = rig_client_new(RIG_APP(app), {});
    rig_session *session = rig_session_new(client, {});
    rig_session_env(session, "app.user", "ada");
    rig_session_put_cookie(session, "a", "b c");
    rig_assert(rig_session_post(session, "/x", .body = "hi"), .status = 200, .body = "hi");
    rig_assert(rig_session_send(session, RIG_GET("/y")), .status = 200);
    check(std::strcmp(rig_session_last_url(session), "http://example.org/y") == 0, "the last URL");
    check(std::strcmp(rig_session_cookie(session, "a"), "b c") == 0, "a cookie");
    rig_assert(rig_session_follow(session), .findings = {"usage.redirect.none"}, .error = -EINVAL);
    rig_session_free(session);
    rig_client_free(client);
}

void test_contract()
{
    auto report = rig_layer_contract(&guard_layer, .options = "Basic realm=\"App\"", .env = {"app.user"});
    check(rig_contract_held(&report), "a layer's contract");
    report = rig_layer_contract(&broken_layer);
    check(report.failed == 1 && std::strcmp(rig_contract_name(7), "early.drained") == 0 &&
              report.properties[7].verdict == RIG_CONTRACT_FAILED,
          "a broken layer's contract");
}

void test_failing_assertion_throws()
{
    rig_stack *stack = rig_stack_new({});
    rig_use(stack, &broken_layer);
    rig_run(stack, RIG_APP(app));
    rig_client *client = rig_client_new(rig_stack_app(stack), {});

    std::string message;
    try {
        rig_assert(rig_post(client, "/", .body = "hi"), .status = 401);
    } catch (const std::runtime_error &failure) {
        message = failure.what();
    }
    check(message.find("macros.cc:") != std::string::npos, "the site");
    check(message.find("input.early_answer.unread") != std::string::npos, "the rule");
    rig_assert(rig_post(client, "/", .body = "hi"), .status = 401, .findings = {"input.early_answer.unread"});
    check(rig_expect(rig_get(client, "/"), .status = 401), "expect");
    rig_assert(rig_get(client, "/"));
    check(rig_expect(rig_get(client, "/")), "expect nothing in particular");

    rig_client_free(client);
    rig_stack_free(stack);
}

int build(rig_stack *stack, const rig_setup *)
{
    return rig_run(stack, RIG_APP(app));
}

} // namespace

RIG_EXPORT(build);

int main()
{
    try {
        test_guard();
        test_session();
        test_contract();
        test_failing_assertion_throws();
    } catch (const std::exception &problem) {
        std::fprintf(stderr, "%s\n", problem.what());
        return 1;
    }
    return 0;
}
