/* Reading a mock request: its fields, their framing, and what is wrong with it by mistake. */
#include "harness/client/client.h"
#include "harness/core/hash.h"
#include "harness/http/rare.h"

#include <errno.h>

/* ---- framing ---- */

static int check_length(struct rig_run *run, const struct rig_sent *sent, struct rig_slice text)
{
    uint64_t length = 0;
    if (!rig_number(text, &length)) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_LENGTH, run->site, "Content-Length \"%.*s\" is no number",
                          (int)(text.size < 40 ? text.size : 40), text.data);
    }
    if ((sent->size_known || !sent->has_body) && length != sent->size) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_LENGTH, run->site,
                          "Content-Length says %llu, the body has %llu bytes", (unsigned long long)length,
                          (unsigned long long)sent->size);
    }
    return 0;
}

/* The body's type, unless the request takes it away; one of its own lacked a boundary. */
static RIG_APART int set_type(struct rig_run *run, struct rig_client *client, const char *type, struct rig_sent *sent)
{
    static const char name[] = "CONTENT_TYPE";
    if (!sent->named[RIG_NAME_CONTENT_TYPE]) {
        return rig_request_field(run, client, (struct rig_field){"Content-Type", type}, sent);
    }
    struct rig_entry *entry = rig_env_find(run->env, name, sizeof name - 1, rig_hash(name, sizeof name - 1));
    if (entry) {
        entry->value = type;
        entry->value_size = (uint32_t)strlen(type);
    }
    return 0;
}

static int add_framing(struct rig_run *run, struct rig_client *client, struct rig_sent *sent)
{
    return sent->chunked ? rig_request_field(run, client, (struct rig_field){"Transfer-Encoding", "chunked"}, sent)
                         : rig_env_length(run, sent);
}

/* What the test gave must be right; what it left out is added. */
static RIG_APART int frame_as_given(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                                    struct rig_sent *sent)
{
    struct rig_slice length = sent->value[RIG_NAME_CONTENT_LENGTH], coding = sent->value[RIG_NAME_TRANSFER_ENCODING];
    sent->chunked = request->chunked || coding.data || (sent->has_body && !sent->size_known && !length.data);
    sent->framed = length.data || sent->minor == 0;
    if (sent->chunked && sent->minor == 0) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_FRAMING, run->site,
                          "HTTP/1.0 has no chunked body: give the body's size");
    }
    if (length.data && sent->chunked) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_FRAMING, run->site, "the request has both Content-Length and %s",
                          coding.data ? "Transfer-Encoding" : "a chunked body");
    }
    if (coding.data && !rig_name_equal(coding.data, coding.size, "chunked", 7)) {
        return rig_misuse_mended(run, RIG_MISUSE_REQUEST_BODY, run->site,
                                 "leave the header out, and say .chunked = true for chunks; or say .malformed = true "
                                 "if that is what the test is about",
                                 "Transfer-Encoding \"%.*s\": the rig sends no other transfer coding than chunked",
                                 (int)(coding.size < 40 ? coding.size : 40), coding.data);
    }
    if (length.data) {
        int error = check_length(run, sent, length);
        if (error == 0 && sent->has_body && !sent->size_known) {
            (void)rig_number(length, &sent->size);
            sent->size_known = true;
        }
        return error;
    }
    bool taken_away = sent->named[RIG_NAME_CONTENT_LENGTH] || sent->named[RIG_NAME_TRANSFER_ENCODING];
    bool nothing = !sent->has_body && !sent->chunked;
    return taken_away || coding.data || nothing ? 0 : add_framing(run, client, sent);
}

static int frame(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                 struct rig_sent *sent)
{
    bool given = sent->named[RIG_NAME_CONTENT_LENGTH] | sent->named[RIG_NAME_TRANSFER_ENCODING] | request->chunked;
    if (RIG_RARE(given | (sent->minor == 0) | (sent->has_body != sent->size_known))) {
        return frame_as_given(run, client, request, sent);
    }
    return sent->has_body ? rig_env_length(run, sent) : 0;
}

/* Of a request that has one, or takes it away. */
static RIG_APART int check_host(struct rig_run *run, const struct rig_sent *sent)
{
    struct rig_slice host = sent->value[RIG_NAME_HOST];
    if (sent->two_hosts) {
        return rig_misuse(run, RIG_MISUSE_REQUEST_HOST, run->site, "the request has more than one Host");
    }
    if (!host.data) {
        return sent->minor > 0 ? rig_misuse(run, RIG_MISUSE_REQUEST_HOST, run->site, "an HTTP/1.1 request without Host")
                               : 0;
    }
    struct rig_slice known = sent->authority; /* the target's was looked at with the target */
    bool same = host.size == known.size && memcmp(host.data, known.data, host.size) == 0;
    const char *refused = same ? NULL : rig_host_refused(host.data, host.size);
    char shown[RIG_URL_SHOWN];
    return refused ? rig_misuse(run, RIG_MISUSE_REQUEST_HOST, run->site, "\"%s\" cannot be the Host: %s",
                                rig_url_shown(host.data, host.size, shown), refused)
                   : 0;
}

