/* Response bodies: one that a layer took is closed once, by that layer, and not read afterwards; one that the rig pulls
 * does not break off. */
#include "harness/checks/checks.h"

#include <stdio.h>

struct body {
    const struct rig_guard *failed; /* the first that gave an error: the others only pass it on */
    const struct rig_guard *again;  /* the last that was read after its end */
    bool gave_more;                 /* and gave bytes then */
    bool reported, listening;
};

static int misused(struct rig_run *run, const struct rig_guard *guard, unsigned rule, const char *what)
{
    struct rig_find find = {.rule = rule, .site = guard->taken_at, .hop = guard->taken_by};
    return rig_find(run, &find, "%s %s the body it took", rig_check_layer(run, guard->taken_by), what);
}

/* A last look that gives nothing does no harm. */
static int on_read_again(struct body *body, struct rig_run *run, const struct rig_event *event)
{
    const struct rig_guard *guard = event->guard;
    bool more = event->number > 0, told = body->again == guard && (body->gave_more || !more);
    if (told || !guard->taken) {
        return 0;
    }
    body->again = guard;
    body->gave_more = more;
    struct rig_find find = {.rule = RIG_RULE_BODY_CONSUMED_TWICE,
                            .level = more ? RIG_LEVEL_ERROR : RIG_LEVEL_NOTE,
                            .site = guard->taken_at,
                            .hop = guard->taken_by,
                            .follows = more ? NULL : "it gave nothing more: harmless, if nothing more was expected"};
    return rig_find(run, &find, "%s read the body it took again, after its end", rig_check_layer(run, guard->taken_by));
}

static int missing_file(struct body *body, struct rig_run *run, const struct rig_guard *guard)
{
    char path[160];
    (void)rig_check_printable(guard->file->path, strlen(guard->file->path), path, sizeof path);
    body->reported = true;
    return rig_find(run,
                    &(struct rig_find){.rule = RIG_RULE_BODY_TO_PATH_EXISTS, .site = guard->site, .hop = guard->hop},
                    "%s answered with the file \"%s\", which could not be opened (error %d)",
                    rig_check_layer(run, guard->hop), path, guard->file->missing);
}

static int on_read(struct body *body, struct rig_run *run, const struct rig_event *event)
{
    const struct rig_guard *guard = event->guard;
    if (event->facts & RIG_FACT_CLOSED) {
        return misused(run, guard, RIG_RULE_BODY_USED_AFTER_CLOSE, "read from, after closing it,");
    }
    if ((event->facts & RIG_FACT_ERROR) == 0) {
        return on_read_again(body, run, event);
    }
    if (guard->file && guard->file->missing && !body->reported) {
        return missing_file(body, run, guard);
    }
    body->failed = body->failed ? body->failed : guard;
    if (guard->taken || body->reported) {
        return 0; /* who took it may yet make up for it */
    }
    body->reported = true;
    struct rig_find find = {.rule = RIG_RULE_BODY_STREAM_FAILED, .site = body->failed->site, .hop = body->failed->hop};
    return rig_find(run, &find, "the response body of %s broke off with error %lld after the status was sent",
                    rig_check_layer(run, body->failed->hop), (long long)event->number);
}

static int not_closed(struct rig_run *run, const struct rig_guard *guard)
{
    const struct rig_evidence made = {"the body comes from here", guard->site};
    struct rig_find find = {.rule = RIG_RULE_MIDDLEWARE_INNER_BODY_NOT_CLOSED,
                            .level = guard->source.close ? RIG_LEVEL_ERROR : RIG_LEVEL_WARNING,
                            .site = guard->taken_at,
                            .hop = guard->taken_by,
                            .follows = guard->source.close ? NULL
                                                           : "this body held nothing that leaks; one that is read "
                                                             "from a file or a connection would",
                            .evidence = &made,
                            .evidence_count = guard->source.read != NULL};
    return rig_find(run, &find, "%s took the response body and never closed it", rig_check_layer(run, guard->taken_by));
}

static int on_end(struct rig_run *run)
{
    int error = 0;
    for (const struct rig_guard *guard = run->guards; guard && !error; guard = guard->sibling) {
        if (guard->taken && guard->closes == 0) {
            error = not_closed(run, guard);
        }
    }
    return error;
}

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    struct body *body = state;
    switch (event->kind) {
    case RIG_EVENT_BODY_READ:
        return on_read(body, run, event);
    case RIG_EVENT_BODY_CLOSE:
        return misused(run, event->guard, RIG_RULE_BODY_CLOSED_TWICE, "closed again");
    case RIG_EVENT_TAKE:
        if (!body->listening) {
            body->listening = true;
            rig_listen(run, body, RIG_EVENT_END, RIG_FACT_ALWAYS);
        }
        return 0;
    default:
        return on_end(run);
    }
}

const struct rig_check rig_check_body = {
    .name = "body",
    .wants = {{RIG_EVENT_BODY_READ, RIG_FACT_CLOSED | RIG_FACT_ERROR | RIG_FACT_AGAIN},
              {RIG_EVENT_BODY_CLOSE, RIG_FACT_AGAIN},
              {RIG_EVENT_TAKE, RIG_FACT_ALWAYS}},
    .state_size = sizeof(struct body),
    .on_event = on_event};
