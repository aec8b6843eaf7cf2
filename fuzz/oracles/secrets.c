/* A secret of this run in a response or the log: does it stand there by right? */
#include "fuzz/oracles/oracles.h"

#include "harness/client/client.h"
#include "harness/http/chars.h"
#include "harness/http/rare.h"

#include <stackrig/http/percent.h>

#include <strings.h>

struct secret {
    const struct rig_fuzz_target *target;
    const struct rig_fuzz_request *from;
    const struct rig_result *result;
    unsigned user;
    unsigned place; /* where the request puts it; RIG_FUZZ_PLACES: nowhere */
};

static bool holds(const struct secret *secret, const char *text, size_t size)
{
    return rig_fuzz_holds_secret(secret->target, secret->user, text, size);
}

/* ---- the client's own target: who sees a page's address has it already ---- */

static bool is_in_target(const struct secret *secret)
{
    const char *target = secret->from->target;
    return secret->place == RIG_FUZZ_PLACE_QUERY ||
           rig_fuzz_carries(secret->target, secret->user, target, strlen(target));
}

/* Besides the target, an access log's line has these as they were sent (the "combined" format). But not where the stack
 * takes credentials from one. */
static bool is_logged(const struct secret *secret, const char *name)
{
    return (strcasecmp(name, "User-Agent") == 0 || strcasecmp(name, "Referer") == 0) &&
           !rig_fuzz_is_credential_header(&secret->target->credentials, name);
}

static bool is_in_logged(const struct secret *secret)
{
    bool is = false;
    for (unsigned i = 0; i < secret->from->field_count && !is; i++) {
        const struct rig_field *field = &secret->from->fields[i];
        is = is_logged(secret, field->name) && holds(secret, field->value, strlen(field->value));
    }
    return is;
}

/* Than in the target; of a log: and than in those. */
static bool is_elsewhere(const struct secret *secret, bool of_log)
{
    const struct rig_fuzz_request *from = secret->from;
    bool is = (secret->place != RIG_FUZZ_PLACE_QUERY && secret->place != RIG_FUZZ_PLACES) ||
              rig_fuzz_carries(secret->target, secret->user, from->body.data, from->body.size);
    for (unsigned i = 0; i < from->field_count && !is; i++) {
        const char *value = from->fields[i].value;
        is = !(of_log && is_logged(secret, from->fields[i].name)) &&
             rig_fuzz_carries(secret->target, secret->user, value, strlen(value));
    }
    return is;
}

static bool stands_before(const char *at, const char *text, const char *name, size_t size)
{
    return (size_t)(at - text) >= size && memcmp(at - size, name, size) == 0;
}

/* Stands in text, before that place, what stands before the secret in what was sent, as "key=" of "?key=SECRET"?
 * parted: by what it is parted from what stands before that. */
static bool is_called_so(const char *text, const char *at, struct rig_bytes sent, const char *parted,
                         const char *secret)
{
    const char *begin = sent.data, *end = begin + sent.size, *own = begin;
    while ((own = rig_search(own, (size_t)(end - own), secret, strlen(secret))) != NULL) {
        const char *name = own;
        while (name > begin && !strchr(parted, name[-1])) {
            name--;
        }
        if (stands_before(at, text, name, (size_t)(own - name))) {
            return true;
        }
        own++;
    }
    return false;
}

/* Or the name that the query of `# @as` has for it? */
static bool is_called_as_carried(const struct secret *secret, const char *text, const char *at)
{
    if (secret->place != RIG_FUZZ_PLACE_QUERY || at == text || at[-1] != '=') {
        return false;
    }
    const char *name = rig_fuzz_carried(&secret->target->credentials, secret->from->credentials, secret->place).name;
    return stands_before(at - 1, text, name, strlen(name));
}

/* All that stands before it in the header. */
static bool is_called_as_in_logged(const struct secret *secret, const char *text, const char *at, const char *form)
{
    bool is = false;
    for (unsigned i = 0; i < secret->from->field_count && !is; i++) {
        const struct rig_field *field = &secret->from->fields[i];
        const struct rig_bytes sent = {field->value, strlen(field->value)};
        is = is_logged(secret, field->name) && is_called_so(text, at, sent, "", form);
    }
    return is;
}

/* Is it called in text, wherever it stands there, as it is in the target as it was sent, or decoded; of a log: or in a
 * header that logs have? */
