/* The fuzzer without coverage: what it finds, how it shrinks, and that it says the same for the same seed. */
#include "tests/fuzz/fuzz_test.h"

#include "fuzz/engine/engine.h"
#include "fuzz/oracles/oracles.h"

#include <errno.h>

static struct rig_fuzz_engine engine;
static char text[RIG_FUZZ_TEXT_MAX];

/* A guard that remembers who was right last. */
struct guard {
    char secret[RIG_FUZZ_SECRET_SIZE + 1];
    bool known;
};

static int guard_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct guard *guard = self;
    const char *value = rig_env_get(env, "HTTP_AUTHORIZATION");
    if (value && strncmp(value, "Bearer ", 7) == 0) {
        guard->known = strcmp(value + 7, guard->secret) == 0;
    }
    if (guard->known) {
        return rig_next(next, env, res);
    }
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}});
}

static void guard_reset(void *self)
{
    struct guard *guard = self;
    guard->known = false;
}

static const struct rig_middleware guard_layer = {
    .name = "guard", .call = guard_call, .self_size = sizeof(struct guard), .reset = guard_reset};
static const struct rig_middleware without_reset = {
    .name = "guard", .call = guard_call, .self_size = sizeof(struct guard)};

static int members(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 204);
}

static int build_with(struct rig_stack *stack, const struct rig_setup *setup, const struct rig_middleware *layer)
{
    struct guard guard = {.known = false};
    (void)snprintf(guard.secret, sizeof guard.secret, "%s", rig_setup_secret(setup, "valid")->value);
    rig_use(stack, layer, &guard, .auth = true);
    return rig_run(stack, RIG_APP(members));
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    return build_with(stack, setup, &guard_layer);
}

static int build_without_reset(struct rig_stack *stack, const struct rig_setup *setup)
{
    return build_with(stack, setup, &without_reset);
}

static const struct rig_fuzz leaky = {.build = build, .protect = {"members"}};

static const struct rig_fuzz_found *find(const char *rule)
{
    for (size_t i = 0; i < engine.found_count; i++) {
        if (strcmp(engine.found[i].rule, rule) == 0) {
            return &engine.found[i];
        }
    }
    return NULL;
}

static uint64_t runs_until(const char *rule, uint64_t seed, uint64_t most)
{
    rig_fuzz_engine_start(&engine, &target, seed);
    while (engine.runs < most && !find(rule)) {
        assert_int_equal(rig_fuzz_engine_step(&engine), 0);
    }
    return engine.runs;
}

static void test_two_requests_leak(void **state)
{
    (void)state;
    open_target(&leaky);
    for (uint64_t seed = 1; seed <= 5; seed++) {
        assert_true(runs_until("fuzz.app.entered", seed, 200000) < 200000);
    }
}

static void test_it_is_shrunk(void **state)
{
    (void)state;
    open_target(&leaky);
    (void)runs_until("fuzz.app.entered", 3, 200000);
    struct rig_fuzz_found one = *find("fuzz.app.entered");
    assert_int_equal(rig_fuzz_engine_shrink(&engine, &one), 0);
    rig_fuzz_decode(&target.table, one.input.bytes, one.input.size, &scenario);
    assert_true(rig_fuzz_write(&scenario, text, sizeof text) < sizeof text);
    assert_string_equal(text, "# @escapes on\n# @as valid bearer\nGET /\n\n###\n# @escapes on\nGET /\n");
    assert_int_equal(one.request, 1); /* what is said is said of the small one */
    assert_string_equal(one.message, "members was entered by a request with credentials \"none\", and answered 204");
}

/* Three findings: of two rules, and of one rule in two layers. */
static int answers_at_once(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return strcmp(rig_env_get(env, "PATH_INFO"), "/a") == 0 ? rig_respond(res, .status = 204)
                                                            : rig_next(next, env, res);
}

static int leaves_or_fails(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return rig_respond(res, .status = strcmp(rig_env_get(env, "PATH_INFO"), "/admin") == 0 ? 503 : 204);
}

static const struct rig_middleware answers_at_once_layer = {.name = "at_once", .call = answers_at_once};

static int build_three(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &answers_at_once_layer, NULL);
    return rig_run(stack, RIG_APP(leaves_or_fails));
}

