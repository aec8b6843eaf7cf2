/* What should have been seen of an auth layer, and has not. */
#include "harness/cli/coverage/coverage.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- the same layer in other stacks ---- */

static bool share_code(const struct rig_cover_layer *a, const struct rig_cover_layer *b)
{
    if (strcmp(a->name, b->name) != 0) {
        return false;
    }
    if (a->file_count == 0 || b->file_count == 0) {
        return strcmp(a->place, b->place) == 0;
    }
    for (size_t i = 0; i < a->file_count; i++) {
        for (size_t k = 0; k < b->file_count; k++) {
            if (strcmp(a->files[i], b->files[k]) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* One pass; true: something was joined. Each layer goes to the first that it shares code with. */
static bool join_once(struct rig_cover_table *table)
{
    struct rig_cover_table joined = {.layers = NULL};
    bool any = false;
    for (size_t i = 0; i < table->count; i++) {
        const struct rig_cover_layer *layer = table->layers[i];
        struct rig_cover_layer *into = NULL;
        for (size_t k = 0; k < joined.count && !into; k++) {
            into = share_code(joined.layers[k], layer) ? joined.layers[k] : NULL;
        }
        any = any || into;
        into = into ? into : rig_cover_layer_of(&joined, layer->name, layer->place);
        if (into) {
            rig_cover_merge_layer(&joined, into, layer);
        }
    }
    joined.starved = joined.starved || table->starved;
    rig_cover_free(table);
    *table = joined;
    return any;
}

void rig_coverage_join(struct rig_coverage *coverage)
{
    while (join_once(&coverage->table)) {
    }
}

/* ---- what is asked for ---- */

static bool is_auth_shown(const struct rig_coverage *coverage, const struct rig_cover_layer *layer)
{
    return layer->auth && rig_coverage_shows(coverage, layer);
}

bool rig_coverage_shows(const struct rig_coverage *coverage, const struct rig_cover_layer *layer)
{
    size_t i = 0;
    while (i < coverage->layer_count && strcmp(coverage->layers[i], layer->name) != 0) {
        i++;
    }
    return coverage->layer_count == 0 || i < coverage->layer_count;
}

bool rig_coverage_wants(const struct rig_coverage *coverage, const struct rig_cover_layer *layer,
                        enum rig_cover_class class)
{
    for (size_t i = 0; i < coverage->without_count; i++) {
        const char *without = coverage->without[i], *colon = strrchr(without, ':');
        const char *name = colon ? colon + 1 : without;
        bool here = !colon || (strlen(layer->name) == (size_t)(colon - without) &&
                               memcmp(layer->name, without, (size_t)(colon - without)) == 0);
        if (here && rig_cover_class_of(name, strlen(name)) == class) {
            return false;
        }
    }
    return class != RIG_COVER_UNKNOWN;
}

uint64_t rig_coverage_count(const struct rig_cover_layer *layer, enum rig_cover_class class, bool body,
                            enum rig_cover_end end)
{
    uint64_t count = 0;
    for (size_t i = 0; i < layer->route_count; i++) {
        count += layer->routes[i].counts[class][body][end];
    }
    return count;
}

bool rig_coverage_saw(const struct rig_cover_layer *layer, enum rig_cover_class class, bool body)
{
    return rig_coverage_count(layer, class, body, class == RIG_COVER_VALID ? RIG_COVER_LET_IN : RIG_COVER_REFUSED) > 0;
}

void rig_coverage_sum(const struct rig_coverage *coverage, const struct rig_cover_layer *layer, unsigned *wanted,
                      unsigned *seen)
{
    for (enum rig_cover_class class = RIG_COVER_NONE; class <= RIG_COVER_VALID; class ++) {
        for (int body = 0; body < 2 && rig_coverage_wants(coverage, layer, class); body++) {
            (*wanted)++;
            *seen += rig_coverage_saw(layer, class, body != 0);
        }
    }
}

void rig_coverage_judge(struct rig_coverage *coverage)
{
    for (size_t i = 0; i < coverage->table.count; i++) {
        if (is_auth_shown(coverage, coverage->table.layers[i])) {
            rig_coverage_sum(coverage, coverage->table.layers[i], &coverage->wanted, &coverage->seen);
        }
    }
}

double rig_percent(unsigned part, unsigned whole)
{
    return whole ? 100.0 * part / whole : 100.0;
}

double rig_coverage_branches(const struct rig_coverage *coverage)
{
    unsigned branches = 0, taken = 0;
    for (size_t i = 0; coverage->lines && i < coverage->table.count; i++) {
        if (is_auth_shown(coverage, coverage->table.layers[i])) {
            branches += coverage->lines[i].branches;
            taken += coverage->lines[i].taken;
        }
    }
    return rig_percent(taken, branches);
}

/* ---- words ---- */

void rig_coverage_title(struct rig_text *text, const struct rig_cover_layer *layer)
{
    rig_text_escape(text, layer->name);
    const char *where = layer->file_count ? layer->files[0] : layer->place;
    if (*where) {
        rig_text_add(text, " (");
        rig_text_escape(text, where);
        rig_text_add(text, ")");
    }
}

static const char *first_of(const char *a, const char *b, const char *c)
{
    return *a ? a : *b ? b : c;
}

/* Of `# @as CLASS PLACE`; NULL: it cannot be carried so. */
static const char *place_of(const char *way)
{
    static const char *const places[][2] = {
        {"Basic", "basic"}, {"Bearer", "bearer"}, {"Cookie", "cookie"}, {"X-Api-Key", "header"}};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (strcasecmp(way, places[i][0]) == 0) {
            return places[i][1];
        }
    }
    return NULL;
}

/* What no challenge tells apart, the test must say. */
static void add_odd(struct rig_text *text, const struct rig_cover_layer *layer, const char *way, bool scheme)
{
    bool header = !strcasecmp(way, "Cookie") || !strcasecmp(way, "X-Api-Key");
    if (scheme) {
        rig_text_add(text, "Authorization: Other x");
    } else if (header) {
        rig_text_escape(text, way);
        rig_text_add(text, ": ?");
    } else {
        rig_text_add(text, "Authorization: ");
        rig_text_escape(text, way);
        rig_text_add(text, strcasecmp(way, "Basic") == 0 ? " ?" : ", with nothing behind it");
    }
    if (scheme ? !layer->asked[0] : header) {
        rig_text_printf(text, ", # @credentials %s", scheme ? "wrong_scheme" : "malformed");
    }
}

static void add_carried(struct rig_text *text, const char *way, const char *as, const char *class)
{
    const char *place = place_of(way);
    if (place) {
        rig_text_printf(text, "# @as %s %s", as, place);
    } else {
        rig_text_add(text, "Authorization: ");
        rig_text_escape(text, way);
        rig_text_printf(text, " and such credentials, # @credentials %s", class);
    }
}

static const char *route_of(const struct rig_cover_layer *layer)
{
    const char *first = "/";
    for (size_t i = layer->route_count; i-- > 0;) {
        first = strcmp(layer->routes[i].name, RIG_COVER_OTHERS) != 0 ? layer->routes[i].name : first;
    }
    for (size_t i = 0; i < layer->route_count; i++) {
        const struct rig_cover_route *route = &layer->routes[i];
        for (int class = 0; strcmp(route->name, RIG_COVER_OTHERS) != 0 && class < RIG_COVER_CLASSES; class ++) {
            if (route->counts[class][0][RIG_COVER_REFUSED] + route->counts[class][1][RIG_COVER_REFUSED] > 0) {
                return route->name; /* where it decides */
            }
        }
    }
    return first;
}

void rig_coverage_request(struct rig_text *text, const struct rig_cover_layer *layer, enum rig_cover_class class,
                          bool body)
{
    const char *way = first_of(layer->taken, layer->asked, "Basic");
    rig_text_printf(text, "%s ", body ? "POST" : "GET");
    rig_text_escape(text, route_of(layer));
    rig_text_add(text, ", ");
    switch (class) {
    case RIG_COVER_NONE:
        rig_text_add(text, "without credentials");
        break;
    case RIG_COVER_WRONG_SCHEME:
    case RIG_COVER_MALFORMED:
        add_odd(text, layer, way, class == RIG_COVER_WRONG_SCHEME);
        break;
    case RIG_COVER_WRONG_SECRET:
        add_carried(text, way, "wrong", "wrong_secret");
        break;
    case RIG_COVER_EXPIRED:
        rig_text_add(text, "credentials that were right once, # @credentials expired");
        break;
    case RIG_COVER_OTHER_USER:
        add_carried(text, way, "other", "other_user");
        break;
    default:
        add_carried(text, way, "valid", "valid");
        break;
    }
}

void rig_coverage_free(struct rig_coverage *coverage)
{
    for (size_t i = 0; coverage->lines && i < coverage->table.count; i++) {
        for (size_t k = 0; k < coverage->lines[i].count; k++) {
            free(coverage->lines[i].uncovered[k].file);
        }
        for (size_t k = 0; k < coverage->lines[i].file_count; k++) {
            free(coverage->lines[i].files[k]);
        }
        free(coverage->lines[i].files);
        free(coverage->lines[i].all);
        free(coverage->lines[i].uncovered);
    }
    free(coverage->lines);
    free(coverage->layers);
    free(coverage->without);
    free(coverage->sources);
    rig_cover_free(&coverage->table);
}