static RIG_APART bool is_called_as_sent(const struct secret *secret, const char *text, size_t size, bool of_log)
{
    char decoded[4096];
    const char *const forms[] = {secret->target->credentials.values[secret->user],
                                 rig_fuzz_coded(secret->target, secret->user)};
    const struct rig_bytes sent = {secret->from->target, strlen(secret->from->target)};
    bool long_one = sent.size > sizeof decoded;
    const struct rig_bytes plain = {decoded, long_one ? 0 : rig_percent_decode(sent.data, sent.size, true, decoded)};
    for (unsigned i = 0; i < 2; i++) {
        const char *at = text, *end = text + size;
        while ((at = rig_search(at, (size_t)(end - at), forms[i], strlen(forms[i]))) != NULL) {
            if (!is_called_so(text, at, sent, "/?&;", forms[i]) && !is_called_so(text, at, plain, "/?&;", forms[i]) &&
                !is_called_as_carried(secret, text, at) &&
                !(of_log && is_called_as_in_logged(secret, text, at, forms[i]))) {
                return false;
            }
            at++;
        }
    }
    return true;
}

/* Does what text has of it come from the target? Where it was sent elsewhere, too, its name tells. */
static bool is_of_target(const struct secret *secret, const char *text, size_t size)
{
    return is_in_target(secret) && (!is_elsewhere(secret, false) || is_called_as_sent(secret, text, size, false));
}

/* ---- a redirect ---- */

/* A host by its name: without its port, and who asks there. An IPv6 address has its brackets. */
static struct rig_slice host_name(const char *authority)
{
    struct rig_slice name = rig_trimmed((struct rig_slice){authority, strcspn(authority, "/?#")});
    for (size_t i = name.size; i > 0; i--) {
        if (name.data[i - 1] == '@') {
            name = rig_slice_after(name, i);
            break;
        }
    }
    const char *bracket = name.size > 0 && name.data[0] == '[' ? memchr(name.data, ']', name.size) : NULL;
    const char *colon = bracket ? NULL : memchr(name.data, ':', name.size);
    name.size = bracket ? (size_t)(bracket + 1 - name.data) : colon ? (size_t)(colon - name.data) : name.size;
    return name;
}

static bool is_host(struct rig_slice name, const char *authority)
{
    struct rig_slice host = host_name(authority);
    return rig_name_equal(name.data, name.size, host.data, host.size);
}

/* What stands behind "scheme://"; NULL: it does not begin so. */
static const char *authority_of(const char *uri)
{
    size_t size = strcspn(uri, ":/?#");
    return size > 0 && strncmp(uri + size, "://", 3) == 0 ? uri + size + 3 : NULL;
}

/* Is that host one that the client may have meant: of an absolute target, of Host, or the server's own? */
static bool is_own_host(const struct rig_fuzz_request *from, struct rig_slice name)
{
    const char *of_target = authority_of(from->target);
    bool own = is_host(name, RIG_DEFAULT_HOST) || (of_target && is_host(name, of_target));
    for (unsigned i = 0; i < from->field_count && !own; i++) {
        own = strcasecmp(from->fields[i].name, "Host") == 0 && is_host(name, from->fields[i].value);
    }
    return own;
}

/* Does the value of a Location lead to where the request was sent, be it at another port? */
static bool is_same_host(const struct rig_fuzz_request *from, const char *value)
{
    bool web = strncasecmp(value, "http://", 7) == 0 || strncasecmp(value, "https://", 8) == 0;
    if (!web) { /* "//host" and "/\host" lead elsewhere, as any other scheme does */
        size_t path = strcspn(value, "/?#");
        bool slashes = value[0] != '\0' && strchr("/\\", value[0]) && value[1] != '\0' && strchr("/\\", value[1]);
        return !slashes && !memchr(value, ':', path);
    }
    const char *authority = authority_of(value);
    return !memchr(authority, '\\', strcspn(authority, "/?#")) && /* browsers take it for a slash */
           is_own_host(from, host_name(authority));
}

static bool is_where_it_goes_on(const struct rig_field *field)
{
    return strcasecmp(field->name, "Location") == 0 || strcasecmp(field->name, "Content-Location") == 0;
}

/* The client goes on where it is, with the query that it has. */
static bool keeps_query(const struct secret *secret, const struct rig_field *field)
{
    return is_where_it_goes_on(field) && is_same_host(secret->from, field->value) &&
           is_of_target(secret, field->value, strlen(field->value));
}

/* The page of a redirect has the same link. */
static bool is_page_of_redirect(const struct secret *secret)
{
    const struct rig_result *result = secret->result;
    for (size_t i = 0; i < result->header_count && result->status / 100 == 3; i++) {
        const struct rig_field *field = &result->headers[i];
        if (holds(secret, field->value, strlen(field->value)) && keeps_query(secret, field)) {
            return is_of_target(secret, result->body, result->body_size);
        }
    }
    return false;
}

/* ---- a cookie ---- */

