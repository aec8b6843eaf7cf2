/* Nested parameters, files from memory and from disk, and the same as they would stand in a query. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

static struct rig_recorder *recorder;
static struct rig_client *client;

static int setup(void **state)
{
    (void)state;
    recorder = rig_recorder_new();
    client = rig_client_new(rig_recorder_app(recorder), (struct rig_client_options){0});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_client_free(client);
    rig_recorder_free(recorder);
    return 0;
}

/* A file makes it multipart/form-data; each file of a list is a part of its own. */
static void test_upload(void **state)
{
    (void)state;
    const struct rig_part disk = {.path = __FILE__, .content_type = "text/x-c"};
    const struct rig_part memory = {.filename = "cat.png", .content_type = "image/png", .bytes = {"\x89PNG\0", 5}};
    const struct rig_param params[] = {
        RIG_PARAM_MAP_OF("item", RIG_PARAM("name", "pump"), RIG_PARAM_LIST_OF("tags", {.value = "a"}, {.value = "b"})),
        RIG_PARAM_LIST_OF("files", {.file = &disk}, {.file = &memory}),
    };
    rig_assert(rig_post(client, "/items", .param_list = params, .param_count = 2), .status = 200);

    const struct rig_recorded *call = rig_recorder_call(recorder, 0);
    assert_non_null(strstr(rig_recorded_env(call, "CONTENT_TYPE"), "multipart/form-data; boundary="));
    assert_non_null(strstr(call->body.data, "name=\"item[name]\"\r\n\r\npump\r\n"));
    assert_non_null(strstr(call->body.data, "name=\"item[tags][]\"\r\n\r\nb\r\n"));
    assert_non_null(strstr(call->body.data, "name=\"files[]\"; filename=\"sample_42_uploads.c\"\r\n"));
}

/* In a query, or in the urlencoded body of another method. */
static void test_nested(void **state)
{
    (void)state;
    const struct rig_param params[] = {RIG_PARAM_MAP_OF("item", RIG_PARAM("name", "a pump"))};
    rig_assert(rig_get(client, "items?page=2#top", .param_list = params, .param_count = 1), .status = 200);

    const struct rig_recorded *call = rig_recorder_call(recorder, 0);
    assert_string_equal(rig_recorded_env(call, "REQUEST_URI"), "/items?page=2&item%5Bname%5D=a+pump");
}

/* A file that is not there is the test's mistake, and named. */
static void test_no_file(void **state)
{
    (void)state;
    const struct rig_part parts[] = {{.name = "photo", .path = "no/such/file"}};
    rig_assert(rig_post(client, "/items", .parts = parts, .part_count = 1), .error = -EINVAL,
               .findings = {"request.body.invalid"});
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_upload, setup, teardown),
                                       cmocka_unit_test_setup_teardown(test_nested, setup, teardown),
                                       cmocka_unit_test_setup_teardown(test_no_file, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
