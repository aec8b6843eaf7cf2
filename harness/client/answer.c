/* Accessors of a result. */
#include "harness/client/answer.h"

#include <errno.h>
#include <stdio.h>

/* ---- what is kept with a result ---- */

void rig_result_doubt(const struct rig_result *result, const char *format, ...)
{
    struct rig_client *client = result ? rig_report_of(result)->client : NULL;
    if (client && client->doubt[0] == '\0') {
        va_list arguments;
        va_start(arguments, format);
        (void)vsnprintf(client->doubt, sizeof client->doubt, format, arguments);
        va_end(arguments);
    }
}

void *rig_answer_alloc(const struct rig_result *result, size_t size)
{
    struct rig_client *client = rig_report_of(result)->client;
    void *memory = client ? rig_arena_zeroed(&client->runner.results, size) : NULL;
    if (!memory) {
        rig_result_doubt(result, "there was no memory for what the test asked of its result");
    }
    return memory;
}

char *rig_answer_copy(const struct rig_result *result, struct rig_slice text)
{
    char *copy = rig_answer_alloc(result, text.size + 1);
    if (copy && text.size > 0) {
        memcpy(copy, text.data, text.size);
    }
    return copy;
}

struct rig_answer *rig_answer_of(const struct rig_result *result)
{
    struct rig_report *report = rig_report_of(result);
    if (report->client && !report->answer) { /* without a client it is not to be written to */
        report->answer = rig_answer_alloc(result, sizeof *report->answer);
    }
    return report->answer;
}

/* ---- headers ---- */

const char *rig_result_header_nth(const struct rig_result *result, const char *name, size_t n)
{
    size_t size = name ? strlen(name) : 0;
    for (size_t i = 0; result && name && i < result->header_count; i++) {
        const struct rig_field *field = &result->headers[i];
        if (rig_name_equal(field->name, strlen(field->name), name, size) && n-- == 0) {
            return field->value;
        }
    }
    return NULL;
}

const char *rig_result_header(const struct rig_result *result, const char *name)
{
    return rig_result_header_nth(result, name, 0);
}

const char *rig_result_content_type(const struct rig_result *result)
{
    return rig_result_header(result, "Content-Type");
}

const char *rig_result_location(const struct rig_result *result)
{
    return rig_result_header(result, "Location");
}

const char *rig_result_etag(const struct rig_result *result)
{
    return rig_result_header(result, "ETag");
}

const char *rig_result_cache_control(const struct rig_result *result)
{
    return rig_result_header(result, "Cache-Control");
}

int64_t rig_result_content_length(const struct rig_result *result)
{
    const char *value = rig_result_header(result, "Content-Length");
    uint64_t number;
    if (!value) {
        return -ENOENT;
    }
    struct rig_slice text = rig_trimmed(rig_slice_of(value));
    if (!rig_is_digits(text.data, text.size) || rig_result_header_nth(result, "Content-Length", 1)) {
        return -EINVAL;
    }
    return rig_number(text, &number) && number <= INT64_MAX ? (int64_t)number : -ERANGE;
}

bool rig_result_is_chunked(const struct rig_result *result)
{
    const char *value;
    for (size_t n = 0; (value = rig_result_header_nth(result, "Transfer-Encoding", n)) != NULL; n++) {
        if (rig_list_has(rig_slice_of(value), "chunked")) {
            return true;
        }
    }
    return false;
}

/* ---- cookies ---- */

static bool read_cookies(const struct rig_result *result, struct rig_answer *answer)
{
    size_t most = 0, count = 0;
    while (rig_result_header_nth(result, "Set-Cookie", most)) {
        most++;
    }
    struct rig_set_cookie *cookies = rig_answer_alloc(result, (most + 1) * sizeof *cookies);
    const char **values = cookies ? rig_answer_alloc(result, (most + 1) * sizeof *values) : NULL;
    bool whole = values != NULL;
    for (size_t i = 0; whole && i < result->header_count; i++) {
        const struct rig_field *field = &result->headers[i];
        if (rig_name_equal(field->name, strlen(field->name), "Set-Cookie", 10) &&
            rig_set_cookie_parse(field->value, strlen(field->value), &cookies[count]) == 0) {
            values[count] = rig_answer_copy(result, cookies[count].value);
            whole = values[count++] != NULL;
        }
    }
    if (whole) {
        answer->cookies = cookies;
        answer->cookie_values = values;
        answer->cookie_count = count;
    }
    return whole;
}

static struct rig_answer *with_cookies(const struct rig_result *result)
{
    struct rig_answer *answer = result ? rig_answer_of(result) : NULL;
    return answer && (answer->cookies || read_cookies(result, answer)) ? answer : NULL;
}

const struct rig_set_cookie *rig_result_cookies(const struct rig_result *result, size_t *count)
{
    const struct rig_answer *answer = with_cookies(result);
    *count = answer ? answer->cookie_count : 0;
    return answer ? answer->cookies : NULL;
}

/* Its index + 1; 0: none of that name. */
static size_t find_cookie(const struct rig_answer *answer, const char *name)
{
    size_t at = answer && name ? answer->cookie_count : 0, size = at > 0 ? strlen(name) : 0;
    while (at > 0) {
        struct rig_slice other = answer->cookies[at - 1].name;
        if (other.size == size && memcmp(other.data, name, size) == 0) {
            break;
        }
        at--;
    }
    return at;
}

const struct rig_set_cookie *rig_result_cookie(const struct rig_result *result, const char *name)
{
    const struct rig_answer *answer = with_cookies(result);
    size_t at = find_cookie(answer, name);
    return at > 0 ? &answer->cookies[at - 1] : NULL;
}

const char *rig_result_cookie_value(const struct rig_result *result, const char *name)
{
    const struct rig_answer *answer = with_cookies(result);
    size_t at = find_cookie(answer, name);
    return at > 0 ? answer->cookie_values[at - 1] : NULL;
}
