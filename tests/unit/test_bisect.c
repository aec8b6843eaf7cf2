/* Bisecting: the search over sets of layers, and stacks built for each run. */
#include "tests/unit/core_test.h"

#include <stackrig/bisect.h>

#include "harness/client/bisect_search.h"

#include <stdlib.h>
#include <string.h>

/* ---- the search ---- */

/* A made-up stack: it fails where all layers of one of these sets take part, in any order or in the set's own. */
struct puzzle {
    unsigned layer_count;
    const char *sets[3]; /* letters: a is layer 0; a leading '>' means in this order */
    unsigned max_runs;
    int error;    /* instead of an answer */
    unsigned odd; /* runs without this layer (a letter) fail in another way */
    const char *needs,
        *breaks[2]; /* runs without this layer fail so; so does the whole of them where one of breaks is */
    unsigned told;  /* by progress */
};

static bool holds(const char *set, const unsigned *layers, size_t count)
{
    bool in_order = *set == '>';
    size_t at = 0, found = 0;
    for (const char *letter = set + in_order; *letter; letter++) {
        for (size_t i = in_order ? at : 0; i < count; i++) {
            if (layers[i] == (unsigned)(*letter - 'a')) {
                at = i + 1;
                found++;
                break;
            }
        }
    }
    return found == strlen(set + in_order);
}

static int play(void *closure, const unsigned *layers, size_t count)
{
    const struct puzzle *puzzle = closure;
    const char odd[2] = {(char)puzzle->odd, '\0'};
    if (puzzle->error) {
        return puzzle->error;
    }
    if (puzzle->odd && !holds(odd, layers, count)) {
        return RIG_BISECT_OTHER;
    }
    if (puzzle->needs && !holds(puzzle->needs, layers, count)) {
        return RIG_BISECT_FAILS;
    }
    for (size_t i = 0; i < COUNT(puzzle->breaks); i++) {
        if (puzzle->breaks[i] && holds(puzzle->breaks[i], layers, count)) {
            return RIG_BISECT_FAILS;
        }
    }
    for (size_t i = 0; i < COUNT(puzzle->sets); i++) {
        if (puzzle->sets[i] && holds(puzzle->sets[i], layers, count)) {
            return RIG_BISECT_FAILS;
        }
    }
    return RIG_BISECT_PASSES;
}

static void tell(void *closure, unsigned runs, size_t left)
{
    struct puzzle *puzzle = closure;
    assert_true(left <= puzzle->layer_count);
    puzzle->told = runs;
}

static struct rig_bisection solve(struct puzzle puzzle, int error)
{
    struct rig_bisection out;
    const struct rig_bisect_search search = {.layer_count = puzzle.layer_count,
                                             .max_runs = puzzle.max_runs,
                                             .run = play,
                                             .progress = tell,
                                             .closure = &puzzle};
    assert_int_equal(rig_bisect_search(&search, &out), error);
    if (!error) {
        assert_int_equal(puzzle.told, out.runs);
    }
    return out;
}

static const char *letters_of(const struct rig_culprits *culprits)
{
    static char text[RIG_BISECT_LAYERS_MAX + 1];
    for (size_t i = 0; i < culprits->count; i++) {
        text[i] = (char)('a' + culprits->layers[i]);
    }
    text[culprits->count] = '\0';
    return text;
}

static void test_one_guilty(void **state)
{
    (void)state;
    for (unsigned count = 1; count <= 26; count++) {
        for (unsigned guilty = 0; guilty < count; guilty++) {
            const char set[] = {(char)('a' + guilty), '\0'};
            struct rig_bisection out = solve((struct puzzle){.layer_count = count, .sets = {set}}, 0);
            assert_int_equal(out.end, RIG_BISECT_FOUND);
            assert_int_equal(out.set_count, 1);
            assert_string_equal(letters_of(&out.sets[0]), set);
            assert_true(out.sets[0].enough);
            assert_false(out.sets[0].in_order || out.more || out.incomplete);
        }
    }
}

/* Twelve layers, each two of them guilty together: never more than 200 runs. */
static void test_two_guilty_together(void **state)
{
    unsigned most = 0;
    (void)state;
    for (int one = 'a'; one < 'm'; one++) {
        for (int other = one + 1; other < 'm'; other++) {
            const char set[] = {(char)one, (char)other, '\0'}, ordered[] = {'>', (char)one, (char)other, '\0'};
            struct rig_bisection out = solve((struct puzzle){.layer_count = 12, .sets = {set}}, 0);
            assert_string_equal(letters_of(&out.sets[0]), set);
            assert_false(out.sets[0].in_order);
            assert_true(out.sets[0].enough);
            most = out.runs > most ? out.runs : most;
            out = solve((struct puzzle){.layer_count = 12, .sets = {ordered}}, 0);
            assert_string_equal(letters_of(&out.sets[0]), set);
            assert_true(out.sets[0].in_order && out.sets[0].whole_swaps);
            assert_int_equal(out.sets[0].swapped[0], one - 'a');
            assert_int_equal(out.sets[0].swapped[1], other - 'a');
            most = out.runs > most ? out.runs : most;
        }
    }
    assert_in_range(most, 10, 60); /* 200 are allowed */
}

