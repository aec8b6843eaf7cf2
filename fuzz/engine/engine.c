#include "fuzz/engine/engine.h"

#include "fuzz/driver/mutate.h"
#include "harness/core/dice.h"
#include "harness/core/hash.h"

#include <stddef.h>

#define SHRINK_TRIES 300 /* of bytes: each is some twenty plays, which take as long as the stack does */

/* Was it cut to fit, as much of the text counts. */
static bool is_kept(const char *kept, size_t room, const char *text)
{
    return strncmp(kept, text ? text : "", room - 1) == 0;
}

static bool is_same(const struct rig_fuzz_found *found, const struct rig_fuzz_violation *violation)
{
    return strcmp(found->rule, violation->rule) == 0 && is_kept(found->layer, sizeof found->layer, violation->layer) &&
           is_kept(found->site, sizeof found->site, violation->site);
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
    return rig_hash_fold(hash ^ 0x9E3779B97F4A7C15u, text ? rig_hash(text, strlen(text)) + UINT64_C(1) : 0);
}

/* There is no room for another: it is counted, once. */
static void count_beyond(struct rig_fuzz_engine *engine, const struct rig_fuzz_violation *violation)
{
    uint64_t hash = hash_text(hash_text(hash_text(0, violation->rule), violation->layer), violation->site);
    for (size_t i = 0; i < engine->beyond_count; i++) {
        if (engine->beyond[i] == hash) {
            return;
        }
    }
    if (engine->beyond_count < RIG_FUZZ_BEYOND_MAX) {
        engine->beyond[engine->beyond_count++] = hash;
    }
}

static void say(struct rig_fuzz_found *found, const struct rig_fuzz_violation *violation)
{
    (void)snprintf(found->rule, sizeof found->rule, "%s", violation->rule);
    (void)snprintf(found->layer, sizeof found->layer, "%s", violation->layer ? violation->layer : "");
    (void)snprintf(found->site, sizeof found->site, "%s", violation->site ? violation->site : "");
    (void)snprintf(found->message, sizeof found->message, "%s", violation->message);
    found->request = violation->request;
}

struct rig_fuzz_violation rig_fuzz_found_violation(const struct rig_fuzz_found *found)
{
    return (struct rig_fuzz_violation){.rule = found->rule,
                                       .layer = found->layer[0] ? found->layer : NULL,
                                       .site = found->site[0] ? found->site : NULL,
                                       .message = found->message,
                                       .request = found->request};
}

static void take_suspects(struct rig_fuzz_engine *engine)
{
    uint64_t count = engine->recent_count < RIG_FUZZ_RECENT ? engine->recent_count : RIG_FUZZ_RECENT;
    for (uint64_t i = 0; i < count; i++) {
        rig_fuzz_copy_input(&engine->suspects[i], &engine->recent[(engine->recent_count - 1 - i) % RIG_FUZZ_RECENT]);
    }
    engine->suspect_count = (size_t)count;
}

static void note(void *closure, const struct rig_fuzz_violation *violation)
{
    struct rig_fuzz_engine *engine = closure;
    if (engine->wanted) {
        if (!engine->kept && is_same(engine->wanted, violation)) {
            engine->kept = true;
            say(&engine->smaller, violation);
        }
        return;
    }
    for (size_t i = 0; i < engine->found_count; i++) {
        if (is_same(&engine->found[i], violation)) {
            engine->found[i].times++;
            return;
        }
    }
    if (engine->found_count == RIG_FUZZ_FOUND_MAX) {
        count_beyond(engine, violation);
        return;
    }
    if (violation->request == RIG_FUZZ_NO_REQUEST && engine->suspect_count == 0) {
        take_suspects(engine);
    }
    struct rig_fuzz_found *found = &engine->found[engine->found_count++];
    say(found, violation);
    found->run = engine->runs;
    found->times = 1;
    rig_fuzz_copy_input(&found->input, &engine->input);
}

/* A size, roughly: an app that gives back what it got must not fill the pool. */
static unsigned magnitude(size_t size)
{
    unsigned bits = 0;
    for (; size > 0; size >>= 1) {
        bits++;
    }
    return bits;
}

