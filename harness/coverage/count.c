#define _POSIX_C_SOURCE 200809L

#include "harness/coverage/count.h"
#include "harness/core/own.h"
#include "harness/core/stack.h"
#include "harness/core/wall.h"

#include <stackrig/http/base64.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define SAVE_EVERY 200000000 /* ns */
#define ROUTE_MAX 48

/* What a request brings, as the outermost layer finds it: layers may take it away. */
struct exchange {
    bool begun, authorization, cookie, key, any,
        readable; /* any: behind the scheme; readable: credentials that can be of their scheme */
    char scheme[RIG_COVER_WAY_MAX], route[ROUTE_MAX];
    uint64_t replaced; /* hops that gave another body, the first 64 */
};

/* ---- the request ---- */

static const struct rig_entry *entry_of(const struct rig_env *env, const char *name)
{
    for (uint32_t i = 0; i < env->count; i++) {
        const struct rig_entry *entry = &env->entries[i];
        if (entry->state == RIG_ENTRY_STRING && strcmp(entry->name, name) == 0) {
            return entry;
        }
    }
    return NULL;
}

static bool is_token(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("-._", c));
}

static void take_scheme(char scheme[RIG_COVER_WAY_MAX], const char *value)
{
    size_t size = 0;
    value += strspn(value, " \t");
    for (; size + 1 < RIG_COVER_WAY_MAX && is_token(value[size]); size++) {
        scheme[size] = value[size];
    }
    scheme[size] = '\0';
}

/* Letters, digits and -._~+/, then any number of = (RFC 6750 section 2.1). */
static bool is_bearer(const char *token)
{
    size_t size = 0;
    while (is_token(token[size]) || (token[size] != '\0' && strchr("~+/", token[size]))) {
        size++;
    }
    return size > 0 && token[size + strspn(token + size, "=")] == '\0';
}

/* user:password, after one space. */
static bool is_basic(const struct rig_entry *entry)
{
    char text[512];
    const char *coded = strchr(entry->value, ' ');
    size_t size = coded ? strlen(coded + 1) : 0;
    if (size == 0 || size >= sizeof text || size + (size_t)(coded + 1 - entry->value) != entry->value_size) {
        return size >= sizeof text; /* too long to tell */
    }
    int64_t got = rig_base64_decode(coded + 1, size, text, sizeof text);
    return got > 0 && memchr(text, ':', (size_t)got);
}

static void take_credentials(struct exchange *exchange, const struct rig_entry *entry)
{
    take_scheme(exchange->scheme, entry->value);
    const char *credentials = entry->value + strspn(entry->value, " \t") + strlen(exchange->scheme);
    credentials += strspn(credentials, " \t");
    exchange->any = *credentials != '\0';
    exchange->readable = strcasecmp(exchange->scheme, "Basic") == 0    ? is_basic(entry)
                         : strcasecmp(exchange->scheme, "Bearer") == 0 ? is_bearer(credentials)
                                                                       : exchange->any;
}

/* Where the app is mounted, and the first segment: "/admin", "/items". A number stands for all numbers. */
static void take_route(char route[ROUTE_MAX], const char *mount, const char *path)
{
    size_t size = strspn(path, "/"), length = 0;
    const char *segment = path + size;
    while (is_token(segment[length])) {
        length++;
    }
    bool odd = (segment[length] != '\0' && segment[length] != '/') || strlen(mount) + length + 2 > ROUTE_MAX;
    bool number = length > 0 && strspn(segment, "0123456789") >= length;
    if (odd) {
        memcpy(route, RIG_COVER_OTHERS, sizeof RIG_COVER_OTHERS);
        return;
    }
    size = strlen(mount);
    memcpy(route, mount, size);
    route[size++] = '/';
    memcpy(route + size, number ? "N" : segment, number ? 1 : length);
    route[size + (number ? 1 : length)] = '\0';
}

static void begin(struct exchange *exchange, const struct rig_env *env)
{
    const struct rig_entry *authorization = entry_of(env, "HTTP_AUTHORIZATION");
    const struct rig_entry *mount = entry_of(env, "SCRIPT_NAME"), *path = entry_of(env, "PATH_INFO");
    exchange->begun = true;
    exchange->authorization = authorization != NULL;
    exchange->cookie = entry_of(env, "HTTP_COOKIE") != NULL;
    exchange->key = entry_of(env, "HTTP_X_API_KEY") != NULL;
    if (authorization) {
        take_credentials(exchange, authorization);
    }
    take_route(exchange->route, mount ? mount->value : "", path ? path->value : "/");
}

/* ---- a layer's visit ---- */

/* The scheme that the answer asks for; "": none. */
static void challenge_of(const struct rig_response *response, char scheme[RIG_COVER_WAY_MAX])
{
    scheme[0] = '\0';
    for (uint32_t i = 0; i < response->header_count; i++) {
        if (response->headers[i].value && strcasecmp(response->headers[i].name, "WWW-Authenticate") == 0) {
            take_scheme(scheme, response->headers[i].value);
            return;
        }
    }
}

/* Says a status that it is the credentials which are refused? 413 and 503, say, answer good ones, too. */
static bool is_denial(int status)
{
    return status == 401 || status == 403 || status == 407;
}

