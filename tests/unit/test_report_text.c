/* A finding as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <stackrig/result.h>

static const struct rig_evidence evidence[] = {{"POST /api/items, Content-Length: 9", NULL},
                                               {"answered here", "auth.c:40"}};

static const struct rig_finding sample = {
    .rule = "input.early_answer.unread",
    .level = RIG_LEVEL_ERROR,
    .layer = "authentication",
    .layer_number = 2,
    .layer_site = "stack.c:7",
    .site = "auth.c:42",
    .message = "authentication answered 401 and left 9 of 9 body bytes unread",
    .follows = "the 9 bytes become the start of the next request on the connection (sure)",
    .server = "http1",
    .mend = "drain before you answer: rig_input_drain(rig_env_input(env), LIMIT)",
    .evidence = evidence,
    .evidence_count = 2,
};

static const char sample_text[] =
    "auth.c:42: error: authentication answered 401 and left 9 of 9 body bytes unread [input.early_answer.unread]\n"
    "  POST /api/items, Content-Length: 9\n"
    "  auth.c:40: answered here\n"
    "  stack.c:7: layer authentication #2\n"
    "  http1: the 9 bytes become the start of the next request on the connection (sure)\n"
    "  drain before you answer: rig_input_drain(rig_env_input(env), LIMIT)\n";

static void shows_text(const struct rig_finding *finding, const char *shown)
{
    char buffer[4096];
    assert_int_equal(rig_finding_text(finding, buffer, sizeof buffer), strlen(shown));
    assert_string_equal(buffer, shown);
}

static void prints_compiler_form(void **state)
{
    (void)state;
    shows_text(&sample, sample_text);
}

static void counts_as_snprintf_does(void **state)
{
    int length = (int)strlen(sample_text);
    (void)state;
    assert_int_equal(rig_finding_text(&sample, NULL, 0), length);
    for (size_t size = 1; size <= sizeof sample_text; size++) {
        char *buffer = malloc(size);
        assert_non_null(buffer);
        assert_int_equal(rig_finding_text(&sample, buffer, size), length);
        assert_int_equal(strlen(buffer), size - 1);
        assert_memory_equal(buffer, sample_text, size - 1);
        free(buffer);
    }
}

static void needs_only_a_rule(void **state)
{
    struct rig_finding finding = {.rule = "a.b.c", .level = RIG_LEVEL_NOTE};
    (void)state;
    shows_text(&finding, "request: note: a.b.c [a.b.c]\n");
    finding.layer = "auth";
    shows_text(&finding, "auth: note: a.b.c [a.b.c]\n");
    finding.layer_site = "s.c:1";
    finding.layer_number = 1;
    shows_text(&finding, "s.c:1: note: a.b.c [a.b.c]\n  s.c:1: layer auth\n");
    finding.site = "a.c:2";
    finding.level = RIG_LEVEL_WARNING;
    finding.message = "m";
    shows_text(&finding, "a.c:2: warning: m [a.b.c]\n  s.c:1: layer auth\n");
}

static void escapes_and_masks(void **state)
{
    const struct rig_evidence items[] = {{"Authorization: Basic abc", "b\n.c:1"}};
    const struct rig_finding finding = {.rule = "r\x1b",
                                        .level = RIG_LEVEL_ERROR,
                                        .layer = "l\n",
                                        .layer_site = "s\r:1",
                                        .site = "a\n.c:1",
                                        .message = "m\n\xc3\xa4",
                                        .follows = "password=abcd",
                                        .mend = "\t",
                                        .evidence = items,
                                        .evidence_count = 1};
    (void)state;
    shows_text(&finding, "a\\x0a.c:1: error: m\\x0a\\xc3\\xa4 [r\\x1b]\n"
                         "  b\\x0a.c:1: Authorization: Basic ****\n"
                         "  s\\x0d:1: layer l\\x0a\n"
                         "  password=****\n"
                         "  \\x09\n");
}

static void bounds_what_is_long(void **state)
{
    struct rig_evidence many[RIG_EVIDENCE_MAX + 5];
    struct rig_finding finding = {.rule = "r", .level = RIG_LEVEL_NOTE, .evidence = many};
    char huge[100001];
    (void)state;
    for (size_t i = 0; i < sizeof many / sizeof *many; i++) {
        many[i] = (struct rig_evidence){"e", NULL};
    }
    finding.evidence_count = sizeof many / sizeof *many;
    int length = (int)strlen("request: note: r [r]\n");
    assert_int_equal(rig_finding_text(&finding, NULL, 0), length + 4 * RIG_EVIDENCE_MAX);
    memset(huge, '\n', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    finding.message = huge;
    finding.evidence_count = 0;
    assert_in_range(rig_finding_text(&finding, NULL, 0), 4000, 5000);
}

static void refuses_nothing_at_all(void **state)
{
    char buffer[4] = "abc";
    (void)state;
    assert_int_equal(rig_finding_text(NULL, buffer, sizeof buffer), -EINVAL);
    assert_string_equal(buffer, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_compiler_form), cmocka_unit_test(counts_as_snprintf_does),
        cmocka_unit_test(needs_only_a_rule),    cmocka_unit_test(escapes_and_masks),
        cmocka_unit_test(bounds_what_is_long),  cmocka_unit_test(refuses_nothing_at_all),
    };
    return cmocka_run_group_tests_name("report text", tests, NULL, NULL);
}
