#include "harness/client/bisect_search.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORDS (RIG_BISECT_LAYERS_MAX / 64)
#define PAIRS_MAX 20 /* layers under suspicion up to which each two of them are tried: 190 runs */

struct set {
    unsigned layers[RIG_BISECT_LAYERS_MAX];
    size_t count;
};

/* Layers in their own order that were run, and what came of it. */
struct seen {
    uint64_t bits[WORDS];
    enum rig_bisect_answer answer;
};

struct hunt {
    const struct rig_bisect_search *search;
    struct rig_bisection *out;
    unsigned max_runs;
    struct seen *seen;
    size_t seen_count, seen_capacity;
    const struct set *without; /* sets are those that are left out of this one, which then passes; NULL: that fail */
    size_t left;
    int error; /* from now on nothing is run: -errno */
};

/* ---- runs ---- */

static int run(struct hunt *hunt, const unsigned *layers, size_t count)
{
    if (hunt->error || hunt->out->incomplete) {
        return RIG_BISECT_OTHER;
    }
    if (hunt->out->runs >= hunt->max_runs) {
        hunt->out->incomplete = true;
        return RIG_BISECT_OTHER;
    }
    hunt->out->runs++;
    int answer = hunt->search->run(hunt->search->closure, layers, count);
    if (answer < 0) {
        hunt->error = answer;
        return RIG_BISECT_OTHER;
    }
    if (hunt->search->progress) {
        hunt->search->progress(hunt->search->closure, hunt->out->runs, hunt->left);
    }
    return answer;
}

static void keep(struct hunt *hunt, const uint64_t *bits, enum rig_bisect_answer answer)
{
    if (hunt->seen_count == hunt->seen_capacity) {
        size_t grown = hunt->seen_capacity ? hunt->seen_capacity * 2 : 64;
        struct seen *fresh = realloc(hunt->seen, grown * sizeof *fresh);
        if (!fresh) {
            hunt->error = -ENOMEM;
            return;
        }
        hunt->seen = fresh;
        hunt->seen_capacity = grown;
    }
    memcpy(hunt->seen[hunt->seen_count].bits, bits, sizeof hunt->seen->bits);
    hunt->seen[hunt->seen_count++].answer = answer;
}

/* Layers in their own order: what was run once is not run again. */
static enum rig_bisect_answer answer_of(struct hunt *hunt, const struct set *set)
{
    uint64_t bits[WORDS] = {0};
    for (size_t i = 0; i < set->count; i++) {
        bits[set->layers[i] / 64] |= UINT64_C(1) << set->layers[i] % 64;
    }
    for (size_t i = 0; i < hunt->seen_count; i++) {
        if (memcmp(hunt->seen[i].bits, bits, sizeof bits) == 0) {
            return hunt->seen[i].answer;
        }
    }
    int answer = run(hunt, set->layers, set->count);
    if (!hunt->error && !hunt->out->incomplete) {
        keep(hunt, bits, (enum rig_bisect_answer)answer);
    }
    return (enum rig_bisect_answer)answer;
}

/* ---- sets ---- */

/* all without those from first on, size of them; or only those. */
static void cut(const struct set *all, size_t first, size_t size, bool only, struct set *out)
{
    out->count = 0;
    for (size_t i = 0; i < all->count; i++) {
        if ((i >= first && i - first < size) == only) {
            out->layers[out->count++] = all->layers[i];
        }
    }
}

static void without(const struct set *all, const unsigned *layers, size_t count, struct set *out)
{
    out->count = 0;
    for (size_t i = 0; i < all->count; i++) {
        bool among = false;
        for (size_t k = 0; k < count; k++) {
            among = among || layers[k] == all->layers[i];
        }
        if (!among) {
            out->layers[out->count++] = all->layers[i];
        }
    }
}

static bool fails(struct hunt *hunt, const struct set *set)
{
    return answer_of(hunt, set) == RIG_BISECT_FAILS;
}

