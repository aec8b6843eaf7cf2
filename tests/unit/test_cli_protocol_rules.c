/* The rows of a stack's own rules come over the worker's pipe: what is whole is taken, everything else is refused. */
#define _GNU_SOURCE

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The command is no library: its files are compiled into the test. */
#include "harness/cli/run/decode.c"
#include "harness/cli/run/encode.c"
#include "harness/cli/ui/known.c"
#include "harness/cli/ui/output.c"
#include "harness/cli/ui/suggest.c"
#include "harness/cli/ui/usage.c"

static const struct rig_rule rows[] = {{.id = "a.b",
                                        .level = RIG_LEVEL_WARNING,
                                        .off = true,
                                        .title = "t",
                                        .armed_when = "w",
                                        .why = "y",
                                        .mend = "m",
                                        .source = "s"},
                                       {.id = "myteam.rule",
                                        .level = RIG_LEVEL_ERROR,
                                        .title = "title",
                                        .armed_when = "when",
                                        .why = "why",
                                        .mend = "mend"}};

/* A frame of these rows, over a file: it may be larger than a pipe. */
static struct rig_frame frame_of(struct rig_frames *frames, const struct rig_rule *sent, size_t count)
{
    char path[] = "/tmp/stackrig-rows-XXXXXX";
    struct rig_frame frame = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    *frames = (struct rig_frames){.data = NULL};
    assert_true(rig_frame_send_rules(fd, sent, count));
    lseek(fd, 0, SEEK_SET);
    while (rig_frames_fill(frames, fd)) {
    }
    assert_true(rig_frames_next(frames, &frame));
    assert_int_equal(frame.kind, RIG_FRAME_RULES);
    assert_int_equal(frame.number, count);
    close(fd);
    return frame;
}

static bool takes(const struct rig_rule *sent, size_t count)
{
    struct rig_frames frames;
    struct rig_frame frame = frame_of(&frames, sent, count);
    bool taken = rig_frame_take_rules(&frame);
    rig_frames_free(&frames);
    return taken;
}

static int forget(void **state)
{
    (void)state;
    rig_known_take(NULL, 0);
    return 0;
}

static void rows_come_through(void **state)
{
    (void)state;
    size_t own;
    (void)rig_rules(&own);
    assert_false(rig_known_pattern("myteam.*"));
    assert_true(takes(rows, 2));
    assert_int_equal(rig_known_count(), own + 2);
    const struct rig_rule *rule = rig_known_find("a.b");
    assert_ptr_equal(rule, rig_known_rule(own));
    assert_int_equal(rule->level, RIG_LEVEL_WARNING);
    assert_true(rule->off);
    assert_string_equal(rule->title, "t");
    assert_string_equal(rule->armed_when, "w");
    assert_string_equal(rule->why, "y");
    assert_string_equal(rule->mend, "m");
    assert_string_equal(rule->source, "s");
    rule = rig_known_find("myteam.rule");
    assert_int_equal(rig_known_number("myteam.rule"), own + 1);
    assert_false(rule->off);
    assert_null(rule->source);
    assert_true(rig_known_pattern("myteam.*"));
    assert_int_equal(rig_known_number("next.call.twice"), rig_rule_find("next.call.twice") - rig_rules(NULL));
    /* those of another stack take their place */
    assert_true(takes(rows, 1));
    assert_int_equal(rig_known_count(), own + 1);
    assert_null(rig_known_find("myteam.rule"));
    assert_int_equal(rig_known_number("myteam.rule"), SIZE_MAX);
    assert_true(takes(rows, 0));
    assert_int_equal(rig_known_count(), own);
}

/* A row as the second; the first is good. */
static void refused(struct rig_rule row)
{
    const struct rig_rule sent[] = {rows[0], row};
    assert_false(takes(sent, 2));
    assert_null(rig_known_find("a.b"));
}

#define REFUSED(...)                   \
    do {                               \
        struct rig_rule row = rows[1]; \
        row.__VA_ARGS__;               \
        refused(row);                  \
    } while (0)

static void rows_that_are_none(void **state)
{
    (void)state;
    static char text[RIG_OWN_TEXT_MAX + 2];
    memset(text, 'x', sizeof text - 1);
    REFUSED(id = NULL);
    REFUSED(id = "");
    REFUSED(id = "myteam");
    REFUSED(id = "next.call.twice");
    REFUSED(id = "next.mine");
    REFUSED(id = "my\033.rule");
    REFUSED(id = "a.b"); /* twice */
    REFUSED(id = "a.a"); /* not sorted */
    REFUSED(level = RIG_LEVEL_OFF);
    REFUSED(level = (enum rig_level)4);
    REFUSED(level = (enum rig_level) - 1);
    REFUSED(title = NULL);
    REFUSED(armed_when = NULL);
    REFUSED(why = "");
    REFUSED(mend = NULL);
    REFUSED(title = text);
    REFUSED(source = "a\nb");
    REFUSED(mend = "\x1b[0m");
    REFUSED(why = "\xff");
}

