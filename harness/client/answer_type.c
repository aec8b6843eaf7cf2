/* The media type of an answer. */
#include "harness/client/answer.h"

#include <errno.h>

#include <stackrig/http/media_type.h>

/* ---- what is read of it, once ---- */

struct reading {
    const struct rig_result *result;
    struct rig_field *params; /* NULL: to be counted */
    size_t count;
};

static int visit(void *closure, struct rig_pair pair)
{
    struct reading *reading = closure;
    size_t at = reading->count++;
    if (!reading->params) {
        return 0;
    }
    char *name = rig_answer_copy(reading->result, pair.name);
    char *value = name ? rig_answer_copy(reading->result, pair.value) : NULL;
    if (!value) {
        return -ENOMEM;
    }
    for (char *c = name; *c; c++) {
        *c = rig_char_lower(*c);
    }
    value[rig_unquote(value, pair.value.size, value)] = '\0';
    reading->params[at] = (struct rig_field){name, value};
    return 0;
}

static bool read_type(const struct rig_result *result, struct rig_answer *answer, const char *text)
{
    struct reading reading = {.result = result};
    size_t size = strlen(text), type_size = rig_media_type(text, size, NULL, 0);
    (void)rig_media_type_each(text, size, visit, &reading);
    reading.params = rig_answer_alloc(result, (reading.count + 1) * sizeof *reading.params);
    reading.count = 0;
    char *type = reading.params ? rig_answer_alloc(result, type_size + 1) : NULL;
    if (!type || rig_media_type_each(text, size, visit, &reading) != 0) {
        return false;
    }
    (void)rig_media_type(text, size, type, type_size);
    answer->media_type = type;
    answer->params = reading.params;
    answer->param_count = reading.count;
    return true;
}

/* NULL: there is none, or no memory for it. */
static const struct rig_answer *with_type(const struct rig_result *result)
{
    const char *text = rig_result_content_type(result);
    struct rig_answer *answer = text ? rig_answer_of(result) : NULL;
    return answer && (answer->media_type || read_type(result, answer, text)) ? answer : NULL;
}

/* ---- what is asked ---- */

const char *rig_result_media_type(const struct rig_result *result)
{
    const struct rig_answer *answer = with_type(result);
    return answer && answer->media_type[0] ? answer->media_type : NULL;
}

const struct rig_field *rig_result_media_type_params(const struct rig_result *result, size_t *count)
{
    const struct rig_answer *answer = with_type(result);
    *count = answer ? answer->param_count : 0;
    return answer ? answer->params : NULL;
}

const char *rig_result_media_type_param(const struct rig_result *result, const char *name)
{
    size_t count;
    const struct rig_field *params = rig_result_media_type_params(result, &count);
    for (size_t i = 0; name && i < count; i++) {
        if (rig_name_equal(params[i].name, strlen(params[i].name), name, strlen(name))) {
            return params[i].value;
        }
    }
    return NULL;
}

const char *rig_result_charset(const struct rig_result *result)
{
    return rig_result_media_type_param(result, "charset");
}
