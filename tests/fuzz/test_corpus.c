/* What a target's program does besides fuzzing: corpora in both forms, the dictionary. */
#define _POSIX_C_SOURCE 200809L

#include "tests/fuzz/fuzz_test.h"

#include "fuzz/driver/corpus.h"
#include "fuzz/driver/report.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/test_corpus.XXXXXX";

static int app(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .status = 204);
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(app));
}

static const struct rig_fuzz what = {
    .build = build,
    .targets = {"/one", "/last\"one"},
    .settings = {{"mode", "of-a-setting"}, {"signing.key", "sesame-one"}, {"API_Token", "sesame-two"}}};

static const char *path_of(const char *name)
{
    static char path[4][256];
    static unsigned turn;
    char *room = path[turn++ % 4];
    (void)snprintf(room, sizeof path[0], "%s/%s", folder, name);
    return room;
}

static int set_up(void **state)
{
    (void)state;
    open_target(&what);
    return mkdtemp(folder) ? mkdir(path_of("out"), 0700) : -1;
}

static void write_text(const char *name, const char *content)
{
    FILE *file = fopen(path_of(name), "w");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static size_t read_text(const char *name, char *out, size_t size)
{
    FILE *file = fopen(path_of(name), "rb");
    if (!file) {
        fail_msg("no file %s", name);
        return 0;
    }
    size_t got = fread(out, 1, size - 1, file);
    assert_int_equal(fclose(file), 0);
    out[got] = '\0';
    assert_int_equal(unlink(path_of(name)), 0);
    return got;
}

/* Of a folder that was new, as --encode leaves it. */
static void forget_table(void)
{
    char text[32], hash[32];
    (void)read_text("out/.stackrig/table", text, sizeof text);
    (void)snprintf(hash, sizeof hash, "%016llx\n", (unsigned long long)rig_fuzz_table_hash(&target.table));
    assert_string_equal(text, hash);
    assert_int_equal(rmdir(path_of("out/.stackrig")), 0);
}

static int run(const char *verb, const char *file)
{
    char *arguments[] = {"target", (char *)(uintptr_t)verb, (char *)(uintptr_t)path_of("out"),
                         (char *)(uintptr_t)(file ? path_of(file) : NULL)};
    int status = -1;
    assert_true(rig_fuzz_corpus(&target, file ? 4 : 2, arguments, &status));
    if (file) {
        assert_int_equal(unlink(path_of(file)), 0);
    }
    return status;
}

static void test_text_to_bytes_and_back(void **state)
{
    (void)state;
    static const char one[] = "# @escapes on\n# @as valid bearer\nPOST /one\nX-A: \\xff\n\na=1\n";
    char text[256];
    write_text("one.http", one);
    assert_int_equal(run("--encode", "one.http"), 0);
    forget_table();
    assert_int_equal(run("--decode", "out/one"), 0);
    (void)read_text("out/one.http", text, sizeof text);
    assert_string_equal(text, one);
}

/* Of a folder that is not there; and the text says where the target looks for credentials. */
static void test_texts_of_a_stack_that_names_places(void **state)
{
    (void)state;
    static const char one[] = "# @escapes on\n# @as valid cookie\nGET /one\n";
    char text[256];
    assert_int_equal(rmdir(path_of("out")), 0);
    (void)snprintf(target.table.names.of[0], sizeof target.table.names.of[0], "sid");
    write_text("one.http", one);
    assert_int_equal(run("--encode", "one.http"), 0);
    forget_table();
    assert_int_equal(run("--decode", "out/one"), 0);
    (void)read_text("out/one.http", text, sizeof text);
    assert_string_equal(text, "# @escapes on\n# @credential cookie=sid\n# @as valid cookie\nGET /one\n");
    target.table.names.of[0][0] = '\0';
}

static void test_more_than_a_scenario_holds(void **state)
{
    (void)state;
    char many[256] = "", text[256], name[32];
    for (unsigned i = 0; i < 9; i++) {
        (void)snprintf(many + strlen(many), sizeof many - strlen(many), "###\nGET /%u\n", i);
    }
    write_text("nine.http", many);
    assert_int_equal(run("--encode", "nine.http"), 0);
    forget_table();
    for (unsigned i = 0; i < 9; i++) {
        (void)snprintf(name, sizeof name, "out/nine-%u", i);
        assert_true(read_text(name, text, sizeof text) > 0);
    }
    assert_int_equal(run("--encode", NULL), 2); /* nothing was done */
    write_text("some.http", "# what they are for\n\n### one\nGET /\n\n### two\n# @pieces 70000\nPOST /\n\na\n");
    assert_int_equal(run("--encode", "some.http"), 1); /* one of them was, and the other is told */
    forget_table();
    (void)read_text("out/some-1", text, sizeof text);
    write_text("nine.http", strcat(strcpy(text, "# what they are for\n\n"), many));
    assert_int_equal(run("--encode", "nine.http"), 0);
    forget_table();
    for (unsigned i = 1; i <= 9; i++) {
        (void)snprintf(name, sizeof name, "out/nine-%u", i);
        assert_true(read_text(name, text, sizeof text) > 0);
    }
    write_text("wrong.http", "no request\n");
    assert_int_equal(run("--encode", "wrong.http"), 1);
    forget_table();
}

static void test_dictionary(void **state)
{
    (void)state;
    char text[16384];
    int saved = dup(STDOUT_FILENO);
    assert_non_null(freopen(path_of("dict"), "w", stdout));
    int status = run("--dict", NULL);
    (void)fflush(stdout);
    assert_true(dup2(saved, STDOUT_FILENO) >= 0);
    assert_int_equal(close(saved), 0);
    assert_int_equal(status, 0);
    assert_true(read_text("dict", text, sizeof text) > 0);
    assert_memory_equal(text, "# words of the table ", 21);
    assert_non_null(strstr(text, "\n\"/one\"\n"));
    assert_non_null(strstr(text, "\n\"/last\\x22one\"\n"));
    assert_non_null(strstr(text, "\n\"of-a-setting\"\n"));
    assert_null(strstr(text, "sesame"));
}

static void test_other_arguments_are_the_fuzzers(void **state)
{
    (void)state;
    char *arguments[] = {"target", "-runs=4"};
    int status;
    assert_false(rig_fuzz_corpus(&target, 2, arguments, &status));
    assert_false(rig_fuzz_corpus(&target, 1, arguments, &status));
}

static void test_a_file_is_named_after_its_rule(void **state)
{
    (void)state;
    char name[160], rule[RIG_FUZZ_RULE_MAX];
    static const char *const rules[] = {"fuzz.app.entered", "crash", "myteam.no_debug_header"};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        rig_fuzz_name(rules[i], "GET /\n", name, sizeof name);
        assert_true(rig_fuzz_rule_of_file(name, rule));
        assert_string_equal(rule, rules[i]);
    }
    assert_true(rig_fuzz_rule_of_file("found-2/fuzz.app.entered-by-head.http", rule));
    assert_string_equal(rule, "fuzz.app.entered");
    static const char *const others[] = {"orders-20240101.http",  "crash-course.http",       "crash-0123abcd.txt",
                                         "my.orders-daily.http",  "fuzz.none-0123abcd.http", "-0123abcd.http",
                                         "fuzz.app.entered.http", "crash-0123abcde.http"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(rig_fuzz_rule_of_file(others[i], rule));
    }
}

static int tear_down(void **state)
{
    (void)rmdir(path_of("out"));
    (void)rmdir(folder);
    return close_target(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_to_bytes_and_back),
        cmocka_unit_test(test_texts_of_a_stack_that_names_places),
        cmocka_unit_test(test_more_than_a_scenario_holds),
        cmocka_unit_test(test_dictionary),
        cmocka_unit_test(test_other_arguments_are_the_fuzzers),
        cmocka_unit_test(test_a_file_is_named_after_its_rule),
    };
    return cmocka_run_group_tests_name("fuzz: corpora", tests, set_up, tear_down);
}
