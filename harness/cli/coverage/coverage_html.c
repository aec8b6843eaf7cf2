/* The coverage as one page, without a script and without anything from elsewhere; in the colours of the trace's page. */
#include "harness/cli/coverage/coverage.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char head[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Coverage of layers</title>\n<style>\n"
    ":root { color-scheme: light dark; --paper: #f6f7f9; --surface: #ffffff; --ink: #1b2330; --soft: #566072; "
    "--line: #d5dae2; --error: #b3261e; --error-back: #fdecea; --added: #0f6b45; --added-back: #e4f6ed; }\n"
    "@media (prefers-color-scheme: dark) { :root { --paper: #12161d; --surface: #1a2029; --ink: #e5e9f0; "
    "--soft: #a0abbd; --line: #364050; --error: #ff9b92; --error-back: #3f1f1e; --added: #7fdcb2; "
    "--added-back: #15352a; } }\n"
    "body { margin: 1.25rem; background: var(--paper); color: var(--ink); font: 0.9375rem/1.45 system-ui, "
    "\"DejaVu Sans\", sans-serif; }\n"
    "section { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.25rem; "
    "margin: 1rem 0; overflow-x: auto; }\n"
    "table { border-collapse: collapse; } th, td { border-bottom: 1px solid var(--line); padding: 0.3rem 0.8rem; "
    "text-align: left; font-weight: normal; }\nth { color: var(--soft); }\n"
    ".seen { color: var(--added); background: var(--added-back); }\n"
    ".missing { color: var(--error); background: var(--error-back); }\n"
    "p, li { overflow-wrap: anywhere; } .quiet { color: var(--soft); }\n"
    "@media print { body { margin: 0; } section { break-inside: avoid; } }\n"
    "</style>\n</head>\n<body>\n<h1>Coverage of layers</h1>\n";

/* All that comes from elsewhere: odd bytes as \xNN, then HTML's own as entities. */
static void put(FILE *out, const char *string)
{
    char shown[4 * RIG_COVER_NAME_MAX + 64];
    struct rig_text text;
    rig_text_start(&text, shown, sizeof shown);
    rig_text_escape(&text, string);
    for (const char *at = shown; *at; at++) {
        switch (*at) {
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '&':
            fputs("&amp;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc(*at, out);
        }
    }
}

static void put_title(FILE *out, const char *tag, const struct rig_cover_layer *layer)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    rig_text_start(&text, line, sizeof line);
    rig_coverage_title(&text, layer);
    fprintf(out, "<%s>", tag);
    put(out, line);
    fprintf(out, "</%s>\n", tag);
}

