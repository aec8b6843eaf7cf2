/* Scenarios of any bytes, with too little memory, and wrong calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/client/scenario_parse.h"

#define UNREAD "input.early_answer.unread" /* a rule to name */

static void assert_zero_refused(const char *text, size_t size)
{
    struct rig_scenario *scenario = NULL;
    struct rig_scenario_error error;
    assert_int_equal(rig_scenario_parse(text, size, &scenario, &error), -EINVAL);
    assert_null(scenario);
    assert_true(error.message[0]);
}

static void test_zero_bytes_are_never_cut_off_silently(void **state)
{
    (void)state;
#define ZERO(text_) assert_zero_refused(text_, sizeof(text_) - 1)
    ZERO("\0");
    ZERO("GET /a\0b");
    ZERO("GET\0 /a");
    ZERO("GET / HTTP/1.1\0");
    ZERO("GET /\nA\0: b");
    ZERO("GET /\nA: b\0");
    ZERO("# @name a\0b\nGET /");
    ZERO("# @server a\0\nGET /");
    ZERO("# @expect finding " UNREAD "\0\nGET /");
    ZERO("# @ignore input.*\0\nGET /");
    ZERO("# @escapes on\0\nGET /");
    ZERO("# @name\0 a\nGET /");
    ZERO("# @malformed on\nGET /a\0b");
    ZERO("# @malformed on\nG\0T /a");
    ZERO("# @malformed on\nGET / HTTP/\0");
    ZERO("# @malformed on\nGET /\nA\0: b");
    ZERO("# @malformed on\nGET /\nA: b\0");
#undef ZERO
}

static void test_too_many_patterns(void **state)
{
    (void)state;
    char text[512] = "";
    struct rig_scenario *scenario = NULL;
    struct rig_scenario_error error;
    for (int i = 0; i < RIG_IGNORE_MAX; i++) {
        strcat(text, "# @ignore input.*\n");
    }
    size_t nine = strlen(text);
    strcat(text, "GET /\n");
    assert_int_equal(rig_scenario_parse(text, strlen(text), &scenario, &error), 0);
    rig_scenario_free(scenario);
    strcpy(text + nine, "# @ignore input.*\nGET /\n");
    assert_int_equal(rig_scenario_parse(text, strlen(text), &scenario, &error), -EINVAL);
    assert_int_equal(error.line, RIG_IGNORE_MAX + 1);
}

static void test_wrong_use(void **state)
{
    (void)state;
    struct rig_scenario *scenario = NULL;
    struct rig_scenario_error error;
    assert_int_equal(rig_scenario_parse(NULL, 3, &scenario, &error), -EINVAL);
    assert_non_null(strstr(error.message, "NULL"));
    assert_int_equal(rig_scenario_parse(NULL, 0, &scenario, &error), -EINVAL);
    assert_non_null(strstr(error.message, "expected a request"));
    assert_int_equal(rig_scenario_parse("GET /", 5, NULL, &error), -EINVAL);
    assert_int_equal(rig_scenario_parse("GET", 3, &scenario, NULL), -EINVAL);
    assert_int_equal(rig_scenario_parse("GET /", 5, &scenario, NULL), 0);
    rig_scenario_free(scenario);
    rig_scenario_free(NULL);
    assert_int_equal(rig_scenario_count(NULL), 0);
    assert_null(rig_scenario_at(NULL, 0));
}

/* A message shows bytes of the text, but only printable ones, and cuts them. */
static void test_messages_are_printable(void **state)
{
    (void)state;
    char text[600] = "GET /\n";
    struct rig_scenario *scenario = NULL;
    struct rig_scenario_error error;
    memset(text + 6, 0x1b, sizeof text - 6);
    assert_int_equal(rig_scenario_parse(text, sizeof text, &scenario, &error), -EINVAL);
    assert_null(strchr(error.message, 0x1b));
    assert_non_null(strstr(error.message, "???..."));
    assert_true(strlen(error.message) < 150);
}

/* ---- memory ---- */

struct ration {
    size_t left, blocks;
};

static bool admit(void *self, size_t size)
{
    struct ration *ration = self;
    (void)size;
    return ration->left > 0 && ration->left-- > 0;
}

static void *ration_alloc(void *self, size_t size)
{
    ((struct ration *)self)->blocks++;
    return malloc(size);
}

static void ration_release(void *self, void *memory)
{
    ((struct ration *)self)->blocks--;
    free(memory);
}

