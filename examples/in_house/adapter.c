/* All that the rig needs to run the house's chain: a transport over env and response, and a hop around each handler. */
#include "adapter.h"

#include <stackrig/foreign.h>

#include <errno.h>

/* One request. The context comes last, so that a handler which copies it takes nothing of this along. */
struct request {
    struct transport transport;
    struct rig_env *env;
    struct rig_response *res;
    const struct entry *chain;
    struct entry watched[16];
    struct ctx ctx;
};

static long read_body(void *self, char *buffer, size_t size)
{
    return (long)rig_input_read_at(NULL, rig_env_input(((struct request *)self)->env), buffer, size);
}

static const char *header(void *self, const char *name)
{
    return rig_foreign_field(((struct request *)self)->env, name);
}

static int answer(void *self, int status, const char *type, const char *body)
{
    struct rig_response *res = ((struct request *)self)->res;
    return rig_respond_at(NULL, &(struct rig_reply){res, status, {{"Content-Type", type}}, .body = body});
}

/* Stands in the chain for each of its handlers. */
static int watched(struct ctx *ctx)
{
    struct request *request = ctx->transport->self;
    const struct entry *entry = &request->chain[ctx->at - 1];
    const struct rig_foreign layer = {.name = entry->name, .object = ctx, .kind = "ctx"};
    struct rig_visit *visit = rig_foreign_enter(request->env, request->res, &layer);
    return visit ? rig_foreign_leave(visit, entry->call(ctx)) : -ENOMEM;
}

static int call(void *chain, struct rig_env *env, struct rig_response *res)
{
    struct request *request = rig_env_alloc(env, sizeof *request); /* poisoned with the request's memory */
    if (!request) {
        return -ENOMEM;
    }
    *request = (struct request){{read_body, header, answer, request}, env, res, chain, {{NULL, NULL}}, {0}};
    for (size_t i = 0; i < 15 && request->chain[i].call; i++) {
        request->watched[i] = (struct entry){request->chain[i].name, watched};
    }
    const char *method = rig_env_get(env, "REQUEST_METHOD"), *path = rig_env_get(env, "PATH_INFO");
    request->ctx = (struct ctx){&request->transport, request->watched, 0, method, path, NULL};
    return chain_next(&request->ctx);
}

struct rig_app in_house_app(const struct entry *chain)
{
    return (struct rig_app){.name = "in_house", .call = call, .self = (void *)(uintptr_t)chain};
}
