/* Assertions: what was expected, what came, and what nobody asked for but must not be. */
#include "harness/client/answer.h"
#include "harness/client/error_names.h"
#include "harness/report/mask.h"

#include <stackrig/expect.h>

#include <errno.h>

/* Where a message is made: short lines first, what came last. */
struct verdict {
    struct rig_text text;
    const struct rig_result *result;
    const struct rig_expectation *expected;
    bool holds;
};

static void fails(struct verdict *verdict)
{
    verdict->holds = false;
    rig_text_add(&verdict->text, "\n  ");
}

/* ---- the parts ---- */

/* Masked values that differ look alike: then the place where they part is told. */
static void show_difference(struct verdict *verdict, struct rig_bytes expected, struct rig_bytes got)
{
    const char *one = expected.data, *other = got.data;
    size_t at = 0;
    while (at < expected.size && at < got.size && one[at] == other[at]) {
        at++;
    }
    rig_text_printf(&verdict->text, " (masked; they differ from byte %zu on)", at + 1);
}

static void compare_text(struct verdict *verdict, const char *what, struct rig_bytes expected, struct rig_bytes got)
{
    if (expected.size == got.size && (got.size == 0 || memcmp(expected.data, got.data, got.size) == 0)) {
        return;
    }
    fails(verdict);
    rig_text_printf(&verdict->text, "%s: expected %zu bytes ", what, expected.size);
    bool masked = rig_text_quote_free_bytes(&verdict->text, expected.data, expected.size);
    rig_text_printf(&verdict->text, "\n  %*s       got %zu bytes ", (int)strlen(what), "", got.size);
    if (rig_text_quote_free_bytes(&verdict->text, got.data, got.size) || masked) {
        show_difference(verdict, expected, got);
    }
}

static void compare_part(struct verdict *verdict, const char *what, const char *wanted, struct rig_bytes got)
{
    if (wanted && !rig_contains(got.data, got.size, wanted, strlen(wanted))) {
        fails(verdict);
        rig_text_printf(&verdict->text, "%s: expected to contain ", what);
        (void)rig_text_quote_free_bytes(&verdict->text, wanted, strlen(wanted));
    }
}

/* as: the header that it is for: of one that holds secrets so may the expression. NULL: none. */
static void tell_expression(struct verdict *verdict, const char *what, const char *as, const char *expression,
                            const char *why)
{
    fails(verdict);
    rig_text_printf(&verdict->text, "%s: ", what);
    rig_text_add(&verdict->text, why ? "not an extended regular expression: " : "expected to match ");
    if (as && rig_name_sensitive(as, strlen(as))) {
        (void)rig_text_quote_value(&verdict->text, as, expression, strlen(expression));
    } else {
        (void)rig_text_quote_free_bytes(&verdict->text, expression, strlen(expression));
    }
    if (why) {
        rig_text_printf(&verdict->text, " (%s)", why);
    }
}

static void match_body(struct verdict *verdict, const char *expression, struct rig_bytes got)
{
    char why[128];
    int found = expression ? rig_match(expression, got, why, sizeof why) : 0;
    if (found != 0) {
        tell_expression(verdict, "body", NULL, expression, found == -EINVAL ? why : NULL);
    }
}

static void compare_body(struct verdict *verdict)
{
    const struct rig_expectation *expected = verdict->expected;
    struct rig_bytes got = {verdict->result->body, verdict->result->body_size};
    if (rig_report_of(verdict->result)->discarded) {
        if (expected->body || expected->bytes.data || expected->body_contains || expected->body_matches) {
            fails(verdict);
            rig_text_add(&verdict->text, "body: it was not kept (.discard_body), so it cannot be compared");
        }
        return;
    }
    if (expected->body) {
        compare_text(verdict, "body", (struct rig_bytes){expected->body, strlen(expected->body)}, got);
    }
    if (expected->bytes.data) {
        compare_text(verdict, "body", expected->bytes, got);
    }
    compare_part(verdict, "body", expected->body_contains, got);
    match_body(verdict, expected->body_matches, got);
}

/* Was something in it masked? */
static bool show_header(struct verdict *verdict, const char *name, const char *value)
{
    if (!value) {
        rig_text_add(&verdict->text, "none");
        return false;
    }
    return rig_text_quote_value(&verdict->text, name, value, strlen(value));
}

