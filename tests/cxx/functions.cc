// C++11: the functions, with structs filled member by member (designated initializers come with C++20).
#include <stackrig/rules.h>
#include <stackrig/scenario.h>
#include <stackrig/stackrig.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>

namespace
{

struct Counter {
    unsigned calls;
};

int count(void *self, rig_env *env, rig_response *res, rig_next *next)
{
    Counter *counter = static_cast<Counter *>(self);
    const std::string number = std::to_string(++counter->calls);
    rig_response_set_header_at(RIG_SITE, res, "X-Calls", number.c_str());
    return rig_next_at(RIG_SITE, next, env, res);
}

int echo(void *, rig_env *env, rig_response *res)
{
    std::string body;
    char piece[8];
    int64_t size;
    while ((size = rig_input_read_at(RIG_SITE, rig_env_input_at(RIG_SITE, env), piece, sizeof piece)) > 0) {
        body.append(piece, static_cast<size_t>(size));
    }
    rig_env_log_at(RIG_SITE, env, "%zu bytes", body.size());
    rig_reply reply = rig_reply();
    reply.response = res;
    reply.status = 201;
    reply.body = body.c_str();
    return size < 0 ? static_cast<int>(size) : rig_respond_at(RIG_SITE, &reply);
}

void check(bool holds, const char *what)
{
    if (!holds) {
        throw std::runtime_error(what);
    }
}

// C++ owns what a test makes, also when a check throws.
class Rig
{
  public:
    Rig() : stack_(rig_stack_new(rig_stack_options())), client_(nullptr)
    {
        static rig_middleware counter;
        counter.name = "count";
        counter.call = count;
        counter.self_size = sizeof(Counter);
        rig_layer layer = rig_layer();
        layer.middleware = &counter;
        check(rig_use_at(RIG_SITE, stack_, layer) == 0, "use");

        rig_app app = rig_app();
        app.name = "echo";
        app.call = echo;
        check(rig_run_at(RIG_SITE, stack_, app) == 0, "run");
        client_ = rig_client_new(rig_stack_app(stack_), rig_client_options());
    }
    Rig(const Rig &) = delete;
    Rig &operator=(const Rig &) = delete;
    ~Rig()
    {
        rig_client_free(client_);
        rig_stack_free(stack_);
    }
    rig_stack *stack() const
    {
        return stack_;
    }
    rig_client *client() const
    {
        return client_;
    }

  private:
    rig_stack *stack_;
    rig_client *client_;
};

void test_post()
{
    Rig rig;
    rig_request request = rig_request();
    request.method = "POST";
    request.target = "/items";
    request.body = "some text that takes a few reads";
    const rig_result *result = rig_send_at(RIG_SITE, rig.client(), &request);
    check(result->status == 201 && result->error == 0, "status");
    check(std::string(result->body, result->body_size) == request.body, "body");
    check(std::strcmp(rig_result_header(result, "x-calls"), "1") == 0, "header");
    check(result->finding_count == 0 && result->hop_count == 2, "findings and hops");
    check(std::strcmp(result->log, "32 bytes\n") == 0, "log");
}

void test_env_by_hand()
{
    Rig rig;
    rig_env *env = rig_env_for_at(RIG_SITE, rig.client(), rig_request());
    check(rig_env_set_at(RIG_SITE, env, "app.user", "ada") == 0, "set");
    check(std::strcmp(rig_env_get_at(RIG_SITE, env, "REQUEST_METHOD"), "GET") == 0, "get");
    check(rig_call_at(RIG_SITE, rig.client(), env)->status == 201, "call");
}

void test_tables()
{
    size_t count = 0;
    const rig_rule *rules = rig_rules(&count);
    check(count > 0 && rig_rule_find(rules[0].id) == rules, "rules");
    check(rig_server_find("http1") == &rig_server_http1, "servers");
    check(std::strlen(rig_error_text(-EINVAL)) > 0 && rig_version() == RIG_VERSION, "version");
}

void test_scripted()
{
    rig_scripted_reply replies[1] = {};
    replies[0].status = 404;
    rig_client *client = rig_client_new(rig_scripted_app(replies, 1), rig_client_options());
    const int status = rig_send_request_at(RIG_SITE, client, rig_request())->status;
    rig_client_free(client);
    check(status == 404, "scripted");
}

int count_headers(const rig_own_seen *seen)
{
    unsigned *headers = static_cast<unsigned *>(seen->client_state);
    if (std::strcmp(seen->name, "X-Calls") != 0) {
        return RIG_OWN_LOOKED;
    }
    return rig_own_find(seen, "%s sends %s for the time %u", rig_own_layer(seen), seen->name, ++*headers);
}

rig_own_rule make_rule()
{
    rig_own_rule rule = rig_own_rule();
    rule.id = "cxx.no_calls";
    rule.level = RIG_LEVEL_WARNING;
    rule.title = "calls are counted";
    rule.armed_when = "a header goes out";
    rule.why = "nobody needs to know";
    rule.mend = "count elsewhere";
    rule.hears = RIG_OWN_HEARS(HEADER);
    rule.check = count_headers;
    rule.client_size = sizeof(unsigned);
    return rule;
}

const rig_own_rule no_calls = make_rule();
const rig_own_rule *const own_rules[] = {&no_calls, nullptr};

void test_own_rules()
{
    Rig rig;
    rig_client_options options = rig_client_options();
    options.rules = own_rules;
    rig_client *client = rig_client_new(rig_stack_app(rig.stack()), options);
    const rig_result *result = rig_send_request_at(RIG_SITE, client, rig_request());
    check(rig_result_found(result, "cxx.no_calls") && rig_result_armed(result, "cxx.no_calls") > 0, "own rule");
    check(std::strcmp(result->findings[0].message, "count sends X-Calls for the time 1") == 0, "its message");
    rig_client_free(client);
}

int build(rig_stack *stack, const rig_setup *setup)
{
    check(rig_setup_get(setup, "absent") == nullptr, "settings");
    rig_app app = rig_app();
    app.name = "echo";
    app.call = echo;
    return rig_run_at(RIG_SITE, stack, app);
}

} // namespace

#pragma GCC diagnostic error "-Wold-style-cast"
RIG_EXPORT(build);
RIG_EXPORT_RULES(own_rules);
#pragma GCC diagnostic ignored "-Wold-style-cast"

int main()
{
    try {
        test_post();
        test_env_by_hand();
        test_tables();
        test_scripted();
        test_own_rules();
        check(rig_exported_rules.rules == own_rules, "exported rules");
        rig_setup setup = rig_setup();
        rig_stack *stack = rig_stack_new(rig_stack_options());
        const int built = rig_exported_stack.build(stack, &setup);
        rig_stack_free(stack);
        check(built == 0, "export");
    } catch (const std::exception &problem) {
        std::fprintf(stderr, "functions.cc: %s\n", problem.what());
        return 1;
    }
    return 0;
}
