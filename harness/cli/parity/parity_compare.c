/* What differs between two answers to one request. What the server adds of its own, of the connection and of the framing, is
 * no difference; nor is the page of a server that refuses a request. */
#define _POSIX_C_SOURCE 200809L

#include "harness/cli/parity/parity.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <stackrig/answer.h>

#include "harness/report/mask.h"

#define SHOWN 64 /* bytes of a body, around the first that differs */

static void begin(struct rig_text *text, const struct rig_parity_pair *pair, char *line, const char *what)
{
    rig_text_start(text, line, RIG_LINE_SIZE);
    rig_text_printf(text, "%s: ", pair->one->site);
    rig_text_escape(text, pair->one->request->name);
    rig_text_printf(text, ": %s: ", what);
}

static size_t say(struct rig_text *text, const struct rig_parity_pair *pair, const char *what)
{
    char *hidden = rig_must_hide(pair->secrets, text->data), rule[32];
    (void)snprintf(rule, sizeof rule, "parity.%s", what);
    rig_parity_tell(pair->parity, pair->one, rule, hidden);
    free(hidden);
    return 1;
}

/* ---- delivery ---- */

static const char *of_rig(const struct rig_parity_pair *pair)
{
    switch (pair->rig->delivery.outcome) {
    case RIG_DELIVERED:
    case RIG_REFUSED: /* by the server, which says so */
    case RIG_REPLACED:
        return "an answer";
    case RIG_TRUNCATED:
        return "a part of an answer";
    default:
        return "no answer";
    }
}

static const char *of_real(const struct rig_parity_pair *pair)
{
    static const char *const words[] = {[RIG_TALK_WHOLE] = "an answer",
                                        [RIG_TALK_TRUNCATED] = "a part of an answer",
                                        [RIG_TALK_NOTHING] = "no answer",
                                        [RIG_TALK_GARBAGE] = "what is no HTTP",
                                        [RIG_TALK_LATE] = "nothing in time"};
    return words[pair->real->outcome];
}

static size_t compare_delivery(const struct rig_parity_pair *pair)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    const char *rig = of_rig(pair), *real = of_real(pair);
    begin(&text, pair, line, "delivery");
    if (strcmp(rig, real) != 0 || pair->real->behind > 0) {
        rig_text_printf(&text, "the rig says %s, the client of %s got %s", rig, pair->host, real);
        if (pair->real->behind > 0) {
            rig_text_printf(&text, " and %zu bytes behind it", pair->real->behind);
        }
        return say(&text, pair, "delivery");
    }
    bool kept = pair->rig->delivery.client_connection == RIG_CONNECTION_KEPT;
    if (pair->rig->delivery.outcome == RIG_DELIVERED && kept == pair->ended) {
        rig_text_printf(&text, "the rig says the connection is %s, %s %s it", kept ? "kept" : "closed", pair->host,
                        kept ? "closed" : "kept");
        return say(&text, pair, "delivery");
    }
    return 0;
}

static size_t compare_status(const struct rig_parity_pair *pair)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    int rig = pair->rig->delivery.outcome == RIG_REPLACED ? pair->rig->delivery.status : pair->rig->status;
    if (rig == pair->real->status) {
        return 0;
    }
    begin(&text, pair, line, "status");
    rig_text_printf(&text, "the rig %d, %s %d", rig, pair->host, pair->real->status);
    return say(&text, pair, "status");
}

/* ---- headers ---- */

static bool is_of_the_connection(const char *name)
{
    static const char *const names[] = {"Connection", "Keep-Alive", "Transfer-Encoding", "Date", "Server"};
    size_t i = 0;
    while (i < sizeof names / sizeof *names && strcasecmp(names[i], name) != 0) {
        i++;
    }
    return i < sizeof names / sizeof *names;
}

static const char *nth(const struct rig_field *fields, size_t count, const char *name, size_t n)
{
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(fields[i].name, name) == 0 && n-- == 0) {
            return fields[i].value;
        }
    }
    return NULL;
}

