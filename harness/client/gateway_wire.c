/* Bytes that a client puts on its connection to a gateway, as the gateway finds a request in them. */
#include "harness/client/client.h"

#include "harness/client/measure.h"

#include <errno.h>

/* The first two words of its first line that is not empty: what the client asked for. */
static void read_words(struct rig_bytes wire, struct rig_slice *method, struct rig_slice *target)
{
    struct rig_slice words[2];
    const char *at = wire.data, *end = at + wire.size;
    while (at < end && (*at == '\r' || *at == '\n')) {
        at++;
    }
    for (size_t i = 0; i < 2; i++) {
        const char *begin = at;
        while (at < end && (unsigned char)*at > ' ') {
            at++;
        }
        words[i] = (struct rig_slice){begin, (size_t)(at - begin)};
        while (at < end && (*at == ' ' || *at == '\t')) {
            at++;
        }
    }
    *method = words[0];
    *target = words[1];
}

/* Does it want its connection kept? One whose head is not read here does. */
static bool keeps_alive(struct rig_run *run, struct rig_bytes wire)
{
    struct rig_wire_head head = {.field_limit = RIG_WIRE_FIELDS_MAX, .host_optional = run->server->host_optional};
    struct rig_sent sent = {0};
    head.fields = rig_arena_alloc(&run->arena, RIG_WIRE_FIELDS_MAX * sizeof *head.fields);
    if (!head.fields || rig_wire_head(wire.data, wire.size, &head) <= 0) {
        return true;
    }
    sent.minor = head.minor;
    for (size_t i = 0; i < head.field_count; i++) {
        if (rig_name_equal(head.fields[i].name.data, head.fields[i].name.size, "Connection", 10)) {
            sent.value[RIG_NAME_CONNECTION] = head.fields[i].value;
        }
    }
    return rig_sent_keeps_alive(&sent);
}

int rig_gateway_find(struct rig_run *run, struct rig_bytes wire, struct rig_passed *passed, struct rig_sent *sent)
{
    struct rig_passing in = {.wire = wire, .remote_addr = RIG_DEFAULT_ADDR};
    int error = rig_gateway_judge(run, &in, passed);
    if (error != 0 || passed->pass != RIG_PASS_DELIVERS) {
        return error ? error : passed->pass == RIG_PASS_REFUSES ? -EINVAL : 0;
    }
    read_words(wire, &sent->method, &sent->target);
    sent->minor = 1;
    sent->keep_alive = keeps_alive(run, wire);
    sent->chunked = passed->chunked;
    sent->has_body = passed->chunked || passed->size > passed->head_size || passed->cut;
    sent->bytes = passed->content.data ? passed->content.data : "";
    sent->size = passed->content.size;
    sent->size_known = !passed->cut;
    return 1;
}
