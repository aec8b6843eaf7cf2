/* Memory beneath: the budget, arenas, growing bytes. */
#include "tests/unit/core_test.h"

#include "harness/core/arena.h"

#include <stdarg.h>

static long held;

static void *count_alloc(void *self, size_t size)
{
    void *memory = malloc(size);
    (void)self;
    held += memory != NULL;
    return memory;
}

static void count_release(void *self, void *memory)
{
    (void)self;
    assert_non_null(memory);
    held--;
    free(memory);
}

static void test_budget(void **state)
{
    (void)state;
    struct rig_memory memory;
    held = 0;
    rig_memory_init(&memory, (struct rig_allocator){.alloc = count_alloc, .release = count_release}, 100);
    void *a = rig_memory_alloc(&memory, 60), *empty = rig_memory_alloc(&memory, 0);
    assert_non_null(a);
    assert_non_null(empty);
    assert_true(memory.held == 60);
    assert_null(rig_memory_alloc(&memory, 41));
    assert_null(rig_memory_alloc(&memory, SIZE_MAX));
    void *b = rig_memory_alloc(&memory, 40);
    assert_non_null(b);
    rig_memory_release(&memory, a, 60);
    rig_memory_release(&memory, NULL, 1000);
    assert_true(memory.held == 40);
    rig_memory_release(&memory, b, 40);
    rig_memory_release(&memory, empty, 0);
    assert_int_equal(held, 0);
    /* One function without the other would free what it did not allocate: both, or neither. */
    rig_memory_init(&memory, (struct rig_allocator){.alloc = count_alloc}, 0);
    a = rig_memory_alloc(&memory, 10);
    assert_int_equal(held, 0);
    rig_memory_release(&memory, a, 10);
    rig_memory_init(&memory, (struct rig_allocator){.release = count_release}, 0);
    a = rig_memory_alloc(&memory, 10);
    rig_memory_release(&memory, a, 10);
    assert_int_equal(held, 0);
}

static void test_pieces(void **state)
{
    (void)state;
    struct rig_memory memory;
    struct rig_arena arena;
    unsigned char *pieces[300];
    rig_memory_init(&memory, (struct rig_allocator){.alloc = count_alloc, .release = count_release}, 0);
    rig_arena_init(&arena, &memory);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT(pieces); i++) {
            pieces[i] = rig_arena_alloc(&arena, i);
            assert_non_null(pieces[i]);
            assert_int_equal((uintptr_t)pieces[i] % 8, 0);
            memset(pieces[i], (int)i, i);
        }
        for (size_t i = 0; i < COUNT(pieces); i++) {
            for (size_t k = 0; k < i; k++) {
                assert_int_equal(pieces[i][k], (unsigned char)i);
            }
        }
        const unsigned char *zeroed = rig_arena_zeroed(&arena, 1000);
        for (size_t i = 0; i < 1000; i++) {
            assert_int_equal(zeroed[i], 0);
        }
        rig_arena_reset(&arena);
    }
    static const size_t too_many[] = {SIZE_MAX, SIZE_MAX - 7, SIZE_MAX - 15, SIZE_MAX - 40, SIZE_MAX - 63};
    for (size_t i = 0; i < COUNT(too_many); i++) {
        assert_null(rig_arena_alloc(&arena, too_many[i]));
        assert_null(rig_arena_zeroed(&arena, too_many[i]));
        assert_null(rig_arena_copy(&arena, "", too_many[i]));
    }
    rig_arena_free(&arena);
    rig_arena_reset(&arena); /* empty */
    assert_int_equal(held, 0);
}