static void test_out_of_memory_at_every_allocation(void **state)
{
    (void)state;
    const char *text = "# @name a\n# @server b\n# @chunks 1,2\n# @ignore input.*\n# @expect status 200\n"
                       "# @expect finding " UNREAD "\n# @expect finding " UNREAD "\n# @expect finding " UNREAD "\n"
                       "# @expect finding " UNREAD "\nPOST / HTTP/1.1\n"
                       "A:1\nA:1\nA:1\nA:1\nA:1\nA:1\nA:1\nA:1\nA:1\nA:1\nA:1\nA:1\nA:1\nA:1\nA:1\nA:1\nA:1\nA:1\nA:1\n"
                       "A:1\nA:1\n\nbody\n###\nGET /\n###\nGET /\n###\nGET /\n###\nGET /\n";
    int status = -ENOMEM;
    size_t granted = 0;
    for (; status == -ENOMEM; granted++) {
        struct ration ration = {granted, 0};
        struct rig_allocator allocator = {ration_alloc, ration_release, admit, &ration};
        struct rig_scenario *scenario = NULL;
        struct rig_scenario_error error;
        status = rig_scenario_parse_in(allocator, text, strlen(text), &scenario, &error);
        if (status == 0) {
            assert_int_equal(rig_scenario_count(scenario), 5);
            rig_scenario_free(scenario);
        } else {
            assert_int_equal(status, -ENOMEM);
            assert_null(scenario);
        }
        assert_int_equal(ration.blocks, 0);
    }
    assert_true(granted > 70);
}

/* ---- any bytes ---- */

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Reads all that a scenario points to. */
static size_t walk(const struct rig_scenario *scenario)
{
    size_t sum = 0;
    for (size_t i = 0; i < rig_scenario_count(scenario); i++) {
        const struct rig_scenario_request *one = rig_scenario_at(scenario, i);
        sum += strlen(one->name) + strlen(one->request.target);
        for (size_t k = 0; one->request.headers[k].name; k++) {
            sum += strlen(one->request.headers[k].name) + strlen(one->request.headers[k].value);
        }
        for (size_t k = 0; k < one->request.header_count; k++) {
            sum += strlen(one->request.header_list[k].name) + strlen(one->request.header_list[k].value);
        }
        for (size_t k = 0; k < one->request.bytes.size; k++) {
            sum += ((const unsigned char *)one->request.bytes.data)[k];
        }
        for (size_t k = 0; k < one->request.piece_count; k++) {
            sum += one->request.pieces[k];
        }
        for (size_t k = 0; k < one->expect_count; k++) {
            sum += one->expects[k].rule ? strlen(one->expects[k].rule) : 1;
        }
    }
    return sum;
}

/* Pieces of the format in any order, with stray bytes among them. */
static size_t fill(char *text, size_t room, uint32_t *seed)
{
    static const char *const pieces[] = {
        "\n",
        "\n",
        "\n",
        "\r\n",
        "\n\n",
        "###\n",
        "# @",
        "name a",
        "server b",
        "expect status 200\n",
        "# @expect finding " UNREAD "\n",
        "# @chunks 1,5\n",
        "chunks 1,,",
        "# @escapes on\n",
        "# @malformed on\n",
        "GET /\n",
        "POST /a?b HTTP/1.1\n",
        "http://[::1]:80/",
        "A: b\n",
        "A:",
        ":",
        " ",
        "\\x41",
        "\\",
        "\\r\\n",
        "{",
        "{{a}}",
        "< ",
        "> {%",
        "# @ignore input.*\n",
        "//",
        "body\n",
        "@",
        "%",
        "HTTP/1.0",
    };
    size_t used = 0, count = next_random(seed) % 24;
    for (size_t i = 0; i < count; i++) {
        uint32_t pick = next_random(seed) % (sizeof pieces / sizeof pieces[0] + 2);
        if (pick < sizeof pieces / sizeof pieces[0]) {
            size_t size = strlen(pieces[pick]);
            if (used + size <= room) {
                memcpy(text + used, pieces[pick], size);
                used += size;
            }
        } else if (used < room) {
            text[used++] = (char)next_random(seed);
        }
    }
    return used;
}

static void test_any_bytes(void **state)
{
    (void)state;
    uint32_t seed = 2463534242u;
    size_t taken = 0;
    for (int i = 0; i < 40000; i++) {
        char text[512];
        size_t size = fill(text, sizeof text, &seed);
        char *copy = malloc(size ? size : 1);
        struct rig_scenario *scenario = NULL;
        struct rig_scenario_error error;
        assert_non_null(copy);
        memcpy(copy, text, size);
        int status = rig_scenario_parse(copy, size, &scenario, &error);
        free(copy);
        if (status == 0) {
            taken += walk(scenario) > 0;
            rig_scenario_free(scenario);
        } else {
            assert_int_equal(status, -EINVAL);
            assert_true(error.line > 0 && error.column > 0 && error.message[0]);
        }
    }
    assert_true(taken > 100); /* the pieces do make requests */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zero_bytes_are_never_cut_off_silently),
        cmocka_unit_test(test_too_many_patterns),
        cmocka_unit_test(test_wrong_use),
        cmocka_unit_test(test_messages_are_printable),
        cmocka_unit_test(test_out_of_memory_at_every_allocation),
        cmocka_unit_test(test_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
