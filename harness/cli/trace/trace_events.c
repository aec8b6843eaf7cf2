#define _POSIX_C_SOURCE 200809L

#include "harness/cli/trace/trace_events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <stackrig/preload.h>

#include "harness/cli/trace/trace_headers.h"
#include "harness/core/run.h"
#include "harness/report/mask.h"
#include "harness/core/wall.h"

#define DEPTH_MAX 64
#define LINE_SIZE 8192
#define ABSENT "absent"

/* A value that some env had, for the next write's "before". */
struct shadow {
    uint64_t env;
    char *name, *text, *size; /* as they are written */
};

/* Without what writing this down has taken. */
struct cost {
    int64_t wall;
    uint64_t allocations;
};

/* A check's callback is given no closure; a process has one run at a time. */
static struct {
    FILE *file;
    struct shadow *shadows;
    size_t count, capacity;
    struct cost entered[DEPTH_MAX], here; /* on entering; when the event came */
    struct cost own;                      /* of the writing */
    size_t depth;
    struct rig_malloc_fault memory;
    bool counts;
} now;

/* ---- lines ---- */

static void field(const char *string)
{
    char line[LINE_SIZE];
    struct rig_text text;
    rig_text_start(&text, line, sizeof line);
    rig_text_escape(&text, string);
    fprintf(now.file, "\t%s", line);
}

static void number(long long value)
{
    fprintf(now.file, "\t%lld", value);
}

/* UINT64_MAX: unknown. */
static void size_field(uint64_t value)
{
    if (value == UINT64_MAX) {
        fputs("\t-", now.file);
    } else {
        fprintf(now.file, "\t%llu", (unsigned long long)value);
    }
}

static void begin(const char *kind, const struct rig_event *event, const char *site)
{
    fprintf(now.file, "V\t%s\t", kind);
    if (event->hop) {
        fprintf(now.file, "%u", event->hop->number);
    } else {
        fputs("-", now.file);
    }
    field(site);
}

static void end(void)
{
    fputc('\n', now.file);
}

static void layer_field(const struct rig_hop *hop)
{
    char name[256];
    snprintf(name, sizeof name, hop->layer_number > 1 ? "%s #%u" : "%s", hop->layer, hop->layer_number);
    field(name);
}

static void env_field(uint64_t serial)
{
    fprintf(now.file, "\tenv#%llu", (unsigned long long)serial);
}

static void env_line(const char *kind, const struct rig_event *event)
{
    begin(kind, event, event->site);
    env_field(event->env ? event->env->handle.serial : 0);
    end();
}

static void number_line(const char *kind, const struct rig_event *event, long long value)
{
    begin(kind, event, event->site);
    number(value);
    end();
}

/* ---- values before a write ---- */

static struct shadow *shadow_of(uint64_t env, const char *name)
{
    for (size_t i = 0; i < now.count; i++) {
        if (now.shadows[i].env == env && strcmp(now.shadows[i].name, name) == 0) {
            return &now.shadows[i];
        }
    }
    return NULL;
}

static void shadow_free(struct shadow *shadow)
{
    free(shadow->name);
    free(shadow->text);
    free(shadow->size);
}

static void forget(void)
{
    for (size_t i = 0; i < now.count; i++) {
        shadow_free(&now.shadows[i]);
    }
    now.count = 0;
}

static struct shadow *room_for_one(void)
{
    if (now.count == now.capacity) {
        size_t grown = now.capacity ? now.capacity * 2 : 64;
        struct shadow *fresh = realloc(now.shadows, grown * sizeof *now.shadows);
        if (!fresh) {
            return NULL;
        }
        now.shadows = fresh;
        now.capacity = grown;
    }
    return &now.shadows[now.count];
}

/* Without memory the trace says "absent" of what was there: -ENOMEM tells it, as of every check. */
static int remember(uint64_t env, const char *name, const char *text, const char *size)
{
    struct shadow *shadow = shadow_of(env, name);
    struct shadow fresh = {.env = env, .name = strdup(name), .text = strdup(text), .size = strdup(size)};
    if (!fresh.name || !fresh.text || !fresh.size || (!shadow && !room_for_one())) {
        shadow_free(&fresh);
        return -ENOMEM;
    }
    if (shadow) {
        shadow_free(shadow);
        *shadow = fresh;
    } else {
        now.shadows[now.count++] = fresh;
    }
    return 0;
}

