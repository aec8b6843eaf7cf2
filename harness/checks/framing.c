/* Where the response body ends: Content-Length against the bytes really sent, framing headers that exclude each other,
 * bodies where none may be. Looked at once, at the end, when all of it is known. */
#include "harness/checks/fields.h"
#include "harness/http/rare.h"
#include "harness/http/wire.h"

#include <stdio.h>

/* A Content-Length of one number; false: it is none. */
static bool parse_length(const struct rig_header *header, uint64_t *length)
{
    return rig_number((struct rig_slice){header->value, header->value_size}, length);
}

static int find_at_header(struct rig_run *run, unsigned rule, const struct rig_header *header,
                          const struct rig_header *other, const char *message)
{
    const struct rig_evidence evidence = {"the other one was set here", other ? other->site : NULL};
    struct rig_find find = {.rule = rule,
                            .site = header->site,
                            .hop = header->hop,
                            .subject = header->name,
                            .evidence = &evidence,
                            .evidence_count = other != NULL};
    return rig_find(run, &find, "%s %s", rig_check_layer(run, header->hop), message);
}

static int wrong_length(struct rig_run *run, const struct rig_header *header, uint64_t sent)
{
    const struct rig_check_author body = rig_check_body_author(run->response);
    bool changed = body.hop != header->hop && rig_check_is_below(run, header->hop, body.hop);
    const struct rig_evidence evidence = {"Content-Length was set here", header->site};
    struct rig_find find = {.rule = RIG_RULE_RESPONSE_CONTENT_LENGTH_MISMATCH,
                            .site = changed ? body.site : header->site,
                            .hop = changed ? body.hop : header->hop,
                            .subject = header->name,
                            .evidence = &evidence,
                            .evidence_count = changed};
    uint64_t length;
    if (!parse_length(header, &length)) {
        return rig_find(run, &find, "%s set a Content-Length that is no number", rig_check_layer(run, find.hop));
    }
    return rig_find(run, &find, "%s %s Content-Length: %llu, but %llu bytes were sent", rig_check_layer(run, find.hop),
                    changed ? "changed the body under" : "set", (unsigned long long)length, (unsigned long long)sent);
}

/* 304 may have the length of the 200 that it stands for, which nobody knows here; that one is hardly ever empty. */
static int check_forbidden(struct rig_run *run, const struct rig_header *length, int status)
{
    uint64_t declared = 1;
    (void)parse_length(length, &declared);
    bool stands_for_another = status == 304, turned = rig_check_was_turned(run, length);
    const struct rig_check_author status_author = rig_check_status_author(run->response);
    const struct rig_evidence evidence = {"Content-Length was set here", length->site};
    struct rig_find find = {.rule = RIG_RULE_RESPONSE_CONTENT_LENGTH_FORBIDDEN_FOR_STATUS,
                            .level = !stands_for_another ? RIG_LEVEL_ERROR
                                     : declared == 0     ? RIG_LEVEL_WARNING
                                                         : RIG_LEVEL_NOTE,
                            .site = turned ? status_author.site : length->site,
                            .hop = turned ? status_author.hop : length->hop,
                            .subject = length->name,
                            .evidence = &evidence,
                            .evidence_count = turned,
                            .follows = stands_for_another ? "right only if the 200 that it stands for has that length: "
                                                            "a cache takes it for the length of what it holds"
                                                          : NULL};
    if (turned) {
        return rig_find(run, &find, "%s turned an answer with Content-Length into %d", rig_check_layer(run, find.hop),
                        status);
    }
    return rig_find(run, &find, "%s set Content-Length%s", rig_check_layer(run, length->hop),
                    !stands_for_another ? ", which this status must not have"
                    : declared == 0     ? ": 0 with 304"
                                        : " with 304");
}

/* The right number, but not as it is written. */
static int odd_length(struct rig_run *run, const struct rig_header *header)
{
    struct rig_find find = {.rule = RIG_RULE_RESPONSE_CONTENT_LENGTH_MISMATCH,
                            .level = RIG_LEVEL_WARNING,
                            .site = header->site,
                            .hop = header->hop,
                            .subject = header->name,
                            .follows = "allowed, but some read such a number as octal, and others not at all"};
    return rig_find(run, &find, "%s set a Content-Length that begins with 0", rig_check_layer(run, find.hop));
}

static int check_length(struct rig_run *run, const struct rig_header *length)
{
    uint64_t declared = 0, sent = run->answer_size;
    if (run->wire.head_request || run->stream_error != 0) {
        return 0; /* the length of another answer, or a body that broke off */
    }
    rig_arm(run, RIG_RULE_RESPONSE_CONTENT_LENGTH_MISMATCH, 1);
    if (!parse_length(length, &declared) || declared != sent) {
        return wrong_length(run, length, sent);
    }
    return length->value_size > 1 && length->value[0] == '0' ? odd_length(run, length) : 0;
}

