#define _DEFAULT_SOURCE

#include "fuzz/target/credentials.h"
#include "harness/core/dice.h"
#include "harness/http/chars.h"
#include "harness/http/rare.h"

#include <stackrig/http/base64.h>

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

uint64_t rig_fuzz_unknown(void)
{
    uint64_t number = 0;
    if (getentropy(&number, sizeof number) != 0) {
        struct timespec now = {0, 0};
        (void)clock_gettime(CLOCK_REALTIME, &now);
        number = (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec ^ (uint64_t)getpid() << 20;
    }
    return number;
}

static void make_secret(char *secret, uint64_t *seed)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    for (unsigned i = 0; i < RIG_FUZZ_SECRET_SIZE; i++) {
        secret[i] = letters[rig_dice(seed) % (sizeof letters - 1)];
    }
    secret[0] = 'a'; /* a letter, so that its case can be swapped */
    secret[RIG_FUZZ_SECRET_SIZE] = '\0';
}

static const char *secret_of(const struct rig_fuzz_credentials *credentials, unsigned class, char *room)
{
    memcpy(room, credentials->values[class == RIG_FUZZ_CLASS_OTHER], RIG_FUZZ_SECRET_SIZE + 1);
    switch (class) {
    case RIG_FUZZ_CLASS_WRONG:
        room[RIG_FUZZ_SECRET_SIZE - 1] ^= 1;
        room[0] = 'b';
        break;
    case RIG_FUZZ_CLASS_PREFIX:
        room[RIG_FUZZ_SECRET_SIZE - 1] = '\0';
        break;
    case RIG_FUZZ_CLASS_LONGER:
        memcpy(room + RIG_FUZZ_SECRET_SIZE, "x", 2);
        break;
    case RIG_FUZZ_CLASS_CASE:
        for (unsigned i = 0; i < RIG_FUZZ_SECRET_SIZE; i++) {
            room[i] = (char)(room[i] >= 'A' ? room[i] ^ 0x20 : room[i]);
        }
        break;
    case RIG_FUZZ_CLASS_EMPTY:
        room[0] = '\0';
        break;
    case RIG_FUZZ_CLASS_USER:
        return credentials->secrets[0].name;
    default:
        break;
    }
    return room;
}

static void write_carried(struct rig_fuzz_credentials *credentials, unsigned class)
{
    char room[RIG_FUZZ_SECRET_SIZE + 2], pair[RIG_FUZZ_SECRET_SIZE + 16];
    const char *secret = secret_of(credentials, class, room);
    char(*carried)[RIG_FUZZ_CARRIED_MAX] = credentials->carried[class];
    const char *name = credentials->secrets[class == RIG_FUZZ_CLASS_OTHER].name;
    int size = snprintf(pair, sizeof pair, "%s:%s", name, secret);
    memcpy(carried[RIG_FUZZ_PLACE_BASIC], "Basic ", 6);
    size_t coded = rig_base64_encode(pair, (size_t)size, carried[RIG_FUZZ_PLACE_BASIC] + 6, RIG_FUZZ_CARRIED_MAX - 7);
    carried[RIG_FUZZ_PLACE_BASIC][6 + coded] = '\0';
    (void)snprintf(carried[RIG_FUZZ_PLACE_BEARER], RIG_FUZZ_CARRIED_MAX, "Bearer %s", secret);
    (void)snprintf(carried[RIG_FUZZ_PLACE_COOKIE], RIG_FUZZ_CARRIED_MAX, "%s=%s",
                   credentials->names[RIG_FUZZ_PLACE_COOKIE], secret);
    (void)snprintf(carried[RIG_FUZZ_PLACE_HEADER], RIG_FUZZ_CARRIED_MAX, "%s", secret);
    (void)snprintf(carried[RIG_FUZZ_PLACE_QUERY], RIG_FUZZ_CARRIED_MAX, "%s", secret);
}

bool rig_fuzz_is_place_name(const char *name)
{
    size_t size = strlen(name);
    return size <= RIG_FUZZ_PLACE_NAME_MAX && rig_is_token(name, size);
}

/* In the order of the places behind Bearer. */
static void take_names(const struct rig_fuzz *what, const char *names[3])
{
    names[0] = what ? what->credential_cookie : NULL;
    names[1] = what ? what->credential_header : NULL;
    names[2] = what ? what->credential_query : NULL;
}

const char *rig_fuzz_wrong_place(const struct rig_fuzz *what)
{
    const char *names[3];
    take_names(what, names);
    for (unsigned i = 0; i < 3; i++) {
        if (names[i] && !rig_fuzz_is_place_name(names[i])) {
            return names[i];
        }
    }
    return NULL;
}

void rig_fuzz_names_of(const struct rig_fuzz *what, struct rig_fuzz_names *of)
{
    const char *names[3];
    take_names(what, names);
    for (unsigned i = 0; i < RIG_FUZZ_NAMED; i++) {
        (void)snprintf(of->of[i], sizeof of->of[i], "%s", names[i] ? names[i] : "");
    }
}

