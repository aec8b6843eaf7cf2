/* MD5 and SHA-256 by the vectors of their standards. */
#include <stackrig/cmocka.h>

#include "harness/http/digest.h"

/* RFC 1321 appendix A.5; FIPS 180-4's examples, beside what other programs say of the same texts. */
static const struct {
    const char *text, *md5, *sha256;
} vectors[] = {
    {"", "d41d8cd98f00b204e9800998ecf8427e", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"a", "0cc175b9c0f1b6a831c399e269772661", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"},
    {"abc", "900150983cd24fb0d6963f7d28e17f72", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"message digest", "f96b697d7cb7938d525a2f31aaf161d0",
     "f7846f55cf23e14eebeab5b4e1550cad5b509e3348fbc4efa3a1413d393cb650"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "8215ef0796a20bcaaae116d3876c664a",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f",
     "db4bfcbd4da0cd85a60c3c37d3fbd8805c77f15fc6b1fdfe614ee0a7c8fdb4c0"},
    {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
     "57edf4a22be3c955ac49da2e2107b67a", "f371bc4a311f2b009eef952dd83ca80e2b60026c8e935592d0f9c308453c813e"},
};

/* In pieces of every size up to the whole. */
static void test_vectors_in_every_split(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        size_t size = strlen(vectors[i].text);
        for (size_t piece = 1; piece <= size + 1; piece++) {
            struct rig_digest_state md5, sha256;
            char md5_hex[RIG_DIGEST_HEX_SIZE], sha256_hex[RIG_DIGEST_HEX_SIZE];
            rig_digest_begin(&md5, &rig_md5);
            rig_digest_begin(&sha256, &rig_sha256);
            for (size_t at = 0; at < size; at += piece) {
                size_t take = size - at < piece ? size - at : piece;
                rig_digest_add(&md5, vectors[i].text + at, take);
                rig_digest_add(&sha256, vectors[i].text + at, take);
            }
            rig_digest_end(&md5, md5_hex);
            rig_digest_end(&sha256, sha256_hex);
            assert_string_equal(md5_hex, vectors[i].md5);
            assert_string_equal(sha256_hex, vectors[i].sha256);
        }
    }
}

static void test_a_million_letters(void **state)
{
    (void)state;
    struct rig_digest_state md5, sha256;
    char letters[1000], md5_hex[RIG_DIGEST_HEX_SIZE], sha256_hex[RIG_DIGEST_HEX_SIZE];
    memset(letters, 'a', sizeof letters);
    rig_digest_begin(&md5, &rig_md5);
    rig_digest_begin(&sha256, &rig_sha256);
    for (int i = 0; i < 1000; i++) {
        rig_digest_add(&md5, letters, sizeof letters);
        rig_digest_add(&sha256, letters, sizeof letters);
    }
    rig_digest_end(&md5, md5_hex);
    rig_digest_end(&sha256, sha256_hex);
    assert_string_equal(md5_hex, "7707d6ae4e027c70eea2a935c2296f21");
    assert_string_equal(sha256_hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_in_every_split),
        cmocka_unit_test(test_a_million_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
