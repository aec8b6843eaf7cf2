/* A folded block, in compiler form. */
#include "harness/cli/check/fold.h"

#include "harness/report/mask.h"
#include "harness/report/text.h"

#define SEEN_SHOWN 5
#define OF_SHOWN 3

#define BOLD "\033[1m"
#define PLAIN "\033[0m"

static const char *level_colour(enum rig_level level)
{
    return level == RIG_LEVEL_ERROR ? "\033[1;31m" : level == RIG_LEVEL_WARNING ? "\033[1;35m" : "\033[1;36m";
}

/* A finding about the request itself has no place in the code: then it is the request's. */
static const char *place(const struct rig_block *block, const struct rig_plan *plan)
{
    const struct rig_finding *finding = &block->finding;
    bool nowhere = !finding->site && !finding->layer_site && !finding->layer;
    return nowhere && block->seen_count ? plan->cases[block->seen[0].number].site : rig_finding_place(finding);
}

/* "error (expected)": no editor takes it for an error. */
static void add_first_line(struct rig_text *text, const struct rig_block *block, const struct rig_plan *plan,
                           bool colour)
{
    const struct rig_finding *finding = &block->finding;
    rig_text_add(text, colour ? BOLD : "");
    rig_text_escape(text, place(block, plan));
    rig_text_printf(text, ":%s %s%s%s:%s ", colour ? PLAIN : "", colour ? level_colour(finding->level) : "",
                    rig_level_name(finding->level), block->expected ? " (expected)" : "", colour ? PLAIN : "");
    rig_text_prose(text, finding->message ? finding->message : finding->rule);
    rig_text_add(text, " [");
    rig_text_escape(text, finding->rule);
    rig_text_add(text, "]\n");
}

/* Of several faults that come to the same the first is shown. */
static void add_runs(struct rig_text *text, const struct rig_block *block)
{
    if (block->where && block->runs > 1) {
        rig_text_printf(text, "  in %llu runs, the first with ", (unsigned long long)block->runs);
    } else if (block->where) {
        rig_text_add(text, "  with ");
    } else if (block->apart && block->runs > 1) {
        rig_text_printf(text, "  in %llu runs, of which this is the first", (unsigned long long)block->runs);
    } else {
        return;
    }
    rig_text_prose(text, block->where ? block->where : "");
    rig_text_add(text, "\n");
    rig_print(text);
}

static void add_seen(struct rig_text *text, const struct rig_block *block, const struct rig_plan *plan)
{
    for (size_t i = 0; i < block->seen_count && i < SEEN_SHOWN; i++) {
        const struct rig_seen *seen = &block->seen[i];
        const struct rig_case *one = &plan->cases[seen->number];
        rig_text_add(text, "  ");
        rig_text_escape(text, one->site);
        rig_text_add(text, ": ");
        rig_text_target(text, one->request->name);
        if (seen->expected && !block->expected) {
            rig_text_add(text, " (expected)");
        }
        if (seen->servers != block->servers) {
            rig_text_add(text, " (only under ");
            rig_text_servers(text, plan, seen->servers);
            rig_text_add(text, ")");
        }
        rig_text_add(text, "\n");
        rig_print(text);
    }
    if (block->seen_count > SEEN_SHOWN) {
        rig_text_printf(text, "  and %zu more requests\n", block->seen_count - SEEN_SHOWN);
    }
}

/* The profiles where it has this level; false: none. A lone profile alone says nothing. */
static bool add_profiles(struct rig_text *text, const struct rig_follow *follow, enum rig_level level,
                         const struct rig_plan *plan)
{
    bool any = false, wanted = follow->text || plan->server_count > 1;
    for (unsigned i = 0; i < plan->server_count; i++) {
        if (wanted && follow->levels[i] == level) {
            rig_text_printf(text, "%s%s%s",
                            any            ? ", "
                            : follow->text ? "  "
                                           : "  under ",
                            plan->servers[i]->name,
                            plan->servers[i]->modelled     ? " (modelled)"
                            : plan->servers[i]->worked_out ? " (not measured)"
                                                           : "");
            any = true;
        }
    }
    return any;
}

/* Another request may fare better: which these are of. */
static void add_of(struct rig_text *text, const struct rig_follow *follow, const struct rig_block *block,
                   const struct rig_plan *plan)
{
    for (size_t i = 0; follow->number_count < block->seen_count && i < follow->number_count && i < OF_SHOWN; i++) {
        rig_text_add(text, i > 0 ? ", " : ", of ");
        rig_text_escape(text, plan->cases[follow->numbers[i]].site);
    }
    if (follow->number_count < block->seen_count && follow->number_count > OF_SHOWN) {
        rig_text_printf(text, " and %zu more", follow->number_count - OF_SHOWN);
    }
}

/* What has nothing to do with the server, and came up under all of them, needs no names. */
static bool everywhere(const struct rig_follow *follow, enum rig_level level, const struct rig_plan *plan)
{
    bool all = follow->anywhere;
    for (unsigned i = 0; i < plan->server_count; i++) {
        all = all && follow->levels[i] == level;
    }
    return all;
}

static void add_follow(struct rig_text *text, const struct rig_follow *follow, const struct rig_block *block,
                       const struct rig_plan *plan)
{
    enum rig_level block_level = block->finding.level;
    if (everywhere(follow, block_level, plan) && follow->number_count == block->seen_count) {
        rig_text_evidence(text, NULL, follow->text);
        rig_print(text);
        return;
    }
    for (int level = RIG_LEVEL_ERROR; level >= RIG_LEVEL_NOTE; level--) {
        if (!add_profiles(text, follow, (enum rig_level)level, plan)) {
            continue;
        }
        add_of(text, follow, block, plan);
        if (level != (int)block_level) {
            rig_text_printf(text, " [%s]", rig_level_name((enum rig_level)level));
        }
        rig_text_add(text, follow->text ? ": " : "");
        rig_text_prose(text, follow->text);
        rig_text_add(text, "\n");
        rig_print(text);
    }
}

static void add_follows(struct rig_text *text, const struct rig_block *block, const struct rig_plan *plan)
{
    for (size_t i = 0; i < block->follow_count; i++) {
        add_follow(text, &block->follows[i], block, plan);
    }
}

void rig_print_block(const struct rig_block *block, const struct rig_plan *plan, bool colour)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    const struct rig_finding *finding = &block->finding;
    rig_text_start(&text, line, sizeof line);
    add_first_line(&text, block, plan, colour);
    rig_print(&text);
    for (size_t i = 0; i < finding->evidence_count; i++) {
        rig_text_evidence(&text, finding->evidence[i].site, finding->evidence[i].text);
        rig_print(&text);
    }
    add_runs(&text, block);
    rig_text_layer_line(&text, finding);
    rig_print(&text);
    add_seen(&text, block, plan);
    add_follows(&text, block, plan);
    if (finding->mend) {
        rig_text_evidence(&text, NULL, finding->mend);
    }
    rig_print(&text);
}
