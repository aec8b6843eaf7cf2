/* Multipart bodies kept in memory; hostile ones; memory that runs out. */
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
#define TYPE "multipart/form-data; boundary=XX"

static struct rig_slice slice(const char *text)
{
    return (struct rig_slice){text, strlen(text)};
}

/* ---- memory that is counted, and can run out ---- */

struct meter {
    size_t pieces, fail_at; /* from 1; 0: never */
    size_t held, most;      /* bytes */
};

static void *meter_alloc(void *self, size_t size)
{
    struct meter *meter = self;
    size_t *memory = ++meter->pieces == meter->fail_at ? NULL : malloc(size + 2 * sizeof *memory);
    if (!memory) {
        return NULL;
    }
    memory[0] = size;
    meter->held += size;
    meter->most = meter->held > meter->most ? meter->held : meter->most;
    return memory + 2;
}

static void meter_release(void *self, void *memory)
{
    struct meter *meter = self;
    size_t *start = (size_t *)memory - 2;
    meter->held -= start[0];
    free(start);
}

static struct rig_allocator metered(struct meter *meter)
{
    return (struct rig_allocator){.alloc = meter_alloc, .release = meter_release, .self = meter};
}

/* ---- a body that is a text, over and over ---- */

struct flood {
    const char *start, *again, *end;
    size_t times, piece; /* piece: of a read; 0: as many as asked for */
    size_t text, at;     /* which one, and where in it */
    int error;           /* in place of the end */
};

static int64_t flood_read(void *self, void *buffer, size_t size)
{
    struct flood *flood = self;
    char *out = buffer;
    size_t used = 0, room = flood->piece > 0 && flood->piece < size ? flood->piece : size;
    while (used < room && flood->text < flood->times + 2) {
        const char *text = flood->text == 0 ? flood->start : flood->text <= flood->times ? flood->again : flood->end;
        size_t left = strlen(text) - flood->at, part = left < room - used ? left : room - used;
        memcpy(out + used, text + flood->at, part);
        used += part;
        flood->at += part;
        if (part == left) {
            flood->text++;
            flood->at = 0;
        }
    }
    return used == 0 && flood->error ? flood->error : (int64_t)used;
}

static int read_flood(struct flood flood, struct rig_multipart_options options, struct rig_multipart_form **form)
{
    return rig_multipart_form_read((struct rig_source){.read = flood_read, .self = &flood}, TYPE, strlen(TYPE), options,
                                   form);
}

static void assert_flood(struct flood flood, struct rig_multipart_limits limits, int expected, size_t parts)
{
    struct rig_multipart_form *form = NULL;
    size_t count = 0;
    assert_int_equal(read_flood(flood, (struct rig_multipart_options){.limits = limits}, &form), expected);
    assert_int_equal(form != NULL, expected == 0);
    if (form) {
        (void)rig_multipart_form_parts(form, &count);
    }
    assert_int_equal(count, parts);
    rig_multipart_form_free(form);
}

/* ---- limits ---- */

#define FIELD "--XX" PART("a") "x\r\n"
#define FILE_PART "--XX\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\nx\r\n"
#define END "--XX--\r\n"

static void test_limits_of_parts_and_files(void **state)
{
    (void)state;
    const struct rig_multipart_limits defaults = {0}, few = {.parts = 2, .files = 1};
    assert_flood((struct flood){"", FIELD, END, .times = 4095}, defaults, 0, 4095);
    assert_flood((struct flood){"", FIELD, END, .times = 4096}, defaults, RIG_MULTIPART_TOO_MANY_PARTS, 0);
    assert_flood((struct flood){"", FILE_PART, END, .times = 127}, defaults, 0, 127);
    assert_flood((struct flood){"", FILE_PART, END, .times = 128}, defaults, RIG_MULTIPART_TOO_MANY_FILES, 0);
    assert_flood((struct flood){"", FIELD, END, .times = 2}, few, 0, 2);
    assert_flood((struct flood){"", FIELD, END, .times = 3}, few, RIG_MULTIPART_TOO_MANY_PARTS, 0);
    assert_flood((struct flood){FIELD, FILE_PART, END, .times = 1}, few, 0, 2);
    assert_flood((struct flood){"", FILE_PART, END, .times = 2}, few, RIG_MULTIPART_TOO_MANY_FILES, 0);
}

