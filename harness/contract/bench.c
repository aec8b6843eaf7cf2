#include "harness/contract/bench.h"
#include "harness/core/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX ((size_t)4 << 20)

/* ---- the app below: all of the body, or it says that it has not got it ---- */

static bool make_room(struct rig_bench *bench)
{
    size_t capacity = bench->body_capacity ? bench->body_capacity * 2 : 4096;
    char *grown = capacity <= BODY_MAX ? realloc(bench->body, capacity) : NULL;
    if (grown) {
        bench->body = grown;
        bench->body_capacity = capacity;
    }
    return grown != NULL;
}

static int read_body(struct rig_bench *bench, struct rig_env *env)
{
    struct rig_input *input = rig_env_input(env);
    int64_t got = 0;
    bench->body_size = 0;
    do {
        bench->body_size += got > 0 ? (size_t)got : 0;
        if (bench->body_size == bench->body_capacity && !make_room(bench)) {
            return bench->body_capacity < BODY_MAX ? -ENOMEM : -EFBIG;
        }
        got = rig_input_read(input, bench->body + bench->body_size, bench->body_capacity - bench->body_size);
    } while (got > 0 || got == -EINTR || got == -EAGAIN);
    return (int)got;
}

/* CGI's body just ends when the client goes away. A layer that gives another body tells itself. */
static bool is_whole(const struct rig_bench *bench, const struct rig_env *env)
{
    const char *length = rig_env_get(env, "CONTENT_LENGTH");
    return !bench->breaks_off || !length || (bench->contract->owns & RIG_CONTRACT_INPUT) ||
           strtoull(length, NULL, 10) == bench->body_size;
}

/* Who wrote a variable, and where, stands in the env while it lasts. */
static void note_writes(struct rig_bench *bench, const struct rig_env *env)
{
    const struct rig_run *run = env->handle.run;
    bench->write_count = 0;
    for (uint32_t i = 0; i < env->count && bench->write_count < RIG_BENCH_WRITES; i++) {
        const struct rig_entry *entry = &env->entries[i];
        bool by_layer = entry->hop < run->hop_count && run->hops[entry->hop].layer_index == RIG_BENCH_LAYER;
        if (by_layer && entry->site && entry->name_size < sizeof bench->writes->name) {
            memcpy(bench->writes[bench->write_count].name, entry->name, entry->name_size);
            bench->writes[bench->write_count].name[entry->name_size] = '\0';
            bench->writes[bench->write_count++].site = entry->site;
        }
    }
}

const char *rig_bench_wrote_at(const struct rig_bench *bench, const char *name)
{
    for (size_t i = 0; i < bench->write_count; i++) {
        if (strcmp(bench->writes[i].name, name) == 0) {
            return bench->writes[i].site;
        }
    }
    return bench->site;
}

/* Other requests while this one is here: what is known of it is put aside. */
static void send_nested(struct rig_bench *bench)
{
    struct rig_bench kept = *bench;
    bench->nested = true;
    bench->body = NULL;
    bench->body_size = bench->body_capacity = 0;
    bench->inside(bench);
    free(bench->body);
    kept.error = bench->error;
    *bench = kept;
}

static int app_call(void *self, struct rig_env *env, struct rig_response *res)
{
    struct rig_bench *bench = self;
    int error = read_body(bench, env);
    bench->calls++;
    note_writes(bench, env);
    if (error == -ENOMEM) {
        return error;
    }
    if (error || !is_whole(bench, env)) {
        return rig_respond(res, .status = 400, .headers = {{"Connection", "close"}});
    }
    bench->call = rig_recorder_count(bench->below) - 1;
    if (bench->inside && !bench->nested) {
        send_nested(bench);
    }
    return bench->script.call(bench->script.self, env, res);
}

/* ---- above the layer: what the app left in the env must be there ---- */

static int watch_env(void *closure, const char *name, const char *value, size_t size)
{
    struct rig_bench *bench = closure;
    (void)size;
    bench->lost = bench->lost && (strcmp(name, "contract.app") != 0 || !value || strcmp(value, "set below") != 0);
    return 0;
}

static int watch_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct rig_bench *bench = *(struct rig_bench *const *)self;
    unsigned calls = bench->calls;
    int error = rig_next(next, env, res);
    if (bench->calls > calls && error == 0) {
        bench->lost = true;
        (void)rig_env_each(env, watch_env, bench);
    }
    return error;
}

static int watch_init(void *self, const void *options)
{
    *(const void **)self = options;
    return 0;
}

static const struct rig_middleware watch = {
    .name = "contract", .call = watch_call, .self_size = sizeof(struct rig_bench *), .init = watch_init};

/* ---- the stack ---- */

/* A header that a layer may look at, some that it should not care for, one that comes twice. */
static const struct rig_scripted_reply plain = {.status = 200,
                                                .headers = {{"Content-Type", "text/plain"},
                                                            {"X-Contract", "below"},
                                                            {"Set-Cookie", "contract=1"},
                                                            {"Set-Cookie", "other=2"},
                                                            {"Cache-Control", "no-store"}},
                                                .env = {{"contract.app", "set below"}},
                                                .body = "the app's answer\n"};

