#include "harness/client/leak.h"
#include "harness/core/preload.h"
#include "harness/report/text.h"

#include <stdio.h>
#include <string.h>

#define QUICK_TURNS 8
#define BITS 64
#define DAY ((int64_t)86400 * 1000000000)

void rig_leaks_start(struct rig_leaks *leaks)
{
    struct rig_others others;
    *leaks = (struct rig_leaks){.not_tried = !rig_malloc_can_fail()      ? RIG_LEAKS_NO_LIBRARY
                                             : !rig_others_wait(&others) ? RIG_LEAKS_NO_THREADS
                                                                         : NULL};
}

void rig_leaks_open(struct rig_leaks *leaks)
{
    leaks->open = !leaks->not_tried && rig_others_wait(&leaks->others) && rig_malloc_books_open();
}

enum rig_level rig_leak_level(const struct rig_result *result)
{
    static const char *const safe[] = {"GET", "HEAD", "OPTIONS", "TRACE"};
    bool asks = false;
    for (size_t i = 0; result->method && i < sizeof safe / sizeof *safe; i++) {
        asks = asks || strcmp(result->method, safe[i]) == 0;
    }
    return asks || result->error != 0 || result->status >= 400 ? RIG_LEVEL_ERROR : RIG_LEVEL_WARNING;
}

/* ---- by place ---- */

struct place {
    struct rig_leak leak;
    uint64_t turns;
};

struct places {
    const struct rig_leaks *leaks;
    enum rig_level level;
    struct place list[RIG_LEAKS_MAX];
    size_t count;
};

static bool is_same(const struct rig_leak *a, const struct rig_leak *b)
{
    return a->caller == b->caller && a->layer_number == b->layer_number && rig_same_text(a->layer, b->layer);
}

static const struct rig_leak *find_known(const struct rig_leaks *leaks, const struct rig_leak *leak)
{
    for (size_t i = 0; i < leaks->count; i++) {
        if (is_same(&leaks->known[i], leak)) {
            return &leaks->known[i];
        }
    }
    return NULL;
}

/* NULL: it is not there. */
static struct place *find_place(struct places *places, const struct rig_leak *leak)
{
    for (size_t i = 0; i < places->count; i++) {
        if (is_same(&places->list[i].leak, leak)) {
            return &places->list[i];
        }
    }
    return NULL;
}

/* Unless it has been found, and at no lower level, or came to an end. */
static void add_block(void *closure, const struct rig_malloc_block *block)
{
    struct places *places = closure;
    const struct rig_leak leak = {
        .caller = block->caller, .layer = block->layer, .layer_number = block->layer_number, .level = places->level};
    const struct rig_leak *known = find_known(places->leaks, &leak);
    if (known && (known->level == RIG_LEVEL_OFF || known->level >= places->level)) {
        return;
    }
    struct place *place = find_place(places, &leak);
    if (!place && places->count < RIG_LEAKS_MAX) {
        place = &places->list[places->count++];
        *place = (struct place){.leak = leak};
    }
    if (place) {
        place->turns |= block->turns;
        place->leak.blocks++;
        place->leak.bytes += block->size;
    }
}

static bool take_places(struct places *places)
{
    places->count = 0;
    return rig_malloc_books_each(add_block, places) && places->count > 0;
}

/* Drops those where not every turn left something. */
static void keep_growing(struct places *places, uint64_t turns)
{
    size_t kept = 0;
    for (size_t i = 0; i < places->count; i++) {
        if ((places->list[i].turns & turns) == turns) {
            places->list[kept++] = places->list[i];
        }
    }
    places->count = kept;
}

/* ---- the same again ---- */

/* Sends it so often, a bit for each share of the turns. apart: between them. */
static bool repeat(const struct rig_leaks *leaks, unsigned turns, int64_t apart, rig_again_fn *again, void *closure)
{
    unsigned each = (turns + BITS - 1) / BITS;
    bool came_back = !leaks->not_tried && rig_malloc_books_open();
    for (unsigned i = 0; i < turns && came_back; i++) {
        rig_malloc_books_turn(UINT64_C(1) << i / each);
        came_back = again(closure, apart * i);
    }
    return came_back;
}

