/* Field lines: which names and values pass, folded lines, and what becomes of a name that stands there twice. */
#include "mocks/servers/gateway.h"

struct rig_gate_field *rig_gate_find(struct rig_gate *gate, const char *name)
{
    for (size_t i = 0; i < gate->count; i++) {
        if (!gate->fields[i].gone && rig_gate_is(gate->fields[i].name, name)) {
            return &gate->fields[i];
        }
    }
    return NULL;
}

bool rig_gate_named(const char *const *names, struct rig_slice name)
{
    for (; names && *names; names++) {
        if (rig_gate_is(name, *names)) {
            return true;
        }
    }
    return false;
}

/* ---- one line ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

enum name { NAME_TAKEN, NAME_DROPPED, NAME_REFUSED };

static enum name judge_name(const struct rig_gate_facts *facts, struct rig_slice name)
{
    enum name judged = name.size > 0 ? NAME_TAKEN : NAME_REFUSED;
    for (size_t i = 0; i < name.size; i++) {
        unsigned char c = (unsigned char)name.data[i];
        bool alnum = rig_char_is(name.data[i], RIG_CHAR_ALPHA | RIG_CHAR_DIGIT) || c == '-';
        if (facts->names == RIG_NAMES_TOKEN) {
            judged = rig_char_is(name.data[i], RIG_CHAR_TOKEN) ? judged : NAME_REFUSED;
        } else if (c <= ' ' || c == 0x7f) {
            return NAME_REFUSED;
        } else if (!alnum) {
            judged = NAME_DROPPED;
        }
    }
    return judged;
}

static struct rig_slice trim(const struct rig_gate_facts *facts, struct rig_slice value)
{
    while (value.size > 0 && (value.data[0] == ' ' || (value.data[0] == '\t' && !facts->tabs_stay))) {
        value = rig_slice_after(value, 1);
    }
    while (value.size > 0 &&
           (value.data[value.size - 1] == ' ' || (value.data[value.size - 1] == '\t' && !facts->tabs_stay))) {
        value.size--;
    }
    return value;
}

static bool check_value(struct rig_gate *gate, struct rig_slice value)
{
    const struct rig_gate_facts *facts = gate->facts;
    for (size_t i = 0; i < value.size; i++) {
        unsigned char c = (unsigned char)value.data[i];
        bool control = (c < ' ' && c != '\t') || c == 0x7f;
        bool passes = !control || (c == '\0' ? facts->nul : facts->controls && c != '\r');
        if (!passes) {
            return rig_gate_refuse(gate, 400, "a control in a value");
        }
    }
    return true;
}

static bool add_field(struct rig_gate *gate, struct rig_slice line)
{
    const struct rig_gate_facts *facts = gate->facts;
    struct rig_slice value;
    struct rig_slice name = rig_slice_cut(line, ':', &value);
    gate->seen++;
    if (facts->fields_max > 0 && gate->seen > facts->fields_max) {
        return rig_gate_refuse(gate, facts->size_status, "too many fields");
    }
    if (!value.data && !facts->no_colon) {
        return rig_gate_refuse(gate, 400, "a field without a colon");
    }
    enum name judged = judge_name(facts, name);
    if (judged == NAME_REFUSED || (facts->name_max > 0 && name.size > facts->name_max)) {
        return rig_gate_refuse(gate, 400, "a name that it does not take");
    }
    value = value.data ? trim(facts, value) : (struct rig_slice){"", 0};
    if (!check_value(gate, value)) {
        return false;
    }
    bool dropped = judged == NAME_DROPPED || (facts->empty_dropped && value.size == 0);
    gate->fields[gate->count++] = (struct rig_gate_field){name, value, dropped};
    return true;
}

/* ---- folded lines ---- */

/* Joins the line that begins with a blank to the one before, in place: their bytes lie behind each other. */
static bool fold(struct rig_gate *gate, struct rig_slice *before, struct rig_slice line)
{
    enum rig_gate_fold how = gate->facts->fold;
    char *end = gate->head + (before->data - gate->head) + before->size;
    char *next = gate->head + (line.data - gate->head);
    if (how == RIG_FOLD_REFUSED) {
        return rig_gate_refuse(gate, 400, "a folded line");
    }
    if (how == RIG_FOLD_BLANKS) {
        memset(end, ' ', (size_t)(next - end));
        before->size += (size_t)(next - end) + line.size;
        return true;
    }
    struct rig_slice rest = rig_trimmed(line);
    if (rest.size == 0 && gate->facts->blank_fold_refused) {
        return rig_gate_refuse(gate, 400, "a folded line that is blank");
    }
    *end = ' ';
    memmove(end + 1, rest.data, rest.size);
    before->size += 1 + rest.size;
    return true;
}

static size_t most_fields(const struct rig_gate *gate)
{
    size_t lines = 1;
    for (size_t i = gate->at; i < gate->size; i++) {
        lines += gate->head[i] == '\n';
        if (gate->facts->fields_max > 0 && lines > gate->facts->fields_max + 1) {
            break;
        }
    }
    return lines;
}

/* The field that is being read and its folded lines, until another begins. */
static bool end_field(struct rig_gate *gate, struct rig_slice *open)
{
    bool added = !open->data || add_field(gate, *open);
    open->data = NULL;
    return added;
}

