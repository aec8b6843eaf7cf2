/* The secrets of a run, and what each class of credentials makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include <stackrig/http/base64.h>

#include "fuzz/oracles/oracles.h"

static struct rig_fuzz_credentials credentials, again;

static const char *bearer(unsigned class)
{
    const char *value = rig_fuzz_carried(&credentials, class, RIG_FUZZ_PLACE_BEARER).value;
    assert_memory_equal(value, "Bearer ", 7);
    return value + 7;
}

static int set_up(void **state)
{
    (void)state;
    rig_fuzz_credentials_make(&credentials, 7, NULL);
    return 0;
}

static void test_classes(void **state)
{
    (void)state;
    const char *valid = credentials.secrets[0].value, *other = credentials.secrets[1].value;
    size_t size = strlen(valid);
    assert_int_equal(size, RIG_FUZZ_SECRET_SIZE);
    assert_string_equal(bearer(RIG_FUZZ_CLASS_VALID), valid);
    assert_string_equal(bearer(RIG_FUZZ_CLASS_OTHER), other);
    assert_string_not_equal(valid, other);
    assert_int_equal(strlen(bearer(RIG_FUZZ_CLASS_WRONG)), size);
    assert_string_not_equal(bearer(RIG_FUZZ_CLASS_WRONG), valid);
    assert_int_equal(strlen(bearer(RIG_FUZZ_CLASS_PREFIX)), size - 1);
    assert_memory_equal(bearer(RIG_FUZZ_CLASS_PREFIX), valid, size - 1);
    assert_int_equal(strlen(bearer(RIG_FUZZ_CLASS_LONGER)), size + 1);
    assert_memory_equal(bearer(RIG_FUZZ_CLASS_LONGER), valid, size);
    assert_int_equal(strcasecmp(bearer(RIG_FUZZ_CLASS_CASE), valid), 0);
    assert_string_not_equal(bearer(RIG_FUZZ_CLASS_CASE), valid);
    assert_string_equal(bearer(RIG_FUZZ_CLASS_EMPTY), "");
    assert_string_equal(bearer(RIG_FUZZ_CLASS_USER), credentials.secrets[0].name);
    assert_string_equal(credentials.secrets[0].credential_class, "valid");
    assert_string_equal(credentials.secrets[1].credential_class, "other");
}

/* Each user's, as it is and in base64, again and again; a part of one stays. */
static void test_bytes_without_secrets(void **state)
{
    (void)state;
    static const unsigned classes[] = {RIG_FUZZ_CLASS_VALID, RIG_FUZZ_CLASS_OTHER};
    static const unsigned places[] = {RIG_FUZZ_PLACE_HEADER, RIG_FUZZ_PLACE_BASIC};
    char bytes[256], wanted[256];
    for (unsigned i = 0; i < 4; i++) {
        const char *right = rig_fuzz_carried(&credentials, classes[i / 2], places[i & 1]).value;
        const char *wrong = rig_fuzz_carried(&credentials, RIG_FUZZ_CLASS_WRONG, places[i & 1]).value;
        int size = snprintf(bytes, sizeof bytes, "x%s%s, %.20s", right, right, right);
        (void)snprintf(wanted, sizeof wanted, "x%s%s, %.20s", wrong, wrong, right);
        rig_fuzz_withhold(&credentials, bytes, (size_t)size);
        assert_string_equal(bytes, wanted);
    }
    rig_fuzz_withhold(&credentials, bytes, 0);
}