static void test_ends(void **state)
{
    (void)state;
    assert_int_equal(solve((struct puzzle){.layer_count = 5}, 0).end, RIG_BISECT_NOTHING);
    assert_int_equal(solve((struct puzzle){.layer_count = 5, .sets = {""}}, 0).end, RIG_BISECT_APP);
    assert_int_equal(solve((struct puzzle){.layer_count = 0, .sets = {""}}, 0).end, RIG_BISECT_NO_LAYERS);
    assert_int_equal(solve((struct puzzle){.layer_count = 0}, 0).end, RIG_BISECT_NOTHING);
    solve((struct puzzle){.layer_count = 3, .error = -EIO}, -EIO);
    solve((struct puzzle){.layer_count = RIG_BISECT_LAYERS_MAX + 1}, -E2BIG);
    struct rig_bisection most = solve((struct puzzle){.layer_count = RIG_BISECT_LAYERS_MAX, .sets = {"z"}}, 0);
    assert_string_equal(letters_of(&most.sets[0]), "z");
}

/* Two that fail each alone are two sets; the stack passes without neither of them only. */
static void test_more_than_one_set(void **state)
{
    (void)state;
    struct rig_bisection out = solve((struct puzzle){.layer_count = 8, .sets = {"b", "fg"}}, 0);
    assert_int_equal(out.set_count, 2);
    assert_string_equal(letters_of(&out.sets[0]), "b");
    assert_false(out.sets[0].enough);
    assert_string_equal(letters_of(&out.sets[1]), "fg");
    assert_true(out.sets[1].enough);
    assert_false(out.more);
}

/* Of three together none can be left out; a pair that fails too is smaller. */
static void test_the_smallest(void **state)
{
    (void)state;
    struct rig_bisection out = solve((struct puzzle){.layer_count = 12, .sets = {"abc", "dl"}}, 0);
    assert_string_equal(letters_of(&out.sets[0]), "dl");
    out = solve((struct puzzle){.layer_count = 12, .sets = {"cfi", "bdhj"}}, 0);
    assert_string_equal(letters_of(&out.sets[0]), "cfi");
    assert_in_range(out.runs, 1, 200);
}

/* What fails in another way without a layer below says nothing of the rest. */
static void test_another_failure_is_none(void **state)
{
    (void)state;
    struct rig_bisection out = solve((struct puzzle){.layer_count = 12, .sets = {"h"}, .odd = 'c'}, 0);
    assert_string_equal(letters_of(&out.sets[0]), "h"); /* without c it does not pass, it fails in another way */
    assert_true(out.sets[0].enough && out.sets[0].left_out);
    assert_int_equal(out.sets[0].key, 'h' - 'a');
    out = solve((struct puzzle){.layer_count = 12, .sets = {"gh"}, .odd = 'c'}, 0);
    assert_string_equal(letters_of(&out.sets[0]), "cgh");
    assert_true(out.sets[0].enough && !out.sets[0].left_out);
    assert_int_equal(out.sets[0].key, 'g' - 'a');
}

/* The app needs a layer, which another one undoes: each alone, and none at all, fails as the whole does. */
static void test_what_the_app_needs(void **state)
{
    unsigned most = 0;
    (void)state;
    for (int need = 'a'; need < 'm'; need++) {
        for (int one = 'a'; one < 'm'; one++) {
            const char needs[] = {(char)need, '\0'}, breaks[] = {(char)one, '\0'}, other[] = {'e', '\0'};
            bool two = one != 'e' && need != 'e';
            if (one == need) {
                continue;
            }
            struct rig_bisection out = solve((struct puzzle){.layer_count = 12, .needs = needs, .breaks = {breaks}}, 0);
            assert_int_equal(out.end, RIG_BISECT_FOUND);
            assert_int_equal(out.set_count, 1);
            assert_string_equal(letters_of(&out.sets[0]), breaks);
            assert_true(out.app_fails && out.sets[0].left_out && out.sets[0].enough);
            most = out.runs > most ? out.runs : most;
            out = solve((struct puzzle){.layer_count = 12, .needs = needs, .breaks = {breaks, two ? other : NULL}}, 0);
            assert_int_equal(out.sets[0].count, two ? 2 : 1);
            assert_true(out.sets[0].left_out && !out.more);
            assert_int_equal(out.sets[0].enough, !two);
            most = out.runs > most ? out.runs : most;
        }
    }
    assert_in_range(most, 10, 200);
    assert_in_range(solve((struct puzzle){.layer_count = 12, .sets = {""}}, 0).runs, 80,
                    120); /* all pairs, then parts */
    const char *const three[] = {"b", "c", "d"};
    struct rig_bisection out =
        solve((struct puzzle){.layer_count = 12, .needs = "a", .breaks = {three[0], three[1]}, .sets = {three[2]}}, 0);
    assert_string_equal(letters_of(&out.sets[0]), "bcd"); /* by parts */
}

