#include "harness/client/credentials.h"

#include "harness/http/challenge.h"

#include <stackrig/http/base64.h>

#include <errno.h>

/* ---- keeping ---- */

static void forget_challenge(struct rig_memory *memory, struct rig_digest *digest)
{
    rig_memory_release(memory, digest->text, digest->size);
    *digest = (struct rig_digest){0};
}

void rig_credentials_clear(struct rig_memory *memory, struct rig_credentials *credentials)
{
    forget_challenge(memory, &credentials->digest);
    rig_memory_release(memory, credentials->user, credentials->size);
    *credentials = (struct rig_credentials){.seed = credentials->seed};
}

static bool has_control(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f) {
            return true;
        }
    }
    return false;
}

/* RFC 6750 section 2.1 */
static bool is_token68(const char *text)
{
    size_t size = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/");
    return size > 0 && text[size + strspn(text + size, "=")] == '\0';
}

const char *rig_credentials_refused(enum rig_credentials_kind kind, const char *user, const char *password)
{
    if (!user || !password) {
        return kind == RIG_CREDENTIALS_BEARER ? "the token is NULL" : "the user or the password is NULL";
    }
    if (kind == RIG_CREDENTIALS_BEARER) {
        return is_token68(user) ? NULL : "a bearer token is of letters, digits and -._~+/ (RFC 6750 section 2.1)";
    }
    if (strchr(user, ':')) {
        return "a user name with a colon cannot be told from its password (RFC 7617 section 2)";
    }
    return kind == RIG_CREDENTIALS_DIGEST && has_control(user) ? "a user name with a control character" : NULL;
}

int rig_credentials_set(struct rig_memory *memory, struct rig_credentials *credentials, enum rig_credentials_kind kind,
                        const char *user, const char *password)
{
    size_t user_size = strlen(user) + 1, password_size = strlen(password) + 1;
    char *text = rig_memory_alloc(memory, user_size + password_size);
    if (!text) {
        return -ENOMEM;
    }
    rig_credentials_clear(memory, credentials);
    credentials->kind = kind;
    credentials->size = user_size + password_size;
    credentials->user = text;
    credentials->password = text + user_size;
    memcpy(credentials->user, user, user_size);
    memcpy(credentials->password, password, password_size);
    return 0;
}

int rig_credentials_copy(struct rig_memory *memory, struct rig_credentials *to, const struct rig_credentials *from)
{
    to->seed = from->seed;
    return from->kind == RIG_CREDENTIALS_NONE ? 0
                                              : rig_credentials_set(memory, to, from->kind, from->user, from->password);
}

/* ---- the challenge ---- */

static bool says(struct rig_slice value, const char *word)
{
    return rig_name_equal(value.data, value.size, word, strlen(word));
}

/* false: another algorithm than ours. None named is MD5 (RFC 7616 section 3.3). */
static bool take_algorithm(struct rig_digest *digest, struct rig_slice value)
{
    static const struct {
        const char *name;
        bool sha256, sess;
    } known[] = {
        {"MD5", false, false}, {"MD5-sess", false, true}, {"SHA-256", true, false}, {"SHA-256-sess", true, true}};
    digest->names_algorithm = value.data != NULL;
    for (size_t i = 0; value.data && i < sizeof known / sizeof known[0]; i++) {
        if (says(value, known[i].name)) {
            digest->sha256 = known[i].sha256;
            digest->sess = known[i].sess;
            return true;
        }
    }
    return !value.data;
}

/* Reads what is ours to answer; why it is not, or NULL. */
static const char *take_params(struct rig_digest *digest, struct rig_slice params)
{
    struct rig_slice qop = rig_challenge_param(params, "qop");
    digest->realm = rig_challenge_param(params, "realm");
    digest->nonce = rig_challenge_param(params, "nonce");
    digest->opaque = rig_challenge_param(params, "opaque");
    digest->userhash = says(rig_challenge_param(params, "userhash"), "true");
    digest->auth = qop.data && rig_list_has(qop, "auth");
    bool other_qop = qop.size > 0 && !digest->auth; /* none at all is that of RFC 2069 */
    if (!take_algorithm(digest, rig_challenge_param(params, "algorithm"))) {
        return "its algorithm is none of MD5, SHA-256 and their -sess";
    }
    return !digest->realm.data || !digest->nonce.data ? "it has no realm or no nonce"
           : other_qop                                ? "its qop does not offer auth"
                                                      : NULL;
}

