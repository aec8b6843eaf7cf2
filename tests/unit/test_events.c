/* What core tells its checks: every hop and every touch of env, input, response and log, with its place; nothing to those
 * who did not ask. */
#include "tests/unit/core_test.h"

#include "harness/core/run.h"

/* ---- a check that writes down what it hears ---- */

static const char *const kind_names[RIG_EVENT_COUNT] = {
    "begin",  "enter",   "leave",   "next",   "back",   "get",     "set",    "unset", "copy",   "read",
    "rewind", "drain",   "replace", "status", "header", "write",   "stream", "take",  "pulled", "closed",
    "call",   "destroy", "log",     "stale",  "misuse", "foreign", "out",    "reuse", "end"};

static char heard[4096];
static unsigned without_site;

static int hears(void *state, struct rig_run *run, const struct rig_event *event)
{
    size_t at = strlen(heard);
    (void)state;
    assert_true(event->facts & RIG_FACT_ALWAYS);
    (void)snprintf(heard + at, sizeof heard - at, "%s%s%s%s%s ", event->hop ? event->hop->layer : "-", ":",
                   kind_names[event->kind], event->name ? "=" : "", event->name ? event->name : "");
    bool placeless = event->kind == RIG_EVENT_BEGIN || event->kind == RIG_EVENT_LEAVE || event->kind == RIG_EVENT_OUT ||
                     event->kind == RIG_EVENT_END || (event->kind == RIG_EVENT_ENTER && event->hop->depth == 0);
    placeless = placeless || (!event->site && (event->kind == RIG_EVENT_BODY_CALL || event->kind == RIG_EVENT_DESTROY));
    without_site += !placeless && !(event->site && strstr(event->site, "test_events.c:"));
    assert_true(!event->hop || event->hop->number < run->hop_count);
    return 0;
}

#define ALL(kind_)             \
    {                          \
        kind_, RIG_FACT_ALWAYS \
    }

/* Two, told in turn. */
static const struct rig_check first_half = {
    .name = "first",
    .wants = {ALL(RIG_EVENT_BEGIN), ALL(RIG_EVENT_ENTER), ALL(RIG_EVENT_LEAVE), ALL(RIG_EVENT_NEXT),
              ALL(RIG_EVENT_NEXT_RETURN), ALL(RIG_EVENT_ENV_GET), ALL(RIG_EVENT_ENV_SET), ALL(RIG_EVENT_ENV_UNSET),
              ALL(RIG_EVENT_ENV_COPY), ALL(RIG_EVENT_INPUT_READ), ALL(RIG_EVENT_INPUT_REWIND),
              ALL(RIG_EVENT_INPUT_DRAIN), ALL(RIG_EVENT_INPUT_REPLACE)},
    .on_event = hears};
static const struct rig_check second_half = {
    .name = "second",
    .wants = {ALL(RIG_EVENT_STATUS), ALL(RIG_EVENT_HEADER), ALL(RIG_EVENT_WRITE), ALL(RIG_EVENT_STREAM),
              ALL(RIG_EVENT_TAKE), ALL(RIG_EVENT_BODY_READ), ALL(RIG_EVENT_BODY_CLOSE), ALL(RIG_EVENT_BODY_CALL),
              ALL(RIG_EVENT_DESTROY), ALL(RIG_EVENT_LOG), ALL(RIG_EVENT_STALE), ALL(RIG_EVENT_MISUSE),
              ALL(RIG_EVENT_OUT), ALL(RIG_EVENT_END)},
    .on_event = hears};

static const struct rig_check *const both[] = {&first_half, &second_half};
static const struct rig_check_set hearing = {both, 2};

/* ---- what is done ---- */

static int nothing(void *closure, const char *name, const char *value, size_t size)
{
    (void)closure, (void)name, (void)value, (void)size;
    return 0;
}

