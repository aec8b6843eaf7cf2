#include <errno.h>

#include "harness/http/wire.h"

static int refuse(struct rig_framing *framing, size_t field, int status, const char *reason)
{
    *framing = (struct rig_framing){.reason = reason, .field = field, .status = status};
    return -EINVAL;
}

static bool slice_is(struct rig_slice slice, const char *text, size_t size)
{
    return rig_name_equal(slice.data, slice.size, text, size);
}

/* Cuts the next member off a comma list; false at its end. An empty member is a member of size 0. */
static bool next_member(struct rig_slice *list, struct rig_slice *member)
{
    if (!list->data) {
        return false;
    }
    size_t end = 0;
    while (end < list->size && list->data[end] != ',') {
        end++;
    }
    *member = rig_trimmed((struct rig_slice){list->data, end});
    if (end == list->size) {
        list->data = NULL;
    } else {
        list->data += end + 1;
        list->size -= end + 1;
    }
    return true;
}

/* NULL, or why it is not a length. */
static const char *parse_length(struct rig_slice text, uint64_t *length)
{
    if (!rig_is_digits(text.data, text.size)) {
        return "a Content-Length that is not a number";
    }
    if (!rig_number(text, length) || *length > INT64_MAX) {
        return "a Content-Length too large to count";
    }
    return NULL;
}

static int add_lengths(struct rig_slice list, size_t field, struct rig_framing *framing)
{
    struct rig_slice member;
    while (next_member(&list, &member)) {
        uint64_t length = 0;
        const char *reason = parse_length(member, &length);
        if (reason) {
            return refuse(framing, field, 400, reason);
        }
        if (framing->kind == RIG_FRAMING_LENGTH && framing->length != length) {
            return refuse(framing, field, 400, "Content-Length twice with different values");
        }
        framing->kind = RIG_FRAMING_LENGTH;
        framing->length = length;
    }
    return 0;
}

static int add_codings(struct rig_slice list, size_t field, struct rig_framing *framing)
{
    struct rig_slice member;
    while (next_member(&list, &member)) {
        if (member.size == 0) {
            continue; /* RFC 9110 section 5.6.1: a recipient ignores empty members */
        }
        if (framing->kind == RIG_FRAMING_CHUNKED) {
            bool twice = slice_is(member, "chunked", 7);
            return refuse(framing, field, 400, twice ? "chunked twice" : "a transfer coding after chunked");
        }
        if (!slice_is(member, "chunked", 7)) {
            return refuse(framing, field, 501, "a transfer coding other than chunked");
        }
        framing->kind = RIG_FRAMING_CHUNKED;
    }
    return 0;
}

int rig_wire_framing(const struct rig_wire_field *fields, size_t count, unsigned minor, struct rig_framing *framing)
{
    struct rig_framing lengths = {0}, codings = {0};
    size_t coding_field = count;
    int status = 0;
    *framing = (struct rig_framing){0};
    for (size_t i = 0; i < count && status == 0; i++) {
        if (slice_is(fields[i].name, "Content-Length", 14)) {
            status = add_lengths(fields[i].value, i, &lengths);
            *framing = lengths;
        } else if (slice_is(fields[i].name, "Transfer-Encoding", 17)) {
            coding_field = i;
            status = add_codings(fields[i].value, i, &codings);
            *framing = codings;
        }
    }
    if (status || coding_field == count) {
        return status;
    }
    if (minor == 0) {
        return refuse(framing, coding_field, 400, "Transfer-Encoding in HTTP/1.0");
    }
    if (lengths.kind != RIG_FRAMING_NONE) {
        return refuse(framing, coding_field, 400, "both Transfer-Encoding and Content-Length");
    }
    if (codings.kind == RIG_FRAMING_NONE) {
        return refuse(framing, coding_field, 400, "an empty Transfer-Encoding");
    }
    *framing = codings;
    return 0;
}
