#include "harness/coverage/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *const rig_cover_outcomes[RIG_COVER_OUTCOMES] = {
    "passed", "answered early", "answered early, with a body", "changed the request", "changed the response",
    "error",  "disconnect"};
const char *const rig_cover_classes[RIG_COVER_CLASSES] = {"none",    "wrong scheme", "malformed", "wrong secret",
                                                          "expired", "other user's", "valid",     "unknown"};

/* What tests and scenarios call them. */
static const struct {
    const char *name;
    enum rig_cover_class class;
} names[] = {
    {"none", RIG_COVER_NONE},           {"wrong_scheme", RIG_COVER_WRONG_SCHEME},
    {"malformed", RIG_COVER_MALFORMED}, {"wrong_secret", RIG_COVER_WRONG_SECRET},
    {"wrong", RIG_COVER_WRONG_SECRET},  {"prefix", RIG_COVER_WRONG_SECRET},
    {"longer", RIG_COVER_WRONG_SECRET}, {"case", RIG_COVER_WRONG_SECRET},
    {"empty", RIG_COVER_WRONG_SECRET},  {"user", RIG_COVER_WRONG_SECRET},
    {"expired", RIG_COVER_EXPIRED},     {"other_user", RIG_COVER_OTHER_USER},
    {"other", RIG_COVER_OTHER_USER},    {"valid", RIG_COVER_VALID},
};

enum rig_cover_class rig_cover_class_of(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i].name) == size && memcmp(names[i].name, name, size) == 0) {
            return names[i].class;
        }
    }
    return RIG_COVER_UNKNOWN;
}

static size_t cut(size_t size)
{
    return size < RIG_COVER_NAME_MAX ? size : RIG_COVER_NAME_MAX;
}

static char *copy(struct rig_cover_table *table, const char *name, size_t size)
{
    char *string = malloc(size + 1);
    if (string) {
        memcpy(string, name, size);
        string[size] = '\0';
    }
    table->starved = table->starved || !string;
    return string;
}

static bool is_same(const char *kept, const char *name, size_t size)
{
    return strlen(kept) == size && memcmp(kept, name, size) == 0;
}

static bool make_room(struct rig_cover_table *table)
{
    size_t capacity = table->capacity ? table->capacity * 2 : 8;
    if (table->count == table->capacity) {
        struct rig_cover_layer **grown = realloc(table->layers, capacity * sizeof *grown);
        if (!grown) {
            table->starved = true;
            return false;
        }
        table->layers = grown;
        table->capacity = capacity;
    }
    return true;
}

static void layer_free(struct rig_cover_layer *layer)
{
    if (!layer) {
        return;
    }
    for (size_t i = 0; i < layer->file_count; i++) {
        free(layer->files[i]);
    }
    for (size_t i = 0; i < layer->route_count; i++) {
        free(layer->routes[i].name);
    }
    free(layer->name);
    free(layer->place);
    free(layer);
}

struct rig_cover_layer *rig_cover_layer_of(struct rig_cover_table *table, const char *name, const char *place)
{
    size_t name_size = cut(strlen(name)), place_size = cut(strlen(place));
    for (size_t i = 0; i < table->count; i++) {
        if (is_same(table->layers[i]->name, name, name_size) && is_same(table->layers[i]->place, place, place_size)) {
            return table->layers[i];
        }
    }
    struct rig_cover_layer *layer = make_room(table) ? calloc(1, sizeof *layer) : NULL;
    table->starved = table->starved || !layer;
    if (layer) {
        layer->name = copy(table, name, name_size);
        layer->place = copy(table, place, place_size);
        if (!layer->name || !layer->place) {
            layer_free(layer);
            return NULL;
        }
        table->layers[table->count++] = layer;
    }
    return layer;
}

struct rig_cover_route *rig_cover_route_of(struct rig_cover_table *table, struct rig_cover_layer *layer,
                                           const char *name)
{
    size_t size = cut(strlen(name));
    for (size_t i = 0; i < layer->route_count; i++) {
        if (is_same(layer->routes[i].name, name, size)) {
            return &layer->routes[i];
        }
    }
    if (layer->route_count == RIG_COVER_ROUTES_MAX && strcmp(name, RIG_COVER_OTHERS) != 0) {
        return rig_cover_route_of(table, layer, RIG_COVER_OTHERS);
    }
    struct rig_cover_route *route = &layer->routes[layer->route_count];
    route->name = copy(table, name, size);
    layer->route_count += route->name != NULL;
    return route->name ? route : NULL;
}

void rig_cover_add_file(struct rig_cover_table *table, struct rig_cover_layer *layer, const char *file, size_t size)
{
    size = cut(size);
    for (size_t i = 0; i < layer->file_count; i++) {
        if (is_same(layer->files[i], file, size)) {
            return;
        }
    }
    if (layer->file_count < RIG_COVER_FILES_MAX) {
        layer->files[layer->file_count] = copy(table, file, size);
        layer->file_count += layer->files[layer->file_count] != NULL;
    }
}

static void merge_route(struct rig_cover_route *into, const struct rig_cover_route *from)
{
    for (size_t class = 0; class < RIG_COVER_CLASSES; class ++) {
        for (size_t end = 0; end < RIG_COVER_ENDS; end++) {
            into->counts[class][0][end] += from->counts[class][0][end];
            into->counts[class][1][end] += from->counts[class][1][end];
        }
    }
}

void rig_cover_set_ways(struct rig_cover_layer *layer, const char *taken, const char *asked)
{
    if (!layer->taken[0]) {
        (void)snprintf(layer->taken, sizeof layer->taken, "%s", taken);
    }
    if (!layer->asked[0]) {
        (void)snprintf(layer->asked, sizeof layer->asked, "%s", asked);
    }
}

void rig_cover_merge_layer(struct rig_cover_table *table, struct rig_cover_layer *into,
                           const struct rig_cover_layer *from)
{
    into->auth = into->auth || from->auth;
    rig_cover_set_ways(into, from->taken, from->asked);
    for (size_t i = 0; i < from->file_count; i++) {
        rig_cover_add_file(table, into, from->files[i], strlen(from->files[i]));
    }
    for (size_t i = 0; i < RIG_COVER_OUTCOMES; i++) {
        into->outcomes[i] += from->outcomes[i];
    }
    for (size_t i = 0; i < from->route_count; i++) {
        struct rig_cover_route *route = rig_cover_route_of(table, into, from->routes[i].name);
        if (route) {
            merge_route(route, &from->routes[i]);
        }
    }
}

void rig_cover_merge(struct rig_cover_table *into, const struct rig_cover_table *from)
{
    into->starved = into->starved || from->starved;
    for (size_t i = 0; i < from->count; i++) {
        struct rig_cover_layer *layer = rig_cover_layer_of(into, from->layers[i]->name, from->layers[i]->place);
        if (layer) {
            rig_cover_merge_layer(into, layer, from->layers[i]);
        }
    }
}

void rig_cover_free(struct rig_cover_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        layer_free(table->layers[i]);
    }
    free(table->layers);
    *table = (struct rig_cover_table){.layers = NULL};
}
