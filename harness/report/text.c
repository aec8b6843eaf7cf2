/* A finding as a compiler would print it. */
#include <stackrig/result.h>

#include "harness/report/mask.h"
#include "harness/report/text.h"

#include <errno.h>
#include <string.h>

bool rig_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool rig_finding_is(const struct rig_finding *finding, const char *rule, const char *layer, unsigned layer_number,
                    const char *site)
{
    return strcmp(finding->rule, rule) == 0 && finding->layer_number == layer_number &&
           rig_same_text(finding->layer, layer) && rig_same_text(finding->site, site);
}

/* Editors jump to the first word, so there always is one. */
const char *rig_finding_place(const struct rig_finding *finding)
{
    if (finding->site) {
        return finding->site;
    }
    if (finding->layer_site) {
        return finding->layer_site;
    }
    return finding->layer ? finding->layer : "request";
}

void rig_text_layer(struct rig_text *text, const char *layer, unsigned number)
{
    rig_text_escape(text, layer);
    if (number > 1) {
        rig_text_printf(text, " #%u", number);
    }
}

void rig_text_evidence(struct rig_text *text, const char *site, const char *prose)
{
    rig_text_add(text, "  ");
    if (site) {
        rig_text_escape(text, site);
        rig_text_add(text, ": ");
    }
    rig_text_prose(text, prose);
    rig_text_add(text, "\n");
}

void rig_text_layer_line(struct rig_text *text, const struct rig_finding *finding)
{
    if (finding->layer && finding->layer_site) {
        rig_text_add(text, "  ");
        rig_text_escape(text, finding->layer_site);
        rig_text_add(text, ": layer ");
        rig_text_layer(text, finding->layer, finding->layer_number);
        rig_text_add(text, "\n");
    }
}

int rig_finding_text(const struct rig_finding *finding, char *buffer, size_t size)
{
    struct rig_text text;
    rig_text_start(&text, buffer, size);
    if (!finding) {
        return -EINVAL;
    }
    rig_text_escape(&text, rig_finding_place(finding));
    rig_text_printf(&text, ": %s: ", rig_level_name(finding->level));
    rig_text_prose(&text, finding->message ? finding->message : finding->rule);
    rig_text_add(&text, " [");
    rig_text_escape(&text, finding->rule);
    rig_text_add(&text, "]\n");
    for (size_t i = 0; finding->evidence && i < finding->evidence_count && i < RIG_EVIDENCE_MAX; i++) {
        rig_text_evidence(&text, finding->evidence[i].site, finding->evidence[i].text);
    }
    rig_text_layer_line(&text, finding);
    if (finding->follows) {
        rig_text_evidence(&text, finding->server, finding->follows);
    }
    if (finding->mend) {
        rig_text_evidence(&text, NULL, finding->mend);
    }
    return rig_text_length(&text);
}
