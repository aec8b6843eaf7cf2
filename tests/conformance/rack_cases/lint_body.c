/* What stands around the app of a case of lint: the middleware between, and a server that does with the body what it is
 * told. Without one, the rig is the server: it pulls the body to its end and closes it. */
#include "tests/conformance/rack_cases/lint_play.h"

#include <errno.h>
#include <string.h>

/* ---- wrappers ---- */

/* What each middleware does is in its name. */
static const struct how {
    const char *name;
    enum { PASSES, WRAPS, REPLACES, READS_FIRST } kind;
    bool closes;
    size_t most;      /* WRAPS: bytes of a read; 0: as asked for */
    unsigned batched; /* WRAPS: reads of the inner body in one */
} hows[] = {
    {"passes_body_through", PASSES, true, 0, 1},      {"wraps_and_closes", WRAPS, true, 0, 1},
    {"wraps_never_closes", WRAPS, false, 0, 1},       {"splits_chunks", WRAPS, true, 1, 1},
    {"batches_two_chunks", WRAPS, true, 0, 2},        {"replaces_and_closes", REPLACES, true, 0, 1},
    {"replaces_never_closes", REPLACES, false, 0, 1}, {"iterates_in_call", READS_FIRST, true, 0, 1},
    {"takes_list_form", READS_FIRST, true, 0, 1},
};

struct wrapper {
    const struct how *how;
    struct rig_source inner;
    bool ended;
};

static int64_t wrapper_read(void *self, void *buffer, size_t size)
{
    struct wrapper *wrapper = self;
    const struct how *how = wrapper->how;
    size_t total = 0;
    size = how->most > 0 && how->most < size ? how->most : size;
    for (unsigned i = 0; i < how->batched && !wrapper->ended && total < size; i++) {
        int64_t got = wrapper->inner.read(wrapper->inner.self, (char *)buffer + total, size - total);
        if (got < 0) {
            return got;
        }
        wrapper->ended = got == 0;
        total += (size_t)got;
    }
    return (int64_t)total;
}

static void wrapper_close(void *self)
{
    struct wrapper *wrapper = self;
    if (wrapper->how->closes) {
        wrapper->inner.close(wrapper->inner.self);
    }
}

/* ---- reading ---- */

struct collected {
    char *data;
    size_t size;
};

/* To the end: 0 or what the body failed with. */
static int collect(struct rack_case *rack, struct rig_source body, struct collected *all)
{
    char piece[256];
    int64_t got;
    while ((got = body.read(body.self, piece, sizeof piece)) > 0) {
        char *grown = rack_alloc(rack, all->size + (size_t)got);
        if (all->size > 0) {
            memcpy(grown, all->data, all->size);
        }
        memcpy(grown + all->size, piece, (size_t)got);
        all->data = grown;
        all->size += (size_t)got;
    }
    return (int)got;
}

/* ---- the middleware ---- */

struct middleware {
    struct lint_play *play;
    const struct how *how;
};

static int wrap(const struct middleware *middleware, struct rig_response *res, struct rig_source inner)
{
    struct wrapper *wrapper = rack_alloc(middleware->play->rack, sizeof *wrapper);
    *wrapper = (struct wrapper){.how = middleware->how, .inner = inner};
    return rig_response_stream(res, (struct rig_source){.read = wrapper_read, .close = wrapper_close, .self = wrapper});
}

static int read_first(const struct middleware *middleware, struct rig_response *res, struct rig_source inner)
{
    struct collected all = {NULL, 0};
    int error = collect(middleware->play->rack, inner, &all);
    inner.close(inner.self);
    return error ? error : rig_response_write(res, all.data ? all.data : "", all.size);
}

static int middleware_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct middleware *middleware = self;
    int error = rig_next(next, env, res);
    if (error || middleware->how->kind == PASSES || rig_response_status(res) == 0) {
        return error;
    }
    struct rig_source inner = rig_response_take_body(res);
    if (middleware->how->kind == WRAPS) {
        return wrap(middleware, res, inner);
    }
    if (middleware->how->kind == READS_FIRST) {
        return read_first(middleware, res, inner);
    }
    if (middleware->how->closes) {
        inner.close(inner.self);
    }
    return rig_response_write(res, "xxxxxx", 6);
}

static const struct rig_middleware middleware_layer = {
    .name = "middleware", .call = middleware_call, .self_size = sizeof(struct middleware)};

bool lint_use_middleware(struct rig_stack *stack, struct lint_play *play, const char *name)
{
    for (size_t i = 0; i < sizeof hows / sizeof *hows; i++) {
        if (strcmp(hows[i].name, name) == 0) {
            rig_use(stack, &middleware_layer, &(struct middleware){play, &hows[i]});
            return true;
        }
    }
    return false;
}

/* ---- the server ---- */

struct server {
    struct lint_play *play;
};

/* A client that went away: what was not pulled is not sent. */
static int64_t gone(void *self, void *buffer, size_t size)
{
    (void)self, (void)buffer, (void)size;
    return -ECONNRESET;
}

struct turn {
    struct rig_source body;
    struct collected sent;
    bool pulled, failed, closed;
};

static bool is_one_of(const char *name, const char *a, const char *b, const char *c)
{
    return strcmp(name, a) == 0 || strcmp(name, b) == 0 || strcmp(name, c) == 0;
}

static void pull(struct lint_play *play, struct turn *turn)
{
    struct collected all = {NULL, 0};
    turn->failed = collect(play->rack, turn->body, &all) < 0 || turn->failed;
    turn->sent = turn->pulled ? turn->sent : all;
    turn->pulled = true;
}

static void play_op(struct lint_play *play, struct turn *turn, const json_t *op)
{
    const char *name = json_string_value(json_is_array(op) ? json_array_get(op, 0) : op);
    name = name ? name : "";
    bool pulls = is_one_of(name, "each", "call", "list_form"), closes = is_one_of(name, "close", "list_form", "close");
    if (pulls) {
        pull(play, turn);
    }
    if (closes) {
        turn->body.close(turn->body.self);
        turn->closed = true;
    }
    /* A path that is only asked for is not opened; nobody waits for the end of a request. */
    if (!pulls && !closes && !is_one_of(name, "path", "finished", "")) {
        rack_wrong(play->rack, "the server does what is not known: \"%s\"", name);
    }
}

/* A server that never closes is not to be had: the rig's does. */
static int server_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct server *server = self;
    int error = rig_next(next, env, res);
    if (error || rig_response_status(res) == 0) {
        return error;
    }
    struct turn turn = {.body = rig_response_take_body(res)};
    for (size_t i = 0; i < json_array_size(server->play->server); i++) {
        play_op(server->play, &turn, json_array_get(server->play->server, i));
    }
    if (!turn.closed) {
        turn.body.close(turn.body.self);
    }
    return turn.pulled && !turn.failed ? rig_response_write(res, turn.sent.data ? turn.sent.data : "", turn.sent.size)
                                       : rig_response_stream(res, (struct rig_source){.read = gone});
}

static const struct rig_middleware server_layer = {
    .name = "server", .call = server_call, .self_size = sizeof(struct server)};

void lint_use_server(struct rig_stack *stack, struct lint_play *play)
{
    rig_use(stack, &server_layer, &(struct server){play});
}