static int check_repeated(struct rig_run *run, const struct rig_check_fields *found)
{
    if (found->second_length) {
        return find_at_header(run, RIG_RULE_RESPONSE_CONTENT_LENGTH_REPEATED, found->second_length, found->length,
                              "added a further Content-Length");
    }
    return find_at_header(run, RIG_RULE_RESPONSE_CONTENT_LENGTH_REPEATED, found->length, NULL,
                          "set a Content-Length that is a list");
}

static int check_both(struct rig_run *run, const struct rig_header *length, const struct rig_header *coding)
{
    bool coding_later = coding > length;
    return find_at_header(run, RIG_RULE_RESPONSE_FRAMING_BOTH, coding_later ? coding : length,
                          coding_later ? length : coding,
                          coding_later ? "set Transfer-Encoding beside a Content-Length"
                                       : "set Content-Length beside a Transfer-Encoding");
}

static RIG_APART int check_headers(struct rig_run *run, const struct rig_check_fields *found, int status)
{
    const struct rig_header *length = found->length, *coding = found->coding;
    int error = 0;
    rig_arm(run, RIG_RULE_RESPONSE_FRAMING_BOTH, 1);
    rig_arm(run, RIG_RULE_RESPONSE_CONTENT_LENGTH_REPEATED, length != NULL);
    if (!length) {
        return 0;
    }
    bool repeated = found->second_length || memchr(length->value, ',', length->value_size);
    if (coding) {
        error = check_both(run, length, coding);
    }
    if (!error && repeated) {
        error = check_repeated(run, found);
    }
    if (!error && found->bodiless) {
        error = check_forbidden(run, length, status);
    } else if (!error && !coding && !found->second_length) {
        error = check_length(run, length);
    }
    return error;
}

/* A body where none may be: the fault of who made the status or the body what it is last. */
static RIG_APART int check_bodiless(struct rig_run *run, bool bodiless, int status)
{
    const struct rig_response *response = run->response;
    unsigned rule = bodiless ? RIG_RULE_RESPONSE_BODY_FORBIDDEN_FOR_STATUS : RIG_RULE_RESPONSE_HEAD_BODY_FORBIDDEN;
    unsigned long long sent = run->answer_size;
    rig_arm(run, RIG_RULE_RESPONSE_BODY_FORBIDDEN_FOR_STATUS, bodiless);
    rig_arm(run, RIG_RULE_RESPONSE_CONTENT_LENGTH_FORBIDDEN_FOR_STATUS, bodiless);
    rig_arm(run, RIG_RULE_RESPONSE_CONTENT_TYPE_FORBIDDEN_FOR_STATUS, bodiless);
    rig_arm(run, RIG_RULE_RESPONSE_HEAD_BODY_FORBIDDEN, run->wire.head_request);
    if (sent == 0) {
        return 0;
    }
    const struct rig_check_author author =
        bodiless && response->status_last ? rig_check_status_author(response) : rig_check_body_author(response);
    struct rig_find find = {.rule = rule, .site = author.site, .hop = author.hop};
    return rig_find(run, &find, "%s answered %s%d with a body of %llu bytes", rig_check_layer(run, find.hop),
                    bodiless ? "" : "HEAD with ", status, sent);
}

static int check_framing(struct rig_run *run, const struct rig_check_fields *found, int status)
{
    int error = 0;
    if (found->length || found->coding) {
        error = check_headers(run, found, status);
    }
    if (!error && (run->wire.head_request || found->bodiless)) {
        error = check_bodiless(run, found->bodiless, status);
    }
    return error;
}

static inline void find_fields(const struct rig_response *response, struct rig_check_fields *found)
{
    for (uint32_t i = 0; i < response->header_count; i++) {
        const struct rig_header *header = &response->headers[i];
        if (rig_check_is_named(header, "content-length", 14)) {
            *(found->length ? &found->second_length : &found->length) = header;
        } else if (rig_check_is_named(header, "transfer-encoding", 17)) {
            found->coding = header;
        } else if (rig_check_is_named(header, "status", 6)) {
            found->status = header;
        } else if (found->bodiless && rig_check_is_named(header, "content-type", 12)) {
            found->type = header;
        }
    }
}

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    (void)state;
    (void)event;
    int status = run->wire.status, error = 0;
    if (RIG_RARE(!run->response->answered || run->returned < 0)) {
        return 0; /* not the layers' answer */
    }
    struct rig_check_fields found = {.bodiless = rig_status_is_bodiless(status)};
    find_fields(run->response, &found);
    if (RIG_RARE(found.type || found.status || status == 101 || rig_may_be_on(run))) {
        error = rig_check_fields(run, &found, status);
    }
    if (!error && status >= 100 && status <= 599) { /* of others response.status.* speaks */
        error = check_framing(run, &found, status);
    }
    return error;
}

const struct rig_check rig_check_framing = {
    .name = "framing", .wants = {{RIG_EVENT_END, RIG_FACT_ALWAYS}}, .on_event = on_event};
