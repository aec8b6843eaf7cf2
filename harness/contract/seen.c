#include "harness/contract/bench.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/report/mask.h"

static bool same_name(const struct rig_seen_fact *a, const struct rig_seen_fact *b)
{
    return a->kind == b->kind &&
           (a->kind == RIG_SEEN_HEADER ? strcasecmp(a->name, b->name) : strcmp(a->name, b->name)) == 0;
}

static bool make_room(struct rig_seen *seen)
{
    size_t capacity = seen->capacity ? seen->capacity * 2 : 32;
    if (seen->count == seen->capacity) {
        struct rig_seen_fact *grown = realloc(seen->facts, capacity * sizeof *grown);
        if (!grown) {
            return false;
        }
        seen->facts = grown;
        seen->capacity = capacity;
    }
    return true;
}

void rig_seen_add(struct rig_seen *seen, enum rig_seen_kind kind, const char *name, const void *value, size_t size)
{
    struct rig_seen_fact fact = {.kind = kind, .size = size, .name = malloc(strlen(name) + 1)};
    fact.value = value ? malloc(size + 1) : NULL;
    if (!fact.name || (value && !fact.value) || !make_room(seen)) {
        free(fact.name);
        free(fact.value);
        seen->starved = true;
        return;
    }
    memcpy(fact.name, name, strlen(name) + 1);
    if (value) {
        memcpy(fact.value, value, size);
        fact.value[size] = '\0';
    }
    for (size_t i = 0; i < seen->count; i++) {
        fact.nth += same_name(&seen->facts[i], &fact);
    }
    seen->facts[seen->count++] = fact;
}

void rig_seen_free(struct rig_seen *seen)
{
    for (size_t i = 0; i < seen->count; i++) {
        free(seen->facts[i].name);
        free(seen->facts[i].value);
    }
    free(seen->facts);
    *seen = (struct rig_seen){.facts = NULL};
}

const struct rig_seen_fact *rig_seen_find(const struct rig_seen *seen, const struct rig_seen_fact *like)
{
    for (size_t i = 0; i < seen->count; i++) {
        if (seen->facts[i].nth == like->nth && same_name(&seen->facts[i], like)) {
            return &seen->facts[i];
        }
    }
    return NULL;
}

static bool same_value(const struct rig_seen_fact *a, const struct rig_seen_fact *b)
{
    return b && a->size == b->size && !a->value == !b->value &&
           (!a->value || a->size == 0 || memcmp(a->value, b->value, a->size) == 0);
}

static void say_name(struct rig_text *text, const struct rig_seen_fact *fact)
{
    static const char *const kinds[] = {"the status",
                                        "the error",
                                        "the response header ",
                                        "the response's body",
                                        "the variable ",
                                        "the body that the app got",
                                        "how often it was passed on"};
    rig_text_add(text, kinds[fact->kind]);
    rig_text_escape(text, fact->name);
}

static void say_value(struct rig_text *text, const struct rig_seen_fact *fact)
{
    if (!fact) {
        rig_text_add(text, "absent");
    } else if (!fact->value) {
        rig_text_add(text, "an object");
    } else {
        (void)rig_text_quote_value(text, fact->name, fact->value, fact->size < 48 ? fact->size : 48);
        rig_text_add(text, fact->size < 48 ? "" : "...");
    }
}

/* The first of before that is another in now. */
static bool differs(const struct rig_seen *before, const struct rig_seen *now, const struct rig_seen *varies,
                    bool backwards, struct rig_text *text)
{
    for (size_t i = 0; i < before->count; i++) {
        const struct rig_seen_fact *fact = &before->facts[i], *other = rig_seen_find(now, fact);
        if (same_value(fact, other) || (varies && rig_seen_find(varies, fact))) {
            continue;
        }
        say_name(text, fact);
        rig_text_add(text, " was ");
        say_value(text, backwards ? other : fact);
        rig_text_add(text, " and is ");
        say_value(text, backwards ? fact : other);
        return true;
    }
    return false;
}

bool rig_seen_same(const struct rig_seen *before, const struct rig_seen *now, const struct rig_seen *varies, char *how,
                   size_t size)
{
    struct rig_text text;
    rig_text_start(&text, how, size);
    bool same = !differs(before, now, varies, false, &text) && !differs(now, before, varies, true, &text);
    (void)rig_text_end(&text);
    return same;
}