/* What a request needed is kept for the next one, up to a limit. */
static void test_reset_keeps_some(void **state)
{
    static const size_t first[] = {100, 1 << 20}; /* small pieces first, or a large one */
    (void)state;
    for (size_t i = 0; i < COUNT(first); i++) {
        struct rig_memory memory;
        struct rig_arena arena;
        rig_memory_init(&memory, (struct rig_allocator){.alloc = NULL}, 0);
        rig_arena_init(&arena, &memory);
        assert_non_null(rig_arena_alloc(&arena, first[i]));
        for (int k = 0; k < 100; k++) {
            assert_non_null(rig_arena_alloc(&arena, 10000));
        }
        rig_arena_reset(&arena);
        uint64_t kept = memory.held;
        assert_true(kept <= 300 * 1024);
        assert_true(i == 1 ? kept == 0 : kept > 0);
        for (int k = 0; k < 3; k++) {
            assert_non_null(rig_arena_alloc(&arena, 100));
            rig_arena_reset(&arena);
        }
        assert_true(i == 1 ? memory.held > 0 : memory.held == kept);
        rig_arena_free(&arena);
        assert_true(memory.held == 0);
    }
}

static char *print(struct rig_arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = rig_arena_vprint(arena, format, arguments);
    va_end(arguments);
    return text;
}

static void test_text(void **state)
{
    (void)state;
    struct rig_memory memory;
    struct rig_arena arena;
    rig_memory_init(&memory, (struct rig_allocator){.alloc = NULL}, 40000);
    rig_arena_init(&arena, &memory);
    assert_null(rig_arena_string(&arena, NULL));
    assert_string_equal(rig_arena_string(&arena, ""), "");
    assert_string_equal(rig_arena_string(&arena, "text"), "text");
    assert_memory_equal(rig_arena_copy(&arena, "a\0b", 3), "a\0b", 4);
    assert_string_equal(rig_arena_print(&arena, "%d %s", 42, "x"), "42 x");
    assert_string_equal(print(&arena, "%5.1f", 2.5), "  2.5");
    assert_null(rig_arena_print(&arena, "%50000d", 1));
    rig_arena_free(&arena);
}

static void test_growing_bytes(void **state)
{
    (void)state;
    struct rig_memory memory;
    struct rig_arena arena;
    rig_memory_init(&memory, (struct rig_allocator){.alloc = NULL}, 400000);
    rig_arena_init(&arena, &memory);
    struct rig_buffer buffer = {.arena = &arena};
    for (unsigned i = 0; i < 300; i++) {
        char piece[300];
        memset(piece, (int)('a' + i % 26), sizeof piece);
        assert_int_equal(rig_buffer_append(&buffer, piece, i), 0);
        assert_int_equal(buffer.data[buffer.size], '\0'); /* always a zero byte after it */
    }
    assert_int_equal(buffer.size, 299 * 150);
    const unsigned char *at = buffer.data;
    for (unsigned i = 0; i < 300; i++) {
        for (unsigned k = 0; k < i; k++) {
            assert_int_equal(*at++, 'a' + i % 26);
        }
    }
    size_t size = buffer.size;
    static char large[300000];
    assert_int_equal(rig_buffer_append(&buffer, large, sizeof large), -ENOMEM); /* and it is as it was */
    assert_int_equal(rig_buffer_append(&buffer, large, SIZE_MAX), -ENOMEM);
    assert_null(rig_buffer_room(&buffer, SIZE_MAX / 4));
    assert_int_equal(buffer.size, size);
    assert_int_equal(rig_buffer_append(&buffer, NULL, 0), 0);
    assert_non_null(rig_buffer_room(&buffer, 0));
    rig_arena_free(&arena);
}

/* What a client may hold is what its options say. */
static void test_client_without_memory(void **state)
{
    (void)state;
    for (uint64_t limit = 1; limit < 200000; limit += limit < 2000 ? 500 : 20000) {
        struct rig_client *client =
            rig_client_new(RIG_APP(answer_ok), (struct rig_client_options){.memory_limit = limit});
        if (client) {
            const struct rig_result *result = rig_get(client, "/");
            assert_true(result->error == -ENOMEM || result->unchecked || result->status == 200);
            assert_true(rig_client_memory(client) <= limit);
            (void)rig_client_close(client, NULL, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_budget),           cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_reset_keeps_some), cmocka_unit_test(test_text),
        cmocka_unit_test(test_growing_bytes),    cmocka_unit_test(test_client_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