static void test_it_is_shrunk_to_the_same_finding(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_three};
    static const char three[] = "POST /\n\nabc\n\n###\nPOST /a\n\nabc\n\n###\nGET /admin\n";
    struct rig_scenario_error error;
    static unsigned char bytes[RIG_FUZZ_INPUT_MAX];
    open_target(&what);
    rig_fuzz_engine_start(&engine, &target, 1);
    assert_int_equal(rig_fuzz_read(three, sizeof three - 1, &scenario, &error), 0);
    size_t size = rig_fuzz_encode(&target.table, &scenario, bytes, sizeof bytes);
    assert_int_equal(rig_fuzz_engine_try(&engine, bytes, size), 0);
    assert_int_equal(engine.found_count, 3);
    for (size_t i = 0; i < 3; i++) {
        struct rig_fuzz_found one = engine.found[i];
        assert_int_equal(rig_fuzz_engine_shrink(&engine, &one), 0);
        assert_string_equal(one.rule, engine.found[i].rule);
        assert_string_equal(one.layer, engine.found[i].layer);
        assert_true(one.input.size < size);
    }
}

static void test_the_same_seed_finds_the_same(void **state)
{
    (void)state;
    open_target(&leaky);
    uint64_t runs = runs_until("fuzz.app.entered", 9, 200000);
    struct rig_fuzz_input first = engine.input;
    assert_int_equal(runs_until("fuzz.app.entered", 9, 200000), runs);
    assert_int_equal(engine.input.size, first.size);
    assert_memory_equal(engine.input.bytes, first.bytes, first.size);
}

static void test_a_layer_without_reset_is_built_anew(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_without_reset, .protect = {"members"}};
    open_target(&what);
    assert_true(target.anew);
    assert_true(runs_until("fuzz.app.entered", 1, 20000) < 20000);
    assert_true(target.builds >= engine.runs);
    target.tell = note;
    target.watch = NULL;
    judge("# @as valid bearer\nGET /");
    judge("GET /"); /* nothing of it is left for the next */
    assert_nothing(RIG_FUZZ_ANSWER_VARIES);
}

static void test_a_scenario_is_replayed(void **state)
{
    (void)state;
    static const char leak[] = "# @as valid bearer\nGET /\n\n###\nGET /\n";
    char message[256];
    assert_int_equal(rig_fuzz_replay(&leaky, leak, NULL, message, sizeof message), 1);
    assert_non_null(strstr(message, "error: members was entered "));
    assert_non_null(strstr(message, "[fuzz.app.entered]"));
    assert_int_equal(rig_fuzz_replay(&leaky, leak, "fuzz.app.entered", message, sizeof message), 1);
    assert_int_equal(rig_fuzz_replay(&leaky, leak, "fuzz.head.differs", message, sizeof message), 0);
    assert_int_equal(rig_fuzz_replay(&leaky, "GET /\n", NULL, message, sizeof message), 0);
    assert_string_equal(message, "");
    assert_int_equal(rig_fuzz_replay(&leaky, "# @as nobody\nGET /\n", NULL, message, sizeof message), -EINVAL);
    assert_non_null(strstr(message, "no such class of credentials: nobody"));
}

/* Bytes name all servers; a scenario of them is for one that the stack is fuzzed behind, and says which. */
static void test_a_scenario_names_its_server(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build, .profiles = {"passenger3", "memory"}};
    static const unsigned char other[] = {RIG_FUZZ_OP_SET << 4 | (RIG_FUZZ_SET_SERVER + 3)},
                               second[] = {RIG_FUZZ_OP_SET << 4 | (RIG_FUZZ_SET_SERVER + 2)};
    struct rig_fuzz_play play;
    open_target(&what);
    rig_fuzz_decode(&target.table, other, sizeof other, &scenario);
    assert_string_equal(rig_fuzz_server_names[scenario.server], "memory"); /* the first by number */
    assert_int_equal(rig_fuzz_play(&target, &scenario, &play), 0);
    assert_non_null(target.built[0].clients[scenario.server]);
    assert_null(target.built[0].clients[0]);
    rig_fuzz_decode(&target.table, second, sizeof second, &scenario);
    assert_string_equal(rig_fuzz_server_names[scenario.server], "passenger3");
    rig_fuzz_decode(&target.table, NULL, 0, &scenario);
    assert_string_equal(rig_fuzz_server_names[scenario.server], "memory");
}

