/* The env: strings, bytes, objects, order, copies, its memory, its log, its clock. */
#include "tests/unit/core_test.h"

#include "harness/core/hash.h"
#include "harness/core/run.h"

#include <stdalign.h>
#include <time.h>

/* ---- strings and bytes ---- */

static int sets_strings(void *self, struct rig_env *env, struct rig_response *res)
{
    char name[] = "app.name", value[] = "value";
    assert_null(rig_env_get(env, "app.name"));
    assert_int_equal(rig_env_set(env, name, value), 0);
    memset(name, 'x', sizeof name - 1); /* both are copies */
    memset(value, 'x', sizeof value - 1);
    assert_string_equal(rig_env_get(env, "app.name"), "value");
    const char *old = rig_env_get(env, "app.name");
    assert_int_equal(rig_env_set(env, "app.name", "a much longer value than before"), 0);
    assert_string_equal(rig_env_get(env, "app.name"), "a much longer value than before");
    assert_string_equal(old, "value"); /* lasts as long as the request */
    assert_int_equal(rig_env_set(env, "app.name", ""), 0);
    assert_string_equal(rig_env_get(env, "app.name"), "");
    assert_null(rig_env_get(env, "APP.NAME"));
    assert_null(rig_env_get(env, "app.nam"));
    assert_null(rig_env_get(env, "app.names"));
    return answer_ok(self, env, res);
}

static void test_strings(void **state)
{
    (void)state;
    in_app(sets_strings, RIG_GET("/"));
}

static int sets_bytes(void *self, struct rig_env *env, struct rig_response *res)
{
    assert_int_equal(rig_env_set_bytes(env, "a.bytes", "a\0b", 3), 0);
    struct rig_bytes bytes = rig_env_bytes(env, "a.bytes");
    assert_int_equal(bytes.size, 3);
    assert_memory_equal(bytes.data, "a\0b", 4); /* a zero byte after the end */
    assert_string_equal(rig_env_get(env, "a.bytes"), "a");
    assert_int_equal(rig_env_set_bytes(env, "a.bytes", NULL, 0), 0);
    assert_int_equal(rig_env_bytes(env, "a.bytes").size, 0);
    assert_non_null(rig_env_bytes(env, "a.bytes").data);
    assert_int_equal(rig_env_bytes(env, "HTTP_HOST").size, strlen("example.org"));
    assert_null(rig_env_bytes(env, "none").data);
    return answer_ok(self, env, res);
}

static void test_bytes(void **state)
{
    (void)state;
    in_app(sets_bytes, RIG_GET("/"));
}

static int sets_long(void *self, struct rig_env *env, struct rig_response *res)
{
    static char name[65536 + 1], value[1 << 20];
    memset(name, 'n', sizeof name - 1);
    memset(value, 'v', sizeof value - 1);
    name[65535] = '\0';
    assert_int_equal(rig_env_set(env, name, value), 0);
    assert_string_equal(rig_env_get(env, name), value);
    name[65534] = '\0';
    assert_null(rig_env_get(env, name)); /* shorter by one byte: another name */
    return answer_ok(self, env, res);
}

static void test_long_names_and_values(void **state)
{
    (void)state;
    in_app(sets_long, RIG_GET("/"));
}

/* ---- order ---- */

struct seen {
    char text[512];
    int stop_after; /* visits; 0: never */
    int visits;
    struct rig_env *env;
    const char *add, *remove;
};

static int see(void *closure, const char *name, const char *value, size_t size)
{
    struct seen *seen = closure;
    if (strchr(name, '.')) { /* the test's own */
        size_t at = strlen(seen->text);
        (void)snprintf(seen->text + at, sizeof seen->text - at, "%s=%s/%zu ", name, value ? value : "(object)", size);
    }
    if (seen->add) {
        assert_int_equal(rig_env_set(seen->env, seen->add, "x"), 0);
    }
    if (seen->remove) {
        assert_int_equal(rig_env_unset(seen->env, seen->remove), 0);
    }
    return ++seen->visits == seen->stop_after ? 42 : 0;
}

