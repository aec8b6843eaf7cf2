/* The parent believes nothing that a worker sends: what is whole is read, everything else is refused, in bounds. */
#define _GNU_SOURCE

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* The command is no library: its files are compiled into the test. */
#include "harness/cli/run/decode.c"
#include "harness/cli/run/encode.c"
#include "harness/cli/ui/known.c"
#include "harness/cli/ui/output.c"
#include "harness/cli/ui/suggest.c"
#include "harness/cli/ui/usage.c"
#include "harness/core/run.h"

struct pipe_ends {
    int read_end, write_end;
    struct rig_frames frames;
};

static int setup(void **state)
{
    int ends[2];
    struct pipe_ends *one = calloc(1, sizeof *one);
    assert_non_null(one);
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
    one->read_end = ends[0];
    one->write_end = ends[1];
    *state = one;
    return 0;
}

static int teardown(void **state)
{
    struct pipe_ends *one = *state;
    close(one->read_end);
    close(one->write_end);
    rig_frames_free(&one->frames);
    free(one);
    return 0;
}

static void fill(struct pipe_ends *one)
{
    while (rig_frames_fill(&one->frames, one->read_end)) {
    }
}

static const struct rig_evidence evidence[] = {{"seen", "a.c:1"}, {NULL, NULL}};
static const struct rig_finding findings[] = {{.rule = "next.call.twice",
                                               .level = RIG_LEVEL_ERROR,
                                               .layer = "outer",
                                               .layer_number = 2,
                                               .layer_site = "s.c:1",
                                               .site = "a.c:2",
                                               .message = "called twice",
                                               .mend = "",
                                               .evidence = evidence,
                                               .evidence_count = 2},
                                              {.rule = "input.body.eaten", .level = RIG_LEVEL_NOTE}};
static const struct rig_suppressed suppressed[] = {{"next.call.twice", "next.*", 3}};
/* outer -> inner, which failed, was tried again and then called an app that failed; it passed on another error. */
static const struct rig_hop hops[] = {
    {.layer = "outer", .number = 0, .parent = 0, .returned = -13},
    {.layer = "inner", .number = 1, .parent = 0, .returned = -7},
    {.layer = "lost", .number = 2, .parent = 1, .returned = -7},
    {.layer = "inner", .layer_site = "s.c:2", .left_at = "i.c:9", .layer_number = 2, .number = 3, .returned = -5},
    {.layer = "fine", .number = 4, .parent = 3},
};
static unsigned armed[256];
/* A result is a report's first member, as a client makes it. */
static const struct rig_report sample = {.result = {.status = 401,
                                                    .error = -5,
                                                    .hops = hops,
                                                    .hop_count = 5,
                                                    .findings = findings,
                                                    .finding_count = 2,
                                                    .suppressed = suppressed,
                                                    .suppressed_count = 1,
                                                    .refused = "no",
                                                    .unchecked = true},
                                         .armed = armed};

static void a_report_comes_through(void **state)
{
    struct pipe_ends *one = *state;
    struct rig_frame frame = {0};
    struct rig_job_report report;
    armed[0] = 3;
    const struct rig_trials trials = {.verdicts = {4, 0, 0, 1},
                                      .error = EINVAL,
                                      .lost = 2,
                                      .leaks = RIG_LEAKS_WITH_THREADS,
                                      .took = UINT64_C(5000000001)};
    assert_true(rig_frame_send_report(one->write_end, RIG_FRAME_REPORT, 7, &sample.result, &trials));
    fill(one);
    assert_true(rig_frames_next(&one->frames, &frame));
    assert_int_equal(frame.kind, RIG_FRAME_REPORT);
    assert_int_equal(frame.number, 7);
    assert_true(rig_frame_report(&frame, &report));
    assert_int_equal(report.status, 401);
    assert_int_equal(report.error, -5);
    assert_true(report.unchecked);
    assert_int_equal(report.armed[0], 3);
    assert_int_equal(report.armed[1], 0);
    assert_string_equal(report.refused, "no");
    assert_string_equal(report.origin.layer, "inner");
    assert_string_equal(report.origin.layer_site, "s.c:2");
    assert_string_equal(report.origin.site, "i.c:9");
    assert_int_equal(report.origin.layer_number, 2);
    assert_int_equal(report.origin.error, -5);
    assert_int_equal(report.finding_count, 2);
    assert_int_equal(report.lost, 0);
    assert_string_equal(report.findings[0].message, "called twice");
    assert_null(report.findings[0].follows);
    assert_string_equal(report.findings[0].mend, "");
    assert_int_equal(report.findings[0].layer_number, 2);
    assert_string_equal(report.findings[0].evidence[0].site, "a.c:1");
    assert_null(report.findings[0].evidence[1].text);
    assert_int_equal(report.findings[1].level, RIG_LEVEL_NOTE);
    assert_string_equal(report.suppressed[0].by, "next.*");
    assert_int_equal(report.suppressed[0].count, 3);
    assert_memory_equal(&report.trials, &trials, sizeof trials);
    rig_job_report_free(&report);
    assert_false(rig_frames_next(&one->frames, &frame));
    assert_false(one->frames.bad);
}

