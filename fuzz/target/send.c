#define _POSIX_C_SOURCE 200809L

/* A scenario's requests to the stack. */
#include "fuzz/oracles/oracles.h"

#include "harness/checks/own.h"
#include "harness/client/client.h"
#include "harness/client/connected.h"
#include "harness/client/error_names.h"
#include "harness/core/hash.h"
#include "harness/core/stack.h"
#include "harness/core/wall.h"
#include "harness/coverage/count.h"
#include "harness/http/rare.h"
#include "harness/report/builder.h"

#include <errno.h>
#include <stdio.h>

#define NOW INT64_C(1750000000000000000)

/* ---- the stack as it was built ---- */

void rig_fuzz_tear_down(struct rig_fuzz_built *built)
{
    for (unsigned i = 0; i < RIG_FUZZ_SERVERS; i++) {
        rig_client_free(built->clients[i]);
        built->clients[i] = NULL;
    }
    rig_stack_free(built->stack);
    built->stack = NULL;
}

/* Returns the error, below 0. */
static RIG_COLD int keep_trouble(struct rig_fuzz_target *target, const struct rig_stack *stack, int error)
{
    struct rig_text text;
    rig_text_start(&text, target->trouble, sizeof target->trouble);
    rig_text_build_error(&text, stack, error);
    rig_text_end(&text);
    return error < 0 ? error : -EINVAL;
}

const char *rig_fuzz_trouble(const struct rig_fuzz_target *target, int error)
{
    return target->trouble[0] ? target->trouble : rig_error_text(error);
}

int rig_fuzz_build(struct rig_fuzz_target *target, unsigned place)
{
    uint64_t begin = (uint64_t)rig_wall_ns();
    struct rig_fuzz_built *built = &target->built[place];
    rig_fuzz_tear_down(built);
    built->stack = rig_stack_new((struct rig_stack_options){0});
    int error = built->stack ? target->what->build(built->stack, &target->setup) : -ENOMEM;
    if (RIG_RARE(error != 0)) {
        error = keep_trouble(target, built->stack, error);
    }
    target->turn = place;
    target->builds++;
    target->build_ns += (uint64_t)rig_wall_ns() - begin;
    return error;
}

/* What is wrong with "RULE /path"; NULL: nothing. */
static const char *wrong_path(const struct rig_client *client, const char *pattern)
{
    char rule[128];
    size_t size = strcspn(pattern, " ");
    if (pattern[size] == '\0') { /* the client looks at it */
        return NULL;
    }
    (void)snprintf(rule, sizeof rule, "%.*s", (int)size, pattern);
    return !rig_pattern_known(&client->runner, rule)            ? rig_pattern_unknown(&client->runner, rule)
           : pattern[size + strspn(pattern + size, " ")] != '/' ? "whose path does not begin with '/'"
                                                                : NULL;
}

/* Told as a pattern without a path is. */
static void check_paths(const struct rig_fuzz_target *target, struct rig_client *client)
{
    char text[sizeof(((struct rig_mistake *)0)->text)];
    for (size_t i = 0; i < RIG_IGNORE_MAX && target->what->ignore[i]; i++) {
        const char *wrong = wrong_path(client, target->what->ignore[i]);
        if (wrong) {
            (void)snprintf(text, sizeof text, ".ignore names \"%.60s\", %s", target->what->ignore[i], wrong);
            rig_mistake_keep(&client->mistakes, RIG_EVENT_MISUSE, RIG_MISUSE_RULE_UNKNOWN, NULL, text);
        }
    }
}

/* Apart: under ASan whoever has such options pays for them. */
static RIG_APART struct rig_client *make_client(const struct rig_fuzz_target *target, uint32_t server)
{
    struct rig_client_options options = {
        .server = target->servers[server], .now = NOW, .checks = target->checks, .rules = target->what->rules};
    for (size_t i = 0, count = 0; i < RIG_IGNORE_MAX && target->what->ignore[i]; i++) {
        if (!strchr(target->what->ignore[i], ' ')) { /* those of a path are asked for when a finding is told */
            options.ignore[count++] = target->what->ignore[i];
        }
    }
    struct rig_client *client = rig_client_new(rig_stack_app(target->built[target->turn].stack), options);
    if (client) {
        check_paths(target, client);
    }
    return client;
}

