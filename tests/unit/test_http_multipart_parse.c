/* Multipart bodies, piece by piece: however they are cut, and whatever is wrong with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <stackrig/http/multipart.h>

#define PART(name_) "\r\nContent-Disposition: form-data; name=\"" name_ "\"\r\n\r\n"
#define ONE_FIELD "--XX" PART("a") "1\r\n--XX--\r\n"

static struct rig_slice slice(const char *text)
{
    return (struct rig_slice){text, strlen(text)};
}

/* ---- what came of a body, as text ---- */

struct transcript {
    char text[4096];
    size_t size;
    bool in_content;
};

static void note(struct transcript *transcript, const char *text, size_t size)
{
    assert_true(size < sizeof transcript->text - transcript->size);
    memcpy(transcript->text + transcript->size, text, size);
    transcript->size += size;
}

static void note_event(struct transcript *transcript, const struct rig_multipart_event *event)
{
    switch (event->kind) {
    case RIG_MULTIPART_HEAD:
        note(transcript, "[", 1);
        note(transcript, event->head->name.data, event->head->name.size);
        note(transcript, "|", 1);
        if (event->head->filename.data) {
            note(transcript, event->head->filename.data, event->head->filename.size);
        }
        note(transcript, "|", 1);
        break;
    case RIG_MULTIPART_DATA:
        assert_true(event->data.size > 0);
        note(transcript, event->data.data, event->data.size);
        break;
    case RIG_MULTIPART_PART_END:
        note(transcript, "]", 1);
        break;
    case RIG_MULTIPART_END:
        note(transcript, "$", 1);
        break;
    default:
        break;
    }
}

/* A copy of exactly its size, for ASan. */
static int feed(struct rig_multipart *parser, const char *data, size_t size, struct transcript *transcript)
{
    struct rig_multipart_event event = {.kind = RIG_MULTIPART_END};
    char *copy = malloc(size + 1);
    assert_non_null(copy);
    struct rig_slice rest = {copy + 1, size};
    memcpy(copy + 1, data, size);
    int error = 0;
    while (event.kind != RIG_MULTIPART_NOTHING && !error) {
        error = rig_multipart_next(parser, &rest, &event);
        note_event(transcript, &event);
    }
    assert_true(error || (rest.size == 0 && rest.data == copy + 1 + size));
    free(copy);
    return error;
}

/* Cut behind one and behind two bytes; piece 0: not cut again. */
static void play(const char *body, size_t size, size_t one, size_t two, size_t piece, struct transcript *transcript)
{
    struct rig_multipart *parser = NULL;
    int error = rig_multipart_open(slice("XX"), (struct rig_multipart_options){0}, &parser);
    const size_t cuts[] = {one, two, size};
    size_t at = 0;
    memset(transcript, 0, sizeof *transcript);
    assert_int_equal(error, 0);
    for (size_t i = 0; i < 3 && !error; i++) {
        while (at < cuts[i] && !error) {
            size_t left = cuts[i] - at, taken = piece > 0 && piece < left ? piece : left;
            error = feed(parser, body + at, taken, transcript);
            at += taken;
        }
    }
    int end = rig_multipart_finish(parser);
    assert_int_equal(error ? error : end, end); /* an error stays */
    if (end) {
        const char *name = rig_multipart_error_name(end);
        assert_non_null(name);
        note(transcript, "!", 1);
        note(transcript, name + strlen("multipart_"), strlen(name) - strlen("multipart_"));
    }
    rig_multipart_free(parser);
}

static void assert_transcript(const char *body, const char *expected)
{
    static struct transcript whole, cut;
    size_t size = strlen(body);
    play(body, size, 0, 0, 0, &whole);
    assert_string_equal(whole.text, expected);
    for (size_t piece = 1; piece < 9; piece++) {
        play(body, size, 0, 0, piece, &cut);
        assert_string_equal(cut.text, expected);
    }
    for (size_t one = 0; one <= size; one++) {
        for (size_t two = one; two <= size; two++) {
            play(body, size, one, two, 0, &cut);
            assert_string_equal(cut.text, expected);
        }
    }
}

/* ---- cuts at every place ---- */

