/* Changes of a request that its answer must not depend on. */
#include "fuzz/oracles/oracles.h"

#include "fuzz/scenario/strings.h"
#include "harness/http/chars.h"

#include <stdio.h>
#include <strings.h>

/* Changes a request, with strings of the scenario; false: there is nothing to change. place: where, for what cannot be
 * changed everywhere in as short a time; RIG_FUZZ_ALL: everywhere. */
typedef bool change_fn(struct rig_fuzz_scenario *scenario, struct rig_fuzz_request *request, uint32_t place);

/* In CGI's variables '-' and '_' are one. */
static bool is_same_name(const char *a, const char *b)
{
    size_t i = 0;
    while (a[i] &&
           (rig_char_lower(a[i]) == rig_char_lower(b[i]) || (strchr("-_", a[i]) && b[i] && strchr("-_", b[i])))) {
        i++;
    }
    return !a[i] && !b[i];
}

static bool reverse(struct rig_fuzz_scenario *scenario, struct rig_fuzz_request *request, uint32_t place)
{
    (void)scenario;
    (void)place;
    unsigned count = request->field_count;
    for (unsigned i = 0; i < count; i++) {
        for (unsigned k = 0; k < i; k++) {
            if (is_same_name(request->fields[i].name, request->fields[k].name)) {
                return false;
            }
        }
    }
    for (unsigned i = 0; i < count / 2; i++) {
        struct rig_field field = request->fields[i];
        request->fields[i] = request->fields[count - 1 - i];
        request->fields[count - 1 - i] = field;
    }
    return count > 1;
}

static bool is_chunked(const struct rig_fuzz_request *request)
{
    return request->chunked || rig_fuzz_has_field(request, "Transfer-Encoding");
}

/* How a body ends stays as it is: who wants a length may refuse chunks. */
static bool can_be_cut(const struct rig_fuzz_request *request, bool chunked)
{
    return request->body.size >= 2 && request->fault == RIG_FAULT_NONE && is_chunked(request) == chunked;
}

/* Byte by byte. Or, for each byte takes a read, so from one place on, and before and behind it in larger pieces. */
static void cut_at(struct rig_fuzz_request *request, uint32_t place)
{
    size_t size = request->body.size;
    bool everywhere = place == RIG_FUZZ_ALL;
    for (unsigned i = 0; i < RIG_FUZZ_PIECES_MAX; i++) {
        request->pieces[i] = everywhere && size > 256 ? 7 : 1;
    }
    request->piece_count = everywhere ? 1 : RIG_FUZZ_PIECES_MAX;
    if (!everywhere) {
        request->pieces[0] = (uint16_t)(1 + place % (size <= RIG_FUZZ_PIECE_MAX ? size - 1 : RIG_FUZZ_PIECE_MAX));
        request->pieces[RIG_FUZZ_PIECES_MAX - 1] = (uint16_t)(2 + size / 32);
    }
}

static bool cut_as(struct rig_fuzz_request *request, bool chunked, uint32_t place)
{
    if (!can_be_cut(request, chunked)) {
        return false;
    }
    cut_at(request, place);
    request->chunked = chunked;
    return true;
}

static bool cut(struct rig_fuzz_scenario *scenario, struct rig_fuzz_request *request, uint32_t place)
{
    (void)scenario;
    return cut_as(request, false, place);
}

static bool cut_chunks(struct rig_fuzz_scenario *scenario, struct rig_fuzz_request *request, uint32_t place)
{
    (void)scenario;
    return cut_as(request, true, place);
}

/* Small letters become large ones, and the other way round. */
static bool swap_case(struct rig_fuzz_scenario *scenario, struct rig_fuzz_request *request, uint32_t place)
{
    (void)place;
    bool changed = false;
    for (unsigned i = 0; i < request->field_count; i++) {
        char *name = rig_fuzz_copy(scenario, request->fields[i].name, strlen(request->fields[i].name));
        for (size_t k = 0; name && name[k]; k++) {
            bool letter = rig_char_is(name[k], RIG_CHAR_ALPHA);
            name[k] = (char)(letter ? name[k] ^ 0x20 : name[k]);
            changed = changed || letter;
        }
        request->fields[i].name = name ? name : request->fields[i].name;
    }
    return changed;
}

/* ---- what shows the request ---- */

/* An answer may show the request's headers as they came: then it differs as they do, and says no other thing. */
typedef bool alike_fn(const char *a, const char *b, size_t size);

static bool in_other_order(const char *a, const char *b, size_t size)
{
    size_t counts[256] = {0};
    bool same = true;
    for (size_t i = 0; i < size; i++) {
        counts[(unsigned char)a[i]]++;
        counts[(unsigned char)b[i]]--;
    }
    for (size_t i = 0; i < 256 && same; i++) {
        same = counts[i] == 0;
    }
    return same;
}