static bool passes_without(struct hunt *hunt, const struct set *all, const unsigned *layers, size_t count)
{
    struct set rest;
    without(all, layers, count, &rest);
    return answer_of(hunt, &rest) == RIG_BISECT_PASSES;
}

/* ---- the search ---- */

/* Is it a set as is looked for? */
static bool holds(struct hunt *hunt, const struct set *set)
{
    return hunt->without ? passes_without(hunt, hunt->without, set->layers, set->count) : fails(hunt, set);
}

/* One round over parts of the set: those alone, then the set without each. True: it is smaller now. */
static bool reduce(struct hunt *hunt, struct set *set, size_t parts, bool *to_part)
{
    struct set half;
    for (int only = 1; only >= 0; only--) {
        for (size_t i = 0; i < parts; i++) {
            size_t first = set->count * i / parts, end = set->count * (i + 1) / parts;
            cut(set, first, end - first, only, &half);
            if (half.count > 0 && half.count < set->count && holds(hunt, &half)) {
                *set = half;
                *to_part = only;
                return true;
            }
        }
    }
    return false;
}

/* Until no layer can be left out any more. */
static void minimize(struct hunt *hunt, struct set *set)
{
    size_t parts = 2;
    while (set->count > 1) {
        bool to_part = false;
        hunt->left = set->count;
        if (reduce(hunt, set, parts, &to_part)) {
            parts = to_part || parts == 2 ? 2 : parts - 1;
        } else if (parts >= set->count) {
            return;
        } else {
            parts = parts * 2 < set->count ? parts * 2 : set->count;
        }
        parts = parts > set->count && set->count > 1 ? set->count : parts;
    }
}

/* A set of which none can be left out need not be the smallest there is. */
static void find_smaller(struct hunt *hunt, const struct set *all, struct set *set)
{
    struct set few = {.count = 1};
    for (size_t i = 0; set->count > 1 && i < all->count; i++) {
        few.layers[0] = all->layers[i];
        if (holds(hunt, &few)) {
            *set = few;
        }
    }
    few.count = 2;
    for (size_t i = 0; set->count > 2 && all->count <= PAIRS_MAX && i < all->count; i++) {
        for (size_t k = i + 1; set->count > 2 && k < all->count; k++) {
            few.layers[0] = all->layers[i];
            few.layers[1] = all->layers[k];
            if (holds(hunt, &few)) {
                *set = few;
            }
        }
    }
}

/* Exchanges two layers of a list, which then has an order of its own. */
static void exchange(struct set *set, unsigned one, unsigned other)
{
    for (size_t i = 0; i < set->count; i++) {
        unsigned layer = set->layers[i];
        set->layers[i] = layer == one ? other : layer == other ? one : layer;
    }
}

/* Do they pass when two neighbours change places? Layers of two stacks can't: then the run is the same and fails. */
static void try_orders(struct hunt *hunt, const struct set *all, const struct set *set, struct rig_culprits *culprits)
{
    for (size_t i = 0; i + 1 < set->count && !culprits->in_order; i++) {
        unsigned one = set->layers[i], other = set->layers[i + 1];
        struct set swapped = *set;
        exchange(&swapped, one, other);
        if (run(hunt, swapped.layers, swapped.count) == RIG_BISECT_PASSES) {
            culprits->in_order = true;
            culprits->swapped[0] = one;
            culprits->swapped[1] = other;
            swapped = *all;
            exchange(&swapped, one, other);
            culprits->whole_swaps = run(hunt, swapped.layers, swapped.count) == RIG_BISECT_PASSES;
        }
    }
}

/* Of several that fail together, the one without which the stack passes, if it fails in another way without each other
 * one: those are only needed to come so far. */
static bool find_key(struct hunt *hunt, const struct set *all, const struct set *set, struct set *key)
{
    key->count = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct set rest;
        without(all, &set->layers[i], 1, &rest);
        enum rig_bisect_answer answer = answer_of(hunt, &rest);
        if (answer == RIG_BISECT_FAILS || (answer == RIG_BISECT_PASSES && key->count == 1)) {
            return false;
        }
        if (answer == RIG_BISECT_PASSES) {
            key->layers[key->count++] = set->layers[i];
        }
    }
    return set->count > 1 && key->count == 1;
}

