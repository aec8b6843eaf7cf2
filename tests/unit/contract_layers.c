#include "tests/unit/contract_layers.h"

#include <stackrig/stackrig.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LAYER(name_) static int name_(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)

/* ---- env.same ---- */

LAYER(passes_a_copy)
{
    (void)self;
    struct rig_env *copy = rig_env_copy(env);
    int error = copy ? rig_env_set(copy, "app.version", "2") : -ENOMEM;
    return error ? error : rig_next(next, copy, res);
}

/* The answer to a request of its own, after which the body is where it was; NULL with *error set. */
static struct rig_response *ask(struct rig_env *env, struct rig_next *next, int *error)
{
    *error = rig_env_rewindable(env, 0);
    struct rig_env *copy = *error ? NULL : rig_env_copy(env);
    struct rig_response *asked = copy ? rig_subrequest(next, copy) : NULL;
    *error = asked ? rig_input_rewind(rig_env_input(env)) : *error ? *error : -ENOMEM;
    return *error ? NULL : asked;
}

/* A request of its own may have a copy. */
LAYER(asks_with_a_copy)
{
    int error;
    (void)self;
    return ask(env, next, &error) ? rig_next(next, env, res) : error;
}

/* ---- env.transparent ---- */

LAYER(sets_a_variable)
{
    (void)self;
    int error = rig_env_set(env, "app.user", "ada");
    return error ? error : rig_next(next, env, res);
}

/* ---- response.same ---- */

static int copy_header(void *closure, const char *name, const char *value, size_t size)
{
    (void)size;
    return rig_response_add_header(closure, name, value);
}

static int copy_answer(struct rig_response *to, struct rig_response *from)
{
    char piece[512];
    int64_t got;
    if (rig_response_status(from) == 0) {
        return -EIO;
    }
    struct rig_source body = rig_response_take_body(from);
    int error = body.read ? rig_response_set_status(to, rig_response_status(from)) : -ENOMEM;
    error = error ? error : rig_response_each(from, copy_header, to);
    while (!error && (got = body.read(body.self, piece, sizeof piece)) > 0) {
        error = rig_response_write(to, piece, (size_t)got);
    }
    if (body.close) {
        body.close(body.self);
    }
    return error;
}

LAYER(passes_another_response)
{
    int error;
    (void)self;
    struct rig_response *asked = ask(env, next, &error);
    error = asked ? rig_next(next, env, asked) : error;
    return error ? error : copy_answer(res, asked);
}

LAYER(answers_with_a_subrequest)
{
    int error;
    (void)self;
    struct rig_response *asked = ask(env, next, &error);
    if (!asked) {
        return error;
    }
    return rig_response_error(asked) ? rig_response_error(asked) : copy_answer(res, asked);
}

/* ---- response.transparent ---- */

LAYER(measures)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : rig_response_set_header(res, "X-Runtime", "0 us");
}

/* ---- error.up ---- */

LAYER(hides_errors)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? rig_respond(res, .status = 500) : 0;
}

LAYER(logs_errors)
{
    (void)self;
    int error = rig_next(next, env, res);
    if (error) {
        (void)rig_env_log(env, "failed: %d", error);
    }
    return error;
}

/* ---- next.once ---- */

LAYER(passes_twice)
{
    (void)self;
    int error = rig_env_rewindable(env, 0);
    error = error ? error : rig_next(next, env, res);
    (void)rig_input_rewind(rig_env_input(env));
    return error ? error : rig_next(next, env, res);
}

LAYER(passes_once)
{
    (void)self;
    return rig_next(next, env, res);
}

/* ---- body.whole ---- */

/* As one does who logs the size of what came. */
LAYER(reads_it_all)
{
    (void)self;
    int64_t size = rig_input_drain(rig_env_input(env), 1 << 20);
    return size < 0 ? (int)size : rig_next(next, env, res);
}

LAYER(reads_and_rewinds)
{
    (void)self;
    int error = rig_env_rewindable(env, 0);
    int64_t size = error ? error : rig_input_drain(rig_env_input(env), 1 << 20);
    error = size < 0 ? (int)size : rig_input_rewind(rig_env_input(env));
    return error ? error : rig_next(next, env, res);
}

/* ---- early.drained ---- */

LAYER(refuses)
{
    (void)self;
    return rig_env_get(env, "HTTP_X_PASS") ? rig_next(next, env, res) : rig_respond(res, .status = 401);
}