static void as_many_as_can_be_and_one_more(void **state)
{
    (void)state;
    static struct rig_rule many[1000];
    static char ids[1000][16], text[RIG_OWN_TEXT_MAX + 1];
    memset(text, 'x', sizeof text - 1);
    for (size_t i = 0; i < 1000; i++) {
        (void)snprintf(ids[i], sizeof ids[i], "many.r%03zu", i);
        many[i] = rows[1];
        many[i].id = ids[i];
        many[i].title = many[i].armed_when = many[i].why = many[i].mend = many[i].source = text;
    }
    assert_true(takes(many, RIG_OWN_RULES_MAX));
    assert_non_null(rig_known_find("many.r255"));
    assert_false(takes(many, RIG_OWN_RULES_MAX + 1));
    assert_false(takes(many, 1000));
    assert_non_null(rig_known_find("many.r255")); /* nothing was taken */
}

static void a_frame_that_is_cut_or_lies(void **state)
{
    (void)state;
    struct rig_frames frames;
    struct rig_frame frame = frame_of(&frames, rows, 2);
    for (size_t size = 0; size <= frame.size + 1; size++) {
        unsigned char *copy = malloc(size + 1);
        assert_non_null(copy);
        memcpy(copy, frame.data, size < frame.size ? size : frame.size);
        copy[size - (size > frame.size)] = 0;
        bool taken = rig_frame_take_rules(&(struct rig_frame){frame.kind, 2, copy, size});
        assert_int_equal(taken, size == frame.size);
        free(copy);
    }
    assert_false(rig_frame_take_rules(&(struct rig_frame){frame.kind, 1, frame.data, frame.size}));
    assert_false(rig_frame_take_rules(&(struct rig_frame){frame.kind, 3, frame.data, frame.size}));
    assert_false(rig_frame_take_rules(&(struct rig_frame){frame.kind, UINT32_MAX, frame.data, frame.size}));
    rig_frames_free(&frames);
}

/* Each byte changed, in turn: taken or refused, never out of bounds (the sanitizers look on). */
static void any_changed_byte(void **state)
{
    (void)state;
    struct rig_frames frames;
    struct rig_frame frame = frame_of(&frames, rows, 2);
    unsigned refusals = 0;
    for (size_t i = 0; i < frame.size; i++) {
        static const unsigned char changes[] = {0x01, 0x80, 0xff};
        for (size_t k = 0; k < sizeof changes; k++) {
            unsigned char *copy = malloc(frame.size);
            assert_non_null(copy);
            memcpy(copy, frame.data, frame.size);
            copy[i] ^= changes[k];
            refusals += !rig_frame_take_rules(&(struct rig_frame){frame.kind, 2, copy, frame.size});
            free(copy);
        }
    }
    assert_true(refusals > frame.size);
    rig_frames_free(&frames);
}

/* A report counts the stack's rules, too, and its findings may be theirs. */
static void a_report_with_findings_of_them(void **state)
{
    (void)state;
    int ends[2];
    size_t own;
    unsigned armed[512] = {0};
    struct rig_frames frames = {.data = NULL};
    struct rig_frame frame;
    struct rig_job_report report;
    const struct rig_finding finding = {.rule = "myteam.rule", .level = RIG_LEVEL_ERROR, .message = "m"};
    const struct rig_report made = {.result = {.findings = &finding, .finding_count = 1}, .armed = armed};
    (void)rig_rules(&own);
    assert_true(takes(rows, 2));
    armed[own + 1] = 7;
    assert_int_equal(pipe(ends), 0);
    assert_true(rig_frame_send_report(ends[1], RIG_FRAME_REPORT, 0, &made.result, NULL));
    assert_true(rig_frames_fill(&frames, ends[0]));
    assert_true(rig_frames_next(&frames, &frame));
    assert_true(rig_frame_report(&frame, &report));
    assert_int_equal(report.armed[own + 1], 7);
    assert_ptr_equal(report.findings[0].rule, rig_known_find("myteam.rule")->id);
    rig_job_report_free(&report);
    rig_known_take(NULL, 0); /* of a stack without rules it makes no sense */
    assert_false(rig_frame_report(&frame, &report));
    rig_job_report_free(&report);
    rig_frames_free(&frames);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(rows_come_through, forget),
        cmocka_unit_test_teardown(rows_that_are_none, forget),
        cmocka_unit_test_teardown(as_many_as_can_be_and_one_more, forget),
        cmocka_unit_test_teardown(a_frame_that_is_cut_or_lies, forget),
        cmocka_unit_test_teardown(any_changed_byte, forget),
        cmocka_unit_test_teardown(a_report_with_findings_of_them, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