/* How the stack behaved: who was entered, what was answered, how it was delivered. */
static uint64_t behaviour_of(const struct rig_result *result)
{
    uint64_t hash = rig_hash_fold((uint64_t)result->status + 1, result->hop_count ^ 0x9E3779B97F4A7C15u);
    hash = rig_hash_fold(hash ^ (uint64_t)(unsigned)result->error, (uint64_t)result->delivery.outcome + 0xD1B54A32u);
    hash = rig_hash_fold(hash ^ magnitude(result->body_size), result->header_count + 0x2545F491u);
    for (size_t k = 0; k < result->hop_count; k++) {
        const struct rig_hop *hop = &result->hops[k];
        uint64_t body = (hop->body.read > 0 ? 1u : 0u) | (hop->body.drained > 0 ? 2u : 0u);
        hash = rig_hash_fold(hash ^ hop->layer_index ^ body << 32, hop->env_writes + (hop->answered ? 77u : 99u));
    }
    return hash;
}

static bool is_new(struct rig_fuzz_engine *engine, uint64_t behaviour)
{
    size_t at = behaviour >> 1;
    for (unsigned i = 0; i < 8; i++, at++) {
        uint64_t *slot = &engine->seen[at & (RIG_FUZZ_SEEN - 1)];
        if (*slot == behaviour) {
            return false;
        }
        if (*slot == 0) {
            *slot = behaviour;
            return true;
        }
    }
    return false;
}

/* Of a request, and of one behind another: that of whole scenarios would be new for each that is longer. *alone: the
 * former. */
static bool shows_new(struct rig_fuzz_engine *engine, const struct rig_fuzz_play *play, bool *alone)
{
    uint64_t before = 0;
    bool is = false;
    *alone = false;
    for (uint32_t i = 0; i < play->scenario->count; i++) {
        uint64_t behaviour = behaviour_of(play->results[i]);
        *alone = is_new(engine, behaviour | 1) || *alone;
        is = is_new(engine, rig_hash_fold(before ^ 0xA0761D6478BD642Fu, behaviour) | 1) || is;
        before = behaviour;
    }
    return is || *alone;
}

/* Never the empty one, and seldom one that was the first to show how a request is answered: that would not be new
 * again. */
static size_t give_way(struct rig_fuzz_engine *engine)
{
    size_t place = 0;
    for (unsigned i = 0; i < 8 && (i == 0 || engine->alone[place]); i++) {
        place = 1 + rig_dice(&engine->dice) % (RIG_FUZZ_POOL - 1);
    }
    return place;
}

static void watch(void *closure, const struct rig_fuzz_play *play)
{
    struct rig_fuzz_engine *engine = closure;
    bool alone;
    if (!engine->wanted && shows_new(engine, play, &alone)) {
        size_t place = engine->pool_count < RIG_FUZZ_POOL ? engine->pool_count++ : give_way(engine);
        engine->alone[place] = alone;
        rig_fuzz_copy_input(&engine->pool[place], &engine->input);
    }
}

void rig_fuzz_engine_start(struct rig_fuzz_engine *engine, struct rig_fuzz_target *target, uint64_t seed)
{
    memset(engine, 0, sizeof *engine);
    engine->dice = seed;
    engine->pool_count = 1; /* the empty one */
    rig_fuzz_engine_resume(engine, target);
}

void rig_fuzz_engine_resume(struct rig_fuzz_engine *engine, struct rig_fuzz_target *target)
{
    engine->target = target;
    engine->wanted = NULL;
    target->tell = note;
    target->watch = watch;
    target->closure = engine;
}

static void take_input(struct rig_fuzz_engine *engine, const void *bytes, size_t size)
{
    size = size < RIG_FUZZ_INPUT_MAX ? size : RIG_FUZZ_INPUT_MAX;
    if (size > 0) {
        memmove(engine->input.bytes, bytes, size);
    }
    engine->input.size = size;
}

static int try_with(struct rig_fuzz_engine *engine, const void *bytes, size_t size, bool all)
{
    take_input(engine, bytes, size);
    engine->runs++;
    if (engine->target->asked_first == engine->target->scenarios) {
        engine->recent_count = 0;
    }
    rig_fuzz_copy_input(&engine->recent[engine->recent_count++ % RIG_FUZZ_RECENT], &engine->input);
    if (!all) {
        return rig_fuzz_try(engine->target, &engine->scenario, engine->input.bytes, engine->input.size);
    }
    rig_fuzz_decode(&engine->target->table, engine->input.bytes, engine->input.size, &engine->scenario);
    return rig_fuzz_judge(engine->target, &engine->scenario, RIG_FUZZ_ALL);
}

int rig_fuzz_engine_try(struct rig_fuzz_engine *engine, const void *bytes, size_t size)
{
    return try_with(engine, bytes, size, false);
}