static void settle(struct rig_leaks *leaks, const struct rig_leak *leak)
{
    struct rig_leak *known = (struct rig_leak *)(uintptr_t)find_known(leaks, leak);
    if (!known && leaks->count < RIG_LEAKS_MAX) {
        known = &leaks->known[leaks->count++];
    }
    if (known) {
        *known = *leak;
    }
}

/* What a few turns leave may be bounded all the same, by number or by age: many, a day apart, show it. */
static void look_long(struct rig_leaks *leaks, struct places *places, rig_again_fn *again, void *closure)
{
    struct places after = {.leaks = leaks, .level = places->level};
    bool complete = repeat(leaks, RIG_LEAK_TURNS, DAY, again, closure) && rig_malloc_books_each(add_block, &after);
    rig_malloc_books_close();
    if (complete && !rig_others_still_wait(&leaks->others)) {
        leaks->not_tried = RIG_LEAKS_NO_THREADS;
        return;
    }
    if (!complete) {
        return;
    }
    keep_growing(&after, UINT64_MAX);
    for (size_t i = 0; i < places->count; i++) {
        struct rig_leak leak = places->list[i].leak;
        const struct place *now = find_place(&after, &leak);
        leak.level = RIG_LEVEL_OFF;
        if (now) {
            leak = now->leak;
            rig_malloc_where(leak.caller, leak.where, sizeof leak.where);
        }
        settle(leaks, &leak);
    }
}

static void look(struct rig_leaks *leaks, struct places *places, rig_again_fn *again, void *closure)
{
    bool grows = repeat(leaks, QUICK_TURNS, 0, again, closure) && take_places(places);
    rig_malloc_books_close();
    keep_growing(places, (UINT64_C(1) << QUICK_TURNS) - 1);
    if (grows && places->count > 0) {
        look_long(leaks, places, again, closure);
    }
}

void rig_leaks_close(struct rig_leaks *leaks, enum rig_level level, rig_again_fn *again, void *closure)
{
    struct places places = {.leaks = leaks, .level = level};
    if (!leaks->open) {
        return;
    }
    bool kept = level != RIG_LEVEL_OFF && take_places(&places);
    rig_malloc_books_close();
    leaks->open = false;
    if (kept) {
        look(leaks, &places, again, closure);
    }
}

/* ---- telling ---- */

const struct rig_leak *rig_leaks_next(struct rig_leaks *leaks)
{
    for (size_t i = 0; i < leaks->count; i++) {
        struct rig_leak *leak = &leaks->known[i];
        if (leak->level != RIG_LEVEL_OFF && !leak->told) {
            leak->told = true;
            return leak;
        }
    }
    return NULL;
}

static uint32_t hop_of(const struct rig_leak *leak, const struct rig_run *run)
{
    for (uint32_t i = 0; i < run->hop_count; i++) {
        if (run->hops[i].layer_number == leak->layer_number && rig_same_text(run->hops[i].layer, leak->layer)) {
            return i;
        }
    }
    return RIG_NO_HOP;
}

/* Of "libfoo.so(+0x2a)" what makes a line of it. False: it is a name and an offset, or not known. */
static bool tell_line(const char *where, char *text, size_t size)
{
    const char *offset = strstr(where, "(+0x");
    if (!offset || !strchr(offset, ')')) {
        return false;
    }
    (void)snprintf(text, size, "addr2line -fe %.*s %.*s names the line", (int)(offset - where), where,
                   (int)strcspn(offset + 2, ")"), offset + 2);
    return true;
}

void rig_leak_find(const struct rig_leak *leak, struct rig_run *run)
{
    char line[160];
    const struct rig_evidence evidence = {line, NULL};
    unsigned rule = (unsigned)(rig_rule_find(RIG_LEAK_RULE) - rig_rules(NULL));
    struct rig_find find = {.rule = rule, .level = leak->level, .hop = hop_of(leak, run)};
    if (tell_line(leak->where, line, sizeof line)) {
        find.evidence = &evidence;
        find.evidence_count = 1;
    }
    (void)rig_find(run, &find, "%s keeps memory of every request, %llu bytes of %d alike, taken in %s",
                   leak->layer ? leak->layer : "the stack", (unsigned long long)leak->bytes, RIG_LEAK_TURNS,
                   leak->where);
}
