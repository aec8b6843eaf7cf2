/* The coverage as JSON: docs/coverage.schema.json. */
#include "harness/cli/coverage/coverage.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define VERSION 1 /* of the schema */

/* Bytes that are not UTF-8 are shown as \xNN, as everywhere. */
static json_t *string_of(const char *string)
{
    char shown[4 * RIG_COVER_NAME_MAX + 64];
    struct rig_text text;
    json_t *json = json_string(string);
    if (!json) {
        rig_text_start(&text, shown, sizeof shown);
        rig_text_escape(&text, string);
        json = json_string(shown);
    }
    return json;
}

static const char *key_of(const char *name, char *key, size_t size)
{
    size_t used = 0;
    for (; *name && used + 1 < size; name++) {
        if (*name == ' ') {
            key[used++] = '_';
        } else if (*name != ',' && *name != '\'') {
            key[used++] = *name;
        }
    }
    key[used] = '\0';
    return key;
}

static json_t *outcomes_of(const struct rig_cover_layer *layer)
{
    char key[48];
    json_t *outcomes = json_object();
    for (size_t i = 0; i < RIG_COVER_OUTCOMES; i++) {
        json_object_set_new(outcomes, key_of(rig_cover_outcomes[i], key, sizeof key),
                            json_integer((json_int_t)layer->outcomes[i]));
    }
    return outcomes;
}

static json_t *cell_of(const struct rig_coverage *coverage, const struct rig_cover_layer *layer,
                       enum rig_cover_class class, bool body)
{
    char key[48], line[256];
    struct rig_text text;
    bool wanted = rig_coverage_wants(coverage, layer, class), seen = rig_coverage_saw(layer, class, body);
    json_t *cell =
        json_pack("{s:s, s:b, s:I, s:I, s:I, s:b}", "class", key_of(rig_cover_classes[class], key, sizeof key), "body",
                  body, "let_in", (json_int_t)rig_coverage_count(layer, class, body, RIG_COVER_LET_IN), "refused",
                  (json_int_t)rig_coverage_count(layer, class, body, RIG_COVER_REFUSED), "failed",
                  (json_int_t)rig_coverage_count(layer, class, body, RIG_COVER_FAILED), "wanted", wanted);
    if (wanted && !seen) {
        rig_text_start(&text, line, sizeof line);
        rig_coverage_request(&text, layer, class, body);
        json_object_set_new(cell, "missing", string_of(line));
    }
    return cell;
}

/* What came there; a route is a mount and the first segment of a path. */
static json_t *route_of(const struct rig_cover_route *route)
{
    char key[48];
    json_t *cells = json_array();
    for (enum rig_cover_class class = RIG_COVER_NONE; class < RIG_COVER_CLASSES; class ++) {
        for (int body = 0; body < 2; body++) {
            const uint64_t *counts = route->counts[class][body];
            if (counts[RIG_COVER_LET_IN] + counts[RIG_COVER_REFUSED] + counts[RIG_COVER_FAILED] > 0) {
                json_array_append_new(cells, json_pack("{s:s, s:b, s:I, s:I, s:I}", "class",
                                                       key_of(rig_cover_classes[class], key, sizeof key), "body", body,
                                                       "let_in", (json_int_t)counts[RIG_COVER_LET_IN], "refused",
                                                       (json_int_t)counts[RIG_COVER_REFUSED], "failed",
                                                       (json_int_t)counts[RIG_COVER_FAILED]));
            }
        }
    }
    return json_pack("{s:o, s:o}", "route", string_of(route->name), "cells", cells);
}

static json_t *auth_of(const struct rig_coverage *coverage, const struct rig_cover_layer *layer)
{
    unsigned wanted = 0, seen = 0;
    json_t *cells = json_array(), *routes = json_array(), *by_route = json_array();
    rig_coverage_sum(coverage, layer, &wanted, &seen);
    for (enum rig_cover_class class = RIG_COVER_NONE; class < RIG_COVER_CLASSES; class ++) {
        json_array_append_new(cells, cell_of(coverage, layer, class, false));
        json_array_append_new(cells, cell_of(coverage, layer, class, true));
    }
    for (size_t i = 0; i < layer->route_count; i++) {
        json_array_append_new(routes, string_of(layer->routes[i].name));
        json_array_append_new(by_route, route_of(&layer->routes[i]));
    }
    return json_pack("{s:i, s:i, s:o, s:o, s:o}", "wanted", (int)wanted, "seen", (int)seen, "routes", routes, "cells",
                     cells, "by_route", by_route);
}

static json_t *lines_of(const struct rig_lines *lines)
{
    json_t *uncovered = json_array();
    for (size_t i = 0; i < lines->count; i++) {
        const struct rig_uncovered *one = &lines->uncovered[i];
        json_array_append_new(uncovered,
                              json_pack("{s:o, s:i, s:b, s:i, s:i, s:s?}", "file", string_of(one->file), "line",
                                        (int)one->line, "run", one->run, "branches", (int)one->branches, "taken",
                                        (int)one->taken, "likely_reached_by", one->outcome));
    }
    return json_pack("{s:i, s:i, s:i, s:i, s:o}", "lines", (int)lines->lines, "run", (int)lines->run, "branches",
                     (int)lines->branches, "taken", (int)lines->taken, "uncovered", uncovered);
}

static json_t *layer_of(const struct rig_coverage *coverage, size_t number)
{
    const struct rig_cover_layer *layer = coverage->table.layers[number];
    json_t *files = json_array();
    for (size_t i = 0; i < layer->file_count; i++) {
        json_array_append_new(files, string_of(layer->files[i]));
    }
    json_t *json =
        json_pack("{s:o, s:o, s:o, s:b, s:o}", "name", string_of(layer->name), "place", string_of(layer->place),
                  "files", files, "auth", layer->auth, "outcomes", outcomes_of(layer));
    if (layer->auth) {
        json_object_set_new(json, "auth_paths", auth_of(coverage, layer));
    }
    if (layer->auth && coverage->lines) {
        json_object_set_new(json, "source", lines_of(&coverage->lines[number]));
    }
    return json;
}

bool rig_coverage_write_json(const struct rig_coverage *coverage, FILE *out)
{
    json_t *layers = json_array();
    for (size_t i = 0; i < coverage->table.count; i++) {
        if (rig_coverage_shows(coverage, coverage->table.layers[i])) {
            json_array_append_new(layers, layer_of(coverage, i));
        }
    }
    json_t *root =
        json_pack("{s:s, s:i, s:i, s:i, s:i, s:o}", "format", "stackrig-coverage", "version", VERSION, "runs",
                  (int)coverage->files, "wanted", (int)coverage->wanted, "seen", (int)coverage->seen, "layers", layers);
    bool written = root && json_dumpf(root, out, JSON_INDENT(1)) == 0 && fputc('\n', out) != EOF;
    json_decref(root);
    return written;
}
