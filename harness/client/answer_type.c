/* The media type of an answer. */
#include "harness/client/answer.h"

const char *rig_result_media_type(const struct rig_result *result)
{
    (void)result;
    return NULL;
}

const struct rig_field *rig_result_media_type_params(const struct rig_result *result, size_t *count)
{
    (void)result;
    *count = 0;
    return NULL;
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
