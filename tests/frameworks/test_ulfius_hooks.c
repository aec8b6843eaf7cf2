/* What a sanitizer's runtime tells of memory, by one that the test plays. */
#define _POSIX_C_SOURCE 200809L
#include <stackrig/cmocka.h>
#include <stackrig/stackrig.h>
#include <stackrig/ulfius.h>
#include <ulfius.h>

typedef void malloc_hook(const volatile void *memory, size_t size);
typedef void free_hook(const volatile void *memory);

static malloc_hook *on_malloc;
static free_hook *on_free;

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* these have their own */
__attribute__((visibility("default"))) int __sanitizer_install_malloc_and_free_hooks(malloc_hook *allocated,
                                                                                     free_hook *freed);
int __sanitizer_install_malloc_and_free_hooks(malloc_hook *allocated, free_hook *freed)
{
    on_malloc = allocated;
    on_free = freed;
    return 1;
}
#endif

static struct _u_instance instance;
static char memory[16];
static bool again; /* does malloc return it in between? */

static int frees(const struct _u_request *request, struct _u_response *response, void *user_data)
{
    (void)request, (void)user_data;
    response->shared_data = memory;
    on_free(memory);
    if (again) {
        on_malloc(memory, sizeof memory);
    }
    on_free(memory);
    (void)ulfius_set_string_body_response(response, 200, "ok");
    return U_CALLBACK_COMPLETE;
}

static void test_freed_twice(void **state)
{
    (void)state;
    if (!on_free) {
        skip();
    }
    assert_int_equal(ulfius_init_instance(&instance, 8080, NULL, NULL), U_OK);
    assert_int_equal(ulfius_add_endpoint_by_val(&instance, "GET", "/", NULL, 0, frees, NULL), U_OK);
    struct rig_client *client = rig_client_new(stackrig_ulfius_app(&instance), (struct rig_client_options){0});
    assert_non_null(client);
    again = false;
    rig_assert(rig_get(client, "/"), .status = 200, .findings = {"ulfius.shared_data.freed_twice"});
    again = true;
    rig_assert(rig_get(client, "/"), .status = 200);
    rig_client_free(client);
    (void)ulfius_stop_framework(&instance);
    ulfius_clean_instance(&instance);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_freed_twice)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
