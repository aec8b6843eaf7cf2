#include "fuzz/scenario/frame.h"
#include "fuzz/scenario/strings.h"
#include "harness/http/chars.h"

#include <string.h>

#define CHUNK_ROOM 64

static const char coding[] = "Transfer-Encoding";

static void add_field(struct rig_fuzz_request *request, const char *name, const char *value)
{
    if (request->field_count < RIG_FUZZ_FIELDS_MAX) {
        request->fields[request->field_count++] = (struct rig_field){name, value};
    }
}

static void add_length(struct rig_fuzz_scenario *scenario, struct rig_fuzz_request *request, const char *before,
                       uint64_t length, const char *behind)
{
    char text[CHUNK_ROOM];
    size_t size = strlen(before);
    memcpy(text, before, size);
    size += rig_decimal(length, text + size);
    memcpy(text + size, behind, strlen(behind) + 1);
    const char *copy = rig_fuzz_copy(scenario, text, strlen(text));
    if (copy) {
        add_field(request, "Content-Length", copy);
    }
}

/* The head of one chunk that is the whole body; returns its size. */
static size_t write_chunk_head(char head[CHUNK_ROOM], size_t body_size, enum rig_fuzz_frame frame)
{
    static const char hex[] = "0123456789abcdef";
    size_t digits = 0;
    for (size_t shift = body_size; shift > 0 || digits == 0; shift >>= 4) {
        digits++;
    }
    for (size_t i = 0; i < digits; i++) {
        head[digits - 1 - i] = hex[body_size >> (4 * i) & 15];
    }
    head[0] = frame == RIG_FUZZ_FRAME_BAD_CHUNK ? 'g' : head[0];
    const char *behind = frame == RIG_FUZZ_FRAME_EXTENSION ? ";a=\"b\"\r\n" : "\r\n";
    memcpy(head + digits, behind, strlen(behind));
    return digits + strlen(behind);
}

static void encode_chunks(struct rig_fuzz_scenario *scenario, struct rig_fuzz_request *request,
                          enum rig_fuzz_frame frame)
{
    const char *fresh = NULL, *last = frame == RIG_FUZZ_FRAME_NO_LAST ? "\r\n" : "\r\n0\r\n\r\n";
    char head[CHUNK_ROOM];
    size_t size = 0, left = request->body.size, head_size = write_chunk_head(head, left, frame);
    if (rig_fuzz_append(scenario, &fresh, &size, head, head_size) &&
        rig_fuzz_append(scenario, &fresh, &size, request->body.data ? request->body.data : "", left) &&
        rig_fuzz_append(scenario, &fresh, &size, last, strlen(last))) {
        request->body = (struct rig_bytes){fresh, size};
    }
}

void rig_fuzz_frame(struct rig_fuzz_scenario *scenario, struct rig_fuzz_request *request, enum rig_fuzz_frame frame)
{
    uint64_t size = request->body.size;
    switch (frame) {
    case RIG_FUZZ_FRAME_LENGTH:
        return;
    case RIG_FUZZ_FRAME_CHUNKED:
        add_field(request, coding, "chunked");
        return;
    case RIG_FUZZ_FRAME_SHORTER:
        add_length(scenario, request, "", size - (size > 0), "");
        return;
    case RIG_FUZZ_FRAME_LONGER:
        add_length(scenario, request, "", size + 1, "");
        return;
    case RIG_FUZZ_FRAME_ZERO:
        add_length(scenario, request, "", 0, "");
        return;
    case RIG_FUZZ_FRAME_PLUS:
        add_length(scenario, request, "+", size, "");
        return;
    case RIG_FUZZ_FRAME_HEX:
        add_length(scenario, request, "0x", size, "");
        return;
    case RIG_FUZZ_FRAME_NEGATIVE:
        add_length(scenario, request, "-", 1, "");
        return;
    case RIG_FUZZ_FRAME_HUGE:
        add_length(scenario, request, "", UINT64_MAX, "0");
        return;
    case RIG_FUZZ_FRAME_TWICE:
    case RIG_FUZZ_FRAME_TWO:
        add_length(scenario, request, "", size, "");
        add_length(scenario, request, "", frame == RIG_FUZZ_FRAME_TWO ? size + 1 : size, "");
        return;
    default:
        add_field(request, coding, frame == RIG_FUZZ_FRAME_XCHUNKED ? "xchunked" : "chunked");
        if (frame == RIG_FUZZ_FRAME_BOTH) {
            add_length(scenario, request, "", size, "");
        }
        encode_chunks(scenario, request, frame);
        request->malformed = true;
    }
}
