/* An answer as a server is handed it. */
#include "harness/client/answer.h"

#include "harness/http/wire.h"

#include <stdio.h>

static bool is_named(const struct rig_field *field, const char *name)
{
    return rig_name_equal(field->name, strlen(field->name), name, strlen(name));
}

/* The headers, where length stands in the place of Content-Length, or at the end; NULL: as they are. */
static size_t list_headers(const struct rig_result *result, const char *length, struct rig_field *list)
{
    size_t count = 0;
    bool placed = false;
    for (size_t i = 0; i < result->header_count; i++) {
        bool replaced = length && is_named(&result->headers[i], "Content-Length");
        if (!replaced || !placed) {
            list[count] = result->headers[i];
            list[count].value = replaced ? length : list[count].value;
            count++;
        }
        placed = placed || replaced;
    }
    if (length && !placed) {
        list[count++] = (struct rig_field){"Content-Length", length};
    }
    return count;
}

static size_t list_bodiless(const struct rig_result *result, struct rig_field *list)
{
    size_t count = 0;
    for (size_t i = 0; i < result->header_count; i++) {
        const struct rig_field *field = &result->headers[i];
        if (!is_named(field, "Content-Type") && !is_named(field, "Content-Length")) {
            list[count++] = *field;
        }
    }
    return count;
}

/* Its parts in one piece of memory. */
struct parts {
    struct rig_finished finished;
    char length[24];
    struct rig_field headers[];
};

const struct rig_finished *rig_result_finish(const struct rig_result *result)
{
    struct rig_answer *answer = result ? rig_answer_of(result) : NULL;
    struct parts *parts =
        answer && !answer->finished
            ? rig_answer_alloc(result, sizeof *parts + (result->header_count + 2) * sizeof *parts->headers)
            : NULL;
    if (!parts) {
        return answer ? answer->finished : NULL;
    }
    const struct rig_report *report = rig_report_of(result);
    struct rig_finished *finished = &parts->finished;
    bool counted = report->bodied && !report->streamed && !rig_result_is_chunked(result);
    (void)snprintf(parts->length, sizeof parts->length, "%zu", result->body_size);
    finished->status = result->status;
    finished->headers = parts->headers;
    finished->stream = report->streamed && !rig_status_is_bodiless(result->status);
    if (rig_status_is_bodiless(result->status)) {
        finished->header_count = list_bodiless(result, parts->headers);
    } else {
        finished->header_count = list_headers(result, counted ? parts->length : NULL, parts->headers);
        finished->chunks = result->chunks;
        finished->chunk_count = result->chunk_count;
    }
    answer->finished = finished;
    return finished;
}
