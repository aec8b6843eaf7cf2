/* Rows of one's own rules that are none: what is told of them, and that nothing breaks. */
#include "tests/unit/rules_test.h"

#include <stackrig/cmocka.h>
#include <stackrig/foreign.h>
#include <stackrig/rules.h>
#include <stackrig/scenario.h>

#include <stdio.h>

#include "harness/checks/own.h"

static int look(const struct rig_own_seen *seen)
{
    (void)seen;
    return RIG_OWN_LOOKED;
}

static const struct rig_own_rule good = {.id = "myteam.rule",
                                         .level = RIG_LEVEL_ERROR,
                                         .title = "a title",
                                         .armed_when = "it was",
                                         .why = "it breaks",
                                         .mend = "mend it",
                                         .hears = RIG_OWN_HEARS(END),
                                         .check = look};

/* The client's first send says what is wrong, and none of its rules is there. */
static void refused(const struct rig_own_rule *const *rules, const char *message)
{
    rig_client_free(client);
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){.rules = rules});
    assert_non_null(client);
    const struct rig_result *result = rig_get(client, "/");
    const struct rig_finding *finding = finding_of(result, "usage.argument.invalid");
    assert_string_equal(finding->message, message);
    assert_string_equal(finding->mend, "none of .rules is used until each is as stackrig/rules.h says");
    rig_assert(result, .findings = {"usage.argument.invalid"}, .error = -EINVAL);
}

/* Beside one that is good. */
static void wrong(struct rig_own_rule rule, const char *why)
{
    char message[256];
    const struct rig_own_rule first = {.id = "aaa.first",
                                       .level = RIG_LEVEL_NOTE,
                                       .title = "a",
                                       .armed_when = "b",
                                       .why = "c",
                                       .mend = "d",
                                       .hears = RIG_OWN_HEARS(BEGIN),
                                       .check = look};
    const struct rig_own_rule *const rules[] = {&first, &rule, NULL};
    bool named = rig_own_id_is_good(rule.id); /* so that it is found among 50 */
    (void)snprintf(message, sizeof message, "the client's .rules[1]%s: %s", named ? " (myteam.rule)" : "", why);
    refused(rules, message);
}

#define WRONG(why_, ...)                 \
    do {                                 \
        struct rig_own_rule rule = good; \
        rule.__VA_ARGS__;                \
        wrong(rule, why_);               \
    } while (0)

static int stand(void **state)
{
    return set_up(state) || rig_run(stack, RIG_APP(answer_ok));
}

static void test_ids(void **state)
{
    static const char *const ids[] = {
        "",          "myteam",        "myteam.",  ".myteam", "my team.rule", "MyTeam.x",
        "myteam..x", "myteam.rule-1", "myteam.*", "*",       "myteam.\n",    "myteam.\xc3",
        ".",         "myteam.x.y.z. "};
    (void)state;
    WRONG(".id is missing", id = NULL);
    WRONG(".id \"myteam\" is not as \"myteam.no_debug_header\", at most 63 bytes", id = "myteam");
    WRONG(".id \"\" is not as \"myteam.no_debug_header\", at most 63 bytes", id = "my\033[31mteam.x");
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        assert_false(rig_own_id_is_good(ids[i]));
    }
    assert_false(rig_own_id_is_good(NULL));
    assert_true(rig_own_id_is_good("myteam.x.y_1.2"));
    char longest[RIG_OWN_ID_MAX + 2] = "m.";
    memset(longest + 2, 'x', RIG_OWN_ID_MAX - 2);
    assert_true(rig_own_id_is_good(longest));
    longest[RIG_OWN_ID_MAX] = 'x';
    assert_false(rig_own_id_is_good(longest));
}

/* The rig's areas are the rig's, now and later. */
static void test_areas_of_the_rig(void **state)
{
    static const char *const ids[] = {"input.early_answer.unread",
                                      "env.mine",
                                      "fuzz.mine",
                                      "usage.x",
                                      "contract.x",
                                      "parity.x",
                                      "stackrig.rule",
                                      "bisect.x",
                                      "crash.x",
                                      "hang.x",
                                      "refused.x",
                                      "unhandled.x",
                                      "incomplete.x"};
    (void)state;
    WRONG(".id begins with input, which is the rig's: begin with a name of yours", id = "input.my_rule");
    WRONG(".id begins with next, which is the rig's: begin with a name of yours", id = "next.call.twice");
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        assert_false(rig_own_id_is_good(ids[i]));
    }
    assert_true(rig_own_id_is_good("inputs.x"));
    assert_true(rig_own_id_is_good("inp.x"));
}

