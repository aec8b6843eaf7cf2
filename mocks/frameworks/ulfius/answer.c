/* What callbacks made of the response, and what becomes of it. */
#include "mocks/frameworks/ulfius/ulfius.h"

#include <stdio.h>
#include <string.h>

/* ---- a refusal that is none ---- */

static bool refuses(long status)
{
    return status == 401 || status == 403;
}

void rig_ulfius_answer_begin(struct watch *watch)
{
    watch->status = watch->response->status;
    watch->answered_at = NULL;
}

static void look_at_refusal(struct watch *watch, int returned)
{
    long status = watch->response->status;
    if (watch->refusal && status < 400) {
        const struct rig_evidence by = {"it was replaced here",
                                        watch->answered_at ? watch->answered_at : watch->now.site};
        rig_ulfius_find(
            watch, &watch->refused_by,
            &(struct rig_foreign_finding){
                .rule = "ulfius.refusal.replaced", .site = watch->refused_at, .evidence = &by, .evidence_count = 1},
            "%s answered %ld and returned U_CALLBACK_CONTINUE: %s ran and made it %ld", watch->refused_by.name,
            watch->refusal, watch->now.name, status);
        watch->refusal = 0;
    }
    if (returned == U_CALLBACK_CONTINUE && refuses(status) && !refuses(watch->status)) {
        (void)rig_foreign_arm(watch->env, "ulfius.refusal.replaced");
        watch->refusal = status;
        watch->refused_by = watch->now;
        watch->refused_at = watch->answered_at;
    }
}

/* ---- the lines at which answers are given ---- */

static void note_answer(const char *site)
{
    struct watch *watch = rig_ulfius_watching();
    if (watch && site) {
        watch->answered_at = site;
        rig_mhd_above_answered(site);
    }
}

