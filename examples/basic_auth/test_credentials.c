#define _POSIX_C_SOURCE 200809L /* mkstemp */

#include <stackrig/cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "credentials.h"

/* ---- a file of credentials ---- */

struct file {
    char path[32];
    struct credentials credentials;
    struct basic_auth_problem problem;
};

static int make_file(void **state)
{
    struct file *file = calloc(1, sizeof *file);
    *state = file;
    strcpy(file->path, "/tmp/users.XXXXXX");
    int descriptor = mkstemp(file->path);
    return descriptor < 0 ? -1 : close(descriptor);
}

static int remove_file(void **state)
{
    struct file *file = *state;
    remove(file->path);
    free(file);
    return 0;
}

static int read_bytes(struct file *file, const void *bytes, size_t size)
{
    FILE *stream = fopen(file->path, "w");
    assert_non_null(stream);
    assert_int_equal(fwrite(bytes, 1, size, stream), size);
    assert_int_equal(fclose(stream), 0);
    memset(&file->credentials, 0, sizeof file->credentials);
    return credentials_read(&file->credentials, file->path, &file->problem);
}

static int read_text(struct file *file, const char *text)
{
    return read_bytes(file, text, strlen(text));
}

static bool known(const struct file *file, const char *text)
{
    struct credential given;
    assert_int_equal(credential_parse(&given, text, strlen(text)), 0);
    return credentials_match(&file->credentials, &given);
}

static void it_reads_every_line(void **state)
{
    struct file *file = *state;
    assert_int_equal(read_text(file, "# users\n\nann:one\nbob:t:w:o\n\n#eve:no\nzoë:drei"), 0);
    assert_int_equal(file->credentials.count, 3);
    assert_true(known(file, "ann:one"));
    assert_true(known(file, "bob:t:w:o"));
    assert_true(known(file, "zoë:drei"));
    assert_false(known(file, "#eve:no"));
    assert_string_equal(file->problem.text, "");
}

static void it_matches_only_the_same(void **state)
{
    static const char *const other[] = {"ann:on",   "ann:ones", "ann:One", "ann:two",  "an:one",
                                        "anna:one", "Ann:one",  "bob:one", " ann:one", "ann:one ",
                                        "ann: one", "n:one",    "ann:o",   "x:y",      "ann:ann:one"};
    struct file *file = *state;
    assert_int_equal(read_text(file, "ann:one\nbob:two\n"), 0);
    assert_true(known(file, "ann:one"));
    assert_true(known(file, "bob:two"));
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        assert_false(known(file, other[i]));
    }
    struct credentials none = {.count = 0};
    struct credential empty = {.user = ""};
    assert_false(credentials_match(&none, &empty));
}

/* One bit of difference anywhere is a difference. */
static void it_compares_every_bit(void **state)
{
    char text[CREDENTIAL_TEXT_MAX + 1];
    struct credentials *credentials = &((struct file *)*state)->credentials;
    memset(text, 'x', sizeof text);
    text[CREDENTIAL_USER_MAX] = ':';
    assert_int_equal(credentials_add(credentials, text, CREDENTIAL_TEXT_MAX), 0);

    struct credential given = credentials->list[0];
    assert_true(credentials_match(credentials, &given));
    for (size_t byte = 0; byte < sizeof given; byte++) {
        for (int bit = 0; bit < 8; bit++) {
            ((unsigned char *)&given)[byte] ^= (unsigned char)(1 << bit);
            assert_false(credentials_match(credentials, &given));
            given = credentials->list[0];
        }
    }
}

