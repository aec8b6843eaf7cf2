/* The standard work: a POST with ten headers and 1024 body bytes through five layers to an app that reads it all. */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <string.h>

#define BYTES_16 "0123456789abcdef"
#define BYTES_128 BYTES_16 BYTES_16 BYTES_16 BYTES_16 BYTES_16 BYTES_16 BYTES_16 BYTES_16
static const char body[1024 + 1] = BYTES_128 BYTES_128 BYTES_128 BYTES_128 BYTES_128 BYTES_128 BYTES_128 BYTES_128;

#define TARGET "http://example.org/api/items?x=1"
#define USER_AGENT "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
#define ACCEPT "application/json,text/html;q=0.9,*/*;q=0.8"
#define REQUEST_ID "7c9e6679-7425-40de-944b-e07fc1f90ae7"
#define AUTHORIZATION "Basic dXNlcjpjb3JyZWN0IGhvcnNlIGJhdHRlcnkgc3RhcGxl"
#define COOKIE "session=2f6a1b0c9d8e7f60; theme=dark; consent=1"

#define HEADERS                                                                                                        \
    {                                                                                                                  \
        {"Host", "example.org"}, {"User-Agent", USER_AGENT}, {"Accept", ACCEPT}, {"Accept-Encoding", "gzip, deflate"}, \
            {"Accept-Language", "en-GB,en;q=0.5"}, {"Content-Type", "application/json"}, {"Content-Length", "1024"},   \
            {"X-Request-Id", REQUEST_ID}, {"Authorization", AUTHORIZATION},                                            \
        {                                                                                                              \
            "Cookie", COOKIE                                                                                           \
        }                                                                                                              \
    }

const struct rig_request standard_request = {
    .method = "POST", .target = TARGET, .bytes = {body, 1024}, .headers = HEADERS};

static const struct floor_field variables[] = {
    {"REQUEST_METHOD", "POST"},
    {"SCRIPT_NAME", ""},
    {"PATH_INFO", "/api/items"},
    {"QUERY_STRING", "x=1"},
    {"REQUEST_URI", TARGET},
    {"SERVER_NAME", "example.org"},
    {"SERVER_PORT", "80"},
    {"SERVER_PROTOCOL", "HTTP/1.1"},
    {"REQUEST_SCHEME", "http"},
    {"HTTPS", "off"},
    {"REMOTE_ADDR", "192.0.2.1"},
    {"HTTP_HOST", "example.org"},
    {"HTTP_USER_AGENT", USER_AGENT},
    {"HTTP_ACCEPT", ACCEPT},
    {"HTTP_ACCEPT_ENCODING", "gzip, deflate"},
    {"HTTP_ACCEPT_LANGUAGE", "en-GB,en;q=0.5"},
    {"CONTENT_TYPE", "application/json"},
    {"CONTENT_LENGTH", "1024"},
    {"HTTP_X_REQUEST_ID", REQUEST_ID},
    {"HTTP_AUTHORIZATION", AUTHORIZATION},
    {"HTTP_COOKIE", COOKIE},
};

const struct floor_request standard_floor_request = {variables, sizeof variables / sizeof *variables, body, 1024};

/* ---- the stack ---- */

struct reads {
    const char *header;
    char key[24];
};

static int reads_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct reads *reads = self;
    const char *value = rig_env_get(env, reads->header);
    int error = value ? rig_env_set(env, reads->key, value) : -1;
    return error ? error : rig_next(next, env, res);
}

static const struct rig_middleware reads_header = {
    .name = "reads_header", .call = reads_call, .self_size = sizeof(struct reads)};

int standard_app(void *self, struct rig_env *env, struct rig_response *res)
{
    struct rig_input *input = rig_env_input(env);
    char buffer[2048];
    int64_t total = 0, got;
    (void)self;
    while ((got = rig_input_read(input, buffer, sizeof buffer)) > 0) {
        total += got;
    }
    return rig_respond(
        res, .status = total == 1024 ? 200 : 400,
        .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}, {"ETag", "\"5f3a\""}},
        .body = "{\"id\":42,\"name\":\"a small item\",\"tags\":[\"x\",\"y\"],\"stock\":1234567}");
}

