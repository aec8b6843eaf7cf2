#define _GNU_SOURCE /* strcasestr */

#include "fuzz/oracles/oracles.h"

#include "harness/core/run.h"
#include "harness/http/chars.h"
#include "harness/http/rare.h"

#include <stackrig/http/path.h>
#include <stackrig/http/percent.h>

#include <stdio.h>
#include <strings.h>

const struct rig_hop *rig_fuzz_answerer(const struct rig_result *result)
{
    const struct rig_hop *app = NULL;
    for (size_t i = 0; i < result->hop_count; i++) {
        if (result->hops[i].answered) {
            return &result->hops[i];
        }
        app = result->hops[i].is_app ? &result->hops[i] : app;
    }
    return app;
}

static const struct rig_header *header_of(const struct rig_result *result, const char *name)
{
    const struct rig_header *set = ((const struct rig_report *)(const void *)result)->set;
    for (size_t i = result->header_count; set && i > 0; i--) {
        if (strcasecmp(result->headers[i - 1].name, name) == 0) {
            return &set[i - 1];
        }
    }
    return NULL;
}

const struct rig_hop *rig_fuzz_setter(const struct rig_result *result, const struct rig_result *other,
                                      const char *header, struct rig_hop *there)
{
    const struct rig_result *of = result;
    const struct rig_header *set = header ? header_of(result, header) : NULL;
    if (header && !set) {
        of = other;
        set = header_of(other, header);
    }
    if (!set || set->hop >= of->hop_count) {
        return rig_fuzz_answerer(result);
    }
    *there = rig_fuzz_at(&of->hops[set->hop], set->site);
    return there;
}

uint32_t rig_fuzz_bit_of(const struct rig_fuzz_target *target, const struct rig_hop *app)
{
    if (!target->what->protect[0] && target->what->authorize) {
        return 1u;
    }
    for (size_t k = 0; k < RIG_FIELDS_MAX && target->what->protect[k]; k++) {
        if (strcmp(target->what->protect[k], app->layer) == 0) {
            return 1u << k;
        }
    }
    return 0;
}

bool rig_fuzz_is_protected(struct rig_fuzz_target *target, const struct rig_hop *app)
{
    uint32_t bit = rig_fuzz_bit_of(target, app);
    target->entered |= bit;
    return bit != 0;
}

/* An app may be its own guard: then it denies by itself, by a status that it has set, not one it was entered with.
 * Where a redirect leads that answers a request in another's body is not known. */
static bool denies(const struct rig_hop *app, const struct rig_result *result)
{
    int status = app->status_out;
    if (status == app->status_in && !app->status_over) { /* a layer above has set it, and went on */
        return false;
    }
    if (status / 100 != 3) {
        return status == 401 || status == 403;
    }
    return app->exchange > 0 || (status == result->status && rig_fuzz_says_denied(result, RIG_FUZZ_DENIED));
}

const struct rig_hop *rig_fuzz_entered(struct rig_fuzz_target *target, const struct rig_result *result, uint32_t *bit)
{
    for (const struct rig_hop *hop = result->hops, *end = hop + result->hop_count; hop < end; hop++) {
        if (hop->is_app) {
            *bit = rig_fuzz_bit_of(target, hop);
            target->entered |= *bit;
            if (*bit != 0 && !denies(hop, result)) {
                return hop;
            }
        }
    }
    return NULL;
}

/* On its connection a request, or the last one that stood behind it in its bytes, waits for its rest. */
static bool waits(const struct rig_fuzz_play *play, uint32_t number)
{
    const struct rig_fuzz_further further = rig_fuzz_further_of(play, number);
    const struct rig_result *result = further.count > 0 ? further.results[further.count - 1] : play->results[number];
    return result->refused && result->delivery.outcome == RIG_REFUSED &&
           result->delivery.connection == RIG_CONNECTION_KEPT;
}