/* Where the test says what it sends, a login page, a redirect and a 404 are refusals as well; where it brings nothing, a
 * redirect is, and of what is malformed a 400. */
static bool is_refusal(int status, enum rig_cover_class class, bool said)
{
    bool redirect = status >= 300 && status < 400;
    bool other = status == 404 || (status >= 200 && status < 300);
    return is_denial(status) || redirect || (status == 400 && (said || class == RIG_COVER_MALFORMED)) ||
           (said && other);
}

/* Of a request whose test does not say it: by what it brings, and what the layer made of that. */
static enum rig_cover_class infer_class(const struct rig_run *run, const struct exchange *exchange, int status,
                                        bool passed)
{
    char asked[RIG_COVER_WAY_MAX];
    if (!exchange->authorization && !exchange->cookie) {
        return RIG_COVER_NONE;
    }
    if (passed) {
        return RIG_COVER_VALID;
    }
    bool readable = !exchange->authorization || (exchange->readable && exchange->scheme[0]);
    if (!is_denial(status) && (readable || status != 400)) {
        return RIG_COVER_UNKNOWN;
    }
    if (!exchange->authorization) {
        return RIG_COVER_WRONG_SECRET;
    }
    challenge_of(run->response, asked);
    if (exchange->scheme[0] && exchange->any && asked[0] && strcasecmp(exchange->scheme, asked) != 0) {
        return RIG_COVER_WRONG_SCHEME;
    }
    return readable ? RIG_COVER_WRONG_SECRET : RIG_COVER_MALFORMED;
}

static enum rig_cover_class class_of(const struct rig_run *run, const struct exchange *exchange, int status,
                                     bool passed)
{
    const char *said = run->exchange == 0 ? run->credentials : NULL;
    return said ? rig_cover_class_of(said, strlen(said)) : infer_class(run, exchange, status, passed);
}

/* How it is asked, for advice: what carried credentials that were let in, and what the answer asks for. */
static void note_way(struct rig_cover_layer *layer, const struct rig_run *run, const struct exchange *exchange,
                     enum rig_cover_class class, enum rig_cover_end end)
{
    const char *way = exchange->scheme[0] ? exchange->scheme : exchange->cookie ? "Cookie" : "X-Api-Key";
    bool any = exchange->scheme[0] || exchange->cookie || exchange->key;
    if (end == RIG_COVER_REFUSED && !layer->asked[0]) {
        challenge_of(run->response, layer->asked);
    } else if (end == RIG_COVER_LET_IN && class == RIG_COVER_VALID && any && (run->credentials || !layer->taken[0])) {
        (void)snprintf(layer->taken, sizeof layer->taken, "%s", way);
    }
}

/* "a/b.c:12" without its line. */
static size_t file_size(const char *site)
{
    const char *colon = strrchr(site, ':');
    return colon ? (size_t)(colon - site) : strlen(site);
}

static void note_file(struct rig_cover_table *table, struct rig_cover_layer *layer, const char *site)
{
    if (site) {
        rig_cover_add_file(table, layer, site, file_size(site));
    }
}

static void count_auth(struct rig_cover_table *table, struct rig_cover_layer *layer, const struct rig_run *run,
                       const struct exchange *exchange, const struct rig_hop *hop, bool passed, bool body)
{
    int status = hop->returned < 0 ? 0 : (int)hop->status_out;
    bool said = run->exchange == 0 && run->credentials;
    enum rig_cover_class class = class_of(run, exchange, status, passed);
    enum rig_cover_end end = passed                            ? RIG_COVER_LET_IN
                             : is_refusal(status, class, said) ? RIG_COVER_REFUSED
                                                               : RIG_COVER_FAILED;
    struct rig_cover_route *route = rig_cover_route_of(table, layer, exchange->route);
    layer->auth = true;
    if (route) {
        route->counts[class][body][end]++;
        note_way(layer, run, exchange, class, end);
    }
}

static struct rig_cover_layer *layer_of(struct rig_cover_table *table, const char *name, const char *site)
{
    char place[RIG_COVER_NAME_MAX + 1] = "";
    if (site && file_size(site) < sizeof place) {
        memcpy(place, site, file_size(site));
    }
    return rig_cover_layer_of(table, name, place);
}

/* One that no request came to has never refused anybody. */
static void list_layers(struct rig_cover_table *table, const struct rig_stack *stack)
{
    for (size_t i = 0; i < stack->use_count; i++) {
        const struct rig_hop *hop = &stack->uses[i]->entered.hop;
        struct rig_cover_layer *layer =
            hop->auth && !stack->uses[i]->left_out ? layer_of(table, stack->uses[i]->name, hop->layer_site) : NULL;
        if (layer) {
            layer->auth = true;
        }
    }
    for (const struct rig_stack *inner = stack->first_inner; inner; inner = inner->next_inner) {
        list_layers(table, inner);
    }
}

