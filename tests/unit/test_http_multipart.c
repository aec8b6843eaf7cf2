/* multipart/form-data bodies and their boundaries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stackrig/http/multipart.h>

static char *built(const struct rig_part *parts, size_t count, const char *boundary, size_t *size)
{
    *size = rig_multipart_build(parts, count, boundary, NULL, 0);
    char *body = malloc(*size); /* its exact size, for ASan */
    assert_non_null(body);
    assert_int_equal(rig_multipart_build(parts, count, boundary, body, *size), *size);
    return body;
}

static void assert_body(const struct rig_part *parts, size_t count, const char *expected)
{
    size_t size = 0;
    char *body = built(parts, count, "BB", &size);
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(body, expected, size);
    free(body);
}

static void test_fields_and_files(void **state)
{
    (void)state;
    const struct rig_part parts[] = {
        {.name = "title", .body = "a lamp"},
        {.name = "photo", .filename = "lamp.png", .content_type = "image/png", .body = "PNG"},
        {.name = "notes", .filename = "", .bytes = {"", 0}},
        {.name = "json", .content_type = "application/json", .body = "{}"},
        {.name = "none"},
    };
    assert_body(parts, 5,
                "--BB\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\na lamp\r\n"
                "--BB\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"lamp.png\"\r\n"
                "Content-Type: image/png\r\n\r\nPNG\r\n"
                "--BB\r\nContent-Disposition: form-data; name=\"notes\"; filename=\"\"\r\n"
                "Content-Type: application/octet-stream\r\n\r\n\r\n"
                "--BB\r\nContent-Disposition: form-data; name=\"json\"\r\n"
                "Content-Type: application/json\r\n\r\n{}\r\n"
                "--BB\r\nContent-Disposition: form-data; name=\"none\"\r\n\r\n\r\n"
                "--BB--\r\n");
    assert_body(NULL, 0, "--BB--\r\n");
}

static void test_names_are_escaped_as_browsers_do(void **state)
{
    (void)state;
    const struct rig_part part = {.name = "a\"b\r\nc%22\\", .filename = "\"\n", .body = "\""};
    assert_body(&part, 1,
                "--BB\r\nContent-Disposition: form-data; name=\"a%22b%0D%0Ac%22%5C\"; filename=\"%22%0A\"\r\n"
                "Content-Type: application/octet-stream\r\n\r\n\"\r\n--BB--\r\n");
}

/* So that a reader who decodes a filename gets the one that was given. */
static void test_percent_in_filename(void **state)
{
    static const char *const rows[][2] = {{"100%.txt", "100%.txt"}, {"a%2", "a%2"},    {"a%4g", "a%4g"},
                                          {"a%41%", "a%2541%25"},   {"%\"", "%25%22"}, {"c:\\a", "c:%5Ca"}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char body[200], wanted[200];
        const struct rig_part part = {.name = "n%41", .filename = rows[i][0], .content_type = "x/y", .body = ""};
        size_t size = rig_multipart_build(&part, 1, "BB", body, sizeof body);
        int want = snprintf(wanted, sizeof wanted,
                            "--BB\r\nContent-Disposition: form-data; name=\"n%%41\"; filename=\"%s\"\r\n"
                            "Content-Type: x/y\r\n\r\n\r\n--BB--\r\n",
                            rows[i][1]);
        assert_int_equal(size, want);
        assert_memory_equal(body, wanted, size);
    }
}

static void test_length_header(void **state)
{
    (void)state;
    const struct rig_part parts[] = {{.name = "a", .body = "", .length_header = true},
                                     {.name = "b", .bytes = {"0123456789ab", 12}, .length_header = true}};
    assert_body(parts, 2,
                "--BB\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Length: 0\r\n\r\n\r\n"
                "--BB\r\nContent-Disposition: form-data; name=\"b\"\r\nContent-Length: 12\r\n\r\n0123456789ab\r\n"
                "--BB--\r\n");
}

static const char *own_refused(const char *boundary, const char *content)
{
    const struct rig_part parts[] = {{.name = "a", .body = "x"}, {.name = "b", .body = content}};
    return rig_multipart_boundary_refused(boundary, strlen(boundary), parts, 2);
}

static void test_own_boundary(void **state)
{
    static const char longest[] = "0123456789012345678901234567890123456789012345678901234567890123456789";
    (void)state;
    assert_null(own_refused("AaB03x", "AaB03"));
    assert_null(own_refused("'()+_,-./:=? z", "AaAaB03"));
    assert_null(own_refused(longest, ""));
    assert_non_null(own_refused("AaB03x", "--AaB03x"));
    assert_non_null(own_refused("AaB03x", "AAaB03xA"));
    assert_non_null(own_refused("aab", "aaab"));
    assert_non_null(own_refused("x", ""));
    assert_non_null(own_refused("", ""));
    assert_non_null(own_refused("a ", ""));
    assert_non_null(own_refused("a\"", ""));
    assert_non_null(own_refused("a\r", ""));
    assert_non_null(rig_multipart_boundary_refused("a\0b", 3, NULL, 0));
    char longer[80];
    (void)snprintf(longer, sizeof longer, "%s0", longest);
    assert_non_null(own_refused(longer, ""));
}