static int build(struct rig_bench *bench)
{
    const struct rig_contract *contract = bench->contract;
    struct rig_layer layer = {.middleware = contract->middleware,
                              .options = contract->options,
                              .name = contract->name,
                              .auth = contract->auth};
    memcpy(layer.ignore, contract->ignore, sizeof layer.ignore);
    int error = rig_use(bench->stack, &rig_recorder_layer, bench->above);
    error = error ? error : rig_use(bench->stack, &watch, bench);
    error = error ? error : rig_use_at(bench->site, bench->stack, layer);
    error = error ? error : rig_use(bench->stack, &rig_recorder_layer, bench->below);
    return error ? error : rig_run(bench->stack, (struct rig_app){.name = "contract", .call = app_call, .self = bench});
}

bool rig_bench_open(struct rig_bench *bench, const struct rig_scripted_reply *reply)
{
    rig_bench_close(bench);
    if (bench->error) {
        return false;
    }
    bench->script = rig_scripted_app(reply ? reply : &plain, 1);
    bench->stack = rig_stack_new((struct rig_stack_options){.name = "contract"});
    bench->above = rig_recorder_new();
    bench->below = rig_recorder_new();
    bool there = bench->script.call && bench->stack && bench->above && bench->below;
    bench->error = there ? build(bench) : -ENOMEM;
    if (bench->error) {
        rig_bench_close(bench);
    }
    return bench->error == 0;
}

void rig_bench_close(struct rig_bench *bench)
{
    rig_stack_free(bench->stack);
    rig_recorder_free(bench->above);
    rig_recorder_free(bench->below);
    if (bench->script.release) {
        bench->script.release(bench->script.self);
    }
    free(bench->body);
    bench->stack = NULL;
    bench->above = bench->below = NULL;
    bench->script = (struct rig_app){.name = NULL};
    bench->body = NULL;
    bench->body_size = bench->body_capacity = 0;
    bench->calls = 0;
    bench->lost = false;
}

/* ---- requests ---- */

struct rig_client *rig_bench_client(struct rig_bench *bench, const struct rig_server *server)
{
    struct rig_client *client =
        bench->error ? NULL
                     : rig_client_new(rig_stack_app(bench->stack), (struct rig_client_options){.server = server});
    if (!client && !bench->error) {
        bench->error = -ENOMEM;
    }
    return client;
}

const struct rig_hop *rig_bench_hop(const struct rig_result *result)
{
    for (size_t i = 0; i < result->hop_count; i++) {
        if (result->hops[i].layer_index == RIG_BENCH_LAYER && result->hops[i].exchange == 0) {
            return &result->hops[i];
        }
    }
    return NULL;
}

const struct rig_result *rig_bench_send(struct rig_bench *bench, struct rig_client *client,
                                        const struct rig_request *request)
{
    const struct rig_result *result = rig_send_at(bench->site, client, request);
    bench->property->runs++;
    if (result->error == -ENOMEM && !rig_bench_hop(result)) {
        bench->error = -ENOMEM;
    }
    return result;
}

static void see_record(const struct rig_recorded *call, struct rig_seen *seen)
{
    for (size_t i = 0; call && i < call->env_count; i++) {
        const struct rig_field *field = &call->env[i];
        rig_seen_add(seen, RIG_SEEN_ENV, field->name, field->value, field->value ? strlen(field->value) : 0);
    }
}

void rig_bench_see(struct rig_bench *bench, const struct rig_result *result, struct rig_seen *seen)
{
    const char calls = (char)('0' + (bench->calls < 9 ? bench->calls : 9));
    char status[16] = {(char)('0' + result->status / 100 % 10), (char)('0' + result->status / 10 % 10),
                       (char)('0' + result->status % 10), '\0'};
    const char *error = result->error ? rig_error_text(result->error) : "";
    rig_seen_add(seen, RIG_SEEN_PASSED, "", &calls, 1);
    rig_seen_add(seen, RIG_SEEN_STATUS, "", status, strlen(status));
    rig_seen_add(seen, RIG_SEEN_ERROR, "", error, strlen(error));
    for (size_t i = 0; i < result->header_count; i++) {
        const char *value = result->headers[i].value;
        rig_seen_add(seen, RIG_SEEN_HEADER, result->headers[i].name, value, strlen(value));
    }
    rig_seen_add(seen, RIG_SEEN_BODY, "", result->body, result->body_size);
    if (bench->calls > 0) {
        rig_seen_add(seen, RIG_SEEN_INPUT, "", bench->body_size ? bench->body : "", bench->body_size);
        see_record(rig_recorder_call(bench->below, bench->call), seen);
    }
    bench->error = seen->starved ? -ENOMEM : bench->error;
}

void rig_bench_try(struct rig_bench *bench, const struct rig_request *request, struct rig_seen *seen)
{
    struct rig_client *client = rig_bench_client(bench, NULL);
    if (client) {
        bench->calls = 0;
        const struct rig_result *result = rig_bench_send(bench, client, request);
        rig_bench_take(bench, result);
        rig_bench_see(bench, result, seen);
        rig_client_free(client);
    }
}

static const struct rig_request *next_of(const struct rig_bench *bench, size_t *at, enum rig_bench_way way,
                                         bool with_body)
{
    while (*at < RIG_BENCH_REQUESTS) {
        const struct rig_bench_request *one = &bench->requests[(*at)++];
        if (one->there && one->way == way && (one->has_body || !with_body)) {
            return &one->request;
        }
    }
    return NULL;
}

const struct rig_request *rig_bench_next(const struct rig_bench *bench, size_t *at, enum rig_bench_way way)
{
    return next_of(bench, at, way, false);
}

const struct rig_request *rig_bench_next_body(const struct rig_bench *bench, size_t *at, enum rig_bench_way way)
{
    return next_of(bench, at, way, true);
}
