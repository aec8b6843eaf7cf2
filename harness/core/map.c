/* Stacks below prefixes: the longest host and path first, as Rack's URLMap does it. */
#include "harness/core/hash.h"
#include "harness/core/stack.h"
#include "harness/http/chars.h"

#include <errno.h>

/* ---- adding a mapping ---- */

struct location {
    const char *host, *path;
    size_t host_size, path_size;
};

static bool parse_location(const char *prefix, struct location *location)
{
    *location = (struct location){.path = prefix};
    const char *rest = strncmp(prefix, "http://", 7) == 0    ? prefix + 7
                       : strncmp(prefix, "https://", 8) == 0 ? prefix + 8
                                                             : NULL;
    if (rest) {
        location->host = rest;
        location->host_size = strcspn(rest, "/");
        location->path = rest + location->host_size;
        if (location->host_size == 0) {
            return false;
        }
    }
    if (location->path[0] != '/') {
        return false;
    }
    location->path_size = strlen(location->path);
    while (location->path_size > 0 && location->path[location->path_size - 1] == '/') {
        location->path_size--;
    }
    return true;
}

/* Of two for one place the later goes before, and hides the earlier. */
static bool goes_before(const struct rig_mapping *a, const struct rig_mapping *b)
{
    size_t host_a = a->host ? strlen(a->host) : 0, host_b = b->host ? strlen(b->host) : 0;
    return host_a != host_b ? host_a > host_b : a->path_size >= b->path_size;
}

static void insert(struct rig_stack *stack, struct rig_mapping mapping)
{
    size_t at = stack->mapping_count++;
    while (at > 0 && goes_before(&mapping, &stack->mappings[at - 1])) {
        stack->mappings[at] = stack->mappings[at - 1];
        at--;
    }
    stack->mappings[at] = mapping;
}

/* Repeated slashes of a prefix count as one, as those of a path do. */
static char *copy_path(struct rig_stack *stack, const struct location *location, size_t *size)
{
    char *copy = rig_memory_alloc(&stack->memory, location->path_size + 1);
    *size = 0;
    for (size_t i = 0; copy && i < location->path_size; i++) {
        if (location->path[i] != '/' || i == 0 || location->path[i - 1] != '/') {
            copy[(*size)++] = location->path[i];
        }
    }
    if (copy) {
        copy[*size] = '\0';
    }
    return copy;
}

static int add_mapping(struct rig_stack *stack, const struct location *location, struct rig_stack *inner)
{
    struct rig_mapping *grown =
        rig_stack_grow(stack, stack->mappings, &stack->mapping_capacity, stack->mapping_count, sizeof *stack->mappings);
    if (!grown) {
        return -ENOMEM;
    }
    stack->mappings = grown;
    struct rig_mapping mapping = {.path_room = location->path_size + 1, .inner = inner};
    mapping.path = copy_path(stack, location, &mapping.path_size);
    mapping.host = location->host ? rig_stack_string(stack, location->host, location->host_size) : NULL;
    if (!mapping.path || (location->host && !mapping.host)) {
        rig_memory_release(&stack->memory, mapping.path, mapping.path_room);
        rig_memory_release(&stack->memory, mapping.host, location->host_size + 1);
        return -ENOMEM;
    }
    inner->taken = true;
    *(stack->last_inner ? &stack->last_inner->next_inner : &stack->first_inner) = inner;
    stack->last_inner = inner;
    insert(stack, mapping);
    return 0;
}

static bool contains(const struct rig_stack *stack, const struct rig_stack *wanted)
{
    if (stack == wanted) {
        return true;
    }
    for (size_t i = 0; i < stack->mapping_count; i++) {
        if (contains(stack->mappings[i].inner, wanted)) {
            return true;
        }
    }
    return false;
}

int rig_map_at(const char *site, struct rig_stack *stack, const char *prefix, struct rig_stack *inner)
{
    struct location location;
    int error = 0;
    bool owned = inner && (inner->taken || (stack && contains(inner, stack))); /* then it is not ours to free */
    if (!stack || !prefix || !inner) {
        error = rig_mistake_build(stack, RIG_MISUSE_NULL_ARGUMENT, site, "rig_map was given a NULL %s",
                                  !stack    ? "stack"
                                  : !prefix ? "prefix"
                                            : "inner stack");
    } else if (rig_stack_is_frozen(stack, site, "rig_map")) {
        error = -EINVAL;
    } else if (owned) {
        error = rig_mistake_build(stack, RIG_MISUSE_STACK_LOOP, site, "rig_map: stack \"%s\" %s", inner->name,
                                  inner->taken ? "is mapped already" : "would contain itself");
    } else if (!parse_location(prefix, &location)) {
        error = rig_mistake_build(stack, RIG_MISUSE_MAP_PREFIX, site,
                                  "rig_map: \"%s\" is no prefix: it begins with / or http://host/", prefix);
    } else if (add_mapping(stack, &location, inner) != 0) {
        (void)rig_mistake_build(stack, RIG_MISUSE_LAYER_INIT, site, "out of memory while mapping \"%s\"", prefix);
        error = -ENOMEM;
    }
    if (error != 0 && !owned) {
        rig_stack_free(inner);
    }
    return error;
}