static void test_parts_however_they_are_cut(void **state)
{
    (void)state;
    assert_transcript(ONE_FIELD, "[a||1]$");
    assert_transcript("--XX" PART("a") "1\r\n--XX" PART("b") "\r\n--XX--", "[a||1][b||]$");
    assert_transcript("before\r\n\r\n--XX" PART("a") "1\r\n--XX--behind\r\n--XX\r\n\r\n", "[a||1]$");
    assert_transcript("--XX\r\n\r\nno head\r\n--XX--", "[text/plain[]||no head]$");
    assert_transcript("--XX\r\nContent-Disposition: form-data; name=f; filename=\"d/x.txt\"\r\n\r\nx\r\n--XX--",
                      "[f|x.txt|x]$");
}

static void test_what_looks_like_a_boundary_is_content(void **state)
{
    (void)state;
    assert_transcript("--XX" PART("a") "\r\n--XY\r\r\n--X\r\n--XX-\r\n--XX\r-\n--XX\r\n--XX--",
                      "[a||\r\n--XY\r\r\n--X\r\n--XX-\r\n--XX\r-\n--XX]$");
    assert_transcript("--XX" PART("a") "--X\r\n--XX--", "[a||--X]$");
    assert_transcript("--XX" PART("a") "--XXY\nx\r\n--XX--", "[a||--XXY\nx]$");
    assert_transcript("--XX" PART("a") "\r\n\r\n--XX--", "[a||\r\n]$");
    assert_transcript("--XX" PART("a") "x\r\n--XXX\r\r\r\n--XX--", "[a||x\r\n--XXX\r\r]$");
    assert_transcript("--XX" PART("a") "x\n--XX--\r\n--XX--", "[a||x\n--XX--]$");
    assert_transcript("--XX" PART("a") "x\r\n--XX \r\n--XX--", "[a||x\r\n--XX ]$"); /* no padding */
    assert_transcript("no --XX\r\nline start--XX\r\n\r\n--XX" PART("a") "\r\n--XX--", "[a||]$");
}

/* Right behind the head; Unity's WWWForm leaves out the last boundary then. */
static void test_a_part_without_content_or_line_end(void **state)
{
    (void)state;
    assert_transcript("--XX" PART("a") "--XX" PART("b") "--XX--", "[a||][b||]$");
    assert_transcript("--XX" PART("a") "--XX\r\n", "[a||]");
    assert_transcript("--XX" PART("a") "--XX\r\nx", "[a||]!ended_early");
    assert_transcript("--XX" PART("a") "\r\n--XX\r\n", "[a||]!ended_early");
}

static void test_bodies_that_end_too_soon(void **state)
{
    (void)state;
    assert_transcript("", "!ended_early");
    assert_transcript("x", "!ended_early");
    assert_transcript("--XX", "!ended_early");
    assert_transcript("--XX\r\n", "!ended_early");
    assert_transcript("--XX\nContent-Disposition: form-data; name=a\n\n1\n--XX--\n", "!ended_early");
    assert_transcript("--XX\r\nContent-Disposition: form-da", "!ended_early");
    assert_transcript("--XX" PART("a"), "[a||!ended_early");
    assert_transcript("--XX" PART("a") "1\r", "[a||1!ended_early");
    assert_transcript("--XX" PART("a") "1\r\n--XX-", "[a||1!ended_early");
    assert_transcript("--XX--\r\n", ""); /* nothing but the last boundary */
    assert_transcript("--XX--", "!ended_early");
    assert_transcript("--XX--\r\nx", "!ended_early");
    assert_transcript("\r\n--XX--\r\n", "!ended_early");
    assert_transcript("--XX--\r\n--XX" PART("a") "1\r\n--XX--", "[a||1]$");
}

/* ---- the head of a part ---- */

static void assert_head(const char *lines, const char *name, const char *filename, const char *type)
{
    char body[4096];
    struct rig_multipart *parser = NULL;
    struct rig_multipart_event event;
    int size = snprintf(body, sizeof body, "--XX\r\n%s\r\n", lines);
    assert_int_equal(rig_multipart_open(slice("XX"), (struct rig_multipart_options){0}, &parser), 0);
    struct rig_slice rest = {body, (size_t)size};
    assert_int_equal(rig_multipart_next(parser, &rest, &event), 0);
    assert_int_equal(rest.size, 0);
    assert_int_equal(event.kind, RIG_MULTIPART_HEAD);
    const struct rig_slice got[] = {event.head->name, event.head->filename, event.head->content_type};
    const char *const want[] = {name, filename, type};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(got[i].data != NULL, want[i] != NULL);
        assert_int_equal(got[i].size, want[i] ? strlen(want[i]) : 0);
        assert_true(!want[i] || memcmp(got[i].data, want[i], got[i].size) == 0);
    }
    assert_int_equal(event.head->lines.size, strlen(lines));
    assert_memory_equal(event.head->lines.data, lines, strlen(lines));
    rig_multipart_free(parser);
}