/* A gate fails alone as the whole does, for it needs a layer above it; in the whole one behind that is to blame. */
static enum rig_bisect_answer gate(const unsigned *layers, size_t count)
{
    bool needed = holds("a", layers, count) && !holds("b", layers, count);
    return holds("c", layers, count) && !needed ? RIG_BISECT_FAILS : RIG_BISECT_PASSES;
}

static int play_gate(void *closure, const unsigned *layers, size_t count)
{
    (void)closure;
    return (int)gate(layers, count);
}

static void test_what_a_layer_needs(void **state)
{
    struct rig_bisection out;
    (void)state;
    assert_int_equal(rig_bisect_search(&(struct rig_bisect_search){.layer_count = 5, .run = play_gate}, &out), 0);
    assert_int_equal(out.set_count, 1);
    assert_string_equal(letters_of(&out.sets[0]), "b");
    assert_true(out.sets[0].left_out && out.sets[0].enough);
    assert_false(out.app_fails);
}

static void test_runs_come_to_an_end(void **state)
{
    (void)state;
    struct rig_bisection out = solve((struct puzzle){.layer_count = 12, .sets = {"cj"}, .max_runs = 6}, 0);
    assert_int_equal(out.runs, 6);
    assert_true(out.incomplete);
    assert_int_equal(out.end, RIG_BISECT_FOUND);
    assert_true(out.sets[0].count >= 2);
}

/* ---- stacks ---- */

static int pass_on(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return rig_next(next, env, res);
}

static int pass_a_copy(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return rig_next(next, rig_env_copy(env), res);
}

static int name_user(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    (void)rig_env_set(env, "test.user", "ada");
    return rig_next(next, env, res);
}

/* Refuses whom a layer above has named. */
static int refuse_user(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return rig_env_get(env, "test.user") ? rig_respond(res, .status = 403) : rig_next(next, env, res);
}

LAYER(pass_on);
LAYER(pass_a_copy);
LAYER(name_user);
LAYER(refuse_user);

static int built;

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    built++;
    for (int i = 0; i < 3; i++) {
        rig_use(stack, &pass_on_layer);
    }
    rig_use(stack, &name_user_layer);
    rig_use(stack, &pass_a_copy_layer);
    rig_use(stack, &pass_on_layer);
    rig_use(stack, &refuse_user_layer);
    return setup->seed == 9 ? -ENOENT : rig_run(stack, RIG_APP(answer_ok));
}

static enum rig_bisect_answer by_hand(void *closure, const struct rig_result *result)
{
    *(unsigned *)closure += 1;
    return result->hop_count > 7 ? RIG_BISECT_FAILS : RIG_BISECT_PASSES;
}

static void test_stack(void **state)
{
    struct rig_bisection out;
    (void)state;
    built = 0;
    assert_int_equal(
        rig_bisect(&(struct rig_bisect_options){.build = build, .request = RIG_GET("/"), .status = 200}, &out), 0);
    assert_int_equal(out.end, RIG_BISECT_FOUND);
    assert_int_equal(out.set_count, 1);
    assert_string_equal(letters_of(&out.sets[0]), "dg");
    assert_true(out.sets[0].in_order && out.sets[0].whole_swaps && out.sets[0].enough);
    assert_int_equal(built, out.runs + 1); /* once to count its layers */
    assert_int_equal(
        rig_bisect(
            &(struct rig_bisect_options){.build = build, .request = RIG_GET("/"), .finding = "env.identity.replaced"},
            &out),
        0);
    assert_string_equal(letters_of(&out.sets[0]), "e");
    unsigned judged = 0;
    assert_int_equal(
        rig_bisect(
            &(struct rig_bisect_options){.build = build, .request = RIG_GET("/"), .judge = by_hand, .closure = &judged},
            &out),
        0);
    assert_int_equal(judged, out.runs);
    assert_int_equal(out.end, RIG_BISECT_NOTHING); /* the last layer answers: seven hops */
}

/* Refuses whom nobody has named, in a way of its own. */
static int want_user(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    return rig_env_get(env, "test.user") ? rig_next(next, env, res) : rig_respond(res, .status = 500);
}

