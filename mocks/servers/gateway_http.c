/* The head that a gateway writes to an HTTP server. */
#include "mocks/servers/gateway.h"

/* ---- text ---- */

struct head {
    struct rig_gate *gate;
    char *data;
    size_t size;
    bool sizes; /* counts, does not write */
};

static void put(struct head *head, struct rig_slice text)
{
    if (!head->sizes && text.size > 0) {
        memcpy(head->data + head->size, text.data, text.size);
    }
    head->size += text.size;
}

static void put_text(struct head *head, const char *text)
{
    put(head, rig_slice_of(text));
}

static void put_name(struct head *head, struct rig_slice name)
{
    size_t at = head->size;
    put(head, name);
    for (size_t i = at; head->gate->facts->lower_names && !head->sizes && i < head->size; i++) {
        head->data[i] = rig_char_lower(head->data[i]);
    }
    put_text(head, ": ");
}

static void put_field(struct head *head, struct rig_slice name, struct rig_slice value)
{
    put_name(head, name);
    put(head, value);
    put_text(head, "\r\n");
}

/* ---- the body's framing ---- */

static bool passes_chunks(const struct rig_gate *gate)
{
    return gate->chunked && (!gate->unchunked || gate->body_size == UINT64_MAX);
}

static void put_length(struct head *head)
{
    struct rig_gate *gate = head->gate;
    char digits[RIG_DECIMAL_MAX];
    if (!gate->chunked && !gate->has_length) {
        return;
    }
    struct rig_slice value = {digits, rig_decimal(gate->body_size, digits)};
    put_field(head, rig_slice_of("Content-Length"),
              gate->facts->length_stays && gate->has_length ? gate->length : value);
}

/* ---- one field of the client's ---- */

/* The members of Connection but close and keep-alive. */
static void put_connection(struct head *head, const struct rig_gate_field *field)
{
    struct rig_slice list = field->value, rest;
    bool any = false;
    while (list.data) {
        struct rig_slice member = rig_trimmed(rig_slice_cut(list, ',', &rest));
        list = rest;
        if (member.size == 0 || rig_gate_is(member, "close") || rig_gate_is(member, "keep-alive")) {
            continue;
        }
        if (any) {
            put_text(head, ", ");
        } else {
            put_name(head, field->name);
        }
        put(head, member);
        any = true;
    }
    put_text(head, any ? "\r\n" : "");
}

static bool is_named(struct rig_gate *gate, struct rig_slice name)
{
    bool named = false;
    for (size_t i = 0; i < gate->count && gate->facts->named_dropped && !named; i++) {
        const struct rig_gate_field *field = &gate->fields[i];
        struct rig_slice list = field->value, rest;
        while (!field->gone && rig_gate_is(field->name, "Connection") && list.data && !named) {
            struct rig_slice member = rig_trimmed(rig_slice_cut(list, ',', &rest));
            named = rig_name_equal(member.data, member.size, name.data, name.size);
            list = rest;
        }
    }
    return named;
}

static const struct rig_field *added(const struct rig_gate *gate, struct rig_slice name)
{
    for (const struct rig_field *add = gate->facts->adds; add && add->name; add++) {
        if (rig_gate_is(name, add->name)) {
            return add;
        }
    }
    return NULL;
}

/* What an added field says; data NULL: nothing. */
static struct rig_slice added_value(const struct rig_gate *gate, const struct rig_field *add)
{
    if (strcmp(add->value, "@addr") == 0) {
        return rig_slice_of(gate->in->remote_addr);
    }
    return strcmp(add->value, "@host") == 0 ? gate->forwarded_host : rig_slice_of(add->value);
}

static void put_added(struct head *head, const struct rig_gate_field *there, const struct rig_field *add)
{
    struct rig_gate *gate = head->gate;
    struct rig_slice value = added_value(gate, add);
    bool joins = there && (gate->facts->appends_forwarded || strcmp(add->value, "@addr") == 0);
    if (!value.data) {
        if (there) {
            put_field(head, there->name, there->value);
        }
        return;
    }
    put_name(head, there ? there->name : rig_slice_of(add->name));
    if (joins) {
        put(head, there->value);
        put_text(head, ", ");
    }
    put(head, value);
    put_text(head, "\r\n");
}

/* Its first, "Connection: te" */
static bool keeps_te(struct rig_gate *gate)
{
    const struct rig_gate_field *te = rig_gate_find(gate, "TE");
    return te && rig_gate_is(te->value, "trailers");
}

static void put_te(struct head *head, const struct rig_gate_field *field)
{
    bool trailers = rig_list_has(field->value, "trailers");
    bool alone = rig_gate_is(field->value, "trailers");
    if (trailers && (alone || !head->gate->facts->connection_te)) {
        put_field(head, field->name, rig_slice_of("trailers"));
    }
}