/* The bytes of one that is malformed complete what waits, or wait with it; another goes past it. */
bool rig_fuzz_waits_before(const struct rig_fuzz_play *play, uint32_t number)
{
    const struct rig_fuzz_request *requests = play->scenario->requests;
    bool goes_on = false;
    for (uint32_t i = 0; i < number; i++) {
        if (requests[i].connection == requests[number].connection) {
            goes_on = waits(play, i) || (goes_on && !requests[i].malformed);
        }
    }
    return goes_on;
}

static bool ends_with(const char *name, const char *end)
{
    size_t size = strlen(name), length = strlen(end);
    return size >= length && strcasecmp(name + size - length, end) == 0;
}

/* What is said of this request alone, and belongs to no answer: its number or trace (X-Request-Id, X-Correlation-Id,
 * X-Amzn-Trace-Id, traceparent). */
static bool names_request(const char *name)
{
    return ends_with(name, "request-id") || ends_with(name, "correlation-id") || ends_with(name, "trace-id") ||
           strcasecmp(name, "traceparent") == 0;
}

/* What is said of the requests so far, not of what was asked for: by a limiter (RateLimit-Remaining, X-RateLimit-Reset,
 * X-Rate-Limit-Used), by a cache (Age of RFC 9111, Cache-Status of RFC 9211, X-Cache, CF-Cache-Status, X-Varnish). */
static bool tells_of_others(const char *name)
{
    bool cache = strcasestr(name, "cache") && !ends_with(name, "cache-control");
    if (cache || strcasecmp(name, "Age") == 0 || strcasecmp(name, "X-Varnish") == 0) {
        return true;
    }
    name += (name[0] == 'X' || name[0] == 'x') && name[1] == '-' ? 2 : 0;
    return strncasecmp(name, "RateLimit", 9) == 0 || strncasecmp(name, "Rate-Limit", 10) == 0;
}

bool rig_fuzz_is_beside(const char *name)
{
    return names_request(name) || tells_of_others(name);
}

/* The next value of that header; NULL: there is none. */
static const char *next_value(const struct rig_result *result, size_t *at, const char *name)
{
    while (*at < result->header_count && strcasecmp(result->headers[*at].name, name) != 0) {
        (*at)++;
    }
    return *at < result->header_count ? result->headers[(*at)++].value : NULL;
}

/* All of that name, in their order: among those of other names it means nothing (RFC 9110 section 5.3). */
static bool is_same_header(const struct rig_result *a, const struct rig_result *b, const char *name)
{
    size_t i = 0, k = 0;
    const char *one = NULL, *two = NULL;
    do {
        one = next_value(a, &i, name);
        two = next_value(b, &k, name);
    } while (one && two && strcmp(one, two) == 0);
    return !one && !two;
}

static bool is_same_status(const struct rig_result *a, const struct rig_result *b)
{
    return a->status == b->status && a->error == b->error;
}

bool rig_fuzz_is_same_body(const struct rig_result *a, const struct rig_result *b)
{
    return a->body_size == b->body_size && memcmp(a->body, b->body, a->body_size) == 0;
}

enum part { STATUS, BODY, HEADER };

/* Is it b's in all the others, too? What has another status is another answer: the rest of it says nothing. */
static bool stays(enum part part, const char *name, const struct rig_result *b, const struct rig_fuzz_others *others)
{
    bool same = true;
    for (size_t i = 0; i < others->count && same; i++) {
        const struct rig_result *other = others->results[i];
        bool same_status = is_same_status(other, b);
        same = part == STATUS
                   ? same_status
                   : !same_status || (part == BODY ? rig_fuzz_is_same_body(other, b) : is_same_header(other, b, name));
    }
    return same;
}

/* The first header of one of them that counts and differs, and that the others have as b has it; NULL: none. */
static const char *header_that_differs(const struct rig_result *of, const struct rig_result *a,
                                       const struct rig_result *b, const struct rig_fuzz_others *others)
{
    for (size_t i = 0; i < of->header_count; i++) {
        const char *name = of->headers[i].name;
        if (!rig_fuzz_is_beside(name) && !is_same_header(a, b, name) && stays(HEADER, name, b, others)) {
            return name;
        }
    }
    return NULL;
}