struct rig_client *rig_fuzz_client(struct rig_fuzz_target *target, uint32_t server)
{
    struct rig_fuzz_built *built = &target->built[target->turn];
    if (RIG_RARE(!built->clients[server])) {
        built->clients[server] = make_client(target, server);
    }
    return built->clients[server];
}

static struct rig_link *link_of(struct rig_fuzz_target *target, struct rig_client *client, unsigned number)
{
    struct rig_link *old = target->links[number], *first = NULL;
    if (old && rig_connection_state(old).open) {
        return old;
    }
    for (unsigned i = 1; i < RIG_FUZZ_CONNECTIONS && !first; i++) {
        first = target->links[i];
    }
    target->linked = true;
    target->links[number] = rig_connection_open(client, .shared = first);
    rig_connection_close(old);
    return target->links[number];
}

static RIG_APART void close_links(struct rig_fuzz_target *target)
{
    for (unsigned i = 0; i < RIG_FUZZ_CONNECTIONS; i++) {
        rig_connection_close(target->links[i]);
        target->links[i] = NULL;
    }
    target->linked = false;
}

/* ---- a request ---- */

void rig_fuzz_begin_play(const struct rig_fuzz_target *target)
{
    if (target->on_play) {
        target->on_play();
    }
}

/* One place stays for the credentials, behind the others; of many headers all are behind them: in a variant none may pass
 * them. */
static void fill_headers(struct rig_fuzz_target *target, const struct rig_fuzz_request *from, struct rig_request *to)
{
    unsigned direct = from->field_count < RIG_FIELDS_MAX - 1 ? from->field_count : 0, count = direct;
    memmove(to->headers, from->fields,
            direct * sizeof *to->headers); /* of memcpy gcc makes `rep movs`, slow to begin */
    if (from->credentials != RIG_FUZZ_CLASS_NONE && from->place != RIG_FUZZ_PLACE_QUERY) {
        to->headers[count++] = rig_fuzz_carried(&target->credentials, from->credentials, from->place);
    }
    if (count < target->filled) {
        rig_zero(to->headers + count, (target->filled - count) * sizeof *to->headers);
    }
    target->filled = count;
    to->header_list = from->field_count > direct ? from->fields + direct : NULL;
    to->header_count = from->field_count - direct;
}

static RIG_APART const size_t *fill_pieces(const struct rig_fuzz_request *from, size_t pieces[RIG_FUZZ_PIECES_MAX])
{
    for (uint32_t i = 0; i < from->piece_count; i++) {
        pieces[i] = from->pieces[i];
    }
    return pieces;
}

/* All that any request sets: what one before has set must not stay. */
static void fill(struct rig_fuzz_target *target, const struct rig_fuzz_request *from,
                 size_t pieces[RIG_FUZZ_PIECES_MAX])
{
    struct rig_request *to = &target->sending.request;
    to->method = from->method;
    to->target = from->target;
    to->http_version = RIG_LIKELY(rig_fuzz_is_version(from->version, '1')) ? NULL : from->version;
    fill_headers(target, from, to);
    to->bytes = from->body.size > 0 ? from->body : (struct rig_bytes){NULL, 0};
    to->pieces = from->piece_count > 0 ? fill_pieces(from, pieces) : NULL;
    to->piece_count = from->piece_count;
    to->chunked = from->chunked;
    to->malformed = from->malformed;
    to->credentials = from->credentials == RIG_FUZZ_CLASS_NONE ? NULL : rig_fuzz_classes[from->credentials];
    if (from->credentials != RIG_FUZZ_CLASS_NONE && from->place == RIG_FUZZ_PLACE_QUERY) {
        (void)rig_fuzz_carry(&target->credentials, from->credentials, from->place, to, target->room,
                             sizeof target->room);
    }
}

static RIG_COLD void keep_further(struct rig_fuzz_play *play, uint32_t number, const struct rig_link *link)
{
    if (!play->has_further) {
        rig_zero(play->further, sizeof play->further);
    }
    play->has_further = true;
    play->further[number] = (struct rig_fuzz_further){link->results + 1, link->result_count - 1};
}

static RIG_APART const struct rig_result *send_connected(struct rig_fuzz_target *target, struct rig_client *client,
                                                         const struct rig_fuzz_request *from,
                                                         struct rig_fuzz_play *play, uint32_t number)
{
    struct rig_sending *sending = &target->sending;
    sending->disconnect_after = from->gone;
    struct rig_link *link = link_of(target, client, from->connection);
    const struct rig_result *result = rig_connection_send_at("scenario", link, sending);
    if (rig_connection_result(link, 1)) {
        keep_further(play, number, link);
    }
    if (from->connection == 0) {
        rig_connection_close(link);
        target->links[0] = NULL;
    }
    return result;
}

