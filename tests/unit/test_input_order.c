/* The calls on a body in every order, one that can be rewound and a plain one, against a model: a text and how far it
 * was read. */
#include "tests/unit/text_source.h"

struct model {
    size_t first, at; /* first: where a rewind comes to */
    bool plain, closed;
};

static int compare_line(void *closure, const char *line, size_t size)
{
    struct model *model = closure;
    const char *newline = memchr(text + model->at, '\n', SIZE - model->at);
    size_t expected = newline ? (size_t)(newline - text) + 1 - model->at : SIZE - model->at;
    assert_int_equal(size, expected);
    assert_memory_equal(line, text + model->at, size);
    assert_int_equal(line[size], '\0');
    model->at += size;
    return 0;
}

static void reads(struct rig_input *input, struct model *model, size_t size)
{
    char buffer[64];
    int64_t got = rig_input_read(input, buffer, size);
    assert_in_range(got, size == 0 || model->at == SIZE ? 0 : 1, size);
    assert_memory_equal(buffer, text + model->at, (size_t)got);
    model->at += (size_t)got;
}

static void reads_line(struct rig_input *input, struct model *model)
{
    char line[64];
    int64_t got = rig_input_line(input, line, sizeof line);
    if (got == 0) {
        assert_int_equal(model->at, SIZE);
    } else {
        (void)compare_line(model, line, (size_t)got);
    }
}

static void reads_all(struct rig_input *input, struct model *model)
{
    struct rig_bytes all;
    assert_int_equal(rig_input_all(input, SIZE, &all), 0);
    assert_int_equal(all.size, SIZE - model->at);
    assert_memory_equal(all.data, text + model->at, all.size);
    model->at = SIZE;
}

static void uses_closed(struct rig_input *input, const struct model *model, unsigned what)
{
    struct rig_bytes all;
    char buffer[8];
    int64_t got = what % 6 == 0   ? rig_input_line(input, buffer, sizeof buffer)
                  : what % 6 == 1 ? rig_input_each(input, SIZE, compare_line, NULL)
                  : what % 6 == 2 ? rig_input_rewind(input)
                  : what % 6 == 3 ? rig_input_size(input)
                  : what % 6 == 4 ? rig_input_all(input, SIZE, &all)
                                  : rig_input_read(input, buffer, what % sizeof buffer);
    assert_int_equal(got, model->plain && (what % 6 == 2 || what % 6 == 3) ? -ESPIPE : -EBADF);
    assert_int_equal(rig_input_close(input), 0);
}

static void do_one(struct rig_input *input, struct model *model, unsigned what)
{
    if (model->closed || what % 17 == 0) {
        assert_int_equal(rig_input_close(input), 0);
        model->closed = true;
        uses_closed(input, model, what);
        return;
    }
    switch (what % 8) {
    case 0:
        reads_line(input, model);
        break;
    case 1:
        assert_int_equal(rig_input_each(input, SIZE, compare_line, model), 0);
        assert_int_equal(model->at, SIZE);
        break;
    case 2:
        assert_int_equal(rig_input_rewind(input), model->plain ? -ESPIPE : 0);
        model->at = model->plain ? model->at : model->first;
        break;
    case 3:
        assert_int_equal(rig_input_size(input), model->plain ? -ESPIPE : (int64_t)(SIZE - model->first));
        break;
    case 4:
        reads_all(input, model);
        break;
    default:
        reads(input, model, what % 23);
        break;
    }
}

/* How a body is sent, and made rewindable. */
static struct order {
    unsigned seed;
    bool plain;
    size_t before; /* bytes read before it is made so */
} order;

static int plays_order(void *self, struct rig_env *env, struct rig_response *res)
{
    char before[16];
    struct model model = {.first = order.before, .at = order.before, .plain = order.plain};
    unsigned random = order.seed * 2654435761u + 1;
    for (size_t got = 0; got < order.before;) {
        got += (size_t)rig_input_read(rig_env_input(env), before, order.before - got);
    }
    if (!order.plain) {
        assert_int_equal(rig_env_rewindable(env, SIZE), 0);
    }
    for (int i = 0; i < 12; i++) {
        random = random * 1664525u + 1013904223u;
        do_one(rig_env_input(env), &model, random >> 16);
    }
    int64_t drained = rig_input_drain(rig_env_input(env), SIZE);
    assert_true(model.closed ? drained == -EBADF : drained >= 0);
    return answer_ok(self, env, res);
}

static void test_every_order(void **state)
{
    static const size_t most[] = {1, 2, 3, 7, SIZE};
    (void)state;
    struct rig_client *client = client_with(RIG_APP(plays_order), (struct rig_client_options){.now = 0});
    for (unsigned i = 0; i < 1200; i++) {
        struct text_source source = {.most = most[i % COUNT(most)]};
        order = (struct order){.seed = i, .plain = i % 4 == 0, .before = i % 3 == 0 ? i % 16 : 0};
        struct rig_request request = RIG_POST("/", .ignore = {"input.*"});
        if (i & 1) {
            request.source = source_of_text(&source);
        } else {
            request.body = text;
            request.pieces = &most[i / 2 % COUNT(most)];
            request.piece_count = 1;
        }
        rig_assert(rig_send(client, request), .status = 200);
        assert_int_equal(source.closes, i & 1);
        rig_client_reset(client);
    }
    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