static int keeps_order(void *self, struct rig_env *env, struct rig_response *res)
{
    struct seen seen = {.env = env}, again = {.env = env, .add = "m.new", .remove = "m.c"}, stopped = {.stop_after = 2};
    int object;
    assert_int_equal(rig_env_set(env, "m.a", "1"), 0);
    assert_int_equal(rig_env_set(env, "m.b", "2"), 0);
    assert_int_equal(rig_env_set_object(env, "m.o", &object, NULL), 0);
    assert_int_equal(rig_env_set_bytes(env, "m.c", "3\0", 2), 0);
    assert_int_equal(rig_env_set(env, "m.a", "11"), 0); /* keeps its place */
    assert_int_equal(rig_env_unset(env, "m.b"), 0);
    assert_int_equal(rig_env_unset(env, "m.b"), 0); /* absent: nothing to do */
    assert_null(rig_env_get(env, "m.b"));
    assert_int_equal(rig_env_set(env, "m.b", "22"), 0); /* new: at the end */
    assert_int_equal(rig_env_each(env, see, &seen), 0);
    assert_string_equal(seen.text, "m.a=11/2 m.o=(object)/0 m.c=3/2 m.b=22/2 ");
    assert_int_equal(rig_env_each(env, see, &again), 0);
    assert_string_equal(again.text, "m.a=11/2 m.o=(object)/0 m.b=22/2 "); /* m.c went, m.new came too late */
    assert_string_equal(rig_env_get(env, "m.new"), "x");
    assert_int_equal(rig_env_each(env, see, &stopped), 42);
    assert_int_equal(stopped.visits, 2);
    return answer_ok(self, env, res);
}

static void test_order(void **state)
{
    (void)state;
    in_app(keeps_order, RIG_GET("/"));
}

/* ---- few names and many ---- */

static const char *numbered(char *buffer, unsigned i)
{
    (void)snprintf(buffer, 32, "n.%u", i);
    return buffer;
}

/* Every name but those from 0 to gone, and after it the next again. */
static void check_names(const struct rig_env *env, unsigned count, unsigned gone)
{
    char name[32];
    for (unsigned i = 0; i < count; i++) {
        const char *value = rig_env_get(env, numbered(name, i));
        if (i % 3 == 0 && i < gone) {
            assert_null(value);
        } else {
            assert_non_null(value);
            assert_string_equal(value, name);
        }
    }
    assert_null(rig_env_get(env, numbered(name, count)));
}

static unsigned wanted_names;

static int sets_many(void *self, struct rig_env *env, struct rig_response *res)
{
    char name[32];
    unsigned count = wanted_names, step = count > 100 ? count / 2 : 3;
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(rig_env_set(env, numbered(name, i), "first"), 0);
        assert_int_equal(rig_env_set(env, name, name), 0);
    }
    check_names(env, count, 0);
    for (unsigned i = 0; i < count; i += 3) {
        assert_int_equal(rig_env_unset(env, numbered(name, i)), 0);
        if (i % step == 0) {
            check_names(env, count, i + 1);
        }
    }
    for (unsigned i = count; i-- > 0;) { /* the other way round, some of them anew */
        assert_int_equal(rig_env_set(env, numbered(name, i), name), 0);
    }
    check_names(env, count, 0);
    assert_string_equal(rig_env_get(env, "REQUEST_METHOD"), "GET");
    return answer_ok(self, env, res);
}

static void test_few_names_and_many(void **state)
{
    static const unsigned counts[] = {1, 10, 20, 21, 22, 23, 100, 10000}; /* 32 in all: past it uthash takes over */
    (void)state;
    for (size_t i = 0; i < COUNT(counts); i++) {
        wanted_names = counts[i];
        in_app(sets_many, RIG_GET("/"));
    }
}

/* Names of one chain: any of them goes, the others stay. */
static int unsets_in_a_chain(void *self, struct rig_env *env, struct rig_response *res)
{
    char names[4][32];
    unsigned found = 0;
    for (unsigned i = 0; found < 4; i++) {
        numbered(names[found], i);
        found += (rig_hash(names[found], strlen(names[found])) & (RIG_ENV_HEADS - 1)) == 21;
    }
    for (unsigned gone = 0; gone < 4; gone++) {
        for (unsigned i = 0; i < 4; i++) {
            assert_int_equal(rig_env_set(env, names[i], names[i]), 0);
        }
        assert_int_equal(rig_env_unset(env, names[gone]), 0);
        for (unsigned i = 0; i < 4; i++) {
            const char *value = rig_env_get(env, names[i]);
            assert_true(i == gone ? !value : value && strcmp(value, names[i]) == 0);
        }
    }
    return answer_ok(self, env, res);
}

static void test_names_of_one_chain(void **state)
{
    (void)state;
    in_app(unsets_in_a_chain, RIG_GET("/"));
}

/* Nanoseconds for a look-up among that many names, the best of some. */
static double look_up_time(struct rig_env *env, unsigned count)
{
    char name[32];
    double best = 1e9;
    for (unsigned round = 0; round < 5; round++) {
        struct timespec begin, end;
        (void)timespec_get(&begin, TIME_UTC);
        for (unsigned i = 0; i < 2000; i++) {
            assert_non_null(rig_env_get(env, numbered(name, i * 7 % count)));
        }
        (void)timespec_get(&end, TIME_UTC);
        double took = (double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec);
        best = took < best ? took : best;
    }
    return best / 2000;
}