static bool is_dropped(struct rig_gate *gate, struct rig_slice name)
{
    const struct rig_gate_facts *facts = gate->facts;
    bool body = gate->chunked || gate->body_size > 0;
    return rig_gate_named(facts->drops, name) || (facts->host_first && rig_gate_is(name, "Host")) ||
           (body && facts->upgrade_with_body_dropped && rig_gate_is(name, "Upgrade")) ||
           (body && facts->drops_expect_with_body && rig_gate_is(name, "Expect")) || is_named(gate, name);
}

static void put_one(struct head *head, const struct rig_gate_field *field, bool *length)
{
    struct rig_gate *gate = head->gate;
    const struct rig_gate_facts *facts = gate->facts;
    const struct rig_field *add = added(gate, field->name);
    if (rig_gate_is(field->name, "Content-Length")) {
        if (!facts->length_first && !facts->length_last && !*length && gate->has_length) {
            put_length(head);
            *length = true;
        }
    } else if (rig_gate_is(field->name, "Transfer-Encoding")) {
        if (passes_chunks(gate) && !facts->length_first) {
            put_field(head, field->name, field->value);
            *length = true;
        }
    } else if (rig_gate_is(field->name, "Connection")) {
        if (facts->connection_filtered) {
            put_connection(head, field);
        }
    } else if (is_dropped(gate, field->name)) {
        return;
    } else if (facts->te_trailers && rig_gate_is(field->name, "TE")) {
        put_te(head, field);
    } else if (add) {
        put_added(head, field, add);
    } else {
        put_field(head, field->name, field->value);
    }
}

/* ---- the whole ---- */

static void put_rest(struct head *head, bool length)
{
    struct rig_gate *gate = head->gate;
    const struct rig_gate_facts *facts = gate->facts;
    bool get = rig_slice_is(gate->method, "GET") || rig_slice_is(gate->method, "HEAD");
    if (!length && !facts->length_last) {
        if (passes_chunks(gate)) {
            put_field(head, rig_slice_of("Transfer-Encoding"), rig_slice_of("chunked"));
        } else {
            put_length(head);
        }
    }
    if (facts->length_0 && !get && !gate->chunked && !gate->has_length) {
        put_text(head, "Content-Length: 0\r\n");
    }
    for (const struct rig_field *add = facts->adds; add && add->name; add++) {
        bool connection = strcmp(add->name, "Connection") == 0;
        const struct rig_gate_field *there = connection ? NULL : rig_gate_find(gate, add->name);
        if (connection && facts->length_last) {
            if (passes_chunks(gate)) {
                put_field(head, rig_slice_of("Transfer-Encoding"), rig_slice_of("chunked"));
            } else {
                put_length(head);
            }
        }
        if (connection && facts->connection_te && keeps_te(gate)) {
            put_text(head, "Connection: close, te\r\n");
        } else if (!there || is_named(gate, there->name)) {
            put_added(head, NULL, add);
        }
    }
    if (facts->keeps_minor && gate->version < 11 && !gate->chunked) {
        put_text(head, "connection: keep-alive\r\n");
    }
}

static void put_head(struct head *head)
{
    struct rig_gate *gate = head->gate;
    const struct rig_gate_facts *facts = gate->facts;
    bool old = facts->keeps_minor && gate->version < 11, hostless = facts->needs_host_for_1_1 && !gate->host.data;
    bool length = facts->length_first;
    put(head, gate->method);
    put_text(head, " ");
    put(head, gate->target);
    put_text(head, " ");
    put(head, old ? gate->protocol : rig_slice_of(hostless ? "HTTP/1.0" : "HTTP/1.1"));
    put_text(head, "\r\n");
    if (facts->host_first && (gate->host.data || facts->default_host)) {
        put_field(head, rig_slice_of("Host"), gate->host.data ? gate->host : rig_slice_of(facts->default_host));
    }
    if (length) {
        if (passes_chunks(gate)) {
            put_field(head, rig_slice_of("Transfer-Encoding"), rig_slice_of("chunked"));
        } else {
            put_length(head);
        }
    }
    for (size_t i = 0; i < gate->count; i++) {
        if (!gate->fields[i].gone) {
            put_one(head, &gate->fields[i], &length);
        }
    }
    put_rest(head, length);
    put_text(head, "\r\n");
}

bool rig_gate_write_http(struct rig_gate *gate)
{
    struct head head = {.gate = gate, .sizes = true};
    put_head(&head);
    char *data = rig_gate_alloc(gate, head.size + 1);
    if (!data) {
        return false;
    }
    head = (struct head){.gate = gate, .data = data};
    put_head(&head);
    data[head.size] = '\0';
    gate->out->head = (struct rig_bytes){data, head.size};
    return true;
}
