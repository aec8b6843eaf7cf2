/* Changes of a request that its answer must not depend on. */
#include "fuzz/oracles/oracles.h"

#include "fuzz/scenario/strings.h"
#include "harness/http/chars.h"

#include <stdio.h>
#include <strings.h>

/* Changes a request, with strings of the scenario; false: there is nothing to change. */
typedef bool change_fn(struct rig_fuzz_scenario *scenario, struct rig_fuzz_request *request);

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

static bool reverse(struct rig_fuzz_scenario *scenario, struct rig_fuzz_request *request)
{
    (void)scenario;
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
static bool cut_as(struct rig_fuzz_request *request, bool chunked)
{
    if (request->body.size < 2 || request->fault != RIG_FAULT_NONE || is_chunked(request) != chunked) {
        return false;
    }
    request->pieces[0] = request->body.size > 256 ? 7 : 1;
    request->piece_count = 1;
    request->chunked = chunked;
    return true;
}

static bool cut(struct rig_fuzz_scenario *scenario, struct rig_fuzz_request *request)
{
    (void)scenario;
    return cut_as(request, false);
}

static bool cut_chunks(struct rig_fuzz_scenario *scenario, struct rig_fuzz_request *request)
{
    (void)scenario;
    return cut_as(request, true);
}

/* Small letters become large ones, and the other way round. */
static bool swap_case(struct rig_fuzz_scenario *scenario, struct rig_fuzz_request *request)
{
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

static const struct {
    enum rig_fuzz_rule rule;
    change_fn *change;
    alike_fn *alike; /* NULL: no answer shows it */
    const char *what;
} variants[] = {
    {RIG_FUZZ_VARIANT_HEADER_ORDER, reverse, in_other_order, "with its headers in another order"},
    {RIG_FUZZ_VARIANT_PIECES, cut, NULL, "with its body in small pieces"},
    {RIG_FUZZ_VARIANT_CHUNKS, cut_chunks, NULL, "with its body in small chunks"},
    {RIG_FUZZ_VARIANT_NAME_CASE, swap_case, in_other_case, "with the names of its headers in the other case"},
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

/* The scenario with its last request changed; false: there is nothing to change. */
static bool change(struct rig_fuzz_target *target, const struct rig_fuzz_scenario *from, unsigned number)
{
    struct rig_fuzz_scenario *copy = rig_fuzz_copy_of(target, from);
    return variants[number].change(copy, &copy->requests[copy->count - 1]);
}

/* The changed scenario is the target's variant. */
static int play_variant(struct rig_fuzz_target *target, const struct rig_fuzz_play *play, unsigned number)
{
    char text[160];
    struct rig_fuzz_play other;
    rig_fuzz_arm(target, variants[number].rule);
    int error = rig_fuzz_play(target, &target->variant, &other);
    uint32_t last = play->scenario->count - 1;
    bool steady = false;
    alike_fn *alike = variants[number].alike;
    if (error == 0 && rig_fuzz_differs(play->results[last], other.results[last], text, sizeof text) &&
        !(alike && shows_request(play->results[last], other.results[last], alike))) {
        bool by_status = play->results[last]->status != other.results[last]->status;
        error = rig_fuzz_try_steady(target, play, &other, by_status, &steady);
    }
    if (error == 0 && steady) {
        rig_fuzz_tell(target, variants[number].rule, last, rig_fuzz_answerer(other.results[last]),
                      "as it is, and %s, it is answered %s", variants[number].what, text);
    }
    return error;
}

int rig_fuzz_judge_variant(struct rig_fuzz_target *target, const struct rig_fuzz_play *play, unsigned number)
{
    return can_vary(play) && change(target, play->scenario, number) ? play_variant(target, play, number) : 0;
}

int rig_fuzz_judge_some_variant(struct rig_fuzz_target *target, const struct rig_fuzz_play *play, unsigned number)
{
    unsigned tried = 0;
    if (!can_vary(play)) {
        return 0;
    }
    while (tried < RIG_FUZZ_VARIANTS && !change(target, play->scenario, (number + tried) % RIG_FUZZ_VARIANTS)) {
        tried++;
    }
    return tried < RIG_FUZZ_VARIANTS ? play_variant(target, play, (number + tried) % RIG_FUZZ_VARIANTS) : 0;
}