static int looks_up(void *self, struct rig_env *env, struct rig_response *res)
{
    char name[32];
    double few = 0;
    for (unsigned i = 0; i < 10000; i++) {
        assert_int_equal(rig_env_set(env, numbered(name, i), "x"), 0);
        few = i == 9 ? look_up_time(env, 10) : few;
    }
    double many = look_up_time(env, 10000);
    if (many > 20 * few) { /* a walk through all takes 1000 times as long */
        fail_msg("%.0f ns among 10 names, %.0f ns among 10,000", few, many);
    }
    return answer_ok(self, env, res);
}

static void test_look_up_stays_fast(void **state)
{
    (void)state;
    in_app(looks_up, RIG_GET("/"));
}

/* ---- objects ---- */

static char destroyed[32];

static void destroy(void *object)
{
    size_t at = strlen(destroyed);
    assert_true(at + 1 < sizeof destroyed);
    destroyed[at] = *(const char *)object;
    destroyed[at + 1] = '\0';
}

static char a[] = "a", b[] = "b", c[] = "c", d[] = "d";

static int keeps_objects(void *self, struct rig_env *env, struct rig_response *res)
{
    assert_int_equal(rig_env_set_object(env, "o.a", a, destroy), 0);
    assert_int_equal(rig_env_set_object(env, "o.b", b, destroy), 0);
    assert_ptr_equal(rig_env_object(env, "o.a"), a);
    assert_null(rig_env_get(env, "o.a")); /* one name space, two kinds */
    assert_null(rig_env_object(env, "HTTP_HOST"));
    assert_null(rig_env_object(env, "none"));
    assert_int_equal(rig_env_set_object(env, "o.again", a, destroy), 0);
    assert_int_equal(rig_env_set_object(env, "o.a", a, destroy), 0);
    assert_int_equal(rig_env_set_object(env, "o.b", c, destroy), 0); /* b lost its name, not its destructor */
    assert_ptr_equal(rig_env_object(env, "o.b"), c);
    assert_int_equal(rig_env_set_object(env, "o.d", d, destroy), 0);
    assert_int_equal(rig_env_unset(env, "o.d"), 0);
    assert_null(rig_env_object(env, "o.d"));
    assert_int_equal(rig_env_set(env, "o.again", "a string"), 0);
    assert_null(rig_env_object(env, "o.again"));
    assert_string_equal(rig_env_get(env, "o.again"), "a string");
    assert_int_equal(rig_env_set_object(env, "o.again", d, NULL), 0); /* over a string */
    assert_null(rig_env_get(env, "o.again"));
    assert_int_equal(rig_env_set_object(env, "o.none", destroyed, NULL), 0); /* nothing to do at the end */
    assert_string_equal(destroyed, "");
    return answer_ok(self, env, res);
}

static void test_objects_end_once_last_in_first_out(void **state)
{
    (void)state;
    destroyed[0] = '\0';
    in_app(keeps_objects, RIG_GET("/"));
    assert_string_equal(destroyed, "dcba");
}

/* A destructor may still use the env. */
static struct rig_env *env_of_destructor;

static void destroy_with_env(void *object)
{
    assert_ptr_equal(rig_env_object(env_of_destructor, "o.x"), object);
    assert_int_equal(rig_env_set(env_of_destructor, "late", "x"), 0);
    destroy(object);
}

static int keeps_env_for_destructor(void *self, struct rig_env *env, struct rig_response *res)
{
    env_of_destructor = env;
    assert_int_equal(rig_env_set_object(env, "o.x", a, destroy_with_env), 0);
    return answer_ok(self, env, res);
}

static void test_destructor_may_use_the_env(void **state)
{
    (void)state;
    destroyed[0] = '\0';
    in_app(keeps_env_for_destructor, RIG_GET("/"));
    assert_string_equal(destroyed, "a");
}

/* ---- copies ---- */