static void test_limits_of_bytes(void **state)
{
    (void)state;
    const char head[] = "Content-Disposition: form-data; name=\"a\"\r\n";
    size_t head_size = sizeof head - 1, body_size = sizeof(FIELD END) - 1;
    const struct flood body = {FIELD, "", END, .times = 0}, file = {FILE_PART, "", END, .times = 0};
    const struct flood ten = {"--XX" PART("a"), "x", "\r\n" END, .times = 10};
    assert_flood(body, (struct rig_multipart_limits){.bytes = body_size}, 0, 1);
    assert_flood(body, (struct rig_multipart_limits){.bytes = body_size - 2}, 0, 1); /* the last CR LF does not count */
    assert_flood(body, (struct rig_multipart_limits){.bytes = body_size - 3}, RIG_MULTIPART_LIMIT, 0);
    assert_flood(body, (struct rig_multipart_limits){.head = head_size}, 0, 1);
    assert_flood(body, (struct rig_multipart_limits){.head = head_size - 1}, RIG_MULTIPART_LIMIT, 0);
    assert_flood(body, (struct rig_multipart_limits){.kept = head_size + 1, .kept_files = 1}, 0, 1);
    assert_flood(body, (struct rig_multipart_limits){.kept = head_size}, RIG_MULTIPART_LIMIT, 0);
    assert_flood(body, (struct rig_multipart_limits){.kept = head_size - 1}, RIG_MULTIPART_LIMIT, 0);
    assert_flood(ten, (struct rig_multipart_limits){.kept = head_size + 10}, 0, 1);
    assert_flood(ten, (struct rig_multipart_limits){.kept = head_size + 9}, RIG_MULTIPART_LIMIT, 0);
    assert_flood(file, (struct rig_multipart_limits){.kept_files = 1}, 0, 1);
    assert_flood((struct flood){FILE_PART, FILE_PART, END, .times = 1}, (struct rig_multipart_limits){.kept_files = 1},
                 RIG_MULTIPART_LIMIT, 0);
}

static void test_content_length(void **state)
{
    (void)state;
    const struct flood body = {FIELD, "", END, .times = 0};
    size_t size = sizeof(FIELD END) - 1;
    const struct {
        uint64_t length;
        int expected;
    } lengths[] = {
        {size, 0},
        {size - 2, 0},
        {size + 1, 0}, /* all parts are there */
        {size - 3, RIG_MULTIPART_ENDED_EARLY},
        {1, RIG_MULTIPART_ENDED_EARLY},
        {(uint64_t)10 << 30, 0},
        {((uint64_t)10 << 30) + 1, RIG_MULTIPART_LIMIT},
        {UINT64_MAX, RIG_MULTIPART_LIMIT},
    };
    struct rig_multipart_form *form = NULL;
    struct rig_multipart_options options = {.has_content_length = true};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        options.content_length = lengths[i].length;
        assert_int_equal(read_flood(body, options, &form), lengths[i].expected);
        rig_multipart_form_free(form);
    }
    options.content_length = size;
    assert_int_equal(read_flood((struct flood){FIELD, "", "", .times = 0}, options, &form),
                     RIG_MULTIPART_LENGTH_MISMATCH);
    options.content_length = 6;
    assert_int_equal(rig_multipart_form_open(slice("XX"), options, &form), 0);
    assert_int_equal(rig_multipart_form_add(form, FIELD END, size), 0); /* the rest is not looked at */
    assert_int_equal(rig_multipart_form_add(form, FIELD END, size), 0);
    assert_int_equal(rig_multipart_form_end(form), RIG_MULTIPART_ENDED_EARLY);
    rig_multipart_form_free(form);
    options.content_length = 0;
    assert_int_equal(read_flood(body, options, &form), 0);
    assert_null(form);
}

