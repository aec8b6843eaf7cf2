/* Response headers that say what is not theirs to say: Status, a type where there is no content, a protocol that nobody
 * asked for; and names with capitals, where that is asked for. Values are not shown: they may be secrets. */
#include "harness/checks/fields.h"

#include <stdio.h>

/* ---- by themselves ---- */

static int find_at(struct rig_run *run, unsigned rule, enum rig_level level, const struct rig_header *header,
                   const char *message)
{
    struct rig_find find = {
        .rule = rule, .level = level, .site = header->site, .hop = header->hop, .subject = header->name};
    return rig_find(run, &find, "%s %s", rig_check_layer(run, header->hop), message);
}

static int check_type(struct rig_run *run, const struct rig_header *type, int status)
{
    if (!rig_check_was_turned(run, type)) {
        return find_at(run, RIG_RULE_RESPONSE_CONTENT_TYPE_FORBIDDEN_FOR_STATUS, RIG_LEVEL_OFF, type,
                       "set Content-Type, but an answer with this status has no content");
    }
    const struct rig_check_author author = rig_check_status_author(run->response);
    const struct rig_evidence evidence = {"Content-Type was set here", type->site};
    struct rig_find find = {.rule = RIG_RULE_RESPONSE_CONTENT_TYPE_FORBIDDEN_FOR_STATUS,
                            .site = author.site,
                            .hop = author.hop,
                            .subject = type->name,
                            .evidence = &evidence,
                            .evidence_count = 1};
    return rig_find(run, &find, "%s turned an answer with Content-Type into %d", rig_check_layer(run, author.hop),
                    status);
}

static int check_case(struct rig_run *run)
{
    const struct rig_response *response = run->response;
    int error = 0;
    for (uint32_t i = 0; i < response->header_count && !error; i++) {
        const struct rig_header *header = &response->headers[i];
        uint32_t at = 0;
        if (!rig_rule_is_on(run, RIG_RULE_RESPONSE_HEADER_NAME_LOWERCASE, header->hop)) {
            continue;
        }
        rig_arm(run, RIG_RULE_RESPONSE_HEADER_NAME_LOWERCASE, 1);
        while (at < header->name_size && (header->name[at] < 'A' || header->name[at] > 'Z')) {
            at++;
        }
        char shown[120], text[160];
        (void)snprintf(text, sizeof text, "set a header named \"%s\"",
                       rig_check_printable(header->name, header->name_size, shown, sizeof shown));
        error = at == header->name_size
                    ? 0
                    : find_at(run, RIG_RULE_RESPONSE_HEADER_NAME_LOWERCASE, RIG_LEVEL_OFF, header, text);
    }
    return error;
}

/* ---- 101: another protocol from here on ---- */

/* Of each side so many are compared, all with all: beyond them nothing is said, so that long lists cost no more. */
#define PROTOCOLS_MAX 64

/* The next name of a list; size 0: no more. */
static struct rig_slice next_protocol(struct rig_slice *list)
{
    struct rig_slice name = {NULL, 0};
    while (name.size == 0 && list->size > 0) {
        name = rig_trimmed(rig_slice_cut(*list, ',', list));
    }
    return name;
}

/* RFC 9110 section 7.8: names of protocols compare in any case. true also where more are offered than are compared. */
static bool may_be_offered(struct rig_slice offered, struct rig_slice protocol)
{
    struct rig_slice one = next_protocol(&offered);
    for (unsigned count = 0; one.size > 0; one = next_protocol(&offered)) {
        if (count++ == PROTOCOLS_MAX || rig_name_equal(one.data, one.size, protocol.data, protocol.size)) {
            return true;
        }
    }
    return false;
}

/* *left: how many more are compared, of all Upgrade headers. */
static int check_chosen(struct rig_run *run, const struct rig_header *header, const struct rig_entry *offered,
                        unsigned *left)
{
    struct rig_slice chosen = {header->value, header->value_size};
    rig_arm(run, RIG_RULE_RESPONSE_PROTOCOL_NOT_REQUESTED, 1);
    if (!offered) {
        return find_at(run, RIG_RULE_RESPONSE_PROTOCOL_NOT_REQUESTED, RIG_LEVEL_OFF, header,
                       "switched to a protocol, but the request has no Upgrade");
    }
    rig_arm(run, RIG_RULE_RESPONSE_PROTOCOL_NOT_OFFERED, 1);
    while (*left > 0) {
        struct rig_slice one = next_protocol(&chosen);
        if (one.size == 0) {
            break;
        }
        (*left)--;
        if (!may_be_offered((struct rig_slice){offered->value, offered->value_size}, one)) {
            char shown[60], text[120];
            (void)snprintf(text, sizeof text, "switched to \"%s\", which the request does not offer",
                           rig_check_printable(one.data, one.size, shown, sizeof shown));
            return find_at(run, RIG_RULE_RESPONSE_PROTOCOL_NOT_OFFERED, RIG_LEVEL_OFF, header, text);
        }
    }
    return 0;
}

static const struct rig_entry *find_offered(const struct rig_env *env)
{
    static const char name[] = "HTTP_UPGRADE";
    const struct rig_entry *entry = rig_env_find(env, name, sizeof name - 1, rig_hash(name, sizeof name - 1));
    return entry && entry->state == RIG_ENTRY_STRING ? entry : NULL;
}

static int check_switch(struct rig_run *run)
{
    const struct rig_response *response = run->response;
    const struct rig_entry *offered = find_offered(run->env);
    unsigned left = PROTOCOLS_MAX;
    int error = 0;
    for (uint32_t i = 0; i < response->header_count && !error; i++) {
        const struct rig_header *header = &response->headers[i];
        error = rig_check_is_named(header, "upgrade", 7) ? check_chosen(run, header, offered, &left) : 0;
    }
    rig_arm(run, RIG_RULE_RESPONSE_HIJACK_NOT_SUPPORTED, 1);
    if (error || !run->server->no_upgrade) {
        return error;
    }
    const struct rig_check_author author = rig_check_status_author(response);
    struct rig_find find = {.rule = RIG_RULE_RESPONSE_HIJACK_NOT_SUPPORTED,
                            .site = author.site,
                            .hop = author.hop,
                            .server = run->server->name};
    return rig_find(run, &find, "%s answered 101, but this server does not hand its connection over",
                    rig_check_layer(run, find.hop));
}

int rig_check_fields(struct rig_run *run, const struct rig_check_fields *found, int status)
{
    int error = 0;
    if (found->status) {
        error = find_at(run, RIG_RULE_RESPONSE_HEADER_NAME_STATUS, RIG_LEVEL_OFF, found->status,
                        "set a header named Status");
    }
    if (!error && found->type) {
        error = check_type(run, found->type, status);
    }
    if (!error && rig_may_be_on(run)) {
        error = check_case(run);
    }
    return !error && status == 101 ? check_switch(run) : error;
}
