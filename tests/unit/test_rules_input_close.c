/* input.used_after_close, and bodies eaten behind one that can be rewound. */
#include "tests/unit/rules_test.h"

static int (*use_closed)(struct rig_input *input);

static int closes(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    rig_input_drain(rig_env_input(env), 100);
    assert_int_equal(rig_input_close(rig_env_input(env)), 0);
    assert_int_equal(rig_input_close(rig_env_input(env)), 0);
    return rig_next(next, env, res);
}
LAYER(closes);

static int uses_closed(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    assert_int_equal(use_closed(rig_env_input(env)), -EBADF);
    return rig_respond(res, .status = 200);
}

static int reads(struct rig_input *input)
{
    char byte;
    return (int)FAULT(rig_input_read(input, &byte, 1));
}

static void test_input_read_after_close(void **state)
{
    (void)state;
    use_closed = reads;
    STAND(&closes_layer, uses_closed);
    EXPECT_ERROR(rig_post(client, "/", .body = "body"), "input.used_after_close", "uses_closed");
}

static int closes_afterwards(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    assert_int_equal(rig_input_close(rig_env_input(env)), 0);
    return error;
}
LAYER(closes_afterwards);

static void test_input_closed_last(void **state)
{
    (void)state;
    STAND(&closes_afterwards_layer, answer_after_reading);
    expect_silent(rig_post(client, "/", .body = "body"), "input.used_after_close");
}

/* ---- each use ---- */

static int reads_none(struct rig_input *input)
{
    return (int)FAULT(rig_input_read(input, NULL, 0));
}

static int reads_line(struct rig_input *input)
{
    char line[8];
    return (int)FAULT(rig_input_line(input, line, sizeof line));
}

static int reads_all(struct rig_input *input)
{
    struct rig_bytes all;
    return FAULT(rig_input_all(input, 100, &all));
}

static int visit(void *closure, const char *line, size_t size)
{
    (void)closure, (void)line, (void)size;
    return 0;
}

static int reads_each(struct rig_input *input)
{
    return FAULT(rig_input_each(input, 100, visit, NULL));
}

static int drains(struct rig_input *input)
{
    return (int)FAULT(rig_input_drain(input, 100));
}

static int rewinds(struct rig_input *input)
{
    return FAULT(rig_input_rewind(input));
}

static int measures(struct rig_input *input)
{
    return (int)FAULT(rig_input_size(input));
}

static void test_every_use_after_close(void **state)
{
    static int (*const uses[])(struct rig_input *) = {reads,      reads_none, reads_line, reads_all,
                                                      reads_each, drains,     rewinds,    measures};
    const struct rig_server *const servers[] = {&rig_server_memory, &rig_server_passenger3};
    STAND(&closes_layer, uses_closed);
    (void)state;
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        behind(servers[i % 2]);
        use_closed = uses[i];
        EXPECT_ERROR(rig_post(client, "/", .body = "body"), "input.used_after_close", "uses_closed");
    }
}

static int wraps_closed(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    assert_int_equal(FAULT(rig_env_rewindable(env, 0)), -EBADF);
    return rig_respond(res, .status = 200);
}

static void test_closed_made_rewindable(void **state)
{
    (void)state;
    STAND(&closes_layer, wraps_closed);
    EXPECT_ERROR(rig_post(client, "/", .body = "body"), "input.used_after_close", "wraps_closed");
}

/* A plain body could neither be rewound nor measured before. */
static int asks_in_vain(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    assert_int_equal(rig_input_rewind(rig_env_input(env)), -ESPIPE);
    assert_int_equal(rig_input_size(rig_env_input(env)), -ESPIPE);
    return rig_respond(res, .status = 200);
}

static void test_closed_and_not_used(void **state)
{
    (void)state;
    STAND(&closes_layer, asks_in_vain);
    expect_silent(rig_post(client, "/", .body = "body"), "input.used_after_close");
}

/* ---- behind a rewindable one ---- */

static int makes_rewindable_and_reads(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    char piece[64];
    bool back = *(const bool *)self;
    assert_int_equal(rig_env_rewindable(env, 0), 0);
    while (FAULT(rig_input_read(rig_env_input(env), piece, sizeof piece)) > 0) {
    }
    assert_int_equal(back ? rig_input_rewind(rig_env_input(env)) : 0, 0);
    return rig_next(next, env, res);
}
static const struct rig_middleware rewindable_reader = {
    .name = "reader", .call = makes_rewindable_and_reads, .self_size = sizeof(bool)};

static void test_rewindable_body_eaten(void **state)
{
    (void)state;
    rig_use(stack, &above_layer);
    rig_use(stack, &rewindable_reader, &(bool){false});
    rig_run(stack, RIG_APP(answer_after_reading));
    EXPECT_ERROR(rig_post(client, "/", .body = "body"), "input.body.eaten", "reader");
}

static void test_rewindable_body_rewound(void **state)
{
    (void)state;
    rig_use(stack, &above_layer);
    rig_use(stack, &rewindable_reader, &(bool){true});
    rig_run(stack, RIG_APP(answer_after_reading));
    expect_silent(rig_post(client, "/", .body = "body"), "input.body.eaten");
}

int main(void)
{
    const struct CMUnitTest tests[] = {INPUT_CLOSE_TESTS(RULE_TEST)};
    return cmocka_run_group_tests_name("rules: closed bodies", tests, NULL, NULL);
}