#define HEAD_OF(parameters_) "Content-Disposition: form-data; " parameters_ "\r\n"

static void test_names(void **state)
{
    (void)state;
    assert_head(HEAD_OF("name=a"), "a", NULL, NULL);
    assert_head(HEAD_OF("name=a b ; x=y"), "a b ", NULL, NULL);
    assert_head(HEAD_OF("NAME=\"a\\\"b\\c\""), "a\"bc", NULL, NULL);
    assert_head(HEAD_OF("name=\"a\"; name=\"b\""), "b", NULL, NULL);
    assert_head(HEAD_OF("name=\"a;b=c\"; x"), "a;b=c", NULL, NULL);
    assert_head(HEAD_OF("name=\"ab"), "text/plain[]", NULL, NULL); /* the quote does not close */
    assert_head(HEAD_OF("name=\"\""), "text/plain[]", NULL, NULL);
    assert_head(HEAD_OF("name=\"a\\"), "a", NULL, NULL);
    assert_head("Content-Type: text/x\r\n", "text/x[]", NULL, "text/x");
    assert_head("content-TYPE:text/x;\r\n\tcharset=y \r\n", "text/x;\tcharset=y[]", NULL, "text/x;\tcharset=y");
    assert_head("Content-Type: a \r\n \r\n", "a[]", NULL, "a");
    assert_head("Content-ID: <i>\r\n", "<i>", NULL, NULL);
    assert_head("Content-ID: <i>\r\n" HEAD_OF("x=y"), "text/plain[]", NULL, NULL);
    assert_head("no colon\r\n: no name\r\n\r \r\n" HEAD_OF("name=a"), "a", NULL, NULL);
    assert_head("X-Content-Disposition: form-data; name=no\r\nA: b\r\n Content-Disposition: x; name=no\r\n",
                "text/plain[]", NULL, NULL);
    assert_head("Content-Disposition: form-data\r\n", "text/plain[]", NULL, NULL);
    assert_head("Content-Disposition: name=\"a\"\r\n", "text/plain[]", NULL, NULL); /* what stands first is the type */
    assert_head("Content-Disposition:\r\n form-data; name=a\r\n", "a", NULL, NULL);
    assert_head("Content-Disposition:\r\n", "text/plain[]", NULL, NULL);
}

static void test_filenames(void **state)
{
    (void)state;
    assert_head(HEAD_OF("name=f; filename=\"a.txt\"") "Content-Type: text/x\r\n", "f", "a.txt", "text/x");
    assert_head(HEAD_OF("filename=a.txt"), "a.txt", "a.txt", NULL);
    assert_head(HEAD_OF("name=f; filename=\"\""), "f", "", NULL);
    assert_head(HEAD_OF("name=f; filename=\"C:\\Temp\\a \\\"b\\\".txt\""), "f", "a \"b\".txt", NULL);
    assert_head(HEAD_OF("name=f; filename=\"a%20b%2fc%41+.txt\""), "f", "cA+.txt", NULL);
    assert_head(HEAD_OF("name=f; filename=\"100%.txt%41\""), "f", "100%.txt%41", NULL);
    assert_head(HEAD_OF("name=f; filename=\"/d//\""), "f", "d", NULL);
    assert_head(HEAD_OF("name=f; filename=\"/\""), "f", "", NULL);
    assert_head(HEAD_OF("name=f; filename=\"a \"b\" c.txt\""), "f", "a ", NULL);
    assert_head(HEAD_OF("name=f; filename=\"a\r\n\tb\""), "f", "a\tb", NULL);
    assert_head(HEAD_OF("name=f; filename*=UTF-8''b.txt"), "f", NULL, NULL); /* RFC 7578 section 4.2 */
}

