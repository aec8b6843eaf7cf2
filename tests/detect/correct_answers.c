/* Correct, and suspicious to look at: answers that change with each request, and what a client sent that comes out. */
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

/* And one that no reset begins anew, as a random one would be. */
static int numbers_on(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    static unsigned count;
    (void)self;
    char number[16];
    (void)snprintf(number, sizeof number, "%08x", ++count * 0x9e3779b1u);
    int error = rig_response_set_header(res, "X-Request-Id", number);
    (void)rig_env_log(env, "%s", number);
    return error ? error : rig_next(next, env, res);
}

static const struct rig_middleware numbers_on_layer = {.name = "numbers_on", .call = numbers_on};

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

/* Two back ends by turns, two requests each; what is no reading does not come so far. */
static int in_turns(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct counter *counter = self;
    if (!detect_is(env, "REQUEST_METHOD", "GET") && !detect_is_head(env)) {
        int error = rig_response_set_header(res, "Allow", "GET, HEAD");
        return error ? error : detect_say(env, res, 405, "");
    }
    int error = rig_response_set_header(res, "X-Served-By", counter->count++ / 2 % 2 == 0 ? "a" : "b");
    return error ? error : rig_next(next, env, res);
}

static const struct rig_middleware in_turns_layer = COUNTING_LAYER(in_turns);

/* And each request to the other, which says who it is. */
static int in_turns_page(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    struct counter *counter = self;
    (void)next;
    return detect_say(env, res, 200, counter->count++ % 2 == 0 ? "home of a" : "home of b");
}

static const struct rig_middleware in_turns_page_layer = COUNTING_LAYER(in_turns_page);

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

/* A directory without its slash leads to the one with it, the query as it was; the page has the same link. */
static int adds_slash(void *self, struct rig_env *env, struct rig_response *res)
{
    (void)self;
    char where[512], page[600];
    const char *path = rig_env_get(env, "PATH_INFO"), *query = rig_env_get(env, "QUERY_STRING");
    if (strcmp(path, "/admin") != 0 || strlen(query) > 400) {
        return detect_say(env, res, 200, "home");
    }
    (void)snprintf(where, sizeof where, "/admin/%s%s", query[0] ? "?" : "", query);
    (void)snprintf(page, sizeof page, "<a href=\"%s\">here</a>", where);
    int error = rig_response_set_header(res, "Location", where);
    return error ? error : detect_say(env, res, 301, page);
}

/* A session lasts an hour from each request on. */
static int slides(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    const struct detect_secret *secret = self;
    char cookie[128];
    const char *sent = rig_env_get(env, "HTTP_COOKIE");
    if (!sent || strncmp(sent, "session=", 8) != 0 || strcmp(sent + 8, secret->value) != 0) {
        return detect_deny(env, res);
    }
    (void)snprintf(cookie, sizeof cookie, "%s; Max-Age=3600; Secure; HttpOnly", sent);
    int error = rig_response_set_header(res, "Set-Cookie", cookie);
    return error ? error : rig_next(next, env, res);
}

static const struct rig_middleware slides_layer = {.name = "slides",
                                                   .call = slides,
                                                   .self_size = sizeof(struct detect_secret),
                                                   .init = detect_keep_secret,
                                                   .reset = detect_nothing_to_reset};

/* As web servers log it: who sends a secret in a target, though nothing here asks for one, has it there. */
static int logs_requests(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    (void)rig_env_log(env, "\"%s %s\" %d", rig_env_get(env, "REQUEST_METHOD"), rig_env_get(env, "REQUEST_URI"),
                      rig_response_status(res));
    return error;
}

static const struct rig_middleware logs_requests_layer = {.name = "logs_requests", .call = logs_requests};

/* And with where a client comes from, and what it is: whatever it puts there. */
static int logs_combined(void *self, struct rig_env *env, struct rig_response *res, struct rig_next *next)
{
    (void)self;
    int error = rig_next(next, env, res);
    const char *from = rig_env_get(env, "HTTP_REFERER"), *agent = rig_env_get(env, "HTTP_USER_AGENT");
    (void)rig_env_log(env, "\"%s %s\" %d \"%s\" \"%s\"", rig_env_get(env, "REQUEST_METHOD"),
                      rig_env_get(env, "REQUEST_URI"), rig_response_status(res), from ? from : "-",
                      agent ? agent : "-");
    return error;
}

static const struct rig_middleware logs_combined_layer = {.name = "logs_combined", .call = logs_combined};

static const struct detect_row rows[] = {
    DETECT_ROW("numbers", "each answer has a number", NULL, detect_home, .layers = {&numbers_layer}),
    DETECT_ROW("numbers_on", "that no reset begins anew", NULL, detect_home, .layers = {&numbers_on_layer}),
    DETECT_ROW("visitors", "and so has each page", NULL, detect_home, .layers = {&visitors_layer}),
    DETECT_ROW("in_turns", "a round robin, two each", NULL, detect_home, .layers = {&in_turns_layer}),
    DETECT_ROW("in_turns_page", "a round robin's pages", NULL, detect_home, .layers = {&in_turns_page_layer}),
    DETECT_ROW("tells_hits", "a cache that tells its hits", NULL, detect_home, .layers = {&tells_hits_layer}),
    DETECT_ROW("new_nonce", "a nonce for each 401", NULL, detect_home, .layers = {&new_nonce_layer}),
    DETECT_ROW("locks", "locked after three wrong tries", NULL, detect_members, .layers = {&locks_layer}),
    DETECT_ROW("adds_slash", "the query in a Location", NULL, adds_slash, .layers = {NULL}),
    DETECT_ROW("slides", "a cookie that is set again", NULL, detect_members, .layers = {&slides_layer},
               .protect = "detect_members"),
    DETECT_ROW("logs_requests", "a log of requests", NULL, detect_home, .layers = {&logs_requests_layer}),
    DETECT_ROW("logs_combined", "a combined log", NULL, detect_home, .layers = {&logs_combined_layer}),
};

const struct detect_table detect_correct_answers = {"correct: what changes, and what comes out", DETECT_ROWS(rows)};
