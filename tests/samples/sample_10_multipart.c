/* A form with a file in it. The rig makes the boundary, the Content-Type and the Content-Length. */
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>

static void test_a_form_with_a_file(void **state)
{
    (void)state;
    struct rig_recorder *recorder = rig_recorder_new();
    struct rig_client *client = rig_client_new(rig_recorder_app(recorder), (struct rig_client_options){0});

    const struct rig_part parts[] = {
        {.name = "title", .body = "Cat"},
        {.name = "photo", .filename = "cat.png", .content_type = "image/png", .bytes = {"\x89PNG\0", 5}},
    };
    rig_assert(rig_post(client, "/photos", .parts = parts, .part_count = 2), .status = 200);

    const struct rig_recorded *call = rig_recorder_call(recorder, 0);
    const char *type = rig_recorded_env(call, "CONTENT_TYPE");
    assert_non_null(strstr(type, "multipart/form-data; boundary="));
    assert_int_equal(atoi(rig_recorded_env(call, "CONTENT_LENGTH")), call->body.size);
    assert_non_null(strstr(call->body.data, "name=\"title\"\r\n\r\nCat\r\n"));
    assert_non_null(strstr(call->body.data, "name=\"photo\"; filename=\"cat.png\"\r\nContent-Type: image/png\r\n"));

    rig_client_free(client);
    rig_recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_form_with_a_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
