/* An upload of 8 MiB that never exists in memory: the request body comes from a source. With its size known it has a
 * Content-Length, without it is chunked. */
#include <stackrig/expect.h>
#include <stackrig/stackrig.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define UPLOAD_SIZE (8u << 20)

static int64_t letters_read(void *self, void *buffer, size_t size)
{
    size_t *left = self;
    size_t count = size < *left ? size : *left;
    memset(buffer, 'a', count);
    *left -= count;
    return (int64_t)count;
}

static int count_bytes(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char piece[4096], answer[32];
    int64_t count, total = 0;
    while ((count = rig_input_read(rig_env_input(env), piece, sizeof piece)) > 0) {
        total += count;
    }
    if (count < 0) {
        return (int)count;
    }
    snprintf(answer, sizeof answer, "%" PRId64 " bytes", total);
    return rig_respond(res, .body = answer);
}

int main(void)
{
    struct rig_client *client = rig_client_new(RIG_APP(count_bytes), (struct rig_client_options){0});

    size_t left = UPLOAD_SIZE;
    rig_assert(rig_put(client, "/file", .source = {.read = letters_read, .self = &left}, .source_size = UPLOAD_SIZE),
               .status = 200, .body = "8388608 bytes");
    left = 5;
    rig_assert(rig_put(client, "/file", .source = {.read = letters_read, .self = &left}), .body = "5 bytes");
    bool small = rig_client_memory(client) < UPLOAD_SIZE;

    rig_client_free(client);
    return small ? 0 : 1;
}
