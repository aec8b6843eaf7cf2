/* A layer passes on the env that it was given. If it passes on another, what is written below into that one is lost to
 * the layers above: each such write is kept until the end, with the first layer above that looked for it. */
#include "harness/checks/checks.h"

#include <errno.h>
#include <stdio.h>

/* One hand-over of another env. */
struct replaced {
    struct replaced *next;
    const struct rig_env *upper, *lower; /* what the layer was given; what it passed on */
    const char *site;
    unsigned hop, first_below; /* the layer; hops from first_below on are below the hand-over */
};

/* One name that was written or unset in the lower env. */
struct lost {
    struct lost *next;
    const struct replaced *by;
    struct rig_entry written; /* as it stood when the hand-over came back */
    const char *sought_at;
    unsigned seeker;
    bool sought, found_older;
};

struct identity {
    struct replaced *replaced;
    struct lost *lost, *last;
};

/* ---- the hand-over ---- */

static int report_replaced(struct rig_run *run, const struct replaced *replaced)
{
    const struct rig_env *lower = replaced->lower;
    char text[200];
    unsigned long long serial = lower->handle.serial;
    if (lower->copied_from == 0) {
        (void)snprintf(text, sizeof text, "env#%llu is the request's own env, not a copy", serial);
    } else {
        (void)snprintf(text, sizeof text, "%s copied env#%llu here: env#%llu, %llu bytes",
                       rig_check_layer(run, lower->copied_by), (unsigned long long)lower->copied_from, serial,
                       (unsigned long long)lower->copied_bytes);
    }
    const struct rig_evidence evidence = {text, lower->copied_at};
    struct rig_find find = {.rule = RIG_RULE_ENV_IDENTITY_REPLACED,
                            .site = replaced->site,
                            .hop = replaced->hop,
                            .evidence = &evidence,
                            .evidence_count = 1};
    return rig_find(run, &find, "%s was given env#%llu and passed on env#%llu", rig_check_layer(run, replaced->hop),
                    (unsigned long long)replaced->upper->handle.serial, serial);
}

static struct replaced *find_replaced(const struct identity *identity, unsigned hop, const struct rig_env *lower)
{
    struct replaced *at = identity->replaced;
    while (at && (at->hop != hop || at->lower != lower)) {
        at = at->next;
    }
    return at;
}

/* What a foreign layer is given has no env: that it is another is all that can be seen. */
static int report_object(struct rig_run *run, const struct rig_event *event)
{
    char text[120];
    (void)snprintf(text, sizeof text, "what was written into one %s and not into the other cannot be seen from here",
                   event->name);
    const struct rig_evidence evidence = {text, NULL};
    struct rig_find find = {.rule = RIG_RULE_ENV_IDENTITY_REPLACED,
                            .site = event->site,
                            .hop = event->hop->number,
                            .mend = "pass on the one that you were given, and change that",
                            .evidence = &evidence,
                            .evidence_count = 1};
    return rig_find(run, &find, "%s was given %s#%llu and passed on %s#%llu", event->hop->layer, event->name,
                    (unsigned long long)event->size, event->name, (unsigned long long)event->number);
}

static int on_next(struct identity *identity, struct rig_run *run, const struct rig_event *event)
{
    if (event->facts & RIG_FACT_OTHER_OBJECT) {
        return report_object(run, event);
    }
    if (find_replaced(identity, event->hop->number, event->env)) {
        return 0; /* a second rig_next: next.call.twice says so */
    }
    struct replaced *replaced = rig_arena_alloc(&run->arena, sizeof *replaced);
    if (!replaced) {
        return -ENOMEM;
    }
    *replaced = (struct replaced){.next = identity->replaced,
                                  .upper = event->upper,
                                  .lower = event->env,
                                  .site = event->site,
                                  .hop = event->hop->number,
                                  .first_below = run->hop_count};
    identity->replaced = replaced;
    return report_replaced(run, replaced);
}

/* ---- what was written below ---- */

static bool same_name(const struct rig_entry *a, const struct rig_entry *b)
{
    return a->hash == b->hash && a->name_size == b->name_size && memcmp(a->name, b->name, a->name_size) == 0;
}

static const struct rig_entry *in_env(const struct rig_env *env, const struct rig_entry *entry)
{
    return rig_env_find(env, entry->name, entry->name_size, entry->hash);
}

/* Does env say of that name what was written below? Then nothing is lost, or it was put back. */
static bool agrees(const struct rig_env *env, const struct rig_entry *written)
{
    const struct rig_entry *here = in_env(env, written);
    if (!here || written->state == RIG_ENTRY_GONE) {
        return !here && written->state == RIG_ENTRY_GONE;
    }
    return here->state == written->state && here->object == written->object &&
           here->value_size == written->value_size &&
           (here->value_size == 0 || memcmp(here->value, written->value, here->value_size) == 0);
}