/* A value as it is shown, and its size; the size of a secret is a part of it. */
static void tell_value(struct rig_text *text, char size[32], const char *name, const void *value, size_t bytes)
{
    if (!value) {
        rig_text_add(text, "an object");
        snprintf(size, 32, "object");
        return;
    }
    rig_text_value_bytes(text, name, value, bytes);
    if (rig_name_sensitive(name, strlen(name))) {
        snprintf(size, 32, "masked");
    } else {
        snprintf(size, 32, "%zu", bytes);
    }
}

static int remember_all(const struct rig_env *env)
{
    char line[LINE_SIZE], size[32];
    struct rig_text text;
    int error = 0;
    for (uint32_t i = 0; i < env->count; i++) {
        const struct rig_entry *entry = &env->entries[i];
        if (entry->state != RIG_ENTRY_GONE) {
            rig_text_start(&text, line, sizeof line);
            tell_value(&text, size, entry->name, entry->value, entry->value_size);
            error = remember(env->handle.serial, entry->name, line, size) ? -ENOMEM : error;
        }
    }
    return error;
}

static int write_entry(const struct rig_event *event)
{
    char line[LINE_SIZE], size[32] = ABSENT;
    struct rig_text text;
    uint64_t env = event->env->handle.serial;
    const struct shadow *before = shadow_of(env, event->name);
    bool set = event->kind == RIG_EVENT_ENV_SET;
    rig_text_start(&text, line, sizeof line);
    if (set) {
        tell_value(&text, size, event->name, event->value, event->size);
    } else {
        rig_text_add(&text, ABSENT);
    }
    begin(set ? "set" : "unset", event, event->site);
    field(event->name);
    fprintf(now.file, "\t%s\t%s\t%s\t%s", before ? before->text : ABSENT, line, before ? before->size : ABSENT, size);
    env_field(env);
    end();
    return remember(env, event->name, line, size);
}

/* ---- events ---- */

static void enter(const struct rig_event *event, const struct rig_run *run)
{
    const struct rig_hop *hop = event->hop;
    begin("enter", event, hop->layer_site);
    layer_field(hop);
    env_field(hop->env_id);
    number(hop->is_app);
    number(hop->parent);
    number(hop->exchange);
    number(hop->status_in);
    size_field(hop->body.offered);
    number(run->runner->now);
    field(hop->entered_at);
    end();
    if (now.depth < DEPTH_MAX) {
        now.entered[now.depth] = now.here;
    }
    now.depth++;
}

static void leave(const struct rig_event *event, const struct rig_run *run)
{
    const struct rig_hop *hop = event->hop;
    now.depth -= now.depth > 0;
    struct cost before = now.depth < DEPTH_MAX ? now.entered[now.depth] : now.here;
    begin("leave", event, hop->layer_site);
    layer_field(hop);
    number(event->number);
    number(hop->status_out);
    number(hop->answered);
    number(hop->next_calls);
    size_field(hop->body.read);
    size_field(hop->body.drained);
    number(hop->body.reads);
    number(hop->body.rewinds);
    number(now.here.wall - before.wall);
    number(run->runner->now);
    if (now.counts) {
        size_field(now.here.allocations - before.allocations);
    } else {
        size_field(UINT64_MAX);
    }
    field(hop->left_at);
    end();
}

static void header(const struct rig_event *event)
{
    char line[LINE_SIZE], size[32];
    struct rig_text text;
    rig_text_start(&text, line, sizeof line);
    tell_value(&text, size, event->name, event->value ? event->value : "", event->size);
    begin("header", event, event->site);
    field(event->name);
    fprintf(now.file, "\t%s\t%s", line, size);
    if (event->hop) {
        layer_field(event->hop);
    }
    end();
}

static void replaced(void *closure, const struct rig_header *before, const struct rig_header *after)
{
    char line[LINE_SIZE], old[LINE_SIZE], size[32] = ABSENT, old_size[32];
    struct rig_text text;
    rig_text_start(&text, old, sizeof old);
    tell_value(&text, old_size, before->name, before->value, before->value_size);
    rig_text_start(&text, line, sizeof line);
    if (after) {
        tell_value(&text, size, after->name, after->value, after->value_size);
    } else {
        rig_text_add(&text, ABSENT);
    }
    begin("replace", &(struct rig_event){.hop = closure}, after ? after->site : NULL);
    field(before->name);
    fprintf(now.file, "\t%s\t%s\t%s\t%s", old, line, old_size, size);
    end();
}

/* Whatever came between two events was done by the layer that has the second; what stands before a layer is entered, by
 * the one that called it. */
static int look_at_headers(const struct rig_event *event, struct rig_run *run)
{
    struct rig_hop *hop = &run->hops[event->hop->number];
    if (event->kind == RIG_EVENT_ENTER) {
        hop = &run->hops[hop->parent];
    }
    return run->response ? rig_trace_headers_look(run->response, replaced, hop) : 0;
}