static void test_places(void **state)
{
    (void)state;
    char plain[64];
    struct rig_field basic = rig_fuzz_carried(&credentials, RIG_FUZZ_CLASS_VALID, RIG_FUZZ_PLACE_BASIC);
    assert_string_equal(basic.name, "Authorization");
    assert_memory_equal(basic.value, "Basic ", 6);
    int64_t size = rig_base64_decode(basic.value + 6, strlen(basic.value + 6), plain, sizeof plain);
    assert_int_equal(size, strlen("ada:") + RIG_FUZZ_SECRET_SIZE);
    assert_memory_equal(plain, "ada:", 4);
    assert_memory_equal(plain + 4, credentials.secrets[0].value, RIG_FUZZ_SECRET_SIZE);

    struct rig_request request = RIG_GET("/a?b");
    char room[64], small[20];
    assert_true(rig_fuzz_carry(&credentials, RIG_FUZZ_CLASS_USER, RIG_FUZZ_PLACE_QUERY, &request, room, sizeof room));
    assert_string_equal(request.target, "/a?b&access_token=ada");
    assert_true(rig_fuzz_carry(&credentials, RIG_FUZZ_CLASS_USER, RIG_FUZZ_PLACE_COOKIE, &request, room, sizeof room));
    assert_string_equal(request.headers[0].name, "Cookie");
    assert_string_equal(request.headers[0].value, "session=ada");
    assert_false(
        rig_fuzz_carry(&credentials, RIG_FUZZ_CLASS_USER, RIG_FUZZ_PLACE_QUERY, &request, small, sizeof small));
    for (unsigned i = 0; i < RIG_FIELDS_MAX - 1; i++) {
        assert_true(rig_fuzz_carry(&credentials, RIG_FUZZ_CLASS_USER, RIG_FUZZ_PLACE_HEADER, &request, NULL, 0));
    }
    assert_false(rig_fuzz_carry(&credentials, RIG_FUZZ_CLASS_USER, RIG_FUZZ_PLACE_HEADER, &request, NULL, 0));
}

static void test_words(void **state)
{
    (void)state;
    unsigned class, place;
    assert_true(rig_fuzz_as("prefix", "cookie", &class, &place));
    assert_int_equal(class, RIG_FUZZ_CLASS_PREFIX);
    assert_int_equal(place, RIG_FUZZ_PLACE_COOKIE);
    assert_true(rig_fuzz_as("valid", NULL, &class, &place));
    assert_int_equal(place, RIG_FUZZ_PLACE_BASIC);
    assert_false(rig_fuzz_as("Valid", NULL, &class, &place));
    assert_false(rig_fuzz_as("valid", "pocket", &class, &place));
}

static void test_a_seed_is_a_secret(void **state)
{
    (void)state;
    rig_fuzz_credentials_make(&again, 7, NULL);
    assert_string_equal(again.secrets[0].value, credentials.secrets[0].value);
    rig_fuzz_credentials_make(&again, 8, NULL);
    assert_string_not_equal(again.secrets[0].value, credentials.secrets[0].value);
    assert_true(rig_fuzz_unknown() != rig_fuzz_unknown());
}

/* As it is and in base64, behind and before words of any length; but for one byte it is none. */
static void test_where_a_secret_stands(void **state)
{
    (void)state;
    static const char around[] = "a bc-def ghij=klmnopqrstuvwxyz0123456789 \"AB\":[1,22,333]";
    static struct rig_fuzz_target target;
    for (uint64_t seed = 0; seed < 50; seed++) {
        rig_fuzz_credentials_make(&target.credentials, seed, NULL);
        for (unsigned i = 0; i < 4 * (sizeof around - 1); i++) {
            char text[sizeof around + 64];
            unsigned user = i & 1, before = i / 4, class = user ? RIG_FUZZ_CLASS_OTHER : RIG_FUZZ_CLASS_VALID;
            const char *secret = i & 2 ? target.credentials.carried[class][RIG_FUZZ_PLACE_BASIC] + strlen("Basic ")
                                       : target.credentials.values[user];
            int size = snprintf(text, sizeof text, "%.*s%s%s", (int)before, around, secret, around + before);
            assert_true(rig_fuzz_holds_secret(&target, user, text, (size_t)size));
            assert_true(rig_fuzz_holds_secret(&target, user, text, before + strlen(secret)));
            assert_false(rig_fuzz_holds_secret(&target, user, text, before + strlen(secret) - 1));
            assert_false(rig_fuzz_holds_secret(&target, !user, text, (size_t)size));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_classes),
                                       cmocka_unit_test(test_bytes_without_secrets),
                                       cmocka_unit_test(test_places),
                                       cmocka_unit_test(test_words),
                                       cmocka_unit_test(test_a_seed_is_a_secret),
                                       cmocka_unit_test(test_where_a_secret_stands)};
    return cmocka_run_group_tests_name("fuzz: credentials", tests, set_up, NULL);
}