static int add_lost(struct identity *identity, struct rig_run *run, const struct replaced *by,
                    const struct rig_entry *entry)
{
    for (struct lost *at = identity->lost; at; at = at->next) {
        if (at->by == by && same_name(&at->written, entry)) {
            at->written = *entry; /* the later one */
            return 0;
        }
    }
    struct lost *lost = rig_arena_alloc(&run->arena, sizeof *lost);
    if (!lost) {
        return -ENOMEM;
    }
    *lost = (struct lost){.by = by, .written = *entry};
    if (identity->last) {
        identity->last->next = lost;
    } else {
        identity->lost = lost;
        rig_listen(run, identity, RIG_EVENT_ENV_GET, RIG_FACT_ALWAYS);
        rig_listen(run, identity, RIG_EVENT_END, RIG_FACT_ALWAYS);
    }
    identity->last = lost;
    return 0;
}

static int on_return(struct identity *identity, struct rig_run *run, const struct rig_event *event)
{
    const struct replaced *by = find_replaced(identity, event->hop->number, event->env);
    int error = 0;
    for (uint32_t i = 0; by && i < event->env->count && !error; i++) {
        const struct rig_entry *entry = &event->env->entries[i];
        bool below = entry->hop != RIG_NO_HOP && (int64_t)entry->hop >= event->number;
        bool set_again = entry->state == RIG_ENTRY_GONE && in_env(event->env, entry);
        if (below && !set_again && !agrees(by->upper, entry)) {
            error = add_lost(identity, run, by, entry);
        }
    }
    return error;
}

/* ---- who looked for it above ---- */

/* Is env the one that was replaced, or one that was replaced by that one further up? */
static bool is_above(const struct identity *identity, const struct rig_env *env, const struct rig_env *upper)
{
    for (const struct replaced *at = identity->replaced; env != upper && at; at = at->next) {
        if (at->lower == upper) { /* newest first, but the outer hand-over is older: one walk goes all the way up */
            upper = at->upper;
        }
    }
    return env == upper;
}

static void on_get(const struct identity *identity, const struct rig_event *event)
{
    for (struct lost *lost = identity->lost; lost; lost = lost->next) {
        const struct rig_entry *written = &lost->written;
        if (lost->sought || !event->hop || event->hop->number >= lost->by->first_below ||
            strcmp(event->name, written->name) != 0 || !is_above(identity, event->env, lost->by->upper) ||
            agrees(event->env, written)) {
            continue;
        }
        lost->sought = true;
        lost->seeker = event->hop->number;
        lost->sought_at = event->site;
        lost->found_older = in_env(event->env, written) != NULL;
    }
}

/* ---- the report ---- */

static int report_lost(struct rig_run *run, const struct lost *lost)
{
    const char *layer = rig_check_layer(run, lost->by->hop), *name = lost->written.name;
    const char *writer = rig_check_layer(run, lost->written.hop);
    bool unset = lost->written.state == RIG_ENTRY_GONE;
    char write[300], copy[200], seek[300];
    (void)snprintf(write, sizeof write, "%s %s %s in env#%llu here", writer, unset ? "unset" : "set", name,
                   (unsigned long long)lost->by->lower->handle.serial);
    (void)snprintf(copy, sizeof copy, "%s copied env#%llu here", rig_check_layer(run, lost->by->lower->copied_by),
                   (unsigned long long)lost->by->lower->copied_from);
    (void)snprintf(seek, sizeof seek, "%s looked for %s in env#%llu here and got %s",
                   rig_check_layer(run, lost->seeker), name, (unsigned long long)lost->by->upper->handle.serial,
                   unset               ? "what was unset"
                   : lost->found_older ? "an older value"
                                       : "nothing");
    struct rig_evidence evidence[3] = {{write, lost->written.site}};
    size_t count = 1;
    if (lost->by->lower->copied_from) {
        evidence[count++] = (struct rig_evidence){copy, lost->by->lower->copied_at};
    }
    if (lost->sought) {
        evidence[count++] = (struct rig_evidence){seek, lost->sought_at};
    }
    struct rig_find find = {.rule = RIG_RULE_ENV_IDENTITY_LOST_WRITE,
                            .level = lost->sought ? RIG_LEVEL_ERROR : RIG_LEVEL_WARNING,
                            .site = lost->by->site,
                            .hop = lost->by->hop,
                            .subject = name,
                            .evidence = evidence,
                            .evidence_count = count};
    return rig_find(run, &find,
                    unset ? "%s passed on another env: %s is still set above, though %s below unset it"
                          : "%s passed on another env: %s is lost above, though %s below set it",
                    layer, name, writer);
}

static int on_end(const struct identity *identity, struct rig_run *run)
{
    int error = 0;
    for (const struct lost *lost = identity->lost; lost && !error; lost = lost->next) {
        if (lost->sought || !agrees(lost->by->upper, &lost->written)) {
            error = report_lost(run, lost);
        }
    }
    return error;
}

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    struct identity *identity = state;
    switch (event->kind) {
    case RIG_EVENT_NEXT:
        return on_next(identity, run, event);
    case RIG_EVENT_NEXT_RETURN:
        return on_return(identity, run, event);
    case RIG_EVENT_ENV_GET:
        on_get(identity, event);
        return 0;
    default:
        return on_end(identity, run);
    }
}

const struct rig_check rig_check_identity = {.name = "identity",
                                             .wants = {{RIG_EVENT_NEXT, RIG_FACT_OTHER_ENV | RIG_FACT_OTHER_OBJECT},
                                                       {RIG_EVENT_NEXT_RETURN, RIG_FACT_OTHER_ENV}},
                                             .state_size = sizeof(struct identity),
                                             .on_event = on_event};