/* as: whose value it is for what must be masked. */
static void compare_field(struct verdict *verdict, const char *what, const struct rig_field *field, const char *got,
                          const char *as)
{
    if (field->value ? got && strcmp(got, field->value) == 0 : !got) {
        return;
    }
    fails(verdict);
    rig_text_printf(&verdict->text, "%s %s: expected ", what, field->name);
    bool masked = show_header(verdict, as, field->value);
    rig_text_add(&verdict->text, ", got ");
    masked = show_header(verdict, as, got) || masked;
    if (masked && field->value && got) {
        show_difference(verdict, (struct rig_bytes){field->value, strlen(field->value)},
                        (struct rig_bytes){got, strlen(got)});
    }
}

static bool has_value(const struct rig_result *result, const struct rig_field *field)
{
    const char *value = rig_result_header(result, field->name);
    for (size_t n = 1; value && field->value && strcmp(value, field->value) != 0; n++) {
        value = rig_result_header_nth(result, field->name, n);
    }
    return value != NULL;
}

/* One of that name has the value. */
static void compare_header(struct verdict *verdict, const struct rig_field *field)
{
    const char *name = field->name, *got = rig_result_header(verdict->result, name);
    if (field->value && has_value(verdict->result, field)) {
        return;
    }
    compare_field(verdict, "header", field, got, name);
    for (size_t n = 1; got && (got = rig_result_header_nth(verdict->result, name, n)); n++) {
        rig_text_add(&verdict->text, ", ");
        (void)show_header(verdict, name, got);
    }
}

static void match_header(struct verdict *verdict, const struct rig_field *field)
{
    char what[80], why[128];
    const char *value, *expression = field->value ? field->value : "";
    int found = -ENOENT;
    (void)snprintf(what, sizeof what, "header %.60s", field->name);
    for (size_t n = 0; found == -ENOENT && (value = rig_result_header_nth(verdict->result, field->name, n)); n++) {
        found = rig_match(expression, (struct rig_bytes){value, strlen(value)}, why, sizeof why);
    }
    if (found == 0) {
        return;
    }
    tell_expression(verdict, what, field->name, expression, found == -EINVAL ? why : NULL);
    if (found == -ENOENT) {
        rig_text_add(&verdict->text, ", got ");
        (void)show_header(verdict, field->name, rig_result_header(verdict->result, field->name));
    }
}

static void compare_headers(struct verdict *verdict)
{
    const struct rig_expectation *expected = verdict->expected;
    const struct rig_result *result = verdict->result;
    const struct rig_field *field = expected->headers;
    for (size_t i = 0; i < RIG_FIELDS_MAX && field[i].name; i++) {
        compare_header(verdict, &field[i]);
    }
    if (expected->media_type) {
        const struct rig_field type = {"of Content-Type", expected->media_type};
        compare_field(verdict, "media type", &type, rig_result_media_type(result), "Content-Type");
    }
    if (expected->location) {
        const struct rig_field location = {"Location", expected->location};
        compare_field(verdict, "header", &location, rig_result_location(result), "Location");
    }
    field = expected->header_matches;
    for (size_t i = 0; i < RIG_FIELDS_MAX && field[i].name; i++) {
        match_header(verdict, &field[i]);
    }
    field = expected->cookies;
    for (size_t i = 0; i < RIG_FIELDS_MAX && field[i].name; i++) {
        compare_field(verdict, "cookie", &field[i], rig_result_cookie_value(result, field[i].name), "a secret");
    }
}

static bool is_named(const struct rig_expectation *expected, const char *rule)
{
    for (size_t i = 0; i < RIG_FIELDS_MAX && expected->findings[i]; i++) {
        if (strcmp(expected->findings[i], rule) == 0) {
            return true;
        }
    }
    return false;
}

static void add_finding(struct verdict *verdict, const struct rig_finding *finding)
{
    char text[1024];
    (void)rig_finding_text(finding, text, sizeof text);
    fails(verdict);
    rig_text_add(&verdict->text, "a finding that .findings does not name:\n    ");
    for (const char *at = text; *at; at++) {
        rig_text_add_bytes(&verdict->text, at, 1);
        if (*at == '\n' && at[1]) {
            rig_text_add(&verdict->text, "    ");
        }
    }
}

