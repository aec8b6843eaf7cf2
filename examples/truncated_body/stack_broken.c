/* The truncated body: a read that fails is taken for the end, and half an upload is stored as if it were all. */
#include "api.h"

static int uploads(void *self, struct rig_env *env, struct rig_response *res)
{
    struct upload upload = {.size = 0};
    struct rig_input *body = rig_env_input(env);
    char text[32];
    int64_t got;
    (void)self;
    do {
        size_t room = sizeof upload.bytes - upload.size;
        got = rig_input_read(body, upload.bytes + upload.size, room); /* demo: read */
        upload.size += got > 0 ? (size_t)got : 0;
    } while (got > 0 && upload.size < sizeof upload.bytes);
    if (got > 0) {
        return rig_respond(res, .status = 413, .headers = {{"Connection", "close"}});
    }
    return rig_respond(res, .status = 201, .body = store(&upload, text, sizeof text)); /* demo: stored */
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(uploads));
}

RIG_EXPORT(build);