static void log_line(const struct rig_event *event)
{
    char line[LINE_SIZE];
    struct rig_text text;
    rig_text_start(&text, line, sizeof line);
    size_t size = event->size - (event->size > 0 && event->value[event->size - 1] == '\n');
    (void)rig_text_free_bytes(&text, event->value, size);
    begin("log", event, event->site);
    fprintf(now.file, "\t%s\n", line);
}

static int write_event(const struct rig_event *event, const struct rig_run *run)
{
    switch (event->kind) {
    case RIG_EVENT_ENTER:
        enter(event, run);
        return 0;
    case RIG_EVENT_LEAVE:
        leave(event, run);
        return 0;
    case RIG_EVENT_NEXT:
        env_line("next", event);
        return 0;
    case RIG_EVENT_ENV_SET:
    case RIG_EVENT_ENV_UNSET:
        return write_entry(event);
    case RIG_EVENT_ENV_COPY:
        env_line("copy", event);
        return remember_all(event->env);
    case RIG_EVENT_INPUT_READ:
        number_line("read", event, event->number);
        return 0;
    case RIG_EVENT_INPUT_DRAIN:
        number_line("drain", event, event->number);
        return 0;
    case RIG_EVENT_INPUT_REWIND:
        number_line("rewind", event, event->number);
        return 0;
    case RIG_EVENT_STATUS:
        number_line("status", event, event->number);
        return 0;
    case RIG_EVENT_WRITE:
        number_line("write", event, event->number < 0 ? event->number : (long long)event->size);
        return 0;
    case RIG_EVENT_STREAM:
        begin("stream", event, event->site);
        end();
        return 0;
    case RIG_EVENT_HEADER:
        header(event);
        return 0;
    default:
        log_line(event);
        return 0;
    }
}

/* What this costs is taken off what the layers are said to cost. */
static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    (void)state;
    if (!now.file) {
        return 0;
    }
    int64_t begun = rig_wall_ns();
    uint64_t asked = now.memory.asked;
    int error = 0;
    now.here = (struct cost){.wall = begun - now.own.wall, .allocations = asked - now.own.allocations};
    if (event->kind == RIG_EVENT_BEGIN) {
        now.depth = 0;
        forget();
        rig_trace_headers_forget();
        error = remember_all(event->env);
    } else if (event->hop || (event->kind != RIG_EVENT_ENTER && event->kind != RIG_EVENT_LEAVE)) {
        bool goes_out = event->kind == RIG_EVENT_HEADER || !event->hop;
        error = goes_out ? 0 : look_at_headers(event, run);
        int written = write_event(event, run);
        error = error ? error : written;
    }
    now.own.allocations += now.memory.asked - asked;
    now.own.wall += rig_wall_ns() - begun;
    return error;
}

const struct rig_check rig_check_trace = {.name = "trace",
                                          .wants = {{RIG_EVENT_BEGIN, RIG_FACT_ALWAYS},
                                                    {RIG_EVENT_ENTER, RIG_FACT_ALWAYS},
                                                    {RIG_EVENT_LEAVE, RIG_FACT_ALWAYS},
                                                    {RIG_EVENT_NEXT, RIG_FACT_ALWAYS},
                                                    {RIG_EVENT_ENV_SET, RIG_FACT_ALWAYS},
                                                    {RIG_EVENT_ENV_UNSET, RIG_FACT_ALWAYS},
                                                    {RIG_EVENT_ENV_COPY, RIG_FACT_ALWAYS},
                                                    {RIG_EVENT_INPUT_READ, RIG_FACT_ALWAYS},
                                                    {RIG_EVENT_INPUT_DRAIN, RIG_FACT_ALWAYS},
                                                    {RIG_EVENT_INPUT_REWIND, RIG_FACT_ALWAYS},
                                                    {RIG_EVENT_STATUS, RIG_FACT_ALWAYS},
                                                    {RIG_EVENT_WRITE, RIG_FACT_ALWAYS},
                                                    {RIG_EVENT_STREAM, RIG_FACT_ALWAYS},
                                                    {RIG_EVENT_HEADER, RIG_FACT_ALWAYS},
                                                    {RIG_EVENT_LOG, RIG_FACT_ALWAYS}},
                                          .on_event = on_event};

void rig_trace_write(FILE *file)
{
    now.file = file;
    now.counts = now.counts || (file && rig_malloc_fault_arm(&now.memory) == 0);
}