/* What no reset puts back: the scenario that did it is one of those before. */
static bool shut;
static int shuts(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    shut = shut || strcmp(rig_env_get(env, "PATH_INFO"), "/admin") == 0;
    return drained < 0 ? (int)drained : rig_respond(res, .status = shut ? 404 : 200);
}

static int build_shuts(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(shuts));
}

static void test_one_of_the_suspects_did_it(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_shuts, .ignore = {"fuzz.answer.depends", "fuzz.variant.*"}};
    shut = false;
    open_target(&what);
    (void)runs_until("fuzz.answer.varies", 1, 20000);
    const struct rig_fuzz_found *one = find("fuzz.answer.varies");
    assert_non_null(one);
    assert_int_equal(one->request, RIG_FUZZ_NO_REQUEST);
    size_t did = 0;
    for (size_t i = 0; i < engine.suspect_count; i++) {
        shut = false;
        rig_fuzz_decode(&target.table, engine.suspects[i].bytes, engine.suspects[i].size, &scenario);
        assert_int_equal(rig_fuzz_judge(&target, &scenario, RIG_FUZZ_ALL), 0);
        did += shut;
    }
    assert_true(did > 0);
}

static void test_findings_are_folded(void **state)
{
    (void)state;
    open_target(&leaky);
    rig_fuzz_engine_start(&engine, &target, 1);
    for (unsigned i = 0; i < 3000; i++) {
        assert_int_equal(rig_fuzz_engine_step(&engine), 0);
    }
    for (size_t i = 0; i < engine.found_count; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_false(strcmp(engine.found[i].rule, engine.found[k].rule) == 0 &&
                         strcmp(engine.found[i].layer, engine.found[k].layer) == 0 &&
                         strcmp(engine.found[i].site, engine.found[k].site) == 0);
        }
    }
    assert_true(find("fuzz.app.entered")->times > 1);
    assert_true(target.not_sent == 0); /* what the rig would not send goes as bytes */
}

/* Longer ones than are kept. */
static void test_long_names_are_folded(void **state)
{
    char name[300];
    const struct rig_fuzz_violation violation = {.rule = "a.b", .layer = name, .site = name, .message = ""};
    (void)state;
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    open_target(&leaky);
    rig_fuzz_engine_start(&engine, &target, 1);
    target.tell(target.closure, &violation);
    target.tell(target.closure, &violation);
    assert_int_equal(engine.found_count, 1);
    name[10] = 'm';
    target.tell(target.closure, &violation);
    assert_int_equal(engine.found_count, 2);
}

/* ---- beginning ---- */

static unsigned greeted;
static int greet(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    greeted++;
    return rig_respond(res, .status = 204);
}

static int build_greets(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(greet));
}

/* It ends at once where none of the stack's code runs. */
static void test_what_libfuzzer_begins_with_comes_to_the_app(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_greets};
    for (unsigned server = 0; server < RIG_FUZZ_SERVERS; server++) {
        struct rig_fuzz_play play;
        open_target(&what);
        rig_fuzz_decode(&target.table, "\n", 1, &scenario);
        scenario.server = server;
        greeted = 0;
        assert_int_equal(rig_fuzz_play(&target, &scenario, &play), 0);
        assert_int_equal(greeted, 1);
        rig_fuzz_target_close(&target);
    }
}

/* Items in memory, of which build has none. */
static unsigned items;

static int counts_items(void *self, struct rig_env *env, struct rig_response *res)
{
    unsigned *count = self;
    char body[16];
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    *count += strcmp(rig_env_get(env, "REQUEST_METHOD"), "POST") == 0;
    (void)snprintf(body, sizeof body, "%u", *count);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 200, .body = body);
}

static int build_items(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    items = 0;
    return rig_run(stack, (struct rig_app){.name = "items", .call = counts_items, .self = &items});
}

