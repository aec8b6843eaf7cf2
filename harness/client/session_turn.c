/* What a session remembers of its requests: the one under way, and the last. */
#include "harness/client/session.h"

#include <errno.h>

/* ---- turns ---- */

/* What a longjmp left lies below the frame that sends now: the stack grows down. */
static void reclaim(struct rig_session *session, const void *frame)
{
    for (struct rig_session_turn *turn = session->turns; turn; turn = turn->next) {
        if (turn->state == RIG_TURN_OPEN && (uintptr_t)turn->frame <= (uintptr_t)frame) {
            turn->state = RIG_TURN_FREE;
        }
    }
}

static struct rig_session_turn *new_turn(struct rig_session *session)
{
    struct rig_session_turn *turn = rig_memory_alloc(&session->memory, sizeof *turn);
    if (turn) {
        memset(turn, 0, sizeof *turn);
        rig_arena_init(&turn->arena, &session->memory);
        turn->next = session->turns;
        session->turns = turn;
    }
    return turn;
}

struct rig_session_turn *rig_session_turn(struct rig_session *session, const void *frame)
{
    reclaim(session, frame);
    struct rig_session_turn *turn = session->turns;
    while (turn && turn->state != RIG_TURN_FREE) {
        turn = turn->next;
    }
    turn = turn ? turn : new_turn(session);
    if (turn) {
        struct rig_session_turn *next = turn->next;
        struct rig_arena arena = turn->arena;
        rig_arena_reset(&arena);
        memset(turn, 0, sizeof *turn);
        turn->next = next;
        turn->arena = arena;
        turn->state = RIG_TURN_OPEN;
        turn->frame = frame;
    }
    return turn;
}

void rig_session_turn_end(struct rig_session *session, struct rig_session_turn *turn, bool sent)
{
    if (!sent) {
        turn->state = RIG_TURN_FREE;
        return;
    }
    if (session->last) {
        session->last->state = RIG_TURN_FREE;
    }
    turn->state = RIG_TURN_LAST;
    session->last = turn;
}

/* ---- what came of one ---- */

bool rig_session_keeps_method(int status, const char *method)
{
    return status == 307 || status == 308 || strcmp(method, "HEAD") == 0 ||
           (status != 303 && strcmp(method, "POST") != 0);
}

/* The head of the app's own answer. */
static bool arrived(const struct rig_result *result)
{
    return result->delivery.outcome == RIG_DELIVERED || result->delivery.outcome == RIG_TRUNCATED;
}

/* The URL with the params that became part of its query. */
static int take_url(struct rig_session_turn *turn, const struct rig_result *result)
{
    const char *target = result->target ? result->target : "/";
    if (turn->request.malformed || target[0] == '*' || strcmp(turn->method, "CONNECT") == 0) {
        return 0;
    }
    if (target[0] != '/') {
        struct rig_uri uri;
        (void)rig_uri_split(target, strlen(target), &uri, NULL);
        target = uri.path.data;
    }
    size_t before = strlen(turn->base) + strlen(turn->script_name), size = strlen(target);
    if (size > 0 && target[size - 1] == '?') { /* an empty query */
        size--;
    } else if (strcmp(turn->url + before, target) == 0) {
        return 0;
    }
    turn->url = RIG_JOIN(&turn->arena, {turn->url, before}, {"/", target[0] != '/'}, {target, size});
    return turn->url ? 0 : -ENOMEM;
}

static int take_location(struct rig_session_turn *turn, const struct rig_result *result)
{
    const char *location = rig_status_is_redirect(turn->status) ? rig_result_header(result, "Location") : NULL;
    if (!location) {
        return 0;
    }
    struct rig_uri uri;
    size_t base = strlen(turn->url), size = strlen(location);
    char *resolved = rig_arena_alloc(&turn->arena, base + size + 3);
    turn->location = rig_arena_string(&turn->arena, location);
    if (!resolved || !turn->location) {
        return -ENOMEM;
    }
    int64_t got = rig_uri_resolve(turn->url, base, location, size, resolved, &turn->no_url);
    if (got < 0) {
        return 0;
    }
    resolved[got] = '\0';
    (void)rig_uri_split(resolved, (size_t)got, &uri, NULL);
    bool http = rig_name_equal(uri.scheme.data, uri.scheme.size, "http", 4) ||
                rig_name_equal(uri.scheme.data, uri.scheme.size, "https", 5);
    turn->no_url = http && uri.host.size > 0 ? NULL : "it is no http or https URL";
    rig_session_lower_scheme(resolved);
    turn->leads_to = turn->no_url ? NULL : resolved;
    return 0;
}

static int take_cookies(struct rig_session *session, const struct rig_session_turn *turn,
                        const struct rig_result *result)
{
    int error = 0;
    for (size_t i = 0; i < result->header_count && error != -ENOMEM; i++) {
        const struct rig_field *field = &result->headers[i];
        if (rig_name_equal(field->name, strlen(field->name), "Set-Cookie", 10)) {
            error = rig_jar_set_cookie(session->jar, turn->url, field->value, strlen(field->value),
                                       rig_session_now(session));
        }
    }
    return error == -ENOMEM ? error : 0;
}

int rig_session_record(struct rig_session *session, struct rig_session_turn *turn, const struct rig_result *result)
{
    turn->result = result;
    turn->reset = session->client->resets;
    turn->method = rig_arena_string(&turn->arena, result->method ? result->method : "");
    int error = turn->method ? take_url(turn, result) : -ENOMEM;
    turn->status = result->delivery.status;
    if (error == 0 && arrived(result)) {
        error = take_location(turn, result);
        error = error ? error : take_cookies(session, turn, result);
    }
    return error;
}
