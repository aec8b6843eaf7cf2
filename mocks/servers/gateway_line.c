/* Lines of a head, and the first of them: what each gateway takes for a request line. */
#include "mocks/servers/gateway.h"

/* ---- lines ---- */

/* nginx packs lines into a few buffers; one that does not fit what is left of a buffer moves to the next. */
static bool take_room(struct rig_gate *gate, size_t size, int status)
{
    const struct rig_gate_facts *facts = gate->facts;
    if (facts->buffers == 0 || size <= gate->buffer_room) {
        gate->buffer_room -= facts->buffers == 0 ? 0 : size;
        return true;
    }
    if (size > facts->buffer || gate->buffers_used == facts->buffers) {
        return rig_gate_refuse(gate, status, "a line or a head too large");
    }
    gate->buffers_used++;
    gate->buffer_room = facts->buffer - size;
    return true;
}

static bool fits(struct rig_gate *gate, bool field, size_t size, size_t with_end)
{
    const struct rig_gate_facts *facts = gate->facts;
    size_t most = field ? facts->field_max : facts->line_max;
    int status = field ? facts->size_status : facts->line_status;
    if (most > 0 && size > most) {
        return rig_gate_refuse(gate, status, field ? "a field too large" : "a request line too large");
    }
    return take_room(gate, with_end, status);
}

/* Without an end so far: too large already? */
static int unfinished(struct rig_gate *gate, bool field, size_t size)
{
    const struct rig_gate_facts *facts = gate->facts;
    if ((facts->weight_max > 0 && gate->size > facts->weight_max + 1024) ||
        (facts->head_max > 0 && gate->size > facts->head_max)) {
        rig_gate_refuse(gate, facts->size_status, "a head too large");
        return -1;
    }
    size_t buffer_room = gate->buffer_room, used = gate->buffers_used;
    bool room = fits(gate, field, size, size);
    gate->buffer_room = buffer_room;
    gate->buffers_used = used;
    return room ? 0 : -1;
}

int rig_gate_line(struct rig_gate *gate, bool field, struct rig_slice *line)
{
    const struct rig_gate_facts *facts = gate->facts;
    const char *begin = gate->head + gate->at;
    size_t left = gate->size - gate->at;
    const char *end = left > 0 ? memchr(begin, '\n', left) : NULL;
    if (!end) {
        return unfinished(gate, field, left);
    }
    size_t size = (size_t)(end - begin), with_end = size + 1;
    bool cr = size > 0 && begin[size - 1] == '\r';
    size -= cr;
    bool last = field && size == 0;
    if (!cr && !facts->lf_ends_line && !(last && facts->lf_ends_head)) {
        rig_gate_refuse(gate, 400, "a line that ends in LF without CR");
        return -1;
    }
    while (field && facts->crs_end_line && size > 0 && begin[size - 1] == '\r') {
        size--;
    }
    *line = (struct rig_slice){begin, size};
    gate->at += with_end;
    return fits(gate, field, size, with_end) ? 1 : -1;
}

/* ---- before the request line ---- */

static bool first_byte(struct rig_gate *gate)
{
    if (gate->facts->whole_head && gate->size > 0 && (unsigned char)gate->head[0] < ' ') {
        return rig_gate_refuse(gate, 400, "a request that begins with a control");
    }
    return true;
}

/* The head must be there whole: where its empty line is. */
static bool whole_head(struct rig_gate *gate)
{
    const struct rig_gate_facts *facts = gate->facts;
    size_t at = 0, size = 0;
    while (size == 0 && at < gate->size) {
        const char *end = memchr(gate->head + at, '\n', gate->size - at);
        at = end ? (size_t)(end - gate->head) + 1 : gate->size;
        size_t cr = at < gate->size && gate->head[at] == '\r';
        size = at + cr < gate->size && gate->head[at + cr] == '\n' ? at + cr + 1 : 0;
    }
    size_t known = size > 0 ? size : gate->size;
    if (facts->head_max > 0 && known > facts->head_max) {
        return rig_gate_refuse(gate, facts->size_status, "a head too large");
    }
    gate->size = size > 0 ? size : gate->size;
    return size > 0 || rig_gate_wait(gate);
}

