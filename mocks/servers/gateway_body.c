/* The body's framing as each gateway reads it, and the body itself. */
#include "mocks/servers/gateway.h"

/* ---- framing ---- */

static struct rig_slice next_member(struct rig_slice *list)
{
    struct rig_slice rest, member = rig_slice_cut(*list, ',', &rest);
    *list = rest;
    return rig_trimmed(member);
}

/* Equal lengths, in one field or in several, become the first of them. */
static bool one_length(struct rig_gate *gate, struct rig_slice list)
{
    while (list.data) {
        struct rig_slice member = next_member(&list);
        uint64_t number;
        if (!rig_number(member, &number) || number > INT64_MAX || (gate->has_length && number != gate->body_size)) {
            return rig_gate_refuse(gate, 400, "a Content-Length that is none");
        }
        gate->length = gate->has_length ? gate->length : member;
        gate->body_size = number;
        gate->has_length = true;
    }
    return true;
}

static bool read_lengths(struct rig_gate *gate)
{
    for (size_t i = 0; i < gate->count; i++) {
        const struct rig_gate_field *field = &gate->fields[i];
        if (field->gone || !rig_gate_is(field->name, "Content-Length")) {
            continue;
        }
        bool listed = field->value.size > 0 && memchr(field->value.data, ',', field->value.size);
        if (gate->facts->lengths == RIG_LENGTHS_ONE && (gate->has_length || listed)) {
            return rig_gate_refuse(gate, 400, "two Content-Length");
        }
        if (!one_length(gate, field->value)) {
            return false;
        }
    }
    return true;
}

static bool read_coding(struct rig_gate *gate, struct rig_slice list)
{
    const struct rig_gate_facts *facts = gate->facts;
    size_t members = 0, others = 0;
    bool last = false;
    while (list.data) {
        struct rig_slice member = next_member(&list);
        last = rig_gate_is(member, "chunked");
        members++;
        others += !last;
    }
    bool single = members == 1 && others == 0;
    bool fine = single || (facts->coding_lists && others == 0) || (facts->coding_last_counts && last);
    if (fine && !single && facts->coding_list_status > 0) {
        return rig_gate_refuse(gate, facts->coding_list_status, "a transfer coding that it does not pass on");
    }
    if (!fine) {
        bool ends = last && others > 0 && facts->coding_list_status > 0;
        return rig_gate_refuse(gate, ends ? facts->coding_list_status : facts->coding_status,
                               "a transfer coding that it does not take");
    }
    gate->chunked = true;
    return true;
}

static bool read_codings(struct rig_gate *gate)
{
    const struct rig_gate_facts *facts = gate->facts;
    for (size_t i = 0; i < gate->count; i++) {
        const struct rig_gate_field *field = &gate->fields[i];
        if (field->gone || !rig_gate_is(field->name, "Transfer-Encoding")) {
            continue;
        }
        if (gate->chunked) {
            return rig_gate_refuse(gate, facts->coding_status, "two Transfer-Encoding");
        }
        if (!read_coding(gate, field->value)) {
            return false;
        }
    }
    if (gate->chunked && gate->version < 11 && !facts->coding_1_0) {
        return rig_gate_refuse(gate, 400, "Transfer-Encoding in HTTP/1.0");
    }
    return true;
}

static bool read_framing(struct rig_gate *gate)
{
    const struct rig_gate_facts *facts = gate->facts;
    if (!read_codings(gate) || !read_lengths(gate)) {
        return false;
    }
    if (gate->chunked && gate->has_length) {
        gate->has_length = false;
        gate->body_size = 0;
        if (facts->both == RIG_BOTH_REFUSED) {
            return rig_gate_refuse(gate, 400, "both Transfer-Encoding and Content-Length");
        }
    }
    bool bodiless = rig_slice_is(gate->method, "GET") || rig_slice_is(gate->method, "HEAD");
    if (facts->body_ruled && bodiless && (gate->chunked || gate->body_size > 0)) {
        return rig_gate_refuse(gate, 400, "a body in a GET or HEAD");
    }
    bool unsaid = !gate->chunked && !gate->has_length;
    return !(facts->body_ruled && unsaid && rig_slice_is(gate->method, "POST")) ||
           rig_gate_refuse(gate, 411, "a POST without a length");
}

static bool check_expect(struct rig_gate *gate)
{
    const struct rig_gate_field *expect = gate->facts->expect_checked ? rig_gate_find(gate, "Expect") : NULL;
    return !expect || rig_gate_is(expect->value, "100-continue") ||
           rig_gate_refuse(gate, 417, "an Expect other than 100-continue");
}

/* ---- chunks ---- */