/* The fewest without which the rest passes, though it holds all of a set that fails: alone that lacks some layer.
 * False: there are none. */
static bool find_left_out(struct hunt *hunt, const struct set *all, const struct set *set, struct set *few)
{
    if (set->count == 0) {
        hunt->without = all;
        *few = *all;
        find_smaller(hunt, all, few); /* one or two are likely: fewer runs than by halves */
        if (few->count == all->count) {
            minimize(hunt, few);
        }
        hunt->without = NULL;
        return few->count < all->count;
    }
    struct set others;
    without(all, set->layers, set->count, &others);
    if (find_key(hunt, all, set, few)) {
        return true;
    }
    few->count = 1;
    for (size_t i = 0; i < others.count; i++) {
        few->layers[0] = others.layers[i];
        if (passes_without(hunt, all, few->layers, 1)) {
            return true;
        }
    }
    return false;
}

static void note(struct rig_culprits *culprits, const struct set *set, bool left_out)
{
    memcpy(culprits->layers, set->layers, set->count * sizeof *culprits->layers);
    culprits->count = set->count;
    culprits->left_out = left_out;
    culprits->key = set->layers[0];
    culprits->enough = left_out && set->count == 1;
}

/* One set of culprits of those layers, which fail. False: there is none. */
static bool find_culprits(struct hunt *hunt, const struct set *all, struct rig_culprits *culprits)
{
    struct set set = {.count = 0}, few;
    if (!fails(hunt, &set)) {
        set = *all;
        minimize(hunt, &set);
        find_smaller(hunt, all, &set);
    }
    hunt->left = set.count ? set.count : all->count;
    if (find_left_out(hunt, all, &set, &few)) {
        note(culprits, &few, true);
        return true;
    }
    if (set.count == 0) {
        return false;
    }
    note(culprits, &set, false);
    try_orders(hunt, all, &set, culprits);
    for (size_t i = 0; i < set.count && !culprits->enough; i++) {
        culprits->enough = passes_without(hunt, all, &set.layers[i], 1);
        culprits->key = culprits->enough ? set.layers[i] : culprits->key;
    }
    return true;
}

static void hunt_all(struct hunt *hunt, struct set *all)
{
    struct rig_bisection *out = hunt->out;
    const struct set none = {.count = 0};
    bool failing = fails(hunt, all);
    if (!failing || hunt->error) {
        out->end = RIG_BISECT_NOTHING;
        return;
    }
    if (all->count == 0) {
        out->end = RIG_BISECT_NO_LAYERS;
        return;
    }
    out->app_fails = fails(hunt, &none);
    while (failing && out->set_count < RIG_BISECT_SETS_MAX && find_culprits(hunt, all, &out->sets[out->set_count])) {
        const struct rig_culprits *culprits = &out->sets[out->set_count++];
        struct set rest;
        without(all, culprits->layers, culprits->count, &rest);
        *all = rest;
        failing = !hunt->error && fails(hunt, all);
    }
    out->end = out->set_count ? RIG_BISECT_FOUND : RIG_BISECT_APP;
    out->more = failing && out->set_count;
}

int rig_bisect_search(const struct rig_bisect_search *search, struct rig_bisection *bisection)
{
    struct hunt hunt = {.search = search,
                        .out = bisection,
                        .max_runs = search->max_runs ? search->max_runs : RIG_BISECT_RUNS_MAX,
                        .left = search->layer_count};
    struct set all = {.count = search->layer_count};
    memset(bisection, 0, sizeof *bisection);
    if (search->layer_count > RIG_BISECT_LAYERS_MAX) {
        return -E2BIG;
    }
    for (unsigned i = 0; i < search->layer_count; i++) {
        all.layers[i] = i;
    }
    hunt_all(&hunt, &all);
    free(hunt.seen);
    return hunt.error;
}
