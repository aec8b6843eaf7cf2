#include <string.h>

#include <stackrig/http/percent.h>
#include <stackrig/http/query.h>

/* out NULL: only measures. Once a size is SIZE_MAX it stays. */
struct sink {
    char *out;
    size_t size;
    enum rig_query_style style;
    bool refused;
};

/* The way from the root to a parameter, outermost last. */
struct step {
    const struct step *above;
    const struct rig_param *param;
    bool element; /* of a list */
};

static void put(struct sink *sink, const char *text)
{
    size_t size = strlen(text);
    if (sink->out) {
        memcpy(sink->out + sink->size, text, size);
    }
    sink->size = size < SIZE_MAX - sink->size ? sink->size + size : SIZE_MAX;
}

static void put_escaped(struct sink *sink, const char *text, size_t size)
{
    if (size > SIZE_MAX / 3) {
        sink->refused = true;
        return;
    }
    size_t need = rig_percent_encode(text, size, sink->out ? sink->out + sink->size : NULL, sink->out ? SIZE_MAX : 0);
    sink->size = need < SIZE_MAX - sink->size ? sink->size + need : SIZE_MAX;
}

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

static void put_path(struct sink *sink, const struct step *step)
{
    bool plain = sink->style == RIG_QUERY_STYLE_PLAIN;
    const char *open = plain ? "[" : "%5B", *close = plain ? "]" : "%5D";
    if (step->above) {
        put_path(sink, step->above);
    }
    if (step->element) {
        if (sink->style != RIG_QUERY_STYLE_FLAT && !(plain && is_listed(step->above))) {
            put(sink, open);
            put(sink, close);
        }
        return;
    }
    if (!step->param->name) {
        sink->refused = true;
        return;
    }
    put(sink, step->above ? open : "");
    put_escaped(sink, step->param->name, name_size(step->param));
    put(sink, step->above ? close : "");
}

static void put_value(struct sink *sink, const struct step *step)
{
    const struct rig_param *param = step->param;
    if (param->file) {
        sink->refused = true;
        return;
    }
    if (sink->size > 0) {
        put(sink, "&");
    }
    put_path(sink, step);
    if (param->value) {
        put(sink, "=");
        put_escaped(sink, param->value, strlen(param->value));
    } else if (param->bytes.data) {
        put(sink, "=");
        put_escaped(sink, param->bytes.data, param->bytes.size);
    }
}

/* rack-test writes an empty list as name[]= */
static void put_empty_list(struct sink *sink, const struct step *step)
{
    put(sink, sink->size > 0 ? "&" : "");
    put_path(sink, step);
    put(sink, "[]=");
}

static void put_param(struct sink *sink, const struct step *step, const struct rig_param *param, size_t depth)
{
    bool list = param->kind == RIG_PARAM_LIST;
    if (param->kind == RIG_PARAM_VALUE && step) {
        put_value(sink, step);
        return;
    }
    if (param->kind == RIG_PARAM_VALUE || depth >= RIG_QUERY_BUILD_DEPTH ||
        (sink->style == RIG_QUERY_STYLE_FLAT && depth != list)) {
        sink->refused = true;
        return;
    }
    if (list && param->item_count == 0 && step && sink->style == RIG_QUERY_STYLE_PLAIN) {
        put_empty_list(sink, step);
    }
    for (size_t i = 0; i < param->item_count && !sink->refused; i++) {
        const struct step below = {step, &param->items[i], list};
        put_param(sink, &below, &param->items[i], depth + 1);
    }
}

static struct sink build(const struct rig_param *root, enum rig_query_style style, char *out)
{
    struct sink sink = {.out = out, .style = style};
    put_param(&sink, NULL, root, 0);
    return sink;
}

size_t rig_query_build(const struct rig_param *root, enum rig_query_style style, char *out, size_t out_size)
{
    struct sink sink = build(root, style, NULL);
    if (sink.refused || sink.size == SIZE_MAX) {
        return SIZE_MAX;
    }
    if (out && sink.size <= out_size) {
        build(root, style, out);
    }
    return sink.size;
}