/* ---- choosing one ---- */

static struct rig_entry *find_entry(const struct rig_env *env, const char *name)
{
    size_t size = strlen(name);
    return rig_env_find(env, name, size, rig_hash(name, size));
}

static const struct rig_entry *entry_of(const struct rig_env *env, const char *name)
{
    const struct rig_entry *entry = find_entry(env, name);
    return entry && entry->state == RIG_ENTRY_STRING ? entry : NULL;
}

static bool value_equals(const struct rig_entry *entry, const char *text, size_t size)
{
    return entry && rig_name_equal(entry->value, entry->value_size, text, size);
}

/* "name" or "name:port" */
static bool is_same_server(const struct rig_entry *host, const struct rig_entry *name, const struct rig_entry *port)
{
    if (!host || !name || value_equals(host, name->value, name->value_size)) {
        return true;
    }
    return host->value_size > name->value_size && host->value[name->value_size] == ':' &&
           rig_name_equal(host->value, name->value_size, name->value, name->value_size) && port &&
           value_equals(port, host->value + name->value_size + 1, host->value_size - name->value_size - 1);
}

/* Mappings with a host come first. */
static bool is_known_host(const struct rig_stack *stack, const struct rig_entry *host)
{
    for (size_t i = 0; i < stack->mapping_count && stack->mappings[i].host; i++) {
        const char *known = stack->mappings[i].host;
        if (value_equals(host, known, strlen(known))) {
            return true;
        }
    }
    return false;
}

/* Repeated slashes in a path count as one, as in Rack. How much of the path the prefix takes; SIZE_MAX: no match. */
static size_t match_path(const struct rig_mapping *mapping, struct rig_bytes path)
{
    const char *bytes = path.data;
    size_t at = 0;
    for (size_t i = 0; i < mapping->path_size; i++) {
        if (at == path.size || bytes[at] != mapping->path[i]) {
            return SIZE_MAX;
        }
        at++;
        while (mapping->path[i] == '/' && at < path.size && bytes[at] == '/') {
            at++;
        }
    }
    return at == path.size || bytes[at] == '/' ? at : SIZE_MAX;
}

/* What decides: the server's own name may have a place of its own, the Host header's goes before it. */
struct asked {
    const struct rig_entry *host, *name;
    struct rig_bytes path;
    bool by_header; /* only what the Host header names */
    bool any_host;  /* what was mapped without a host will do */
};

static bool fits(const struct rig_mapping *mapping, const struct asked *asked)
{
    size_t size = mapping->host ? strlen(mapping->host) : 0;
    const struct rig_entry *host = asked->by_header ? asked->host : asked->name;
    return mapping->host ? value_equals(host, mapping->host, size) : asked->any_host;
}

/* *taken: how much of the path its prefix takes. NULL: none. */
static const struct rig_mapping *find(const struct rig_stack *stack, const struct asked *asked, size_t *taken)
{
    for (size_t i = 0; i < stack->mapping_count; i++) {
        const struct rig_mapping *mapping = &stack->mappings[i];
        *taken = fits(mapping, asked) ? match_path(mapping, asked->path) : SIZE_MAX;
        if (*taken != SIZE_MAX) {
            return mapping;
        }
    }
    return NULL;
}

static const struct rig_mapping *choose(const struct rig_stack *stack, const struct rig_env *env, struct rig_bytes path,
                                        size_t *taken)
{
    struct asked asked = {.host = entry_of(env, "HTTP_HOST"), .name = entry_of(env, "SERVER_NAME"), .path = path};
    const struct rig_mapping *mapping = NULL;
    bool known = is_known_host(stack, asked.host);
    if (known) {
        asked.by_header = true;
        mapping = find(stack, &asked, taken);
        asked.by_header = false;
    }
    if (!mapping) {
        asked.any_host = !known || is_same_server(asked.host, asked.name, entry_of(env, "SERVER_PORT"));
        mapping = find(stack, &asked, taken);
    }
    return mapping;
}

/* ---- passing on ---- */

/* What a variable held, put aside for the time of a call. Neither this nor putting it back is any layer's write. */
struct aside {
    const char *name;
    struct rig_entry old; /* state GONE: it was not there */
};

/* The entry of that name, made if absent; NULL: out of memory. */
static struct rig_entry *claim(struct rig_env *env, const char *name)
{
    size_t size = strlen(name);
    uint32_t hash = rig_hash(name, size);
    struct rig_entry *entry = rig_env_find(env, name, size, hash);
    if (entry || rig_env_put(env, name, size, hash, "", 0) != 0) {
        return entry;
    }
    return &env->entries[env->count - 1];
}

static void hold(struct rig_entry *entry, const struct rig_entry *what)
{
    entry->value = what->value;
    entry->value_size = what->value_size;
    entry->object = what->object;
    entry->state = what->state;
}