static bool read_lines(struct rig_gate *gate)
{
    struct rig_slice open = {NULL, 0};
    for (;;) {
        struct rig_slice line;
        int got = rig_gate_line(gate, true, &line);
        if (got <= 0) {
            return got == 0 ? rig_gate_wait(gate) : false;
        }
        bool folded = line.size > 0 && is_blank(line.data[0]);
        if (folded && !open.data) {
            return rig_gate_refuse(gate, 400, "a folded line before any field");
        }
        if (folded ? !fold(gate, &open, line) : !end_field(gate, &open)) {
            return false;
        }
        if (line.size == 0) {
            return true;
        }
        open = folded ? open : line;
    }
}

/* ---- names that stand there twice ---- */

static bool is_cookie(const struct rig_gate *gate, const struct rig_gate_field *field)
{
    return gate->facts->repeats == RIG_REPEATS_JOINED_COOKIE && rig_gate_is(field->name, "Cookie");
}

enum repeat { REPEAT_KEPT, REPEAT_JOINED, REPEAT_DROPPED, REPEAT_REFUSED };

static enum repeat judge_repeat(const struct rig_gate_facts *facts, const struct rig_gate_field *first,
                                const struct rig_gate_field *more)
{
    bool same = rig_name_equal(first->value.data, first->value.size, more->value.data, more->value.size);
    if (rig_gate_is(first->name, "Host")) {
        return facts->hosts_equal && same ? REPEAT_DROPPED : REPEAT_REFUSED;
    }
    if (rig_gate_named(facts->single, first->name)) {
        return REPEAT_REFUSED;
    }
    if (facts->first_only && rig_gate_is(first->name, facts->first_only)) {
        return REPEAT_DROPPED;
    }
    return facts->repeats == RIG_REPEATS_KEPT ? REPEAT_KEPT : REPEAT_JOINED;
}

static bool same_name(const struct rig_gate_field *first, const struct rig_gate_field *more)
{
    return !more->gone && rig_name_equal(first->name.data, first->name.size, more->name.data, more->name.size);
}

/* All later values of that name behind its first. */
static bool join_values(struct rig_gate *gate, struct rig_gate_field *first, size_t size)
{
    char *joined = rig_gate_alloc(gate, size + 1), *at = joined;
    if (!joined) {
        return false;
    }
    memcpy(at, first->value.data, first->value.size);
    at += first->value.size;
    for (struct rig_gate_field *more = first + 1; more < gate->fields + gate->count; more++) {
        if (same_name(first, more)) {
            memcpy(at, is_cookie(gate, first) ? "; " : ", ", 2);
            memcpy(at + 2, more->value.data, more->value.size);
            at += 2 + more->value.size;
            more->gone = true;
        }
    }
    first->value = (struct rig_slice){joined, size};
    return true;
}

static bool join_repeated(struct rig_gate *gate, struct rig_gate_field *first)
{
    size_t size = first->value.size;
    for (struct rig_gate_field *more = first + 1; more < gate->fields + gate->count; more++) {
        enum repeat repeat = same_name(first, more) ? judge_repeat(gate->facts, first, more) : REPEAT_KEPT;
        if (repeat == REPEAT_REFUSED) {
            return rig_gate_refuse(gate, 400, "a field twice that may stand there once");
        }
        more->gone = more->gone || repeat == REPEAT_DROPPED;
        size += repeat == REPEAT_JOINED ? 2 + more->value.size : 0;
    }
    return size == first->value.size || join_values(gate, first, size);
}

static bool join_repeats(struct rig_gate *gate)
{
    const struct rig_gate_facts *facts = gate->facts;
    for (struct rig_gate_field *first = gate->fields; first < gate->fields + gate->count; first++) {
        bool looks = facts->repeats != RIG_REPEATS_KEPT || rig_gate_is(first->name, "Host") ||
                     rig_gate_named(facts->single, first->name);
        if (!first->gone && looks && !join_repeated(gate, first)) {
            return false;
        }
    }
    return true;
}

/* ---- the whole ---- */

static bool weigh(struct rig_gate *gate)
{
    const struct rig_gate_facts *facts = gate->facts;
    size_t weight = gate->method.size + gate->target.size + gate->protocol.size + 8 + 9;
    for (size_t i = 0; i < gate->count; i++) {
        const struct rig_gate_field *field = &gate->fields[i];
        weight += field->name.size + field->value.size + 8;
        if (facts->value_max > 0 && !field->gone && field->value.size > facts->value_max) {
            return rig_gate_refuse(gate, facts->size_status, "a value too large once it is joined");
        }
    }
    return facts->weight_max == 0 || weight <= facts->weight_max ||
           rig_gate_refuse(gate, facts->size_status, "a head too large");
}

bool rig_gate_read_fields(struct rig_gate *gate)
{
    gate->fields = rig_gate_alloc(gate, most_fields(gate) * sizeof *gate->fields);
    if (!gate->fields) {
        return false;
    }
    if (gate->protocol.size == 0) { /* HTTP/0.9 has none */
        return true;
    }
    return read_lines(gate) && join_repeats(gate) && weigh(gate);
}