/* A list of request's with its count: no names are missing. */
static int check_list(struct rig_run *run, const char *name, const struct rig_field *list, size_t count)
{
    if (count > 0 && !list) {
        return rig_misuse_mended(run, RIG_MISUSE_REQUEST_FIELDS, run->site, "give both or neither",
                                 "a .%s_count of %zu with no .%s_list", name, count, name);
    }
    for (size_t i = 0; i < count; i++) {
        if (!list[i].name) {
            return rig_misuse_mended(run, RIG_MISUSE_REQUEST_FIELDS, run->site,
                                     "give it a name, or count it out: a list with a count has no end of its own",
                                     ".%s_list[%zu] has no name", name, i);
        }
    }
    return 0;
}

/* One that is given, but counts none: it would not be sent. */
static int check_counted(struct rig_run *run, const struct rig_request *request)
{
    const struct {
        const char *list, *count, *macro;
        const void *given;
        size_t size;
    } lists[] = {
        {"header_list", "header_count", "RIG_HEADERS", request->header_list, request->header_count},
        {"param_list", "param_count", "RIG_PARAMS", request->param_list, request->param_count},
        {"query_list", "query_count", "RIG_QUERY", request->query_list, request->query_count},
        {"env_list", "env_count", "RIG_ENV", request->env_list, request->env_count},
        {"parts", "part_count", "RIG_PARTS", request->parts, request->part_count},
        {"pieces", "piece_count", "RIG_PIECES", request->pieces, request->piece_count},
    };
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (lists[i].given && lists[i].size == 0) {
            const char *form = strcmp(lists[i].list, "param_list") == 0 ? "; an empty form is .form = true" : "";
            const char *mend =
                rig_arena_print(&run->arena, "give both, or leave both out: %s(...) is the list with its count%s",
                                lists[i].macro, form);
            return rig_misuse_mended(run, RIG_MISUSE_REQUEST_FIELDS, run->site, mend, "a .%s with a .%s of 0",
                                     lists[i].list, lists[i].count);
        }
    }
    return 0;
}

static RIG_APART int check_lists(struct rig_run *run, const struct rig_request *request)
{
    int error = check_counted(run, request);
    if (error != 0) {
        return error;
    }
    if (request->header_count > RIG_SENT_FIELDS_MAX) {
        return rig_misuse_mended(run, RIG_MISUSE_REQUEST_FIELDS, run->site, "no server takes so many: send less",
                                 "a .header_list of %zu headers: the rig sends at most %d", request->header_count,
                                 RIG_SENT_FIELDS_MAX);
    }
    bool params = request->param_count > 0 && !request->param_list;
    if (params || (request->query_count > 0 && !request->query_list)) {
        return rig_misuse_mended(run, RIG_MISUSE_REQUEST_FIELDS, run->site, "give both or neither",
                                 "a .%s_count with no .%s_list", params ? "param" : "query",
                                 params ? "param" : "query");
    }
    error = check_list(run, "header", request->header_list, request->header_count);
    return error ? error : check_list(run, "env", request->env_list, request->env_count);
}

/* The list that cannot be sent as it is. */
static RIG_COLD int refuse_list(struct rig_run *run, const struct rig_request *request)
{
    const struct {
        const char *name;
        const struct rig_field *list;
    } lists[] = {{"header", request->headers}, {"param", request->params}, {"env", request->env}};
    size_t at = 0;
    while (at < 2 && !lists[at].list[RIG_FIELDS_MAX].name && !rig_fields_cut(lists[at].list)) {
        at++;
    }
    const char *name = lists[at].name, *plural = at < 2 ? "s" : "";
    if (!lists[at].list[RIG_FIELDS_MAX].name) {
        return rig_misuse_mended(run, RIG_MISUSE_REQUEST_FIELDS, run->site, "give it a name, or take it out",
                                 "a field without a name in the request's .%s%s ends the list before its last", name,
                                 plural);
    }
    const char *mend = rig_arena_print(&run->arena, "give the others in .%s_list, with its .%s_count", name, name);
    return rig_misuse_mended(run, RIG_MISUSE_REQUEST_FIELDS, run->site, mend,
                             "the request's .%s%s holds more than %d fields", name, plural, RIG_FIELDS_MAX);
}

