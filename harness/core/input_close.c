/* A body that a layer has closed: what is asked of it afterwards is an error. */
#include "harness/core/run.h"

#include <errno.h>

int rig_input_used(struct rig_run *run, const char *site, const struct rig_input *body, const char *call)
{
    (void)rig_misuse(run, RIG_MISUSE_INPUT_CLOSED, site, "%s came after the body was closed at %s", call,
                     body->closed_at ? body->closed_at : "a place that is not known");
    return -EBADF;
}

/* What the connection holds is the server's: its source is closed when the request ends. */
int rig_input_close_at(const char *site, struct rig_input *input)
{
    struct rig_run *run = rig_live(site, input ? &input->handle : NULL, RIG_HANDLE_INPUT, "rig_input_close");
    if (!run) {
        return rig_live_error(input ? &input->handle : NULL);
    }
    struct rig_input *body = rig_input_body(input);
    run->tally.body_closes++;
    if (body->failed == 0) {
        body->failed = -EBADF;
        body->closed = true;
        body->closed_at = site;
    }
    if (body->replaced && body->source.close) {
        void (*close)(void *) = body->source.close;
        body->source.close = NULL;
        close(body->source.self);
    }
    return 0;
}
