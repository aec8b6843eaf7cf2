/* What coverage counts, and its table as text. */
#define _POSIX_C_SOURCE 200809L

#include "tests/unit/core_test.h"

#include "harness/client/client.h"
#include "harness/coverage/count.h"

#include <stackrig/connection.h>

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    (void)strcpy(folder, "/tmp/rig-coverage-XXXXXX");
    return mkdtemp(folder) ? setenv(RIG_COVER_VARIABLE, folder, 1) : -1;
}

/* Calls for each table in the folder: how many there are. */
static size_t each_table(void (*one)(const char *path, void *closure), void *closure)
{
    char path[512];
    size_t count = 0;
    DIR *tables = opendir(folder);
    assert_non_null(tables);
    for (const struct dirent *entry; (entry = readdir(tables));) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.') {
            one(path, closure);
            count++;
        }
    }
    (void)closedir(tables);
    return count;
}

static void remove_one(const char *path, void *closure)
{
    (void)closure;
    (void)unlink(path);
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unsetenv(RIG_COVER_VARIABLE);
    (void)each_table(remove_one, NULL);
    return rmdir(folder); /* fails if something else is left there */
}

static void read_one(const char *path, void *closure)
{
    unsigned line;
    const char *why;
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    assert_int_equal(rig_cover_read(in, closure, &line, &why), 0);
    (void)fclose(in);
}

static const struct rig_cover_layer *layer_of(const struct rig_cover_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->layers[i]->name, name) == 0) {
            return table->layers[i];
        }
    }
    fail_msg("no layer %s", name);
    return NULL;
}

/* ---- layers ---- */

static int change(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_env_set(env, "app.user", "ada");
    error = error ? error : rig_next(next, env, res);
    return error ? error : rig_response_set_header(res, "X-User", "ada");
}

static int guard(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const char *given = rig_env_get(env, "HTTP_AUTHORIZATION"), *cookie = rig_env_get(env, "HTTP_COOKIE");
    (void)self;
    (void)rig_env_unset(env, "HTTP_AUTHORIZATION");
    if ((given && strcmp(given, "Basic YTpi") == 0) || (cookie && strcmp(cookie, "s=1") == 0)) {
        return rig_next(next, env, res);
    }
    if (given && strcmp(given, "Basic fail") == 0) {
        return -EIO;
    }
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained
                       : rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Basic realm=\"a\""}});
}

static const struct rig_middleware changing = {.name = "changing", .call = change};
static const struct rig_middleware guarding = {.name = "guarding", .call = guard};

static struct rig_stack *stack;

static struct rig_client *guarded(void)
{
    stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, &changing);
    rig_use(stack, &guarding, .auth = true);
    rig_run(stack, rig_scripted({.status = 200}));
    return rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
}

/* Ends the client and reads what it wrote. */
static void take(struct rig_client *client, struct rig_cover_table *table)
{
    *table = (struct rig_cover_table){.layers = NULL};
    (void)(rig_client_free)(client);
    rig_stack_free(stack);
    assert_int_equal(each_table(read_one, table), 1);
}

static void expect_cell(const struct rig_cover_route *route, enum rig_cover_class class, bool body, unsigned let_in,
                        unsigned refused)
{
    const uint64_t *counts = route->counts[class][body];
    if (counts[RIG_COVER_LET_IN] != let_in || counts[RIG_COVER_REFUSED] != refused) {
        fail_msg("%s, body %d: let in %d, refused %d", rig_cover_classes[class], body, (int)counts[RIG_COVER_LET_IN],
                 (int)counts[RIG_COVER_REFUSED]);
    }
}

static void outcomes_are_counted(void **state)
{
    struct rig_cover_table table;
    struct rig_client *client = guarded();
    (void)state;
    rig_get(client, "/");
    rig_post(client, "/", .body = "a=b");
    rig_post(client, "/", .body = "a=b", .headers = {{"Authorization", "Basic YTpi"}});
    rig_get(client, "/", .headers = {{"Authorization", "Basic fail"}});
    take(client, &table);
    const struct rig_cover_layer *layer = layer_of(&table, "guarding");
    static const uint64_t expected[RIG_COVER_OUTCOMES] = {1, 1, 1, 2, 0, 1, 0};
    for (size_t i = 0; i < RIG_COVER_OUTCOMES; i++) {
        if (layer->outcomes[i] != expected[i]) {
            fail_msg("%s: %d", rig_cover_outcomes[i], (int)layer->outcomes[i]);
        }
    }
    assert_true(layer->auth);
    assert_int_equal(layer->file_count, 1);
    assert_string_equal(layer->files[0], "tests/unit/test_coverage.c");
    layer = layer_of(&table, "changing");
    assert_false(layer->auth);
    assert_int_equal(layer->outcomes[RIG_COVER_PASSED], 4);
    assert_int_equal(layer->outcomes[RIG_COVER_REQUEST], 4);
    assert_int_equal(layer->outcomes[RIG_COVER_RESPONSE], 3);
    assert_int_equal(layer->outcomes[RIG_COVER_EARLY], 0);
    rig_cover_free(&table);
}