/* As it was asked for, else as what says, else as usual. */
static void name_places(struct rig_fuzz_credentials *credentials, const struct rig_fuzz *what)
{
    static const char *const usual[] = {"session", "X-Api-Key", "access_token"};
    const char *names[3];
    take_names(what, names);
    credentials->names[RIG_FUZZ_PLACE_BASIC] = credentials->names[RIG_FUZZ_PLACE_BEARER] = "Authorization";
    for (unsigned i = 0; i < RIG_FUZZ_NAMED; i++) {
        char *named = credentials->named.of[i];
        const char *asked = credentials->asked_for.of[i], *name = names[i] ? names[i] : usual[i];
        credentials->names[RIG_FUZZ_PLACE_COOKIE + i] = named;
        (void)snprintf(named, sizeof credentials->named.of[i], "%s", asked[0] ? asked : name);
    }
}

static void write_all(struct rig_fuzz_credentials *credentials)
{
    for (unsigned class = RIG_FUZZ_CLASS_VALID; class < RIG_FUZZ_CLASSES; class ++) {
        write_carried(credentials, class);
    }
}

static RIG_COLD void name_anew(struct rig_fuzz_credentials *credentials, const struct rig_fuzz *what,
                               const struct rig_fuzz_names *names)
{
    credentials->asked_for = *names;
    name_places(credentials, what);
    write_all(credentials);
}

void rig_fuzz_credentials_name(struct rig_fuzz_credentials *credentials, const struct rig_fuzz *what,
                               const struct rig_fuzz_names *names)
{
    if (!rig_fuzz_same_names(&credentials->asked_for, names)) {
        name_anew(credentials, what, names);
    }
}

void rig_fuzz_credentials_make(struct rig_fuzz_credentials *credentials, uint64_t seed, const struct rig_fuzz *what)
{
    static const char *const names[] = {"ada", "bob"};
    memset(&credentials->asked_for, 0, sizeof credentials->asked_for);
    name_places(credentials, what);
    for (unsigned i = 0; i < 2; i++) {
        make_secret(credentials->values[i], &seed);
        credentials->secrets[i] = (struct rig_secret){rig_fuzz_classes[i ? RIG_FUZZ_CLASS_OTHER : RIG_FUZZ_CLASS_VALID],
                                                      names[i], credentials->values[i]};
    }
    write_all(credentials);
}

/* Both have the same size. */
static void replace(char *bytes, size_t size, const char *old, const char *fresh)
{
    size_t length = strlen(old);
    for (const char *at; (at = rig_search(bytes, size, old, length)) != NULL;) {
        memcpy(bytes + (at - bytes), fresh, length);
    }
}

void rig_fuzz_withhold(const struct rig_fuzz_credentials *credentials, void *bytes, size_t size)
{
    static const unsigned classes[] = {RIG_FUZZ_CLASS_VALID, RIG_FUZZ_CLASS_OTHER};
    static const size_t scheme = sizeof "Basic " - 1;
    const char(*wrong)[RIG_FUZZ_CARRIED_MAX] = credentials->carried[RIG_FUZZ_CLASS_WRONG];
    for (unsigned i = 0; i < 2; i++) {
        const char(*right)[RIG_FUZZ_CARRIED_MAX] = credentials->carried[classes[i]];
        replace(bytes, size, right[RIG_FUZZ_PLACE_HEADER], wrong[RIG_FUZZ_PLACE_HEADER]);
        replace(bytes, size, right[RIG_FUZZ_PLACE_BASIC] + scheme, wrong[RIG_FUZZ_PLACE_BASIC] + scheme);
    }
}

bool rig_fuzz_is_credential_header(const struct rig_fuzz_credentials *credentials, const char *name)
{
    const char *const names[] = {credentials->names[RIG_FUZZ_PLACE_BASIC], "Proxy-Authorization", "Cookie",
                                 credentials->names[RIG_FUZZ_PLACE_HEADER]};
    bool is = false;
    for (size_t i = 0; i < sizeof names / sizeof *names && !is; i++) {
        is = rig_name_equal(name, strlen(name), names[i], strlen(names[i]));
    }
    return is;
}

bool rig_fuzz_carry(const struct rig_fuzz_credentials *credentials, unsigned class, unsigned place,
                    struct rig_request *request, char *room, size_t size)
{
    struct rig_field field = rig_fuzz_carried(credentials, class, place);
    if (place != RIG_FUZZ_PLACE_QUERY) {
        size_t count = 0;
        while (count < RIG_FIELDS_MAX && request->headers[count].name) {
            count++;
        }
        if (count < RIG_FIELDS_MAX) {
            request->headers[count] = field;
            request->headers[count + 1] = (struct rig_field){NULL, NULL};
        }
        return count < RIG_FIELDS_MAX;
    }
    const char *target = request->target ? request->target : "/";
    int written = snprintf(room, size, "%s%c%s=%s", target, strchr(target, '?') ? '&' : '?', field.name, field.value);
    if (written < 0 || (size_t)written >= size) {
        return false;
    }
    request->target = room;
    return true;
}
