#include <string.h>

#include <stackrig/http/query.h>

#include "harness/http/sink.h"

struct builder {
    struct rig_sink sink;
    enum rig_query_style style;
    bool refused;
};

/* The way from the root to a parameter, outermost last. */
struct step {
    const struct step *above;
    const struct rig_param *param;
    bool element; /* of a list */
};

static size_t name_size(const struct rig_param *param)
{
    return param->name_size ? param->name_size : strlen(param->name);
}

static bool ends_in_brackets(const struct rig_param *param)
{
    size_t size = param->name ? name_size(param) : 0;
    return size >= 2 && memcmp(param->name + size - 2, "[]", 2) == 0;
}

/* Does "[]" stand behind what is above already? Then the plain style writes no second. */
static bool is_listed(const struct step *above)
{
    return above && (above->element || (!above->above && ends_in_brackets(above->param)));
}

static void put_path(struct builder *builder, const struct step *step)
{
    bool plain = builder->style == RIG_QUERY_STYLE_PLAIN;
    const char *open = plain ? "[" : "%5B", *close = plain ? "]" : "%5D";
    if (step->above) {
        put_path(builder, step->above);
    }
    if (step->element) {
        if (builder->style != RIG_QUERY_STYLE_FLAT && !(plain && is_listed(step->above))) {
            rig_sink_text(&builder->sink, open);
            rig_sink_text(&builder->sink, close);
        }
        return;
    }
    if (!step->param->name) {
        builder->refused = true;
        return;
    }
    rig_sink_text(&builder->sink, step->above ? open : "");
    rig_sink_encoded(&builder->sink, step->param->name, name_size(step->param));
    rig_sink_text(&builder->sink, step->above ? close : "");
}

static void put_value(struct builder *builder, const struct step *step)
{
    const struct rig_param *param = step->param;
    if (param->file) {
        builder->refused = true;
        return;
    }
    if (builder->sink.size > 0) {
        rig_sink_text(&builder->sink, "&");
    }
    put_path(builder, step);
    if (param->value) {
        rig_sink_text(&builder->sink, "=");
        rig_sink_encoded(&builder->sink, param->value, strlen(param->value));
    } else if (param->bytes.data) {
        rig_sink_text(&builder->sink, "=");
        rig_sink_encoded(&builder->sink, param->bytes.data, param->bytes.size);
    }
}

/* rack-test writes an empty list as name[]= */
static void put_empty_list(struct builder *builder, const struct step *step)
{
    rig_sink_text(&builder->sink, builder->sink.size > 0 ? "&" : "");
    put_path(builder, step);
    rig_sink_text(&builder->sink, "[]=");
}

static void put_param(struct builder *builder, const struct step *step, const struct rig_param *param, size_t depth)
{
    bool list = param->kind == RIG_PARAM_LIST;
    if (param->kind == RIG_PARAM_VALUE && step) {
        put_value(builder, step);
        return;
    }
    if (param->kind == RIG_PARAM_VALUE || depth >= RIG_QUERY_BUILD_DEPTH ||
        (builder->style == RIG_QUERY_STYLE_FLAT && depth != list)) {
        builder->refused = true;
        return;
    }
    if (list && param->item_count == 0 && step && builder->style == RIG_QUERY_STYLE_PLAIN) {
        put_empty_list(builder, step);
    }
    for (size_t i = 0; i < param->item_count && !builder->refused; i++) {
        const struct step below = {step, &param->items[i], list};
        put_param(builder, &below, &param->items[i], depth + 1);
    }
}

static struct builder build(const struct rig_param *root, enum rig_query_style style, char *out)
{
    struct builder builder = {.sink = {out, 0}, .style = style};
    put_param(&builder, NULL, root, 0);
    return builder;
}

size_t rig_query_build(const struct rig_param *root, enum rig_query_style style, char *out, size_t out_size)
{
    struct builder builder = build(root, style, NULL);
    if (builder.refused || builder.sink.size == SIZE_MAX) {
        return SIZE_MAX;
    }
    if (out && builder.sink.size <= out_size) {
        build(root, style, out);
    }
    return builder.sink.size;
}
