/* The rules of fuzzing about changes of a request that its answer must not depend on: a stack that breaks each, and one
 * that looks alike and is right. */
#include "tests/fuzz/fuzz_test.h"

#include <stackrig/foreign.h>

#include <strings.h>

static struct rig_app app;
static int build_app(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, app);
}

static const struct rig_fuzz one_app = {.build = build_app};

#define OPEN_APP(function_) (app = RIG_APP(function_), open_target(&one_app))

static int first_of_them(void *closure, const char *name, const char *value, size_t size)
{
    const char **first = closure;
    (void)size;
    *first = strncmp(name, "HTTP_X_", 7) == 0 ? value : NULL;
    return *first != NULL;
}

static int first_header(void *self, struct rig_env *env, struct rig_response *res)
{
    const char *first = NULL;
    (void)self;
    (void)rig_env_each(env, first_of_them, &first);
    return rig_respond(res, .body = first ? first : "none");
}

static void test_fuzz_variant_header_order(void **state)
{
    (void)state;
    OPEN_APP(first_header);
    judge("GET /\nX-A: a");
    assert_int_equal(found_count, 0);
    judge("GET /\nX-A: a\nX-B: b");
    assert_found("fuzz.variant.header_order");
    judge("GET /\nX-A: a\nX_A: b"); /* one variable */
    assert_int_equal(found_count, 0);
}

static int add_line(void *closure, const char *name, const char *value, size_t size)
{
    char *lines = closure;
    size_t used = strlen(lines);
    if (strncmp(name, "HTTP_X_", 7) == 0) {
        (void)snprintf(lines + used, 1024 - used, "%s: %.*s\n", name, (int)size, value);
    }
    return 0;
}

/* Shows the headers as they came, in a body with its tag. */
static int shows(void *self, struct rig_env *env, struct rig_response *res)
{
    char lines[1024] = "", tag[16];
    (void)self;
    (void)rig_env_each(env, add_line, lines);
    (void)snprintf(tag, sizeof tag, "\"%zu-%c\"", strlen(lines), lines[0] ? lines[7] : '-');
    return rig_respond(res, .headers = {{"ETag", tag}, {"X-Seen", lines[0] ? "some" : "none"}}, .body = lines);
}

static void test_fuzz_variant_shown_in_order(void **state)
{
    (void)state;
    OPEN_APP(shows);
    judge("GET /\nX-A: a\nX-B: b\nX-C: cc");
    assert_nothing(RIG_FUZZ_VARIANT_HEADER_ORDER);
}

/* The credentials stand at one end of the headers, however many: another of their name does not change places with them. */
static int last_key(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *value = rig_env_get(env, "HTTP_X_API_KEY");
    const char *comma = value ? strrchr(value, ',') : NULL;
    return rig_respond(res, .status = value && strlen(comma ? comma : value) < 4 ? 401 : 200);
}

static void test_fuzz_variant_order_of_many(void **state)
{
    (void)state;
    char many[1024] = "# @as valid header\nGET /";
    for (unsigned i = 0; i < 19; i++) {
        size_t size = strlen(many);
        (void)snprintf(many + size, sizeof many - size, "\nX-F%u: a", i);
    }
    (void)snprintf(many + strlen(many), sizeof many - strlen(many), "\nX-Api-Key: k");
    OPEN_APP(last_key);
    judge(many);
    assert_nothing(RIG_FUZZ_VARIANT_HEADER_ORDER);
}

static int one_header(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *value = rig_env_get(env, "HTTP_X_B");
    return rig_respond(res, .body = value ? value : "none");
}

static void test_fuzz_variant_by_name(void **state)
{
    (void)state;
    OPEN_APP(one_header);
    judge("GET /\nX-A: a\nX-B: b");
    assert_nothing(RIG_FUZZ_VARIANT_HEADER_ORDER);
}

static int reads(void *self, struct rig_env *env, struct rig_response *res)
{
    const bool *whole = self;
    char buffer[16], first = '-', last = '-';
    struct rig_input *input = rig_env_input(env);
    int64_t got = rig_input_read(input, buffer, sizeof buffer);
    if (got > 0) {
        first = buffer[0];
        last = buffer[got - 1];
    }
    while (got > 0 && (got = rig_input_read(input, buffer, sizeof buffer)) > 0) {
        last = *whole ? buffer[got - 1] : last;
    }
    const char answer[] = {first, last, '\0'};
    return got < 0 ? (int)got : rig_respond(res, .body = answer);
}