static void test_an_app_with_a_self_is_built_anew(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_items};
    open_target(&what);
    judge("POST /\n###\nPOST /");
    judge("POST /\n\na");
    assert_nothing(RIG_FUZZ_ANSWER_VARIES);
    close_target(NULL);
    open_target(&leaky); /* its apps have none */
    assert_false(target.anew);
}

static unsigned plays;
static void count_play(void)
{
    plays++;
}

/* With all oracles a scenario is many plays; who waits for one that hangs counts these, and what is learnt from, too. */
static void test_each_play_is_told(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build};
    const char *why;
    plays = 0;
    assert_int_equal(rig_fuzz_target_open(&target, &what, 7, NULL, count_play, &why), 0);
    unsigned learning = plays;
    assert_true(learning > 2 * RIG_FUZZ_PLACES);
    judge("POST /\nX-A: 1\nX-B: 1\n\na=1");
    assert_true(plays > learning + 4);
}

/* A status for each of some paths. */
static int by_length(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained
                       : rig_respond(res, .status = 210 + (int)strlen(rig_env_get(env, "PATH_INFO")) % 80);
}

static int build_by_length(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(by_length));
}

/* How a request is answered is new once. What shows it stays, where the pool is full, as long as there is something
 * else. */
static void test_what_is_new_alone_stays(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_by_length};
    open_target(&what);
    rig_fuzz_engine_start(&engine, &target, 7);
    engine.pool_count = RIG_FUZZ_POOL;
    for (size_t i = 1; i < RIG_FUZZ_POOL; i++) {
        engine.alone[i] = i % 2 == 0;
    }
    for (unsigned char i = 0; i < 40; i++) {
        unsigned char bytes[64] = {RIG_FUZZ_OP_TARGET << 4 | RIG_FUZZ_TOKEN_LITERAL, (unsigned char)(1 + i), '/'};
        memset(bytes + 3, 'a', i);
        assert_int_equal(rig_fuzz_engine_try(&engine, bytes, 3u + i), 0);
    }
    size_t taken = 0;
    for (size_t i = 0; i < RIG_FUZZ_POOL; i++) {
        bool is_taken = engine.pool[i].size > 0;
        taken += is_taken;
        assert_false(is_taken && (i == 0 || i % 2 == 0));
        assert_true(!is_taken || engine.alone[i]);
    }
    assert_int_equal(taken, 40); /* none has given way to another */
    /* two of them, one behind the other, are new as two */
    static const unsigned char two[] = {
        RIG_FUZZ_OP_TARGET << 4 | RIG_FUZZ_TOKEN_LITERAL, 3, '/', 'a', 'a', RIG_FUZZ_OP_NEXT << 4};
    assert_int_equal(rig_fuzz_engine_try(&engine, two, sizeof two), 0);
    size_t alone = 0;
    for (size_t i = 1; i < RIG_FUZZ_POOL; i++) {
        alone += engine.pool[i].size > 0 && engine.alone[i];
    }
    assert_int_equal(alone, 40);
}

/* A long one of the user's, among many that are shorter, is begun with. Of more than there is room for some stay. */
static void test_what_is_given_is_begun_with(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_by_length};
    unsigned char bytes[400] = {RIG_FUZZ_OP_BODY << 4 | RIG_FUZZ_TOKEN_LITERAL, 255};
    open_target(&what);
    rig_fuzz_engine_start(&engine, &target, 7);
    engine.pool_count = RIG_FUZZ_POOL;
    memset(bytes + 2, 'b', sizeof bytes - 2);
    assert_int_equal(rig_fuzz_engine_give(&engine, bytes, sizeof bytes), 0);
    unsigned begun = 0;
    for (unsigned i = 0; i < 400; i++) {
        assert_int_equal(rig_fuzz_engine_step(&engine), 0);
        begun += engine.input.size > 300;
    }
    assert_in_range(begun, 50, 150);
    for (unsigned i = 1; i < 10 * RIG_FUZZ_GIVEN; i++) {
        bytes[2] = (unsigned char)i;
        bytes[3] = (unsigned char)(i >> 8);
        assert_int_equal(rig_fuzz_engine_give(&engine, bytes, sizeof bytes), 0);
    }
    unsigned late = 0;
    for (unsigned i = 0; i < RIG_FUZZ_GIVEN; i++) {
        const unsigned char *given = engine.given[i].bytes;
        late += given[2] + 256u * given[3] >= RIG_FUZZ_GIVEN;
    }
    assert_in_range(late, RIG_FUZZ_GIVEN / 2, RIG_FUZZ_GIVEN);
}