static void say_status(const struct rig_result *result, char *text, size_t size)
{
    if (result->error == 0) {
        (void)snprintf(text, size, "%d", result->status);
    } else {
        (void)snprintf(text, size, "%d (error %d)", result->status, result->error);
    }
}

bool rig_fuzz_differs_but(const struct rig_result *a, const struct rig_result *b, struct rig_fuzz_others others,
                          struct rig_fuzz_difference *difference)
{
    char *one = difference->one, *other = difference->other;
    difference->header = NULL;
    say_status(a, one, sizeof difference->one);
    if (!is_same_status(a, b)) {
        say_status(b, other, sizeof difference->other);
        return stays(STATUS, NULL, b, &others);
    }
    if (!rig_fuzz_is_same_body(a, b) && stays(BODY, NULL, b, &others)) {
        (void)snprintf(one, sizeof difference->one, "%d with a body of %zu bytes", a->status, a->body_size);
        (void)snprintf(other, sizeof difference->other, "%d with another of %zu", b->status, b->body_size);
        return true;
    }
    const char *name = header_that_differs(a, a, b, &others);
    name = name ? name : header_that_differs(b, a, b, &others);
    difference->header = name;
    if (name) {
        (void)snprintf(other, sizeof difference->other, "%d with another %.60s", b->status, name);
    }
    return name != NULL;
}

static bool is_same_field(const struct rig_field *a, const struct rig_field *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->value, b->value) == 0;
}

/* Nearly all are: none of their names is looked up. */
static bool has_same_fields(const struct rig_result *a, const struct rig_result *b)
{
    bool same = a->header_count == b->header_count;
    for (size_t i = 0; i < a->header_count && same; i++) {
        same = is_same_field(&a->headers[i], &b->headers[i]);
    }
    return same;
}

bool rig_fuzz_differs(const struct rig_result *a, const struct rig_result *b, struct rig_fuzz_difference *difference)
{
    bool same = is_same_status(a, b) && rig_fuzz_is_same_body(a, b) && has_same_fields(a, b);
    return !same && rig_fuzz_differs_but(a, b, (struct rig_fuzz_others){NULL, 0}, difference);
}

/* Of an encoded octet: a slash stays as it is, for paths are split before their segments are decoded (RFC 3986 section 2.2),
 * and a zero byte, for where a path with one ends differs from layer to layer. */
static bool stays_encoded(const char *octet)
{
    return (octet[1] == '2' && (octet[2] | 0x20) == 'f') || (octet[1] == '0' && octet[2] == '0');
}

static size_t decode_path(const char *path, size_t size, char *out)
{
    size_t decoded = 0, begin = 0;
    for (size_t i = 0; i < size; i++) {
        if (size - i >= 3 && path[i] == '%' && stays_encoded(path + i)) {
            decoded += rig_percent_decode(path + begin, i - begin, false, out + decoded);
            memcpy(out + decoded, path + i, 3);
            decoded += 3;
            begin = i + 3;
        }
    }
    return decoded + rig_percent_decode(path + begin, size - begin, false, out + decoded);
}

/* Ends it in what names a folder: "/", "/." or "/.."? */
static bool ends_in_slash(const char *path, size_t size)
{
    size_t dots = 0;
    while (dots < size && dots < 3 && path[size - 1 - dots] == '.') {
        dots++;
    }
    return dots < 3 && dots < size && path[size - 1 - dots] == '/';
}

static const char *clean_path(const char *target, char *room, size_t size, bool keeps_slash)
{
    const char *scheme = strstr(target, "://");
    if (target[0] != '/' && scheme) {
        target = scheme + 3 + strcspn(scheme + 3, "/?");
    }
    size_t length = strcspn(target, "?#");
    if (length + 3 > size) {
        return NULL;
    }
    size_t decoded = decode_path(target, length, room);
    size_t clean = rig_path_clean(room, decoded, NULL, 0);
    char copy[4096];
    if (decoded > sizeof copy || clean + 2 > size) {
        return NULL;
    }
    memcpy(copy, room, decoded);
    (void)rig_path_clean(copy, decoded, room, size);
    if (keeps_slash && clean > 1 && ends_in_slash(copy, decoded)) {
        room[clean++] = '/';
    }
    room[clean] = '\0';
    return room;
}

