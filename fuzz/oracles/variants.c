/* Changes of a request that its answer must not depend on. */
#include "fuzz/oracles/oracles.h"

#include "fuzz/scenario/strings.h"
#include "harness/http/chars.h"

#include <stdio.h>

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

static const struct {
    enum rig_fuzz_rule rule;
    change_fn *change;
    const char *what;
} variants[] = {
    {RIG_FUZZ_VARIANT_HEADER_ORDER, reverse, "with its headers in another order"},
    {RIG_FUZZ_VARIANT_PIECES, cut, "with its body in small pieces"},
    {RIG_FUZZ_VARIANT_CHUNKS, cut_chunks, "with its body in small chunks"},
    {RIG_FUZZ_VARIANT_NAME_CASE, swap_case, "with the names of its headers in the other case"},
};
_Static_assert(sizeof variants / sizeof *variants == RIG_FUZZ_VARIANTS, "one of each");

/* What was left on a connection, or broke off, is another's request in another play. */
static bool is_plain(const struct rig_fuzz_play *play)
{
    for (uint32_t i = 0; i < play->scenario->count; i++) {
        const struct rig_fuzz_request *request = &play->scenario->requests[i];
        const struct rig_result *result = play->results[i];
        if (request->malformed || request->gone > 0 || result->exchange_count > 1 || result->delivery.unread > 0 ||
            result->delivery.outcome != RIG_DELIVERED) {
            return false;
        }
    }
    return true;
}

int rig_fuzz_judge_variant(struct rig_fuzz_target *target, const struct rig_fuzz_play *play, unsigned number)
{
    char text[160];
    struct rig_fuzz_play other;
    struct rig_fuzz_scenario *copy = &target->variant;
    number %= RIG_FUZZ_VARIANTS;
    if (!is_plain(play)) {
        return 0;
    }
    bool changed = false;
    copy->count = play->scenario->count;
    copy->server = play->scenario->server;
    copy->used = 0;
    for (uint32_t i = 0; i < copy->count; i++) {
        struct rig_fuzz_request request = play->scenario->requests[i];
        bool one = variants[number].change(copy, &request);
        copy->requests[i] = one ? request : play->scenario->requests[i];
        changed = changed || one;
    }
    if (!changed) {
        return 0;
    }
    rig_fuzz_arm(target, variants[number].rule);
    int error = rig_fuzz_play(target, copy, &other);
    for (uint32_t i = 0; error == 0 && i < copy->count; i++) {
        if (rig_fuzz_differs(play->results[i], other.results[i], text, sizeof text)) {
            rig_fuzz_tell(target, variants[number].rule, i, rig_fuzz_answerer(other.results[i]),
                          "as it is, and %s, it is answered %s", variants[number].what, text);
            return 0;
        }
    }
    return error;
}
