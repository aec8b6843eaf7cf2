/* Queries, read and built. What Rack does is in tests/conformance; here are the interface, limits and hostile input. */
#include "tests/unit/meter.h"

#include <stdio.h>

#include <stackrig/http/query.h>

static struct rig_params *parsed(const char *query, enum rig_query_shape shape)
{
    struct rig_params *params;
    assert_int_equal(
        rig_query_parse(query, strlen(query), (struct rig_query_options){.shape = shape, .separators = NULL}, &params),
        0);
    return params;
}

static int result_of(const char *query, size_t size, struct rig_query_limits limits)
{
    struct rig_params *params;
    int result = rig_query_parse(query, size, (struct rig_query_options){.limits = limits}, &params);
    assert_true(result == 0 || !params);
    rig_params_free(params);
    return result;
}

/* ---- reading ---- */

static void test_values(void **state)
{
    (void)state;
    struct rig_params *params = parsed("a=1&f&z=x%00y&%00=n&e=", RIG_QUERY_NESTED);
    const struct rig_param *root = rig_params_root(params), *item = rig_param_get(root, "a");
    assert_int_equal(root->kind, RIG_PARAM_MAP);
    assert_int_equal(root->item_count, 5);
    assert_string_equal(item->value, "1");
    assert_int_equal(item->bytes.size, 1);
    item = rig_param_get(root, "f");
    assert_null(item->value);
    assert_null(item->bytes.data);
    item = rig_param_get(root, "z"); /* a C string would end too early */
    assert_null(item->value);
    assert_int_equal(item->bytes.size, 3);
    assert_memory_equal(item->bytes.data, "x\0y", 4);
    assert_int_equal(root->items[3].name_size, 1);
    assert_memory_equal(root->items[3].name, "\0", 2);
    assert_string_equal(rig_param_get(root, "e")->value, "");
    assert_null(rig_param_get(root, "b"));
    assert_null(rig_param_get(item, "b"));
    rig_params_free(params);
    rig_params_free(NULL);
}

static void test_what_is_parsed_can_be_built(void **state)
{
    (void)state;
    static const char query[] = "a%5Bb%5D=1&a%5Bc%5D%5B%5D=x%00&a%5Bc%5D%5B%5D&l%5B%5D%5Bk%5D=2&%00=%26&e=";
    struct rig_params *params = parsed(query, RIG_QUERY_NESTED);
    char out[sizeof query];
    assert_int_equal(rig_query_build(rig_params_root(params), RIG_QUERY_STYLE_NESTED, out, sizeof query),
                     sizeof query - 1);
    assert_memory_equal(out, query, sizeof query - 1);
    rig_params_free(params);
}

static int count_pairs(void *closure, struct rig_pair pair)
{
    size_t *count = closure;
    assert_non_null(pair.name.data);
    return ++*count == 3 ? 7 : 0;
}

static void test_each(void **state)
{
    (void)state;
    size_t count = 0;
    assert_int_equal(rig_query_each(NULL, 0, (struct rig_query_options){.separators = NULL}, count_pairs, &count), 0);
    assert_int_equal(count, 0);
    assert_int_equal(
        rig_query_each("a;&b; c;;d", 10, (struct rig_query_options){.separators = ";&"}, count_pairs, &count), 7);
    assert_int_equal(count, 3);
    assert_int_equal(rig_query_each("a&%4g", 5, (struct rig_query_options){.separators = NULL}, count_pairs, &count),
                     RIG_QUERY_INVALID);
    assert_int_equal(count, 4);
}

/* ---- limits ---- */