static void test_fuzz_variant_pieces(void **state)
{
    (void)state;
    static bool whole = false;
    app = (struct rig_app){.name = "reads", .call = reads, .self = &whole};
    open_target(&one_app);
    judge("POST /\n\na");
    assert_int_equal(found_count, 0);
    judge("POST /\n\nabc");
    assert_int_equal(found_count, 2);
    assert_string_equal(found[0], "fuzz.variant.pieces");
    assert_string_equal(found[1], "fuzz.variant.chunks");
}

static void test_fuzz_variant_read_whole(void **state)
{
    (void)state;
    static bool whole = true;
    app = (struct rig_app){.name = "reads", .call = reads, .self = &whole};
    open_target(&one_app);
    judge("POST /\n\nabc");
    judge("# @pieces 2\nPOST /\n\nabcdefg");
    assert_nothing(RIG_FUZZ_VARIANT_PIECES);
}

static unsigned most_reads;

/* Looks for "&&" in each piece by itself. */
static int looks_in_pieces(void *self, struct rig_env *env, struct rig_response *res)
{
    char piece[4096 + 1];
    int64_t got;
    unsigned reads = 0;
    bool two = false;
    (void)self;
    while ((got = rig_input_read(rig_env_input(env), piece, sizeof piece - 1)) > 0) {
        piece[got] = '\0';
        two = two || strstr(piece, "&&");
        reads++;
    }
    most_reads = reads > most_reads ? reads : most_reads;
    return rig_respond(res, .body = two ? "two" : "one");
}

/* "&&" at that place of so many bytes. */
static const char *body_with_mark(size_t size, size_t place)
{
    static char text[2048];
    (void)snprintf(text, sizeof text, "POST /\n\n%0*d", (int)size, 0);
    memcpy(text + strlen("POST /\n\n") + place, "&&", 2);
    return text;
}

static void test_fuzz_variant_pieces_everywhere(void **state)
{
    (void)state;
    OPEN_APP(looks_in_pieces);
    for (size_t place = 0; place <= 62; place++) {
        judge(body_with_mark(64, place));
        assert_int_equal(found_count, 2);
        assert_string_equal(found[0], "fuzz.variant.pieces");
        assert_string_equal(found[1], "fuzz.variant.chunks");
    }
}

/* By some hashes at one place alone: such a play does not take many times as long. */
static void test_fuzz_variant_pieces_in_turn(void **state)
{
    (void)state;
    unsigned found_at[62] = {0}, places = 0;
    OPEN_APP(looks_in_pieces);
    most_reads = 0;
    for (uint32_t turn = 0; turn < 64; turn++) {
        const uint32_t round = turn * 8 + 4, number = round * 4 + 1; /* of the hash that picks pieces */
        for (size_t place = 0; place < 62; place++) {
            judge_by(number * 8 + 5, body_with_mark(64, place));
            found_at[place] += (unsigned)found_count;
        }
    }
    for (size_t place = 0; place < 62; place++) {
        places += found_at[place] > 0;
    }
    assert_int_equal(places, 62);
    assert_in_range(most_reads, 8, 40);
}

static const char chunked[] = "# @chunks 7\nPOST /\n\nabcdefg";

static void test_fuzz_variant_chunks(void **state)
{
    (void)state;
    static bool whole = false;
    app = (struct rig_app){.name = "reads", .call = reads, .self = &whole};
    open_target(&one_app);
    judge(chunked);
    assert_found("fuzz.variant.chunks");
}

/* Chunked bodies are read as far as their first chunk, or refused. */
static int reads_chunks(void *self, struct rig_env *env, struct rig_response *res)
{
    const bool *refuses = self;
    char buffer[64];
    bool has_length = rig_env_get(env, "CONTENT_LENGTH") != NULL;
    struct rig_input *input = rig_env_input(env);
    int64_t got = rig_input_read(input, buffer, sizeof buffer), all = got, more = got;
    while (more > 0 && (more = rig_input_read(input, buffer, sizeof buffer)) > 0) {
        all += more;
    }
    (void)snprintf(buffer, sizeof buffer, "%d", (int)(has_length ? all : got));
    return more < 0                  ? (int)more
           : !has_length && *refuses ? rig_respond(res, .status = 411)
                                     : rig_respond(res, .body = buffer);
}

static void test_a_length_becomes_chunks(void **state)
{
    (void)state;
    static bool refuses = false;
    app = (struct rig_app){.name = "reads_chunks", .call = reads_chunks, .self = &refuses};
    open_target(&one_app);
    judge("POST /\n\nabc");
    assert_found("fuzz.variant.chunks");
    assert_non_null(strstr(last_message, "in one chunk, and with its body in small chunks, it is answered 200"));
    judge("POST / HTTP/1.0\n\nabc");
    assert_int_equal(found_count, 0);
    close_target(NULL);
    refuses = true;
    open_target(&one_app);
    judge("POST /\n\nabc");
    assert_nothing(RIG_FUZZ_VARIANT_CHUNKS);
}