static int layer_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    struct rig_env *copy = rig_env_copy(env);
    (void)rig_env_set(copy, "in", "copy");
    (void)rig_env_unset(env, "HTTP_HOST");
    (void)rig_env_unset(env, "absent"); /* changes nothing, tells nothing */
    (void)rig_subrequest(next, copy);
    int error = rig_next(next, env, res);
    struct rig_source body = rig_response_take_body(res);
    char piece[8];
    while (body.read(body.self, piece, sizeof piece) > 0) {
    }
    body.close(body.self);
    (void)rig_response_remove_header(res, "A");
    (void)rig_response_write(res, "after", 5);
    return error;
}

static void end_object(void *object)
{
    (void)object;
}

static int app_call(void *self, struct rig_env *env, struct rig_response *res)
{
    static struct counted body;
    static char object;
    char buffer[8];
    (void)self;
    (void)rig_env_get(env, "x");
    (void)rig_env_bytes(env, "y");
    (void)rig_env_object(env, "z");
    (void)rig_env_each(env, nothing, NULL);
    (void)rig_env_set_object(env, "o", &object, end_object);
    (void)rig_env_log(env, "log");
    (void)rig_input_read(rig_env_input(env), buffer, sizeof buffer);
    (void)rig_input_line(rig_env_input(env), buffer, sizeof buffer);
    (void)rig_input_rewind(rig_env_input(env));
    (void)rig_input_drain(rig_env_input(env), 100);
    body = (struct counted){.size = 3};
    (void)rig_env_set_input(env, source_of(&body));
    (void)rig_env_set(env, "", "misuse");
    (void)rig_respond(res, .status = 200, .headers = {{"A", "b"}, {"B", NULL}}, .body = "x");
    (void)rig_response_set_status(res, 201);
    (void)rig_response_set_header(res, "C", "d");
    (void)rig_response_add_header(res, "C", "e");
    return rig_response_stream(res, source_of(&body));
}

static const struct rig_middleware layer = {.name = "layer", .call = layer_call};

#define APP                                                                                                         \
    "app:enter app:get=x app:get=y app:get=z app:set=o app:log app:read app:read app:rewind app:drain app:replace " \
    "app:misuse app:status app:status app:stream app:leave "

static const char transcript[] =
    "-:begin layer:enter layer:copy layer:set=in layer:unset=HTTP_HOST " APP /* of the sub-request */
    "layer:next " APP "layer:back layer:take app:call layer:call layer:pulled "
    "app:call layer:call layer:pulled layer:closed app:call layer:call "
    "layer:write layer:leave app:header=C app:header=C -:out -:closed app:call -:call -:end "
    "app:destroy -:destroy ";

static struct rig_client *client_hearing(struct rig_stack *stack, const struct rig_check_set *checks)
{
    assert_int_equal(rig_use(stack, &layer), 0);
    assert_int_equal(rig_run(stack, (struct rig_app){.name = "app", .call = app_call}), 0);
    return client_with(rig_stack_app(stack),
                       (struct rig_client_options){.server = &rig_server_memory, .checks = checks});
}

static void test_every_touch_is_told(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_new();
    struct rig_client *client = client_hearing(stack, &hearing);
    for (int i = 0; i < 2; i++) {
        heard[0] = '\0';
        without_site = 0;
        const struct rig_result *result = rig_post(client, "/", .body = "some\nbody");
        rig_assert(result, .status = 201, .body = "after");
        assert_string_equal(heard, transcript);
        assert_int_equal(without_site, 0);
    }
    rig_client_free(client);
    rig_stack_free(stack);
}

/* Checks off: the same request, and wrong use is still told. */
static void test_no_checks(void **state)
{
    (void)state;
    struct rig_stack *stack = stack_new();
    struct rig_client *client = client_hearing(stack, RIG_CHECKS_NONE);
    heard[0] = '\0';
    const struct rig_result *result = rig_post(client, "/", .body = "some\nbody");
    rig_assert(result, .status = 201, .body = "after", .findings = {"usage.argument.invalid"});
    assert_int_equal(result->finding_count, 2);
    assert_int_equal(result->hop_count, 3); /* the trace is there all the same */
    assert_string_equal(heard, "");
    rig_client_free(client);
    rig_stack_free(stack);
}

/* ---- listening from the middle of a request ---- */

static unsigned heard_gets, heard_others;
static unsigned listens;

struct listener {
    bool listening;
};