static void compare_findings(struct verdict *verdict)
{
    const struct rig_result *result = verdict->result;
    for (size_t i = 0; i < RIG_FIELDS_MAX && verdict->expected->findings[i]; i++) {
        const char *rule = verdict->expected->findings[i];
        bool known = rig_result_rule(result, rule) != SIZE_MAX;
        if (!known || !rig_result_found(result, rule)) {
            fails(verdict);
            const char *end = strchr(rule, '*');
            rig_text_printf(&verdict->text, "expected a finding of %s, %s", rule,
                            known ? "and there was none"
                            : end ? "which is no rule: patterns are for .ignore"
                                  : "which is no rule");
        }
    }
    for (size_t i = 0; i < result->finding_count; i++) {
        const struct rig_finding *finding = &result->findings[i];
        if (finding->level == RIG_LEVEL_ERROR && !is_named(verdict->expected, finding->rule)) {
            add_finding(verdict, finding);
        }
    }
}

static bool has_unnamed_finding(const struct verdict *verdict)
{
    const struct rig_result *result = verdict->result;
    bool found = false;
    for (size_t i = 0; i < result->finding_count && !found; i++) {
        const struct rig_finding *finding = &result->findings[i];
        found = finding->level == RIG_LEVEL_ERROR && !is_named(verdict->expected, finding->rule);
    }
    return found;
}

static void compare_error(struct verdict *verdict)
{
    int expected = verdict->expected->error, got = verdict->result->error;
    bool unsent = verdict->result->delivery.outcome == RIG_NOT_SENT;
    if (got == expected) {
        return;
    }
    fails(verdict);
    if (unsent && expected == 0 && has_unnamed_finding(verdict)) {
        const char *name = rig_error_name(got);
        rig_text_printf(&verdict->text, "the request was not sent (-%s): see the finding below", name ? name : "?");
    } else {
        rig_text_printf(&verdict->text, "error: expected %d, got %d (%s)%s", expected, got, rig_error_text(got),
                        unsent ? "; the request was not sent" : "");
    }
}

static void compare_way(struct verdict *verdict)
{
    const struct rig_result *result = verdict->result;
    const struct rig_expectation *expected = verdict->expected;
    compare_error(verdict);
    if (result->refused && !expected->refused) {
        fails(verdict);
        const char *by =
            strncmp(result->refused, "refused by ", 11) == 0 ? "it was " : "the server refused the request: ";
        rig_text_printf(&verdict->text, "%s%s", by, result->refused);
    }
    if (!result->refused && expected->refused) {
        fails(verdict);
        rig_text_add(&verdict->text, "the server was expected to refuse the request, and let it through");
    }
    if (expected->status != 0 && result->status != expected->status) {
        fails(verdict);
        rig_text_printf(&verdict->text, "status: expected %d, got %d", expected->status, result->status);
    }
    if (result->unchecked && result->error != -ENOMEM) {
        fails(verdict);
        rig_text_add(&verdict->text, "a check ran out of memory: findings may be missing");
    }
}

/* ---- what came ---- */

void rig_text_request(struct rig_text *text, const struct rig_result *result)
{
    rig_text_add(text, "  request: ");
    if (result->method) {
        rig_text_escape(text, result->method);
        rig_text_add(text, " ");
        rig_text_target(text, result->target);
        rig_text_add(text, ", ");
    }
    rig_text_printf(text, "sent at %s", result->site ? result->site : "an unknown place");
}

static void show_body(struct rig_text *text, const char *body, size_t size)
{
    if (body[0]) {
        rig_text_add(text, "\n    ");
        (void)rig_text_free_bytes(text, body, size < 256 ? size : 256);
    }
}

/* The connection is out of step: the response is the stack's, and another came to the client. */
static void show_received(struct rig_text *text, const struct rig_received *received)
{
    if (received && received->status == 0) {
        rig_text_add(text, "\n  received: nothing in its place");
    } else if (received) {
        rig_text_printf(text, "\n  received in its place: %d, %zu body bytes", received->status, received->body_size);
        show_body(text, received->body, received->body_size);
    }
}

