#include <errno.h>
#include <string.h>

#include "harness/http/target.h"
#include "harness/http/wire.h"

/* What a step says: it is through, it needs more bytes, it found a fault. */
enum step { STEP_DONE, STEP_MORE, STEP_BAD };

struct reader {
    const char *data;
    size_t size, at;
    struct rig_wire_head *head;
};

static enum step bad(struct reader *r, int status, const char *reason)
{
    r->head->reason = reason;
    r->head->status = status;
    r->head->at = r->at;
    return STEP_BAD;
}

static struct rig_slice since(const struct reader *r, size_t start)
{
    return (struct rig_slice){r->data + start, r->at - start};
}

/* CR LF, nothing less: a bare LF or CR is where two servers read two different requests. */
static enum step line_end(struct reader *r)
{
    if (r->at == r->size) {
        return STEP_MORE;
    }
    if (r->data[r->at] == '\n') {
        return bad(r, 400, "a line that ends in LF without CR");
    }
    if (r->size - r->at < 2) {
        return STEP_MORE;
    }
    if (r->data[r->at + 1] != '\n') {
        return bad(r, 400, "a CR that no LF follows");
    }
    r->at += 2;
    return STEP_DONE;
}

static enum step literal(struct reader *r, const char *text, const char *reason)
{
    for (; *text; text++) {
        if (r->at == r->size) {
            return STEP_MORE;
        }
        if (r->data[r->at] != *text) {
            return bad(r, 400, reason);
        }
        r->at++;
    }
    return STEP_DONE;
}

static enum step empty_lines(struct reader *r)
{
    while (r->at < r->size && (r->data[r->at] == '\r' || r->data[r->at] == '\n')) {
        enum step step = line_end(r);
        if (step != STEP_DONE) {
            return step;
        }
    }
    return STEP_DONE;
}

static enum step read_method(struct reader *r)
{
    size_t start = r->at;
    while (r->at < r->size && rig_char_is(r->data[r->at], RIG_CHAR_TOKEN)) {
        r->at++;
    }
    if (r->at == r->size) {
        return STEP_MORE;
    }
    if (r->at == start || r->data[r->at] != ' ') {
        return bad(r, 400, "the method is not a token and a space");
    }
    r->head->method = since(r, start);
    r->at++;
    return STEP_DONE;
}

static enum step read_target(struct reader *r)
{
    size_t start = r->at;
    while (r->at < r->size && (unsigned char)r->data[r->at] > ' ' && r->data[r->at] != 0x7f) {
        r->at++;
    }
    if (r->at == r->size) {
        return STEP_MORE;
    }
    if (r->at == start) {
        return bad(r, 400, "no request target");
    }
    if (r->data[r->at] == '\r' || r->data[r->at] == '\n') {
        return bad(r, 400, "a request line without a version");
    }
    if (r->data[r->at] != ' ') {
        return bad(r, 400, "a control character in the request target");
    }
    r->head->target = since(r, start);
    r->at++;
    return STEP_DONE;
}

static enum step read_version(struct reader *r)
{
    enum step step = literal(r, "HTTP/", "expected HTTP/1.1 after the target");
    if (step != STEP_DONE) {
        return step;
    }
    size_t start = r->at;
    for (int i = 0; i < 3; i++, r->at++) {
        if (r->at == r->size) {
            return STEP_MORE;
        }
        if (i == 1 ? r->data[r->at] != '.' : !rig_char_is(r->data[r->at], RIG_CHAR_DIGIT)) {
            return bad(r, 400, "expected HTTP/1.1 after the target");
        }
    }
    if (r->data[start] != '1') {
        r->at = start;
        return bad(r, 505, "not a version that is spoken here");
    }
    r->head->minor = (unsigned)(r->data[start + 2] - '0');
    if (r->at < r->size && r->data[r->at] != '\r' && r->data[r->at] != '\n') {
        return bad(r, 400, "bytes after the version");
    }
    return line_end(r);
}