static void put_outcomes(FILE *out, const struct rig_coverage *coverage)
{
    fputs("<section><h2>Outcomes</h2>\n<table><thead><tr><th scope=\"col\">layer</th>", out);
    for (size_t i = 0; i < RIG_COVER_OUTCOMES; i++) {
        fprintf(out, "<th scope=\"col\">%s</th>", rig_cover_outcomes[i]);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    for (size_t i = 0; i < coverage->table.count; i++) {
        const struct rig_cover_layer *layer = coverage->table.layers[i];
        if (!rig_coverage_shows(coverage, layer)) {
            continue;
        }
        fputs("<tr>", out);
        put_title(out, "td", layer);
        for (size_t k = 0; k < RIG_COVER_OUTCOMES; k++) {
            fprintf(out, "<td>%" PRIu64 "</td>", layer->outcomes[k]);
        }
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></section>\n", out);
}

static void put_cell(FILE *out, const struct rig_coverage *coverage, const struct rig_cover_layer *layer,
                     enum rig_cover_class class, bool body)
{
    char line[256];
    struct rig_text text;
    bool seen = rig_coverage_saw(layer, class, body), wanted = rig_coverage_wants(coverage, layer, class);
    fprintf(out, "<td class=\"%s\">let in %" PRIu64 ", refused %" PRIu64 ", failed %" PRIu64,
            !wanted ? "quiet"
            : seen  ? "seen"
                    : "missing",
            rig_coverage_count(layer, class, body, RIG_COVER_LET_IN),
            rig_coverage_count(layer, class, body, RIG_COVER_REFUSED),
            rig_coverage_count(layer, class, body, RIG_COVER_FAILED));
    if (wanted && !seen) {
        rig_text_start(&text, line, sizeof line);
        rig_coverage_request(&text, layer, class, body);
        fprintf(out, "; never %s. Send: ", class == RIG_COVER_VALID ? "let in" : "refused");
        put(out, line);
    }
    fputs("</td>", out);
}

/* Each class of credentials there: let in, refused, failed; with a body and without. */
static void put_routes(FILE *out, const struct rig_cover_layer *layer)
{
    fputs("<table><thead><tr><th scope=\"col\">route</th>", out);
    for (enum rig_cover_class class = RIG_COVER_NONE; class <= RIG_COVER_VALID; class ++) {
        fprintf(out, "<th scope=\"col\">%s</th>", rig_cover_classes[class]);
    }
    fputs("</tr></thead>\n<tbody>\n", out);
    for (size_t i = 0; i < layer->route_count; i++) {
        fputs("<tr><th scope=\"row\">", out);
        put(out, layer->routes[i].name);
        fputs("</th>", out);
        for (enum rig_cover_class class = RIG_COVER_NONE; class <= RIG_COVER_VALID; class ++) {
            static const char *const words[RIG_COVER_ENDS] = {"let in", "refused", "failed"};
            const uint64_t(*counts)[RIG_COVER_ENDS] = layer->routes[i].counts[class];
            const char *before = "<td>";
            for (enum rig_cover_end end = RIG_COVER_LET_IN; end < RIG_COVER_ENDS; end++) {
                if (counts[0][end] + counts[1][end] > 0) {
                    fprintf(out, "%s%s %" PRIu64, before, words[end], counts[0][end] + counts[1][end]);
                    before = ", ";
                }
            }
            fputs(*before == '<' ? "<td class=\"quiet\">never</td>" : "</td>", out);
        }
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table>\n", out);
}

static void put_auth(FILE *out, const struct rig_coverage *coverage, const struct rig_cover_layer *layer)
{
    unsigned wanted = 0, seen = 0;
    rig_coverage_sum(coverage, layer, &wanted, &seen);
    fprintf(out,
            "<p>%u of %u auth paths seen, %.1f %%</p>\n<table><thead><tr><th scope=\"col\">credentials</th>"
            "<th scope=\"col\">without a body</th><th scope=\"col\">with a body</th></tr></thead>\n<tbody>\n",
            seen, wanted, rig_percent(seen, wanted));
    for (enum rig_cover_class class = RIG_COVER_NONE; class <= RIG_COVER_VALID; class ++) {
        fprintf(out, "<tr><th scope=\"row\">%s</th>", rig_cover_classes[class]);
        put_cell(out, coverage, layer, class, false);
        put_cell(out, coverage, layer, class, true);
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table>\n", out);
    put_routes(out, layer);
}

static void put_lines(FILE *out, const struct rig_lines *lines)
{
    fprintf(out, "<p>%u of %u lines run, %u of %u branches taken</p>\n<ul>\n", lines->run, lines->lines, lines->taken,
            lines->branches);
    for (size_t i = 0; i < lines->count; i++) {
        const struct rig_uncovered *one = &lines->uncovered[i];
        fputs("<li class=\"missing\">", out);
        put(out, one->file);
        fprintf(out, ":%u: ", one->line);
        if (one->run) {
            fprintf(out, "%u of %u branches taken", one->taken, one->branches);
        } else {
            fputs("never run", out);
        }
        fprintf(out, "; %s%s</li>\n", one->outcome ? "likely reached by: " : "what would reach it is not known",
                one->outcome ? one->outcome : "");
    }
    fputs("</ul>\n", out);
}

bool rig_coverage_write_html(const struct rig_coverage *coverage, FILE *out)
{
    fputs(head, out);
    fprintf(out, "<p class=\"quiet\">%zu run%s; %u of %u auth paths seen, %.1f %%</p>\n", coverage->files,
            coverage->files == 1 ? "" : "s", coverage->seen, coverage->wanted,
            rig_percent(coverage->seen, coverage->wanted));
    put_outcomes(out, coverage);
    for (size_t i = 0; i < coverage->table.count; i++) {
        const struct rig_cover_layer *layer = coverage->table.layers[i];
        if (layer->auth && rig_coverage_shows(coverage, layer)) {
            fputs("<section>", out);
            put_title(out, "h2", layer);
            put_auth(out, coverage, layer);
            if (coverage->lines) {
                put_lines(out, &coverage->lines[i]);
            }
            fputs("</section>\n", out);
        }
    }
    return fputs("</body>\n</html>\n", out) != EOF;
}
