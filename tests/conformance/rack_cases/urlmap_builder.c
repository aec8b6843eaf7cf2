#include "tests/conformance/rack_cases/urlmap_builder.h"

#include <errno.h>
#include <string.h>

/* ---- stacks and apps ---- */

struct owned_stack {
    struct owned_stack *next;
    struct rig_stack *stack;
};

struct rig_stack *play_stack(struct play *play, bool owned)
{
    struct rig_stack *stack = rig_stack_new((struct rig_stack_options){0});
    if (!owned) {
        struct owned_stack *kept = rack_alloc(play->rack, sizeof *kept);
        *kept = (struct owned_stack){play->stacks, stack};
        play->stacks = kept;
    }
    return stack;
}

static void replace(json_t **value, json_t *with)
{
    json_decref(*value);
    *value = with;
}

static json_t *variable(const struct rig_env *env, const char *name)
{
    struct rig_bytes value = rig_env_bytes(env, name);
    return rack_value(value.data, value.size);
}

void play_say(struct play *play, const char *begin, const char *name, const struct rig_env *env)
{
    const char *script = rig_env_get(env, "SCRIPT_NAME"), *path = rig_env_get(env, "PATH_INFO");
    const char *line = rack_print(play->rack, "%s %s %s|%s", begin, name, script ? script : "", path ? path : "");
    json_array_append_new(play->trace, rack_text(line));
}

struct named {
    struct play *play;
    const char *name;
};

static int app_call(void *self, struct rig_env *env, struct rig_response *res)
{
    const struct named *app = self;
    replace(&app->play->app, json_pack("{s:s, s:o, s:o}", "app", app->name, "script_name", variable(env, "SCRIPT_NAME"),
                                       "path_info", variable(env, "PATH_INFO")));
    play_say(app->play, "app", app->name, env);
    return strcmp(app->name, "raises") == 0 ? -EIO : rig_respond(res, .status = 200, .body = app->name);
}

struct rig_app play_app(struct play *play, const char *name)
{
    struct named *app = rack_alloc(play->rack, sizeof *app);
    *app = (struct named){play, name ? name : ""};
    return (struct rig_app){.name = app->name, .call = app_call, .self = app};
}

/* ---- the layer above all ---- */

static int keep_header(void *closure, const char *name, const char *value, size_t size)
{
    char *lower = rack_print(((struct play *)closure)->rack, "%s", name);
    for (char *at = lower; *at; at++) {
        *at = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a' : *at);
    }
    json_array_append_new(((struct play *)closure)->headers, json_pack("[s, o]", lower, rack_value(value, size)));
    return 0;
}

static json_t *take_body(struct play *play, struct rig_response *res)
{
    char bytes[4096];
    size_t size = 0;
    struct rig_source source = rig_response_take_body(res);
    for (int64_t got = 1; source.read && got > 0 && size<sizeof bytes; size += got> 0 ? (size_t)got : 0) {
        got = source.read(source.self, bytes + size, sizeof bytes - size);
    }
    if (source.close) {
        source.close(source.self);
    }
    if (!source.read || size == sizeof bytes) {
        rack_wrong(play->rack, "the answer's body could not be taken");
    }
    return rack_value(bytes, size);
}

static int watch(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct play *play = *(struct play **)self;
    int error = rig_next(next, env, res);
    replace(&play->script_name, variable(env, "SCRIPT_NAME")); /* a warm-up comes by, too */
    replace(&play->path_info, variable(env, "PATH_INFO"));
    play->status = rig_response_status(res);
    if (error == 0) {
        (void)rig_response_each(res, keep_header, play);
        replace(&play->body, take_body(play, res));
    }
    return error;
}

const struct rig_middleware play_watch = {.name = "watch", .call = watch, .self_size = sizeof(struct play *)};

/* ---- requests ---- */

static void forget(struct play *play)
{
    json_t **values[] = {&play->trace, &play->app, &play->headers, &play->body, &play->script_name, &play->path_info};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        replace(values[i], NULL);
    }
    play->status = 0;
}

static void set_variables(struct play *play, struct rig_env *env, const json_t *pairs)
{
    rig_env_unset(env, "HTTP_HOST");
    for (size_t i = 0; i < json_array_size(pairs); i++) {
        const json_t *pair = json_array_get(pairs, i);
        const char *name = rack_env_ours(json_string_value(json_array_get(pair, 0)));
        struct rig_bytes value = rack_bytes(play->rack, json_array_get(pair, 1));
        if (value.data) {
            rig_env_set_bytes(env, name, value.data, value.size);
        } else {
            rig_env_unset(env, name);
        }
    }
}

