/* What makes a request that the rig would not build by itself: it goes on the wire as it is. */
#include "fuzz/scenario/scenario.h"
#include "harness/http/chars.h"
#include "harness/http/rare.h"

#include <string.h>

const char *const rig_fuzz_classes[RIG_FUZZ_CLASSES] = {"none", "valid", "wrong", "prefix", "longer",
                                                        "case", "empty", "user",  "other"};
const char *const rig_fuzz_places[RIG_FUZZ_PLACES] = {"basic", "bearer", "cookie", "header", "query"};
const char *const rig_fuzz_server_names[RIG_FUZZ_SERVERS + 1] = {
    "http1", "memory", "passenger3", "nginx+plain", "haproxy+plain", "nginx:fastcgi+libfcgi", NULL};

static const char coding[] = "Transfer-Encoding";
#define CODING_SIZE (sizeof coding - 1)

static bool is_tame_method(const char *method)
{
    size_t size = 0;
    for (; method[size]; size++) {
        bool capital = method[size] >= 'A' && method[size] <= 'Z';
        if (RIG_RARE(!capital) &&
            (!rig_char_is(method[size], RIG_CHAR_TOKEN) || rig_char_is(method[size], RIG_CHAR_ALPHA))) {
            return false;
        }
    }
    return size > 0 && (method[0] != 'C' || strcmp(method, "CONNECT") != 0);
}

/* A path and query that a client sends as they are written: "//host" would be taken for a host, and "#" ends them. */
static bool is_tame_target(const char *target)
{
    if (target[0] != '/' || target[1] == '/') {
        return false;
    }
    for (const char *at = target;; at++) {
        while (rig_char_is(*at, RIG_CHAR_PATH)) {
            at++;
        }
        if (*at != '?' && !(*at == '%' && rig_char_is(at[1], RIG_CHAR_HEX) && rig_char_is(at[2], RIG_CHAR_HEX))) {
            return *at == '\0';
        }
    }
}

/* Those that say where a request is to go and where it ends. */
static bool is_tame_name(const char *name, size_t size, const struct rig_fuzz_request *request, const char *value)
{
    switch (size) {
    case sizeof "Host" - 1:
        return !rig_name_equal(name, size, "Host", size);
    case sizeof "Content-Length" - 1:
        return !rig_name_equal(name, size, "Content-Length", size);
    case CODING_SIZE:
        return !rig_name_equal(name, size, coding, size) ||
               (strcmp(value, "chunked") == 0 && rig_fuzz_is_version(request->version, '1'));
    default:
        return true;
    }
}

static RIG_APART bool is_tame_field(const struct rig_fuzz_request *request, const struct rig_field *field,
                                    unsigned *codings)
{
    size_t size = strlen(field->value), name_size = strlen(field->name);
    *codings += name_size == CODING_SIZE && rig_name_equal(field->name, name_size, coding, CODING_SIZE);
    return !rig_fuzz_is_padded(field->value, size) && rig_is_token(field->name, name_size) &&
           rig_is_field_value(field->value, size) && is_tame_name(field->name, name_size, request, field->value) &&
           *codings < 2;
}

bool rig_fuzz_is_plain_name(const char *name)
{
    static const struct rig_fuzz_request none = {.version = ""};
    unsigned codings = 0;
    return is_tame_field(&none, &(struct rig_field){name, ""}, &codings);
}

static bool is_tame(const struct rig_fuzz_request *request, uint32_t plain)
{
    unsigned codings = 0;
    if (!is_tame_method(request->method) || !is_tame_target(request->target) ||
        !(rig_fuzz_is_version(request->version, '1') || rig_fuzz_is_version(request->version, '0'))) {
        return false;
    }
    for (uint64_t odd = ~(uint64_t)plain & ((UINT64_C(1) << request->field_count) - 1); odd != 0; odd &= odd - 1) {
        if (!is_tame_field(request, &request->fields[__builtin_ctzll(odd)], &codings)) {
            return false;
        }
    }
    return true;
}

