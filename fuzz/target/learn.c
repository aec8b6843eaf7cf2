#define _GNU_SOURCE /* strcasestr */

/* Words of the stack under test: its prefixes, the headers that it asks for, and what the user names. */
#include "fuzz/target/target.h"

#include "harness/core/event.h"
#include "harness/core/stack.h"
#include "harness/http/chars.h"
#include "harness/report/mask.h"

#include <stackrig/http/query.h>

#include <errno.h>
#include <stdio.h>

#define WORDS 80     /* of one group */
#define PARAMETERS 8 /* whose values are varied: so that all have room */
#define JOINED 8     /* targets of two */
#define HOSTS 4      /* with what is made of them */
#define HOST_MAX 64
#define ASKED ((RIG_FUZZ_PLACES + 1) * 2) /* requests for each target */

struct words {
    struct rig_fuzz_target *target;
    const char *list[RIG_FUZZ_GROUPS][WORDS];
    size_t counts[RIG_FUZZ_GROUPS];
    unsigned parameters;
    bool starved;
};

/* A copy, unless the table has it. */
static void add(struct words *words, enum rig_fuzz_words group, const char *word)
{
    size_t count = rig_fuzz_word_count(NULL, group);
    bool known = !word[0] || words->counts[group] == WORDS;
    for (size_t i = 0; i < count && !known; i++) {
        known = strcmp(rig_fuzz_word(NULL, group, i), word) == 0;
    }
    for (size_t i = 0; i < words->counts[group] && !known; i++) {
        known = strcmp(words->list[group][i], word) == 0;
    }
    if (known) {
        return;
    }
    const char *copy = rig_arena_string(&words->target->arena, word);
    words->starved = words->starved || !copy;
    if (copy) {
        words->list[group][words->counts[group]++] = copy;
        size_t size = strlen(copy);
        words->target->table.longest = size > words->target->table.longest ? size : words->target->table.longest;
    }
}

/* HTTP_X_TENANT: X-Tenant */
static void add_header(struct words *words, const char *variable)
{
    char name[64];
    size_t size = strlen(variable), at = 0;
    if (strncmp(variable, "HTTP_", 5) != 0 || size - 5 >= sizeof name) {
        return;
    }
    for (bool first = true; variable[5 + at]; at++) {
        char c = variable[5 + at];
        name[at] = (char)(c == '_' ? '-' : first ? c : rig_char_lower(c));
        first = c == '_';
    }
    name[at] = '\0';
    add(words, RIG_FUZZ_NAMES, name);
}

static _Thread_local struct words *learning; /* of the one that this thread opens */

static int on_get(void *state, struct rig_run *run, const struct rig_event *event)
{
    (void)state, (void)run;
    add_header(learning, event->name);
    return 0;
}

static const struct rig_check learner = {
    .name = "learner", .wants = {{RIG_EVENT_ENV_GET, RIG_FACT_ALWAYS}}, .on_event = on_get};
static const struct rig_check *const learners[] = {&learner};
static const struct rig_check_set only_learner = {learners, 1};

const struct rig_stack *rig_fuzz_end_of(const struct rig_stack *stack)
{
    bool nested = stack->app.call == rig_stack_app((struct rig_stack *)(uintptr_t)stack).call;
    return nested ? stack->app.self : NULL;
}

static void add_prefixes(struct words *words, const struct rig_stack *stack)
{
    for (size_t i = 0; i < stack->mapping_count; i++) {
        add(words, RIG_FUZZ_TARGETS, stack->mappings[i].path);
    }
    for (const struct rig_stack *inner = stack->first_inner; inner; inner = inner->next_inner) {
        add_prefixes(words, inner);
    }
    const struct rig_stack *end = rig_fuzz_end_of(stack);
    if (end && end != stack) {
        add_prefixes(words, end);
    }
}

static void add_list(struct words *words, enum rig_fuzz_words group, const char *const *list)
{
    for (size_t i = 0; i < RIG_FIELDS_MAX && list[i]; i++) {
        add(words, group, list[i]);
    }
}

/* Every target known so far, without credentials and with the right ones in each place. */
struct rig_request rig_fuzz_asked(const struct rig_fuzz_table *table, unsigned step, unsigned *place)
{
    size_t target = step / ASKED;
    *place = (step % ASKED / 2 + RIG_FUZZ_PLACES) % (RIG_FUZZ_PLACES + 1); /* the plainest first */
    return (struct rig_request){
        .method = step & 1 ? "POST" : "GET",
        .body = step & 1 ? "a=1" : NULL,
        .target = target < table->counts[RIG_FUZZ_TARGETS] ? table->words[RIG_FUZZ_TARGETS][target] : "/"};
}