struct chunks {
    struct rig_gate *gate;
    const char *data;
    size_t size, at;
    bool more; /* the wire ends before the body does */
};

static bool broken(struct chunks *it)
{
    return rig_gate_refuse(it->gate, 400, "a chunked body that is none");
}

/* A line without its end. */
static bool chunk_line(struct chunks *it, struct rig_slice *line)
{
    const char *begin = it->data + it->at;
    size_t left = it->size - it->at;
    const char *end = left > 0 ? memchr(begin, '\n', left) : NULL;
    if (!end) {
        it->more = true;
        return false;
    }
    size_t size = (size_t)(end - begin);
    bool cr = size > 0 && begin[size - 1] == '\r';
    *line = (struct rig_slice){begin, size - cr};
    it->at += size + 1;
    return cr || it->gate->facts->chunk_lf || broken(it);
}

static bool chunk_size(struct chunks *it, uint64_t *size)
{
    struct rig_slice line;
    size_t digits = 0;
    if (!chunk_line(it, &line)) {
        return false;
    }
    *size = 0;
    while (digits < line.size && rig_char_is(line.data[digits], RIG_CHAR_HEX) && *size <= INT64_MAX / 16) {
        *size = *size * 16 + (uint64_t)rig_char_hex(line.data[digits]);
        digits++;
    }
    struct rig_slice rest = rig_trimmed(rig_slice_after(line, digits));
    return (digits > 0 && (rest.size == 0 || rest.data[0] == ';')) || broken(it);
}

/* The gateway writes the names of trailers as it does those of fields. */
static bool copy_trailers(struct rig_gate *gate, const char *begin, size_t size)
{
    char *copy = rig_gate_alloc(gate, size + 1);
    bool name = true;
    for (size_t i = 0; copy && i < size; i++) {
        name = begin[i] == '\n' || (name && begin[i] != ':');
        copy[i] = name && gate->facts->lower_names ? rig_char_lower(begin[i]) : begin[i];
    }
    gate->out->trailers = (struct rig_bytes){copy, copy ? size : 0};
    return copy != NULL;
}

/* Up to the empty line. */
static bool read_trailers(struct chunks *it)
{
    struct rig_slice line = {"", 1};
    size_t begin = it->at, end = begin;
    while (line.size > 0) {
        end = it->at;
        if (!chunk_line(it, &line)) {
            return false;
        }
    }
    return !it->gate->facts->trailers || copy_trailers(it->gate, it->data + begin, end - begin);
}

static bool copy_chunks(struct chunks *it, char *content, size_t *size)
{
    for (uint64_t chunk = 1; chunk > 0;) {
        struct rig_slice end;
        if (!chunk_size(it, &chunk)) {
            return false;
        }
        size_t left = it->size - it->at, part = chunk < left ? (size_t)chunk : left;
        memcpy(content + *size, it->data + it->at, part);
        *size += part;
        it->at += part;
        it->more = part < chunk;
        if (it->more || (chunk > 0 && (!chunk_line(it, &end) || (end.size > 0 && !broken(it))))) {
            return false;
        }
    }
    return read_trailers(it);
}

/* ---- the body ---- */

static bool cut_body(struct rig_gate *gate)
{
    gate->out->cut = true;
    return gate->facts->streams || rig_gate_wait(gate);
}

static bool read_chunked(struct rig_gate *gate, const char *data, size_t size)
{
    struct chunks it = {.gate = gate, .data = data, .size = size};
    char *content = rig_gate_alloc(gate, size + 1);
    size_t decoded = 0;
    if (!content) {
        return false;
    }
    bool whole = copy_chunks(&it, content, &decoded);
    content[decoded] = '\0';
    gate->out->content = (struct rig_bytes){content, decoded};
    gate->out->size = gate->out->head_size + it.at;
    gate->body_size = decoded;
    return whole || (it.more && cut_body(gate));
}

bool rig_gate_read_body(struct rig_gate *gate)
{
    const struct rig_bytes wire = gate->in->wire;
    const char *data = (const char *)wire.data + gate->out->head_size;
    size_t size = wire.size - gate->out->head_size;
    if (!read_framing(gate) || !check_expect(gate)) {
        return false;
    }
    gate->out->size = gate->out->head_size;
    if (gate->in->head_only) {
        gate->body_size = gate->in->body_size;
        return true;
    }
    if (gate->chunked) {
        return read_chunked(gate, data, size);
    }
    size_t there = gate->body_size < size ? (size_t)gate->body_size : size;
    gate->out->content = (struct rig_bytes){data, there};
    gate->out->size += there;
    return there == gate->body_size || cut_body(gate);
}