/* The first digest challenge that can be answered (RFC 7616 section 3.7); *params are its parameters. Why there is none;
 * NULL: there is. */
static const char *find_challenge(const struct rig_result *result, struct rig_digest *digest, struct rig_slice *params)
{
    const char *refused = "there is no digest challenge";
    struct rig_challenge challenge;
    for (size_t i = 0; i < result->header_count; i++) {
        const struct rig_field *field = &result->headers[i];
        struct rig_slice text = {field->value, strlen(field->value)};
        bool asks = rig_name_equal(field->name, strlen(field->name), "WWW-Authenticate", 16);
        while (asks && rig_challenge_next(&text, &challenge)) {
            if (says(challenge.scheme, "Digest")) {
                *params = challenge.params;
                refused = take_params(digest, challenge.params);
                if (!refused) {
                    return NULL;
                }
            }
        }
    }
    return refused;
}

static bool same(struct rig_slice one, struct rig_slice other)
{
    return one.size == other.size && (one.size == 0 || memcmp(one.data, other.data, one.size) == 0);
}

int rig_credentials_challenged(struct rig_memory *memory, struct rig_credentials *credentials,
                               const struct rig_result *result, bool answered, const char **why)
{
    struct rig_digest digest = {0}, *old = &credentials->digest;
    struct rig_slice params;
    bool ours = credentials->kind == RIG_CREDENTIALS_DIGEST;
    *why = ours ? find_challenge(result, &digest, &params) : "the session has no digest credentials";
    if (*why) {
        return 0;
    }
    /* An answer to the old challenge was refused for what it says, not for its age. */
    bool refused = answered && same(old->realm, digest.realm) && !says(rig_challenge_param(params, "stale"), "true");
    digest.text = rig_memory_alloc(memory, params.size + 1);
    if (!digest.text) {
        return -ENOMEM;
    }
    digest.size = params.size + 1;
    memcpy(digest.text, params.data, params.size);
    (void)take_params(&digest, (struct rig_slice){digest.text, params.size});
    digest.count = old->text && same(old->nonce, digest.nonce) ? old->count : 0;
    forget_challenge(memory, old);
    *old = digest;
    *why = refused ? "the answer to it was refused" : NULL;
    return !refused;
}

/* ---- the header ---- */

static int basic(const struct rig_credentials *credentials, struct rig_arena *arena, const char **value)
{
    const char *pair = rig_arena_print(arena, "%s:%s", credentials->user, credentials->password);
    size_t size = pair ? strlen(pair) : 0, coded = rig_base64_encode(pair, size, NULL, 0);
    char *text = pair ? rig_arena_alloc(arena, sizeof "Basic " + coded) : NULL;
    if (!text) {
        return -ENOMEM;
    }
    memcpy(text, "Basic ", 6);
    (void)rig_base64_encode(pair, size, text + 6, coded);
    text[6 + coded] = '\0';
    *value = text;
    return 0;
}

int rig_credentials_header(struct rig_credentials *credentials, struct rig_arena *arena, const char *method,
                           const char *uri, const char **value)
{
    *value = NULL;
    switch (credentials->kind) {
    case RIG_CREDENTIALS_BASIC:
        return basic(credentials, arena, value);
    case RIG_CREDENTIALS_BEARER:
        *value = rig_arena_print(arena, "Bearer %s", credentials->user);
        return *value ? 0 : -ENOMEM;
    case RIG_CREDENTIALS_DIGEST:
        return credentials->digest.text ? rig_digest_header(credentials, arena, method, uri, value) : 0;
    default:
        return 0;
    }
}