static size_t before(const struct rig_field *fields, size_t at)
{
    size_t count = 0;
    for (size_t i = 0; i < at; i++) {
        count += strcasecmp(fields[i].name, fields[at].name) == 0;
    }
    return count;
}

static void add_value(struct rig_text *text, const char *name, const char *value)
{
    if (value) {
        (void)rig_text_quote_value(text, name, value, strlen(value));
    } else {
        rig_text_add(text, "none");
    }
}

static size_t say_header(const struct rig_parity_pair *pair, const char *name, const char *rig, const char *real)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    begin(&text, pair, line, "header");
    rig_text_escape(&text, name);
    rig_text_add(&text, ": the rig ");
    add_value(&text, name, rig);
    rig_text_printf(&text, ", %s ", pair->host);
    add_value(&text, name, real);
    return say(&text, pair, "header");
}

/* A length that the server has counted. */
static bool is_counted(const struct rig_parity_pair *pair, const char *name, const char *value)
{
    return strcasecmp(name, "Content-Length") == 0 &&
           (pair->is_head || strtoull(value, NULL, 10) == pair->real->body_size);
}

static size_t compare_headers(const struct rig_parity_pair *pair)
{
    const struct rig_finished *rig = rig_result_finish(pair->rig);
    const struct rig_talk_answer *real = pair->real;
    size_t differences = 0;
    for (size_t i = 0; rig && i < rig->header_count; i++) {
        const struct rig_field *field = &rig->headers[i];
        const char *other = nth(real->fields, real->field_count, field->name, before(rig->headers, i));
        if (!is_of_the_connection(field->name) && (!other || strcmp(other, field->value) != 0)) {
            differences += say_header(pair, field->name, field->value, other);
        }
    }
    for (size_t i = 0; rig && i < real->field_count; i++) {
        const struct rig_field *field = &real->fields[i];
        const char *other = nth(rig->headers, rig->header_count, field->name, before(real->fields, i));
        if (!other && !is_of_the_connection(field->name) && !is_counted(pair, field->name, field->value)) {
            differences += say_header(pair, field->name, NULL, field->value);
        }
    }
    return differences;
}

/* ---- body ---- */

static void add_excerpt(struct rig_text *text, const char *body, size_t size, size_t at)
{
    size_t from = at < SHOWN / 2 ? 0 : at - SHOWN / 2, left = size - from;
    (void)rig_text_quote_free_bytes(text, body + from, left < SHOWN ? left : SHOWN);
}

static size_t compare_bodies(const struct rig_parity_pair *pair)
{
    char line[RIG_LINE_SIZE];
    struct rig_text text;
    const struct rig_result *rig = pair->rig;
    const struct rig_talk_answer *real = pair->real;
    size_t at = 0, least = rig->body_size < real->body_size ? rig->body_size : real->body_size;
    while (at < least && rig->body[at] == real->body[at]) {
        at++;
    }
    if (at == rig->body_size && at == real->body_size) {
        return 0;
    }
    begin(&text, pair, line, "body");
    rig_text_printf(&text, "the rig %zu bytes, %s %zu; from byte %zu on they differ: ", rig->body_size, pair->host,
                    real->body_size, at);
    add_excerpt(&text, rig->body, rig->body_size, at);
    rig_text_add(&text, ", ");
    add_excerpt(&text, real->body, real->body_size, at);
    return say(&text, pair, "body");
}

size_t rig_parity_compare(const struct rig_parity_pair *pair)
{
    bool own_page = pair->rig->refused || pair->rig->delivery.outcome == RIG_REPLACED;
    size_t differences = compare_delivery(pair);
    if (pair->real->status != 0 && pair->rig->delivery.outcome != RIG_NOT_SENT) {
        differences += compare_status(pair);
        differences += own_page ? 0 : compare_headers(pair);
        differences += own_page || pair->rig->delivery.outcome == RIG_TRUNCATED ? 0 : compare_bodies(pair);
    }
    return differences;
}