static void show_result(struct verdict *verdict)
{
    const struct rig_result *result = verdict->result;
    struct rig_text *text = &verdict->text;
    rig_text_add(text, "\n");
    rig_text_request(text, result);
    rig_text_add(text, "\n  response: ");
    if (result->delivery.outcome == RIG_NOT_SENT) {
        rig_text_add(text, "none");
    } else {
        rig_text_printf(text, "%d, %zu body bytes", result->status, result->body_size);
    }
    for (size_t i = 0; i < result->header_count; i++) {
        rig_text_add(text, "\n    ");
        rig_text_escape(text, result->headers[i].name);
        rig_text_add(text, ": ");
        rig_text_value(text, result->headers[i].name, result->headers[i].value);
    }
    show_body(text, result->body, result->body_size);
    show_received(text, result->received);
    if (result->log[0]) {
        rig_text_add(text, "\n  log: ");
        rig_text_prose(text, result->log);
    }
}

/* ---- the verdict ---- */

static void tell_doubt(struct verdict *verdict, struct rig_client *client)
{
    if (client && client->doubt[0] != '\0') {
        fails(verdict);
        rig_text_add(&verdict->text, client->doubt);
        client->doubt[0] = '\0';
    }
}

/* Lists that are too long, or end before their end. */
static void check_lists(struct verdict *verdict)
{
    const struct rig_expectation *expected = verdict->expected;
    const struct {
        const char *name;
        const struct rig_field *fields;
    } lists[] = {
        {"headers", expected->headers}, {"header_matches", expected->header_matches}, {"cookies", expected->cookies}};
    const char *too_many = expected->findings[RIG_FIELDS_MAX] ? "findings" : NULL;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (lists[i].fields[RIG_FIELDS_MAX].name) {
            too_many = lists[i].name;
        } else if (rig_fields_cut(lists[i].fields)) {
            fails(verdict);
            rig_text_printf(&verdict->text, "a field without a name in .%s: what follows would not be looked at",
                            lists[i].name);
        }
    }
    if (too_many) {
        fails(verdict);
        rig_text_printf(&verdict->text, "the expectation's .%s holds more than %d", too_many, RIG_FIELDS_MAX);
    }
}

static bool judge(const struct rig_expectation *expected, const char *what, char *message, size_t size)
{
    const struct rig_result *result = expected->result;
    struct verdict verdict = {.result = result, .expected = expected, .holds = true};
    rig_text_start(&verdict.text, message, size);
    rig_text_printf(&verdict.text, "%s does not hold:", what);
    check_lists(&verdict);
    compare_way(&verdict);
    compare_headers(&verdict);
    compare_body(&verdict);
    tell_doubt(&verdict, rig_report_of(result)->client);
    compare_part(&verdict, "log", expected->log_contains, (struct rig_bytes){result->log, result->log_size});
    compare_findings(&verdict);
    if (!verdict.holds) {
        show_result(&verdict);
    }
    (void)rig_text_end(&verdict.text);
    return verdict.holds;
}

/* Keeps the message with the result, so that a jump out of the assertion leaks nothing. */
static const char *keep_message(struct rig_report *report, const char *message)
{
    const char *kept = report->client ? rig_arena_string(&report->client->runner.results, message) : NULL;
    report->message = kept ? kept : "the expectation does not hold (no memory to say more)";
    return report->message;
}

static bool check(const struct rig_expectation *expected, const char *what, const char **told)
{
    char message[RIG_MESSAGE_MAX];
    struct rig_report *report = rig_report_of(expected->result);
    bool holds = judge(expected, what, message, sizeof message);
    if (!report->client) {
        *told = report->message; /* its result is not to be written to */
        return false;
    }
    report->asserted = true;
    report->message = NULL;
    if (!holds) {
        *told = keep_message(report, message);
    }
    return holds;
}

void rig_assert_at(const char *site, rig_fail_fn *fail, const char *text, const struct rig_expectation *expectation)
{
    char what[200];
    const char *told = "rig_assert was given a NULL result";
    struct rig_text head;
    rig_text_start(&head, what, sizeof what);
    rig_text_printf(&head, "rig_assert(%s)", text ? text : "");
    (void)rig_text_end(&head);
    if (!expectation || !expectation->result || !check(expectation, what, &told)) {
        fail(site, told);
    }
}

bool rig_expect_at(const char *site, const struct rig_expectation *expectation)
{
    char what[200];
    const char *told = NULL;
    struct rig_text head;
    rig_text_start(&head, what, sizeof what);
    rig_text_printf(&head, "rig_expect at %s", site ? site : "an unknown place");
    (void)rig_text_end(&head);
    return expectation && expectation->result && check(expectation, what, &told);
}

const char *rig_expect_message(const struct rig_result *result)
{
    return result ? rig_report_of(result)->message : "there is no result";
}