/* What a parser of cookies or of queries may take in another way: a name alone, without a value, and twice. */
static void add_place(struct words *words, enum rig_fuzz_words group, const char *name, const char *separator)
{
    char text[2 * RIG_FUZZ_PLACE_NAME_MAX + sizeof "=a; =b"];
    add(words, group, name);
    (void)snprintf(text, sizeof text, "%s=", name);
    add(words, group, text);
    (void)snprintf(text, sizeof text, "%s=a%s%s=b", name, separator, name);
    add(words, group, text);
}

/* A parameter of the stack's, also behind another of its name, with what its reader may take amiss. */
static int add_parameter(void *closure, struct rig_pair pair)
{
    static const char *const values[] = {RIG_FUZZ_MARKER_LINE,   "",    "-1", "-99999999999",
                                         "99999999999999999999", "%00", "../"};
    struct words *words = closure;
    char text[RIG_FUZZ_PLACE_NAME_MAX + 64];
    bool is_name = pair.name.size > 0 && pair.name.size <= RIG_FUZZ_PLACE_NAME_MAX && pair.value.data;
    for (size_t i = 0; i < pair.name.size && is_name; i++) {
        is_name = !strchr(" \"{,", pair.name.data[i]); /* of a header or a body */
    }
    if (!is_name || words->parameters == PARAMETERS) {
        return 0;
    }
    if (pair.value.size < sizeof text - pair.name.size - 1) {
        (void)snprintf(text, sizeof text, "%.*s=%.*s", (int)pair.name.size, pair.name.data, (int)pair.value.size,
                       pair.value.data);
        add(words, RIG_FUZZ_QUERIES, text);
    }
    size_t known = words->counts[RIG_FUZZ_QUERIES];
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        (void)snprintf(text, sizeof text, "%.*s=%s", (int)pair.name.size, pair.name.data, values[i]);
        add(words, RIG_FUZZ_QUERIES, text);
    }
    words->parameters += words->counts[RIG_FUZZ_QUERIES] > known;
    return 0;
}

static void add_parameters(struct words *words, const char *query)
{
    (void)rig_query_each(query, strlen(query), (struct rig_query_options){0}, add_parameter, words);
}

/* Of targets with a query; their path is a word, too: behind it a parameter is the first of its name. */
static void add_queries(struct words *words, const struct rig_fuzz *what)
{
    char path[256];
    for (size_t i = 0; i < RIG_FIELDS_MAX && what->targets[i]; i++) {
        size_t size = strcspn(what->targets[i], "?");
        if (what->targets[i][size] == '?' && size < sizeof path) {
            (void)snprintf(path, sizeof path, "%.*s", (int)size, what->targets[i]);
            add(words, RIG_FUZZ_TARGETS, path);
            add_parameters(words, what->targets[i] + size + 1);
        }
    }
    for (size_t i = 0; i < RIG_FIELDS_MAX && what->words[i]; i++) {
        add_parameters(words, what->words[i]);
    }
}

/* One of .targets with a mapped prefix behind it: a layer may strip the one, and another have looked for the other. */
static void add_joined(struct words *words, const struct rig_stack *stack, const struct rig_fuzz *what)
{
    char text[256];
    size_t before = words->counts[RIG_FUZZ_TARGETS];
    for (size_t i = 0; i < RIG_FIELDS_MAX && what->targets[i]; i++) {
        size_t size = strcspn(what->targets[i], "?");
        size -= size > 0 && what->targets[i][size - 1] == '/';
        for (size_t k = 0; k < stack->mapping_count && size > 0; k++) {
            const char *prefix = stack->mappings[k].path;
            bool same = strlen(prefix) == size && strncmp(prefix, what->targets[i], size) == 0;
            bool other = !same && size + strlen(prefix) < sizeof text;
            if (other && words->counts[RIG_FUZZ_TARGETS] < before + JOINED) {
                (void)snprintf(text, sizeof text, "%.*s%s", (int)size, what->targets[i], prefix);
                add(words, RIG_FUZZ_TARGETS, text);
            }
        }
    }
}

/* "shop.example.org" */
static bool is_host(const char *word)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    size_t size = strlen(word);
    return size < HOST_MAX && strspn(word, letters) == size && strspn(word, "0123456789.-") == 0 && strchr(word, '.');
}

/* The same host to who compares without case (RFC 9110 section 4.2.3), port and the root's dot; another to who does not. */
static void add_hosts(struct words *words, const struct rig_fuzz *what)
{
    char text[HOST_MAX + sizeof ":81"];
    for (size_t i = 0, hosts = 0; i < RIG_FIELDS_MAX && what->words[i] && hosts < HOSTS; i++) {
        const char *host = what->words[i];
        if (is_host(host)) {
            hosts++;
            (void)snprintf(text, sizeof text, "%s:81", host);
            add(words, RIG_FUZZ_VALUES, text);
            (void)snprintf(text, sizeof text, "%c%s", host[0] ^ 0x20, host + 1);
            add(words, RIG_FUZZ_VALUES, text);
            (void)snprintf(text, sizeof text, "%s.", host);
            add(words, RIG_FUZZ_VALUES, text);
        }
    }
}

