/* A request through a gateway: read, judged, written again. */
#include "mocks/servers/gateway.h"
#include "mocks/servers/model.h"

#include <errno.h>

bool rig_gate_refuse(struct rig_gate *gate, int status, const char *reason)
{
    gate->out->pass = RIG_PASS_REFUSES;
    gate->out->status = status;
    gate->out->reason = reason;
    return false;
}

bool rig_gate_wait(struct rig_gate *gate)
{
    gate->out->pass = RIG_PASS_WAITS;
    return false;
}

void *rig_gate_alloc(struct rig_gate *gate, size_t size)
{
    void *memory = gate->in->alloc(gate->in->arena, size);
    gate->error = memory ? gate->error : -ENOMEM;
    return memory;
}

/* A head is read no further than this, whatever the limits say. */
#define HEAD_MAX (64 * RIG_KIB)

static bool take_copy(struct rig_gate *gate)
{
    const struct rig_bytes wire = gate->in->wire;
    gate->size = wire.size < HEAD_MAX ? wire.size : HEAD_MAX;
    gate->head = rig_gate_alloc(gate, gate->size + 1);
    if (!gate->head) {
        return false;
    }
    memcpy(gate->head, wire.data, gate->size);
    gate->head[gate->size] = '\0';
    return true;
}

/* Max-Forwards counts the gateways on the way. */
static bool count_forwards(struct rig_gate *gate)
{
    struct rig_gate_field *field = gate->facts->counts_forwards ? rig_gate_find(gate, "Max-Forwards") : NULL;
    uint64_t number;
    if (!field || !rig_number(field->value, &number)) {
        return true;
    }
    char *digits = rig_gate_alloc(gate, RIG_DECIMAL_MAX);
    if (number == 0) {
        return rig_gate_refuse(gate, 400, "Max-Forwards is used up");
    }
    if (digits) {
        field->value = (struct rig_slice){digits, rig_decimal(number - 1, digits)};
    }
    return digits != NULL;
}

static bool read_head(struct rig_gate *gate)
{
    if (!rig_gate_read_line(gate)) {
        return false;
    }
    struct rig_slice whole = gate->target;
    if (!rig_gate_read_fields(gate) || !rig_gate_read_target(gate) || !rig_gate_resolve(gate)) {
        return false;
    }
    gate->uri = gate->facts->cgi_uri_whole ? whole : gate->uri;
    gate->out->head_size = gate->at;
    return count_forwards(gate);
}

int rig_gateway_pass(const struct rig_server *server, const struct rig_passing *in, struct rig_passed *out)
{
    const struct rig_gate_facts *facts = server->gateway->facts;
    struct rig_gate gate = {.facts = facts, .in = in, .out = out, .buffer_room = facts->first_buffer};
    *out = (struct rig_passed){.pass = RIG_PASS_DELIVERS};
    bool passes = take_copy(&gate) && read_head(&gate) && rig_gate_read_body(&gate);
    if (passes) {
        out->chunked = gate.chunked;
        gate.unchunked = gate.body_size < server->unchunks_below;
        gate.forwarded_host = gate.host;
        (void)(facts->fastcgi ? rig_gate_write_fastcgi : rig_gate_write_http)(&gate);
    }
    return gate.error;
}
