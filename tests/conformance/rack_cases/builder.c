/* Builders. Rack runs a builder's block when its app is made, from the end of the chain up; here it is built as it is
 * read, so what was built is told in Rack's order. A use after maps puts the maps above that layer: here their stack
 * then ends in a further one. */
#include "tests/conformance/rack_cases/urlmap_builder.h"

#include <string.h>

#define WARM_UP "rack-cases.warm_up" /* the variable of a warm-up request */

struct builder;

struct mapped {
    struct mapped *next;
    const char *location;
    const json_t *ops;
    struct builder *builder;
    bool hidden; /* by a later one of the same location, which Rack never builds */
};

/* A stack: layers, then maps below them. */
struct segment {
    struct segment *above;
    struct rig_stack *stack;
    json_t *built; /* "new NAME", in the order of rig_use */
    struct mapped *maps, **last;
};

struct builder {
    struct play *play;
    struct segment *lowest;
    const char *warm_up, *run;
    unsigned warmed; /* 1: the first of all to be warmed up, and so on; 0: it was not */
};

/* ---- layers ---- */

struct layer {
    struct play *play;
    struct segment *segment;
    const char *name;
    bool stops;
};

static int layer_init(void *self, const void *options)
{
    struct layer *layer = self;
    *layer = *(const struct layer *)options;
    const char *line = rack_print(layer->play->rack, "new %s", layer->name);
    return json_array_append_new(layer->segment->built, rack_text(line));
}

static int layer_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct layer *layer = self;
    struct rack_case *rack = layer->play->rack;
    play_say(layer->play, ">", layer->name, env);
    if (layer->stops) {
        return rig_respond(res, .status = 403, .body = rack_print(rack, "stopped by %s", layer->name));
    }
    int error = rig_next(next, env, res);
    if (error == 0) {
        json_array_append_new(layer->play->trace, rack_text(rack_print(rack, "< %s", layer->name)));
    }
    return error;
}

static const struct rig_middleware layer_middleware = {
    .name = "layer", .call = layer_call, .self_size = sizeof(struct layer), .init = layer_init};

/* On top of each builder: Rack's warm-up is told the app, and these cases only note that. */
static int warmer_call(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct builder *builder = *(struct builder **)self;
    if (!rig_env_get(env, WARM_UP)) {
        return rig_next(next, env, res);
    }
    builder->warmed = ++builder->play->warmed;
    return rig_respond(res, .status = 200);
}

static const struct rig_middleware warmer_middleware = {
    .name = "warmer", .call = warmer_call, .self_size = sizeof(struct builder *)};

/* ---- building ---- */

static void add_segment(struct builder *builder, bool owned)
{
    struct segment *segment = rack_alloc(builder->play->rack, sizeof *segment);
    *segment =
        (struct segment){.above = builder->lowest, .stack = play_stack(builder->play, owned), .built = json_array()};
    segment->last = &segment->maps;
    if (segment->above) {
        rig_run(segment->above->stack, rig_stack_app(segment->stack));
    }
    builder->lowest = segment;
}

static void add_layer(struct builder *builder, const char *name, bool stops)
{
    if (builder->lowest->maps) {
        add_segment(builder, false);
    }
    struct layer layer = {.play = builder->play, .segment = builder->lowest, .name = name, .stops = stops};
    rig_use(builder->lowest->stack, &layer_middleware, &layer, .name = name);
}

static void add_map(struct builder *builder, const char *location, const json_t *ops)
{
    struct mapped *added = rack_alloc(builder->play->rack, sizeof *added);
    *added = (struct mapped){.location = location, .ops = ops};
    for (struct mapped *other = builder->lowest->maps; other; other = other->next) {
        other->hidden = other->hidden || strcmp(other->location, location) == 0;
    }
    *builder->lowest->last = added;
    builder->lowest->last = &added->next;
}

static void add(struct builder *builder, const json_t *op)
{
    struct rack_case *rack = builder->play->rack;
    const char *what = json_string_value(json_array_get(op, 0));
    const char *name = rack_string(rack, json_array_get(op, 1));
    what = what && name ? what : "?";
    if (strcmp(what, "use") == 0 || strcmp(what, "use_stop") == 0) {
        add_layer(builder, name, strcmp(what, "use_stop") == 0);
    } else if (strcmp(what, "map") == 0) {
        add_map(builder, name, json_array_get(op, 2));
    } else if (strcmp(what, "run") == 0) {
        builder->run = name;
    } else if (strcmp(what, "warmup") == 0) {
        builder->warm_up = name;
    } else {
        rack_wrong(rack, "an unknown step");
    }
}