static void test_patterns(void **state)
{
    (void)state;
    assert_true(rig_own_pattern_is_good("myteam.*"));
    assert_true(rig_own_pattern_is_good("myteam.a.*"));
    assert_true(rig_own_pattern_is_good("myteam.a"));
    assert_false(rig_own_pattern_is_good("input.*"));
    assert_false(rig_own_pattern_is_good("input.nothing.*"));
    assert_false(rig_own_pattern_is_good("*"));
    assert_false(rig_own_pattern_is_good(".*"));
    assert_false(rig_own_pattern_is_good("..*"));
    assert_false(rig_own_pattern_is_good("my*"));
    assert_false(rig_own_pattern_is_good("myteam.*.x"));
    assert_false(rig_own_pattern_is_good("myteam"));
    assert_false(rig_own_pattern_is_good(""));
    assert_false(rig_own_pattern_is_good(NULL));
}

static void test_texts(void **state)
{
    (void)state;
    char text[RIG_OWN_TEXT_MAX + 2];
    memset(text, 'x', sizeof text);
    text[RIG_OWN_TEXT_MAX + 1] = '\0';
    WRONG(".title is missing", title = NULL);
    WRONG(".armed_when is missing", armed_when = NULL);
    WRONG(".why is missing", why = "");
    WRONG(".mend is missing", mend = NULL);
    WRONG(".title is too long: at most 1000 bytes", title = text);
    WRONG(".source is too long: at most 1000 bytes", source = text);
    WRONG(".mend holds a byte that is not printable ASCII", mend = "one\ntwo");
    WRONG(".why holds a byte that is not printable ASCII", why = "\033[31mred");
    WRONG(".armed_when holds a byte that is not printable ASCII", armed_when = "\x7f");
    WRONG(".source holds a byte that is not printable ASCII", source = "caf\xc3\xa9");
    text[RIG_OWN_TEXT_MAX] = '\0';
    struct rig_own_rule rule = good;
    char why[RIG_OWN_WRONG_SIZE];
    rule.title = rule.why = text;
    rule.source = NULL;
    assert_false(rig_own_rule_is_wrong(&rule, why));
}

static void test_the_rest_of_a_row(void **state)
{
    (void)state;
    WRONG(".level is missing: RIG_LEVEL_NOTE, _WARNING or _ERROR", level = RIG_LEVEL_OFF);
    WRONG(".level is none: it must be RIG_LEVEL_NOTE, _WARNING or _ERROR", level = (enum rig_level)7);
    WRONG(".check is missing", check = NULL);
    WRONG(".hears names no moment, or one that is none: RIG_OWN_HEARS(HEADER) | ...", hears = 0);
    WRONG(".hears names no moment, or one that is none: RIG_OWN_HEARS(HEADER) | ...", hears = 1u << 31);
    WRONG(".request_size or .client_size is more than 65536 bytes: allocate what is that large", request_size = 65537);
    WRONG(".request_size or .client_size is more than 65536 bytes: allocate what is that large",
          client_size = SIZE_MAX);
}

static void test_the_same_id_twice(void **state)
{
    (void)state;
    const struct rig_own_rule again = good;
    const struct rig_own_rule *const rules[] = {&good, &again, NULL};
    refused(rules, "the client's .rules[1] (myteam.rule): .id is that of another, too: myteam.rule");
}

static char ids[1000][16];
static struct rig_own_rule many[1000];
static const struct rig_own_rule *listed[1001];

static void list_many(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(ids[i], sizeof ids[i], "many.r%03zu", (i * 7) % 1000);
        many[i] = good;
        many[i].id = ids[i];
        many[i].request_size = many[i].client_size = 1 + i % 40;
        listed[i] = &many[i];
    }
    listed[count] = NULL;
}

static void test_a_thousand_rules(void **state)
{
    (void)state;
    list_many(1000);
    refused(listed, "the client's .rules[256] (many.r792): is one too many: at most 256, and NULL behind the last");
}

static void test_as_many_as_can_be(void **state)
{
    (void)state;
    list_many(RIG_OWN_RULES_MAX);
    rig_client_free(client);
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){.rules = listed});
    for (unsigned turn = 0; turn < 3; turn++) {
        const struct rig_result *result = rig_get(client, "/");
        for (size_t i = 0; i < RIG_OWN_RULES_MAX; i++) {
            assert_int_equal(rig_result_armed(result, ids[i]), 1);
        }
        rig_assert(result);
    }
}

/* The rig's own ids are found as ever, though the table is not sorted any more. */
static int arms_the_last(void *self, struct rig_env *env, struct rig_response *res)
{
    size_t count;
    const struct rig_rule *all = rig_rules(&count);
    (void)self;
    assert_int_equal(rig_foreign_arm(env, all[0].id), 0);
    assert_int_equal(rig_foreign_arm(env, all[count / 2].id), 0);
    assert_int_equal(rig_foreign_arm(env, all[count - 1].id), 0);
    return rig_respond(res, .status = 200);
}

static void test_an_adapters_rules_among_them(void **state)
{
    (void)state;
    list_many(RIG_OWN_RULES_MAX);
    rig_client_free(client);
    client = rig_client_new(RIG_APP(arms_the_last), (struct rig_client_options){.rules = listed});
    rig_assert(rig_get(client, "/"), .status = 200);
}