static int answer_all(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    (void)env;
    return rig_respond(res, .status = 204);
}

/* One that decides who may pass has let nobody in and refused nobody, if no request has come to it. */
static void layers_that_no_request_came_to(void **state)
{
    struct rig_cover_table table;
    struct rig_stack *admin = rig_stack_new((struct rig_stack_options){0});
    (void)state;
    stack = rig_stack_new((struct rig_stack_options){0});
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    rig_use(stack, &guarding, NULL, .name = "outer", .auth = true);
    rig_use(stack, &guarding, NULL, .name = "inner", .auth = true);
    rig_use(stack, &guarding, NULL, .name = "open");
    rig_run(stack, RIG_APP(answer_all));
    rig_use(admin, &guarding, NULL, .name = "admins", .auth = true);
    rig_run(admin, RIG_APP(answer_all));
    rig_map(stack, "/admin", admin);
    rig_get(client, "/");
    rig_stack_free(stack); /* it goes with the client */
    stack = NULL;
    take(client, &table);
    assert_int_equal(table.count, 3);
    assert_int_equal(layer_of(&table, "outer")->outcomes[RIG_COVER_EARLY], 1);
    static const char *const unseen[] = {"inner", "admins"};
    for (size_t i = 0; i < 2; i++) {
        const struct rig_cover_layer *layer = layer_of(&table, unseen[i]);
        assert_true(layer->auth);
        assert_int_equal(layer->outcomes[RIG_COVER_PASSED] + layer->outcomes[RIG_COVER_EARLY], 0);
        assert_int_equal(layer->route_count, 0);
        assert_string_equal(layer->place, "tests/unit/test_coverage.c");
    }
    rig_cover_free(&table);
}

static void a_client_that_goes_away(void **state)
{
    struct rig_cover_table table;
    struct rig_client *client = guarded();
    (void)state;
    struct rig_link *link = rig_connection_open(client);
    rig_connection_send(link, RIG_POST("/", .body = "name=lamp"), .disconnect_after = 120);
    rig_connection_close(link);
    take(client, &table);
    assert_int_equal(layer_of(&table, "guarding")->outcomes[RIG_COVER_DISCONNECT], 1);
    rig_cover_free(&table);
}

static void classes_are_told_by_what_came_of_them(void **state)
{
    struct rig_cover_table table;
    struct rig_client *client = guarded();
    (void)state;
    rig_get(client, "/");
    rig_get(client, "/", .headers = {{"Authorization", "Bearer YTpi"}});
    rig_get(client, "/", .headers = {{"Authorization", "Basic !"}});
    rig_get(client, "/", .headers = {{"Authorization", "Basic YQ=="}}); /* no colon */
    rig_get(client, "/", .headers = {{"Authorization", "Basic YTpj"}});
    rig_get(client, "/", .headers = {{"Authorization", "Basic YTpi"}});
    rig_get(client, "/", .headers = {{"Cookie", "s=1"}});
    rig_get(client, "/", .headers = {{"Cookie", "s=2"}});
    rig_post(client, "/", .body = "a", .headers = {{"Authorization", "Basic YTpj"}});
    take(client, &table);
    const struct rig_cover_route *route = &layer_of(&table, "guarding")->routes[0];
    assert_string_equal(route->name, "/");
    expect_cell(route, RIG_COVER_NONE, false, 0, 1);
    expect_cell(route, RIG_COVER_WRONG_SCHEME, false, 0, 1);
    expect_cell(route, RIG_COVER_MALFORMED, false, 0, 2);
    expect_cell(route, RIG_COVER_WRONG_SECRET, false, 0, 2);
    expect_cell(route, RIG_COVER_WRONG_SECRET, true, 0, 1);
    expect_cell(route, RIG_COVER_VALID, false, 2, 0);
    expect_cell(route, RIG_COVER_EXPIRED, false, 0, 0);
    assert_string_equal(layer_of(&table, "guarding")->taken, "Basic");
    assert_string_equal(layer_of(&table, "guarding")->asked, "Basic");
    rig_cover_free(&table);
}

