/* The names of what can be wrong with a multipart body. */
#include <stackrig/http/multipart.h>

static const struct {
    int error;
    const char *name, *text;
} errors[] = {
#define ROW_(name_, errno_, id_, text_) {-(errno_), id_, text_},
    RIG_MULTIPART_ERROR_MAP(ROW_)
#undef ROW_
};

const char *rig_multipart_error_name(int error)
{
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (errors[i].error == error) {
            return errors[i].name;
        }
    }
    return NULL;
}

const char *rig_multipart_error_text(int error)
{
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (errors[i].error == error) {
            return errors[i].text;
        }
    }
    return NULL;
}
