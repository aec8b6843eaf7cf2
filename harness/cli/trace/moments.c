#include "harness/cli/trace/moments.h"

#include <string.h>

#include "harness/core/run.h"
#include "harness/report/mask.h"

#define DEPTH_MAX 64
#define LINE_SIZE 8192

/* A check's callback is given no closure; a process has one run at a time. */
static struct {
    FILE *file;
    const char *name; /* to look for; NULL: nothing */
    bool saw;
    const struct rig_env *outermost;
    struct {
        uint64_t env; /* that it was given */
        char layer[96];
    } path[DEPTH_MAX];
    size_t depth;
} now;

static void print_field(const char *name, const char *string)
{
    char line[LINE_SIZE];
    struct rig_text text;
    rig_text_start(&text, line, sizeof line);
    if (name) {
        rig_text_value(&text, name, string);
    } else {
        rig_text_escape(&text, string);
    }
    fprintf(now.file, "\t%s", line);
}

static void attribute(const char *key, const char *value)
{
    fputs("A", now.file);
    print_field(NULL, key);
    print_field(NULL, value);
    fputs("\n", now.file);
}

static void numbered(const char *key, long long number)
{
    char value[32];
    snprintf(value, sizeof value, "%lld", number);
    attribute(key, value);
}

/* Is it the env that the layer above was given? */
static void tell_env(const struct rig_env *env)
{
    char text[512];
    const char *above = now.depth > 0 && now.depth <= DEPTH_MAX ? now.path[now.depth - 1].layer : NULL;
    if (!above || now.path[now.depth - 1].env == env->handle.serial) {
        attribute("the env", "the one that the layer above was given");
    } else if (env->copied_from) {
        snprintf(text, sizeof text, "a copy, made at %s", env->copied_at ? env->copied_at : "an unknown place");
        attribute("the env", text);
    } else {
        attribute("the env", "another one than the layer above was given");
    }
}

static void tell_entries(const struct rig_env *env)
{
    for (uint32_t i = 0; i < env->count; i++) {
        const struct rig_entry *entry = &env->entries[i];
        if (entry->state != RIG_ENTRY_GONE) {
            fputs("A", now.file);
            print_field(NULL, entry->name);
            print_field(entry->name, entry->state == RIG_ENTRY_OBJECT ? "an object" : entry->value);
            fputs("\n", now.file);
        }
    }
}

static void moment(const struct rig_hop *hop, char direction)
{
    fprintf(now.file, "M\t%c\t%u", direction, hop->layer_index);
    print_field(NULL, hop->layer);
    print_field(NULL, hop->layer_site ? hop->layer_site : "");
    fputs("\n", now.file);
}

static void enter(const struct rig_event *event)
{
    if (now.file) {
        moment(event->hop, '>');
        tell_env(event->env);
        numbered("the response's status", event->hop->status_in);
        tell_entries(event->env);
    }
    if (now.depth < DEPTH_MAX) {
        now.path[now.depth].env = event->env->handle.serial;
        snprintf(now.path[now.depth].layer, sizeof now.path->layer, "%s", event->hop->layer);
    }
    now.depth++;
}

static void leave(const struct rig_event *event)
{
    now.depth -= now.depth > 0;
    if (now.file) {
        const struct rig_hop *hop = event->hop;
        moment(hop, '<');
        numbered("what it returned", event->number);
        numbered("the response's status", hop->status_out);
        attribute("who answered", hop->answered ? "it" : "not it");
        numbered("calls of next", hop->next_calls);
        numbered("bytes of the body that it read", (long long)hop->body.read);
    }
}

static void look(void)
{
    const struct rig_env *env = now.outermost;
    if (now.name && env) {
        now.saw = false; /* no function of core's: with it the command would get a core beside the library's */
        for (uint32_t i = 0; i < env->count && !now.saw; i++) {
            const struct rig_entry *entry = &env->entries[i];
            now.saw = entry->state != RIG_ENTRY_GONE && strcmp(entry->name, now.name) == 0;
        }
    }
}

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    (void)state;
    (void)run;
    if (event->kind == RIG_EVENT_BEGIN) {
        now.outermost = event->env;
        now.depth = 0;
    } else if (event->kind == RIG_EVENT_OUT) {
        look();
    } else if (event->hop && event->env && event->kind == RIG_EVENT_ENTER) {
        enter(event);
    } else if (event->hop && event->kind == RIG_EVENT_LEAVE) {
        leave(event);
    }
    return 0;
}

const struct rig_check rig_check_moments = {.name = "moments",
                                            .wants = {{RIG_EVENT_BEGIN, RIG_FACT_ALWAYS},
                                                      {RIG_EVENT_ENTER, RIG_FACT_ALWAYS},
                                                      {RIG_EVENT_LEAVE, RIG_FACT_ALWAYS},
                                                      {RIG_EVENT_OUT, RIG_FACT_ALWAYS}},
                                            .on_event = on_event};

void rig_moments_write(FILE *file)
{
    now.file = file;
}

void rig_moments_look(const char *name)
{
    now.name = name;
    now.saw = false;
    now.outermost = NULL;
}

bool rig_moments_saw(void)
{
    return now.saw;
}