static int bearer(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const char *given = rig_env_get(env, "HTTP_AUTHORIZATION");
    (void)self;
    return given && strcmp(given, "Bearer a-b") == 0
               ? rig_next(next, env, res)
               : rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer realm=\"a\""}});
}

static void classes_of_bearer_tokens(void **state)
{
    static const struct rig_middleware bearing = {.name = "bearing", .call = bearer};
    static const char *const malformed[] = {"Bearer", "Bearer ", "Bearer ?", "Bearer a b", "x", "Basic", "=", ""};
    struct rig_cover_table table;
    (void)state;
    stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, &bearing, .auth = true);
    rig_run(stack, rig_scripted({.status = 200}));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    for (size_t i = 0; i < COUNT(malformed); i++) {
        rig_get(client, "/", .headers = {{"Authorization", malformed[i]}}, .malformed = true);
    }
    rig_get(client, "/", .headers = {{"Authorization", "Basic a"}});
    rig_get(client, "/", .headers = {{"Authorization", "Bearer a-c"}});
    rig_get(client, "/", .headers = {{"Authorization", "bearer ~+/a=="}});
    rig_get(client, "/", .headers = {{"Authorization", "Bearer a-b"}});
    take(client, &table);
    const struct rig_cover_route *route = &layer_of(&table, "bearing")->routes[0];
    expect_cell(route, RIG_COVER_MALFORMED, false, 0, COUNT(malformed));
    expect_cell(route, RIG_COVER_WRONG_SCHEME, false, 0, 1);
    expect_cell(route, RIG_COVER_WRONG_SECRET, false, 0, 2);
    expect_cell(route, RIG_COVER_VALID, false, 1, 0);
    assert_string_equal(layer_of(&table, "bearing")->taken, "Bearer");
    rig_cover_free(&table);
}

static void classes_are_what_the_test_says(void **state)
{
    struct rig_cover_table table;
    struct rig_client *client = guarded();
    (void)state;
    rig_get(client, "/", .headers = {{"Authorization", "Basic YTpj"}}, .credentials = "expired");
    rig_get(client, "/", .headers = {{"Authorization", "Basic YTpj"}}, .credentials = "other_user");
    rig_get(client, "/", .headers = {{"Authorization", "Basic YTpi"}}, .credentials = "wrong"); /* and was let in */
    rig_get(client, "/", .credentials = "exspired");
    take(client, &table);
    const struct rig_cover_route *route = &layer_of(&table, "guarding")->routes[0];
    expect_cell(route, RIG_COVER_EXPIRED, false, 0, 1);
    expect_cell(route, RIG_COVER_OTHER_USER, false, 0, 1);
    expect_cell(route, RIG_COVER_WRONG_SECRET, false, 1, 0);
    expect_cell(route, RIG_COVER_UNKNOWN, false, 0, 1);
    expect_cell(route, RIG_COVER_NONE, false, 0, 0);
    rig_cover_free(&table);
}

/* Refuses bodies and, while it is down, everybody; a login page for browsers. */
static int refuse_otherwise(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const char *path = rig_env_get(env, "PATH_INFO");
    int status = strcmp(path, "/big") == 0      ? 413
                 : strcmp(path, "/down") == 0   ? 503
                 : strcmp(path, "/login") == 0  ? 303
                 : strcmp(path, "/hidden") == 0 ? 404
                                                : 0;
    (void)self;
    (void)rig_input_drain(rig_env_input(env), 1 << 20);
    return status ? rig_respond(res, .status = status) : rig_next(next, env, res);
}