static void wrong_files_are_told(void **state)
{
    static const struct {
        const char *text;
        int error;
        const char *problem;
    } cases[] = {
        {"", -EINVAL, ": no user in it"},
        {"\n# nobody\n\n", -EINVAL, ": no user in it"},
        {"ann:one\nbob\n", -EINVAL, ":2: expected user:password"},
        {"ann:one\n\n:two\n", -EINVAL, ":3: expected user:password"},
        {"ann:\n", -EINVAL, ":1: expected user:password"},
        {"ann:one\r\n", -EINVAL, ":1: expected user:password"},
        {"ann:o\tne", -EINVAL, ":1: expected user:password"},
        {"ann:one\x7f", -EINVAL, ":1: expected user:password"},
        {" \n", -EINVAL, ":1: expected user:password"},
    };
    struct file *file = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(read_text(file, cases[i].text), cases[i].error);
        assert_non_null(strstr(file->problem.text, file->path));
        assert_non_null(strstr(file->problem.text, cases[i].problem));
    }
    assert_int_equal(read_bytes(file, "ann:one\0two", 11), -EINVAL);
    assert_non_null(strstr(file->problem.text, ":1: expected user:password"));
}

/* "u...:p..." of these sizes */
static size_t make_text(char *text, size_t user_size, size_t password_size)
{
    memset(text, 'u', user_size);
    text[user_size] = ':';
    memset(text + user_size + 1, 'p', password_size);
    return user_size + 1 + password_size;
}

static void lengths_have_limits(void **state)
{
    char text[2 * CREDENTIAL_TEXT_MAX];
    struct file *file = *state;
    assert_int_equal(read_bytes(file, text, make_text(text, CREDENTIAL_USER_MAX, CREDENTIAL_PASSWORD_MAX)), 0);
    assert_int_equal(read_bytes(file, text, make_text(text, CREDENTIAL_USER_MAX + 1, 1)), -EFBIG);
    assert_non_null(strstr(file->problem.text, ":1: too long"));
    assert_int_equal(read_bytes(file, text, make_text(text, 1, CREDENTIAL_PASSWORD_MAX + 1)), -EFBIG);
    assert_int_equal(read_bytes(file, text, make_text(text, CREDENTIAL_USER_MAX, CREDENTIAL_PASSWORD_MAX + 1)), -EFBIG);
    memset(text, '#', sizeof text);
    assert_int_equal(read_bytes(file, text, sizeof text), -EFBIG); /* not even a comment: what follows it is lost */
}

static void users_have_a_limit(void **state)
{
    char text[(CREDENTIALS_MAX + 1) * 4 + 1] = "";
    struct file *file = *state;
    for (size_t i = 0; i < CREDENTIALS_MAX; i++) {
        strcat(text, "u:p\n");
    }
    assert_int_equal(read_text(file, text), 0);
    assert_int_equal(file->credentials.count, CREDENTIALS_MAX);
    assert_int_equal(read_text(file, strcat(text, "u:p\n")), -E2BIG);
    assert_non_null(strstr(file->problem.text, ":33: too many users"));
}

static void what_is_not_a_file_is_told(void **state)
{
    struct file *file = *state;
    assert_int_equal(credentials_read(&file->credentials, "/nonexistent/users.txt", &file->problem), -ENOENT);
    assert_string_equal(file->problem.text, "/nonexistent/users.txt: No such file or directory");
    assert_int_equal(credentials_read(&file->credentials, "/tmp", &file->problem), -EIO);
    assert_string_equal(file->problem.text, "/tmp: cannot be read");
    assert_int_equal(credentials_read(&file->credentials, "/dev/zero", &file->problem),
                     -EFBIG); /* a line without end */
    assert_string_equal(file->problem.text, "/dev/zero:1: too long");
}

int main(void)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, make_file, remove_file)
    const struct CMUnitTest tests[] = {
        TEST(it_reads_every_line),        TEST(it_matches_only_the_same), TEST(it_compares_every_bit),
        TEST(wrong_files_are_told),       TEST(lengths_have_limits),      TEST(users_have_a_limit),
        TEST(what_is_not_a_file_is_told),
    };
    return cmocka_run_group_tests_name("basic_auth, credentials", tests, NULL, NULL);
}