static void test_any_bytes(void **state)
{
    (void)state;
    const struct rig_part part = {.name = "a", .bytes = {"x\0\r\n\xff", 5}};
    size_t size = 0;
    char *body = built(&part, 1, "BB", &size);
    assert_memory_equal(body + size - 15, "x\0\r\n\xff\r\n--BB--\r\n", 15);
    free(body);
}

static void test_small_buffer_is_left_alone(void **state)
{
    (void)state;
    const struct rig_part part = {.name = "a", .body = "b"};
    char out[128] = "untouched";
    size_t size = rig_multipart_build(&part, 1, "BB", NULL, 0);
    assert_int_equal(rig_multipart_build(&part, 1, "BB", out, size - 1), size);
    assert_string_equal(out, "untouched");
}

static void test_more_than_memory_holds(void **state)
{
    (void)state;
    const struct rig_part parts[] = {{.name = "a", .bytes = {"x", SIZE_MAX / 2}},
                                     {.name = "b", .bytes = {"x", SIZE_MAX / 2}}};
    char out[8] = "same";
    assert_true(rig_multipart_build(parts, 2, "BB", out, SIZE_MAX) == SIZE_MAX);
    assert_string_equal(out, "same");
}

static void test_refused(void **state)
{
    (void)state;
    const struct rig_part fine = {.name = "a", .content_type = "text/plain; charset=utf-8", .body = "b"};
    const struct rig_part empty = {.name = "a"};
    const struct rig_part bad[] = {
        {.body = "b"},
        {.name = "a", .body = "b", .bytes = {"c", 1}},
        {.name = "a", .bytes = {NULL, 1}},
        {.name = "a", .content_type = "text/plain\r\nX: y", .body = "b"},
    };
    size_t index = 99;
    assert_null(rig_multipart_refused(NULL, 0, &index));
    assert_null(rig_multipart_refused(&fine, 1, NULL));
    assert_null(rig_multipart_refused(&empty, 1, NULL));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct rig_part parts[] = {fine, bad[i], fine};
        assert_non_null(rig_multipart_refused(parts, 3, &index));
        assert_int_equal(index, 1);
        assert_non_null(rig_multipart_refused(parts, 3, NULL));
    }
}

/* ---- the boundary ---- */

static bool occurs(const char *boundary, const char *data, size_t size)
{
    size_t length = strlen(boundary);
    for (size_t i = 0; i + length <= size; i++) {
        if (memcmp(data + i, boundary, length) == 0) {
            return true;
        }
    }
    return false;
}

static void test_boundary_is_deterministic(void **state)
{
    (void)state;
    const struct rig_part part = {.name = "a", .body = "b"};
    char first[RIG_BOUNDARY_SIZE], second[RIG_BOUNDARY_SIZE];
    rig_multipart_boundary(&part, 1, first);
    rig_multipart_boundary(&part, 1, second);
    assert_string_equal(first, second);
    assert_int_equal(strlen(first), RIG_BOUNDARY_SIZE - 1);
    rig_multipart_boundary(NULL, 0, second);
    assert_string_equal(first, second);
}

/* Contents that hold every boundary chosen so far. */
static void test_boundary_avoids_the_contents(void **state)
{
    (void)state;
    char contents[300 * RIG_BOUNDARY_SIZE] = "";
    size_t size = 0;
    for (int i = 0; i < 300; i++) {
        const struct rig_part part = {.name = "a", .bytes = {contents, size}};
        char boundary[RIG_BOUNDARY_SIZE];
        rig_multipart_boundary(&part, 1, boundary);
        assert_false(occurs(boundary, contents, size));
        memcpy(contents + size, boundary, RIG_BOUNDARY_SIZE - 1);
        size += RIG_BOUNDARY_SIZE - 1;
    }
}

static void test_boundary_avoids_names_too(void **state)
{
    (void)state;
    struct rig_part part = {.name = "a"};
    char taken[4][RIG_BOUNDARY_SIZE], boundary[RIG_BOUNDARY_SIZE];
    rig_multipart_boundary(&part, 1, taken[0]);
    part.name = taken[0];
    rig_multipart_boundary(&part, 1, taken[1]);
    part.filename = taken[1];
    rig_multipart_boundary(&part, 1, taken[2]);
    part.content_type = taken[2];
    rig_multipart_boundary(&part, 1, taken[3]);
    part.body = taken[3];
    rig_multipart_boundary(&part, 1, boundary);
    for (int i = 0; i < 4; i++) {
        assert_string_not_equal(boundary, taken[i]);
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(taken[i], taken[k]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_and_files),
        cmocka_unit_test(test_names_are_escaped_as_browsers_do),
        cmocka_unit_test(test_percent_in_filename),
        cmocka_unit_test(test_length_header),
        cmocka_unit_test(test_own_boundary),
        cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_small_buffer_is_left_alone),
        cmocka_unit_test(test_more_than_memory_holds),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_boundary_is_deterministic),
        cmocka_unit_test(test_boundary_avoids_the_contents),
        cmocka_unit_test(test_boundary_avoids_names_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