static void test_what_is_not_to_be_read(void **state)
{
    (void)state;
    struct rig_multipart_form *form = NULL;
    const struct rig_multipart_options options = {.has_content_length = false};
    struct flood body = {FIELD, "", END, .times = 0};
    struct rig_source source = {.read = flood_read, .self = &body};
    assert_int_equal(rig_multipart_form_read((struct rig_source){0}, TYPE, strlen(TYPE), options, &form),
                     RIG_MULTIPART_NO_INPUT);
    assert_int_equal(rig_multipart_form_read(source, "text/plain", 10, options, &form), 0);
    assert_null(form);
    assert_int_equal(rig_multipart_form_read(source, NULL, 0, options, &form), 0);
    assert_null(form);
    const char *two = TYPE "; boundary=b";
    assert_int_equal(rig_multipart_form_read(source, two, strlen(two), options, &form), RIG_MULTIPART_BAD_BOUNDARY);
    assert_int_equal(body.text, 0);
    assert_int_equal(read_flood((struct flood){FIELD, "", "", .error = -5}, options, &form), -5);
    assert_null(form);
}

/* ---- hostile ---- */

static void test_a_million_parts(void **state)
{
    (void)state;
    struct meter meter = {.fail_at = 0};
    struct rig_multipart_form *form = NULL;
    const struct rig_multipart_options options = {.allocator = metered(&meter)};
    assert_int_equal(read_flood((struct flood){"", FIELD, END, .times = 1000000}, options, &form),
                     RIG_MULTIPART_TOO_MANY_PARTS);
    assert_true(meter.most < (size_t)4 << 20);
    assert_int_equal(meter.held, 0);
}

static void assert_head_flood(struct flood flood, int expected)
{
    struct meter meter = {.fail_at = 0};
    struct rig_multipart_form *form = NULL;
    const struct rig_multipart_options options = {.allocator = metered(&meter)};
    assert_int_equal(read_flood(flood, options, &form), expected);
    rig_multipart_form_free(form);
    assert_true(meter.most < (size_t)10 << 20);
    assert_int_equal(meter.held, 0);
}

static void test_heads_without_end(void **state)
{
    (void)state;
    const char *start = "--XX\r\nA: ";
    assert_head_flood((struct flood){start, "b", "", .times = 10000000}, RIG_MULTIPART_LIMIT);
    assert_head_flood((struct flood){start, "\r\nb:c", "", .times = 1000000}, RIG_MULTIPART_LIMIT);
    assert_head_flood((struct flood){start, "b", "", .times = 60000}, RIG_MULTIPART_ENDED_EARLY);
    assert_head_flood((struct flood){start, "b", "", .times = 70000}, RIG_MULTIPART_LIMIT);
    assert_head_flood((struct flood){start, "b", "\r\n\r\n1\r\n" END, .times = 70000}, 0);
    assert_head_flood((struct flood){"", "p", "", .times = 16384}, RIG_MULTIPART_ENDED_EARLY);
    assert_head_flood((struct flood){"", "p", "", .times = 16385}, RIG_MULTIPART_LIMIT);
    assert_head_flood((struct flood){"", "p", "\r\n" FIELD END, .times = 1000000}, 0);
}

static void test_backslashes_are_counted(void **state)
{
    (void)state;
    const char *part = "--XX" PART("\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\\") "1\r\n"; /* eight escapes */
    assert_flood((struct flood){"", part, END, .times = 1024}, (struct rig_multipart_limits){0}, 0, 1024);
    assert_flood((struct flood){"", part, END, .times = 1025}, (struct rig_multipart_limits){0}, RIG_MULTIPART_LIMIT,
                 0);
    assert_flood((struct flood){"", part, END, .times = 2}, (struct rig_multipart_limits){.escapes = 15},
                 RIG_MULTIPART_LIMIT, 0);
}

