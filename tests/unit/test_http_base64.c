#include <stackrig/cmocka.h>

#include <errno.h>

#include <stackrig/http/base64.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void test_vectors(void **state) /* RFC 4648, section 10 */
{
    static const struct {
        const char *text, *plain;
    } cases[] = {
        {"", ""},
        {"Zg==", "f"},
        {"Zm8=", "fo"},
        {"Zm9v", "foo"},
        {"Zm9vYg==", "foob"},
        {"Zm9vYmE=", "fooba"},
        {"Zm9vYmFy", "foobar"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[12];
        int64_t size = rig_base64_decode(cases[i].text, strlen(cases[i].text), out, sizeof out);
        assert_int_equal(size, strlen(cases[i].plain));
        assert_memory_equal(out, cases[i].plain, (size_t)size);
        size_t encoded = rig_base64_encode(cases[i].plain, strlen(cases[i].plain), out, sizeof out);
        assert_int_equal(encoded, strlen(cases[i].text));
        assert_memory_equal(out, cases[i].text, encoded);
    }
}

/* Every byte in every place: a digit decodes to its six bits, all else is refused. */
static void every_byte_in_every_place(void **state)
{
    (void)state;
    for (unsigned place = 0; place < 4; place++) {
        for (int byte = 0; byte < 256; byte++) {
            char text[] = "AAAA", out[3];
            text[place] = (char)byte;
            int64_t size = rig_base64_decode(text, 4, out, sizeof out);
            const char *digit = byte ? strchr(digits, byte) : NULL;
            if (!digit) {
                assert_int_equal(size, byte == '=' && place == 3 ? 2 : -EINVAL);
                continue;
            }
            unsigned long bits = (unsigned long)(digit - digits) << (6 * (3 - place));
            assert_int_equal(size, 3);
            assert_int_equal((unsigned char)out[0], bits >> 16);
            assert_int_equal((unsigned char)out[1], bits >> 8 & 0xff);
            assert_int_equal((unsigned char)out[2], bits & 0xff);
        }
    }
}

static void every_byte_there_and_back(void **state)
{
    unsigned char bytes[256], back[256];
    char text[344];
    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        bytes[i] = (unsigned char)(i * 7);
    }
    for (size_t size = 253; size <= 256; size++) {
        size_t encoded = rig_base64_encode(bytes, size, text, sizeof text);
        assert_int_equal(rig_base64_decode(text, encoded, back, sizeof back), size);
        assert_memory_equal(back, bytes, size);
    }
}

/* Every pair of digits before "==", every three before "=": only where the bits left over are zero. */
static void only_one_text_for_each_bytes(void **state)
{
    (void)state;
    for (size_t first = 0; first < 64; first++) {
        for (size_t last = 0; last < 64; last++) {
            char out[2];
            char two[] = {digits[first], digits[last], '=', '='};
            char three[] = {'A', digits[first], digits[last], '='};
            assert_int_equal(rig_base64_decode(two, 4, out, sizeof out), last % 16 ? -EINVAL : 1);
            assert_int_equal(rig_base64_decode(three, 4, out, sizeof out), last % 4 ? -EINVAL : 2);
        }
    }
}

static void padding_is_strict(void **state)
{
    static const char *const wrong[] = {"Z",    "Zg",   "Zm8",  "Zg=",      "Zg===",    "Zm8==",    "=",        "==",
                                        "===",  "====", "A===", "Zm9v=",    "Zm9v====", "Zg==Zg==", "Zm=v",     "Z=9v",
                                        "=m9v", "Zm8 ", " Zm8", "Zm 9v===", "Zm9v\n",   "Zm\n9",    "Zm9vZg=\n"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char out[16];
        assert_int_equal(rig_base64_decode(wrong[i], strlen(wrong[i]), out, sizeof out), -EINVAL);
    }
}

static void it_keeps_to_its_room(void **state)
{
    char out[4] = "...";
    (void)state;
    assert_int_equal(rig_base64_decode("Zm9v", 4, out, 2), -EFBIG);
    assert_string_equal(out, "...");
    assert_int_equal(rig_base64_decode("Zm9v", 4, out, 3), 3);
    assert_string_equal(out, "foo");
    assert_int_equal(rig_base64_decode("Zm8=", 4, out, 2), 2);
    assert_int_equal(rig_base64_decode("", 0, NULL, 0), 0);
    assert_int_equal(rig_base64_encode("fo", 2, NULL, 0), 4);
    assert_int_equal(rig_base64_encode("fo", 2, out, 3), 4);
    assert_string_equal(out, "foo");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(every_byte_in_every_place),
        cmocka_unit_test(every_byte_there_and_back),
        cmocka_unit_test(only_one_text_for_each_bytes),
        cmocka_unit_test(padding_is_strict),
        cmocka_unit_test(it_keeps_to_its_room),
    };
    return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