static bool in_other_case(const char *a, const char *b, size_t size)
{
    return rig_name_equal(a, size, b, size);
}

/* Made of the body's bytes. */
static bool is_of_body(const char *name)
{
    static const char *const names[] = {"ETag", "Content-Digest", "Repr-Digest", "Digest", "Content-MD5"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcasecmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Has it that field, or one that differs as the request does? */
static bool has_alike(const struct rig_result *result, const struct rig_field *field, alike_fn *alike)
{
    size_t name = strlen(field->name), size = strlen(field->value);
    for (size_t i = 0; i < result->header_count; i++) {
        const struct rig_field *other = &result->headers[i];
        if (rig_name_equal(field->name, name, other->name, strlen(other->name)) &&
            (is_of_body(field->name) || (strlen(other->value) == size && alike(field->value, other->value, size)))) {
            return true;
        }
    }
    return false;
}

static bool shows_request(const struct rig_result *a, const struct rig_result *b, alike_fn *alike)
{
    bool same = a->status == b->status && a->error == b->error && a->body_size == b->body_size &&
                a->header_count == b->header_count && alike(a->body, b->body, a->body_size);
    for (size_t i = 0; i < a->header_count && same; i++) {
        same = has_alike(b, &a->headers[i], alike);
    }
    return same;
}

/* Makes of a request, with strings that last, one that can be changed; false: it is as it was. */
typedef bool prepare_fn(const struct rig_fuzz_target *target, struct rig_fuzz_request *request);
static prepare_fn chunk_whole, add_headers;

static const struct {
    enum rig_fuzz_rule rule;
    change_fn *change;
    prepare_fn *prepare; /* NULL: what can be changed is not seldom */
    alike_fn *alike;     /* NULL: no answer shows it */
    const char *what;
} variants[] = {
    {RIG_FUZZ_VARIANT_HEADER_ORDER, reverse, add_headers, in_other_order, "with its headers in another order"},
    {RIG_FUZZ_VARIANT_PIECES, cut, NULL, NULL, "with its body in small pieces"},
    {RIG_FUZZ_VARIANT_CHUNKS, cut_chunks, chunk_whole, NULL, "with its body in small chunks"},
    {RIG_FUZZ_VARIANT_NAME_CASE, swap_case, NULL, in_other_case, "with the names of its headers in the other case"},
};
_Static_assert(sizeof variants / sizeof *variants == RIG_FUZZ_VARIANTS, "one of each");

/* What was left on a connection, or broke off, is another's request in another play. */
static bool is_plain(const struct rig_fuzz_play *play, uint32_t number)
{
    const struct rig_fuzz_request *request = &play->scenario->requests[number];
    const struct rig_result *result = play->results[number];
    return !request->malformed && request->gone == 0 && result->exchange_count == 1 && result->delivery.unread == 0 &&
           result->delivery.outcome == RIG_DELIVERED;
}

/* The last request, and those before it on its connection. */
static bool can_vary(const struct rig_fuzz_play *play)
{
    uint32_t last = play->scenario->count - 1;
    bool plain = is_plain(play, last);
    for (uint32_t i = 0; i < last && plain && play->scenario->requests[last].connection > 0; i++) {
        plain = is_plain(play, i);
    }
    return plain;
}

/* ---- what is held against it ---- */

/* Few bodies of chance are chunked: one whose length is known is so in one chunk, and that one is cut. */
static bool chunk_whole(const struct rig_fuzz_target *target, struct rig_fuzz_request *request)
{
    (void)target;
    if (!can_be_cut(request, false) || !rig_fuzz_is_version(request->version, '1') ||
        rig_fuzz_has_field(request, "Content-Length")) {
        return false;
    }
    request->pieces[0] = (uint16_t)(request->body.size < RIG_FUZZ_PIECE_MAX ? request->body.size : RIG_FUZZ_PIECE_MAX);
    request->piece_count = 1;
    request->chunked = true;
    return true;
}

static bool has_name(const struct rig_fuzz_request *request, const char *name)
{
    bool has = false;
    for (unsigned i = 0; i < request->field_count && !has; i++) {
        has = is_same_name(request->fields[i].name, name);
    }
    return has;
}

/* Few requests have two headers: those that the stack asks for, and two that it may know, are added, which ones by the
 * target. */
static bool add_headers(const struct rig_fuzz_target *target, struct rig_fuzz_request *request)
{
    static const char *const common[] = {"Accept", "User-Agent"};
    const char *const *asked = target->table.words[RIG_FUZZ_NAMES];
    size_t count = target->table.counts[RIG_FUZZ_NAMES], first = strlen(request->target);
    unsigned before = request->field_count;
    for (size_t i = 0; i < count + 2 && request->field_count < 2; i++) {
        const char *name = i < count ? asked[(first + i) % count] : common[i - count];
        if (!has_name(request, name)) {
            request->fields[request->field_count++] = (struct rig_field){name, rig_fuzz_typical_value(name, 0)};
        }
    }
    return request->field_count > before;
}

static void copy_to(struct rig_fuzz_scenario *copy, const struct rig_fuzz_scenario *scenario)
{
    copy->count = scenario->count;
    copy->server = scenario->server;
    copy->used = 0;
    memcpy(copy->requests, scenario->requests, scenario->count * sizeof *scenario->requests);
}

/* The scenario whose answer the variant's must be: the one that was played, or the target's base. */
static const struct rig_fuzz_scenario *base_of(struct rig_fuzz_target *target, const struct rig_fuzz_scenario *from,
                                               unsigned number)
{
    if (!variants[number].prepare) {
        return from;
    }
    copy_to(&target->base, from);
    return variants[number].prepare(target, &target->base.requests[from->count - 1]) ? &target->base : from;
}

/* The scenario with its last request changed; false: there is nothing to change. */
static bool change(struct rig_fuzz_target *target, const struct rig_fuzz_scenario *from, unsigned number,
                   uint32_t place)
{
    struct rig_fuzz_scenario *copy = rig_fuzz_copy_of(target, from);
    return variants[number].change(copy, &copy->requests[copy->count - 1], place);
}

/* What was made of the last request before it was changed. */
static const char *say_base(const struct rig_fuzz_play *play, char text[160])
{
    const struct rig_fuzz_request *last = &play->scenario->requests[play->scenario->count - 1];
    (void)snprintf(text, 160, "%s", last->chunked ? "in one chunk" : "with");
    for (unsigned i = 0; i < last->field_count && !last->chunked; i++) {
        size_t size = strlen(text);
        (void)snprintf(text + size, 160 - size, "%s %.40s: %.16s", i ? "," : "", last->fields[i].name,
                       last->fields[i].value);
    }
    return text;
}

/* The changed scenario is the target's variant. */
static int play_variant(struct rig_fuzz_target *target, const struct rig_fuzz_play *play, unsigned number)
{
    char base[160];
    struct rig_fuzz_difference difference;
    struct rig_fuzz_play other;
    rig_fuzz_arm(target, variants[number].rule);
    int error = rig_fuzz_play(target, &target->variant, &other);
    uint32_t last = play->scenario->count - 1;
    bool steady = false;
    alike_fn *alike = variants[number].alike;
    if (error == 0 && rig_fuzz_differs(play->results[last], other.results[last], &difference) &&
        !(alike && shows_request(play->results[last], other.results[last], alike))) {
        bool by_status = play->results[last]->status != other.results[last]->status;
        error = rig_fuzz_try_steady(target, play, &other, by_status, &steady);
    }
    if (error == 0 && steady) {
        struct rig_hop there;
        rig_fuzz_tell(target, variants[number].rule, last,
                      rig_fuzz_setter(other.results[last], play->results[last], difference.header, &there),
                      "%s, and %s, it is answered %s and %s",
                      play->scenario == &target->base ? say_base(play, base) : "as it is", variants[number].what,
                      difference.one, difference.other);
    }
    return error;
}

/* The same, held against base. */
static int play_from(struct rig_fuzz_target *target, const struct rig_fuzz_play *play,
                     const struct rig_fuzz_scenario *base, unsigned number)
{
    struct rig_fuzz_play from;
    if (base == play->scenario) {
        return play_variant(target, play, number);
    }
    int error = rig_fuzz_play(target, base, &from);
    return error == 0 && can_vary(&from) ? play_variant(target, &from, number) : error;
}

int rig_fuzz_judge_variant(struct rig_fuzz_target *target, const struct rig_fuzz_play *play, unsigned number)
{
    if (!can_vary(play)) {
        return 0;
    }
    const struct rig_fuzz_scenario *base = base_of(target, play->scenario, number);
    return change(target, base, number, RIG_FUZZ_ALL) ? play_from(target, play, base, number) : 0;
}

int rig_fuzz_judge_some_variant(struct rig_fuzz_target *target, const struct rig_fuzz_play *play, unsigned number)
{
    if (!can_vary(play)) {
        return 0;
    }
    uint32_t round = number / RIG_FUZZ_VARIANTS, place = round % 8 == 0 ? RIG_FUZZ_ALL : round;
    for (unsigned tried = 0; tried < RIG_FUZZ_VARIANTS; tried++) {
        unsigned one = (number + tried) % RIG_FUZZ_VARIANTS;
        bool prepared = tried == 0 && (variants[one].prepare == chunk_whole || round % 4 == 0);
        const struct rig_fuzz_scenario *base =
            prepared ? base_of(target, play->scenario, one) : play->scenario; /* two plays: seldom */
        if (change(target, base, one, place)) {
            return play_from(target, play, base, one);
        }
    }
    return 0;
}
