#define _POSIX_C_SOURCE 200809L

#include "harness/cli/trace_events.h"

#include <stdlib.h>
#include <string.h>

#include "harness/core/run.h"
#include "harness/report/mask.h"
#include "harness/core/wall.h"

#define DEPTH_MAX 64
#define LINE_SIZE 8192
#define ABSENT "absent"

/* A value that some env had, for the next write's "before". */
struct shadow {
    uint64_t env;
    char *name, *text; /* as it is printed */
};

/* A check's callback is given no closure; a process has one run at a time. */
static struct {
    FILE *file;
    struct shadow *shadows;
    size_t count, capacity;
    int64_t entered[DEPTH_MAX];
    size_t depth;
} now;

/* ---- lines ---- */

static void begin(const char *kind, const char *site)
{
    char line[LINE_SIZE];
    struct rig_text text;
    rig_text_start(&text, line, sizeof line);
    rig_text_escape(&text, site);
    fprintf(now.file, "V\t%s\t%s", kind, line);
}

static void field(const char *string)
{
    char line[LINE_SIZE];
    struct rig_text text;
    rig_text_start(&text, line, sizeof line);
    rig_text_escape(&text, string);
    fprintf(now.file, "\t%s", line);
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

static void env_line(const char *kind, const struct rig_event *event)
{
    begin(kind, event->site);
    fprintf(now.file, "\tenv#%llu\n", event->env ? (unsigned long long)event->env->handle.serial : 0);
}

static void number_line(const char *kind, const struct rig_event *event, long long number)
{
    begin(kind, event->site);
    fprintf(now.file, "\t%lld\n", number);
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

static void forget(void)
{
    for (size_t i = 0; i < now.count; i++) {
        free(now.shadows[i].name);
        free(now.shadows[i].text);
    }
    now.count = 0;
}

/* Without memory the trace says "absent" of what was there: -ENOMEM tells it, as of every check. */
static int remember(uint64_t env, const char *name, const char *text)
{
    struct shadow *shadow = shadow_of(env, name);
    char *copy = strdup(text);
    if (!shadow && now.count == now.capacity) {
        size_t grown = now.capacity ? now.capacity * 2 : 64;
        struct shadow *fresh = realloc(now.shadows, grown * sizeof *now.shadows);
        if (fresh) {
            now.shadows = fresh;
            now.capacity = grown;
        }
    }
    if (!copy || (!shadow && now.count == now.capacity)) {
        free(copy);
        return -1;
    }
    if (!shadow) {
        shadow = &now.shadows[now.count];
        *shadow = (struct shadow){.env = env, .name = strdup(name)};
        if (!shadow->name) {
            free(copy);
            return -1;
        }
        now.count++;
    }
    free(shadow->text);
    shadow->text = copy;
    return 0;
}

static void tell_value(struct rig_text *text, const char *name, const void *value, size_t size)
{
    if (value) {
        rig_text_value_bytes(text, name, value, size);
    } else {
        rig_text_add(text, "an object");
    }
}

static int remember_all(const struct rig_env *env)
{
    char line[LINE_SIZE];
    struct rig_text text;
    int error = 0;
    for (uint32_t i = 0; i < env->count; i++) {
        const struct rig_entry *entry = &env->entries[i];
        if (entry->state != RIG_ENTRY_GONE) {
            rig_text_start(&text, line, sizeof line);
            tell_value(&text, entry->name, entry->value, entry->value_size);
            error = remember(env->handle.serial, entry->name, line) ? -1 : error;
        }
    }
    return error;
}

static int write_entry(const struct rig_event *event)
{
    char line[LINE_SIZE];
    struct rig_text text;
    uint64_t env = event->env->handle.serial;
    const struct shadow *before = shadow_of(env, event->name);
    bool set = event->kind == RIG_EVENT_ENV_SET;
    rig_text_start(&text, line, sizeof line);
    if (set) {
        tell_value(&text, event->name, event->value, event->size);
    } else {
        rig_text_add(&text, ABSENT);
    }
    begin(set ? "set" : "unset", event->site);
    field(event->name);
    fprintf(now.file, "\t%s\t%s\n", before ? before->text : ABSENT, line);
    return remember(env, event->name, line);
}

/* ---- events ---- */

static void enter(const struct rig_event *event)
{
    const struct rig_hop *hop = event->hop;
    begin("enter", hop->layer_site);
    layer_field(hop);
    fprintf(now.file, "\tenv#%llu\n", (unsigned long long)hop->env_id);
    if (now.depth < DEPTH_MAX) {
        now.entered[now.depth] = rig_wall_ns();
    }
    now.depth++;
}

static void leave(const struct rig_event *event)
{
    const struct rig_hop *hop = event->hop;
    now.depth -= now.depth > 0;
    int64_t wall = now.depth < DEPTH_MAX ? rig_wall_ns() - now.entered[now.depth] : 0;
    begin("leave", hop->layer_site);
    layer_field(hop);
    fprintf(now.file, "\t%lld\t%d\t%llu/%u/%d\t%lld\n", (long long)event->number, hop->status_out,
            (unsigned long long)hop->body.read + hop->body.drained, hop->next_calls, hop->answered, (long long)wall);
}

static void header(const struct rig_event *event)
{
    char line[LINE_SIZE];
    struct rig_text text;
    rig_text_start(&text, line, sizeof line);
    rig_text_value_bytes(&text, event->name, event->value, event->size);
    begin("header", event->site);
    field(event->name);
    fprintf(now.file, "\t%s", line);
    if (event->hop) {
        layer_field(event->hop);
    }
    end();
}

static void log_line(const struct rig_event *event)
{
    char line[LINE_SIZE];
    struct rig_text text;
    rig_text_start(&text, line, sizeof line);
    size_t size = event->size - (event->size > 0 && event->value[event->size - 1] == '\n');
    (void)rig_text_free_bytes(&text, event->value, size);
    begin("log", event->site);
    fprintf(now.file, "\t%s\n", line);
}

static int write_event(const struct rig_event *event)
{
    switch (event->kind) {
    case RIG_EVENT_ENTER:
        enter(event);
        return 0;
    case RIG_EVENT_LEAVE:
        leave(event);
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
        begin("stream", event->site);
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

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    (void)state;
    (void)run;
    if (!now.file) {
        return 0;
    }
    if (event->kind == RIG_EVENT_BEGIN) {
        now.depth = 0;
        forget();
        return remember_all(event->env);
    }
    bool hop_missing = !event->hop && (event->kind == RIG_EVENT_ENTER || event->kind == RIG_EVENT_LEAVE);
    return hop_missing ? 0 : write_event(event);
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
}
