/* Strings that two requests or headers share are two in a text: a scenario is cut off so that all of them have room. */
#include "fuzz/scenario/scenario.h"
#include "harness/http/rare.h"

#include <string.h>

static size_t size_of_field(const struct rig_field *field)
{
    return strlen(field->name) + strlen(field->value) + 2;
}

static size_t size_of_line(const struct rig_fuzz_request *request)
{
    return strlen(request->method) + strlen(request->target) + strlen(request->version) + 3;
}

/* Cuts the request off where its strings are more than room; what of room is left. */
static size_t cut_request(struct rig_fuzz_request *request, size_t room)
{
    size_t line = size_of_line(request), body = request->body.size > 0 ? request->body.size + 1 : 0;
    unsigned fields = 0;
    bool cut = line + body > room;
    if (cut) {
        request->body.size = line + 1 < room ? room - line - 1 : 0;
        body = request->body.size + 1;
    }
    room = line + body < room ? room - line - body : 0;
    for (; fields < request->field_count && size_of_field(&request->fields[fields]) <= room; fields++) {
        room -= size_of_field(&request->fields[fields]);
    }
    if (cut || fields < request->field_count) {
        request->field_count = (uint8_t)fields;
        rig_fuzz_settle(request, 0);
    }
    return room;
}

/* Can they be too many? A string stands among the scenario's own, or is a word. */
static bool may_be_too_many(const struct rig_fuzz_table *table, const struct rig_fuzz_scenario *scenario)
{
    size_t longest = table && table->longest > RIG_FUZZ_LONGEST ? table->longest : RIG_FUZZ_LONGEST, strings = 0;
    for (uint32_t i = 0; i < scenario->count; i++) {
        strings += 4 + 2 * (size_t)scenario->requests[i].field_count;
    }
    return strings * (longest + 1 + scenario->used) > sizeof scenario->strings;
}

static RIG_COLD void cut(struct rig_fuzz_scenario *scenario)
{
    size_t room = sizeof scenario->strings - 1;
    for (uint32_t i = 0; i < scenario->count; i++) {
        if (i > 0 && size_of_line(&scenario->requests[i]) > room) {
            scenario->count = i;
            return;
        }
        room = cut_request(&scenario->requests[i], room);
    }
}

void rig_fuzz_bound(const struct rig_fuzz_table *table, struct rig_fuzz_scenario *scenario)
{
    if (may_be_too_many(table, scenario)) {
        cut(scenario);
    }
}