static void other_refusals_say_nothing_of_credentials(void **state)
{
    static const struct rig_middleware refusing = {.name = "refusing", .call = refuse_otherwise};
    static const char *const paths[] = {"/big", "/down", "/login", "/hidden"};
    struct rig_cover_table table;
    (void)state;
    stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, &refusing, .auth = true);
    rig_run(stack, rig_scripted({.status = 200}));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});
    for (size_t i = 0; i < COUNT(paths); i++) {
        rig_get(client, paths[i], .headers = {{"Authorization", "Basic YTpi"}});
        rig_get(client, paths[i], .headers = {{"Cookie", "s=1"}});
        rig_get(client, paths[i]);
        rig_get(client, paths[i], .headers = {{"Authorization", "Basic YTpi"}}, .credentials = "expired");
    }
    take(client, &table);
    for (size_t i = 0; i < COUNT(paths); i++) {
        const struct rig_cover_route *route = &layer_of(&table, "refusing")->routes[i];
        bool redirect = i == 2, failed = i < 2;
        expect_cell(route, RIG_COVER_WRONG_SECRET, false, 0, 0);
        expect_cell(route, RIG_COVER_UNKNOWN, false, 0, redirect ? 2 : 0);
        expect_cell(route, RIG_COVER_NONE, false, 0, redirect);
        expect_cell(route, RIG_COVER_EXPIRED, false, 0, !failed);
        assert_int_equal(route->counts[RIG_COVER_UNKNOWN][0][RIG_COVER_FAILED], redirect ? 0 : 2);
        assert_int_equal(route->counts[RIG_COVER_EXPIRED][0][RIG_COVER_FAILED], failed);
    }
    rig_cover_free(&table);
}

static void routes_are_few(void **state)
{
    static const char *const names[] = {"/", "/items", "/N", RIG_COVER_OTHERS};
    char target[32];
    struct rig_cover_table table;
    struct rig_client *client = guarded();
    (void)state;
    rig_get(client, "/");
    rig_get(client, "/items/7?a=b");
    rig_get(client, "/4711");
    rig_get(client, "/a%20b");
    for (unsigned i = 0; i < 100; i++) {
        (void)snprintf(target, sizeof target, "/route-%u", i);
        rig_get(client, target);
    }
    take(client, &table);
    const struct rig_cover_layer *layer = layer_of(&table, "guarding");
    assert_true(layer->route_count <= RIG_COVER_ROUTES_MAX + 1);
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_string_equal(layer->routes[i].name, names[i]);
    }
    expect_cell(&layer->routes[3], RIG_COVER_NONE, false, 0, 1 + 100 - (RIG_COVER_ROUTES_MAX - 4));
    rig_cover_free(&table);
}

static void nothing_is_counted_unasked(void **state)
{
    (void)state;
    (void)unsetenv(RIG_COVER_VARIABLE);
    struct rig_client *client = guarded();
    assert_null(client->runner.cover);
    rig_get(client, "/");
    (void)(rig_client_free)(client);
    rig_stack_free(stack);
    assert_int_equal(each_table(remove_one, NULL), 0);
}

/* ---- many who write ---- */

