/* A stack that varies by itself: what two plays differ in is looked at once more, before it is told of. */
#include "tests/fuzz/stacks.h"

#include <errno.h>

/* Chance in a header alone, or by turns; and HEAD is not known, whatever the header is. */
enum chance { ALWAYS_ANOTHER, BY_TURNS, ONE_OF_TEN };
static enum chance chance;
static unsigned drawn;

static int draws(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char value[16];
    unsigned number = drawn++;
    number = chance == BY_TURNS ? number % 2 : chance == ONE_OF_TEN ? number % 10 == 1 : number;
    (void)snprintf(value, sizeof value, "id=%u", number);
    bool head = strcmp(rig_env_get(env, "REQUEST_METHOD"), "HEAD") == 0;
    int error = rig_input_drain(rig_env_input(env), 1 << 20) < 0;
    return error ? -EIO : rig_respond(res, .status = head ? 404 : 200, .headers = {{"Set-Cookie", value}});
}

/* What varies by itself varies with nothing: it is looked at once more, before anything else is said. */
static void test_fuzz_answer_varies_by_itself(void **state)
{
    (void)state;
    enum { ALONE = 1, HEAD = 2, VARIANT = 5, ORDER = VARIANT, PIECES = VARIANT + 8 };
    for (chance = ALWAYS_ANOTHER; chance <= BY_TURNS; chance++) {
        OPEN_APP(draws);
        judge_by(ALONE, "GET /\n###\nGET /a\n###\nGET /b\n###\nGET /c");
        assert_true(found_count == 0 || strcmp(found[0], "fuzz.answer.varies") == 0);
        judge_by(ORDER, "GET /\nX-A: a\nX-B: b");
        assert_found("fuzz.answer.varies");
        judge_by(PIECES, "POST /\n\nabc");
        assert_found("fuzz.answer.varies");
        judge_by(HEAD, "GET /"); /* its status does not */
        assert_found("fuzz.head.differs");
        close_target(NULL);
    }
    OPEN_APP(draws);
    drawn = 0; /* the second alone is another */
    judge_by(PIECES, "POST /\n\nabc");
    assert_int_equal(found_count, 0);
}

/* Opens to the first alone, whoever it is, and to who is known. */
static unsigned asked;

static int first_alone(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct guard *guard = self;
    if (asked++ == 0 || carries(env, guard->secret)) {
        return rig_next(next, env, res);
    }
    int error = drain(env);
    return error ? error : rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}});
}

static const struct rig_middleware first_alone_layer = {
    .name = "first_alone", .call = first_alone, .self_size = sizeof(struct guard), .reset = guard_reset};

static int build_first_alone(struct rig_stack *stack, const struct rig_setup *setup)
{
    struct guard guard = {.mistake = RIGHT};
    (void)snprintf(guard.secret, sizeof guard.secret, "%s", rig_setup_secret(setup, "valid")->value);
    rig_use(stack, &first_alone_layer, &guard, .auth = true);
    return rig_run(stack, RIG_APP(members));
}

static void test_fuzz_opens_by_itself(void **state)
{
    (void)state;
    enum { TARGET = 3, FIELD = 4, NEAR = 7 };
    static const struct {
        uint32_t hash;
        const char *text;
    } cases[] = {{TARGET, "GET /./a"}, {FIELD, "GET /a?b"}, {NEAR, "# @as prefix bearer\nGET /a"}};
    static const struct rig_fuzz what = {.build = build_first_alone};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        open_target(&what);
        asked = 0;
        judge_by(cases[i].hash, cases[i].text);
        assert_found("fuzz.answer.varies");
        close_target(NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_fuzz_answer_varies_by_itself, close_target),
        cmocka_unit_test_teardown(test_fuzz_opens_by_itself, close_target),
    };
    return cmocka_run_group_tests_name("fuzz: steady", tests, NULL, NULL);
}
