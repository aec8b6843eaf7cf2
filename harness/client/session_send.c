/* A session's sends: what is kept of the answer, and the second try that a digest challenge asks for. */
#include "harness/client/session.h"

#include <errno.h>

/* ---- a body that may have to be sent again ---- */

static bool is_of_body(const char *name)
{
    static const char prefix[] = "Content-";
    size_t size = strlen(name);
    return size > sizeof prefix - 1 && rig_name_equal(name, sizeof prefix - 1, prefix, sizeof prefix - 1) &&
           !rig_name_equal(name, size, "Content-Length", 14) && !rig_name_equal(name, size, "Content-Type", 12);
}

static int keep_header(struct rig_session_turn *turn, const char *name, struct rig_slice value)
{
    struct rig_field *field = &turn->content[turn->content_count++];
    field->name = rig_arena_string(&turn->arena, name);
    field->value = rig_arena_copy(&turn->arena, value.data, value.size);
    return field->name && field->value ? 0 : -ENOMEM;
}

static int keep_headers(struct rig_session_turn *turn, const struct rig_sent *sent)
{
    const struct rig_request *request = &turn->request;
    struct rig_slice type = sent->value[RIG_NAME_CONTENT_TYPE];
    size_t most = 1 + RIG_FIELDS_MAX + request->header_count;
    turn->content = rig_arena_alloc(&turn->arena, most * sizeof *turn->content);
    int error = turn->content ? 0 : -ENOMEM;
    if (type.data && !error) {
        error = keep_header(turn, "Content-Type", type);
    }
    for (size_t i = 0; i < most - 1 && !error; i++) {
        const struct rig_field *field =
            i < RIG_FIELDS_MAX ? &request->headers[i] : &request->header_list[i - RIG_FIELDS_MAX];
        if (field->name && field->value && is_of_body(field->name)) {
            error = keep_header(turn, field->name, (struct rig_slice){field->value, strlen(field->value)});
        }
    }
    return error;
}

/* Called where the request's own memory still stands. */
static int keep_body(void *closure, const struct rig_result *result, const struct rig_sent *sent)
{
    struct rig_session_turn *turn = closure;
    bool again = rig_status_is_redirect(result->status) && rig_session_keeps_method(result->status, result->method);
    if (!again || !sent->has_body) {
        return 0;
    }
    turn->generated = sent->source.read != NULL;
    if (turn->generated) {
        return 0;
    }
    turn->body.data = rig_arena_copy(&turn->arena, sent->bytes, (size_t)sent->size);
    turn->body.size = (size_t)sent->size;
    return turn->body.data ? keep_headers(turn, sent) : -ENOMEM;
}

/* ---- one send ---- */

static void fail(const struct rig_result *result, int error)
{
    struct rig_report *report = rig_report_of(result);
    report->result.error = report->result.error ? report->result.error : error;
}

/* Sends turn's request; sets *error where the session had no memory to keep what it must. */
static const struct rig_result *send_once(struct rig_session *session, struct rig_session_turn *turn, const char *site,
                                          int *error)
{
    turn->content_count = 0;
    turn->body = (struct rig_bytes){NULL, 0};
    const struct rig_result *result = rig_send_watched_at(site, session->client, &turn->request, keep_body, turn);
    if (result->delivery.outcome != RIG_NOT_SENT) {
        *error = rig_session_record(session, turn, result);
    }
    return result;
}

static const struct rig_result *refuse(struct rig_session *session, struct rig_session_turn *turn, const char *site,
                                       const struct rig_request *request, int error, const char *refused)
{
    const struct rig_result *result;
    const char *target = request->target ? request->target : "/";
    char shown[RIG_URL_SHOWN];
    rig_request_drop_source(request);
    if (error == -EINVAL) {
        result = rig_refused_mended_at(site, session->client, "rig_session_send", RIG_MISUSE_REQUEST_TARGET,
                                       rig_target_mend(target, refused), "the target \"%s\" cannot be sent: %s",
                                       rig_url_shown(target, strlen(target), shown), refused);
    } else {
        result = rig_unsent_at(site, session->client, "rig_session_send", error);
    }
    rig_session_turn_end(session, turn, false);
    return result;
}

