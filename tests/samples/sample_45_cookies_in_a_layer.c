/* A layer that reads a cookie and sets one: a visit counter. */
#include <stackrig/cmocka.h>
#include <stackrig/http/cookie.h>
#include <stackrig/stackrig.h>

#include <stdio.h>
#include <stdlib.h>

static int find_visits(void *closure, struct rig_pair cookie)
{
    if (cookie.name.size == 6 && memcmp(cookie.name.data, "visits", 6) == 0 && cookie.value.size > 0) {
        *(long *)closure = strtol(cookie.value.data, NULL, 10);
        return 1; /* the first counts */
    }
    return 0;
}

static int counter(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    const char *sent = rig_env_get(env, "HTTP_COOKIE");
    char number[32], line[256];
    long visits = 0;
    if (sent) {
        (void)rig_cookie_each(sent, strlen(sent), find_visits, &visits);
    }
    snprintf(number, sizeof number, "%ld", visits + 1);
    const struct rig_set_cookie_text cookie = {.name = "visits",
                                               .value = number,
                                               .path = "/",
                                               .http_only = true,
                                               .has_max_age = true,
                                               .max_age = 3600,
                                               .same_site = RIG_SAME_SITE_LAX};
    int64_t size = rig_set_cookie_build(&cookie, line, sizeof line - 1);
    if (size < 0 || size >= (int64_t)sizeof line) {
        return -1;
    }
    line[size] = '\0';
    int error = rig_response_add_header(res, "Set-Cookie", line);
    return error ? error : rig_next(next, env, res);
}
static const struct rig_middleware counter_layer = {.name = "counter", .call = counter};

static void test_visits_are_counted(void **state)
{
    (void)state;
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, &counter_layer);
    rig_run(stack, rig_scripted({.body = "hello"}));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    rig_assert(rig_get(client, "/", .headers = {{"Cookie", "a=b; visits=41"}}), .status = 200,
               .headers = {{"Set-Cookie", "visits=42; path=/; max-age=3600; httponly; samesite=lax"}});
    rig_client_free(client);
    rig_stack_free(stack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_visits_are_counted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
