/* Assertions: what was expected, what came, and what nobody asked for but must not be. */
#include "harness/client/client.h"
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

/* A body holds zero bytes as it likes. */
static bool contains(struct rig_bytes bytes, const char *text)
{
    size_t size = strlen(text);
    for (size_t at = 0; at + size <= bytes.size; at++) {
        if (memcmp((const char *)bytes.data + at, text, size) == 0) {
            return true;
        }
    }
    return false;
}

static void compare_part(struct verdict *verdict, const char *what, const char *wanted, struct rig_bytes got)
{
    if (wanted && !contains(got, wanted)) {
        fails(verdict);
        rig_text_printf(&verdict->text, "%s: expected to contain ", what);
        (void)rig_text_quote_free_bytes(&verdict->text, wanted, strlen(wanted));
    }
}

static void compare_body(struct verdict *verdict)
{
    const struct rig_expectation *expected = verdict->expected;
    struct rig_bytes got = {verdict->result->body, verdict->result->body_size};
    if (rig_report_of(verdict->result)->discarded) {
        if (expected->body || expected->bytes.data || expected->body_contains) {
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

static void compare_headers(struct verdict *verdict)
{
    for (const struct rig_field *field = verdict->expected->headers; field->name; field++) {
        const char *got = rig_result_header(verdict->result, field->name);
        if (field->value ? got && strcmp(got, field->value) == 0 : !got) {
            continue;
        }
        fails(verdict);
        rig_text_printf(&verdict->text, "header %s: expected ", field->name);
        bool masked = show_header(verdict, field->name, field->value);
        rig_text_add(&verdict->text, ", got ");
        masked = show_header(verdict, field->name, got) || masked;
        if (masked && field->value && got) {
            show_difference(verdict, (struct rig_bytes){field->value, strlen(field->value)},
                            (struct rig_bytes){got, strlen(got)});
        }
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
        bool known = rig_rule_find(rule) != NULL;
        if (!known || !rig_result_found(result, rule)) {
            fails(verdict);
            rig_text_printf(&verdict->text,
                            known ? "expected a finding of %s, and there was none"
                                  : "expected a finding of %s, which is no rule",
                            rule);
        }
    }
    for (size_t i = 0; i < result->finding_count; i++) {
        const struct rig_finding *finding = &result->findings[i];
        if (finding->level == RIG_LEVEL_ERROR && !is_named(verdict->expected, finding->rule)) {
            add_finding(verdict, finding);
        }
    }
}

static void compare_way(struct verdict *verdict)
{
    const struct rig_result *result = verdict->result;
    const struct rig_expectation *expected = verdict->expected;
    if (result->error != expected->error) {
        fails(verdict);
        rig_text_printf(&verdict->text, "error: expected %d, got %d (%s)%s", expected->error, result->error,
                        rig_error_text(result->error),
                        result->delivery.outcome == RIG_NOT_SENT ? "; the request was not sent" : "");
    }
    if (result->refused && !expected->refused) {
        fails(verdict);
        rig_text_printf(&verdict->text, "the server refused the request: %s", result->refused);
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

static void show_result(struct verdict *verdict)
{
    const struct rig_result *result = verdict->result;
    struct rig_text *text = &verdict->text;
    if (result->method) {
        rig_text_add(text, "\n  request: ");
        rig_text_escape(text, result->method);
        rig_text_add(text, " ");
        rig_text_target(text, result->target);
        rig_text_printf(text, ", sent at %s", result->site ? result->site : "an unknown place");
    }
    rig_text_printf(text, "\n  response: %d, %zu body bytes", result->status, result->body_size);
    for (size_t i = 0; i < result->header_count; i++) {
        rig_text_add(text, "\n    ");
        rig_text_escape(text, result->headers[i].name);
        rig_text_add(text, ": ");
        rig_text_value(text, result->headers[i].name, result->headers[i].value);
    }
    if (result->body[0]) {
        rig_text_add(text, "\n    ");
        (void)rig_text_free_bytes(text, result->body, result->body_size < 256 ? result->body_size : 256);
    }
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

static bool judge(const struct rig_expectation *expected, const char *what, char *message, size_t size)
{
    const struct rig_result *result = expected->result;
    struct verdict verdict = {.result = result, .expected = expected, .holds = true};
    rig_text_start(&verdict.text, message, size);
    rig_text_printf(&verdict.text, "%s does not hold:", what);
    if (expected->headers[RIG_FIELDS_MAX].name || expected->findings[RIG_FIELDS_MAX]) {
        fails(&verdict);
        rig_text_printf(&verdict.text, "an expectation takes %d headers and findings", RIG_FIELDS_MAX);
    } else if (rig_fields_cut(expected->headers)) {
        fails(&verdict);
        rig_text_add(&verdict.text, "a value without a name in .headers: what follows would not be looked at");
    }
    tell_doubt(&verdict, rig_report_of(result)->client);
    compare_way(&verdict);
    compare_headers(&verdict);
    compare_body(&verdict);
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
        *told = "the client was NULL: nothing was sent"; /* its result is not to be written to */
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
    return !result                          ? "there is no result"
           : !rig_report_of(result)->client ? "the client was NULL: nothing was sent"
                                            : rig_report_of(result)->message;
}