/* Would take minutes if bytes were looked at again. */
static void test_endless_beginnings_of_a_boundary(void **state)
{
    (void)state;
    static const char *const nearly[] = {"\r", "\r\n", "\r\n-", "\r\n--X", "\r\n--XXX", "\r\n--XX\r", "\r\n--XX-", "-"};
    const struct rig_multipart_limits limits = {.kept = (size_t)64 << 20};
    for (size_t i = 0; i < sizeof nearly / sizeof nearly[0]; i++) {
        struct rig_multipart_form *form = NULL;
        size_t count = 0, size = strlen(nearly[i]), times = 3000000 / size;
        const struct rig_multipart_options options = {.limits = limits};
        assert_int_equal(
            read_flood((struct flood){"--XX" PART("a") "x", nearly[i], "\r\n" END, .times = times}, options, &form), 0);
        const struct rig_multipart_part *parts = rig_multipart_form_parts(form, &count);
        assert_int_equal(count, 1);
        assert_int_equal(parts[0].content.size, 1 + size * times);
        rig_multipart_form_free(form);
    }
}

/* ---- a form ---- */

static const char form_body[] = "--XX" PART(
    "user[name]") "ada\r\n"
                  "--XX" PART("tags[]") "a\r\n--XX" PART(
                      "tags[]") "\r\n"
                                "--XX\r\nContent-Disposition: form-data; name=\"user[photo]\"; filename=\"p.png\"\r\n"
                                "Content-Type: image/png\r\n\r\nPNG\r\n"
                                "--XX\r\nContent-Disposition: form-data; name=none; "
                                "filename=\"\"\r\n\r\nx\r\n--XX--\r\n";

static void test_a_form_and_its_parameters(void **state)
{
    (void)state;
    struct rig_multipart_form *form = NULL;
    struct rig_params *params = NULL;
    size_t count = 0;
    assert_int_equal(rig_multipart_form_open(slice("XX"), (struct rig_multipart_options){0}, &form), 0);
    assert_int_equal(rig_multipart_form_add(form, form_body, sizeof form_body - 1), 0);
    assert_int_equal(rig_multipart_form_end(form), 0);
    const struct rig_multipart_part *parts = rig_multipart_form_parts(form, &count);
    assert_int_equal(count, 4); /* an input without a file is none */
    assert_string_equal(parts[0].head.name.data, "user[name]");
    assert_string_equal(parts[0].content.data, "ada");
    assert_string_equal(parts[2].content.data, "");
    assert_string_equal(parts[3].part.filename, "p.png");
    assert_string_equal(parts[3].part.content_type, "image/png");
    assert_int_equal(parts[3].part.bytes.size, 3);
    assert_int_equal(rig_multipart_form_params(form, (struct rig_query_options){0}, &params), 0);
    const struct rig_param *user = rig_param_get(rig_params_root(params), "user");
    const struct rig_param *tags = rig_param_get(rig_params_root(params), "tags");
    assert_non_null(user);
    assert_string_equal(rig_param_get(user, "name")->value, "ada");
    assert_ptr_equal(rig_param_get(user, "photo")->file, &parts[3].part);
    assert_int_equal(tags->kind, RIG_PARAM_LIST);
    assert_int_equal(tags->item_count, 2);
    rig_params_free(params);
    rig_multipart_form_free(form);
    rig_multipart_form_free(NULL);
}

static void test_names_that_contradict_each_other(void **state)
{
    (void)state;
    struct rig_multipart_form *form = NULL;
    struct rig_params *params = NULL;
    const char body[] = "--XX" PART("a") "1\r\n--XX" PART("a[b]") "1\r\n--XX--";
    assert_int_equal(rig_multipart_form_open(slice("XX"), (struct rig_multipart_options){0}, &form), 0);
    assert_int_equal(rig_multipart_form_add(form, body, sizeof body - 1), 0);
    assert_int_equal(rig_multipart_form_params(form, (struct rig_query_options){0}, &params), RIG_QUERY_TYPE_CONFLICT);
    assert_null(params);
    rig_multipart_form_free(form);
}