static int check_counts(struct rig_run *run, const struct rig_request *request)
{
    bool beyond = request->headers[RIG_FIELDS_MAX].name || request->params[RIG_FIELDS_MAX].name ||
                  request->env[RIG_FIELDS_MAX].name;
    if (beyond || rig_fields_cut(request->headers) || rig_fields_cut(request->params) || rig_fields_cut(request->env)) {
        return refuse_list(run, request);
    }
    return check_lists(run, request);
}

static RIG_COLD int check_patterns(struct rig_run *run, const struct rig_request *request)
{
    bool ignore = request->ignore[RIG_IGNORE_MAX] != NULL;
    if (ignore || request->enable[RIG_IGNORE_MAX]) {
        return rig_misuse_mended(
            run, RIG_MISUSE_REQUEST_FIELDS, run->site, "\"area.*\" stands for all rules of an area",
            "the request's .%s holds more than %d patterns", ignore ? "ignore" : "enable", RIG_IGNORE_MAX);
    }
    for (size_t i = 0; i < RIG_IGNORE_MAX * 2; i++) {
        const char *pattern = i < RIG_IGNORE_MAX ? request->ignore[i] : request->enable[i - RIG_IGNORE_MAX];
        if (pattern && !rig_pattern_known(run->runner, pattern)) {
            return rig_misuse(run, RIG_MISUSE_RULE_UNKNOWN, run->site, "the request's .%s names \"%.60s\", %s",
                              i < RIG_IGNORE_MAX ? "ignore" : "enable", pattern,
                              rig_pattern_unknown(run->runner, pattern));
        }
    }
    return 0;
}

static RIG_APART int check_pieces(struct rig_run *run, const struct rig_request *request)
{
    bool zero = !request->pieces;
    for (size_t i = 0; i < request->piece_count && !zero; i++) {
        zero = request->pieces[i] == 0;
    }
    return zero ? rig_misuse_mended(run, RIG_MISUSE_REQUEST_BODY, run->site, "sizes from 1 on, .piece_count of them",
                                    "a body cannot arrive in .pieces of 0 bytes")
                : 0;
}

/* Or'ed, not asked one by one: hardly a request has any of these, nor of what stands below. */
static inline uintptr_t patterns_of(const struct rig_request *request)
{
    const char *const *ignore = request->ignore, *const *enable = request->enable;
    return (uintptr_t)ignore[0] | (uintptr_t)enable[0] | (uintptr_t)ignore[RIG_IGNORE_MAX] |
           (uintptr_t)enable[RIG_IGNORE_MAX];
}

static RIG_APART int check_all(struct rig_run *run, const struct rig_request *request)
{
    int error = check_counts(run, request);
    if (error == 0 && patterns_of(request)) {
        error = check_patterns(run, request);
    }
    return error == 0 && request->piece_count > 0 ? check_pieces(run, request) : error;
}

/* What of a list is asked even if it is empty. */
static inline uintptr_t any_of(const struct rig_field *list)
{
    return (uintptr_t)list->name | rig_fields_behind_none(list) | (uintptr_t)list[RIG_FIELDS_MAX].name;
}

/* Than headers and pieces. */
static inline bool has_more(const struct rig_request *request)
{
    uintptr_t fields =
        any_of(request->params) | any_of(request->env) | (uintptr_t)request->headers[RIG_FIELDS_MAX].name;
    size_t counted = request->header_count | request->param_count | request->query_count | request->env_count;
    uintptr_t listed = (uintptr_t)request->header_list | (uintptr_t)request->param_list |
                       (uintptr_t)request->query_list | (uintptr_t)request->env_list | (uintptr_t)request->parts;
    return (fields | counted | listed | patterns_of(request)) != 0;
}

int rig_request_check(struct rig_run *run, const struct rig_request *request)
{
    uintptr_t pieces = (uintptr_t)request->pieces | request->piece_count;
    bool plain = !has_more(request) && !rig_fields_cut(request->headers) && pieces == 0;
    return RIG_LIKELY(plain) ? 0 : check_all(run, request);
}

int rig_request_rest(struct rig_run *run, struct rig_client *client, const struct rig_request *request,
                     struct rig_sent *sent)
{
    const char *type = NULL;
    int error = rig_request_check(run, request);
    error = error ? error : rig_request_fields(run, client, request, sent);
    error = error || !sent->named[RIG_NAME_HOST] ? error : check_host(run, sent);
    error = error ? error : rig_request_body(run, request, sent, &type);
    error = error || !type ? error : set_type(run, client, type, sent);
    error = error ? error : frame(run, client, request, sent);
    if (error != 0) {
        return error;
    }
    sent->keep_alive = rig_sent_keeps_alive(sent);
    sent->pieces = request->pieces;
    sent->piece_count = request->piece_count;
    return rig_env_host(run, sent);
}
