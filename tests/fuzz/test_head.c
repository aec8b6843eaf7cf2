/* What HEAD is told of a resource, and GET otherwise (fuzz.head.differs). */
#include "tests/fuzz/stacks.h"

/* Headers of GET, then of HEAD; counts: the first of them with a number that grows. */
struct described {
    struct rig_field get[2], head[2];
    bool counts;
    int status; /* 0: 200 */
};

static int describes(void *self, struct rig_env *env, struct rig_response *res)
{
    static unsigned counted;
    const struct described *it = self;
    bool head = strcmp(rig_env_get(env, "REQUEST_METHOD"), "HEAD") == 0;
    const struct rig_field *fields = head ? it->head : it->get;
    char value[64] = "";
    (void)snprintf(value, sizeof value, "%s%u", fields[0].value, it->counts ? counted++ : 0);
    int error = drain(env);
    return error ? error
                 : rig_respond(res, .status = it->status ? it->status : 200,
                               .headers = {{fields[0].name, it->counts ? value : fields[0].value}, fields[1]},
                               .body = head ? NULL : "x");
}

static void open_described(struct described *described)
{
    app = (struct rig_app){.name = "describes", .call = describes, .self = described};
    open_target(&one_app);
}

static void assert_differs(struct described described, const char *message)
{
    open_described(&described);
    judge("GET /");
    assert_found("fuzz.head.differs");
    assert_string_equal(last_message, message);
    assert_string_equal(last_layer, "describes");
    judge("HEAD /");
    assert_found("fuzz.head.differs");
    assert_string_equal(last_message, message);
    close_target(NULL);
}

static void assert_same(struct described described)
{
    open_described(&described);
    judge("GET /");
    assert_nothing(RIG_FUZZ_HEAD_DIFFERS);
    judge("HEAD /");
    assert_nothing(RIG_FUZZ_HEAD_DIFFERS);
    close_target(NULL);
}

static void test_head_describes_otherwise(void **state)
{
    (void)state;
    assert_differs((struct described){{{"ETag", "\"g\""}}, {{"ETag", "\"h\""}}, false, 0},
                   "GET is answered with ETag \"g\", HEAD with \"h\"");
    assert_differs((struct described){{{"content-type", "text/plain"}}, {{"content-type", "text/html"}}, false, 203},
                   "GET is answered with Content-Type text/plain, HEAD with text/html");
    assert_differs((struct described){{{"Cache-Control", "private"}}, {{"Cache-Control", "public"}}, false, 0},
                   "GET is answered with Cache-Control private, HEAD with public");
    assert_differs((struct described){{{"Vary", "Accept"}}, {{"Vary", "Cookie"}}, false, 0},
                   "GET is answered with Vary Accept, HEAD with Cookie");
}

static void test_head_leaves_out(void **state)
{
    (void)state;
    assert_same((struct described){{{"ETag", "\"g\""}}, {{"X-Other", "a"}}, false, 0});
    assert_same((struct described){{{"Set-Cookie", "a=b"}}, {{"Set-Cookie", "a=c"}}, false, 0});
    assert_same((struct described){{{"ETag", "W/\"g\""}}, {{"ETag", "\"g\""}}, false, 0});
    assert_same((struct described){{{"Vary", "Cookie, Accept-Encoding"}}, {{"Vary", "Cookie"}}, false, 0});
    assert_same((struct described){{{"Content-Type", "text/plain"}}, {{"Content-Type", "text/html"}}, false, 404});
    /* which of them counts nobody knows */
    assert_same((struct described){
        {{"Vary", "Accept"}, {"Vary", "Cookie"}}, {{"Vary", "Origin"}, {"Vary", "Cookie"}}, false, 0});
    /* of what is encoded for GET alone */
    assert_same(
        (struct described){{{"ETag", "\"g-gzip\""}, {"Content-Encoding", "gzip"}}, {{"ETag", "\"g\""}}, false, 0});
}

/* Then it says nothing that the two differ. */
static void test_head_of_what_varies(void **state)
{
    (void)state;
    static struct described described = {{{"ETag", "g"}}, {{"ETag", "g"}}, true, 0};
    open_described(&described);
    judge("GET /");
    assert_found("fuzz.answer.varies");
}

/* ---- who has set it is named, not who answers ---- */

static enum { BY_METHOD, EACH_OTHERWISE, UNTIL_A, BY_PIECES } tagged;
static char tagged_at[128];

struct tagger {
    bool seen_a;
};

static unsigned tag_of(const struct rig_env *env, unsigned first_read)
{
    static unsigned so_far;
    bool head = strcmp(rig_env_get(env, "REQUEST_METHOD"), "HEAD") == 0;
    return tagged == EACH_OTHERWISE ? so_far++ : tagged == BY_PIECES ? first_read : tagged == BY_METHOD && head;
}

static int tags(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct tagger *tagger = self;
    char tag[16], piece[64];
    unsigned first_read = (unsigned)rig_input_read(rig_env_input(env), piece, sizeof piece);
    int error = drain(env);
    error = error ? error : rig_next(next, env, res);
    tagger->seen_a = tagger->seen_a || strcmp(rig_env_get(env, "PATH_INFO"), "/a") == 0;
    if (error || (tagged == UNTIL_A && tagger->seen_a)) {
        return error;
    }
    (void)snprintf(tag, sizeof tag, "\"%u\"", tag_of(env, first_read));
    (void)snprintf(tagged_at, sizeof tagged_at, "%s:%d", __FILE__, __LINE__ + 1);
    return rig_response_set_header(res, "ETag", tag);
}

static void forgets_a(void *self)
{
    ((struct tagger *)self)->seen_a = false;
}

static const struct rig_middleware tags_layer = {
    .name = "tags", .call = tags, .self_size = sizeof(struct tagger), .reset = forgets_a};

static int page_of_get(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    bool head = strcmp(rig_env_get(env, "REQUEST_METHOD"), "HEAD") == 0;
    return rig_respond(res, .body = head ? NULL : "x");
}

static int build_tagged(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    rig_use(stack, &tags_layer);
    return rig_run(stack, RIG_APP(page_of_get));
}

static void test_who_has_set_what_differs(void **state)
{
    static const struct rig_fuzz what = {.build = build_tagged};
    static const char *const texts[] = {"GET /", "GET /", "GET /a\n###\nGET /b", "POST /\n\nabcdef"};
    static const char *const rules[] = {"fuzz.head.differs", "fuzz.answer.varies", "fuzz.answer.depends",
                                        "fuzz.variant.pieces"};
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        tagged = i;
        open_target(&what);
        judge(texts[i]);
        assert_string_equal(found[0], rules[i]);
        assert_string_equal(last_layer, "tags");
        assert_string_equal(last_site, tagged_at);
        close_target(NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_teardown(test_head_describes_otherwise, close_target),
                                       cmocka_unit_test_teardown(test_head_leaves_out, close_target),
                                       cmocka_unit_test_teardown(test_head_of_what_varies, close_target),
                                       cmocka_unit_test_teardown(test_who_has_set_what_differs, close_target)};
    return cmocka_run_group_tests_name("fuzz: HEAD", tests, NULL, NULL);
}