/* Has a value of Cookie the secret in a cookie of that name? */
static bool has_cookie(const struct secret *secret, const char *cookies, const char *name, size_t size)
{
    while (*cookies) {
        cookies += strspn(cookies, "; ");
        size_t length = strcspn(cookies, ";");
        if (length > size && strncmp(cookies, name, size) == 0 && cookies[size] == '=' &&
            holds(secret, cookies, length)) {
            return true;
        }
        cookies += length;
    }
    return false;
}

/* The client's own cookie is set again, as one is that lasts so long after each request. */
static bool is_own_cookie(const struct secret *secret, const struct rig_field *field)
{
    const struct rig_fuzz_request *from = secret->from;
    size_t pair = strcspn(field->value, ";"), name = strcspn(field->value, "=");
    if (strcasecmp(field->name, "Set-Cookie") != 0 || name >= pair ||
        holds(secret, field->value + pair, strlen(field->value + pair))) {
        return false;
    }
    bool own = secret->place == RIG_FUZZ_PLACE_COOKIE &&
               has_cookie(secret, secret->target->credentials.carried[from->credentials][RIG_FUZZ_PLACE_COOKIE],
                          field->value, name);
    for (unsigned i = 0; i < from->field_count && !own; i++) {
        own = strcasecmp(from->fields[i].name, "Cookie") == 0 &&
              has_cookie(secret, from->fields[i].value, field->value, name);
    }
    return own;
}

/* ---- all places ---- */

/* A log of requests has their targets (CWE-598 is the client's, who puts a secret there), and some of their headers.
 * But not of a stack that takes it from there: that is what lets it in to an app of the model, which is closed to who
 * has none. */
static bool is_log_of_requests(struct rig_fuzz_target *target, const struct secret *secret)
{
    const struct rig_result *result = secret->result;
    uint32_t bit;
    const struct rig_hop *hop = rig_fuzz_entered(target, result, &bit);
    bool in_target = is_in_target(secret), in_logged = is_in_logged(secret), elsewhere = is_elsewhere(secret, true);
    return (in_target || in_logged) && (!elsewhere || is_called_as_sent(secret, result->log, result->log_size, true)) &&
           (!hop || elsewhere || (in_target && in_logged) ||
            rig_fuzz_may_enter(target, secret->from, RIG_FUZZ_CLASS_NONE, result, hop));
}

/* At the call that has written it. */
static void tell_log(struct rig_fuzz_target *target, const struct secret *secret, uint32_t number)
{
    const struct rig_result *result = secret->result;
    const struct rig_logged *logged = ((const struct rig_report *)(const void *)result)->logged;
    size_t begin = 0;
    while (logged && !holds(secret, result->log + begin, logged->end - begin)) {
        begin = logged->end;
        logged = logged->next;
    }
    const struct rig_hop *writer = logged && logged->hop < result->hop_count ? &result->hops[logged->hop] : NULL;
    const struct rig_hop at = writer ? rig_fuzz_at(writer, logged->site) : (struct rig_hop){.layer = NULL};
    rig_fuzz_tell(target, RIG_FUZZ_SECRET_REFLECTED, number, writer ? &at : rig_fuzz_answerer(result),
                  "the secret of this run%s stands in the log", secret->user == 0 ? "" : "'s other user");
}

/* Where it stands and must not; NULL: nowhere. */
static const char *find_in_response(const struct secret *secret)
{
    const struct rig_result *result = secret->result;
    if (holds(secret, result->body, result->body_size) && !is_page_of_redirect(secret)) {
        return "body";
    }
    for (size_t i = 0; i < result->header_count; i++) {
        const struct rig_field *field = &result->headers[i];
        if (holds(secret, field->value, strlen(field->value)) && !keeps_query(secret, field) &&
            !is_own_cookie(secret, field)) {
            return field->name;
        }
    }
    return NULL;
}

void rig_fuzz_judge_secret(struct rig_fuzz_target *target, const struct rig_fuzz_request *from,
                           const struct rig_result *result, uint32_t number, unsigned user)
{
    const char *sent = from->credentials == RIG_FUZZ_CLASS_NONE
                           ? ""
                           : rig_fuzz_carried(&target->credentials, from->credentials, from->place).value;
    bool carried = rig_fuzz_holds_secret(target, user, sent, strlen(sent));
    const struct secret secret = {target, from, result, user, carried ? from->place : RIG_FUZZ_PLACES};
    bool gone = result->delivery.outcome == RIG_GONE; /* nobody gets the response */
    const char *where = gone ? NULL : find_in_response(&secret);
    if (where) {
        rig_fuzz_tell(target, RIG_FUZZ_SECRET_REFLECTED, number, rig_fuzz_answerer(result),
                      "the secret of this run%s stands in the response's %.60s", user == 0 ? "" : "'s other user",
                      where);
    } else if (holds(&secret, result->log, result->log_size) && !is_log_of_requests(target, &secret)) {
        tell_log(target, &secret, number);
    }
}