void rig_fuzz_settle(struct rig_fuzz_request *request, uint32_t plain)
{
    request->malformed = request->malformed || !is_tame(request, plain);
    if (request->body.size == 0) {
        request->body.data = NULL;
        request->piece_count = 0;
        request->fault = RIG_FAULT_NONE;
    }
    if (request->piece_count == 0 || !rig_fuzz_is_version(request->version, '1')) {
        request->chunked = false;
    }
    /* pieces say the one; the other has no end */
    if (RIG_RARE(request->fault == RIG_FAULT_CHUNKS || request->fault == RIG_FAULT_ENDLESS ||
                 request->fault > RIG_FAULT_MORE)) {
        request->fault = RIG_FAULT_NONE;
    }
    if (RIG_RARE(request->malformed)) { /* bytes on the wire carry no pieces but chunks, and no source */
        request->piece_count = request->chunked ? request->piece_count : 0;
        request->fault = RIG_FAULT_NONE;
    }
    if (request->fault == RIG_FAULT_NONE) {
        request->fault_read = 0;
        request->fault_always = false;
    }
    if (request->credentials == RIG_FUZZ_CLASS_NONE) {
        request->place = RIG_FUZZ_PLACE_BASIC;
    }
}

void rig_fuzz_clear(struct rig_fuzz_scenario *scenario)
{
    scenario->count = 0;
    scenario->server = 0;
    scenario->used = 0;
    for (unsigned i = 0; i < RIG_FUZZ_NAMED; i++) {
        scenario->names.of[i][0] = '\0';
    }
}

struct rig_fuzz_request *rig_fuzz_add(struct rig_fuzz_scenario *scenario)
{
    if (scenario->count == RIG_FUZZ_REQUESTS_MAX) {
        return NULL;
    }
    struct rig_fuzz_request *request = &scenario->requests[scenario->count++];
    request->method = "GET";
    request->target = "/";
    request->version = "1.1";
    request->body = (struct rig_bytes){NULL, 0};
    request->piece_count = 0;
    request->field_count = 0;
    request->chunked = request->malformed = request->fault_always = false;
    request->fault = request->fault_read = request->credentials = request->place = request->connection = 0;
    request->gone = 0;
    return request;
}

static bool equal_request(const struct rig_fuzz_request *a, const struct rig_fuzz_request *b)
{
    bool equal = strcmp(a->method, b->method) == 0 && strcmp(a->target, b->target) == 0 &&
                 strcmp(a->version, b->version) == 0 && a->field_count == b->field_count &&
                 a->body.size == b->body.size && a->piece_count == b->piece_count && a->chunked == b->chunked &&
                 a->malformed == b->malformed && a->fault == b->fault && a->fault_read == b->fault_read &&
                 a->fault_always == b->fault_always && a->credentials == b->credentials && a->place == b->place &&
                 a->connection == b->connection && a->gone == b->gone;
    equal = equal && (a->body.size == 0 || memcmp(a->body.data, b->body.data, a->body.size) == 0);
    for (unsigned i = 0; equal && i < a->field_count; i++) {
        equal =
            strcmp(a->fields[i].name, b->fields[i].name) == 0 && strcmp(a->fields[i].value, b->fields[i].value) == 0;
    }
    return equal && memcmp(a->pieces, b->pieces, a->piece_count * sizeof a->pieces[0]) == 0;
}

bool rig_fuzz_equal(const struct rig_fuzz_scenario *a, const struct rig_fuzz_scenario *b)
{
    bool equal = a->count == b->count && a->server == b->server && rig_fuzz_same_names(&a->names, &b->names);
    for (uint32_t i = 0; equal && i < a->count; i++) {
        equal = equal_request(&a->requests[i], &b->requests[i]);
    }
    return equal;
}

bool rig_fuzz_has_field(const struct rig_fuzz_request *request, const char *name)
{
    for (unsigned i = 0; i < request->field_count; i++) {
        const char *other = request->fields[i].name;
        if (rig_name_equal(other, strlen(other), name, strlen(name))) {
            return true;
        }
    }
    return false;
}

unsigned rig_fuzz_place_of(const char *word, const char *const *list, unsigned count)
{
    unsigned place = 0;
    while (place < count && strcmp(word, list[place]) != 0) {
        place++;
    }
    return place;
}

bool rig_fuzz_as(const char *class, const char *place, unsigned *class_number, unsigned *place_number)
{
    *class_number = rig_fuzz_place_of(class, rig_fuzz_classes, RIG_FUZZ_CLASSES);
    *place_number = place ? rig_fuzz_place_of(place, rig_fuzz_places, RIG_FUZZ_PLACES) : RIG_FUZZ_PLACE_BASIC;
    return *class_number < RIG_FUZZ_CLASSES && *place_number < RIG_FUZZ_PLACES;
}