LAYER(want_user);

static int build_gate(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &name_user_layer);
    rig_use(stack, &want_user_layer);
    rig_use(stack, &refuse_user_layer);
    return rig_run(stack, RIG_APP(answer_ok));
}

static int answer_a_user(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    return rig_respond(res, .status = rig_env_get(env, "test.user") ? 200 : 401);
}

static int forget_user(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    (void)rig_env_unset(env, "test.user");
    return rig_next(next, env, res);
}

LAYER(forget_user);

static int build_forgetting(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &name_user_layer);
    rig_use(stack, &pass_on_layer);
    rig_use(stack, &forget_user_layer);
    return rig_run(stack, RIG_APP(answer_a_user));
}

static void test_an_app_that_needs_a_user(void **state)
{
    struct rig_bisection out;
    (void)state;
    assert_int_equal(
        rig_bisect(&(struct rig_bisect_options){.build = build_forgetting, .request = RIG_GET("/"), .status = 200},
                   &out),
        0);
    assert_int_equal(out.end, RIG_BISECT_FOUND);
    assert_string_equal(letters_of(&out.sets[0]), "c");
    assert_true(out.sets[0].left_out);
}

static int respond_badly(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .status = 200, .headers = {{"Bad Name", "1"}});
}

static int refuse_badly(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self, (void)env, (void)next;
    return rig_respond(res, .status = 401, .headers = {{"Bad Name", "1"}});
}

LAYER(refuse_badly);

static int build_bad(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &pass_on_layer);
    rig_use(stack, &refuse_badly_layer);
    return rig_run(stack, RIG_APP(respond_badly));
}

/* The app breaks the same rule, where the layer lets anybody come to it. */
static void test_a_finding_elsewhere_is_another(void **state)
{
    struct rig_bisection out;
    (void)state;
    assert_int_equal(rig_bisect(&(struct rig_bisect_options){.build = build_bad,
                                                             .request = RIG_GET("/"),
                                                             .finding = "response.header_name.token"},
                                &out),
                     0);
    assert_int_equal(out.end, RIG_BISECT_FOUND);
    assert_string_equal(letters_of(&out.sets[0]), "b");
    assert_false(out.sets[0].left_out || out.app_fails);
}

/* The gate alone answers 500, the whole stack 403: that is no part of why. */
static void test_another_status_is_another_failure(void **state)
{
    struct rig_bisection out;
    (void)state;
    assert_int_equal(
        rig_bisect(&(struct rig_bisect_options){.build = build_gate, .request = RIG_GET("/"), .status = 200}, &out), 0);
    assert_int_equal(out.set_count, 1);
    assert_string_equal(letters_of(&out.sets[0]), "c"); /* nor without the first */
    assert_true(out.sets[0].left_out);
}

static void *no_memory(void *closure, size_t size)
{
    (void)closure;
    (void)size;
    return NULL;
}

static void no_release(void *closure, void *memory)
{
    (void)closure;
    (void)memory;
}

static void test_wrong_use(void **state)
{
    struct rig_bisection out;
    (void)state;
    assert_int_equal(rig_bisect(&(struct rig_bisect_options){.request = RIG_GET("/"), .status = 200}, &out), -EINVAL);
    assert_int_equal(rig_bisect(&(struct rig_bisect_options){.build = build, .request = RIG_GET("/")}, &out), -EINVAL);
    assert_int_equal(rig_bisect(&(struct rig_bisect_options){.build = build, .finding = "no.such.rule"}, &out),
                     -EINVAL);
    assert_int_equal(rig_bisect(&(struct rig_bisect_options){.build = build,
                                                             .setup = &(struct rig_setup){.seed = 9},
                                                             .request = RIG_GET("/"),
                                                             .status = 200},
                                &out),
                     -ENOENT);
    assert_int_equal(
        rig_bisect(&(struct rig_bisect_options){.build = build,
                                                .client = {.allocator = {.alloc = no_memory, .release = no_release}},
                                                .request = RIG_GET("/"),
                                                .status = 200},
                   &out),
        -ENOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_guilty),
        cmocka_unit_test(test_two_guilty_together),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_more_than_one_set),
        cmocka_unit_test(test_the_smallest),
        cmocka_unit_test(test_another_failure_is_none),
        cmocka_unit_test(test_what_the_app_needs),
        cmocka_unit_test(test_what_a_layer_needs),
        cmocka_unit_test(test_runs_come_to_an_end),
        cmocka_unit_test(test_stack),
        cmocka_unit_test(test_an_app_that_needs_a_user),
        cmocka_unit_test(test_a_finding_elsewhere_is_another),
        cmocka_unit_test(test_another_status_is_another_failure),
        cmocka_unit_test(test_wrong_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
