#include <stackrig/base.h>

#include <errno.h>

const char *rig_error_text(int error)
{
    switch (-error) {
    case 0:
        return "no error";
#define RIG_ERROR_CASE_(name_, text_) \
    case name_:                       \
        return name_ == ENOMEM ? text_ : text_ ", or a layer's own error";
        RIG_ERROR_MAP(RIG_ERROR_CASE_)
#undef RIG_ERROR_CASE_
    default:
        return "an error of the layer's own";
    }
}

const char *rig_level_name(enum rig_level level)
{
    switch (level) {
    case RIG_LEVEL_NOTE:
        return "note";
    case RIG_LEVEL_WARNING:
        return "warning";
    case RIG_LEVEL_ERROR:
        return "error";
    case RIG_LEVEL_OFF:
    default:
        return "off";
    }
}

unsigned rig_version(void)
{
    return RIG_VERSION;
}