static const struct rig_result *send_one(struct rig_fuzz_target *target, struct rig_client *client,
                                         const struct rig_fuzz_request *from, struct rig_fuzz_play *play,
                                         uint32_t number)
{
    size_t pieces[RIG_FUZZ_PIECES_MAX];
    struct rig_faulty fault;
    struct rig_sending *sending = &target->sending;
    fill(target, from, pieces);
    sending->request.fault = NULL;
    if (from->fault != RIG_FAULT_NONE) {
        fault = (struct rig_faulty){
            .kind = (enum rig_fault_kind)from->fault, .chance = from->fault_read, .always = from->fault_always};
        sending->request.fault = &fault;
    }
    target->requests++;
    return from->connection == 0 && from->gone == 0 ? rig_send_at("scenario", client, &sending->request)
                                                    : send_connected(target, client, from, play, number);
}

int rig_fuzz_play(struct rig_fuzz_target *target, const struct rig_fuzz_scenario *scenario, struct rig_fuzz_play *play)
{
    rig_fuzz_begin_play(target);
    int error = target->anew ? rig_fuzz_build(target, (target->turn + 1) % RIG_FUZZ_BUILT) : 0;
    if (!target->anew) {
        rig_stack_reset(target->built[0].stack);
    }
    if (error != 0) {
        return error;
    }
    target->plays++;
    if (target->next) {
        target->next(target, scenario);
    }
    struct rig_client *client = rig_fuzz_client(target, scenario->server);
    if (!client) {
        return -ENOMEM;
    }
    client->runner.now = target->now ? target->now : NOW;
    rig_own_states_put(&client->runner, NULL);
    client->runner.armed_all = target->counts ? target->armed_rules.fresh : NULL;
    play->scenario = scenario;
    play->has_further = false;
    for (uint32_t i = 0; i < scenario->count; i++) {
        target->sent = i;
        play->begun[i] = client->runner.now;
        play->results[i] = send_one(target, client, &scenario->requests[i], play, i);
    }
    if (target->linked) {
        close_links(target);
    }
    return 0;
}

static uint64_t digest_of(const struct rig_result *result)
{
    uint64_t hash = rig_hash_fold((uint64_t)result->status, (uint64_t)(unsigned)result->error + 1);
    hash = rig_hash_fold(hash ^ rig_hash(result->body, result->body_size), result->body_size + 1);
    for (size_t i = 0; i < result->header_count; i++) {
        const char *name = result->headers[i].name, *value = result->headers[i].value;
        if (!rig_fuzz_is_beside(name)) {
            hash = rig_hash_fold(hash ^ rig_hash(name, strlen(name)), 1u + rig_hash(value, strlen(value)));
        }
    }
    return hash;
}

int rig_fuzz_play_first(struct rig_fuzz_target *target, struct rig_fuzz_play *play, uint64_t *digest)
{
    rig_fuzz_decode(&target->table, "", 0, &target->variant);
    int error = rig_fuzz_play(target, &target->variant, play);
    *digest = error == 0 ? digest_of(play->results[0]) : 0;
    return error;
}

void rig_fuzz_keep_first(struct rig_fuzz_first *first, const struct rig_result *result)
{
    first->status = result->status;
    first->body = rig_hash(result->body, result->body_size);
    first->count = 0;
    for (size_t i = 0; i < result->header_count && first->count < RIG_FUZZ_FIRST_HEADERS; i++) {
        const char *name = result->headers[i].name, *value = result->headers[i].value;
        if (!rig_fuzz_is_beside(name)) {
            struct rig_fuzz_first_header *kept = &first->headers[first->count++];
            (void)snprintf(kept->name, sizeof kept->name, "%s", name);
            kept->value = rig_hash(value, strlen(value));
        }
    }
}

void rig_fuzz_forget(struct rig_fuzz_target *target)
{
    unsigned built = target->anew ? RIG_FUZZ_BUILT : 1;
    for (unsigned i = 0; i < built; i++) {
        for (unsigned k = 0; k < RIG_FUZZ_SERVERS; k++) {
            if (target->built[i].clients[k]) {
                rig_client_reset(target->built[i].clients[k]);
            }
        }
    }
}
