/* The mend: only 0 is the end. What was interrupted is read again, and of what failed nothing is stored. */
#include "api.h"

#include <errno.h>
#include <stdlib.h>

#include "../head.h"

/* CGI's body just ends when the client goes away: its length alone tells. */
static bool is_whole(const struct rig_env *env, size_t size)
{
    const char *length = rig_env_get(env, "CONTENT_LENGTH");
    return !length || strtoull(length, NULL, 10) == size;
}

static int uploads(void *self, struct rig_env *env, struct rig_response *res)
{
    struct upload upload = {.size = 0};
    struct rig_input *body = rig_env_input(env);
    char text[32];
    int64_t got;
    (void)self;
    do {
        size_t room = sizeof upload.bytes - upload.size;
        got = rig_input_read(body, upload.bytes + upload.size, room);
        upload.size += got > 0 ? (size_t)got : 0;
    } while ((got > 0 || got == -EINTR || got == -EAGAIN) && upload.size < sizeof upload.bytes);
    if (got > 0) {
        return rig_respond(res, .status = 413, .headers = {{"Connection", "close"}});
    }
    if (got < 0 || !is_whole(env, upload.size)) {
        return rig_respond(res, .status = 400);
    }
    return rig_respond(res, .status = 201, .body = unless_head(env, store(&upload, text, sizeof text)));
}

static int build(struct rig_stack *stack, const struct rig_setup *setup)
{
    (void)setup;
    return rig_run(stack, RIG_APP(uploads));
}

RIG_EXPORT(build);