static int listener_hears(void *state, struct rig_run *run, const struct rig_event *event)
{
    struct listener *listener = state;
    if (event->kind == RIG_EVENT_ENV_COPY && !listener->listening) {
        listener->listening = true;
        for (unsigned i = 0; i < listens; i++) {
            rig_listen(run, state, i == 0 ? RIG_EVENT_ENV_GET : RIG_EVENT_LOG, RIG_FACT_ALWAYS);
        }
    }
    heard_gets += event->kind == RIG_EVENT_ENV_GET;
    heard_others += event->kind != RIG_EVENT_ENV_GET && event->kind != RIG_EVENT_ENV_COPY;
    return 0;
}

static const struct rig_check listening_check = {.name = "listener",
                                                 .wants = {{RIG_EVENT_ENV_COPY, RIG_FACT_ALWAYS}},
                                                 .state_size = sizeof(struct listener),
                                                 .on_event = listener_hears};
static const struct rig_check *const listeners[] = {&second_half, &listening_check};
static const struct rig_check_set listening = {listeners, 2};

static int copies_in_the_middle(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)rig_env_get(env, "before");
    if (strcmp(rig_env_get(env, "PATH_INFO"), "/copy") == 0) {
        (void)rig_env_copy(env);
    }
    (void)rig_env_get(env, "after");
    (void)rig_env_get(env, "after");
    return answer_ok(self, env, res);
}

static void test_listening(void **state)
{
    (void)state;
    struct rig_client *client =
        client_with(RIG_APP(copies_in_the_middle), (struct rig_client_options){.checks = &listening});
    static const char *const targets[] = {"/", "/copy", "/", "/copy"};
    listens = 1;
    for (size_t i = 0; i < COUNT(targets); i++) { /* for the rest of this request, and no longer */
        heard_gets = heard_others = 0;
        const struct rig_result *result = rig_get(client, targets[i]);
        assert_false(result->unchecked);
        assert_int_equal(heard_gets, i % 2 ? 2 : 0);
        assert_int_equal(heard_others, 0);
    }
    static const char two[] = "GET /copy HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n";
    heard_gets = 0;
    assert_int_equal(rig_send_raw(client, two, sizeof two - 1)->exchange_count, 2);
    assert_int_equal(heard_gets, 2); /* of the first on the connection */
    listens = 9;                     /* more than there is room for: that is said, not lost */
    assert_true(rig_get(client, "/copy")->unchecked);
    assert_false(rig_get(client, "/")->unchecked);
    rig_client_free(client);
}

/* ---- checks that fail, and too many of them ---- */

static int fails(void *state, struct rig_run *run, const struct rig_event *event)
{
    (void)state, (void)run, (void)event;
    return -ENOMEM;
}

static void test_failing_check_marks_the_run(void **state)
{
    static const struct rig_check failing = {.name = "failing", .wants = {ALL(RIG_EVENT_LOG)}, .on_event = fails};
    static const struct rig_check *const one[] = {&failing};
    static const struct rig_check_set set = {one, 1};
    (void)state;
    struct rig_stack *stack = stack_new();
    struct rig_client *client = client_hearing(stack, &set);
    const struct rig_result *result = rig_post(client, "/", .body = "x");
    assert_true(result->unchecked);
    assert_false(rig_expect(result, .status = 201));
    assert_non_null(strstr(rig_expect_message(result), "a check ran out of memory: findings may be missing"));
    rig_client_free(client);
    rig_stack_free(stack);
}

static void test_more_checks_than_there_is_room_for(void **state)
{
    static const struct rig_check *many[RIG_CHECKS_MAX + 1];
    (void)state;
    for (size_t i = 0; i <= RIG_CHECKS_MAX; i++) {
        many[i] = &first_half;
    }
    const struct rig_check_set set = {many, RIG_CHECKS_MAX + 1};
    assert_null(rig_client_new(RIG_APP(answer_ok), (struct rig_client_options){.checks = &set}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_touch_is_told),
        cmocka_unit_test(test_no_checks),
        cmocka_unit_test(test_listening),
        cmocka_unit_test(test_failing_check_marks_the_run),
        cmocka_unit_test(test_more_checks_than_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