/* One of libulfius' functions, with the line that calls it. */
#define ANSWERS(name_, parameters_, arguments_) \
    int name_ parameters_                       \
    {                                           \
        static int(*real) parameters_;          \
        REAL(real, #name_);                     \
        note_answer(RIG_CALLER);                \
        return real arguments_;                 \
    }

ANSWERS(ulfius_set_string_body_response, (struct _u_response * response, const unsigned status, const char *body),
        (response, status, body))
ANSWERS(ulfius_set_binary_body_response,
        (struct _u_response * response, const unsigned status, const char *body, const size_t length),
        (response, status, body, length))
ANSWERS(ulfius_set_empty_body_response, (struct _u_response * response, const unsigned status), (response, status))
ANSWERS(ulfius_set_json_body_response, (struct _u_response * response, const unsigned status, const json_t *j_body),
        (response, status, j_body))
ANSWERS(ulfius_set_stream_response,
        (struct _u_response * response, const unsigned status,
         ssize_t (*stream_callback)(void *stream_user_data, uint64_t offset, char *out_buf, size_t max),
         void (*stream_callback_free)(void *stream_user_data), uint64_t stream_size, size_t stream_block_size,
         void *stream_user_data),
        (response, status, stream_callback, stream_callback_free, stream_size, stream_block_size, stream_user_data))

/* ---- headers that are lost ---- */

/* libulfius copies what it is given: another text is another's. */
static void note_headers(struct watch *watch)
{
    const struct _u_map *map = watch->response->map_header;
    for (int i = 0; map && i < map->nb_values && i < HEADERS_KNOWN; i++) {
        if (watch->header_texts[i] != map->values[i]) {
            watch->header_texts[i] = map->values[i];
            watch->headers_by[i] = watch->now;
        }
    }
}

void rig_ulfius_answer_end(struct watch *watch, int returned)
{
    look_at_refusal(watch, returned);
    note_headers(watch);
}

static bool is_there(struct MHD_Response *response, const char *name)
{
    return MHD_get_response_header(response, name) != NULL;
}

static void tell_dropped(const struct watch *watch, const struct by *by, const char *name, int headers, int cookies)
{
    struct rig_mhd_now now;
    const char *why = rig_mhd_above_now(&now) && now.refused_why ? now.refused_why : "out of memory";
    char after[80] = "";
    if (headers > 0 || cookies > 0) {
        (void)snprintf(after, sizeof after, ", and with it %d header%s and %d cookie%s after it", headers,
                       headers == 1 ? "" : "s", cookies, cookies == 1 ? "" : "s");
    }
    rig_ulfius_find(watch, by, &(struct rig_foreign_finding){.rule = "ulfius.header.dropped", .subject = name},
                    "%.60s is not sent (%s)%s", name, why, after);
}

int ulfius_set_response_header(struct MHD_Response *response, const struct _u_map *headers)
{
    static int (*real)(struct MHD_Response * response, const struct _u_map *headers);
    struct watch *watch = rig_ulfius_watching();
    REAL(real, "ulfius_set_response_header");
    int set = real(response, headers);
    if (!watch || !watch->response || headers != watch->response->map_header || headers->nb_values == 0) {
        return set;
    }
    (void)rig_foreign_arm(watch->env, "ulfius.header.dropped");
    if (set == -1) {
        int at = 0;
        while (at + 1 < headers->nb_values && is_there(response, headers->keys[at])) {
            at++;
        }
        tell_dropped(watch, at < HEADERS_KNOWN ? &watch->headers_by[at] : NULL, headers->keys[at],
                     headers->nb_values - at - 1, (int)watch->response->nb_cookies);
    }
    return set;
}

static enum MHD_Result count(void *closure, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind, (void)value;
    *(int *)closure += strcasecmp(name, "Set-Cookie") == 0;
    return MHD_YES;
}

/* Those that were added so far; headers of map_header that have this name are among them. */
static int count_cookies(struct MHD_Response *response)
{
    int cookies = 0;
    (void)MHD_get_response_headers(response, count, &cookies);
    return cookies;
}

/* sent: how many of map_cookie were. */
static void tell_cookie_dropped(const struct watch *watch, int sent)
{
    char name[80];
    int last = (int)watch->response->nb_cookies - 1, at = sent < last ? sent : last;
    (void)snprintf(name, sizeof name, "Set-Cookie: %.60s", watch->response->map_cookie[at].key);
    tell_dropped(watch, NULL, name, 0, last - at);
}

int ulfius_set_response_cookie(struct MHD_Response *response, const struct _u_response *from)
{
    static int (*real)(struct MHD_Response * response, const struct _u_response *from);
    struct watch *watch = rig_ulfius_watching();
    REAL(real, "ulfius_set_response_cookie");
    if (!watch || !from || watch->response != from || from->nb_cookies == 0) {
        return real(response, from);
    }
    int before = count_cookies(response), set = real(response, from);
    (void)rig_foreign_arm(watch->env, "ulfius.header.dropped");
    if (set == -1) {
        tell_cookie_dropped(watch, count_cookies(response) - before);
    }
    return set;
}

/* ---- websockets ---- */

static bool says(const struct _u_request *request, const char *name, const char *what)
{
    const char *value = u_map_get_case(request->map_header, name);
    return value && strcasestr(value, what);
}

/* The others libulfius answers 400. */
static bool is_upgrade(const struct _u_request *request)
{
    return strcmp(request->http_verb, "GET") == 0 && says(request, "Upgrade", "websocket") &&
           says(request, "Connection", "Upgrade") && u_map_get_case(request->map_header, "Sec-WebSocket-Key") &&
           says(request, "Sec-WebSocket-Version", "13");
}

int rig_ulfius_refuse_upgrade(struct watch *watch, int returned)
{
    struct _websocket_handle *handle = watch->response->websocket_handle;
    if (!handle || (!handle->websocket_manager_callback && !handle->websocket_incoming_message_callback) ||
        !is_upgrade(watch->request)) {
        return returned;
    }
    (void)rig_foreign_arm(watch->env, "microhttpd.queue.refused");
    rig_ulfius_find(watch, NULL, &(struct rig_foreign_finding){.rule = "microhttpd.queue.refused"},
                    "%s wants a websocket: a connection in memory cannot be handed over: upgrades are not covered by "
                    "the rig",
                    watch->now.name);
    handle->websocket_manager_callback = NULL;
    handle->websocket_incoming_message_callback = NULL;
    (void)ulfius_set_string_body_response(watch->response, 501, "no websockets in the rig");
    return U_CALLBACK_COMPLETE;
}
