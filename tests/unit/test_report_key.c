/* The key of a finding: the same fault keeps it when lines move, another fault has another. */
#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/report/key.h"

struct source {
    char folder[32], path[64], site[80];
};

static const char *site_of(struct source *source, int line)
{
    snprintf(source->site, sizeof source->site, "%s:%d", source->path, line);
    return source->site;
}

static void write_source(const struct source *source, const char *text)
{
    FILE *file = fopen(source->path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int setup(void **state)
{
    struct source *source = calloc(1, sizeof *source);
    assert_non_null(source);
    strcpy(source->folder, "/tmp/stackrig-key-XXXXXX");
    assert_non_null(mkdtemp(source->folder));
    snprintf(source->path, sizeof source->path, "%s/a.c", source->folder);
    *state = source;
    return 0;
}

static int teardown(void **state)
{
    struct source *source = *state;
    unlink(source->path);
    rmdir(source->folder);
    free(source);
    return 0;
}

static void line_moves_and_is_indented_anew(void **state)
{
    struct source *source = *state;
    write_source(source, "one\n    answer();\nthree\nanswer();\r\n");
    uint64_t second = rig_source_line_hash(site_of(source, 2));
    assert_int_equal(second, rig_source_line_hash(site_of(source, 4)));
    assert_int_not_equal(second, rig_source_line_hash(site_of(source, 3)));
}

static void long_lines_count_as_one(void **state)
{
    struct source *source = *state;
    char text[5000];
    memset(text, 'x', sizeof text);
    strcpy(text + sizeof text - 10, "\nabc\n");
    write_source(source, text);
    uint64_t second = rig_source_line_hash(site_of(source, 2));
    write_source(source, "abc\n");
    assert_int_equal(second, rig_source_line_hash(site_of(source, 1)));
}

static void without_a_source_the_line_number_stands(void **state)
{
    struct source *source = *state;
    uint64_t one = rig_source_line_hash("nowhere/a.c:1");
    assert_int_equal(one, rig_source_line_hash("elsewhere/b.c:1"));
    assert_int_not_equal(one, rig_source_line_hash("nowhere/a.c:2"));
    write_source(source, "only\n");
    assert_int_not_equal(rig_source_line_hash(site_of(source, 8)), rig_source_line_hash(site_of(source, 9)));
    assert_int_equal(rig_source_line_hash(NULL), 0);
    rig_source_line_hash("no line");
    rig_source_line_hash("a:b");
    rig_source_line_hash(":");
}

static void only_regular_files_are_read(void **state)
{
    struct source *source = *state;
    assert_int_equal(mkfifo(source->path, 0600), 0);
    assert_int_equal(rig_source_line_hash(site_of(source, 3)), rig_source_line_hash("nowhere/a.c:3"));
    char folder[64];
    snprintf(folder, sizeof folder, "%s:3", source->folder);
    assert_int_equal(rig_source_line_hash(folder), rig_source_line_hash("nowhere/a.c:3"));
}

static void key_is_made_of_what_stays(void **state)
{
    const struct rig_finding base = {.rule = "r",
                                     .layer = "l",
                                     .layer_number = 1,
                                     .site = "/x/a.c:4",
                                     .subject = "s",
                                     .message = "m",
                                     .level = RIG_LEVEL_ERROR};
    struct rig_finding other = base;
    uint64_t key = rig_finding_key(&base, 7);
    (void)state;
    other.site = "y/a.c:99";
    other.message = "another size";
    other.level = RIG_LEVEL_NOTE;
    other.follows = "f";
    assert_int_equal(key, rig_finding_key(&other, 7));
    assert_int_not_equal(key, rig_finding_key(&base, 8));
#define DIFFERS(member_, value_) \
    other = base;                \
    other.member_ = value_;      \
    assert_int_not_equal(key, rig_finding_key(&other, 7))
    DIFFERS(rule, "q");
    DIFFERS(layer, "k");
    DIFFERS(layer, NULL);
    DIFFERS(layer_number, 2);
    DIFFERS(site, "/x/b.c:4");
    DIFFERS(site, NULL);
    DIFFERS(subject, "t");
    DIFFERS(subject, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(line_moves_and_is_indented_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(long_lines_count_as_one, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_source_the_line_number_stands, setup, teardown),
        cmocka_unit_test_setup_teardown(only_regular_files_are_read, setup, teardown),
        cmocka_unit_test(key_is_made_of_what_stays),
    };
    return cmocka_run_group_tests_name("report key", tests, NULL, NULL);
}
