#define _GNU_SOURCE

#include "harness/cli/run/watch.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <stackrig/client.h>

/* A check's callback is given no closure; the worker has one watch. */
static struct {
    struct rig_watch *shared;
    const char *shown; /* the layer that the watch shows */
    unsigned shown_number;
    unsigned depth;
    struct {
        const char *layer, *site;
        unsigned number;
    } path[RIG_WATCH_DEPTH];
} now;

static int memory = -1;

static struct rig_watch *map(int fd)
{
    void *shared = mmap(NULL, sizeof(struct rig_watch), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return shared == MAP_FAILED ? NULL : shared;
}

struct rig_watch *rig_watch_new(void)
{
    memory = memfd_create("stackrig-watch", MFD_CLOEXEC);
    return memory >= 0 && ftruncate(memory, sizeof(struct rig_watch)) == 0 ? map(memory) : NULL;
}

int rig_watch_descriptor(void)
{
    return memory;
}

struct rig_watch *rig_watch_at(int fd)
{
    struct rig_watch *watch = map(fd);
    (void)close(fd);
    return watch;
}

void rig_watch_free(struct rig_watch *watch)
{
    if (watch) {
        munmap(watch, sizeof *watch);
    }
    if (memory >= 0) {
        (void)close(memory);
        memory = -1;
    }
}

void rig_watch_settle(struct rig_watch *copy)
{
    char *const strings[] = {copy->layer, copy->layer_site, copy->last_site, copy->rule, copy->fault};
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        strings[i][RIG_WATCH_TEXT - 1] = '\0';
    }
    if (copy->rule[0]) {
        copy->layer[0] = copy->layer_site[0] = copy->last_site[0] = '\0';
        copy->layer_number = 0;
    }
}

/* A few times a request. */
static void keep(char *text, const char *string)
{
    size_t size = string ? strnlen(string, RIG_WATCH_TEXT - 1) : 0;
    memcpy(text, string ? string : "", size);
    text[size] = '\0';
}

static void show(const char *layer, const char *site, unsigned number)
{
    keep(now.shared->layer, layer);
    keep(now.shared->layer_site, site);
    now.shared->layer_number = number;
    keep(now.shared->last_site, NULL);
    now.shown = layer;
    now.shown_number = number;
}

/* The layer that is entered and has not returned. */
static void show_entered(void)
{
    bool known = now.depth > 0 && now.depth <= RIG_WATCH_DEPTH;
    show(known ? now.path[now.depth - 1].layer : NULL, known ? now.path[now.depth - 1].site : NULL,
         known ? now.path[now.depth - 1].number : 0);
}

static void enter(const struct rig_hop *hop)
{
    if (now.depth < RIG_WATCH_DEPTH) {
        now.path[now.depth].layer = hop->layer;
        now.path[now.depth].site = hop->layer_site;
        now.path[now.depth].number = hop->layer_number;
    }
    now.depth++;
    show_entered();
}

/* Bodies and destructors are a layer's code that runs where it is not entered. */
static void follow(const struct rig_event *event)
{
    const struct rig_hop *hop = event->hop;
    bool ended = !hop && (event->kind == RIG_EVENT_BODY_CALL || event->kind == RIG_EVENT_DESTROY);
    if (ended) {
        show_entered();
    } else if (hop && (hop->layer != now.shown || hop->layer_number != now.shown_number)) {
        show(hop->layer, hop->layer_site, hop->layer_number);
    }
    if (event->site) {
        keep(now.shared->last_site, event->site);
    }
}

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    (void)state;
    (void)run;
    if (event->kind == RIG_EVENT_ENTER && event->hop) {
        enter(event->hop);
    } else if (event->kind == RIG_EVENT_LEAVE && now.depth) {
        now.depth--;
        show_entered();
    } else {
        follow(event);
    }
    return 0;
}

static void on_look(const char *rule)
{
    keep(now.shared->rule, rule);
}

static const struct rig_check watch_check = {.name = "watch",
                                             .wants = {{RIG_EVENT_ENTER, RIG_FACT_ALWAYS},
                                                       {RIG_EVENT_LEAVE, RIG_FACT_ALWAYS},
                                                       {RIG_EVENT_NEXT, RIG_FACT_ALWAYS},
                                                       {RIG_EVENT_NEXT_RETURN, RIG_FACT_ALWAYS},
                                                       {RIG_EVENT_ENV_GET, RIG_FACT_ALWAYS},
                                                       {RIG_EVENT_ENV_SET, RIG_FACT_ALWAYS},
                                                       {RIG_EVENT_ENV_UNSET, RIG_FACT_ALWAYS},
                                                       {RIG_EVENT_INPUT_READ, RIG_FACT_ALWAYS},
                                                       {RIG_EVENT_INPUT_REWIND, RIG_FACT_ALWAYS},
                                                       {RIG_EVENT_INPUT_DRAIN, RIG_FACT_ALWAYS},
                                                       {RIG_EVENT_STATUS, RIG_FACT_ALWAYS},
                                                       {RIG_EVENT_HEADER, RIG_FACT_ALWAYS},
                                                       {RIG_EVENT_WRITE, RIG_FACT_ALWAYS},
                                                       {RIG_EVENT_STREAM, RIG_FACT_ALWAYS},
                                                       {RIG_EVENT_BODY_CALL, RIG_FACT_ALWAYS},
                                                       {RIG_EVENT_DESTROY, RIG_FACT_ALWAYS},
                                                       {RIG_EVENT_LOG, RIG_FACT_ALWAYS}},
                                             .on_event = on_event,
                                             .on_look = on_look};

/* What it takes to tell the layer. */
static const struct rig_check layers_check = {.name = "layers",
                                              .wants = {{RIG_EVENT_ENTER, RIG_FACT_ALWAYS},
                                                        {RIG_EVENT_LEAVE, RIG_FACT_ALWAYS},
                                                        {RIG_EVENT_BODY_CALL, RIG_FACT_ALWAYS},
                                                        {RIG_EVENT_DESTROY, RIG_FACT_ALWAYS}},
                                              .on_event = on_event,
                                              .on_look = on_look};

static const struct rig_check_set *all_behind(const struct rig_check *first, struct rig_watch *watch)
{
    static const struct rig_check *checks[RIG_CHECKS_MAX];
    static struct rig_check_set set = {.checks = checks};
    now.shared = watch;
    set.count = 0;
    checks[set.count++] = first;
    for (size_t i = 0; i < rig_checks_all.count && set.count < RIG_CHECKS_MAX; i++) {
        checks[set.count++] = rig_checks_all.checks[i];
    }
    return set.count == rig_checks_all.count + 1 ? &set : NULL;
}

const struct rig_check_set *rig_watch_checks(struct rig_watch *watch)
{
    return all_behind(&watch_check, watch);
}

const struct rig_check_set *rig_watch_layers(struct rig_watch *watch)
{
    return all_behind(&layers_check, watch);
}

void rig_watch_fault(const char *fault)
{
    keep(now.shared->fault, fault);
}

bool rig_watch_skips(const char *fault)
{
    return rig_skips_has(&now.shared->skips, fault);
}

bool rig_watch_begin(uint32_t number)
{
    uint32_t stop = now.shared->skips.stop;
    now.shared->begun = number;
    return stop > 0 && number >= stop;
}

void rig_watch_clear(void)
{
    now.depth = 0;
    on_look(NULL);
    show_entered();
}
