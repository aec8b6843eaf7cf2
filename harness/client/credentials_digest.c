/* The answer to a digest challenge, RFC 7616 section 3.4. */
#include "harness/client/credentials.h"

#include "harness/http/chars.h"
#include "harness/http/digest.h"
#include "harness/http/list.h"
#include "harness/core/dice.h"

#include <errno.h>
#include <stdio.h>

/* H(first:second:third); third NULL: H(first:second) */
static void hash_of(const struct rig_digest_kind *kind, const char *first, const char *second, const char *third,
                    char hex[RIG_DIGEST_HEX_SIZE])
{
    struct rig_digest_state state;
    rig_digest_begin(&state, kind);
    rig_digest_add(&state, first, strlen(first));
    rig_digest_add(&state, ":", 1);
    rig_digest_add(&state, second, strlen(second));
    if (third) {
        rig_digest_add(&state, ":", 1);
        rig_digest_add(&state, third, strlen(third));
    }
    rig_digest_end(&state, hex);
}

static const struct rig_digest_kind *kind_of(const struct rig_digest *digest)
{
    return digest->sha256 ? &rig_sha256 : &rig_md5;
}

/* What is hashed, as C strings. */
struct answer {
    const char *realm, *nonce, *user;
    char cnonce[17], count[9];
    char response[RIG_DIGEST_HEX_SIZE], user_hash[RIG_DIGEST_HEX_SIZE];
};

static const char *unquoted(struct rig_arena *arena, struct rig_slice text)
{
    char *out = rig_arena_alloc(arena, text.size + 1);
    if (out) {
        out[rig_without_backslashes(text, out)] = '\0';
    }
    return out;
}

static void respond(const struct rig_credentials *credentials, struct answer *answer, const char *method,
                    const char *uri)
{
    const struct rig_digest *digest = &credentials->digest;
    const struct rig_digest_kind *kind = kind_of(digest);
    char one[RIG_DIGEST_HEX_SIZE], two[RIG_DIGEST_HEX_SIZE], secret[RIG_DIGEST_HEX_SIZE];
    hash_of(kind, credentials->user, answer->realm, credentials->password, one);
    if (digest->sess) {
        memcpy(secret, one, sizeof secret);
        hash_of(kind, secret, answer->nonce, answer->cnonce, one);
    }
    hash_of(kind, method, uri, NULL, two);
    if (!digest->auth) { /* RFC 2069 */
        hash_of(kind, one, answer->nonce, two, answer->response);
        return;
    }
    struct rig_digest_state state;
    rig_digest_begin(&state, kind);
    const char *const parts[] = {one, ":", answer->nonce, ":", answer->count, ":", answer->cnonce, ":auth:", two};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        rig_digest_add(&state, parts[i], strlen(parts[i]));
    }
    rig_digest_end(&state, answer->response);
}

static bool is_plain(const char *text)
{
    while (*text && (unsigned char)*text < 0x80) {
        text++;
    }
    return *text == '\0';
}

/* username="..." or username*=UTF-8''... (RFC 8187), whichever the name allows. */
static const char *user_param(struct rig_arena *arena, const char *user)
{
    bool plain = is_plain(user);
    char *text = rig_arena_alloc(arena, sizeof "username*=UTF-8''" + 3 * strlen(user)), *at = text;
    if (!text) {
        return NULL;
    }
    at += sprintf(at, plain ? "username=\"" : "username*=UTF-8''");
    for (; *user; user++) {
        unsigned char byte = (unsigned char)*user;
        bool kept = plain || rig_char_is(*user, RIG_CHAR_UNRESERVED);
        if (plain && (byte == '"' || byte == '\\')) {
            *at++ = '\\';
        }
        if (kept) {
            *at++ = *user;
        } else {
            at += sprintf(at, "%%%02X", (unsigned)byte);
        }
    }
    if (plain) {
        *at++ = '"';
    }
    *at = '\0';
    return text;
}

static const char *write_header(const struct rig_digest *digest, struct rig_arena *arena, const struct answer *answer,
                                const char *uri)
{
    struct rig_slice realm = digest->realm, nonce = digest->nonce, opaque = digest->opaque;
    const char *user = user_param(arena, digest->userhash ? answer->user_hash : answer->user);
    const char *text =
        user ? rig_arena_print(arena, "Digest %s, realm=\"%.*s\", nonce=\"%.*s\", uri=\"%s\", response=\"%s\"", user,
                               (int)realm.size, realm.data, (int)nonce.size, nonce.data, uri, answer->response)
             : NULL;
    if (text && digest->names_algorithm) {
        text = rig_arena_print(arena, "%s, algorithm=%s%s", text, digest->sha256 ? "SHA-256" : "MD5",
                               digest->sess ? "-sess" : "");
    }
    if (text && opaque.data) {
        text = rig_arena_print(arena, "%s, opaque=\"%.*s\"", text, (int)opaque.size, opaque.data);
    }
    if (text && digest->auth) {
        text = rig_arena_print(arena, "%s, qop=auth, nc=%s, cnonce=\"%s\"", text, answer->count, answer->cnonce);
    } else if (text && digest->sess) {
        text = rig_arena_print(arena, "%s, cnonce=\"%s\"", text, answer->cnonce);
    }
    return text && digest->userhash ? rig_arena_print(arena, "%s, userhash=true", text) : text;
}

int rig_digest_header(struct rig_credentials *credentials, struct rig_arena *arena, const char *method, const char *uri,
                      const char **value)
{
    struct rig_digest *digest = &credentials->digest;
    struct answer answer = {
        .realm = unquoted(arena, digest->realm), .nonce = unquoted(arena, digest->nonce), .user = credentials->user};
    if (!answer.realm || !answer.nonce) {
        return -ENOMEM;
    }
    (void)snprintf(answer.count, sizeof answer.count, "%08lx", (unsigned long)++digest->count);
    (void)snprintf(answer.cnonce, sizeof answer.cnonce, "%016llx", (unsigned long long)rig_dice(&credentials->seed));
    hash_of(kind_of(digest), credentials->user, answer.realm, NULL, answer.user_hash);
    respond(credentials, &answer, method, uri);
    *value = write_header(digest, arena, &answer, uri);
    return *value ? 0 : -ENOMEM;
}