const struct rig_result *play_send(struct play *play, const char *method, const json_t *uri, const json_t *env)
{
    forget(play);
    play->trace = json_array();
    play->headers = json_array();
    struct rig_request request = {.method = method, .target = rack_string(play->rack, uri)};
    struct rig_env *built = rig_env_for(play->client, request);
    if (!built) {
        return rig_send(play->client, request); /* which says why */
    }
    set_variables(play, built, env);
    return rig_call(play->client, built);
}

void play_end(struct play *play)
{
    forget(play);
    rig_client_free(play->client);
    for (struct owned_stack *kept = play->stacks; kept; kept = kept->next) {
        rig_stack_free(kept->stack);
    }
}

/* ---- maps ---- */

/* The stack of a map, with the layer that watches if it is the outermost. */
static struct rig_stack *map_of(struct play *play, const json_t *map, bool outermost)
{
    struct rig_stack *stack = play_stack(play, !outermost);
    if (outermost) {
        rig_use(stack, &play_watch, &play);
    }
    for (size_t i = 0; i < json_array_size(map); i++) {
        const char *location = rack_string(play->rack, json_array_get(json_array_get(map, i), 0));
        const json_t *target = json_array_get(json_array_get(map, i), 1);
        struct rig_stack *inner;
        if (json_is_string(target)) {
            inner = play_stack(play, true);
            rig_run(inner, play_app(play, json_string_value(target)));
        } else {
            rack_only(play->rack, target, "map", NULL);
            inner = map_of(play, json_object_get(target, "map"), false);
        }
        play->refused = rig_map(stack, location, inner) != 0 || play->refused;
    }
    if (json_array_size(map) == 0) {
        rig_run(stack, rig_not_found());
    }
    return stack;
}

static json_t *map_outcome(struct play *play, const struct rig_result *result)
{
    json_t *after = json_pack("{s:O, s:O}", "script_name", play->script_name, "path_info", play->path_info);
    if (result->error) {
        json_t *outcome = json_pack("{s:{s:s}, s:o}", "error", "kind", "runtime", "after", after);
        json_object_set(outcome, "app", play->app);
        return outcome;
    }
    json_t *app = play->app ? json_incref(play->app) : json_null();
    json_t *outcome = json_pack("{s:i, s:o, s:o}", "status", play->status, "app", app, "after", after);
    if (!play->app) {
        json_object_set(outcome, "headers", play->headers);
        json_object_set(outcome, "body", play->body);
    }
    return outcome;
}

static json_t *play_map(struct rack_case *rack)
{
    struct play play = {.rack = rack};
    const json_t *request = json_object_get(rack->input, "request");
    rack_only(rack, rack->input, "kind", "map", "request", NULL);
    rack_only(rack, request, "uri", "method", "env", NULL);
    struct rig_stack *stack = map_of(&play, json_object_get(rack->input, "map"), true);
    json_t *outcome = play.refused ? rack_error("invalid_argument") : NULL;
    play.client = rig_client_new(rig_stack_app(stack), (struct rig_client_options){.server = &rig_server_memory});
    if (!outcome) {
        const char *method = rack_string(rack, json_object_get(request, "method"));
        const struct rig_result *result =
            play_send(&play, method, json_object_get(request, "uri"), json_object_get(request, "env"));
        outcome = rig_result_found(result, "request.target.invalid") ? rack_error("bad_uri")
                  : play.script_name                                 ? map_outcome(&play, result)
                                                                     : rack_wrong(rack, "the stack did not run");
    }
    play_end(&play);
    return outcome;
}

static json_t *run(struct rack_case *rack)
{
    const char *kind = json_string_value(json_object_get(rack->input, "kind"));
    if (kind && strcmp(kind, "urlmap") == 0) {
        return play_map(rack);
    }
    return kind && strcmp(kind, "builder") == 0 ? play_builder(rack) : rack_wrong(rack, "an unknown kind");
}

/* Where an error is expected, what else it says of it may be less than we know. */
static json_t *cut(const json_t *want, json_t *got)
{
    const char *key;
    json_t *value;
    void *next;
    if (json_object_get(want, "error")) {
        json_object_foreach_safe(got, next, key, value)
        {
            if (!json_object_get(want, key)) {
                json_object_del(got, key);
            }
        }
    }
    for (size_t i = 0; i < json_array_size(json_object_get(want, "results")); i++) {
        cut(json_array_get(json_object_get(want, "results"), i), json_array_get(json_object_get(got, "results"), i));
    }
    return got;
}

static bool compare(struct rack_case *rack, const json_t *want, const json_t *got)
{
    json_t *copy = json_deep_copy(got);
    bool same = rack_equal(rack, want, cut(want, copy));
    json_decref(copy);
    return same;
}

const struct rack_area rack_urlmap_builder = {.name = "urlmap_builder", .run = run, .compare = compare};