LAYER(drains_and_refuses)
{
    (void)self;
    if (rig_env_get(env, "HTTP_X_PASS")) {
        return rig_next(next, env, res);
    }
    int64_t drained = rig_input_drain(rig_env_input(env), 1 << 20);
    return drained < 0 ? (int)drained : rig_respond(res, .status = 401);
}

/* ---- body.pieces ---- */

/* Of a body that this layer takes nobody else can tell whether it is whole. */
static int pass_taken(struct rig_env *env, struct rig_response *res, struct rig_next *next, int64_t size, bool is_long)
{
    const char *length = rig_env_get(env, "CONTENT_LENGTH");
    if (length && strtoll(length, NULL, 10) != size) {
        return rig_respond(res, .status = 400, .headers = {{"Connection", "close"}});
    }
    int error = rig_env_set(env, "app.size", is_long ? "long" : "short");
    return error ? error : rig_next(next, env, res);
}

/* One read tells whether it is a long one: it does not. */
LAYER(counts_one_read)
{
    char first[64];
    struct rig_input *input = rig_env_input(env);
    (void)self;
    int64_t got = rig_input_read(input, first, sizeof first);
    while (got == -EINTR || got == -EAGAIN) {
        got = rig_input_read(input, first, sizeof first);
    }
    int64_t rest = got < 0 ? got : rig_input_drain(input, 1 << 20);
    return rest < 0 ? (int)rest : pass_taken(env, res, next, got + rest, got >= 20);
}

LAYER(counts_all)
{
    (void)self;
    int64_t size = rig_input_drain(rig_env_input(env), 1 << 20);
    return size < 0 ? (int)size : pass_taken(env, res, next, size, size >= 20);
}

/* ---- body.faults ---- */

/* A read that fails is taken for the end. */
static int take_body(struct rig_env *env, struct rig_response *res, bool sure)
{
    char piece[16], text[24];
    uint64_t size = 0;
    int64_t got;
    const char *length = rig_env_get(env, "CONTENT_LENGTH");
    do {
        got = rig_input_read(rig_env_input(env), piece, sizeof piece);
        size += got > 0 ? (uint64_t)got : 0;
    } while (got > 0 || got == -EINTR || got == -EAGAIN);
    if (sure && (got < 0 || (length && strtoull(length, NULL, 10) != size))) {
        return rig_respond(res, .status = 400, .headers = {{"Connection", "close"}});
    }
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)size);
    return rig_respond(res, .status = 201, .body = text);
}

LAYER(stores_what_came)
{
    (void)self, (void)next;
    return take_body(env, res, false);
}

LAYER(stores_all)
{
    (void)self, (void)next;
    return take_body(env, res, true);
}

/* ---- state.between ---- */

struct memory {
    char agent[64];
};

LAYER(remembers_the_first)
{
    struct memory *memory = self;
    const char *agent = rig_env_get(env, "HTTP_USER_AGENT");
    if (memory->agent[0] == '\0' && agent) {
        (void)snprintf(memory->agent, sizeof memory->agent, "%s", agent);
    }
    int error = rig_env_set(env, "app.agent", memory->agent);
    return error ? error : rig_next(next, env, res);
}

LAYER(looks_each_time)
{
    const char *agent = rig_env_get(env, "HTTP_USER_AGENT");
    (void)self;
    int error = rig_env_set(env, "app.agent", agent ? agent : "");
    return error ? error : rig_next(next, env, res);
}

/* ---- state.nested ---- */

/* Set for each request: in turn nothing is left over, at once it is another's. */
LAYER(keeps_it_while_below)
{
    struct memory *memory = self;
    const char *agent = rig_env_get(env, "HTTP_USER_AGENT");
    (void)snprintf(memory->agent, sizeof memory->agent, "%s", agent ? agent : "none");
    int error = rig_next(next, env, res);
    return error ? error : rig_response_set_header(res, "X-Agent", memory->agent);
}

LAYER(keeps_it_on_the_stack)
{
    struct memory memory;
    const char *agent = rig_env_get(env, "HTTP_USER_AGENT");
    (void)self;
    (void)snprintf(memory.agent, sizeof memory.agent, "%s", agent ? agent : "none");
    int error = rig_next(next, env, res);
    return error ? error : rig_response_set_header(res, "X-Agent", memory.agent);
}

/* ---- headers.case ---- */

struct looking {
    bool any_case, found;
};

static int look_at_header(void *closure, const char *name, const char *value, size_t size)
{
    struct looking *looking = closure;
    (void)value, (void)size;
    looking->found =
        looking->found || (looking->any_case ? strcasecmp(name, "Content-Type") : strcmp(name, "Content-Type")) == 0;
    return 0;
}