static int put_aside(struct rig_env *env, struct aside *aside, struct rig_bytes value)
{
    const struct rig_entry *old = find_entry(env, aside->name);
    aside->old = old ? *old : (struct rig_entry){.state = RIG_ENTRY_GONE};
    struct rig_entry *entry = claim(env, aside->name);
    if (!entry) {
        return -ENOMEM;
    }
    hold(entry,
         &(struct rig_entry){.value = value.data, .value_size = (uint32_t)value.size, .state = RIG_ENTRY_STRING});
    return 0;
}

/* Whatever was done to it below. */
static int put_back(struct rig_env *env, const struct aside *aside)
{
    if (aside->old.state == RIG_ENTRY_GONE) {
        struct rig_entry *entry = find_entry(env, aside->name);
        if (entry) {
            rig_env_drop(env, entry);
        }
        return 0;
    }
    struct rig_entry *entry = claim(env, aside->name);
    if (entry) {
        hold(entry, &aside->old);
    }
    return entry ? 0 : -ENOMEM;
}

static struct rig_bytes bytes_of(const struct rig_entry *entry)
{
    return entry ? (struct rig_bytes){entry->value, entry->value_size} : (struct rig_bytes){"", 0};
}

/* a and then b, with a zero byte after them; .data NULL: out of memory. */
static struct rig_bytes join(struct rig_run *run, struct rig_bytes a, struct rig_bytes b)
{
    char *joined = rig_arena_alloc(&run->arena, a.size + b.size + 1);
    if (!joined) {
        return (struct rig_bytes){NULL, 0};
    }
    memcpy(joined, a.data, a.size);
    memcpy(joined + a.size, b.data, b.size);
    joined[a.size + b.size] = '\0';
    return (struct rig_bytes){joined, a.size + b.size};
}

static int pass_below(struct rig_run *run, const struct rig_mapping *mapping, struct rig_env *env,
                      struct rig_response *response, struct rig_bytes rest, const char *entered_at)
{
    struct rig_bytes below =
        join(run, bytes_of(entry_of(env, "SCRIPT_NAME")), (struct rig_bytes){mapping->path, mapping->path_size});
    struct aside script_name = {.name = "SCRIPT_NAME"}, path_info = {.name = "PATH_INFO"};
    if (!below.data || put_aside(env, &script_name, below) != 0) {
        return -ENOMEM;
    }
    int returned = put_aside(env, &path_info, rest);
    if (returned == 0) {
        returned = rig_stack_pass(run, mapping->inner, 0, env, response, entered_at);
        int error = put_back(env, &path_info);
        returned = returned ? returned : error;
    }
    int error = put_back(env, &script_name);
    return returned ? returned : error;
}

/* What a server reads away for the sake of the next request; of a body with more it rather gives up the connection. */
#define DRAIN_MAX ((uint64_t)1 << 20)

/* The rig's own answer where nothing is mapped, as Rack's URLMap gives it. It drains, so that nobody is blamed for the
 * body, and answers HEAD as it answers GET, which is then nobody's fault either. */
static int not_found(void *self, struct rig_env *env, struct rig_response *response)
{
    static const char *const ignore[] = {"response.head.body_forbidden", NULL};
    static const struct rig_switches switches = {.ignore = ignore};
    struct rig_run *run = rig_live(NULL, env ? &env->handle : NULL, RIG_HANDLE_ENV, "rig_not_found");
    (void)self;
    if (!run) {
        return rig_live_error(env ? &env->handle : NULL);
    }
    if (run->current) {
        run->current->switches = &switches;
    }
    bool closes = rig_input_drain_at(NULL, env->input, DRAIN_MAX) == -EFBIG;
    struct rig_bytes body = join(run, (struct rig_bytes){"Not Found: ", 11}, bytes_of(entry_of(env, "PATH_INFO")));
    const struct rig_reply reply = {.response = response,
                                    .status = 404,
                                    .headers = {{"Content-Type", "text/plain"},
                                                {"X-Cascade", "pass"},
                                                {closes ? "Connection" : NULL, closes ? "close" : NULL}},
                                    .bytes = body};
    return body.data ? rig_respond_at(NULL, &reply) : -ENOMEM;
}

struct rig_app rig_not_found(void)
{
    return (struct rig_app){.name = "not found", .call = not_found};
}

int rig_map_pass(struct rig_run *run, const struct rig_stack *stack, struct rig_env *env, struct rig_response *response,
                 const char *entered_at)
{
    struct rig_bytes path = bytes_of(entry_of(env, "PATH_INFO"));
    size_t taken = 0;
    const struct rig_mapping *mapping = choose(stack, env, path, &taken);
    if (mapping) {
        struct rig_bytes rest = {(const char *)path.data + taken, path.size - taken};
        return pass_below(run, mapping, env, response, rest, entered_at);
    }
    const struct rig_app app = stack->app.call ? stack->app : rig_not_found();
    return rig_app_pass(run, &app, stack->app_site, env, response, entered_at);
}
