/* A form with files, read piece by piece, however it arrives, and none of it kept; and one read whole. */
#include <stackrig/cmocka.h>
#include <stackrig/http/multipart.h>
#include <stackrig/stackrig.h>

#include <stdio.h>

struct sum {
    unsigned files, bytes;
    char last[64];
};

static void note(struct sum *sum, const struct rig_multipart_event *event)
{
    if (event->kind == RIG_MULTIPART_HEAD && event->head->filename.data) {
        sum->files++;
        snprintf(sum->last, sizeof sum->last, "%.*s", (int)event->head->filename.size, event->head->filename.data);
    } else if (event->kind == RIG_MULTIPART_DATA) {
        sum->bytes += (unsigned)event->data.size;
    }
}

/* 0, or what is wrong: all errors of a body have a name. */
static int read_form(struct rig_env *env, struct sum *sum)
{
    const char *type = rig_env_get(env, "CONTENT_TYPE");
    const struct rig_multipart_options options = {.limits = {.files = 10, .bytes = 1000000}};
    struct rig_multipart *parser = NULL;
    struct rig_slice boundary;
    char piece[512];
    int64_t size = 0;
    int error = rig_multipart_boundary_of(type, type ? strlen(type) : 0, &boundary);
    error = error ? error : rig_multipart_open(boundary, options, &parser);
    while (!error && (size = rig_input_read(rig_env_input(env), piece, sizeof piece)) > 0) {
        struct rig_slice rest = {piece, (size_t)size};
        struct rig_multipart_event event = {.kind = RIG_MULTIPART_END};
        while (event.kind != RIG_MULTIPART_NOTHING && !(error = rig_multipart_next(parser, &rest, &event))) {
            note(sum, &event);
        }
    }
    error = error ? error : size < 0 ? (int)size : rig_multipart_finish(parser);
    rig_multipart_free(parser);
    return error;
}

static int uploads(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    struct sum sum = {0, 0, ""};
    char answer[128];
    int error = read_form(env, &sum);
    if (error) {
        (void)rig_input_drain(rig_env_input(env), 1000000);
        return rig_respond(res, .status = 400, .body = rig_multipart_error_text(error));
    }
    snprintf(answer, sizeof answer, "%u files, %u bytes, the last is %s", sum.files, sum.bytes, sum.last);
    return rig_respond(res, .body = answer);
}

/* All of it in memory, where it is small enough. */
static int reads_whole(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    const char *type = rig_env_get(env, "CONTENT_TYPE");
    const struct rig_multipart_options options = {.limits = {.bytes = 1000000}};
    struct rig_multipart_form *form = NULL;
    size_t count = 0;
    int error =
        rig_multipart_form_read(rig_input_source(rig_env_input(env)), type, type ? strlen(type) : 0, options, &form);
    const struct rig_multipart_part *parts = form ? rig_multipart_form_parts(form, &count) : NULL;
    error = error ? rig_respond(res, .status = 400) : rig_respond(res, .body = count > 0 ? parts[0].content.data : "");
    rig_multipart_form_free(form);
    return error;
}

static void test_whole(void **state)
{
    (void)state;
    struct rig_client *client = rig_client_new(RIG_APP(reads_whole), (struct rig_client_options){0});
    const struct rig_part part = {.name = "a", .body = "12"};
    rig_assert(rig_post(client, "/", .parts = &part, .part_count = 1), .status = 200, .body = "12");
    rig_client_free(client);
}

static void test_uploads(void **state)
{
    (void)state;
    struct rig_client *client = rig_client_new(RIG_APP(uploads), (struct rig_client_options){0});
    const struct rig_part parts[] = {{.name = "a", .body = "12"}, {.name = "f", .filename = "x y.txt", .body = "345"}};
    const size_t one = 1;
    rig_assert(rig_post(client, "/", .parts = parts, .part_count = 2), .status = 200,
               .body = "1 files, 5 bytes, the last is x y.txt");
    rig_assert(rig_post(client, "/", .parts = parts, .part_count = 2, .pieces = &one, .piece_count = 1), .status = 200,
               .body = "1 files, 5 bytes, the last is x y.txt");
    rig_assert(
        rig_post(client, "/", .headers = {{"Content-Type", "multipart/form-data; boundary=b"}}, .body = "--b\r\n"),
        .status = 400, .body = "the body ends before its last boundary");
    rig_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_uploads), cmocka_unit_test(test_whole)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
