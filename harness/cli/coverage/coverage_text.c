/* The summary on standard output. */
#include "harness/cli/coverage/coverage.h"

#include <inttypes.h>

static void print_layer(struct rig_text *text, const struct rig_cover_layer *layer)
{
    bool any = false;
    rig_coverage_title(text, layer);
    rig_text_add(text, layer->auth ? ", decides who may pass" : "");
    for (size_t i = 0; i < RIG_COVER_OUTCOMES; i++) {
        rig_text_printf(text, "%s%s %" PRIu64, any ? ", " : "\n  ", rig_cover_outcomes[i], layer->outcomes[i]);
        any = true;
    }
    rig_text_add(text, "\n");
    rig_print(text);
}

/* "refused 3", "let in 2, refused 1", "never" */
static void print_cell(struct rig_text *text, const struct rig_cover_layer *layer, enum rig_cover_class class,
                       bool body)
{
    static const char *const ends[RIG_COVER_ENDS] = {"let in", "refused", "failed"};
    char cell[80] = "never";
    struct rig_text counts;
    rig_text_start(&counts, cell, sizeof cell);
    const char *before = "";
    for (enum rig_cover_end end = RIG_COVER_LET_IN; end < RIG_COVER_ENDS; end++) {
        uint64_t count = rig_coverage_count(layer, class, body, end);
        if (count) {
            rig_text_printf(&counts, "%s%s %" PRIu64, before, ends[end], count);
            before = ", ";
        }
    }
    rig_text_printf(text, "  %-24s", *before ? cell : "never");
}

/* "; refused none, malformed": the classes of credentials that came to that end there. */
static void print_ends(struct rig_text *text, const struct rig_cover_route *route, enum rig_cover_end end)
{
    static const char *const words[RIG_COVER_ENDS] = {"let in", "refused", "failed"};
    const char *before = words[end], *between = text->data[text->length - 1] == ':' ? " " : "; ";
    for (enum rig_cover_class class = RIG_COVER_NONE; class < RIG_COVER_CLASSES; class ++) {
        if (route->counts[class][0][end] + route->counts[class][1][end] > 0) {
            rig_text_printf(text, "%s%s %s", between, before, rig_cover_classes[class]);
            between = ",";
            before = "";
        }
    }
}

static void print_routes(struct rig_text *text, const struct rig_cover_layer *layer)
{
    rig_text_add(text, layer->route_count > 0 ? "    routes:\n" : "");
    rig_print(text);
    for (size_t i = 0; i < layer->route_count; i++) {
        const struct rig_cover_route *route = &layer->routes[i];
        rig_text_add(text, "      ");
        rig_text_escape(text, route->name);
        rig_text_add(text, ":");
        for (enum rig_cover_end end = RIG_COVER_LET_IN; end < RIG_COVER_ENDS; end++) {
            print_ends(text, route, end);
        }
        rig_text_add(text, "\n");
        rig_print(text);
    }
}

static bool has_class(const struct rig_cover_layer *layer, enum rig_cover_class class)
{
    uint64_t count = 0;
    for (enum rig_cover_end end = RIG_COVER_LET_IN; end < RIG_COVER_ENDS; end++) {
        count += rig_coverage_count(layer, class, false, end) + rig_coverage_count(layer, class, true, end);
    }
    return count > 0;
}

static void print_auth(struct rig_text *text, const struct rig_coverage *coverage, const struct rig_cover_layer *layer)
{
    unsigned wanted = 0, seen = 0;
    rig_coverage_sum(coverage, layer, &wanted, &seen);
    rig_text_printf(text, "    %-14s  %-24s  %s\n", "credentials", "without a body", "with a body");
    for (enum rig_cover_class class = RIG_COVER_NONE; class < RIG_COVER_CLASSES; class ++) {
        if (class == RIG_COVER_UNKNOWN && !has_class(layer, class)) {
            continue;
        }
        rig_text_printf(text, "    %-14s", rig_cover_classes[class]);
        print_cell(text, layer, class, false);
        print_cell(text, layer, class, true);
        while (text->length > 0 && text->data[text->length - 1] == ' ') {
            text->data[--text->length] = '\0';
        }
        rig_text_add(text, "\n");
        rig_print(text);
    }
    print_routes(text, layer);
    rig_text_printf(text, "    seen: %u of %u, %.1f %%\n", seen, wanted, rig_percent(seen, wanted));
    rig_print(text);
}

static void print_missing(struct rig_text *text, const struct rig_coverage *coverage,
                          const struct rig_cover_layer *layer)
{
    for (enum rig_cover_class class = RIG_COVER_NONE; class <= RIG_COVER_VALID; class ++) {
        for (int body = 0; body < 2 && rig_coverage_wants(coverage, layer, class); body++) {
            if (!rig_coverage_saw(layer, class, body != 0)) {
                rig_text_printf(text, "    never %s: %s, %s a body\n      ",
                                class == RIG_COVER_VALID ? "let in" : "refused", rig_cover_classes[class],
                                body ? "with" : "without");
                rig_coverage_request(text, layer, class, body != 0);
                rig_text_add(text, "\n");
                rig_print(text);
            }
        }
    }
}

static void print_lines(struct rig_text *text, const struct rig_lines *lines)
{
    rig_text_printf(text, "    lines: %u of %u, branches: %u of %u, %.1f %%\n", lines->run, lines->lines, lines->taken,
                    lines->branches, rig_percent(lines->taken, lines->branches));
    for (size_t i = 0; i < lines->count; i++) {
        const struct rig_uncovered *one = &lines->uncovered[i];
        rig_text_add(text, "    ");
        rig_text_escape(text, one->file);
        rig_text_printf(text, ":%u: ", one->line);
        if (one->run) {
            rig_text_printf(text, "%u of %u branches taken", one->taken, one->branches);
        } else {
            rig_text_add(text, "never run");
        }
        rig_text_printf(text, "; %s%s\n", one->outcome ? "likely reached by: " : "what would reach it is not known",
                        one->outcome ? one->outcome : "");
        rig_print(text);
    }
    rig_print(text);
}

void rig_coverage_print(const struct rig_coverage *coverage)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    unsigned auth = 0;
    rig_text_start(&text, line, sizeof line);
    rig_text_printf(&text, "coverage of %zu run%s\n", coverage->files, coverage->files == 1 ? "" : "s");
    for (size_t i = 0; i < coverage->table.count; i++) {
        const struct rig_cover_layer *layer = coverage->table.layers[i];
        if (!rig_coverage_shows(coverage, layer)) {
            continue;
        }
        print_layer(&text, layer);
        if (layer->auth) {
            auth++;
            print_auth(&text, coverage, layer);
            print_missing(&text, coverage, layer);
            if (coverage->lines) {
                print_lines(&text, &coverage->lines[i]);
            }
        }
    }
    if (auth == 0) {
        rig_text_add(&text, "no layer was given to a stack with .auth = true: nothing was asked for\n");
    } else {
        rig_text_printf(&text, "auth paths seen: %u of %u, %.1f %%\n", coverage->seen, coverage->wanted,
                        rig_percent(coverage->seen, coverage->wanted));
    }
    if (coverage->lines && auth > 0) {
        rig_text_printf(&text, "branches of auth layers taken: %.1f %%\n", rig_coverage_branches(coverage));
    }
    rig_print(&text);
}
