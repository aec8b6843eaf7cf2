/* A layer that reads the answer of the layers below: an ETag of the body, 304 when the client has it already. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int etag(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    if (error || rig_response_status(res) != 200) {
        return error;
    }
    struct rig_source body = rig_response_take_body(res);
    if (!body.read) {
        return -1;
    }
    uint32_t hash = 2166136261u;
    unsigned char piece[512];
    int64_t size;
    while ((size = body.read(body.self, piece, sizeof piece)) > 0) {
        for (int64_t i = 0; i < size; i++) {
            hash = (hash ^ piece[i]) * 16777619u;
        }
        rig_response_write(res, piece, (size_t)size); /* puts it back */
    }
    if (body.close) {
        body.close(body.self);
    }
    char tag[16];
    snprintf(tag, sizeof tag, "\"%08" PRIx32 "\"", hash);
    rig_response_set_header(res, "ETag", tag);
    const char *known = rig_env_get(env, "HTTP_IF_NONE_MATCH");
    if (size == 0 && known && strcmp(known, tag) == 0) {
        return rig_respond(res, .status = 304, .headers = {{"Content-Type", NULL}});
    }
    return (int)size;
}
static const struct rig_middleware etag_layer = {.name = "etag", .call = etag};

int main(void)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    rig_use(stack, &etag_layer);
    rig_run(stack, rig_scripted({.headers = {{"Content-Type", "text/plain"}}, .body = "Hello"}));
    struct rig_client *client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){0});

    const struct rig_result *first = rig_get(client, "/");
    rig_assert(first, .status = 200, .body = "Hello", .headers = {{"ETag", "\"f55c314b\""}});
    const struct rig_result *again =
        rig_get(client, "/", .headers = {{"If-None-Match", rig_result_header(first, "ETag")}});
    rig_assert(again, .status = 304, .body = "", .headers = {{"ETag", "\"f55c314b\""}, {"Content-Type", NULL}});

    rig_client_free(client);
    rig_stack_free(stack);
    return 0;
}