/* All layers were content: the rig itself ran out of memory. */
static void an_error_of_no_layer(void **state)
{
    struct pipe_ends *one = *state;
    struct rig_frame frame = {0};
    struct rig_job_report report;
    struct rig_report starved = sample;
    starved.result.error = -12;
    starved.result.hops = &hops[4];
    starved.result.hop_count = 1;
    assert_true(rig_frame_send_report(one->write_end, RIG_FRAME_REPORT, 7, &starved.result, NULL));
    fill(one);
    assert_true(rig_frames_next(&one->frames, &frame));
    assert_true(rig_frame_report(&frame, &report));
    assert_int_equal(report.error, -12);
    assert_null(report.origin.layer);
    rig_job_report_free(&report);
}

static void frames_come_in_pieces(void **state)
{
    struct pipe_ends *one = *state;
    struct rig_frame frame = {0};
    char bytes[256];
    rig_frame_send(one->write_end, RIG_FRAME_TROUBLE, 1, "first");
    rig_frame_send(one->write_end, RIG_FRAME_DONE, 2, NULL);
    ssize_t size = read(one->read_end, bytes, sizeof bytes);
    assert_true(size > 0);
    unsigned seen = 0;
    for (ssize_t i = 0; i < size; i++) {
        assert_int_equal(write(one->write_end, bytes + i, 1), 1);
        fill(one);
        while (rig_frames_next(&one->frames, &frame)) {
            seen++;
            assert_int_equal(frame.number, seen);
            if (seen == 1) {
                assert_string_equal(rig_frame_text(&frame), "first");
            } else {
                assert_null(rig_frame_text(&frame));
            }
        }
    }
    assert_int_equal(seen, 2);
    close(one->write_end);
    fill(one);
    assert_true(one->frames.ended);
    one->write_end = open("/dev/null", O_WRONLY);
}

