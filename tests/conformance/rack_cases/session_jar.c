/* The steps of a session that are about its jar. */
#include "tests/conformance/rack_cases/session_play.h"

#include <stackrig/http/percent.h>
#include <stackrig/stackrig.h>

#include <string.h>

json_t *session_done(void)
{
    return json_pack("{s:b}", "done", 1);
}

static json_t *decoded(struct rack_case *rack, const char *text)
{
    char *out = text ? rack_print(rack, "%s", text) : NULL;
    return out ? rack_value(out, rig_cookie_decode(text, strlen(text), out)) : json_null();
}

/* What the jar refuses Rack drops without a word. */
static json_t *run_set_cookie(struct session_play *play, const json_t *step)
{
    const char *raw = rack_string(play->rack, json_object_get(step, "raw"));
    const char *uri = rack_string(play->rack, json_object_get(step, "uri"));
    rack_only(play->rack, step, "op", "raw", "uri", NULL);
    while (raw) {
        const char *end = strchr(raw, '\n');
        int size = end ? (int)(end - raw) : (int)strlen(raw);
        (void)rig_session_set_cookie(play->session, uri, rack_print(play->rack, "%.*s", size, raw));
        raw = end ? end + 1 : NULL;
    }
    return session_done();
}

static json_t *run_jar_set(struct session_play *play, const json_t *step)
{
    rack_only(play->rack, step, "op", "name", "value", NULL);
    int error = rig_session_put_cookie(play->session, rack_string(play->rack, json_object_get(step, "name")),
                                       rack_string(play->rack, json_object_get(step, "value")));
    return error ? rack_error("invalid_argument") : session_done();
}

/* rack-test keeps its jar by name, path and the domain read backwards: is one behind the other there? */
static bool stands_behind(const struct rig_jar_cookie *one, const struct rig_jar_cookie *other)
{
    size_t a = strlen(one->domain), b = strlen(other->domain);
    int order = strcmp(one->path, other->path);
    while (order == 0 && a > 0 && b > 0) {
        order = one->domain[--a] - other->domain[--b];
    }
    return order > 0 || (order == 0 && a > b);
}

struct listing {
    struct rack_case *rack;
    json_t *pairs;
    const char *name; /* the only one that counts; NULL: all do */
    const struct rig_jar_cookie *last;
};

/* Of one name the first. */
static int find_cookie(void *closure, const struct rig_jar_cookie *cookie)
{
    struct listing *listing = closure;
    if (strcmp(listing->name, cookie->name) == 0 && (!listing->last || stands_behind(listing->last, cookie))) {
        listing->last = cookie;
    }
    return 0;
}

static json_t *run_jar_get(struct session_play *play, const json_t *step)
{
    struct listing listing = {.rack = play->rack, .name = rack_string(play->rack, json_object_get(step, "name"))};
    rack_only(play->rack, step, "op", "name", NULL);
    if (!listing.name) {
        return rack_wrong(play->rack, "jar_get wants a name");
    }
    (void)rig_jar_each(rig_session_jar(play->session), find_cookie, &listing);
    return json_pack("{s:o}", "value", listing.last ? decoded(play->rack, listing.last->value) : json_null());
}

static json_t *run_jar_delete(struct session_play *play, const json_t *step)
{
    rack_only(play->rack, step, "op", "name", NULL);
    (void)rig_session_delete_cookie(play->session, rack_string(play->rack, json_object_get(step, "name")));
    return session_done();
}

/* One for each name, with the value of the last. */
static int list_cookie(void *closure, const struct rig_jar_cookie *cookie)
{
    struct listing *listing = closure;
    bool again = listing->last && strcmp(listing->last->name, cookie->name) == 0;
    if (again && !stands_behind(cookie, listing->last)) {
        return 0;
    }
    if (again) {
        (void)json_array_remove(listing->pairs, json_array_size(listing->pairs) - 1);
    }
    listing->last = cookie;
    return json_array_append_new(listing->pairs, json_pack("[o,o]", decoded(listing->rack, cookie->name),
                                                           decoded(listing->rack, cookie->value)));
}

static json_t *run_jar_all(struct session_play *play, const json_t *step)
{
    struct listing listing = {.rack = play->rack, .pairs = json_array()};
    rack_only(play->rack, step, "op", NULL);
    (void)rig_jar_each(rig_session_jar(play->session), list_cookie, &listing);
    return json_pack("{s:{s:o}}", "cookies", "map", listing.pairs);
}

static json_t *run_clear_cookies(struct session_play *play, const json_t *step)
{
    rack_only(play->rack, step, "op", NULL);
    rig_session_clear_cookies(play->session);
    return session_done();
}

const struct session_op session_jar_ops[] = {
    {"set_cookie", run_set_cookie},
    {"jar_set", run_jar_set},
    {"jar_get", run_jar_get},
    {"jar_delete", run_jar_delete},
    {"jar_all", run_jar_all},
    {"clear_cookies", run_clear_cookies},
    {NULL, NULL},
};