static void skip_empty(struct rig_gate *gate)
{
    enum rig_gate_skips skips = gate->facts->skips;
    while (skips != RIG_SKIPS_NOTHING && gate->at < gate->size) {
        const char *at = gate->head + gate->at;
        size_t size = *at == '\n' && skips == RIG_SKIPS_LF_TOO                    ? 1
                      : *at == '\r' && gate->size - gate->at > 1 && at[1] == '\n' ? 2
                                                                                  : 0;
        if (size == 0) {
            return;
        }
        gate->at += size;
    }
}

/* ---- the request line ---- */

static bool is_method_char(enum rig_gate_method method, char c)
{
    return method == RIG_METHOD_UPPER ? (c >= 'A' && c <= 'Z') || c == '_' || c == '-' : rig_char_is(c, RIG_CHAR_TOKEN);
}

/* lighttpd's list. */
static bool is_known(struct rig_slice method)
{
    static const char *const known[] = {"GET",
                                        "HEAD",
                                        "POST",
                                        "PUT",
                                        "DELETE",
                                        "OPTIONS",
                                        "TRACE",
                                        "CONNECT",
                                        "PATCH",
                                        "PROPFIND",
                                        "PROPPATCH",
                                        "MKCOL",
                                        "COPY",
                                        "MOVE",
                                        "LOCK",
                                        "UNLOCK",
                                        "REPORT",
                                        "CHECKIN",
                                        "CHECKOUT",
                                        "UNCHECKOUT",
                                        "MERGE",
                                        "LABEL",
                                        "VERSION-CONTROL",
                                        "SEARCH",
                                        "ACL",
                                        "MKACTIVITY",
                                        "MKCALENDAR",
                                        "MKREDIRECTREF",
                                        "MKWORKSPACE",
                                        "ORDERPATCH",
                                        "BASELINE-CONTROL",
                                        "BIND",
                                        "REBIND",
                                        "UNBIND",
                                        "LINK",
                                        "UNLINK",
                                        "UPDATE",
                                        "UPDATEREDIRECTREF",
                                        "PRI",
                                        NULL};
    for (size_t i = 0; known[i]; i++) {
        if (rig_slice_is(method, known[i])) {
            return true;
        }
    }
    return false;
}

static bool read_method(struct rig_gate *gate, struct rig_slice *line)
{
    const struct rig_gate_facts *facts = gate->facts;
    size_t size = 0;
    if (facts->method == RIG_METHOD_KNOWN) {
        gate->method = rig_slice_cut(*line, ' ', line);
        if (!line->data) {
            return rig_gate_refuse(gate, 400, "a request line without a target");
        }
        return is_known(gate->method) || rig_gate_refuse(gate, facts->method_status, "a method it does not know");
    }
    while (size < line->size && is_method_char(facts->method, line->data[size])) {
        size++;
    }
    char next = '\0';
    if (size < line->size) {
        next = line->data[size];
    }
    bool ends = next == ' ' || (next == '\t' && facts->blanks == RIG_BLANKS_TABS_TOO);
    if (size == 0 || !ends) {
        return rig_gate_refuse(gate, facts->method_status, "a method it does not take");
    }
    gate->method = (struct rig_slice){line->data, size};
    *line = rig_slice_after(*line, size + 1);
    return true;
}

static bool is_blank(const struct rig_gate_facts *facts, char c)
{
    return c == ' ' || (c == '\t' && facts->blanks == RIG_BLANKS_TABS_TOO);
}

static void skip_blanks(const struct rig_gate_facts *facts, struct rig_slice *line)
{
    while (facts->blanks != RIG_BLANKS_ONE && line->size > 0 && is_blank(facts, line->data[0])) {
        *line = rig_slice_after(*line, 1);
    }
}