/* Of a request with one header or none, others are put beside it: those that it asks for. */
static int first_of_all(void *closure, const char *name, const char *value, size_t size)
{
    const char **first = closure;
    (void)value, (void)size;
    *first =
        strcmp(name, "HTTP_X_ASKED") == 0 || strcmp(name, "HTTP_ACCEPT") == 0 || strcmp(name, "HTTP_USER_AGENT") == 0
            ? name
            : NULL;
    return *first != NULL;
}

static int first_is_asked(void *self, struct rig_env *env, struct rig_response *res)
{
    const char *first = NULL;
    (void)self;
    (void)rig_env_get(env, "HTTP_X_ASKED");
    (void)rig_env_each(env, first_of_all, &first);
    return rig_respond(res, .status = first && strcmp(first, "HTTP_X_ASKED") == 0 ? 404 : 200);
}

static void test_headers_are_added_for_their_order(void **state)
{
    (void)state;
    OPEN_APP(one_header);
    judge("GET /\nX-B: b");
    assert_nothing(RIG_FUZZ_VARIANT_HEADER_ORDER);
    close_target(NULL);
    OPEN_APP(first_is_asked);
    judge("GET /");
    assert_found("fuzz.variant.header_order");
    assert_non_null(strstr(last_message, "with X-Asked: 1, Accept: "));
}

static void test_fuzz_variant_chunks_read_whole(void **state)
{
    (void)state;
    static bool whole = true;
    app = (struct rig_app){.name = "reads", .call = reads, .self = &whole};
    open_target(&one_app);
    judge(chunked);
    assert_nothing(RIG_FUZZ_VARIANT_CHUNKS);
}

/* As one who goes over the fields by himself. */
struct looked_for {
    bool exactly, found;
};

static int look(void *closure, const char *name, const char *value, size_t size)
{
    struct looked_for *it = closure;
    (void)value, (void)size;
    it->found = it->found || (it->exactly ? strcmp(name, "X-Token") : strcasecmp(name, "X-Token")) == 0;
    return 0;
}

static int looks(void *self, struct rig_env *env, struct rig_response *res)
{
    const bool *exactly = self;
    struct looked_for it = {.exactly = *exactly};
    (void)rig_foreign_fields(env, look, &it);
    return rig_respond(res, .status = it.found ? 200 : 404);
}

static void test_fuzz_variant_name_case(void **state)
{
    (void)state;
    static bool exactly = true;
    app = (struct rig_app){.name = "looks", .call = looks, .self = &exactly};
    open_target(&one_app);
    judge("GET /\nX-Other: a");
    assert_int_equal(found_count, 0);
    judge("GET /\nX-Token: a");
    assert_found("fuzz.variant.name_case");
}

/* And their names as they were written. */
static int add_name(void *closure, const char *name, const char *value, size_t size)
{
    char *names = closure;
    size_t used = strlen(names);
    (void)value, (void)size;
    (void)snprintf(names + used, 1024 - used, "%s\n", name);
    return 0;
}

static int shows_names(void *self, struct rig_env *env, struct rig_response *res)
{
    char names[1024] = "";
    (void)self;
    (void)rig_foreign_fields(env, add_name, names);
    return rig_respond(res, .body = names);
}

static void test_fuzz_variant_shown_in_case(void **state)
{
    (void)state;
    OPEN_APP(shows_names);
    judge("GET /\nX-Token: a");
    assert_nothing(RIG_FUZZ_VARIANT_NAME_CASE);
}

static void test_fuzz_variant_name_in_any_case(void **state)
{
    (void)state;
    static bool exactly = false;
    app = (struct rig_app){.name = "looks", .call = looks, .self = &exactly};
    open_target(&one_app);
    judge("GET /\nX-Token: a");
    assert_nothing(RIG_FUZZ_VARIANT_NAME_CASE);
}

#define FUZZ_TEST(test_) cmocka_unit_test_teardown(test_, close_target),

#include "tests/unit/rules_tests.h"

int main(void)
{
    const struct CMUnitTest tests[] = {
        FUZZ_VARIANT_TESTS(FUZZ_TEST) FUZZ_TEST(test_fuzz_variant_order_of_many)
            FUZZ_TEST(test_fuzz_variant_pieces_everywhere) FUZZ_TEST(test_fuzz_variant_pieces_in_turn)
                FUZZ_TEST(test_a_length_becomes_chunks) FUZZ_TEST(test_headers_are_added_for_their_order)
                    FUZZ_TEST(test_fuzz_variant_shown_in_order) FUZZ_TEST(test_fuzz_variant_shown_in_case)};
    return cmocka_run_group_tests_name("fuzz: variants", tests, NULL, NULL);
}