static void clients_and_processes_add_up(void **state)
{
    enum { PROCESSES = 4, CLIENTS = 5 };
    struct rig_cover_table table = {.layers = NULL};
    (void)state;
    for (int i = 0; i < PROCESSES; i++) {
        pid_t child = fork();
        if (child == 0) {
            for (int k = 0; k < CLIENTS; k++) {
                struct rig_client *client = guarded();
                rig_get(client, "/");
                (void)(rig_client_free)(client);
                rig_stack_free(stack);
            }
            _exit(0);
        }
        assert_true(child > 0);
    }
    for (int i = 0, status; i < PROCESSES; i++) {
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    assert_int_equal(each_table(read_one, &table), PROCESSES);
    assert_int_equal(layer_of(&table, "guarding")->outcomes[RIG_COVER_EARLY], PROCESSES * CLIENTS);
    assert_int_equal(table.count, 2);
    rig_cover_free(&table);
}

/* What a fork takes along was counted by its parent. */
static void a_fork_writes_nothing_twice(void **state)
{
    int status = 0;
    struct rig_cover_table table;
    struct rig_client *client = guarded();
    (void)state;
    rig_get(client, "/");
    pid_t child = fork();
    if (child == 0) {
        (void)(rig_client_free)(client);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    take(client, &table);
    assert_int_equal(layer_of(&table, "guarding")->outcomes[RIG_COVER_EARLY], 1);
    rig_cover_free(&table);
}

/* ---- the text ---- */

static FILE *text_file(const char *text)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    (void)fputs(text, file);
    rewind(file);
    return file;
}

static void odd_names_survive(void **state)
{
    struct rig_cover_table table = {.layers = NULL}, read = table;
    unsigned line;
    const char *why;
    (void)state;
    struct rig_cover_layer *layer = rig_cover_layer_of(&table, "a\tb\\c\n", "x\x01y.c");
    rig_cover_add_file(&table, layer, "\xc3\xa4\t.c", 5);
    rig_cover_route_of(&table, layer, "/\r")->counts[RIG_COVER_VALID][1][RIG_COVER_LET_IN] = UINT64_MAX;
    FILE *file = tmpfile();
    assert_int_equal(rig_cover_write(file, &table), 0);
    rewind(file);
    assert_int_equal(rig_cover_read(file, &read, &line, &why), 0);
    (void)fclose(file);
    assert_string_equal(read.layers[0]->name, "a\tb\\c\n");
    assert_string_equal(read.layers[0]->place, "x\x01y.c");
    assert_string_equal(read.layers[0]->files[0], "\xc3\xa4\t.c");
    assert_string_equal(read.layers[0]->routes[0].name, "/\r");
    assert_true(read.layers[0]->routes[0].counts[RIG_COVER_VALID][1][RIG_COVER_LET_IN] == UINT64_MAX);
    rig_cover_free(&table);
    rig_cover_free(&read);
}

#define LAYER_LINE "layer\ta\tb.c\t1\t1\t2\t3\t4\t5\t6\t7\tc.c\n"

static void spoiled_texts_are_told(void **state)
{
    static const struct {
        const char *text, *why;
        unsigned line;
    } cases[] = {
        {"", "cut off", 0},
        {"stackrig-coverage 2\n" LAYER_LINE, "cut off", 2},
        {"hello\n", "not a file of coverage", 1},
        {"stackrig-coverage 9\nend 0\n", "written by another version", 1},
        {"stackrig-coverage 2\nlayer\ta\tb.c\t1\t1\t2\n", "a layer has a name", 2},
        {"stackrig-coverage 2\nlayer\ta\tb.c\t1\t1\t2\t3\t4\t5\t6\tx\n", "not a number", 2},
        {"stackrig-coverage 2\nlayer\ta\tb.c\t1\t1\t2\t3\t4\t5\t6\t-7\n", "not a number", 2},
        {"stackrig-coverage 2\nlayer\ta\\xzz\tb.c\t1\t1\t2\t3\t4\t5\t6\t7\n", "not a line", 2},
        {"stackrig-coverage 2\nauth\ta\tb.c\t/\t9\t0\t1\t1\t1\n", "no such class", 2},
        {"stackrig-coverage 2\nauth\ta\tb.c\t/\t1\t2\t1\t1\t1\n", "no such class", 2},
        {"stackrig-coverage 2\nauth\ta\tb.c\t/\t1\n", "a route has", 2},
        {"stackrig-coverage 2\nways\ta\tb.c\tBasic\n", "a layer's ways", 2},
        {"stackrig-coverage 2\nways\ta\tb.c\tSixteen-letters--\t\n", "a layer's ways", 2},
        {"\177ELF\1\1", "not a file of coverage", 1},
        {"stackrig-coverage 2\nwhat\n", "not a line", 2},
        {"stackrig-coverage 2\nend 0\nend 0\n", "more than a table", 3},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        unsigned line = 0;
        const char *why = NULL;
        struct rig_cover_table table = {.layers = NULL};
        FILE *file = text_file(cases[i].text);
        assert_int_equal(rig_cover_read(file, &table, &line, &why), -EINVAL);
        if (!why || !strstr(why, cases[i].why) || line != cases[i].line) {
            fail_msg("case %zu: line %u: %s", i, line, why ? why : "?");
        }
        assert_int_equal(table.count, 0);
        (void)fclose(file);
        rig_cover_free(&table);
    }
}

static void what_cannot_be_written_hurts_nobody(void **state)
{
    (void)state;
    (void)setenv(RIG_COVER_VARIABLE, "/dev/null/nowhere", 1);
    struct rig_client *client = guarded();
    rig_assert(rig_get(client, "/"), .status = 401);
    rig_client_free(client);
    rig_stack_free(stack);
    struct rig_cover_table table = {.layers = NULL};
    assert_int_equal(rig_cover_save("/dev/null/nowhere", &table), -ENOTDIR);
}

int main(void)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        TEST(outcomes_are_counted),
        TEST(layers_that_no_request_came_to),
        TEST(a_client_that_goes_away),
        TEST(classes_are_told_by_what_came_of_them),
        TEST(classes_of_bearer_tokens),
        TEST(classes_are_what_the_test_says),
        TEST(other_refusals_say_nothing_of_credentials),
        TEST(routes_are_few),
        TEST(nothing_is_counted_unasked),
        TEST(clients_and_processes_add_up),
        TEST(a_fork_writes_nothing_twice),
        TEST(what_cannot_be_written_hurts_nobody),
        cmocka_unit_test(odd_names_survive),
        cmocka_unit_test(spoiled_texts_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