/* The stack's own cookie, which may be written elsewhere. */
static void add_cookie(struct words *words, const char *name)
{
    char text[RIG_FUZZ_PLACE_NAME_MAX + sizeof "=" RIG_FUZZ_MARKER_LINE];
    if (name) {
        (void)snprintf(text, sizeof text, "%s=%s", name, RIG_FUZZ_MARKER_LINE);
        add(words, RIG_FUZZ_VALUES, text);
    }
}

static int ask(struct words *words, struct rig_client *client)
{
    char room[256];
    unsigned place;
    const struct rig_fuzz_table known = {.words = {[RIG_FUZZ_TARGETS] = words->list[RIG_FUZZ_TARGETS]},
                                         .counts = {[RIG_FUZZ_TARGETS] = words->counts[RIG_FUZZ_TARGETS]}};
    for (unsigned i = 0; i < (known.counts[RIG_FUZZ_TARGETS] + 1) * ASKED; i++) {
        struct rig_request request = rig_fuzz_asked(&known, i, &place);
        if (!rig_fuzz_step(words->target, i)) {
            continue;
        }
        if (place < RIG_FUZZ_PLACES) {
            (void)rig_fuzz_carry(&words->target->credentials, RIG_FUZZ_CLASS_VALID, place, &request, room, sizeof room);
        }
        rig_fuzz_begin_play(words->target);
        (void)rig_send_at("learning", client, &request);
        rig_client_reset(client);
    }
    return words->starved ? -ENOMEM : 0;
}

static int keep(struct words *words)
{
    struct rig_fuzz_target *target = words->target;
    for (unsigned group = 0; group < RIG_FUZZ_GROUPS; group++) {
        size_t size = words->counts[group] * sizeof(const char *);
        const char **list = size > 0 ? rig_arena_alloc(&target->arena, size) : NULL;
        if (size > 0 && !list) {
            return -ENOMEM;
        }
        if (size > 0) {
            memcpy(list, words->list[group], size);
        }
        target->table.words[group] = list;
        target->table.counts[group] = words->counts[group];
    }
    struct rig_fuzz_index *index = rig_arena_alloc(&target->arena, sizeof *index);
    if (!index) {
        return -ENOMEM;
    }
    rig_fuzz_index_words(&target->table, index);
    target->table.index = index;
    return 0;
}

/* A setting that is a secret goes into no dictionary and no corpus; and who guesses a key of the stack's enters by right.
 * Beside the names that are masked, what only a setting is called: a header has a "key" that is none. */
static bool is_secret(const char *name)
{
    static const char *const words[] = {"key", "pass", "pwd", "cred"};
    bool secret = rig_name_sensitive(name, strlen(name));
    for (size_t i = 0; i < sizeof words / sizeof *words && !secret; i++) {
        secret = strcasestr(name, words[i]) != NULL;
    }
    return secret;
}

int rig_fuzz_learn(struct rig_fuzz_target *target)
{
    static _Thread_local struct words words; /* large for a stack */
    const struct rig_fuzz *what = target->what;
    memset(&words, 0, sizeof words);
    words.target = target;
    add_list(&words, RIG_FUZZ_TARGETS, what->targets);
    add_list(&words, RIG_FUZZ_NAMES, what->headers);
    add(&words, RIG_FUZZ_NAMES, target->credentials.names[RIG_FUZZ_PLACE_HEADER]);
    add_list(&words, RIG_FUZZ_VALUES, what->words);
    add_list(&words, RIG_FUZZ_BODIES, what->words);
    for (size_t i = 0; i < target->setup.setting_count; i++) {
        if (!is_secret(what->settings[i].name)) {
            add(&words, RIG_FUZZ_VALUES, what->settings[i].value);
        }
    }
    add_place(&words, RIG_FUZZ_VALUES, target->credentials.names[RIG_FUZZ_PLACE_COOKIE], "; ");
    add_place(&words, RIG_FUZZ_QUERIES, target->credentials.names[RIG_FUZZ_PLACE_QUERY], "&");
    add_prefixes(&words, target->built[0].stack);
    add_joined(&words, target->built[0].stack, what);
    add_queries(&words, what);
    add_hosts(&words, what);
    add_cookie(&words, what->credential_cookie);
    const struct rig_server *server = target->servers[rig_fuzz_server_of(&target->table, 0)];
    struct rig_client_options options = {.server = server, .checks = &only_learner, .rules = what->rules};
    struct rig_client *client = rig_client_new(rig_stack_app(target->built[0].stack), options);
    if (!client) {
        return -ENOMEM;
    }
    learning = &words;
    int error = ask(&words, client);
    rig_client_free(client);
    error = error ? error : keep(&words);
    /* what it learnt from must not be what it is judged by */
    return error ? error : rig_fuzz_build(target, 0);
}
