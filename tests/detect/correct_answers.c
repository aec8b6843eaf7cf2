/* Correct, and suspicious to look at: answers that change with each request, and what of a request stands in them. */
#include "tests/detect/detect.h"

struct counter {
    struct detect_secret secret;
    unsigned count;
    char paths[4][64];
};

static void forgets(void *self)
{
    ((struct counter *)self)->count = 0;
}

#define COUNTING_LAYER(name_)                                                                             \
    {                                                                                                     \
        .name = #name_, .call = (name_), .self_size = sizeof(struct counter), .init = detect_keep_secret, \
        .reset = forgets                                                                                  \
    }

/* A number for each request. */
static int numbers(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct counter *counter = self;
    char number[16];
    (void)snprintf(number, sizeof number, "%u", ++counter->count);
    int error = rig_response_set_header(res, "X-Request-Id", number);
    return error ? error : rig_next(next, env, res);
}

static const struct rig_middleware numbers_layer = COUNTING_LAYER(numbers);

/* A page that greets its visitors by their number. */
static int visitors(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct counter *counter = self;
    char page[32];
    (void)next;
    (void)snprintf(page, sizeof page, "visitor %u", ++counter->count);
    return detect_say(env, res, 200, page);
}

static const struct rig_middleware visitors_layer = COUNTING_LAYER(visitors);

/* A cache that says what it did, of HEAD, too, and nothing of what it cannot keep. */
static int tells_hits(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct counter *counter = self;
    const char *path = rig_env_get(env, "PATH_INFO");
    bool get = detect_is(env, "REQUEST_METHOD", "GET");
    if ((!get && !detect_is_head(env)) || strlen(path) >= sizeof counter->paths[0]) {
        return rig_next(next, env, res);
    }
    for (unsigned i = 0; i < counter->count; i++) {
        if (strcmp(counter->paths[i], path) == 0) {
            int error = rig_response_set_header(res, "X-Cache", "HIT");
            error = error ? error : rig_response_set_header(res, "Age", "0");
            return error ? error : detect_say(env, res, 200, "home");
        }
    }
    if (get && counter->count < 4) {
        memcpy(counter->paths[counter->count++], path, strlen(path) + 1);
    }
    return rig_next(next, env, res);
}

static const struct rig_middleware tells_hits_layer = COUNTING_LAYER(tells_hits);

/* Digest: a nonce for each answer. */
static int new_nonce(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct counter *counter = self;
    char value[96];
    (void)next;
    (void)snprintf(value, sizeof value, "Digest realm=\"a\", qop=\"auth\", nonce=\"%08x\"",
                   ++counter->count * 0x9e3779b1u);
    int error = rig_response_set_header(res, "WWW-Authenticate", value);
    return error ? error : detect_say(env, res, 401, "who are you?");
}

static const struct rig_middleware new_nonce_layer = COUNTING_LAYER(new_nonce);

/* Three wrong tries, and it is locked for who has the right one, too. */
static int locks(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct counter *counter = self;
    if (counter->count >= 3) {
        return detect_say(env, res, 403, "locked");
    }
    if (detect_bearer(env, counter->secret.value)) {
        counter->count = 0;
        return rig_next(next, env, res);
    }
    counter->count += rig_env_get(env, "HTTP_AUTHORIZATION") != NULL;
    return detect_deny(env, res);
}

static const struct rig_middleware locks_layer = COUNTING_LAYER(locks);

static const struct detect_row rows[] = {
    DETECT_ROW("numbers", "each answer has a number", NULL, detect_home, .layers = {&numbers_layer}),
    DETECT_ROW("visitors", "and so has each page", NULL, detect_home, .layers = {&visitors_layer}),
    DETECT_ROW("tells_hits", "a cache that tells its hits", NULL, detect_home, .layers = {&tells_hits_layer}),
    DETECT_ROW("new_nonce", "a nonce for each 401", NULL, detect_home, .layers = {&new_nonce_layer}),
    DETECT_ROW("locks", "locked after three wrong tries", NULL, detect_members, .layers = {&locks_layer}),
};

const struct detect_table detect_correct_answers = {"correct: answers that change", DETECT_ROWS(rows)};