/* What would take long to read is not read. */
static void test_a_disposition_s_size(void **state)
{
    (void)state;
    char lines[2048], name[1600];
    memset(name, 'n', sizeof name);
    (void)snprintf(lines, sizeof lines, "Content-Disposition: form-data; name=%.*s\r\n", 1520, name);
    name[1520] = '\0';
    assert_head(lines, name, NULL, NULL);
    name[1520] = 'n';
    (void)snprintf(lines, sizeof lines, "Content-Disposition: form-data; name=%.*s\r\n", 1521, name);
    assert_head(lines, "text/plain[]", NULL, NULL);
    assert_head(HEAD_OF("a=;b=;c=;d=;e=;f=;g=;h=;i=;j=;k=;l=;m=;n=;o=;name=x"), "x", NULL, NULL);
    assert_head(HEAD_OF("a=;b=;c=;d=;e=;f=;g=;h=;i=;j=;k=;l=;m=;n=;o=;p=;name=x"), "text/plain[]", NULL, NULL);
}

static void test_a_header_by_name(void **state)
{
    (void)state;
    struct rig_slice lines = slice("X-A: 1\r\nx-b:  2 \r\n 3\r\nX-B: 4\r\n");
    struct rig_slice value = rig_multipart_header(lines, "X-B");
    assert_int_equal(value.size, 6);
    assert_memory_equal(value.data, "2 \r\n 3", 6);
    assert_null(rig_multipart_header(lines, "X").data);
    assert_null(rig_multipart_header(lines, "X-C").data);
    assert_null(rig_multipart_header((struct rig_slice){NULL, 0}, "X").data);
}

/* ---- the boundary ---- */

static void assert_boundary(const char *type, const char *expected)
{
    struct rig_slice boundary;
    assert_int_equal(rig_multipart_boundary_of(type, strlen(type), &boundary), 0);
    assert_int_equal(boundary.data != NULL, expected != NULL);
    assert_int_equal(boundary.size, expected ? strlen(expected) : 0);
    assert_true(!expected || memcmp(boundary.data, expected, boundary.size) == 0);
}

static void test_boundary_of_a_content_type(void **state)
{
    (void)state;
    assert_boundary("multipart/form-data; boundary=x", "x");
    assert_boundary(" Multipart/mixed;a=b;BOUNDARY=\"a;b, c\" ; d=e", "a;b, c");
    assert_boundary("multipart/form-data; a=\"; boundary=no\"; boundary= x y , z", "x y");
    assert_boundary("multipart/form-data; boundary=\"x", "x");
    assert_boundary("multipart/form-data; flag; boundary=x", "x");
    assert_boundary("multipart/form-data; boundary", NULL);
    assert_boundary("multipart/form-data; boundary=", NULL);
    assert_boundary("multipart/form-data; boundary=\"\"", NULL);
    assert_boundary("multipart/form-data; xboundary=x", NULL);
    assert_boundary("text/plain; boundary=x", NULL);
    assert_boundary("multipart", NULL);
    assert_boundary("", NULL);
    struct rig_slice boundary = slice("before");
    const char *const wrong[] = {"multipart/x; boundary =x", "multipart/x; boundary=x; Boundary=y"};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(rig_multipart_boundary_of(wrong[i], strlen(wrong[i]), &boundary), RIG_MULTIPART_BAD_BOUNDARY);
        assert_null(boundary.data);
    }
    assert_int_equal(rig_multipart_boundary_of(NULL, 0, &boundary), 0);
}

static void test_boundaries_that_cannot_be(void **state)
{
    (void)state;
    char seventy[71];
    struct rig_multipart *parser = NULL;
    memset(seventy, 'b', sizeof seventy);
    const struct rig_slice wrong[] = {{NULL, 0}, {"x", 0}, {"a\0b", 3}, {"a\r\nb", 4}, {"\x7f", 1}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(rig_multipart_open(wrong[i], (struct rig_multipart_options){0}, &parser),
                         RIG_MULTIPART_BAD_BOUNDARY);
        assert_null(parser);
    }
    assert_int_equal(rig_multipart_open((struct rig_slice){seventy, 71}, (struct rig_multipart_options){0}, &parser),
                     RIG_MULTIPART_LIMIT);
    assert_null(parser);
    assert_int_equal(rig_multipart_open((struct rig_slice){seventy, 70}, (struct rig_multipart_options){0}, &parser),
                     0);
    rig_multipart_free(parser);
    rig_multipart_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_however_they_are_cut),
        cmocka_unit_test(test_what_looks_like_a_boundary_is_content),
        cmocka_unit_test(test_a_part_without_content_or_line_end),
        cmocka_unit_test(test_bodies_that_end_too_soon),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_filenames),
        cmocka_unit_test(test_a_disposition_s_size),
        cmocka_unit_test(test_a_header_by_name),
        cmocka_unit_test(test_boundary_of_a_content_type),
        cmocka_unit_test(test_boundaries_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