static int tell_type(struct rig_env *env, struct rig_response *res, struct rig_next *next, bool any_case)
{
    struct looking looking = {.any_case = any_case};
    int error = rig_next(next, env, res);
    error = error ? error : rig_response_each(res, look_at_header, &looking);
    return error ? error : rig_response_set_header(res, "X-Typed", looking.found ? "yes" : "no");
}

LAYER(compares_names)
{
    (void)self;
    return tell_type(env, res, next, false);
}

LAYER(compares_names_in_any_case)
{
    (void)self;
    return tell_type(env, res, next, true);
}

/* ---- headers.order ---- */

static int take_first(void *closure, const char *name, const char *value, size_t size)
{
    (void)size;
    if (strncmp(name, "HTTP_X_", 7) == 0) {
        *(const char **)closure = value;
        return 1;
    }
    return 0;
}

LAYER(takes_the_first)
{
    const char *first = NULL;
    (void)self;
    (void)rig_env_each(env, take_first, &first);
    int error = rig_env_set(env, "app.first", first ? first : "");
    return error ? error : rig_next(next, env, res);
}

LAYER(takes_by_name)
{
    const char *first = rig_env_get(env, "HTTP_X_CONTRACT_A");
    (void)self;
    int error = rig_env_set(env, "app.first", first ? first : "");
    return error ? error : rig_next(next, env, res);
}

/* ---- rules ---- */

LAYER(writes_a_bad_header)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : rig_response_set_header(res, "X-Note", "a\rb");
}

LAYER(writes_a_good_header)
{
    (void)self;
    int error = rig_next(next, env, res);
    return error ? error : rig_response_set_header(res, "X-Note", "a b");
}

#define OF(function_)                            \
    .middleware = &(const struct rig_middleware) \
    {                                            \
        .name = #function_, .call = function_    \
    }
#define KEEPING(function_)                                                        \
    .middleware = &(const struct rig_middleware)                                  \
    {                                                                             \
        .name = #function_, .call = function_, .self_size = sizeof(struct memory) \
    }
#define PASSES .passes = {.method = "POST", .target = "/", .body = "a=b", .headers = {{"X-Pass", "1"}}}
#define ALL_OF_THE_ANSWER .owns = RIG_CONTRACT_STATUS | RIG_CONTRACT_BODY | RIG_CONTRACT_ALL_HEADERS

const struct contract_case contract_cases[] = {
    {"env.same", {OF(passes_a_copy), .env = {"app.version"}}, {OF(asks_with_a_copy)}},
    {"env.transparent", {OF(sets_a_variable)}, {OF(sets_a_variable), .env = {"app.*"}}},
    {"response.same", {OF(passes_another_response), ALL_OF_THE_ANSWER}, {OF(answers_with_a_subrequest)}},
    {"response.transparent", {OF(measures)}, {OF(measures), .headers = {"x-runtime"}}},
    {"error.up", {OF(hides_errors)}, {OF(logs_errors)}},
    {"next.once", {OF(passes_twice)}, {OF(passes_once)}},
    {"body.whole", {OF(reads_it_all)}, {OF(reads_and_rewinds)}},
    {"early.drained", {OF(refuses), PASSES}, {OF(drains_and_refuses), PASSES}},
    {"body.pieces",
     {OF(counts_one_read), .env = {"app.size"}, .owns = RIG_CONTRACT_INPUT},
     {OF(counts_all), .env = {"app.size"}, .owns = RIG_CONTRACT_INPUT}},
    {"body.faults", {OF(stores_what_came)}, {OF(stores_all)}},
    {"state.between",
     {KEEPING(remembers_the_first), .env = {"app.agent"}},
     {KEEPING(looks_each_time), .env = {"app.agent"}}},
    {"state.nested",
     {KEEPING(keeps_it_while_below), .headers = {"X-Agent"}},
     {KEEPING(keeps_it_on_the_stack), .headers = {"X-Agent"}}},
    {"headers.case",
     {OF(compares_names), .headers = {"X-Typed"}},
     {OF(compares_names_in_any_case), .headers = {"X-Typed"}}},
    {"headers.order", {OF(takes_the_first), .env = {"app.first"}}, {OF(takes_by_name), .env = {"app.first"}}},
    {"rules", {OF(writes_a_bad_header), .headers = {"X-Note"}}, {OF(writes_a_good_header), .headers = {"X-Note"}}},
};
const size_t contract_case_count = sizeof contract_cases / sizeof *contract_cases;
