/* Digest authentication (RFC 7616 with qop=auth, MD5 and SHA-256), as 0.9.75 answers: a nonce is for one target, a count
 * may be used once and out of order, a nonce of another server or one too old is MHD_INVALID_NONCE. */
#include "mocks/frameworks/microhttpd/microhttpd.h"

#include "harness/http/challenge.h"
#include "harness/http/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
#define NONCES 64

struct algorithm {
    const struct rig_digest_kind *kind;
    const char *name;
    size_t hex; /* digits of a digest */
};

static const struct algorithm md5 = {&rig_md5, "md5", 32}, sha_256 = {&rig_sha256, "sha-256", 64};

static const struct algorithm *algorithm_of(enum MHD_DigestAuthAlgorithm algorithm)
{
    return algorithm == MHD_DIGEST_ALG_MD5 ? &md5 : &sha_256;
}

/* The parts with a colon between them. */
static void hash(const struct algorithm *algorithm, char hex[RIG_DIGEST_HEX_SIZE], const char *const *parts,
                 size_t count)
{
    struct rig_digest_state state;
    rig_digest_begin(&state, algorithm->kind);
    for (size_t i = 0; i < count; i++) {
        rig_digest_add(&state, ":", i > 0);
        rig_digest_add(&state, parts[i], strlen(parts[i]));
    }
    rig_digest_end(&state, hex);
}
#define HASH(algorithm_, hex_, ...)                            \
    hash(algorithm_, hex_, (const char *const[]){__VA_ARGS__}, \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* ---- nonces ---- */

static int64_t now(const struct MHD_Connection *connection)
{
    return rig_env_now(connection->env);
}

static void make_nonce(const struct MHD_Connection *connection, const struct algorithm *algorithm, const char *realm,
                       int64_t made, char nonce[80])
{
    char secret[24], time[24], hex[RIG_DIGEST_HEX_SIZE];
    const char *uri = rig_env_get_at(NULL, connection->env, "REQUEST_URI");
    (void)snprintf(secret, sizeof secret, "%llx", (unsigned long long)connection->daemon->random);
    (void)snprintf(time, sizeof time, "%08x", (unsigned)(made / SECOND));
    HASH(algorithm, hex, time, connection->method, secret, uri ? uri : "", realm);
    (void)snprintf(nonce, 80, "%.64s%.8s", hex, time);
}

static struct nonce *find_nonce(struct MHD_Daemon *daemon, const char *text)
{
    for (unsigned i = 0; i < daemon->nonce_count; i++) {
        if (strcmp(daemon->nonces[i].text, text) == 0) {
            return &daemon->nonces[i];
        }
    }
    return NULL;
}

/* Of the last ones given out. */
static void keep_nonce(struct MHD_Daemon *daemon, const char *text, int64_t made)
{
    pthread_mutex_lock(&daemon->lock);
    daemon->nonces = daemon->nonces ? daemon->nonces : calloc(NONCES, sizeof *daemon->nonces);
    if (daemon->nonces && !find_nonce(daemon, text)) {
        struct nonce *nonce = &daemon->nonces[daemon->nonce_at];
        daemon->nonce_at = (daemon->nonce_at + 1) % NONCES;
        daemon->nonce_count += daemon->nonce_count < NONCES;
        *nonce = (struct nonce){.made = made};
        (void)snprintf(nonce->text, sizeof nonce->text, "%s", text);
    }
    pthread_mutex_unlock(&daemon->lock);
}

/* Takes a count of the nonce: each of the last 64 can be used once. MHD_YES, MHD_NO or MHD_INVALID_NONCE. */
static int use_nonce(struct MHD_Daemon *daemon, const char *text, uint64_t count)
{
    int usable = MHD_INVALID_NONCE;
    pthread_mutex_lock(&daemon->lock);
    struct nonce *nonce = find_nonce(daemon, text);
    if (nonce && count > nonce->highest) {
        uint64_t ahead = count - nonce->highest;
        nonce->used = ahead < 64 ? nonce->used << ahead | 1 : 1;
        nonce->highest = count;
        usable = MHD_YES;
    } else if (nonce) {
        uint64_t behind = nonce->highest - count;
        bool taken = behind >= 64 || (nonce->used >> behind & 1) != 0;
        nonce->used |= behind < 64 ? UINT64_C(1) << behind : 0;
        usable = taken ? MHD_NO : MHD_YES;
    }
    pthread_mutex_unlock(&daemon->lock);
    return usable;
}

/* ---- what the client says ---- */

struct claim {
    char username[128], realm[128], nonce[80], uri[2048], qop[16], count[16], cnonce[128], response[80];
};

static bool take_param(struct rig_slice params, const char *name, char *to, size_t room)
{
    struct rig_slice value = rig_challenge_param(params, name);
    if (!value.data || value.size >= room) {
        return false;
    }
    memcpy(to, value.data, value.size);
    to[value.size] = '\0';
    return true;
}

static bool read_params(const struct MHD_Connection *connection, struct rig_slice *params)
{
    static const char scheme[] = "Digest ";
    const char *header = rig_mhd_header(connection, "Authorization");
    if (!header || strncmp(header, scheme, sizeof scheme - 1) != 0) {
        return false;
    }
    *params = (struct rig_slice){header + sizeof scheme - 1, strlen(header + sizeof scheme - 1)};
    return true;
}

#define TAKE(field_, name_) take_param(params, name_, claim->field_, sizeof claim->field_)

static bool read_claim(const struct MHD_Connection *connection, struct claim *claim)
{
    struct rig_slice params;
    return read_params(connection, &params) && TAKE(username, "username") && TAKE(realm, "realm") &&
           TAKE(nonce, "nonce") && TAKE(uri, "uri") && TAKE(qop, "qop") && TAKE(count, "nc") &&
           TAKE(cnonce, "cnonce") && TAKE(response, "response");
}

char *MHD_digest_auth_get_username(struct MHD_Connection *connection)
{
    struct rig_slice params;
    if (!rig_mhd_live(RIG_CALLER, connection, "MHD_digest_auth_get_username") || !read_params(connection, &params)) {
        return NULL;
    }
    struct rig_slice name = rig_challenge_param(params, "username");
    return name.data ? strndup(name.data, name.size) : NULL;
}

/* ---- judging it ---- */

static bool is_hex(const char *text)
{
    return *text && strspn(text, "0123456789abcdefABCDEF") == strlen(text);
}

static bool names_this_target(const struct MHD_Connection *connection, const char *uri)
{
    const char *own = rig_env_get_at(NULL, connection->env, "REQUEST_URI");
    return own && strcmp(own, uri) == 0;
}

/* Was it made here, for this target, and not too long ago? */
static bool is_fresh(const struct MHD_Connection *connection, const struct algorithm *algorithm,
                     const struct claim *claim, unsigned timeout)
{
    char own[80];
    size_t size = strlen(claim->nonce);
    if (size != algorithm->hex + 8 || !is_hex(claim->nonce)) {
        return false;
    }
    int64_t made = (int64_t)strtoul(claim->nonce + algorithm->hex, NULL, 16) * SECOND;
    make_nonce(connection, algorithm, claim->realm, made, own);
    int64_t age = now(connection) / SECOND - made / SECOND;
    return strcmp(own, claim->nonce) == 0 && age >= 0 && age < (int64_t)timeout;
}

/* key: the hash of user, realm and password. */
static int check(const struct MHD_Connection *connection, const struct algorithm *algorithm, const char *realm,
                 const char *username, const char *key, unsigned timeout)
{
    struct claim claim;
    char request[RIG_DIGEST_HEX_SIZE], wanted[RIG_DIGEST_HEX_SIZE];
    if (!read_claim(connection, &claim) || strcmp(claim.username, username) != 0 || strcmp(claim.realm, realm) != 0) {
        return MHD_NO;
    }
    if (!is_fresh(connection, algorithm, &claim, timeout)) {
        return MHD_INVALID_NONCE;
    }
    if (strcmp(claim.qop, "auth") != 0 || !is_hex(claim.count) || !names_this_target(connection, claim.uri)) {
        return MHD_NO;
    }
    int usable = use_nonce(connection->daemon, claim.nonce, strtoull(claim.count, NULL, 16));
    if (usable != MHD_YES) {
        return usable;
    }
    HASH(algorithm, request, connection->method, claim.uri);
    HASH(algorithm, wanted, key, claim.nonce, claim.count, claim.cnonce, claim.qop, request);
    return strcmp(wanted, claim.response) == 0 ? MHD_YES : MHD_NO;
}

int MHD_digest_auth_check2(struct MHD_Connection *connection, const char *realm, const char *username,
                           const char *password, unsigned timeout, enum MHD_DigestAuthAlgorithm algorithm)
{
    char key[RIG_DIGEST_HEX_SIZE];
    if (!rig_mhd_live(RIG_CALLER, connection, "MHD_digest_auth_check2")) {
        return MHD_NO;
    }
    HASH(algorithm_of(algorithm), key, username, realm, password);
    return check(connection, algorithm_of(algorithm), realm, username, key, timeout);
}

int MHD_digest_auth_check(struct MHD_Connection *connection, const char *realm, const char *username,
                          const char *password, unsigned timeout)
{
    return MHD_digest_auth_check2(connection, realm, username, password, timeout, MHD_DIGEST_ALG_MD5);
}

int MHD_digest_auth_check_digest2(struct MHD_Connection *connection, const char *realm, const char *username,
                                  const uint8_t *digest, size_t digest_size, unsigned timeout,
                                  enum MHD_DigestAuthAlgorithm algorithm)
{
    char key[RIG_DIGEST_HEX_SIZE];
    const struct algorithm *known = algorithm_of(algorithm);
    if (!rig_mhd_live(RIG_CALLER, connection, "MHD_digest_auth_check_digest2") || digest_size * 2 != known->hex) {
        return MHD_NO;
    }
    for (size_t i = 0; i < digest_size; i++) {
        (void)snprintf(key + i * 2, 3, "%02x", digest[i]);
    }
    return check(connection, known, realm, username, key, timeout);
}

int MHD_digest_auth_check_digest(struct MHD_Connection *connection, const char *realm, const char *username,
                                 const uint8_t digest[MHD_MD5_DIGEST_SIZE], unsigned timeout)
{
    return MHD_digest_auth_check_digest2(connection, realm, username, digest, MHD_MD5_DIGEST_SIZE, timeout,
                                         MHD_DIGEST_ALG_MD5);
}

/* ---- asking for it ---- */

static enum MHD_Result ask(const char *site, struct MHD_Connection *connection, const char *realm, const char *opaque,
                           struct MHD_Response *response, int stale, enum MHD_DigestAuthAlgorithm algorithm)
{
    char nonce[80];
    const struct algorithm *known = algorithm_of(algorithm);
    if (!response || !realm || !opaque || !rig_mhd_live(site, connection, "MHD_queue_auth_fail_response2")) {
        return MHD_NO;
    }
    make_nonce(connection, known, realm, now(connection), nonce);
    keep_nonce(connection->daemon, nonce, now(connection));
    size_t room = strlen(realm) + strlen(opaque) + sizeof nonce + 100;
    char *text = malloc(room);
    if (!text) {
        return MHD_NO;
    }
    (void)snprintf(text, room, "Digest realm=\"%s\",qop=\"auth\",nonce=\"%s\",opaque=\"%s\",algorithm=%s%s", realm,
                   nonce, opaque, known->name, stale ? ",stale=\"true\"" : "");
    enum MHD_Result added = rig_mhd_add_header(site, response, "WWW-Authenticate", text);
    free(text);
    return added == MHD_YES ? rig_mhd_queue(site, connection, 401, response) : MHD_NO;
}

enum MHD_Result MHD_queue_auth_fail_response2(struct MHD_Connection *connection, const char *realm, const char *opaque,
                                              struct MHD_Response *response, int stale,
                                              enum MHD_DigestAuthAlgorithm algorithm)
{
    return ask(RIG_CALLER, connection, realm, opaque, response, stale, algorithm);
}

enum MHD_Result MHD_queue_auth_fail_response(struct MHD_Connection *connection, const char *realm, const char *opaque,
                                             struct MHD_Response *response, int stale)
{
    return ask(RIG_CALLER, connection, realm, opaque, response, stale, MHD_DIGEST_ALG_MD5);
}