static void count_hop(struct rig_cover_table *table, const struct rig_run *run, const struct exchange *exchange,
                      uint32_t number, bool body)
{
    const struct rig_hop *hop = &run->hops[number];
    const struct rig_hop *below =
        number + 1 < run->hop_count && run->hops[number + 1].parent == number ? hop + 1 : NULL;
    bool passed = hop->next_calls > 0 || below;
    bool gone = (run->delivery && run->delivery->outcome == RIG_GONE) || run->wire.body_failed;
    uint32_t visit = number - run->first_hop;
    bool replaced = visit < 64 && (exchange->replaced >> visit & 1) != 0;
    struct rig_cover_layer *layer = layer_of(table, hop->layer, hop->layer_site);
    if (!layer) {
        return;
    }
    note_file(table, layer, hop->left_at);
    note_file(table, layer, below ? below->entered_at : NULL);
    layer->outcomes[RIG_COVER_PASSED] += passed;
    layer->outcomes[RIG_COVER_EARLY] += hop->answered && !passed && !body;
    layer->outcomes[RIG_COVER_EARLY_BODY] += hop->answered && !passed && body;
    layer->outcomes[RIG_COVER_REQUEST] += hop->env_writes > 0 || replaced;
    layer->outcomes[RIG_COVER_RESPONSE] += passed && hop->left_at;
    layer->outcomes[RIG_COVER_ERROR] += hop->returned < 0;
    layer->outcomes[RIG_COVER_DISCONNECT] += gone;
    if (hop->auth) {
        count_auth(table, layer, run, exchange, hop, passed, body);
    }
}

static void count(struct rig_cover *cover, const struct rig_run *run, const struct exchange *exchange, bool body)
{
    for (uint32_t i = run->first_hop; i < run->hop_count; i++) {
        if (!run->hops[i].is_app && run->hops[i].layer && run->hops[i].exchange == run->exchange) {
            count_hop(&cover->table, run, exchange, i, body);
        }
    }
    cover->fresh++;
}

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    struct exchange *exchange = state;
    struct rig_cover *cover = run->runner->cover;
    if (!cover) {
        return 0;
    }
    bool before = rig_memory_own(true); /* what is kept of it is no layer's */
    if (event->kind == RIG_EVENT_BEGIN) {
        begin(exchange, event->env);
    } else if (event->kind == RIG_EVENT_INPUT_REPLACE) {
        uint32_t visit = event->hop ? event->hop->number - run->first_hop : 64;
        exchange->replaced |= visit < 64 ? UINT64_C(1) << visit : 0;
    } else if (exchange->begun) {
        count(cover, run, exchange, (event->facts & RIG_FACT_HAS_BODY) != 0);
    }
    (void)rig_memory_own(before);
    return 0;
}

const struct rig_check rig_check_cover = {.name = "coverage",
                                          .wants = {{RIG_EVENT_BEGIN, RIG_FACT_ALWAYS},
                                                    {RIG_EVENT_INPUT_REPLACE, RIG_FACT_ALWAYS},
                                                    {RIG_EVENT_END, RIG_FACT_ALWAYS}},
                                          .state_size = sizeof(struct exchange),
                                          .on_event = on_event};

/* ---- a client's ---- */

static struct rig_cover *make(const struct rig_check_set *checks, const char *folder)
{
    struct rig_cover *cover = calloc(1, sizeof *cover);
    char *copy = cover ? malloc(strlen(folder) + 1) : NULL;
    if (!copy) {
        free(cover);
        return NULL;
    }
    memcpy(copy, folder, strlen(folder) + 1);
    memcpy(cover->checks, checks->checks, checks->count * sizeof(const struct rig_check *));
    cover->checks[checks->count] = &rig_check_cover;
    cover->set = (struct rig_check_set){cover->checks, checks->count + 1};
    cover->folder = copy;
    cover->process = (long)getpid();
    cover->saved = rig_wall_ns();
    return cover;
}

struct rig_cover *rig_cover_new(const struct rig_check_set *checks)
{
    const char *folder = getenv(RIG_COVER_VARIABLE);
    if (!folder || !*folder || checks->count >= RIG_CHECKS_MAX) {
        return NULL;
    }
    bool before = rig_memory_own(true);
    struct rig_cover *cover = make(checks, folder);
    (void)rig_memory_own(before);
    return cover;
}

void rig_cover_flush_one(struct rig_cover *cover, bool now)
{
    if (cover->fresh == 0 || cover->process != (long)getpid()) {
        return;
    }
    if (!now && ((cover->fresh & 63) != 0 || rig_wall_ns() - cover->saved < SAVE_EVERY)) {
        return;
    }
    bool before = rig_memory_own(true);
    if (cover->stack && !cover->listed) {
        list_layers(&cover->table, cover->stack);
        cover->listed = true;
    }
    if (!cover->table.starved && rig_cover_save(cover->folder, &cover->table) == 0) {
        rig_cover_free(&cover->table);
        cover->fresh = 0;
    }
    cover->saved = rig_wall_ns();
    (void)rig_memory_own(before);
}

void rig_cover_end(struct rig_cover *cover)
{
    if (cover) {
        bool before = rig_memory_own(true);
        rig_cover_free(&cover->table);
        free(cover->folder);
        free(cover);
        (void)rig_memory_own(before);
    }
}