/* What is built is what is read. */
static void test_a_built_body_is_read_again(void **state)
{
    (void)state;
    const struct rig_part built[] = {{.name = "a", .body = "1\r\n--"},
                                     {.name = "f", .filename = "x y.bin", .bytes = {"\0\xff\r\n", 4}}};
    char boundary[RIG_BOUNDARY_SIZE], body[1000];
    struct rig_multipart_form *form = NULL;
    size_t count = 0;
    rig_multipart_boundary(built, 2, boundary);
    size_t size = rig_multipart_build(built, 2, boundary, body, sizeof body);
    assert_true(size <= sizeof body);
    assert_int_equal(rig_multipart_form_open(slice(boundary), (struct rig_multipart_options){0}, &form), 0);
    assert_int_equal(rig_multipart_form_add(form, body, size), 0);
    assert_int_equal(rig_multipart_form_end(form), 0);
    const struct rig_multipart_part *parts = rig_multipart_form_parts(form, &count);
    assert_int_equal(count, 2);
    assert_string_equal(parts[0].content.data, "1\r\n--");
    assert_string_equal(parts[1].head.filename.data, "x y.bin");
    assert_int_equal(parts[1].content.size, 4);
    assert_memory_equal(parts[1].content.data, "\0\xff\r\n", 4);
    rig_multipart_form_free(form);
}

/* Every piece of memory in turn is refused. */
static void test_memory_runs_out(void **state)
{
    (void)state;
    struct meter meter = {.fail_at = 1};
    int error = -ENOMEM;
    for (; error == -ENOMEM; meter.fail_at++) {
        struct rig_multipart_form *form = NULL;
        struct rig_params *params = NULL;
        const struct rig_allocator allocator = metered(&meter);
        meter.pieces = 0;
        error = rig_multipart_form_open(slice("XX"), (struct rig_multipart_options){.allocator = allocator}, &form);
        for (size_t i = 0; i < sizeof form_body - 1 && !error; i++) {
            error = rig_multipart_form_add(form, form_body + i, 1);
        }
        if (!error) {
            error = rig_multipart_form_end(form);
        } else if (form) {
            assert_int_equal(rig_multipart_form_add(form, "x", 1), error);
            assert_int_equal(rig_multipart_form_end(form), error);
        }
        if (!error) {
            error = rig_multipart_form_params(form, (struct rig_query_options){.allocator = allocator}, &params);
        }
        rig_params_free(params);
        rig_multipart_form_free(form);
        assert_int_equal(meter.held, 0);
    }
    assert_int_equal(error, 0);
    assert_true(meter.fail_at > 8);
}

static void test_errors_have_names(void **state)
{
    (void)state;
    assert_string_equal(rig_multipart_error_name(RIG_MULTIPART_LIMIT), "multipart_limit");
    assert_non_null(rig_multipart_error_text(RIG_MULTIPART_ENDED_EARLY));
    assert_null(rig_multipart_error_name(-ENOMEM));
    assert_null(rig_multipart_error_text(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits_of_parts_and_files),
        cmocka_unit_test(test_limits_of_bytes),
        cmocka_unit_test(test_content_length),
        cmocka_unit_test(test_what_is_not_to_be_read),
        cmocka_unit_test(test_a_million_parts),
        cmocka_unit_test(test_heads_without_end),
        cmocka_unit_test(test_backslashes_are_counted),
        cmocka_unit_test(test_endless_beginnings_of_a_boundary),
        cmocka_unit_test(test_a_form_and_its_parameters),
        cmocka_unit_test(test_names_that_contradict_each_other),
        cmocka_unit_test(test_a_built_body_is_read_again),
        cmocka_unit_test(test_memory_runs_out),
        cmocka_unit_test(test_errors_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