const char *rig_fuzz_path(const char *target, char *room, size_t size)
{
    return clean_path(target, room, size, false);
}

const char *rig_fuzz_plain_path(const char *target, char *room, size_t size)
{
    return clean_path(target, room, size, true);
}

bool rig_fuzz_is_safe(const char *method)
{
    static const char *const safe[] = {"GET", "HEAD", "OPTIONS", "TRACE"};
    for (size_t i = 0; i < sizeof safe / sizeof *safe; i++) {
        if (strcmp(method, safe[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- what a request carries ---- */

/* Has it so many letters and digits in a row as a secret has? Hardly a text has, and most of it is not looked at. In base64
 * a secret is one, too, and longer. */
static bool has_long_word(const char *text, size_t size)
{
    while (size >= RIG_FUZZ_SECRET_SIZE) {
        size_t before = RIG_FUZZ_SECRET_SIZE;
        while (before > 0 && rig_char_is(text[before - 1], RIG_CHAR_ALPHA | RIG_CHAR_DIGIT)) {
            before--;
        }
        if (before == 0) {
            return true;
        }
        text += before;
        size -= before;
    }
    return false;
}

const char *rig_fuzz_coded(const struct rig_fuzz_target *target, unsigned user)
{
    static const size_t scheme = sizeof "Basic " - 1;
    unsigned class = user == 0 ? RIG_FUZZ_CLASS_VALID : RIG_FUZZ_CLASS_OTHER;
    return target->credentials.carried[class][RIG_FUZZ_PLACE_BASIC] + scheme;
}

/* Apart: nearly all texts are done with before. */
static RIG_APART bool has_secret(const struct rig_fuzz_target *target, unsigned user, const void *text, size_t size)
{
    const char *coded = rig_fuzz_coded(target, user);
    return rig_contains(text, size, target->credentials.values[user], RIG_FUZZ_SECRET_SIZE) ||
           rig_contains(text, size, coded, strlen(coded));
}

bool rig_fuzz_long_holds_secret(const struct rig_fuzz_target *target, unsigned user, const void *text, size_t size)
{
    return has_long_word(text, size) && has_secret(target, user, text, size);
}

bool rig_fuzz_carries(const struct rig_fuzz_target *target, unsigned user, const char *text, size_t size)
{
    char decoded[4096];
    bool long_one = size > sizeof decoded;
    if (size == 0 || rig_fuzz_holds_secret(target, user, text, size)) {
        return size > 0;
    }
    return !long_one && rig_fuzz_holds_secret(target, user, decoded, rig_percent_decode(text, size, true, decoded));
}

bool rig_fuzz_request_holds(const struct rig_fuzz_target *target, unsigned user, const struct rig_fuzz_request *request)
{
    bool is = rig_fuzz_carries(target, user, request->target, strlen(request->target)) ||
              rig_fuzz_carries(target, user, request->body.data, request->body.size);
    for (unsigned i = 0; i < request->field_count && !is; i++) {
        is = rig_fuzz_carries(target, user, request->fields[i].value, strlen(request->fields[i].value));
    }
    return is;
}

unsigned rig_fuzz_class_of(const struct rig_fuzz_target *target, const struct rig_fuzz_request *request)
{
    bool own = request->credentials == RIG_FUZZ_CLASS_VALID;
    return own || rig_fuzz_request_holds(target, 0, request) ? RIG_FUZZ_CLASS_VALID
           : rig_fuzz_request_holds(target, 1, request)      ? RIG_FUZZ_CLASS_OTHER
                                                             : request->credentials;
}
