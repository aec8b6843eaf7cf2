/* The stack that is served, and its answer as it goes on the wire. */
#define _DEFAULT_SOURCE
#include "tests/real/backend.h"

#include <stackrig/http/status.h>
#include <stackrig/stackrig.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- the stack: the early answer of examples/early_answer, in all ways of reading before it ---- */

struct guard {
    enum { READS_NOTHING, READS_ONE, READS_ALL } reads;
    bool answers_broken;
    struct rig_real_body *body;
};

static int init_guard(void *self, const void *options)
{
    *(struct guard *)self = *(const struct guard *)options;
    return 0;
}

static int authenticate(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct guard *guard = self;
    int64_t got = 0;
    char byte;
    (void)next; /* nobody ever has the right token */
    if (guard->reads == READS_ONE) {
        got = rig_input_read(rig_env_input(env), &byte, 1);
        (void)rig_input_rewind(rig_env_input(env)); /* where it can */
    } else if (guard->reads == READS_ALL) {
        got = rig_input_drain(rig_env_input(env), UINT64_MAX);
    }
    guard->body->closed = true; /* what is unread now stays in the socket, whoever looks */
    return got < 0 && !guard->answers_broken
               ? (int)got
               : rig_respond(res, .status = 401, .headers = {{"WWW-Authenticate", "Bearer"}}, .body = "unauthorized\n");
}

static int items(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self, (void)env;
    return rig_respond(res, .status = 201, .body = "{\"id\":1}");
}

static const struct rig_middleware authentication = {
    .name = "authentication", .call = authenticate, .self_size = sizeof(struct guard), .init = init_guard};
static const struct rig_server plain = {.name = "plain"};
static const struct rig_server rewindable = {.name = "rewindable", .rewindable = true, .buffers_all = true};

/* ---- on the wire ---- */

static void put(struct rig_real_answer *answer, const char *format, ...) RIG_PRINTF_(2, 3);
static void put(struct rig_real_answer *answer, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(answer->text + answer->size, sizeof answer->text - answer->size, format, arguments);
    va_end(arguments);
    size_t room = sizeof answer->text - answer->size - 1;
    answer->size += size < 0 ? 0 : (size_t)size < room ? (size_t)size : room;
}

static void put_head(struct rig_real_answer *answer, const struct rig_result *result, bool http, bool length,
                     const char *target, bool keeps)
{
    put(answer, http ? "HTTP/1.1 %d %s\r\n" : "Status: %d %s\r\n", result->status, rig_status_reason(result->status));
    for (size_t i = 0; i < result->header_count; i++) {
        if (strcasecmp(result->headers[i].name, "Content-Length") != 0) { /* that is ours to say */
            put(answer, "%s: %s\r\n", result->headers[i].name, result->headers[i].value);
        }
    }
    if (*target) {
        put(answer, "X-Target: %s\r\n", target); /* tells the client whose answer this is */
    }
    if (length) {
        put(answer, "Content-Length: %zu\r\n", result->body_size);
    }
    put(answer, "%s\r\n", http && !keeps ? "Connection: close\r\n" : "");
}

/* One STDOUT record, an empty one, and the END_REQUEST record. */
static void wrap_in_records(struct rig_real_answer *answer, unsigned id)
{
    size_t size = answer->size;
    const unsigned char low = (unsigned char)(id & 255U), high = (unsigned char)(id >> 8 & 255U);
    const unsigned char begin[8] = {1, 6, high, low, (unsigned char)(size >> 8), (unsigned char)(size & 255U)};
    const unsigned char end[24] = {1, 6, high, low, 0, 0, 0, 0, 1, 3, high, low, 0, 8};
    if (size + sizeof begin + sizeof end > sizeof answer->text) {
        return;
    }
    memmove(answer->text + sizeof begin, answer->text, size);
    memcpy(answer->text, begin, sizeof begin);
    memcpy(answer->text + sizeof begin + size, end, sizeof end);
    answer->size += sizeof begin + sizeof end;
    answer->head += sizeof begin;
}

static void put_answer(struct rig_real_answer *answer, const struct rig_result *result, enum rig_real_protocol protocol,
                       const struct rig_real_request *request, bool length, bool keeps)
{
    put_head(answer, result, protocol == RIG_REAL_HTTP, length, request ? request->target : "", keeps);
    answer->head = answer->size;
    put(answer, "%s", result->body);
    if (protocol == RIG_REAL_FASTCGI) {
        wrap_in_records(answer, request && request->id ? request->id : 1);
    }
}

/* ---- both ---- */

static struct rig_client *client_of(const struct guard *guard, const struct rig_engine *engine)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    (void)rig_use(stack, &authentication, guard, .auth = true); /* what goes wrong sticks: the request reports it */
    (void)rig_run(stack, RIG_APP(items));
    struct rig_client *client = rig_client_new(
        rig_stack_app(stack),
        (struct rig_client_options){.server = engine->reads == RIG_READS_REWINDABLE ? &rewindable : &plain,
                                    .checks = RIG_CHECKS_NONE});
    rig_stack_free(stack); /* lives as long as the client */
    return client;
}

int rig_real_answer(struct rig_real_answer *answer, enum rig_real_protocol protocol, const struct rig_real_play *play,
                    struct rig_real_request *request, bool keeps)
{
    const struct rig_case *it = &play->situation;
    struct rig_real_body none = {.ended = true}, *body = request ? &request->body : &none;
    struct guard guard = {.reads = it->end_read    ? READS_ALL
                                   : it->taken > 0 ? READS_ONE
                                                   : READS_NOTHING,
                          .answers_broken = play->answers_broken,
                          .body = body};
    struct rig_client *client = client_of(&guard, it->engine);
    if (!client) {
        return -ENOMEM;
    }
    struct rig_request sent = {.method = request ? request->method : "GET", .target = "/"};
    if (!body->ended) {
        sent.source = (struct rig_source){.read = rig_real_read_body, .self = body};
        /* a FastCGI body is read to its empty record, beyond its announced length */
        sent.source_size = body->framing == RIG_REAL_LENGTH ? body->size : 0;
    }
    const struct rig_result *result = rig_send_request_at(RIG_SITE, client, sent);
    int error = result->status != 401 ? (result->error ? result->error : -EPROTO) : 0;
    *answer = (struct rig_real_answer){.size = 0};
    put_answer(answer, result, protocol, request, it->length_known, keeps);
    rig_client_free(client);
    return error;
}