/* Why a 401 is not answered, in session->unanswered; NULL: it is, turn's request has the answer. 0 or -ENOMEM. */
static int take_challenge(struct rig_session *session, struct rig_session_turn *turn, const struct rig_result *result)
{
    session->unanswered = !turn->authorization ? "the request has an Authorization of its own"
                          : !turn->to_origin   ? "it came from another host than the session's origin"
                                               : NULL;
    if (!session->unanswered && turn->request.source.read) {
        session->unanswered = "the body came from a .source and is gone";
    }
    if (session->unanswered) {
        return 0;
    }
    int asked = rig_credentials_challenged(&session->memory, &session->credentials, result, turn->authorized,
                                           &session->unanswered);
    return asked > 0 ? rig_session_authorize(session, turn) : asked;
}

const struct rig_result *rig_session_exchange(struct rig_session *session, struct rig_session_turn *turn,
                                              const char *site, const struct rig_request *request)
{
    const char *refused = NULL;
    int error = rig_session_prepare(session, turn, request, &refused);
    error = error ? error : rig_session_authorize(session, turn);
    if (error != 0) {
        return refuse(session, turn, site, request, error, refused);
    }
    const struct rig_result *result = send_once(session, turn, site, &error);
    session->unanswered = NULL;
    if (turn->status == 401 && error == 0) {
        error = take_challenge(session, turn, result);
        if (error == 0 && !session->unanswered) {
            result = send_once(session, turn, site, &error);
            session->unanswered = turn->status == 401 ? "the answer to it was refused" : NULL;
        }
    }
    if (error != 0) {
        fail(result, error);
    }
    rig_session_turn_end(session, turn, turn->result != NULL);
    return result;
}

/* ---- the interface ---- */

static const struct rig_result *send_in(const char *site, struct rig_session *session,
                                        const struct rig_request *request, const void *frame)
{
    if (!session || !request) {
        if (request) {
            rig_request_drop_source(request);
        }
        return rig_refused_at(site, session ? session->client : NULL, "rig_session_send", RIG_MISUSE_NULL_ARGUMENT,
                              "rig_session_send was given a NULL %s", session ? "request" : "session");
    }
    if (session->mistake) {
        rig_request_drop_source(request);
        return rig_refused_at(site, session->client, "rig_session_send", RIG_MISUSE_BAD_ARGUMENT, "rig_session_new: %s",
                              session->mistake);
    }
    struct rig_session_turn *turn = rig_session_turn(session, frame);
    if (!turn) {
        rig_request_drop_source(request);
        return rig_unsent_at(site, session->client, "rig_session_send", -ENOMEM);
    }
    const struct rig_result *result = rig_session_exchange(session, turn, site, request);
    const struct rig_session_turn *last = session->last;
    bool leads_on = last && last->result == result && last->leads_to;
    if (session->options.follow == 0 || !leads_on) {
        return result;
    }
    struct rig_follow follow = {.session = session, .limit = session->options.follow};
    memcpy(follow.ignore, request->ignore, sizeof follow.ignore);
    memcpy(follow.enable, request->enable, sizeof follow.enable);
    follow.pieces = request->pieces;
    follow.piece_count = request->piece_count;
    return rig_session_follow_at(site, &follow);
}

const struct rig_result *rig_session_send_at(const char *site, struct rig_session *session,
                                             const struct rig_request *request)
{
    return send_in(site, session, request, __builtin_frame_address(0));
}

const struct rig_result *rig_session_send_request_at(const char *site, struct rig_session *session,
                                                     struct rig_request request)
{
    return send_in(site, session, &request, __builtin_frame_address(0));
}