static int by_method(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    bool head = strcmp(rig_env_get(env, "REQUEST_METHOD"), "HEAD") == 0;
    return drained < 0 ? (int)drained
                       : rig_respond(res, .status = 200, .headers = {{"ETag", head ? "\"a\"" : "\"b\""}});
}

static int build_by_method(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(by_method));
}

/* With all oracles, whatever its bytes: a reproducer is found again. */
static void test_what_is_given_is_judged_by_all(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_by_method};
    open_target(&what);
    for (unsigned char i = 0; i < 20; i++) {
        unsigned char bytes[] = {RIG_FUZZ_OP_TARGET << 4 | RIG_FUZZ_TOKEN_LITERAL, 2, '/', (unsigned char)('a' + i)};
        rig_fuzz_engine_start(&engine, &target, 7);
        assert_int_equal(rig_fuzz_engine_give(&engine, bytes, sizeof bytes), 0);
        assert_int_equal(engine.found_count, 1);
        assert_string_equal(engine.found[0].rule, "fuzz.head.differs");
    }
}

static int by_address(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    const char *address = rig_env_get(env, "HTTP_X_FORWARDED_FOR");
    return drained < 0 ? (int)drained : rig_respond(res, .status = address && strstr(address, "10.") ? 500 : 200);
}

static int build_by_address(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(by_address));
}

/* A value that an operation means as a whole is shrunk, too. */
static void test_words_are_shrunk_as_bytes(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build_by_address};
    static const unsigned char bytes[] = {RIG_FUZZ_OP_HEADER << 4 | 4,
                                          RIG_FUZZ_OP_SPOIL << 4 | (RIG_FUZZ_SPOIL_TYPICAL + 1)};
    open_target(&what);
    rig_fuzz_engine_start(&engine, &target, 7);
    assert_int_equal(rig_fuzz_engine_try(&engine, bytes, sizeof bytes), 0);
    assert_int_equal(engine.found_count, 1);
    assert_int_equal(rig_fuzz_engine_shrink(&engine, &engine.found[0]), 0);
    const struct rig_fuzz_input *input = &engine.found[0].input;
    rig_fuzz_decode(&target.table, input->bytes, input->size, &engine.scenario);
    assert_string_equal(engine.scenario.requests[0].fields[0].name, "X-Forwarded-For");
    assert_string_equal(engine.scenario.requests[0].fields[0].value, "10.0.0.1"); /* a word of its own */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_two_requests_leak, close_target),
        cmocka_unit_test_teardown(test_it_is_shrunk, close_target),
        cmocka_unit_test_teardown(test_it_is_shrunk_to_the_same_finding, close_target),
        cmocka_unit_test_teardown(test_the_same_seed_finds_the_same, close_target),
        cmocka_unit_test_teardown(test_a_layer_without_reset_is_built_anew, close_target),
        cmocka_unit_test_teardown(test_an_app_with_a_self_is_built_anew, close_target),
        cmocka_unit_test(test_a_scenario_is_replayed),
        cmocka_unit_test_teardown(test_one_of_the_suspects_did_it, close_target),
        cmocka_unit_test_teardown(test_a_scenario_names_its_server, close_target),
        cmocka_unit_test_teardown(test_findings_are_folded, close_target),
        cmocka_unit_test_teardown(test_long_names_are_folded, close_target),
        cmocka_unit_test_teardown(test_each_play_is_told, close_target),
        cmocka_unit_test_teardown(test_what_is_new_alone_stays, close_target),
        cmocka_unit_test_teardown(test_what_is_given_is_begun_with, close_target),
        cmocka_unit_test_teardown(test_words_are_shrunk_as_bytes, close_target),
        cmocka_unit_test_teardown(test_what_is_given_is_judged_by_all, close_target),
        cmocka_unit_test(test_what_libfuzzer_begins_with_comes_to_the_app),
    };
    return cmocka_run_group_tests_name("fuzz: engine", tests, NULL, NULL);
}
