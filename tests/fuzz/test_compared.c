/* libFuzzer tries what a program compares, and puts it into inputs: the secrets of a run are given to none of the functions
 * that it watches. Here these are ours, and look at what they are given. */
#define _GNU_SOURCE /* strcasestr, memmem */

#include "tests/fuzz/fuzz_test.h"

#include "fuzz/engine/engine.h"
#include "harness/http/chars.h"

#include <strings.h>

#define PART 8 /* so many bytes of a secret are enough to tell it */

static struct rig_fuzz_engine engine;
static bool watching;
static char leaked[128]; /* what was first given one; "": none was */

static bool same(const char *a, const char *b, size_t size)
{
    size_t i = 0;
    while (i < size && a[i] == b[i]) {
        i++;
    }
    return i == size;
}

static bool has(const char *text, size_t size, const char *part)
{
    bool is = false;
    for (size_t at = 0; at + PART <= size && !is; at++) {
        is = same(text + at, part, PART);
    }
    return is;
}

static void look(const char *function, const void *text, size_t size)
{
    for (unsigned user = 0; watching && user < 2 && !leaked[0]; user++) {
        if (has(text, size, target.credentials.values[user]) || has(text, size, rig_fuzz_coded(&target, user) + PART)) {
            watching = false;
            (void)snprintf(leaked, sizeof leaked, "%s: %.*s", function, (int)(size < 100 ? size : 100),
                           (const char *)text);
        }
    }
}

/* Of two that differ; texts up to where the shorter one ends. */
static int differ(const char *function, const void *one, const void *two, size_t size, bool text, bool fold)
{
    const unsigned char *a = one, *b = two;
    size_t most = size, i = 0;
    if (text) {
        size_t a_size = strnlen(one, size), b_size = strnlen(two, size), shorter = a_size < b_size ? a_size : b_size;
        most = shorter < size ? shorter + 1 : size;
    }
    while (i < most && (fold ? (rig_char_lower((char)a[i]) == rig_char_lower((char)b[i])) : a[i] == b[i])) {
        i++;
    }
    if (i == most) {
        return 0;
    }
    look(function, one, most);
    look(function, two, most);
    int x = fold ? rig_char_lower((char)a[i]) : a[i], y = fold ? rig_char_lower((char)b[i]) : b[i];
    return x - y;
}

static const char *find(const char *function, const char *text, size_t size, const char *part, size_t part_size,
                        bool fold)
{
    look(function, part, part_size);
    for (size_t at = 0; part_size <= size && at <= size - part_size; at++) {
        size_t i = 0;
        while (i < part_size &&
               (fold ? rig_char_lower(text[at + i]) == rig_char_lower(part[i]) : text[at + i] == part[i])) {
            i++;
        }
        if (i == part_size) {
            return text + at;
        }
    }
    return NULL;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
int memcmp(const void *a, const void *b, size_t size)
{
    return differ("memcmp", a, b, size, false, false);
}

int bcmp(const void *a, const void *b, size_t size)
{
    return differ("bcmp", a, b, size, false, false);
}

int strcmp(const char *a, const char *b)
{
    return differ("strcmp", a, b, PTRDIFF_MAX, true, false);
}

int strncmp(const char *a, const char *b, size_t size)
{
    return differ("strncmp", a, b, size, true, false);
}

int strcasecmp(const char *a, const char *b)
{
    return differ("strcasecmp", a, b, PTRDIFF_MAX, true, true);
}

int strncasecmp(const char *a, const char *b, size_t size)
{
    return differ("strncasecmp", a, b, size, true, true);
}

char *strstr(const char *text, const char *part)
{
    return (char *)(uintptr_t)find("strstr", text, strlen(text), part, strlen(part), false);
}

char *strcasestr(const char *text, const char *part)
{
    return (char *)(uintptr_t)find("strcasestr", text, strlen(text), part, strlen(part), true);
}

void *memmem(const void *text, size_t size, const void *part, size_t part_size)
{
    return (void *)(uintptr_t)find("memmem", text, size, part, part_size, false);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/* ---- a stack that compares them in no such way ---- */

static const char *secret;

static bool ends_in_secret(const char *value)
{
    size_t size = value ? strlen(value) : 0;
    return size >= RIG_FUZZ_SECRET_SIZE && same(value + size - RIG_FUZZ_SECRET_SIZE, secret, RIG_FUZZ_SECRET_SIZE);
}

/* Sets the client's own cookie again, and logs the target. */
static int door_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const char *cookie = rig_env_get(env, "HTTP_COOKIE");
    int error = cookie ? rig_response_set_header(res, "Set-Cookie", cookie) : 0;
    (void)rig_env_log(env, "%s", rig_env_get(env, "REQUEST_URI"));
    if (error || ends_in_secret(cookie) || ends_in_secret(rig_env_get(env, "HTTP_AUTHORIZATION")) ||
        ends_in_secret(rig_env_get(env, "QUERY_STRING"))) {
        return error ? error : rig_next(next, env, res);
    }
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}});
}

static const struct rig_middleware door_layer = {.name = "door", .call = door_call};

static int rooms(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 204);
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    secret = rig_setup_secret(setup, "valid")->value;
    rig_use(stack, &door_layer, .auth = true);
    return rig_run(stack, RIG_APP(rooms));
}

static void test_no_secret_is_compared(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build, .protect = {"rooms"}};
    open_target(&what);
    leaked[0] = '\0';
    watching = true;
    judge("# @as valid cookie\nGET /a\n###\n# @as other query\nGET /b\n###\n# @as valid basic\nGET /c\n");
    rig_fuzz_engine_start(&engine, &target, 1);
    for (unsigned i = 0; i < 20000; i++) {
        assert_int_equal(rig_fuzz_engine_step(&engine), 0);
    }
    watching = false;
    assert_true(target.armed[RIG_FUZZ_SECRET_REFLECTED] > 0);
    if (leaked[0]) {
        fail_msg("%s", leaked);
    }
}

/* Or nothing would be looked at. */
static void test_a_secret_that_is_compared_is_seen(void **state)
{
    (void)state;
    static const struct rig_fuzz what = {.build = build, .protect = {"rooms"}};
    int (*volatile compare)(const char *, const char *) = strcmp;
    open_target(&what);
    leaked[0] = '\0';
    watching = true;
    assert_true(compare(secret, "abcdefghijklmnopqrstuvw") != 0);
    assert_non_null(strchr(leaked, ':'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_no_secret_is_compared, close_target),
        cmocka_unit_test_teardown(test_a_secret_that_is_compared_is_seen, close_target),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
