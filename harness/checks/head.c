/* The response's status and headers as they are set. Values are never shown: they may be secrets. */
#include "harness/checks/checks.h"

#include <stdio.h>

static int bad_status(struct rig_run *run, const struct rig_event *event)
{
    unsigned rule = event->number < 100 ? RIG_RULE_RESPONSE_STATUS_MIN : RIG_RULE_RESPONSE_STATUS_MAX;
    unsigned hop = rig_check_hop(event->hop);
    return rig_find(run, &(struct rig_find){.rule = rule, .site = event->site, .hop = hop}, "%s set the status %lld",
                    rig_check_layer(run, hop), (long long)event->number);
}

static int bad_name(struct rig_run *run, const struct rig_event *event)
{
    char shown[120];
    unsigned hop = rig_check_hop(event->hop);
    struct rig_find find = {.rule = RIG_RULE_RESPONSE_HEADER_NAME_TOKEN,
                            .site = event->site,
                            .hop = hop,
                            .subject = rig_check_printable(event->name, strlen(event->name), shown, sizeof shown)};
    return rig_find(run, &find, "%s set a header named \"%s\"", rig_check_layer(run, hop), shown);
}

static bool is_control(unsigned char byte)
{
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

static int bad_value(struct rig_run *run, const struct rig_event *event)
{
    size_t at = 0;
    while (at < event->size && !is_control((unsigned char)event->value[at])) {
        at++;
    }
    unsigned byte = at < event->size ? (unsigned char)event->value[at] : 0;
    char name[120], what[24];
    (void)snprintf(what, sizeof what, "byte 0x%02x", byte);
    unsigned hop = rig_check_hop(event->hop);
    struct rig_find find = {.rule = RIG_RULE_RESPONSE_HEADER_VALUE_CHARS,
                            .site = event->site,
                            .hop = hop,
                            .subject = rig_check_printable(event->name, strlen(event->name), name, sizeof name)};
    return rig_find(run, &find, "%s set %s to a value with %s at offset %zu of %zu", rig_check_layer(run, hop), name,
                    byte == '\r'   ? "CR"
                    : byte == '\n' ? "LF"
                    : byte == 0    ? "NUL"
                                   : what,
                    at, event->size);
}

static int on_event(void *state, struct rig_run *run, const struct rig_event *event)
{
    (void)state;
    if (event->kind == RIG_EVENT_STATUS) {
        return bad_status(run, event);
    }
    int error = event->facts & RIG_FACT_BAD_NAME ? bad_name(run, event) : 0;
    return error || !(event->facts & RIG_FACT_BAD_VALUE) ? error : bad_value(run, event);
}

const struct rig_check rig_check_head = {
    .name = "head",
    .wants = {{RIG_EVENT_STATUS, RIG_FACT_BAD_STATUS}, {RIG_EVENT_HEADER, RIG_FACT_BAD_NAME | RIG_FACT_BAD_VALUE}},
    .on_event = on_event};