static void test_limits(void **state)
{
    (void)state;
    const struct rig_query_limits none = {0};
    assert_int_equal(result_of("a=1&b=2&c", 9, (struct rig_query_limits){.params = 3}), 0);
    assert_int_equal(result_of("a=1&b=2&c", 9, (struct rig_query_limits){.params = 2}), RIG_QUERY_TOO_MANY);
    assert_int_equal(result_of("%&b=2&c", 7, (struct rig_query_limits){.params = 2}), RIG_QUERY_TOO_MANY);
    assert_int_equal(result_of("a=1", 3, (struct rig_query_limits){.bytes = 3}), 0);
    assert_int_equal(result_of("a=1", 3, (struct rig_query_limits){.bytes = 2}), RIG_QUERY_TOO_LARGE);
    assert_int_equal(result_of("a[b][c]", 7, (struct rig_query_limits){.depth = 3}), 0);
    assert_int_equal(result_of("a[b][c]", 7, (struct rig_query_limits){.depth = 2}), RIG_QUERY_TOO_DEEP);
    assert_int_equal(result_of("a[][]", 5, (struct rig_query_limits){.depth = 2}), 0);
    assert_int_equal(result_of("a[][]", 5, (struct rig_query_limits){.depth = 1}), RIG_QUERY_TOO_DEEP);
    assert_int_equal(result_of("a[b]=1&a[]=2", 12, none), RIG_QUERY_TYPE_CONFLICT);
    assert_int_equal(result_of("a&a[b]=1", 8, none), 0);
    assert_int_equal(result_of("%", 1, none), RIG_QUERY_INVALID);
    assert_string_equal(rig_query_error_name(RIG_QUERY_TOO_DEEP), "query_too_deep");
    assert_non_null(strstr(rig_query_error_text(RIG_QUERY_TOO_LARGE), "bytes"));
    assert_null(rig_query_error_name(-ENOMEM));
    assert_null(rig_query_error_text(0));
}

/* ---- hostile input ---- */

#define MILLION 1000000u
static const struct rig_query_limits no_limits = {.params = SIZE_MAX, .bytes = SIZE_MAX, .depth = SIZE_MAX};

/* A million distinct names, alike but for their last bytes: no choice of names makes the tree slow. */
static void test_a_million_names(void **state)
{
    (void)state;
    char *query = malloc(MILLION * 12), *at = query;
    struct rig_params *params;
    assert_non_null(query);
    for (unsigned i = 0; i < MILLION; i++) {
        at += sprintf(at, "m[%06x]&", i * 7 % MILLION);
    }
    assert_int_equal(result_of(query, (size_t)(at - query), (struct rig_query_limits){.bytes = SIZE_MAX}),
                     RIG_QUERY_TOO_MANY);
    assert_int_equal(
        rig_query_parse(query, (size_t)(at - query), (struct rig_query_options){.limits = no_limits}, &params), 0);
    assert_int_equal(rig_params_root(params)->items[0].item_count, MILLION);
    assert_string_equal(rig_params_root(params)->items[0].items[3].name, "000015");
    rig_params_free(params);
    free(query);
}

/* a, aa, aaa, ...: each name the beginning of the next, the longest way through the index. */
static void test_names_that_begin_alike(void **state)
{
    (void)state;
    enum { COUNT = 2000 };
    struct rig_params *params = rig_params_new((struct rig_query_options){.shape = RIG_QUERY_NESTED});
    char name[COUNT];
    memset(name, 'a', sizeof name);
    for (size_t turn = 0; turn < 2; turn++) {
        for (size_t size = 1; size <= COUNT; size++) {
            assert_int_equal(rig_params_add(params, name, size, (struct rig_param){.value = turn ? "2" : "1"}), 0);
        }
    }
    assert_int_equal(rig_params_root(params)->item_count, COUNT);
    assert_string_equal(rig_params_root(params)->items[COUNT - 1].value, "2");
    rig_params_free(params);
}

static void test_deep_nesting(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    char *name = malloc(COUNT * 3 + 1);
    struct rig_params *params;
    assert_non_null(name);
    name[0] = 'a';
    for (size_t i = 0; i < COUNT; i++) {
        memcpy(name + 1 + i * 3, "[b]", 3);
    }
    assert_int_equal(result_of(name, COUNT * 3 + 1, (struct rig_query_limits){0}), RIG_QUERY_TOO_DEEP);
    assert_int_equal(rig_query_parse(name, COUNT * 3 + 1, (struct rig_query_options){.limits = no_limits}, &params), 0);
    /* what is deeper than that is not written: no stack overflows */
    assert_true(rig_query_build(rig_params_root(params), RIG_QUERY_STYLE_NESTED, NULL, 0) == SIZE_MAX);
    rig_params_free(params);
    for (size_t i = 0; i < COUNT; i++) {
        memcpy(name + 1 + i * 3, "[][", 3);
    }
    assert_int_equal(result_of(name, COUNT * 3 + 1, (struct rig_query_limits){0}), RIG_QUERY_TOO_DEEP);
    free(name);
}