static enum step read_name(struct reader *r, struct rig_slice *name)
{
    size_t start = r->at;
    while (r->at < r->size && rig_char_is(r->data[r->at], RIG_CHAR_TOKEN)) {
        r->at++;
    }
    if (r->at == r->size) {
        return STEP_MORE;
    }
    char c = r->data[r->at];
    if (r->at == start) {
        bool blank = c == ' ' || c == '\t';
        return bad(r, 400, blank ? "a line that begins with a blank (obs-fold)" : "a field name that is not a token");
    }
    if (c != ':') {
        bool blank = c == ' ' || c == '\t';
        return bad(r, 400, blank ? "a blank between field name and colon" : "a field name that is not a token");
    }
    *name = since(r, start);
    r->at++;
    return STEP_DONE;
}

static enum step read_value(struct reader *r, struct rig_slice *value)
{
    size_t start = r->at;
    while (r->at < r->size && rig_char_is(r->data[r->at], RIG_CHAR_VALUE)) {
        r->at++;
    }
    if (r->at < r->size && r->data[r->at] != '\r' && r->data[r->at] != '\n') {
        return bad(r, 400, "a control character in a field value");
    }
    *value = rig_trimmed(since(r, start));
    return line_end(r);
}

static enum step read_fields(struct reader *r)
{
    struct rig_wire_head *head = r->head;
    while (r->at == r->size || (r->data[r->at] != '\r' && r->data[r->at] != '\n')) {
        struct rig_wire_field field = {0};
        if (r->at == r->size) {
            return STEP_MORE;
        }
        if (head->field_count == head->field_limit) {
            return bad(r, 431, "more fields than the limit allows");
        }
        enum step step = read_name(r, &field.name);
        if (step == STEP_DONE) {
            step = read_value(r, &field.value);
        }
        if (step != STEP_DONE) {
            return step;
        }
        head->fields[head->field_count++] = field;
    }
    return line_end(r);
}

/* RFC 9112 section 3.2. */
static enum step check_host(struct reader *r)
{
    const struct rig_wire_field *host = NULL;
    for (size_t i = 0; i < r->head->field_count; i++) {
        const struct rig_wire_field *field = &r->head->fields[i];
        if (!rig_name_equal(field->name.data, field->name.size, "Host", 4)) {
            continue;
        }
        r->at = (size_t)(field->name.data - r->data);
        if (host) {
            return bad(r, 400, "more than one Host");
        }
        if (rig_host_refused(field->value.data, field->value.size)) {
            return bad(r, 400, "a Host that is not a host with or without a port");
        }
        host = field;
    }
    return host || r->head->minor == 0 || r->head->host_optional ? STEP_DONE : bad(r, 400, "HTTP/1.1 without Host");
}

static enum step read_head(struct reader *r)
{
    static enum step (*const steps[])(struct reader *) = {empty_lines, read_method, read_target, read_version,
                                                          read_fields};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        enum step step = steps[i](r);
        if (step != STEP_DONE) {
            return step;
        }
    }
    return STEP_DONE;
}

int64_t rig_wire_head(const void *data, size_t size, struct rig_wire_head *head)
{
    size_t limit = head->size_limit ? head->size_limit : RIG_WIRE_HEAD_MAX;
    struct reader r = {data, size < limit ? size : limit, 0, head};
    *head = (struct rig_wire_head){.fields = head->fields,
                                   .field_limit = head->field_limit,
                                   .size_limit = head->size_limit,
                                   .host_optional = head->host_optional};
    enum step step = read_head(&r);
    size_t used = r.at;
    if (step == STEP_DONE) {
        step = check_host(&r);
    } else if (step == STEP_MORE && size >= limit) {
        r.at = limit;
        step = bad(&r, 431, "a head larger than the limit");
    }
    if (step == STEP_BAD) {
        return -EINVAL;
    }
    return step == STEP_DONE ? (int64_t)used : 0;
}