static void refuses_heads(void **state)
{
    static const uint32_t heads[][3] = {{0, RIG_FRAME_DONE, 0},
                                        {11, RIG_FRAME_DONE, 0},
                                        {RIG_FRAME_MAX + 1, RIG_FRAME_DONE, 0},
                                        {UINT32_MAX, RIG_FRAME_DONE, 0},
                                        {12, 0, 0},
                                        {12, RIG_FRAME_KINDS, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        void *inner;
        struct rig_frame frame = {0};
        setup(&inner);
        struct pipe_ends *one = inner;
        assert_int_equal(write(one->write_end, heads[i], sizeof heads[i]), sizeof heads[i]);
        fill(one);
        assert_false(rig_frames_next(&one->frames, &frame));
        assert_true(one->frames.bad);
        assert_false(rig_frames_fill(&one->frames, one->read_end));
        teardown(&inner);
    }
}

/* Each byte of a report changed, in turn: read or refused, never out of bounds (the sanitizers look on). */
static void survives_any_changed_byte(void **state)
{
    struct pipe_ends *one = *state;
    struct rig_frame frame = {0};
    unsigned refused = 0;
    assert_true(rig_frame_send_report(one->write_end, RIG_FRAME_REPORT, 0, &sample.result, NULL));
    fill(one);
    assert_true(rig_frames_next(&one->frames, &frame));
    for (size_t i = 0; i < frame.size; i++) {
        static const unsigned char changes[] = {0x01, 0x80, 0xff};
        for (size_t k = 0; k < sizeof changes; k++) {
            unsigned char *copy = malloc(frame.size);
            struct rig_job_report report;
            assert_non_null(copy);
            memcpy(copy, frame.data, frame.size);
            copy[i] ^= changes[k];
            refused += !rig_frame_report(&(struct rig_frame){frame.kind, 0, copy, frame.size}, &report);
            rig_job_report_free(&report);
            free(copy);
        }
    }
    assert_true(refused > frame.size / 2);
}

static void refuses_any_shorter_report(void **state)
{
    struct pipe_ends *one = *state;
    struct rig_frame frame = {0};
    assert_true(rig_frame_send_report(one->write_end, RIG_FRAME_REPORT, 0, &sample.result, NULL));
    fill(one);
    assert_true(rig_frames_next(&one->frames, &frame));
    for (size_t size = 0; size < frame.size; size++) {
        unsigned char *copy = malloc(size + 1);
        struct rig_job_report report;
        assert_non_null(copy);
        memcpy(copy, frame.data, size);
        assert_false(rig_frame_report(&(struct rig_frame){frame.kind, 0, copy, size}, &report));
        rig_job_report_free(&report);
        free(copy);
    }
}

/* What does not fit is counted; the frame stays within its bounds. */
static void counts_what_does_not_fit(void **state)
{
    static struct rig_finding many[RIG_FRAME_FINDINGS_MAX + 5];
    char path[] = "/tmp/stackrig-frames-XXXXXX", *longest = malloc(100001);
    struct rig_frames frames = {0};
    struct rig_frame frame = {0};
    struct rig_job_report report;
    struct rig_report made = {.result = {.findings = many}};
    (void)state;
    assert_non_null(longest);
    memset(longest, 'x', 100000);
    longest[100000] = '\0';
    for (size_t i = 0; i < sizeof many / sizeof *many; i++) {
        many[i] = (struct rig_finding){.rule = "next.call.twice", .level = RIG_LEVEL_ERROR};
    }
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    made.result.finding_count = sizeof many / sizeof *many;
    assert_true(rig_frame_send_report(fd, RIG_FRAME_REPORT, 0, &made.result, NULL));
    for (size_t i = 0; i < sizeof many / sizeof *many; i++) {
        many[i].message = many[i].follows = many[i].mend = longest;
    }
    assert_true(rig_frame_send_report(fd, RIG_FRAME_REPORT, 1, &made.result, NULL));
    lseek(fd, 0, SEEK_SET);
    while (rig_frames_fill(&frames, fd)) {
    }
    assert_true(rig_frames_next(&frames, &frame));
    assert_true(rig_frame_report(&frame, &report));
    assert_int_equal(report.finding_count, RIG_FRAME_FINDINGS_MAX);
    assert_int_equal(report.lost, 5);
    rig_job_report_free(&report);
    assert_true(rig_frames_next(&frames, &frame));
    assert_true(rig_frame_report(&frame, &report));
    assert_in_range(report.finding_count, 500, RIG_FRAME_FINDINGS_MAX - 1);
    assert_int_equal(report.lost + report.finding_count, made.result.finding_count);
    assert_int_equal(strlen(report.findings[0].message), RIG_FRAME_STRING_MAX);
    rig_job_report_free(&report);
    rig_frames_free(&frames);
    close(fd);
    free(longest);
}

static void a_gone_pipe_is_told(void **state)
{
    (void)state;
    assert_false(rig_frame_send(-1, RIG_FRAME_DONE, 0, NULL));
    assert_false(rig_frame_send_report(-1, RIG_FRAME_REPORT, 0, &sample.result, NULL));
    struct rig_frames frames = {0};
    assert_false(rig_frames_fill(&frames, -1));
    assert_true(frames.ended);
    rig_frames_free(&frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_report_comes_through, setup, teardown),
        cmocka_unit_test_setup_teardown(an_error_of_no_layer, setup, teardown),
        cmocka_unit_test_setup_teardown(frames_come_in_pieces, setup, teardown),
        cmocka_unit_test(refuses_heads),
        cmocka_unit_test_setup_teardown(survives_any_changed_byte, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_any_shorter_report, setup, teardown),
        cmocka_unit_test(counts_what_does_not_fit),
        cmocka_unit_test(a_gone_pipe_is_told),
    };
    return cmocka_run_group_tests_name("command: protocol", tests, NULL, NULL);
}