static int copies(void *self, struct rig_env *env, struct rig_response *res)
{
    char name[32], line[8];
    for (unsigned i = 0; i < wanted_names; i++) {
        assert_int_equal(rig_env_set(env, numbered(name, i), name), 0);
    }
    assert_int_equal(rig_env_unset(env, "n.0"), 0);
    assert_int_equal(rig_env_set_object(env, "o.a", a, destroy), 0);
    struct rig_env *copy = rig_env_copy(env);
    assert_non_null(copy);
    assert_true(rig_env_serial(copy) != rig_env_serial(env));
    assert_null(rig_env_get(copy, "n.0"));
    for (unsigned i = 1; i < wanted_names; i++) {
        assert_string_equal(rig_env_get(copy, numbered(name, i)), name);
    }
    assert_int_equal(rig_env_set(copy, "HTTP_HOST", "elsewhere"), 0);
    assert_int_equal(rig_env_unset(copy, "n.1"), 0);
    assert_int_equal(rig_env_set(copy, "new", "x"), 0);
    assert_string_equal(rig_env_get(env, "HTTP_HOST"), "example.org");
    assert_string_equal(rig_env_get(env, "n.1"), "n.1");
    assert_null(rig_env_get(env, "new"));
    assert_ptr_equal(rig_env_object(copy, "o.a"), a);
    assert_ptr_equal(rig_env_input(copy), rig_env_input(env));
    assert_int_equal(rig_input_line(rig_env_input(copy), line, sizeof line), 3);
    assert_int_equal(rig_env_now(copy), rig_env_now(env));
    assert_int_equal(rig_env_log(copy, "from the copy"), 0);
    struct rig_env *second = rig_env_copy(copy);
    assert_string_equal(rig_env_get(second, "HTTP_HOST"), "elsewhere");
    return answer_ok(self, env, res);
}

static void test_copy(void **state)
{
    static const unsigned counts[] = {2, 10, 100};
    (void)state;
    for (size_t i = 0; i < COUNT(counts); i++) {
        struct rig_client *client = client_for(copies);
        wanted_names = counts[i];
        destroyed[0] = '\0';
        rig_assert(rig_post(client, "/", .body = "abc"), .status = 200, .log_contains = "from the copy\n");
        assert_string_equal(destroyed, "a"); /* the copy's object is the same one */
        rig_client_free(client);
    }
}

/* ---- memory, log, clock ---- */

static int allocates(void *self, struct rig_env *env, struct rig_response *res)
{
    unsigned char *pieces[200];
    for (size_t size = 0; size < COUNT(pieces); size++) {
        pieces[size] = rig_env_alloc(env, size);
        assert_non_null(pieces[size]);
        assert_int_equal((uintptr_t)pieces[size] % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(pieces[size][i], 0);
        }
        memset(pieces[size], (int)size, size);
    }
    for (size_t size = 0; size < COUNT(pieces); size++) { /* none overlaps another */
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(pieces[size][i], size);
        }
    }
    static const size_t too_many[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 20, SIZE_MAX - 64, SIZE_MAX / 2};
    for (size_t i = 0; i < COUNT(too_many); i++) {
        assert_null(rig_env_alloc(env, too_many[i]));
    }
    return answer_ok(self, env, res);
}

static void test_alloc(void **state)
{
    (void)state;
    in_app(allocates, RIG_GET("/"));
}

static int logs(void *self, struct rig_env *env, struct rig_response *res)
{
    assert_int_equal(rig_env_log(env, "no newline"), 0);
    assert_int_equal(rig_env_log(env, "%d and %s\n", 42, "its own"), 0);
    assert_int_equal(rig_env_log(env, "%s", ""), 0);
    assert_int_equal(rig_env_log(env, "two\n\n"), 0);
    return answer_ok(self, env, res);
}

static void test_log_ends_each_entry_with_a_newline(void **state)
{
    (void)state;
    struct rig_client *client = client_for(logs);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200);
    assert_string_equal(result->log, "no newline\n42 and its own\n\ntwo\n\n");
    rig_client_free(client);
    client = client_for(answer_ok);
    result = rig_get(client, "/");
    assert_string_equal(result->log, "");
    rig_client_free(client);
}

static int64_t seen_now;
static uint64_t seen_serial;

static int looks_at_clock(void *self, struct rig_env *env, struct rig_response *res)
{
    seen_now = rig_env_now(env);
    seen_serial = rig_env_serial(env);
    return answer_ok(self, env, res);
}

static void test_clock_and_serial(void **state)
{
    (void)state;
    struct rig_client *client = client_for(looks_at_clock);
    const struct rig_result *result = rig_get(client, "/");
    rig_assert(result, .status = 200);
    assert_true(seen_now == (int64_t)1750000000 * 1000000000);
    assert_true(seen_serial == result->env_id);
    rig_client_free(client);
    client = client_with(RIG_APP(looks_at_clock), (struct rig_client_options){.now = -5});
    rig_assert(rig_get(client, "/"), .status = 200);
    assert_true(seen_now == -5);
    rig_client_free(client);
    assert_true(rig_env_serial(NULL) == 0);
    assert_true(rig_env_now(NULL) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_long_names_and_values),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_few_names_and_many),
        cmocka_unit_test(test_names_of_one_chain),
        cmocka_unit_test(test_look_up_stays_fast),
        cmocka_unit_test(test_objects_end_once_last_in_first_out),
        cmocka_unit_test(test_destructor_may_use_the_env),
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_alloc),
        cmocka_unit_test(test_log_ends_each_entry_with_a_newline),
        cmocka_unit_test(test_clock_and_serial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
