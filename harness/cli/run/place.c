#include "harness/cli/run/place.h"

#include <stdio.h>
#include <string.h>

#include "harness/report/text.h"

void rig_place_take(struct rig_place *place, const struct rig_watch *watch)
{
    struct rig_watch copy = *watch;
    rig_watch_settle(&copy);
    (void)snprintf(place->layer, sizeof place->layer, "%s", copy.layer);
    (void)snprintf(place->layer_site, sizeof place->layer_site, "%s", copy.layer_site);
    (void)snprintf(place->last_site, sizeof place->last_site, "%s", copy.last_site);
    (void)snprintf(place->rule, sizeof place->rule, "%s", copy.rule);
    place->layer_number = copy.layer_number;
    place->stand = copy.stand;
    place->stand.module[copy.stand.told ? RIG_STAND_NAME - 1 : 0] = '\0';
}

bool rig_place_is(const struct rig_place *one, const struct rig_place *other)
{
    return !strcmp(one->layer, other->layer) && !strcmp(one->layer_site, other->layer_site) &&
           one->layer_number == other->layer_number && !strcmp(one->rule, other->rule) &&
           !strcmp(one->stand.module, other->stand.module) && one->stand.offset == other->stand.offset;
}

void rig_place_tell(struct rig_text *text, const struct rig_place *place)
{
    if (place->rule[0]) {
        rig_text_add(text, " in the check of your rule ");
        rig_text_escape(text, place->rule);
    } else if (place->layer[0]) {
        rig_text_add(text, " in layer ");
        rig_text_layer(text, place->layer, place->layer_number);
    }
}

void rig_place_tell_code(struct rig_text *text, const struct rig_stand *stand, const char *stack)
{
    const char *slash = strrchr(stack, '/');
    bool own = strcmp(slash ? slash + 1 : stack, stand->module) == 0;
    rig_text_add(text, stand->waits ? "in a call from " : "in ");
    rig_text_printf(text, "%s(+0x%llx): addr2line -fe %s 0x%llx names the line", stand->module,
                    (unsigned long long)stand->offset, own ? stack : stand->module, (unsigned long long)stand->offset);
}
