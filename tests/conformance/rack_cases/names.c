/* The names that differ on purpose, in one place. */
#include "tests/conformance/rack_cases/driver.h"

#include <string.h>

/* Also: layers are built in the order of rig_use, where Rack builds the inner ones first. */
static const struct {
    const char *ours, *theirs;
} renamed[] = {
    {"REQUEST_SCHEME", "rack.url_scheme"},
};

/* A server always gives these; Rack's mock requests only when asked. */
static const char *const extra[] = {"REQUEST_URI", "REMOTE_ADDR", "HTTP_HOST", "HTTP_TRANSFER_ENCODING", "REMOTE_PORT"};

const char *rack_env_ours(const char *theirs)
{
    for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++) {
        if (strcmp(renamed[i].theirs, theirs) == 0) {
            return renamed[i].ours;
        }
    }
    return theirs;
}

const char *rack_env_rack(const char *ours)
{
    for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++) {
        if (strcmp(renamed[i].ours, ours) == 0) {
            return renamed[i].theirs;
        }
    }
    return ours;
}

bool rack_env_extra(const char *ours)
{
    for (size_t i = 0; i < sizeof extra / sizeof *extra; i++) {
        if (strcmp(extra[i], ours) == 0) {
            return true;
        }
    }
    return false;
}