static struct builder *build(struct play *play, const json_t *ops, struct rig_app default_app, bool outermost);

/* Where a builder has no app of its own it ends in what stands below its map. */
static void finish_segment(struct builder *builder, struct segment *segment, struct rig_app below)
{
    for (struct mapped *map = segment->maps; map; map = map->next) {
        map->builder = build(builder->play, map->ops, below, false);
        struct segment *top = map->builder->lowest;
        while (top->above) {
            top = top->above;
        }
        if (rig_map(segment->stack, map->location, top->stack) != 0) {
            builder->play->refused = true;
        }
    }
}

static struct builder *build(struct play *play, const json_t *ops, struct rig_app default_app, bool outermost)
{
    struct builder *builder = rack_alloc(play->rack, sizeof *builder);
    *builder = (struct builder){.play = play};
    add_segment(builder, !outermost);
    struct rig_stack *top = builder->lowest->stack;
    if (outermost) {
        rig_use(top, &play_watch, &play);
    }
    rig_use(top, &warmer_middleware, &builder);
    for (size_t i = 0; i < json_array_size(ops); i++) {
        add(builder, json_array_get(ops, i));
    }
    struct rig_app app = builder->run ? play_app(play, builder->run) : default_app;
    if (app.call) {
        rig_run(builder->lowest->stack, app);
    }
    for (struct segment *at = builder->lowest; at; at = at->above) {
        finish_segment(builder, at, app);
        app = rig_stack_app(at->stack);
    }
    if (builder->warm_up) {
        rig_warm_up(top, RIG_GET("/", .env = {{WARM_UP, "on"}}));
    }
    return builder;
}

/* ---- what was built ---- */

/* Frees what it lists; *warmed: the warm-ups that were listed. */
static void list_built(const struct builder *builder, json_t *list, unsigned *warmed)
{
    for (struct segment *at = builder->lowest; at; at = at->above) {
        for (struct mapped *map = at->maps; map; map = map->next) {
            json_t *hidden = map->hidden ? json_array() : NULL;
            list_built(map->builder, hidden ? hidden : list, warmed);
            json_decref(hidden);
        }
        for (size_t i = json_array_size(at->built); i-- > 0;) {
            json_array_append(list, json_array_get(at->built, i));
        }
        json_decref(at->built);
    }
    if (builder->warmed > 0) {
        const char *order = builder->warmed == ++*warmed ? "" : " out of order";
        json_array_append_new(list, rack_text(rack_print(builder->play->rack, "warmup %s%s", builder->warm_up, order)));
    }
}

static json_t *answer(struct play *play, const struct rig_result *result)
{
    if (result->error) {
        return json_pack("{s:{s:s}, s:O}", "error", "kind", "runtime", "trace", play->trace);
    }
    return json_pack("{s:i, s:O, s:O}", "status", play->status, "body", play->body, "trace", play->trace);
}

/* The outcome; NULL: the stack has no app. */
static json_t *play_requests(struct play *play, const struct builder *builder, const json_t *requests)
{
    json_t *results = json_array(), *built = json_array();
    unsigned warmed = 0;
    bool fit = !rig_result_found(play_send(play, "GET", NULL, NULL), "usage.stack.no_app"); /* also warms up */
    for (size_t i = 0; fit && i < json_array_size(requests); i++) {
        json_array_append_new(results, answer(play, play_send(play, "GET", json_array_get(requests, i), NULL)));
    }
    list_built(builder, built, &warmed);
    if (!fit) {
        json_decref(results);
        json_decref(built);
        return NULL;
    }
    return json_pack("{s:o, s:o}", "built", built, "results", results);
}

json_t *play_builder(struct rack_case *rack)
{
    struct play play = {.rack = rack};
    rack_only(rack, rack->input, "kind", "ops", "requests", "default_app", NULL);
    const char *name = rack_string(rack, json_object_get(rack->input, "default_app"));
    struct rig_app default_app = name ? play_app(&play, name) : (struct rig_app){.name = NULL};
    struct builder *builder = build(&play, json_object_get(rack->input, "ops"), default_app, true);
    struct segment *top = builder->lowest;
    while (top->above) {
        top = top->above;
    }
    play.client = rig_client_new(rig_stack_app(top->stack), (struct rig_client_options){.server = &rig_server_memory});
    json_t *outcome = play_requests(&play, builder, json_object_get(rack->input, "requests"));
    if (play.refused) {
        json_decref(outcome);
        outcome = rack_error("invalid_argument");
    }
    play_end(&play);
    return outcome ? outcome : rack_error("runtime");
}