/* Up to the blank before the version; *line: the version, data NULL: there is none. */
static void cut_target(struct rig_gate *gate, struct rig_slice *line)
{
    const struct rig_gate_facts *facts = gate->facts;
    size_t size = 0, last = line->size;
    while (facts->target_to_last_blank && last > 0 && line->data[last - 1] != ' ') {
        last--;
    }
    if (facts->target_to_last_blank && last > 0) {
        size = last - 1;
    } else {
        while (size < line->size && !is_blank(facts, line->data[size])) {
            size++;
        }
    }
    gate->target = (struct rig_slice){line->data, size};
    *line = size < line->size ? rig_slice_after(*line, size + 1) : (struct rig_slice){NULL, 0};
    if (line->data) {
        skip_blanks(facts, line);
    }
}

static bool check_target(struct rig_gate *gate)
{
    const struct rig_gate_facts *facts = gate->facts;
    for (size_t i = 0; i < gate->target.size; i++) {
        unsigned char c = (unsigned char)gate->target.data[i];
        if (c < ' ' || c == 0x7f || (c >= 0x80 && facts->high_refused)) {
            return rig_gate_refuse(gate, 400, "a byte in the target that it does not take");
        }
        if (c == '#' && facts->hash_refused) {
            return rig_gate_refuse(gate, 400, "a fragment in the target");
        }
    }
    return gate->target.size > 0 || rig_gate_refuse(gate, 400, "no target");
}

/* "HTTP/1.1": 11; 0: it is none. */
static unsigned version_of(const struct rig_gate_facts *facts, struct rig_slice text)
{
    if (text.size < 8 || memcmp(text.data, "HTTP/", 5) != 0 || !rig_char_is(text.data[5], RIG_CHAR_DIGIT) ||
        text.data[6] != '.') {
        return 0;
    }
    size_t end = 7;
    while (end < text.size && rig_char_is(text.data[end], RIG_CHAR_DIGIT)) {
        end++;
    }
    size_t digits = end - 7;
    while (facts->blanks_after_version && end < text.size && text.data[end] == ' ') {
        end++;
    }
    if (end != text.size || digits == 0 || digits > (facts->long_minor ? 2u : 1u)) {
        return 0;
    }
    unsigned minor = digits == 2 ? 9 : (unsigned)(text.data[7] - '0');
    return 100 + (unsigned)(text.data[5] - '0') * 10 + minor;
}

static bool read_version(struct rig_gate *gate, struct rig_slice line)
{
    const struct rig_gate_facts *facts = gate->facts;
    if (!line.data) {
        bool get = rig_slice_is(gate->method, "GET");
        return (facts->simple && get) || rig_gate_refuse(gate, 400, "a request line without a version");
    }
    unsigned version = version_of(facts, line);
    if (version == 0) {
        return rig_gate_refuse(gate, 400, "a version that is none");
    }
    gate->protocol = line;
    gate->version = version - 100;
    if (gate->version < facts->version_least) {
        return rig_gate_refuse(gate, facts->version_low_status, "a version it does not speak");
    }
    return gate->version <= facts->version_most ||
           rig_gate_refuse(gate, facts->version_high_status, "a version it does not speak");
}

bool rig_gate_read_line(struct rig_gate *gate)
{
    const struct rig_gate_facts *facts = gate->facts;
    struct rig_slice line;
    if (!first_byte(gate) || (facts->whole_head && !whole_head(gate))) {
        return false;
    }
    skip_empty(gate);
    int got = rig_gate_line(gate, false, &line);
    if (got <= 0) {
        return got == 0 ? rig_gate_wait(gate) : false;
    }
    if (!read_method(gate, &line)) {
        return false;
    }
    skip_blanks(facts, &line);
    cut_target(gate, &line);
    return check_target(gate) && read_version(gate, line);
}
