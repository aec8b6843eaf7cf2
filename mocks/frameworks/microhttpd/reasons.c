/* Reason phrases, as 0.9.75 gives them. */
#include "mocks/frameworks/microhttpd/microhttpd.h"

#include <stackrig/http/status.h>

#include <string.h>

/* Those that the registry has not, or no more. */
static const struct {
    unsigned status;
    const char *phrase;
} phrases[] = {
    {306, "Switch Proxy"},
    {449, "Reply With"},
    {450, "Blocked by Windows Parental Controls"},
    {509, "Bandwidth Limit Exceeded"},
    {510, "Not Extended"},
};

static const char *phrase_of(unsigned status)
{
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++) {
        if (phrases[i].status == status) {
            return phrases[i].phrase;
        }
    }
    return status < 600 ? rig_status_reason((int)status) : NULL;
}

const char *MHD_get_reason_phrase_for(unsigned status)
{
    const char *phrase = phrase_of(status);
    return phrase ? phrase : "Unknown";
}

size_t MHD_get_reason_phrase_len_for(unsigned status)
{
    const char *phrase = phrase_of(status);
    return phrase ? strlen(phrase) : 0;
}