/* The elements of a list of maps: each is asked whether it has the name already. */
static void test_a_long_list_of_maps(void **state)
{
    (void)state;
    enum { COUNT = 300000 };
    char *query = malloc(COUNT * 14), *at = query;
    struct rig_params *params;
    assert_non_null(query);
    for (unsigned i = 0; i < COUNT; i++) {
        at += sprintf(at, "l[][%s]=%u&", i % 2 ? "b" : "a", i % 10);
    }
    assert_int_equal(
        rig_query_parse(query, (size_t)(at - query), (struct rig_query_options){.limits = no_limits}, &params), 0);
    assert_int_equal(rig_params_root(params)->items[0].item_count, COUNT / 2);
    rig_params_free(params);
    free(query);
}

/* Names of few letters, zero bytes among them, of every size: the tree says what a plain search says. */
static void test_names_as_a_plain_search_finds_them(void **state)
{
    (void)state;
    enum { COUNT = 3000 };
    static char names[COUNT][6];
    static size_t sizes[COUNT], kept;
    uint32_t seed = 1;
    struct rig_params *params = rig_params_new((struct rig_query_options){.limits = no_limits});
    for (size_t i = 0; i < COUNT; i++) {
        char name[6];
        size_t size = 1 + (seed = seed * 1664525 + 1013904223) % 6, place = 0;
        for (size_t k = 0; k < size; k++) {
            name[k] = "\0a\xff\x01"[(seed = seed * 1664525 + 1013904223) >> 30];
        }
        while (place < kept && (sizes[place] != size || memcmp(names[place], name, size) != 0)) {
            place++;
        }
        assert_int_equal(rig_params_add(params, name, size, (struct rig_param){.bytes = {"", 0}}), 0);
        if (place == kept) {
            memcpy(names[kept], name, size);
            sizes[kept++] = size;
        }
        assert_int_equal(rig_params_root(params)->item_count, kept);
    }
    assert_in_range(kept, 500, COUNT);
    for (size_t i = 0; i < kept; i++) {
        assert_int_equal(rig_params_root(params)->items[i].name_size, sizes[i]);
        assert_memory_equal(rig_params_root(params)->items[i].name, names[i], sizes[i]);
    }
    rig_params_free(params);
}

/* ---- out of memory ---- */

static bool admit(void *self, size_t size)
{
    struct meter *meter = self;
    (void)size;
    return ++meter->pieces != meter->fail_at;
}

/* Each piece in turn is refused, until none is; their number. */
static size_t refuse_each(enum rig_query_shape shape, bool pieces)
{
    static const char query[] = "a[b][][c]=1&a[b][][c]=2&f=1&f=2&f=3&long+name=%41&a[l][][]=x&0&1&2&3&4&5&6&7&8&9&"
                                "a0&a1&a2&a3&a4&a5&a6&a7&a8&a9&b0&b1&b2&b3&b4&b5&b6&b7&b8&b9";
    struct meter meter = {0};
    int result = -ENOMEM;
    while (result != 0) {
        struct rig_params *params;
        struct rig_query_options options = {.shape = shape, .allocator = metered(&meter)};
        options.allocator.admit = pieces ? admit : NULL;
        meter.pieces = 0;
        meter.fail_at++;
        result = rig_query_parse(query, sizeof query - 1, options, &params);
        assert_true(result == 0 || (result == -ENOMEM && !params));
        rig_params_free(params);
        assert_int_equal(meter.held, 0);
    }
    return meter.fail_at;
}

static void test_out_of_memory(void **state)
{
    static const enum rig_query_shape shapes[] = {RIG_QUERY_NESTED, RIG_QUERY_FLAT, RIG_QUERY_PAIRS};
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        assert_in_range(refuse_each(shapes[i], false), 4, 100);
        assert_in_range(refuse_each(shapes[i], true), 50, 1000);
    }
}

/* ---- adding and building ---- */