int rig_fuzz_engine_give(struct rig_fuzz_engine *engine, const void *bytes, size_t size)
{
    int error = try_with(engine, bytes, size, true); /* first: what ends the process is not begun with again */
    uint64_t place = engine->given_count < RIG_FUZZ_GIVEN ? engine->given_count
                                                          : rig_dice(&engine->dice) % (engine->given_count + 1);
    if (place < RIG_FUZZ_GIVEN) {
        rig_fuzz_copy_input(&engine->given[place], &engine->input);
    }
    engine->given_count++;
    return error;
}

int rig_fuzz_engine_judge(struct rig_fuzz_engine *engine, const void *bytes, size_t size)
{
    take_input(engine, bytes, size);
    rig_fuzz_decode(&engine->target->table, engine->input.bytes, engine->input.size, &engine->scenario);
    engine->target->watch = NULL;
    int error = rig_fuzz_judge(engine->target, &engine->scenario, RIG_FUZZ_ALL);
    engine->target->watch = watch;
    return error;
}

/* One of the user's, or the smallest of three: what has grown behaves in a new way more often, and would be all there
 * is. */
static const struct rig_fuzz_input *pick(struct rig_fuzz_engine *engine)
{
    uint64_t given = engine->given_count < RIG_FUZZ_GIVEN ? engine->given_count : RIG_FUZZ_GIVEN;
    if (given > 0 && rig_dice(&engine->dice) % 4 == 0) {
        return &engine->given[rig_dice(&engine->dice) % given];
    }
    const struct rig_fuzz_input *least = &engine->pool[rig_dice(&engine->dice) % engine->pool_count];
    for (unsigned i = 0; i < 2; i++) {
        const struct rig_fuzz_input *other = &engine->pool[rig_dice(&engine->dice) % engine->pool_count];
        least = other->size < least->size ? other : least;
    }
    return least;
}

int rig_fuzz_engine_step(struct rig_fuzz_engine *engine)
{
    struct rig_fuzz_input fresh, both;
    rig_fuzz_copy_input(&fresh, pick(engine));
    size_t most = fresh.size > RIG_FUZZ_GROWN_MAX ? fresh.size : RIG_FUZZ_GROWN_MAX;
    uint64_t kind = rig_dice(&engine->dice);
    if ((kind & 7) == 0) {
        const struct rig_fuzz_input *other = pick(engine);
        both.size = rig_fuzz_cross(fresh.bytes, fresh.size, other->bytes, other->size, both.bytes, most,
                                   rig_dice(&engine->dice));
        rig_fuzz_copy_input(&fresh, &both);
    }
    for (uint64_t times = 1 + (kind >> 8) % 4; times > 0; times--) {
        fresh.size = rig_fuzz_mutate(fresh.bytes, fresh.size, most, rig_dice(&engine->dice), NULL);
    }
    return rig_fuzz_engine_try(engine, fresh.bytes, fresh.size);
}

/* ---- shrinking ---- */

/* Is it still found? What is said of it is said of the smaller one. */
static int is_still_found(void *closure, const struct rig_fuzz_input *less)
{
    struct rig_fuzz_engine *engine = closure;
    engine->kept = false;
    rig_fuzz_decode(&engine->target->table, less->bytes, less->size, &engine->scenario);
    int error = rig_fuzz_judge(engine->target, &engine->scenario, RIG_FUZZ_ALL);
    if (error == 0 && engine->kept) {
        memcpy(engine->wanted, &engine->smaller, offsetof(struct rig_fuzz_found, run));
    }
    return error != 0 ? error : engine->kept;
}

/* An operation may mean several things, as a body of a kind with its Content-Type: as what it means each can go. */
static int write_apart(struct rig_fuzz_engine *engine, struct rig_fuzz_input *input)
{
    struct rig_fuzz_input apart;
    rig_fuzz_decode(&engine->target->table, input->bytes, input->size, &engine->scenario);
    apart.size = rig_fuzz_encode(&engine->target->table, &engine->scenario, apart.bytes, sizeof apart.bytes);
    int kept = apart.size <= sizeof apart.bytes ? is_still_found(engine, &apart) : 0;
    if (kept > 0) {
        rig_fuzz_copy_input(input, &apart);
    }
    return kept < 0 ? kept : 0;
}

int rig_fuzz_engine_shrink(struct rig_fuzz_engine *engine, struct rig_fuzz_found *found)
{
    engine->wanted = found;
    int error = rig_fuzz_shrink(&found->input, 0, is_still_found, engine);
    error = error ? error : write_apart(engine, &found->input);
    error = error ? error : rig_fuzz_shrink(&found->input, SHRINK_TRIES, is_still_found, engine);
    engine->wanted = NULL;
    return error;
}
