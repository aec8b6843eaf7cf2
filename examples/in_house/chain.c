#include "chain.h"

#include <errno.h>
#include <string.h>

int chain_next(struct ctx *ctx)
{
    const struct entry *entry = &ctx->chain[ctx->at];
    if (!entry->call) {
        return ctx->transport->answer(ctx->transport->self, 404, "text/plain", "not found");
    }
    ctx->at++;
    return entry->call(ctx);
}

static int answer(const struct ctx *ctx, int status, const char *body)
{
    return ctx->transport->answer(ctx->transport->self, status, "text/plain", body);
}

static int drain(const struct ctx *ctx)
{
    char piece[512];
    long got;
    do {
        got = ctx->transport->read(ctx->transport->self, piece, sizeof piece);
    } while (got > 0);
    return (int)got;
}

/* ---- layers ---- */

/* Counts who came by: after the rest of the chain ctx->user is there, if it is anybody. */
static unsigned known, unknown;

static int accounting(struct ctx *ctx)
{
    int returned = chain_next(ctx);
    if (ctx->user) {
        known++;
    } else {
        unknown++;
    }
    return returned;
}

static const char *user_of(const struct ctx *ctx)
{
    const char *token = ctx->transport->header(ctx->transport->self, "X-Api-Key");
    return token && strcmp(token, "k-ada") == 0 ? "ada" : NULL;
}

/* Answers before the body is read. */
static int hasty_auth(struct ctx *ctx)
{
    ctx->user = user_of(ctx);
    return ctx->user ? chain_next(ctx) : answer(ctx, 401, "who are you?");
}

static int auth(struct ctx *ctx)
{
    ctx->user = user_of(ctx);
    if (ctx->user) {
        return chain_next(ctx);
    }
    int error = drain(ctx);
    return error ? error : answer(ctx, 401, "who are you?");
}

/* Hands on a context of its own: what is set in it below, nobody above will see. */
static int copying_version(struct ctx *ctx)
{
    struct ctx versioned = *ctx;
    versioned.path += strncmp(ctx->path, "/v2", 3) == 0 ? 3 : 0;
    return chain_next(&versioned);
}

static int version(struct ctx *ctx)
{
    ctx->path += strncmp(ctx->path, "/v2", 3) == 0 ? 3 : 0;
    return chain_next(ctx);
}

static int items(struct ctx *ctx)
{
    if (strcmp(ctx->path, "/items") != 0) {
        return chain_next(ctx);
    }
    int error = drain(ctx);
    return error ? error : answer(ctx, 200, "items");
}

const struct entry chain_broken[] = {
    {"accounting", accounting}, {"version", copying_version}, {"auth", hasty_auth}, {"items", items}, {NULL, NULL}};
const struct entry chain_mended[] = {
    {"accounting", accounting}, {"version", version}, {"auth", auth}, {"items", items}, {NULL, NULL}};