static void test_adding(void **state)
{
    (void)state;
    const struct rig_part file = {.filename = "a.txt", .body = "text"};
    struct rig_params *params = rig_params_new((struct rig_query_options){.limits = {.params = 4}});
    assert_int_equal(rig_params_add(params, "f[]", 3, (struct rig_param){.file = &file}), 0);
    assert_int_equal(rig_params_add(params, "", 0, (struct rig_param){.value = "dropped"}), 0);
    assert_int_equal(rig_params_add(params, "v", 1, (struct rig_param){.value = "text"}), 0);
    assert_int_equal(rig_params_add(params, "f[a]", 4, (struct rig_param){.value = "x"}), RIG_QUERY_TYPE_CONFLICT);
    assert_int_equal(rig_params_add(params, "w", 1, (struct rig_param){.value = "x"}), RIG_QUERY_TOO_MANY);
    const struct rig_param *root = rig_params_root(params);
    assert_int_equal(root->item_count, 2);
    assert_ptr_equal(root->items[0].items[0].file, &file);
    assert_int_equal(root->items[1].bytes.size, 4);
    assert_true(rig_query_build(root, RIG_QUERY_STYLE_NESTED, NULL, 0) == SIZE_MAX); /* a file is no query */
    rig_params_free(params);
}

static void assert_built(const struct rig_param *root, enum rig_query_style style, const char *expected)
{
    char out[200] = "untouched";
    size_t size = strlen(expected);
    assert_int_equal(rig_query_build(root, style, NULL, 0), size);
    assert_int_equal(rig_query_build(root, style, out, size - 1), size);
    assert_string_equal(out, "untouched");
    assert_int_equal(rig_query_build(root, style, out, size), size);
    assert_memory_equal(out, expected, size);
}

static void test_building(void **state)
{
    (void)state;
    const struct rig_param root =
        RIG_PARAM_MAP_OF(NULL, RIG_PARAM("a&", "1 2"),
                         RIG_PARAM_MAP_OF("user", RIG_PARAM("name", "ada"),
                                          RIG_PARAM_LIST_OF("tags", {.value = "x"}, {.bytes = {"\0", 1}})),
                         {.name = "flag"});
    const struct rig_param flat = RIG_PARAM_MAP_OF(NULL, RIG_PARAM_LIST_OF("t", {.value = "x"}, {.value = "y"}));
    assert_built(&root, RIG_QUERY_STYLE_NESTED,
                 "a%26=1+2&user%5Bname%5D=ada&user%5Btags%5D%5B%5D=x&user%5Btags%5D%5B%5D=%00&flag");
    assert_built(&root, RIG_QUERY_STYLE_PLAIN, "a%26=1+2&user[name]=ada&user[tags][]=x&user[tags][]=%00&flag");
    assert_true(rig_query_build(&root, RIG_QUERY_STYLE_FLAT, NULL, 0) == SIZE_MAX);
    assert_built(&flat, RIG_QUERY_STYLE_FLAT, "t=x&t=y");
}

static void test_what_cannot_be_built(void **state)
{
    (void)state;
    const struct rig_param nameless = RIG_PARAM_MAP_OF(NULL, {.value = "1"}), value = {.value = "1"},
                           list = RIG_PARAM_LIST_OF(NULL, {.value = "1"});
    assert_true(rig_query_build(&nameless, RIG_QUERY_STYLE_NESTED, NULL, 0) == SIZE_MAX);
    assert_true(rig_query_build(&value, RIG_QUERY_STYLE_NESTED, NULL, 0) == SIZE_MAX);
    assert_true(rig_query_build(&list, RIG_QUERY_STYLE_FLAT, NULL, 0) == SIZE_MAX);
    assert_built(&list, RIG_QUERY_STYLE_PLAIN, "[]=1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_what_is_parsed_can_be_built),
        cmocka_unit_test(test_each),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_a_million_names),
        cmocka_unit_test(test_names_that_begin_alike),
        cmocka_unit_test(test_deep_nesting),
        cmocka_unit_test(test_a_long_list_of_maps),
        cmocka_unit_test(test_names_as_a_plain_search_finds_them),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_adding),
        cmocka_unit_test(test_building),
        cmocka_unit_test(test_what_cannot_be_built),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