struct rig_stack *standard_stack(size_t layers, struct rig_app app)
{
    static const char *const headers[] = {"HTTP_USER_AGENT", "HTTP_ACCEPT", "HTTP_X_REQUEST_ID", "HTTP_AUTHORIZATION",
                                          "HTTP_COOKIE"};
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){.name = "bench"});
    int error = stack ? 0 : -1;
    for (size_t i = 0; i < layers && !error; i++) {
        struct reads reads = {.header = headers[i % 5]};
        snprintf(reads.key, sizeof reads.key, "mw.%zu", i + 1);
        error = rig_use(stack, &reads_header, &reads);
    }
    if (!error) {
        error = rig_run(stack, app);
    }
    if (error) {
        give_up("the stack of %zu layers cannot be built: %d", layers, error);
    }
    return stack;
}

struct rig_client *client_of(struct rig_stack *stack, const struct rig_server *server,
                             const struct rig_check_set *checks)
{
    struct rig_client *client =
        rig_client_new(rig_stack_app(stack), (struct rig_client_options){.server = server, .checks = checks});
    if (!client) {
        give_up("no client: out of memory");
    }
    return client;
}

/* ---- one request ---- */

static void collect(struct rig_client *client, const struct rig_result *result)
{
    if (result->status != 200 || result->body_size != 64 || result->header_count < 3 || result->finding_count) {
        give_up("the rig answered %d with %zu bytes, %zu headers, %zu findings, error %d%s%s", result->status,
                result->body_size, result->header_count, result->finding_count, result->error,
                result->finding_count ? ": " : "", result->finding_count ? result->findings[0].message : "");
    }
    rig_client_reset(client);
}

void send_prepared(struct rig_client *client)
{
    collect(client, rig_send_at(RIG_SITE, client, &standard_request));
}

void send_written_out(struct rig_client *client)
{
    collect(client, rig_post(client, TARGET, .bytes = {body, 1024}, .headers = HEADERS));
}

void send_floor(void)
{
    static struct floor_result result;
    int error = floor_send(&standard_floor_request, &result);
    if (error || result.status != 200 || result.body_size != 64 || result.header_count != 3) {
        give_up("the floor answered %d with %zu bytes, error %d", result.status, result.body_size, error);
    }
}

static int count_one(void *closure, const char *name, const char *value, size_t size)
{
    (void)name, (void)value, (void)size;
    ++*(size_t *)closure;
    return 0;
}

static void same_env(struct rig_client *client)
{
    struct rig_env *env = rig_env_for(client, standard_request);
    size_t count = 0, floor_count = sizeof variables / sizeof *variables;
    if (!env || rig_env_each(env, count_one, &count) || count != floor_count) {
        give_up("the rig's env has %zu variables, the floor's %zu", count, floor_count);
    }
    for (size_t i = 0; i < floor_count; i++) {
        const char *value = rig_env_get(env, variables[i].name);
        if (!value || strcmp(value, variables[i].value) != 0) {
            give_up("%s is \"%s\" in the rig, \"%s\" in the floor", variables[i].name, value ? value : "absent",
                    variables[i].value);
        }
    }
    rig_env_close(client, env);
}

void same_work(struct rig_client *client)
{
    struct floor_result floor;
    const struct rig_result *result = rig_send_at(RIG_SITE, client, &standard_request);
    same_env(client);
    if (floor_send(&standard_floor_request, &floor)) {
        give_up("no floor: out of memory");
    }
    if (floor.status != result->status || floor.body_size != result->body_size ||
        strcmp(floor.body, result->body) != 0) {
        give_up("rig and floor answer differently: %d \"%s\", %d \"%s\"", result->status, result->body, floor.status,
                floor.body);
    }
    for (size_t i = 0; i < floor.header_count; i++) {
        const char *value = rig_result_header(result, floor.headers[i].name);
        if (!value || strcmp(value, floor.headers[i].value) != 0) {
            give_up("rig and floor differ in %s", floor.headers[i].name);
        }
    }
    rig_client_reset(client);
}