/* Two rules, each with bytes of its own for a request and for the client. */
static int fill_states(const struct rig_own_seen *seen)
{
    const unsigned char *letter = seen->closure;
    unsigned char *request = seen->request_state, *all = seen->client_state;
    for (size_t i = 0; i < 12; i++) {
        unsigned char expected = seen->moment == RIG_OWN_BEGIN ? 0 : *letter;
        assert_int_equal(request[i], expected);
        assert_true(all[i] == 0 || all[i] == *letter);
        request[i] = all[i] = *letter;
    }
    return RIG_OWN_LOOKED;
}

static void test_states_are_apart(void **state)
{
    (void)state;
    struct rig_own_rule one = good, other = good;
    one.id = "z.one";
    other.id = "a.other";
    one.check = other.check = fill_states;
    one.hears = other.hears = RIG_OWN_HEARS(BEGIN) | RIG_OWN_HEARS(END);
    one.request_size = other.request_size = one.client_size = other.client_size = 12;
    one.closure = "1";
    other.closure = "2";
    const struct rig_own_rule *const both[] = {&one, &good, &other, NULL};
    rig_client_free(client);
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){.rules = both});
    for (unsigned turn = 0; turn < 3; turn++) {
        const struct rig_result *result = rig_get(client, "/");
        assert_int_equal(rig_result_armed(result, "z.one"), 2);
        assert_int_equal(rig_result_armed(result, "a.other"), 2);
        rig_assert(result);
    }
    (rig_client_free)(client); /* before its rules go */
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
}

static void test_none_at_all(void **state)
{
    (void)state;
    static const struct rig_own_rule *const none[] = {NULL};
    rig_client_free(client);
    client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){.rules = none});
    rig_assert(rig_get(client, "/"), .status = 200);
}

/* Each allocation of a client with rules fails in turn: there is none then, and nothing is lost. */
struct short_of {
    unsigned left;
    size_t held;
};

static void *give(void *self, size_t size)
{
    struct short_of *memory = self;
    if (memory->left-- == 0) {
        memory->left = 0;
        return NULL;
    }
    memory->held++;
    return malloc(size);
}

static void take_back(void *self, void *given)
{
    ((struct short_of *)self)->held -= given != NULL;
    free(given);
}

static void test_without_memory(void **state)
{
    (void)state;
    unsigned failures = 0;
    list_many(RIG_OWN_RULES_MAX);
    for (unsigned allowed = 0;; allowed++) {
        struct short_of memory = {.left = allowed};
        struct rig_client *poor =
            rig_client_new(RIG_APP(answer_ok),
                           (struct rig_client_options){
                               .allocator = {.alloc = give, .release = take_back, .self = &memory}, .rules = listed});
        (rig_client_free)(poor);
        assert_int_equal(memory.held, 0);
        if (poor) {
            break;
        }
        failures++;
    }
    assert_true(failures > 2);
}

/* A file of requests may name ids that only a client can know: where they stand is kept. */
static void test_ids_in_a_scenario(void **state)
{
    (void)state;
    static const char text[] = "# @expect finding next.call.twice\n# @expect finding myteam.rule\n# @ignore env.*\n"
                               "# @ignore my.*\n# @enable\tenv.log.written\n#  @enable a.b\nGET /\n\n###\nGET /b\n";
    static const struct rig_scenario_own expected[] = {{"myteam.rule", 2, 19}, {"my.*", 4, 11}, {"a.b", 6, 12}};
    struct rig_scenario_error error;
    struct rig_scenario *scenario;
    assert_int_equal(rig_scenario_parse(text, strlen(text), &scenario, &error), 0);
    const struct rig_scenario_request *one = rig_scenario_at(scenario, 0);
    assert_int_equal(one->own_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(one->own[i].id, expected[i].id);
        assert_int_equal(one->own[i].line, expected[i].line);
        assert_int_equal(one->own[i].column, expected[i].column);
    }
    assert_string_equal(one->expects[1].rule, "myteam.rule");
    assert_string_equal(one->request.ignore[1], "my.*");
    assert_int_equal(rig_scenario_at(scenario, 1)->own_count, 0);
    rig_scenario_free(scenario);
}

int main(void)
{
#define ROW_TEST(test_) cmocka_unit_test_setup_teardown(test_, stand, tear_down)
    const struct CMUnitTest tests[] = {ROW_TEST(test_ids),
                                       ROW_TEST(test_areas_of_the_rig),
                                       ROW_TEST(test_patterns),
                                       ROW_TEST(test_texts),
                                       ROW_TEST(test_the_rest_of_a_row),
                                       ROW_TEST(test_the_same_id_twice),
                                       ROW_TEST(test_a_thousand_rules),
                                       ROW_TEST(test_as_many_as_can_be),
                                       ROW_TEST(test_an_adapters_rules_among_them),
                                       ROW_TEST(test_states_are_apart),
                                       ROW_TEST(test_none_at_all),
                                       ROW_TEST(test_without_memory),
                                       ROW_TEST(test_ids_in_a_scenario)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
